/* What one thread does: it expands chunks of a level, and sends what follows to its owners. */
#ifndef MMSCN_WORKER_H
#define MMSCN_WORKER_H

#include "finals.h"
#include "posts.h"
#include "recent.h"
#include "space.h"

struct worker {
    OWN_LINES struct space *space;
    struct scratch scratch;
    struct outbox alone, shared;   /* alone: of the first worker only */
    struct recent recent;          /* successors, that do not halt */
    struct posts *posts;           /* for other processes; NULL where there are none */
    void (*poll)(void *context);   /* now and then, by the first worker; NULL for others */
    void *context;
    uint32_t countdown;
    uint32_t number;               /* among the threads that run together */
    struct frontier found;         /* new states, to be expanded */
    uint64_t *state;               /* scratch */
    unsigned char *seen;           /* by check */
    struct finals finals;          /* where they are wanted: of the states that it owned */
    _Atomic uint64_t states, transitions;
    uint64_t quiescent;
};

/* owners: batches for each of them; otherwise this one runs alone, at first. */
bool worker_init(struct worker *w, struct space *space, bool owners);
/* Batches for each owner, where it has none yet. */
bool worker_share(struct worker *w);
void worker_free(struct worker *w);
/* Expands chunks while there are any; a `struct worker`, for a thread. */
void worker_run(void *worker);
/* Visits one late successor; the reason to stop, in which case it has not been visited. */
enum stop worker_visit(struct worker *w, const uint64_t *entry);
/* Counts a state that is new, and asks the checks of it. */
void worker_meet(struct worker *w, const uint64_t *state);
/* Visits what is in the batch of a thread that runs alone. */
void worker_deliver(struct worker *w);
/* Adds what it found to the space, and what it did not deliver. */
void worker_merge(struct worker *w);

#endif
