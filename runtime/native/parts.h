/* A partition as an object of Python, and the functions on it. */
#ifndef MMSCN_PARTS_H
#define MMSCN_PARTS_H

#include "objects.h"

/* Adds the functions to the module; false with an exception. */
bool parts_add(PyObject *module);

#endif
