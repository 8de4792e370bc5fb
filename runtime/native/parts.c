#include "parts.h"

#include "calls.h"
#include "partition.h"

#define NAME "mmscn.partition"

static void capsule_free(PyObject *capsule)
{
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    struct program *program = (struct program *)p->program;
    partition_free(p);
    program_free(program);
    PyMem_Free(p);
}

PyDoc_STRVAR(new_doc,
"part_new(encoded, parts, own, mask, memory_bytes, tracing)\n--\n\n"
"A part. mask: the bits of a state that say which part owns it.");

static PyObject *part_new(PyObject *module, PyObject *args)
{
    Py_buffer encoded, mask;
    unsigned int parts, own;
    unsigned long long memory;
    int tracing;
    PyObject *capsule = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*IIy*Kp:part_new", &encoded, &parts, &own, &mask, &memory,
                          &tracing))
        return NULL;
    struct program *program = program_of(&encoded);
    struct partition *p = program ? PyMem_Calloc(1, sizeof *p) : NULL;
    uint64_t *words = PyMem_Malloc((size_t)mask.len + 1);
    if (words)
        memcpy(words, mask.buf, (size_t)mask.len);
    if (program && (own >= parts || (size_t)mask.len != program->words * sizeof *words))
        PyErr_SetString(PyExc_ValueError, "there is no such part, or the mask is no state");
    else if (p && words && partition_init(p, program, parts, own, words, memory, tracing != 0))
        capsule = PyCapsule_New(p, NAME, capsule_free);
    else if (program)
        PyErr_NoMemory();
    PyMem_Free(words);
    PyBuffer_Release(&mask);
    if (p && !capsule)
        partition_free(p);
    if (!capsule) {
        PyMem_Free(p);
        program_free(program);
    }
    PyBuffer_Release(&encoded);
    return capsule;
}

PyDoc_STRVAR(start_doc, "part_start(part)\n--\n\nTakes in its initial states: why it stopped.");

static PyObject *part_start(PyObject *module, PyObject *args)
{
    PyObject *capsule;
    (void)module;
    if (!PyArg_ParseTuple(args, "O:part_start", &capsule))
        return NULL;
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    return p ? PyLong_FromLong(partition_start(p)) : NULL;
}

static PyObject *states_of(const struct post *post, uint32_t words)
{
    return PyBytes_FromStringAndSize((const char *)post->states,
                                     (Py_ssize_t)(post->n * words * sizeof *post->states));
}

/* What goes to each other part, and is here no longer. */
static PyObject *posted(struct posts *posts)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list && i < posts->parts; i++) {
        if (i == posts->own)
            continue;
        PyObject *pair = NULL, *going = states_of(&posts->going[i], posts->words);
        PyObject *halted = states_of(&posts->halted[i], posts->words);
        if (going && halted)
            pair = Py_BuildValue("OO", going, halted);
        Py_XDECREF(going);
        Py_XDECREF(halted);
        if (!pair || PyList_Append(list, pair) < 0)
            Py_CLEAR(list);
        Py_XDECREF(pair);
        post_clear(&posts->going[i]);
        post_clear(&posts->halted[i]);
    }
    return list;
}

PyDoc_STRVAR(expand_doc,
"part_expand(part, chunks)\n--\n\n"
"(stop, left, states, transitions, [(states, halted) for each other part]): left are the states\n"
"of the level to expand, and the others all that there are so far.");

static PyObject *part_expand(PyObject *module, PyObject *args)
{
    PyObject *capsule;
    unsigned long long chunks;
    enum stop stop;
    (void)module;
    if (!PyArg_ParseTuple(args, "OK:part_expand", &capsule, &chunks))
        return NULL;
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    if (!p)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    stop = partition_expand(p, chunks);
    Py_END_ALLOW_THREADS
    PyObject *list = posted(&p->posts);
    const struct totals *t = &p->space.totals;
    return list ? Py_BuildValue("iKKKN", (int)stop,
                                (unsigned long long)p->space.levels.current.count,
                                (unsigned long long)(t->states + p->worker.states),
                                (unsigned long long)(t->transitions + p->worker.transitions), list)
                : NULL;
}

PyDoc_STRVAR(receive_doc,
"part_receive(part, states, halted)\n--\n\nTakes in states that it owns: why it stopped.");

static PyObject *part_receive(PyObject *module, PyObject *args)
{
    PyObject *capsule;
    Py_buffer states[2];
    enum stop stop = RUNNING;
    (void)module;
    if (!PyArg_ParseTuple(args, "Oy*y*:part_receive", &capsule, &states[0], &states[1]))
        return NULL;
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    for (int halts = 0; p && halts < 2; halts++) {
        size_t bytes = (size_t)states[halts].len, state = p->program->words * sizeof(uint64_t);
        /* Bytes from Python need not be aligned. */
        bool aligned = (uintptr_t)states[halts].buf % sizeof(uint64_t) == 0;
        uint64_t *copy = aligned ? NULL : PyMem_Malloc(bytes + 1);
        if (!(aligned || copy) || bytes % state) {
            PyErr_SetString(PyExc_ValueError, "not a whole number of states");
            p = NULL;
        } else {
            const uint64_t *words = copy ? memcpy(copy, states[halts].buf, bytes) : states[halts].buf;
            Py_BEGIN_ALLOW_THREADS
            stop = partition_receive(p, words, bytes / state, halts == 1);
            Py_END_ALLOW_THREADS
        }
        PyMem_Free(copy);
    }
    PyBuffer_Release(&states[0]);
    PyBuffer_Release(&states[1]);
    return p ? PyLong_FromLong(stop) : NULL;
}

