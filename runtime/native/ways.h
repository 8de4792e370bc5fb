/* The way to a failure that a search has found which remembers no states, but bits of them. */
#ifndef MMSCN_WAYS_H
#define MMSCN_WAYS_H

#include "objects.h"

/* Adds `find_way` to the module; false with an exception. */
bool ways_add(PyObject *module);

#endif
