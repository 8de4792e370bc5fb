/* Deadlocks: states from which no thread goes on, whatever agents do. */
#ifndef MMSCN_DEADLOCK_H
#define MMSCN_DEADLOCK_H

#include "step.h"
#include "visited.h"

/* The last two: nothing can be said, for versions or memory ran out. */
enum stuck { GOES_ON, STUCK, STUCK_WITHOUT_VERSIONS, STUCK_WITHOUT_MEMORY };

/* skip_overflow: a step whose version does not fit counts as one that goes on. */
enum stuck deadlock_at(const struct program *p, struct scratch *scratch, struct budget *budget,
                       bool skip_overflow, const uint64_t *state);

#endif
