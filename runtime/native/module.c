/* The extension module `_engine`: with calls.c, objects.c, parts.c, marks.c and ways.c all that knows of Python. */
#include "calls.h"
#include "marks.h"
#include "parts.h"
#include "ways.h"

static PyObject *do_search(PyObject *module, struct search *s, struct caller *caller,
                           struct file *to, double interval_s, struct file *from,
                           struct file *disk)
{
    if (!use_disk(s, disk->path, disk->at.path))
        return NULL;
    if (from->at.path) {
        caller->thread = PyEval_SaveThread();
        bool read = checkpoint_read(&from->at, &s->space, &s->clock.before);
        PyEval_RestoreThread(caller->thread);
        if (!read) {
            raise_error(module, &from->at, from->path);
            return NULL;
        }
    } else if (!search_start(s)) {
        return PyErr_NoMemory();
    }
    caller->thread = PyEval_SaveThread();
    enum stop stop = run_checkpointed(s, &to->at, interval_s > 0.001 ? interval_s : 0.001);
    PyEval_RestoreThread(caller->thread);
    if (stop == STOP_ERROR) {
        raise_disk_error(s, disk->path);
        raise_error(module, &to->at, to->path);
        return NULL;
    }
    PyObject *checks = statuses(&s->space.findings);
    if (!checks)
        return NULL;
    const struct totals *t = &s->space.totals;
    return Py_BuildValue("iKKKKNdKKd", (int)stop, (unsigned long long)t->states,
                         (unsigned long long)t->transitions, (unsigned long long)t->deepest,
                         (unsigned long long)t->quiescent, checks, search_seconds(s),
                         (unsigned long long)atomic_load(&s->space.budget.peak),
                         (unsigned long long)s->space.bits.set, s->space.bits.taken);
}

/* Bytes from Python need not be aligned. */
static bool stop_after(struct search *s, const char *groups, size_t n, uint64_t most)
{
    int64_t *numbers = PyMem_Malloc((n + 1) * sizeof *numbers);
    if (!numbers)
        return false;
    memcpy(numbers, groups, n * sizeof *numbers);
    bool kept = findings_stop_after(&s->space.findings, numbers, most);
    PyMem_Free(numbers);
    return kept;
}

PyDoc_STRVAR(search_doc,
"search(encoded, digest, states, depth, time_s, memory_bytes, jobs, threads_from, progress,\n"
"       checkpoint, checkpoint_interval_s, resume, groups, most, disk, bits_bytes)\n"
"--\n\n"
"(stop, states, transitions, depth, quiescent, [(depth or -1, covered), ...], seconds, bytes,\n"
"bits that are set, taken). bits_bytes: of a table of bits, by one job; 0 for none.");

static PyObject *engine_search(PyObject *module, PyObject *args)
{
    Py_buffer encoded;
    const char *digest, *groups;
    Py_ssize_t digest_length, groups_length;
    unsigned long long states, depth, memory, threads_from, most, bits;
    double time_s, interval;
    unsigned int jobs;
    PyObject *progress, *result = NULL, *to_bytes = NULL, *from_bytes = NULL, *disk_bytes = NULL;
    struct file to = {0}, from = {0}, disk = {0};
    if (!PyArg_ParseTuple(args, "y*y#KKdKIKOOdOz#KOK:search", &encoded, &digest, &digest_length,
                          &states, &depth, &time_s, &memory, &jobs, &threads_from, &progress,
                          &to.path, &interval, &from.path, &groups, &groups_length, &most,
                          &disk.path, &bits))
        return NULL;
    struct program *program = NULL;
    struct search *s = PyMem_Calloc(1, sizeof *s);
    if (!s)
        PyErr_NoMemory();
    else if (digest_length != sizeof to.at.digest || jobs < 1 || jobs > 256 || (bits && jobs > 1))
        PyErr_SetString(PyExc_ValueError, "a digest has 32 bytes, jobs are 1 to 256, 1 with bits");
    else if (file_path(to.path, &to_bytes, &to.at.path)
             && file_path(from.path, &from_bytes, &from.at.path)
             && file_path(disk.path, &disk_bytes, &disk.at.path))
        program = program_of(&encoded);
    if (program && groups && (size_t)groups_length != program->n_checks * sizeof(int64_t)) {
        PyErr_SetString(PyExc_ValueError, "there is a group for each check");
    } else if (program) {
        struct caller caller;
        caller_init(&caller, progress);
        if (search_init(s, program, jobs, memory) && (!bits || search_bits(s, bits))
            && (!groups || stop_after(s, groups, program->n_checks, most))) {
            memcpy(to.at.digest, digest, sizeof to.at.digest);
            memcpy(from.at.digest, digest, sizeof from.at.digest);
            s->limits = (struct limits){states, depth, time_s};
            s->threads_from = threads_from;
            s->poll = poll_python;
            s->context = &caller;
            result = do_search(module, s, &caller, &to, interval, &from, &disk);
        } else {
            PyErr_NoMemory();
        }
        search_free(s);
    }
    program_free(program);
    PyMem_Free(s);
    Py_XDECREF(to_bytes);
    Py_XDECREF(from_bytes);
    Py_XDECREF(disk_bytes);
    PyBuffer_Release(&encoded);
    return result;
}

