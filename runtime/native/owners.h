/* Who owns which states.
 *
 * The owner of a state alone looks it up in the visited set, and keeps it where it is new.
 * Whoever finds a successor sends it to its owner, in batches; nobody waits for an answer. So
 * it is here that other threads, other processes or a disk would come in. Now an owner is a
 * segment of the visited set: threads that run together act for one at a time, under its
 * lock; one that runs alone owns all.
 */
#ifndef MMSCN_OWNERS_H
#define MMSCN_OWNERS_H

#include "memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Successors in a batch before it is delivered. */
enum { BATCH = 96, BATCH_SHARED = 32 };

struct owner_lock { OWN_LINES pthread_mutex_t mutex; };

struct owners {
    uint32_t bits;               /* log2 of their number: the top bits of a hash tell the owner */
    bool shared;                 /* threads run together */
    struct owner_lock *locks;
};

/* Successors on their way to one owner, while their places in the visited set are fetched.
 * An entry is a key, the state's first word, and whether it halts: `words` + 2 words. */
struct batch { uint64_t *entries; uint32_t begin, n; };

/* What one thread has to deliver, by owner; one batch of all where it runs alone. */
struct outbox { struct batch *batches; uint32_t n; };

/* log2 of how many owners so many threads need, not to wait for each other. */
unsigned owners_bits(unsigned jobs);
bool owners_init(struct owners *o, unsigned bits);
void owners_free(struct owners *o);
/* successors_max: of one state; a batch has room for those, too. */
bool outbox_init(struct outbox *b, const struct owners *o, unsigned jobs, bool first,
                 uint32_t words, uint32_t successors_max);
void outbox_free(struct outbox *b);

static inline uint32_t owner_of(const struct owners *o, uint64_t hash)
{
    return (uint32_t)(hash >> (64 - o->bits));
}

static inline void owner_enter(struct owners *o, uint32_t owner)
{
    if (o->shared)
        pthread_mutex_lock(&o->locks[owner].mutex);
}

static inline void owner_leave(struct owners *o, uint32_t owner)
{
    if (o->shared)
        pthread_mutex_unlock(&o->locks[owner].mutex);
}

#endif
