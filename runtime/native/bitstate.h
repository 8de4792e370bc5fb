/* The states seen, as bits of a table that has no room for them: each sets three.
 *
 * A state whose bits are all set is taken for one that was seen before. So states may be missed,
 * and what only they lead to; none is invented. A state's hash seeds splitmix64, whose first
 * numbers choose the bits. Of two states with the same hash of 64 bits one is always missed, but
 * there are hardly any: 0.03 of 10^9 states.
 *
 * taken: how many distinct states were taken for others, as far as one can tell. A state that is
 * found for the first time finds all its bits set with the chance f = (set / bits)^3; so for each
 * that is added, f / (1 - f) were not. These are summed up while the table fills. What only missed
 * states lead to is not in it.
 *
 * Sources: Holzmann, Design and Validation of Computer Protocols (1991), for the method, as cited
 * in Dillinger and Manolios, Bloom Filters in Probabilistic Verification (FMCAD 2004); the
 * abstract of their Fast and Accurate Bitstate Verification for SPIN (SPIN 2004), for three bits
 * that are computed from one hash instead of two; Vigna, splitmix64.c (2015, public domain).
 */
#ifndef MMSCN_BITSTATE_H
#define MMSCN_BITSTATE_H

#include "ancestry.h"
#include "program.h"

enum { BITSTATE_HASHES = 3 };

struct bitstate {
    uint64_t *table;               /* NULL: states are remembered as they are */
    uint64_t bits, set;
    uint64_t halted;               /* states that nobody goes on from: `visited` has those */
    double taken;
    /* Of the current level, how many were expanded; of the next, how many were found. One thread
     * has them in the same order each time. */
    uint64_t expanded, found;
    struct ancestry *ancestry;     /* where a way is wanted */
};

/* False when memory is short. */
bool bitstate_init(struct bitstate *b, struct budget *budget, uint64_t bytes);
void bitstate_free(struct bitstate *b, struct budget *budget);
/* Sets the bits of a state that is not in the table. */
void bitstate_add(struct bitstate *b, uint64_t hash);

#define SPLITMIX_STEP UINT64_C(0x9e3779b97f4a7c15)

static ALWAYS_INLINE uint64_t bitstate_mixed(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static ALWAYS_INLINE uint64_t bitstate_hash(const uint64_t *state, uint32_t words)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < words; i++)
        hash = bitstate_mixed(hash ^ state[i]) + SPLITMIX_STEP;
    return hash;
}

/* The place of one of the bits, a number below `bits`. */
static ALWAYS_INLINE uint64_t bitstate_place(const struct bitstate *b, uint64_t hash, uint32_t i)
{
    return (uint64_t)((unsigned __int128)bitstate_mixed(hash + (i + 1) * SPLITMIX_STEP) * b->bits
                      >> 64);
}

static ALWAYS_INLINE bool bitstate_has(const struct bitstate *b, uint64_t hash)
{
    for (uint32_t i = 0; i < BITSTATE_HASHES; i++) {
        uint64_t place = bitstate_place(b, hash, i);
        if (!(b->table[place / 64] >> place % 64 & 1))
            return false;
    }
    return true;
}

static ALWAYS_INLINE void bitstate_prefetch(const struct bitstate *b, uint64_t hash)
{
    for (uint32_t i = 0; i < BITSTATE_HASHES; i++)
        __builtin_prefetch(&b->table[bitstate_place(b, hash, i) / 64]);
}

#endif
