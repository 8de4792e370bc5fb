/* Sieves: which entries of a dispatch list may be enabled, by a few loads for all of them.
 *
 * The bits that the guards of a list look at are cut into runs. By the value of a run, a row has a
 * bit for each entry whose guards that value does not break; the rows of all runs intersected are
 * the entries whose guards hold. A test that looks at one run only is decided by it as well. */
#ifndef MMSCN_SIEVE_H
#define MMSCN_SIEVE_H

#include "program.h"

/* After the rules and the dispatch lists are there. joined: all entries go to one list. False when
 * memory is short. */
bool sieves_make(struct program *p, bool joined);

#endif