PyDoc_STRVAR(find_trace_doc,
"find_trace(encoded, check, states, depth, time_s, memory_bytes, jobs, threads_from, disk)\n"
"--\n\n"
"(rules, states, delayed, switches), or None when the check does not fail within the limits.");

static PyObject *engine_find_trace(PyObject *module, PyObject *args)
{
    Py_buffer encoded;
    unsigned long long states, depth, memory, threads_from;
    double time_s;
    unsigned int jobs;
    long long check;
    PyObject *result = NULL, *disk_bytes = NULL;
    struct file disk = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "y*LKKdKIKO:find_trace", &encoded, &check, &states, &depth,
                          &time_s, &memory, &jobs, &threads_from, &disk.path))
        return NULL;
    struct program *program = NULL;
    struct search *s = PyMem_Calloc(1, sizeof *s);
    if (!s)
        PyErr_NoMemory();
    else if (jobs < 1 || jobs > 256)
        PyErr_SetString(PyExc_ValueError, "jobs are 1 to 256");
    else if (file_path(disk.path, &disk_bytes, &disk.at.path))
        program = program_of(&encoded);
    if (program && (check < 0 || (size_t)check >= program->n_checks)) {
        PyErr_SetString(PyExc_ValueError, "the program has no such check");
    } else if (program) {
        struct caller caller;
        caller_init(&caller, Py_None);
        struct trace trace = {0};
        enum stop stop = STOP_MEMORY;
        bool found = false;
        bool ready = search_init(s, program, jobs, memory) && search_start(s);
        if (ready && !use_disk(s, disk.path, disk.at.path)) {
            stop = STOP_ERROR;
        } else if (ready) {
            s->limits = (struct limits){states, depth, time_s};
            s->threads_from = threads_from;
            s->poll = poll_python;
            s->context = &caller;
            search_for(s, check);
            caller.thread = PyEval_SaveThread();
            search_begin(s);
            stop = search_run(s);
            found = stop == STOP_FOUND && trace_find(s, &trace);
            stop = s->spill.disk.number ? STOP_ERROR : stop;
            PyEval_RestoreThread(caller.thread);
        }
        if (stop == STOP_INTERRUPT)
            PyErr_SetNone(PyExc_KeyboardInterrupt);
        else if (stop == STOP_ERROR)
            raise_disk_error(s, disk.path);
        else
            result = found ? trace_object(program, &trace) : Py_NewRef(Py_None);
        trace_free(&trace);
        search_free(s);
    }
    program_free(program);
    PyMem_Free(s);
    Py_XDECREF(disk_bytes);
    PyBuffer_Release(&encoded);
    return result;
}

/* The mask is in `mask`, whose length is a state's. */
static PyObject *do_finals(struct search *s, struct caller *caller, const uint64_t *mask,
                           struct file *disk)
{
    if (!use_disk(s, disk->path, disk->at.path))
        return NULL;
    if (!search_start(s))
        return PyErr_NoMemory();
    search_finals(s, mask);
    caller->thread = PyEval_SaveThread();
    search_begin(s);
    enum stop stop = search_run(s);
    PyEval_RestoreThread(caller->thread);
    if (stop == STOP_ERROR) {
        raise_disk_error(s, disk->path);
        return NULL;
    }
    PyObject *found = finals_list(s);
    return found ? Py_BuildValue("iN", (int)stop, found) : NULL;
}

PyDoc_STRVAR(finals_doc,
"finals(encoded, mask, states, depth, time_s, memory_bytes, jobs, disk, bits_bytes)\n"
"--\n\n"
"(stop, states): the quiescent states, each word of them with the bits of the mask.");

