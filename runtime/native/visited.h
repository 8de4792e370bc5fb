/* The set of states seen: exact, open addressing, with less than the states in the table.
 *
 * A state's key is a hash in place of its first word, then its other words. The hash mixes
 * the bits of the first word reversibly with a sum of the others, so the key determines the
 * state. It stands at the top of its word. Its first bits choose a segment, those that
 * follow the home there. The slot tells the home, so an entry holds the rest of the hash
 * alone, and keys come back out of it.
 *
 * An entry, from high to low: rank, rest, second word, HALTED, OCCUPIED. The rank is
 * RANK_HOME in the home slot and one less in each slot after it; entries lie in the order
 * of their keys, at or after their homes. So entries in a row ascend when each is compared
 * with what the key would be at its place: a miss ends early, an empty slot (0, less 1 the
 * greatest number) ends every search, and growing is one sequential pass. Words after the
 * second one follow the entry as they are.
 * Sources: Knuth, TeX: The Program, section 925, for the early miss, after Amble and Knuth
 * (1974); it probes downwards and keeps larger keys first, here it is the other way round.
 * Koeppl, Separate Chaining Meets Compact Hashing (2019), abstract, for storing a part of
 * the key only, after Cleary (1984).
 */
#ifndef MMSCN_VISITED_H
#define MMSCN_VISITED_H

#include "memory.h"
#include "program.h"

#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "entries of odd sizes are loaded as little-endian integers"
#endif

enum { OCCUPIED = 1, HALTED = 2, SECOND_SHIFT = 2, RANK_HOME = 63, RANK_LOW = 12, RANK_BITS = 6,
       HASH_BITS_MIN = 40, HOME_BITS_MIN = 7, SLACK = RANK_HOME + 1 };

struct segment {
    OWN_LINES unsigned char *slots;
    uint64_t count, grow_at;
    uint32_t home_bits;    /* log2 of the number of homes; SLACK slots follow them */
    uint32_t bytes;        /* of a slot */
    uint32_t width;        /* bits of an entry */
    uint32_t rank_shift;
};

struct visited {
    struct segment *segments;
    struct budget *budget;
    uint32_t bits;         /* log2 of the number of segments */
    uint32_t words;
    uint32_t hash_shift;   /* the hash has its lowest bit here */
    uint32_t half;         /* half the bits of the hash */
    uint64_t hash_mask, second_mask;
    uint32_t rest_shift;   /* in an entry */
};

/* REVIVED: it was there as halted, and is not any longer. */
enum insertion { PRESENT, REVIVED, INSERTED, NO_MEMORY, FULL /* not from visited_insert */ };

bool visited_init(struct visited *v, struct budget *budget, const struct program *p,
                  unsigned bits);
void visited_free(struct visited *v);
uint64_t visited_count(const struct visited *v);
bool visited_grow(struct visited *v, struct segment *g);
/* Room for `count` keys, where memory is not short of it. */
void visited_expect(struct visited *v, uint64_t count);
/* Forgets all keys. False when memory is short. */
bool visited_clear(struct visited *v);
/* The state that a key stands for. */
void visited_state(const struct visited *v, const uint64_t *key, uint64_t *state);
/* More segments, 2^bits of them; false, and as before, when memory is short. */
bool visited_divide(struct visited *v, unsigned bits);
/* Makes an empty segment large enough for `count` keys. */
bool visited_reserve(struct visited *v, unsigned segment, uint64_t count);
/* Adds a key larger than all in its segment; `cursor` starts at 0 with each segment. */
bool visited_append(struct visited *v, uint64_t *cursor, const uint64_t *key);
bool visited_contains(const struct visited *v, const uint64_t *key);
/* Marks a key as halted; false when it is not there. */
bool visited_halt(struct visited *v, const uint64_t *key);

/* The keys of a segment in order: each call gives the one at or after the slot, which moves on. */
bool visited_next(const struct visited *v, unsigned segment, uint64_t *slot, uint64_t *key,
                  bool *halted);

/* Odd, so that there are numbers that undo a multiplication with them. */
#define HASH_FIRST UINT64_C(0xd6e8feb86659fd93)
#define HASH_SECOND UINT64_C(0xbf58476d1ce4e5b9)

static ALWAYS_INLINE uint64_t visited_others(const uint64_t *state, uint32_t words)
{
    uint64_t others = 0;
    for (uint32_t i = 1; i < words; i++) {
        others = (others ^ state[i]) * UINT64_C(0x9fb21c651e98df25);
        others ^= others >> 32;
    }
    return others;
}

/* The hash of a state, which takes the place of its first word in the key. */
static ALWAYS_INLINE uint64_t visited_hash(const struct visited *v, const uint64_t *state,
                                           uint32_t words)
{
    uint64_t others = visited_others(state, words), mask = v->hash_mask;
    uint64_t x = (state[0] ^ others) << v->hash_shift;
    x ^= x >> v->half & mask;
    x *= HASH_FIRST;
    x ^= x >> v->half & mask;
    return x * HASH_SECOND;
}

static inline struct segment *visited_segment(const struct visited *v, uint64_t hash)
{
    return &v->segments[hash >> (64 - v->bits)];
}

static inline uint64_t visited_home(const struct visited *v, const struct segment *g, uint64_t hash)
{
    return hash << v->bits >> (64 - g->home_bits);
}

static inline uint64_t visited_rest(const struct visited *v, const struct segment *g, uint64_t hash)
{
    return hash << (v->bits + g->home_bits) >> (v->bits + g->home_bits) >> v->hash_shift;
}

static ALWAYS_INLINE void visited_prefetch(const struct visited *v, uint64_t hash)
{
    const struct segment *g = visited_segment(v, hash);
    const unsigned char *slot = g->slots + visited_home(v, g, hash) * g->bytes;
    __builtin_prefetch(slot);
    __builtin_prefetch(slot + 48);
}

typedef unsigned __int128 uint128;
#define ENTRY uint64_t
#define SIZED(name) narrow_##name
#include "slots.h"
#define ENTRY uint128
#define SIZED(name) wide_##name
#include "slots.h"

static ALWAYS_INLINE enum insertion visited_insert(struct visited *v, const uint64_t *key,
                                                   bool halted, uint32_t words)
{
    struct segment *g = visited_segment(v, key[0]);
    for (;;) {
        enum insertion insertion = g->width <= 64 && words <= 2
                                       ? narrow_insert(v, g, key, halted, words)
                                       : wide_insert(v, g, key, halted, words);
        if (insertion != FULL)
            return insertion;
        if (!visited_grow(v, g))
            return NO_MEMORY;
    }
}

#endif