/* The states of a frontier, one behind the other. */
static PyObject *frontier_bytes(const struct frontier *f, uint32_t words)
{
    size_t width = words * sizeof(uint64_t);
    PyObject *made = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(f->count * width));
    char *at = made ? PyBytes_AsString(made) : NULL;
    for (const struct chunk *c = f->head; made && c; c = c->next) {
        size_t bytes = (c->end - c->begin) * width;
        memcpy(at, c->data + (size_t)c->begin * words, bytes);
        at += bytes;
    }
    return made;
}

PyDoc_STRVAR(end_doc,
"part_end(part, wanted)\n--\n\n"
"(stop, states, transitions, quiescent, bytes, [(depth or -1, covered)], (states, halted)): after\n"
"a level, all counts so far and the states that were new in it; None where they are not wanted.");

static PyObject *part_end(PyObject *module, PyObject *args)
{
    PyObject *capsule, *level = Py_NewRef(Py_None);
    int wanted;
    (void)module;
    if (!PyArg_ParseTuple(args, "Op:part_end", &capsule, &wanted))
        return NULL;
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    if (!p)
        return NULL;
    partition_end(p);
    if (wanted) {
        PyObject *next = frontier_bytes(&p->space.levels.next, p->program->words);
        PyObject *halted = states_of(&p->halted, p->program->words);
        Py_DECREF(level);
        level = next && halted ? Py_BuildValue("OO", next, halted) : NULL;
        Py_XDECREF(next);
        Py_XDECREF(halted);
    }
    PyObject *checks = statuses(&p->space.findings);
    const struct totals *t = &p->space.totals;
    if (!level || !checks) {
        Py_XDECREF(level);
        Py_XDECREF(checks);
        return NULL;
    }
    return Py_BuildValue("iKKKKNN", (int)atomic_load(&p->space.stop),
                         (unsigned long long)t->states, (unsigned long long)t->transitions,
                         (unsigned long long)t->quiescent,
                         (unsigned long long)atomic_load(&p->space.budget.peak), checks, level);
}

PyDoc_STRVAR(advance_doc,
"part_advance(part, statuses)\n--\n\n"
"The next level begins. statuses: what all have seen, two words for each check.");

static PyObject *part_advance(PyObject *module, PyObject *args)
{
    PyObject *capsule;
    Py_buffer told;
    (void)module;
    if (!PyArg_ParseTuple(args, "Oy*:part_advance", &capsule, &told))
        return NULL;
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    size_t n = p ? p->program->n_checks : 0;
    struct check_status *status = PyMem_Calloc(n + 1, sizeof *status);
    if (!status && !PyErr_Occurred())
        PyErr_NoMemory();
    bool fits = p && status && (size_t)told.len == 2 * n * sizeof(int64_t);
    for (size_t c = 0; fits && c < n; c++) {
        int64_t words[2];
        memcpy(words, (const char *)told.buf + c * sizeof words, sizeof words);
        status[c] = (struct check_status){.depth = words[0], .covered = words[1] != 0};
    }
    if (fits)
        partition_tell(p, status);
    else if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "there is a status for each check");
    PyMem_Free(status);
    PyBuffer_Release(&told);
    return fits ? PyBool_FromLong(partition_advance(p)) : NULL;
}

PyDoc_STRVAR(expect_doc,
"part_expect(part, states)\n--\n\n"
"Makes room for so many states in all, where there is memory for them.");

static PyObject *part_expect(PyObject *module, PyObject *args)
{
    PyObject *capsule;
    unsigned long long states;
    (void)module;
    if (!PyArg_ParseTuple(args, "OK:part_expect", &capsule, &states))
        return NULL;
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    if (!p)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    visited_expect(&p->space.visited, states);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

PyDoc_STRVAR(forget_doc,
"part_forget(part, transitions)\n--\n\n"
"The current level is over: it and those before took so many steps.");

static PyObject *part_forget(PyObject *module, PyObject *args)
{
    PyObject *capsule;
    unsigned long long transitions;
    (void)module;
    if (!PyArg_ParseTuple(args, "OK:part_forget", &capsule, &transitions))
        return NULL;
    struct partition *p = PyCapsule_GetPointer(capsule, NAME);
    if (!p)
        return NULL;
    partition_forget(p);
    p->space.totals.transitions = transitions;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"part_new", part_new, METH_VARARGS, new_doc},
    {"part_start", part_start, METH_VARARGS, start_doc},
    {"part_expand", part_expand, METH_VARARGS, expand_doc},
    {"part_receive", part_receive, METH_VARARGS, receive_doc},
    {"part_end", part_end, METH_VARARGS, end_doc},
    {"part_advance", part_advance, METH_VARARGS, advance_doc},
    {"part_expect", part_expect, METH_VARARGS, expect_doc},
    {"part_forget", part_forget, METH_VARARGS, forget_doc},
    {NULL, NULL, 0, NULL}
};

bool parts_add(PyObject *module)
{
    return PyModule_AddFunctions(module, methods) == 0;
}
