#include "calls.h"

#include <errno.h>

#include "decode.h"

#define PROGRESS_S 0.2

void caller_init(struct caller *caller, PyObject *progress)
{
    *caller = (struct caller){.progress = progress, .next_progress = clock_s() + PROGRESS_S};
}

enum stop poll_python(void *context, const struct progress *progress)
{
    struct caller *caller = context;
    enum stop stop = RUNNING;
    PyEval_RestoreThread(caller->thread);
    int failed = PyErr_CheckSignals();
    double now = clock_s();
    if (!failed && caller->progress != Py_None && now >= caller->next_progress) {
        caller->next_progress = now + PROGRESS_S;
        PyObject *result = PyObject_CallFunction(
            caller->progress, "KKKK", (unsigned long long)progress->states,
            (unsigned long long)progress->transitions, (unsigned long long)progress->depth,
            (unsigned long long)progress->frontier);
        failed = result == NULL;
        Py_XDECREF(result);
    }
    if (failed) {
        stop = STOP_ERROR;
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
            PyErr_Clear();
            stop = STOP_INTERRUPT;
        }
    }
    caller->thread = PyEval_SaveThread();
    return stop;
}

struct program *program_of(const Py_buffer *encoded)
{
    const char *reason = NULL;
    size_t n = (size_t)encoded->len / sizeof(uint64_t);
    uint64_t *words = PyMem_Malloc(n * sizeof *words + 1);
    if (!words) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(words, encoded->buf, n * sizeof *words);
    struct program *program
        = encoded->len % (Py_ssize_t)sizeof *words
              ? (reason = "not a whole number of words", (struct program *)NULL)
              : program_decode(words, n, &reason);
    PyMem_Free(words);
    if (!program)
        PyErr_Format(PyExc_ValueError, "the encoded program is malformed: %s", reason);
    return program;
}

void raise_error(PyObject *module, const struct checkpoint *c, PyObject *path)
{
    if (PyErr_Occurred())
        return;
    if (c->number) {
        errno = c->number;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        return;
    }
    PyObject *type = PyObject_GetAttrString(module, "CheckpointError");
    if (type)
        PyErr_Format(type, "%S: %s", path, c->reason ? c->reason : "cannot be used");
    Py_XDECREF(type);
}

int file_path(PyObject *path, PyObject **bytes, const char **out)
{
    if (path == Py_None)
        return 1;
    if (!PyUnicode_FSConverter(path, bytes))
        return 0;
    *out = PyBytes_AsString(*bytes);
    return *out != NULL;
}

void raise_disk_error(const struct search *s, PyObject *folder)
{
    if (PyErr_Occurred() || !s->spill.disk.number)
        return;
    errno = s->spill.disk.number;
    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, folder);
}

bool use_disk(struct search *s, PyObject *folder, const char *path)
{
    if (!path || search_spills(s, path))
        return true;
    raise_disk_error(s, folder);
    return false;
}
