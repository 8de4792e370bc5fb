/* What calls from Python have in common: what they are given, how they hear of Ctrl-C and report
 * progress, and how they fail. */
#ifndef MMSCN_CALLS_H
#define MMSCN_CALLS_H

#include "objects.h"

#include "checkpointed.h"

/* Who waits for a search. progress: what to call now and then, or None. */
struct caller {
    PyThreadState *thread;
    PyObject *progress;
    double next_progress;
};

void caller_init(struct caller *caller, PyObject *progress);
/* Called by the thread that called us, without the GIL. */
enum stop poll_python(void *context, const struct progress *progress);
/* NULL with an exception where the words are not a program. */
struct program *program_of(const Py_buffer *encoded);

/* A file or a folder as Python named it. */
struct file { struct checkpoint at; PyObject *path; };
/* The path of a file, or NULL for None; borrowed from `bytes`. */
int file_path(PyObject *path, PyObject **bytes, const char **out);
/* For STOP_ERROR and failed reads: keeps an exception that is set already. */
void raise_error(PyObject *module, const struct checkpoint *c, PyObject *path);
/* For STOP_ERROR of a search that may go to a folder. */
void raise_disk_error(const struct search *s, PyObject *folder);
/* The folder that memory may go to, where there is one; false with an exception. */
bool use_disk(struct search *s, PyObject *folder, const char *path);

#endif
