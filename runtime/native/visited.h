/* The set of states seen: exact, open addressing, the words in the table.
 *
 * A state's key is a 64-bit hash in place of its first word, then its other
 * words. The hash mixes the first word reversibly with a sum of the others, so
 * the key determines the state: nothing is lost and nothing is stored beside it.
 * Each segment takes an equal part of the hashes and is kept in their order
 * (linear probing; an entry sits at or after its home, never behind a larger
 * one), so a miss ends early, and growing is one sequential pass.
 * Source of ordered linear probing: Amble and Knuth, Ordered Hash Tables (1974).
 */
#ifndef MMSCN_VISITED_H
#define MMSCN_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes of stored states, over all threads. */
struct budget {
    _Atomic uint64_t used, peak;
    uint64_t limit;
};
/* Zeroed memory within the budget, or NULL. */
void *budget_take(struct budget *budget, size_t bytes);
void budget_give(struct budget *budget, void *memory, size_t bytes);

struct segment {
    uint64_t *slots;   /* homes + slack, the last one always empty */
    uint64_t homes;
    uint64_t total;
    uint64_t count;
    uint64_t grow_at;
};

struct visited {
    struct segment *segments;
    struct budget *budget;
    unsigned bits;         /* log2 of the number of segments */
    uint32_t words;
    uint64_t *zeros;       /* other words of the states whose hash is 0: an empty slot's mark */
    size_t n_zeros, zeros_max;
};

enum insertion { PRESENT, INSERTED, NO_MEMORY };

bool visited_init(struct visited *v, struct budget *budget, uint32_t words, unsigned bits);
void visited_free(struct visited *v);
uint64_t visited_count(const struct visited *v);
bool visited_grow(struct visited *v, struct segment *g);
/* Makes an empty segment large enough for `count` keys. */
bool visited_reserve(struct visited *v, unsigned segment, uint64_t count);
/* Adds a key larger than all in its segment; `cursor` starts at 0 with each segment. */
bool visited_append(struct visited *v, uint64_t *cursor, const uint64_t *key);
enum insertion visited_insert_zero(struct visited *v, const uint64_t *key);
bool visited_contains(const struct visited *v, const uint64_t *key);
bool visited_remove(struct visited *v, const uint64_t *key);

static inline uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 29;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    return x ^ (x >> 32);
}

/* The hash of a state, which takes the place of its first word in the key. */
static inline uint64_t state_hash(const uint64_t *state, uint32_t words)
{
    uint64_t others = 0;
    for (uint32_t i = 1; i < words; i++) {
        others = (others ^ state[i]) * UINT64_C(0x9fb21c651e98df25);
        others ^= others >> 32;
    }
    return mix(state[0] ^ others);
}

static inline struct segment *visited_segment(const struct visited *v, uint64_t hash)
{
    return &v->segments[hash >> (64 - v->bits)];
}

static inline uint64_t home(const struct visited *v, const struct segment *g, uint64_t hash)
{
    return ((hash << v->bits >> 32) * g->homes) >> 32;
}

/* Always inline: gcc 12 drops calls of a function that only prefetches. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

static ALWAYS_INLINE void visited_prefetch(const struct visited *v, uint64_t hash, uint32_t words)
{
    const struct segment *g = visited_segment(v, hash);
    const uint64_t *slot = g->slots + home(v, g, hash) * words;
    __builtin_prefetch(slot);
    __builtin_prefetch(slot + 5);
}

static inline bool same_rest(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    for (uint32_t i = 1; i < words; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static ALWAYS_INLINE enum insertion visited_insert(struct visited *v, const uint64_t *key, uint32_t words)
{
    uint64_t hash = key[0];
    if (hash == 0)
        return visited_insert_zero(v, key);
    struct segment *g = visited_segment(v, hash);
    for (;;) {
        uint64_t *slot = g->slots + home(v, g, hash) * words;
        while (*slot - 1 < hash - 1) /* an empty slot wraps round and ends it */
            slot += words;
        for (; *slot == hash; slot += words)
            if (same_rest(slot, key, words))
                return PRESENT;
        uint64_t *last = g->slots + (g->total - 1) * words;
        uint64_t *empty = slot;
        while (*empty)
            empty += words;
        if (g->count < g->grow_at && empty != last) {
            memmove(slot + words, slot, (size_t)(empty - slot) * sizeof *slot);
            for (uint32_t i = 0; i < words; i++)
                slot[i] = key[i];
            g->count++;
            return INSERTED;
        }
        if (!visited_grow(v, g))
            return NO_MEMORY;
    }
}

#endif
