/* What the engine has found as Python objects: each returns a new reference, or NULL with an exception. */
#ifndef MMSCN_OBJECTS_H
#define MMSCN_OBJECTS_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include "trace.h"
#include "views.h"

/* (depth or -1, covered) of each check. */
PyObject *statuses(const struct findings *f);
/* (rules, states, delayed, switches). */
PyObject *trace_object(const struct program *program, const struct trace *trace);
/* The states of all sets; those that are in several come several times. */
PyObject *finals_list(const struct search *s);
/* (edges, configurations, steps, broken, shared, rows, pairs): the last three as their words, the
 * pairs as numbers of the other two; None each where they are not wanted. */
PyObject *views_object(const struct views *v, bool wanted);

#endif
