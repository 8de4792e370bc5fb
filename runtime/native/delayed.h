/* Going on with a search that memory has no room for: what is visited goes to files, and which
 * of a level's successors are new is known at its end. */
#ifndef MMSCN_DELAYED_H
#define MMSCN_DELAYED_H

#include "spill.h"
#include "worker.h"

/* Empties memory, between two phases. False when there was too little in it to be worth it; the
 * search stops with STOP_ERROR where a file could not be written. */
bool delayed_spill(struct spill *sp, struct space *s);
/* When a level has been expanded: meets the states that are new. */
void delayed_meet(struct spill *sp, struct worker *w);
/* How many states the next level has; and on to it. */
uint64_t delayed_following(const struct spill *sp);
void delayed_advance(struct spill *sp, struct space *s);

#endif
