/* The views of two among any number of threads that are alike: the fixpoint of dsl/prove.
 *
 * Edges are expanded in the order in which they are met: with each third row that has an edge to
 * both among those expanded so far. dsl/prove/fixpoint.py has the theorem, dsl/prove/pairs.py the
 * same in Python.
 */
#ifndef MMSCN_VIEWS_H
#define MMSCN_VIEWS_H

#include "views_layout.h"

/* STOP_FOUND: a check of `stopping` is broken. STOP_ERROR: a row names another, or as `poll` says. */
enum stop views_run(struct views *v);

#endif
