#include "marks.h"

#include "calls.h"

/* A search of which nothing but the check is known. */
struct finding { struct program *program; struct search search; };

static bool finding_begin(struct finding *f, const Py_buffer *encoded, long long check,
                          unsigned long long memory)
{
    f->program = program_of(encoded);
    if (!f->program)
        return false;
    if (check < 0 || (size_t)check >= f->program->n_checks
        || f->program->checks[check].kind == DEADLOCK) {
        PyErr_SetString(PyExc_ValueError, "no path to that is found in pieces");
        return false;
    }
    if (!search_init(&f->search, f->program, 1, memory)) {
        PyErr_NoMemory();
        return false;
    }
    search_for(&f->search, check);
    return true;
}

static void finding_end(struct finding *f)
{
    if (f->search.workers)
        search_free(&f->search);
    program_free(f->program);
    PyMem_Free(f);
}

/* A copy, which is aligned; to be freed. Words are NULL, with an exception, where it is none. */
static struct states states_in(const Py_buffer *bytes, uint32_t words)
{
    struct states found = {NULL, (size_t)bytes->len / (words * sizeof(uint64_t))};
    uint64_t *copy = PyMem_Malloc((size_t)bytes->len + 1);
    if (!copy || (size_t)bytes->len % (words * sizeof(uint64_t))) {
        PyMem_Free(copy);
        PyErr_SetString(PyExc_ValueError, "not a whole number of states");
        return found;
    }
    memcpy(copy, bytes->buf, (size_t)bytes->len);
    found.words = copy;
    return found;
}

PyDoc_STRVAR(mark_doc,
"mark(encoded, check, failure, depth, after, level, memory_bytes)\n--\n\n"
"The states of a level that are on a shortest path to the failure, or None without memory.");

static PyObject *marked(struct finding *f, unsigned long long failure, unsigned long long depth,
                        struct states after, struct states level)
{
    uint32_t words = f->program->words;
    unsigned char *leads = PyMem_Calloc(level.n + 1, 1);
    uint64_t *kept = PyMem_Malloc(level.n * words * sizeof *kept + 1);
    PyObject *result = NULL;
    bool ok = leads && kept;
    size_t n = 0;
    Py_BEGIN_ALLOW_THREADS
    ok = ok && trace_mark(&f->search, failure, depth, after, level, leads);
    for (size_t i = 0; ok && i < level.n; i++)
        if (leads[i])
            memcpy(kept + n++ * words, level.words + i * words, words * sizeof *kept);
    Py_END_ALLOW_THREADS
    result = ok ? PyBytes_FromStringAndSize((char *)kept, (Py_ssize_t)(n * words * sizeof *kept))
                : Py_NewRef(Py_None);
    PyMem_Free(leads);
    PyMem_Free(kept);
    return result;
}

static PyObject *engine_mark(PyObject *module, PyObject *args)
{
    Py_buffer encoded, after, level;
    long long check;
    unsigned long long failure, depth, memory;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*LKKy*y*K:mark", &encoded, &check, &failure, &depth, &after,
                          &level, &memory))
        return NULL;
    struct finding *f = PyMem_Calloc(1, sizeof *f);
    if (f && finding_begin(f, &encoded, check, memory)) {
        struct states next = states_in(&after, f->program->words);
        struct states these = next.words ? states_in(&level, f->program->words) : next;
        if (next.words && these.words && depth < failure)
            result = marked(f, failure, depth, next, these);
        if (these.words != next.words)
            PyMem_Free((void *)these.words);
        PyMem_Free((void *)next.words);
    }
    if (f)
        finding_end(f);
    PyBuffer_Release(&encoded);
    PyBuffer_Release(&after);
    PyBuffer_Release(&level);
    if (!result && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "the level is not before the failure");
    return result;
}

PyDoc_STRVAR(choose_doc,
"choose(encoded, check, levels, memory_bytes)\n--\n\n"
"The path, as of `find_trace`. levels: of each level before the failure, the states on one.");

static PyObject *engine_choose(PyObject *module, PyObject *args)
{
    Py_buffer encoded, bytes;
    PyObject *levels, *result = NULL;
    long long check;
    unsigned long long memory;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*LO!K:choose", &encoded, &check, &PyList_Type, &levels, &memory))
        return NULL;
    size_t failure = (size_t)PyList_Size(levels);
    struct finding *f = PyMem_Calloc(1, sizeof *f);
    struct states *on_path = PyMem_Calloc(failure + 1, sizeof *on_path);
    bool ok = f && on_path && finding_begin(f, &encoded, check, memory);
    for (size_t i = 0; ok && i < failure; i++) {
        ok = PyObject_GetBuffer(PyList_GetItem(levels, (Py_ssize_t)i), &bytes, PyBUF_SIMPLE) == 0;
        if (ok) {
            on_path[i] = states_in(&bytes, f->program->words);
            PyBuffer_Release(&bytes);
            ok = on_path[i].words != NULL;
        }
    }
    if (ok) {
        struct trace trace;
        bool found;
        Py_BEGIN_ALLOW_THREADS
        found = trace_choose(&f->search, failure, on_path, failure, &trace);
        Py_END_ALLOW_THREADS
        result = found ? trace_object(f->program, &trace) : Py_NewRef(Py_None);
        trace_free(&trace);
    }
    for (size_t i = 0; on_path && i < failure; i++)
        PyMem_Free((void *)on_path[i].words);
    PyMem_Free(on_path);
    if (f)
        finding_end(f);
    PyBuffer_Release(&encoded);
    return result;
}

static PyMethodDef methods[] = {
    {"mark", engine_mark, METH_VARARGS, mark_doc},
    {"choose", engine_choose, METH_VARARGS, choose_doc},
    {NULL, NULL, 0, NULL}
};

bool marks_add(PyObject *module)
{
    return PyModule_AddFunctions(module, methods) == 0;
}
