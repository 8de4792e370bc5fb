/* The states to expand, level by level.
 *
 * Threads take chunks of one level from here, and what they find becomes the next; no one else
 * knows where the chunks are kept, so a level could lie on a disk.
 */
#ifndef MMSCN_LEVELS_H
#define MMSCN_LEVELS_H

#include "frontier.h"

#include <pthread.h>
#include <stdbool.h>

struct levels {
    struct budget *budget;
    uint32_t words;
    int64_t depth;                 /* of `current`, -1 before the initial states */
    struct frontier current, next;
    /* Where there is more of the current level: `left` states, which `more` gives. */
    uint64_t (*more)(void *context, uint64_t *states, uint64_t most);
    void *context;
    uint64_t left;
    bool starved;                  /* there was no memory for what is left, or it was not given */
    uint64_t *late;                /* entries that were not delivered, as after a limit */
    size_t n_late, late_max;
    bool lost;                     /* one of those could not be kept */

    pthread_mutex_t lock;
    bool shared;                   /* threads run together */
    struct frontier *shares;       /* of `current`, for each of them, while they run */
    unsigned n_shares;
    uint64_t chunks_left;          /* to be taken before they meet */

    bool keep;                     /* expanded states, by level, in `kept` */
    struct frontier *kept;
    size_t n_kept, kept_max;
};

void levels_init(struct levels *l, struct budget *budget, uint32_t words);
void levels_free(struct levels *l);
/* Before threads run together, and after: each has a share of the level. What a thread found is one
 * behind the other and goes to it again, as far as it may: successors that it has sent lately are
 * found again by what was found beside. Without memory for shares all take from the whole. */
void levels_deal(struct levels *l, unsigned threads);
void levels_gather(struct levels *l);
/* A chunk of the level, of a thread's share while there is one; NULL where there is no more, or
 * none may be taken. */
struct chunk *levels_take(struct levels *l, unsigned thread);
/* Whether there was no memory for a chunk. */
bool levels_starved(struct levels *l);
/* The chunk comes back; what is left of it is to be expanded first. */
void levels_give(struct levels *l, struct chunk *chunk);
/* How many states are to be expanded, of this level and the next. */
uint64_t levels_ahead(struct levels *l);
/* What a thread found becomes a part of the next level. */
void levels_add(struct levels *l, struct frontier *found);
/* The next level is the current one; false when memory is short. */
bool levels_advance(struct levels *l);
/* Keeps an entry for later; false, and lost, when memory is short. */
bool levels_postpone(struct levels *l, const uint64_t *entry);
/* The first n of the late entries have been delivered. */
void levels_delivered(struct levels *l, size_t n);

/* How many states of the current level nobody has taken. */
static inline uint64_t levels_left(const struct levels *l)
{
    return l->current.count + l->left;
}

static inline size_t entry_words(const struct levels *l)
{
    return (size_t)l->words + 2;
}

#endif
