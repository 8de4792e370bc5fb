/* Who owns which states.
 *
 * The owner of a state alone looks it up in the visited set, and keeps it where it is new.
 * Whoever finds a successor sends it to its owner, in batches; nobody waits for an answer. So
 * it is here that other threads, other processes or a disk would come in. Now an owner is a
 * segment of the visited set: threads that run together act for one at a time, under its
 * lock; one that runs alone owns all. A thread that finds the lock taken goes on with other work
 * and tries again when more has come together, so that nobody waits for one that makes a segment
 * larger, or that the system has put aside.
 */
#ifndef MMSCN_OWNERS_H
#define MMSCN_OWNERS_H

#include "memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Successors in a batch before it is delivered; what one to an owner may come to, in bytes,
 * where others keep its lock; and how many are fetched ahead of the one that is looked up.
 * BATCH_SHARED for each owner is to stay in a thread's nearest cache, or threads take more of the
 * processor together than one alone: two threads had 1.5 times its CPU seconds with 256 for each of
 * 16 owners, and have 1.2 times with 128 for each of 4 (3.3 million states, a busy machine). */
enum { BATCH = 96, BATCH_SHARED = 128, BATCH_BYTES = 1 << 17, FETCHED_AHEAD = 16 };

struct owner_lock { OWN_LINES pthread_mutex_t mutex; };

struct owners {
    uint32_t bits;               /* log2 of their number: the top bits of a hash tell the owner */
    bool shared;                 /* threads run together */
    struct owner_lock *locks;
};

/* Successors on their way to one owner, while their places in the visited set are fetched.
 * An entry is a key, the state's first word, and whether it halts: `words` + 2 words. Where only
 * bits are remembered, a state that does not halt has another hash in place of the key's; above the
 * bit that tells whether it halts stands the place in its level of the state that it comes from.
 * due: it is delivered when it has so many. */
struct batch { uint64_t *entries; uint32_t begin, n, due; };

/* What one thread has to deliver: all in one batch, where it runs alone, or by owner.
 * most: in a batch, before it has to be delivered. */
struct outbox { struct batch *batches; uint64_t *memory; uint32_t n, most; };

/* Twice as many owners as threads, 4 to 256: one that finds a lock taken has other work. */
bool owners_init(struct owners *o, unsigned jobs);
void owners_free(struct owners *o);
/* batches: 1 for a thread that runs alone. successors_max: of one state; a batch has room for
 * those, too. */
bool outbox_init(struct outbox *b, uint32_t batches, uint32_t words, uint32_t successors_max);
void outbox_free(struct outbox *b);

static inline uint32_t owner_of(const struct owners *o, uint64_t hash)
{
    return (uint32_t)(hash >> (64 - o->bits));
}

/* wait: until whoever acts for it has left; else false where somebody does. */
static inline bool owner_enter(struct owners *o, uint32_t owner, bool wait)
{
    pthread_mutex_t *mutex = &o->locks[owner].mutex;
    return pthread_mutex_trylock(mutex) == 0 || (wait && pthread_mutex_lock(mutex) == 0);
}

static inline void owner_leave(struct owners *o, uint32_t owner)
{
    pthread_mutex_unlock(&o->locks[owner].mutex);
}

#endif
