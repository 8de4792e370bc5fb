/* The state space of a program, as far as it is known.
 *
 * Who owns a state, where it is remembered and where it waits to be expanded are behind
 * `owners`, `visited` and `levels`; `findings` is what the states say of the checks.
 */
#ifndef MMSCN_SPACE_H
#define MMSCN_SPACE_H

#include "bitstate.h"
#include "findings.h"
#include "levels.h"
#include "owners.h"
#include "step.h"
#include "visited.h"

#include <stdatomic.h>

enum stop {
    RUNNING,
    STOP_STATES,
    STOP_DEPTH,
    STOP_TIME,
    STOP_MEMORY,
    STOP_VERSIONS,
    STOP_INTERRUPT,
    STOP_ERROR,       /* the outside world, or the checkpoint's file */
    STOP_PAUSE,       /* to be gone on with */
    STOP_FOUND,       /* the check that `findings.wanted` names fails */
    STOP_ENOUGH       /* a level has ended, and `findings_has_enough` */
};

#define UNBOUNDED UINT64_MAX

struct totals { uint64_t states, transitions, quiescent, deepest; };

struct space {
    const struct program *program;
    struct budget budget;
    struct visited visited;
    struct bitstate bits;          /* a table in it: of states that go on only bits are remembered */
    struct owners owners;
    struct levels levels;
    struct findings findings;
    struct totals totals;          /* as of the last merge */
    uint64_t states_max;
    bool delayed;                  /* what is visited may be known: a level's end tells */
    bool skip_overflow;            /* a step whose version does not fit is not taken */
    _Atomic int stop;
};

bool space_init(struct space *s, const struct program *p, uint64_t memory_bytes);
void space_free(struct space *s);
/* Before threads run together the first time: owners enough for them. False when memory is short. */
bool space_divide(struct space *s, unsigned jobs);
/* Threads run together, or one alone. */
void space_share(struct space *s, bool shared);
/* Makes an entry of a state that nothing leads to. */
void space_entry(const struct space *s, const uint64_t *state, uint64_t *entry);
/* 1, 0, or -1 when memory or versions ran out, with s->stop set. */
int space_is_deadlock(struct space *s, struct scratch *scratch, const uint64_t *state);

/* The first reason to stop is the one that counts. */
static inline void stop_for(struct space *s, enum stop reason)
{
    int running = RUNNING;
    atomic_compare_exchange_strong(&s->stop, &running, reason);
}

static inline bool stopped(struct space *s)
{
    return atomic_load_explicit(&s->stop, memory_order_relaxed) != RUNNING;
}

#endif
