/* What a thread has sent lately, so that it need not send it again.
 *
 * A successor is often found again soon, where two steps can be taken in either order: so are
 * half of the successors of a large space. They are met here, in the thread's own cache, and not
 * in the visited set. Of two states with one place here the later one stays.
 */
#ifndef MMSCN_RECENT_H
#define MMSCN_RECENT_H

#include "memory.h"
#include "program.h"

#include <stdlib.h>
#include <string.h>

enum { RECENT_BYTES = 1 << 16, RECENT_BITS_MIN = 4, RECENT_BITS_MAX = 12 };

/* Keys as of `visited`, by the top bits of their hashes. */
struct recent { uint64_t *keys; uint32_t shift; };

/* False when memory is short. */
static inline bool recent_init(struct recent *r, uint32_t words)
{
    uint32_t bits = RECENT_BITS_MAX;
    while (bits > RECENT_BITS_MIN && (words * sizeof(uint64_t)) << bits > RECENT_BYTES)
        bits--;
    r->shift = 64 - bits;
    r->keys = calloc_lines((size_t)words << bits, sizeof *r->keys);
    if (!r->keys)
        return false;
    r->keys[0] = UINT64_MAX; /* so nothing is there: this belongs to the last place, 0 to the first */
    return true;
}

static inline void recent_free(struct recent *r)
{
    free(r->keys);
}

/* Whether a state with this hash is there; if not, it is from now on. */
static ALWAYS_INLINE bool recent_add(struct recent *r, uint64_t hash, const uint64_t *state,
                                     uint32_t words)
{
    uint64_t *key = r->keys + (hash >> r->shift) * words, different = key[0] ^ hash;
    for (uint32_t i = 1; i < words; i++)
        different |= key[i] ^ state[i];
    if (!different)
        return true;
    key[0] = hash;
    for (uint32_t i = 1; i < words; i++)
        key[i] = state[i];
    return false;
}

#endif
