/* Functions of Python for the path that several processes find together. */
#ifndef MMSCN_MARKS_H
#define MMSCN_MARKS_H

#include "objects.h"

/* Adds the functions to the module; false with an exception. */
bool marks_add(PyObject *module);

#endif
