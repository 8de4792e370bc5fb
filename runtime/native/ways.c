#include "ways.h"

#include <stdlib.h>

#include "calls.h"

/* The search is made twice more, each time the same: first it is kept which state of a level came
 * from which of the one before, two bits a state, up to the failure; then the states on the way
 * there are picked out of the levels. */
struct way {
    struct search *search;
    const struct program *program;
    uint64_t bits_bytes, memory_bytes;
    struct limits limits;
    struct caller caller;
    int64_t check, failure;        /* failure: the depth of it, -1 for none */
    struct ancestry ancestry;
};

static bool begin(struct way *way, const struct limits *limits)
{
    struct search *s = way->search;
    if (!search_init(s, way->program, 1, way->memory_bytes) || !search_bits(s, way->bits_bytes))
        return false;
    s->limits = *limits;
    s->poll = poll_python;
    s->context = &way->caller;
    s->space.bits.ancestry = &way->ancestry;
    way->ancestry.budget = &s->space.budget;
    return search_start(s);
}

/* The places on the way, from the log of the first search. */
static bool trace_back(struct way *way)
{
    struct ancestry *a = &way->ancestry;
    uint64_t place = a->culprit;
    a->n_wanted = (size_t)way->failure + a->dead;
    a->wanted = calloc(a->n_wanted + 1, sizeof *a->wanted);
    a->states = calloc(a->n_wanted + 1, way->program->words * sizeof *a->states);
    if (!a->wanted || !a->states)
        return false;
    for (size_t depth = a->n_wanted; depth-- > 0;) {
        a->wanted[depth] = place;
        if (depth)
            place = ancestry_parent(a, depth, place);
    }
    return true;
}

/* RUNNING where the failure was found, and the states before it are known. */
static enum stop look(struct way *way)
{
    struct search *s = way->search;
    struct ancestry *a = &way->ancestry;
    if (!begin(way, &way->limits))
        return STOP_MEMORY;
    s->space.findings.wanted = way->check;
    search_begin(s);
    enum stop stop = search_run(s);
    way->failure = s->space.findings.status[way->check].depth;
    if (stop == STOP_INTERRUPT || stop == STOP_ERROR || way->failure < 0)
        return stop;
    bool known = trace_back(way);
    ancestry_free(a);
    struct limits limits = way->limits;
    limits.time_s -= search_seconds(s);
    search_free(s);
    if (!begin(way, &limits) || !known)
        return STOP_MEMORY;
    if (!a->n_wanted)
        return RUNNING;
    s->limits.depth = a->n_wanted - 1; /* whose states are found, and not expanded */
    search_begin(s);
    stop = search_run(s);
    return stop == STOP_DEPTH || stop == RUNNING ? RUNNING : stop;
}

static bool chosen(struct way *way, struct trace *trace)
{
    struct ancestry *a = &way->ancestry;
    struct states *on_path = calloc(a->n_wanted + 1, sizeof *on_path);
    for (size_t i = 0; on_path && i < a->n_wanted; i++)
        on_path[i] = (struct states){a->states + i * way->program->words, 1};
    way->search->space.findings.wanted = way->check;
    bool found = on_path && trace_choose(way->search, (uint64_t)way->failure, on_path, a->n_wanted,
                                         trace);
    free(on_path);
    return found;
}

static PyObject *found_way(struct way *way)
{
    struct trace trace = {0};
    bool found = false;
    caller_init(&way->caller, Py_None);
    way->caller.thread = PyEval_SaveThread();
    enum stop stop = look(way);
    found = stop == RUNNING && way->failure >= 0 && chosen(way, &trace);
    PyEval_RestoreThread(way->caller.thread);
    PyObject *result = NULL;
    if (stop == STOP_INTERRUPT)
        PyErr_SetNone(PyExc_KeyboardInterrupt);
    else if (stop != STOP_ERROR)
        result = found ? trace_object(way->program, &trace) : Py_NewRef(Py_None);
    trace_free(&trace);
    ancestry_free(&way->ancestry);
    free(way->ancestry.wanted);
    free(way->ancestry.states);
    search_free(way->search);
    return result;
}

PyDoc_STRVAR(find_way_doc,
"find_way(encoded, check, states, depth, time_s, memory_bytes, bits_bytes)\n"
"--\n\n"
"As of `find_trace`, by a table of bits: of the way that `search` goes there, the best path.");

static PyObject *engine_find_way(PyObject *module, PyObject *args)
{
    Py_buffer encoded;
    unsigned long long states, depth, memory, bits;
    double time_s;
    long long check;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*LKKdKK:find_way", &encoded, &check, &states, &depth, &time_s,
                          &memory, &bits))
        return NULL;
    struct search *s = PyMem_Calloc(1, sizeof *s);
    struct program *program = s ? program_of(&encoded) : NULL;
    if (!s)
        PyErr_NoMemory();
    else if (program && (check < 0 || (size_t)check >= program->n_checks))
        PyErr_SetString(PyExc_ValueError, "the program has no such check");
    else if (program) {
        struct way way = {.search = s, .program = program, .bits_bytes = bits,
                          .memory_bytes = memory, .limits = {states, depth, time_s},
                          .check = check, .failure = -1};
        result = found_way(&way);
    }
    program_free(program);
    PyMem_Free(s);
    PyBuffer_Release(&encoded);
    return result;
}

static PyMethodDef methods[] = {
    {"find_way", engine_find_way, METH_VARARGS, find_way_doc},
    {NULL, NULL, 0, NULL}
};

bool ways_add(PyObject *module)
{
    return PyModule_AddFunctions(module, methods) == 0;
}