static PyObject *engine_finals(PyObject *module, PyObject *args)
{
    Py_buffer encoded, mask;
    unsigned long long states, depth, memory, table;
    double time_s;
    unsigned int jobs;
    PyObject *result = NULL, *disk_bytes = NULL;
    struct file disk = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*KKdKIOK:finals", &encoded, &mask, &states, &depth, &time_s,
                          &memory, &jobs, &disk.path, &table))
        return NULL;
    struct program *program = NULL;
    uint64_t *bits = PyMem_Calloc((size_t)mask.len / sizeof *bits + 1, sizeof *bits);
    struct search *s = PyMem_Calloc(1, sizeof *s);
    if (!s || !bits)
        PyErr_NoMemory();
    else if (jobs < 1 || jobs > 256 || (table && jobs > 1))
        PyErr_SetString(PyExc_ValueError, "jobs are 1 to 256, 1 with bits");
    else if (file_path(disk.path, &disk_bytes, &disk.at.path))
        program = program_of(&encoded);
    if (program && (size_t)mask.len != program->words * sizeof *bits) {
        PyErr_SetString(PyExc_ValueError, "the mask is not as long as a state");
    } else if (program) {
        struct caller caller;
        caller_init(&caller, Py_None);
        memcpy(bits, mask.buf, (size_t)mask.len);
        if (search_init(s, program, jobs, memory) && (!table || search_bits(s, table))) {
            s->limits = (struct limits){states, depth, time_s};
            s->poll = poll_python;
            s->context = &caller;
            result = do_finals(s, &caller, bits, &disk);
        } else {
            PyErr_NoMemory();
        }
        search_free(s);
    }
    program_free(program);
    PyMem_Free(s);
    PyMem_Free(bits);
    Py_XDECREF(disk_bytes);
    PyBuffer_Release(&encoded);
    PyBuffer_Release(&mask);
    return result;
}

PyDoc_STRVAR(views_doc,
"views(encoded, layout, stopping, states, time_s, memory_bytes, wanted)\n"
"--\n\n"
"(stop, views): the fixpoint as `views_object` has it, or None where a row names another.");

static PyObject *do_views(struct views *v, struct caller *caller, bool wanted)
{
    caller->thread = PyEval_SaveThread();
    enum stop stop = views_run(v);
    PyEval_RestoreThread(caller->thread);
    if (v->names_another)
        return Py_BuildValue("iO", (int)RUNNING, Py_None);
    if (stop == STOP_ERROR)
        return NULL;
    PyObject *found = views_object(v, wanted && stop == RUNNING);
    return found ? Py_BuildValue("iN", (int)(stop == STOP_FOUND ? RUNNING : stop), found) : NULL;
}

static PyObject *engine_views(PyObject *module, PyObject *args)
{
    Py_buffer encoded, layout;
    const char *stopping;
    Py_ssize_t stopping_length;
    unsigned long long states, memory;
    double time_s;
    int wanted;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y#KdKp:views", &encoded, &layout, &stopping, &stopping_length,
                          &states, &time_s, &memory, &wanted))
        return NULL;
    struct program *program = program_of(&encoded);
    struct views *v = PyMem_Calloc(1, sizeof *v);
    uint64_t *words = PyMem_Malloc((size_t)layout.len + 1);
    if (!v || !words)
        PyErr_NoMemory();
    if (v && words && program) {
        struct caller caller;
        caller_init(&caller, Py_None);
        memcpy(words, layout.buf, (size_t)layout.len);
        if ((size_t)stopping_length != program->n_checks
            || !views_init(v, program, words, (size_t)layout.len / sizeof *words, memory)) {
            PyErr_SetString(PyExc_ValueError, "the rows do not fit the program");
        } else {
            v->stopping = (const unsigned char *)stopping;
            v->limits = (struct limits){states, 0, time_s};
            v->poll = poll_python;
            v->context = &caller;
            result = do_views(v, &caller, wanted != 0);
        }
        views_free(v);
    }
    program_free(program);
    PyMem_Free(words);
    PyMem_Free(v);
    PyBuffer_Release(&encoded);
    PyBuffer_Release(&layout);
    return result;
}

static PyMethodDef methods[] = {
    {"search", engine_search, METH_VARARGS, search_doc},
    {"find_trace", engine_find_trace, METH_VARARGS, find_trace_doc},
    {"finals", engine_finals, METH_VARARGS, finals_doc},
    {"views", engine_views, METH_VARARGS, views_doc},
    {NULL, NULL, 0, NULL}
};

static int engine_exec(PyObject *module)
{
    static const struct { const char *name; long value; } codes[] = {
        {"RUNNING", RUNNING}, {"STATES", STOP_STATES}, {"DEPTH", STOP_DEPTH},
        {"TIME", STOP_TIME}, {"MEMORY", STOP_MEMORY}, {"VERSIONS", STOP_VERSIONS},
        {"INTERRUPT", STOP_INTERRUPT}, {"ENOUGH", STOP_ENOUGH}
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (PyModule_AddIntConstant(module, codes[i].name, codes[i].value) < 0)
            return -1;
    if (!parts_add(module) || !marks_add(module) || !ways_add(module))
        return -1;
    PyObject *error = PyErr_NewExceptionWithDoc(
        "mmscn.runtime.native._engine.CheckpointError",
        "A checkpoint file that this search cannot go on from; the text says why.",
        PyExc_ValueError, NULL);
    int failed = PyModule_AddObjectRef(module, "CheckpointError", error);
    Py_XDECREF(error);
    return failed;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, engine_exec},
    {0, NULL}
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_engine",
    .m_doc = "Breadth-first search of programs of the bytecode, in C.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__engine(void)
{
    return PyModuleDef_Init(&definition);
}
