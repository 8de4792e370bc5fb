/* Successors that other processes own, on their way there.
 *
 * A space may be searched by several processes, its parts, each of which owns the states that a
 * hash says. What a part finds of another's is kept here until it is fetched; so is what halts,
 * be it its own, so that all of that comes in by one door, behind what does not.
 */
#ifndef MMSCN_POSTS_H
#define MMSCN_POSTS_H

#include "memory.h"
#include "program.h"

/* States one behind the other, `words` each. */
struct post { uint64_t *states; size_t n, max; };

/* going, halted: by part. own: the part that this process is. mask: the bits of a state that say
 * which part owns it: where few steps change them, few successors are another's. */
struct posts {
    uint32_t parts, own, words;
    bool lost;
    struct post *going, *halted;
    uint64_t *mask;
};

/* mask: `words` of them. */
bool posts_init(struct posts *p, uint32_t parts, uint32_t own, const uint64_t *mask, uint32_t words);
void posts_free(struct posts *p);
/* Adds a state; false where there is no memory, which `lost` says from then on. */
bool posts_add(struct posts *p, struct post *post, const uint64_t *state);
/* Nothing is in it any more. */
void post_clear(struct post *post);

static inline uint32_t part_of(const struct posts *p, const uint64_t *state)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < p->words; i++) {
        hash = (hash ^ (state[i] & p->mask[i])) * UINT64_C(0x9fb21c651e98df25);
        hash ^= hash >> 32;
    }
    return (uint32_t)((hash * UINT64_C(0x9e3779b97f4a7c15) >> 32) * p->parts >> 32);
}

/* Whether a successor is for another process, or halts, and was taken. */
static inline bool posts_take(struct posts *p, const uint64_t *state, bool halts)
{
    uint32_t part = part_of(p, state);
    if (!halts && part == p->own)
        return false;
    posts_add(p, halts ? &p->halted[part] : &p->going[part], state);
    return true;
}

#endif
