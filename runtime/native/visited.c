#include "visited.h"

#include <stdlib.h>

/* The slots of a segment, and behind them what a load of the last one reads. */
static size_t segment_bytes(const struct segment *g)
{
    return (((size_t)1 << g->home_bits) + SLACK) * g->bytes + sizeof(uint128);
}

/* A segment is full at 13/16: beyond that the rows of occupied slots get long. */
static uint64_t full(uint32_t home_bits)
{
    return (UINT64_C(13) << home_bits) >> 4;
}

static bool segment_make(struct visited *v, struct segment *g, uint32_t home_bits)
{
    *g = (struct segment){.home_bits = home_bits, .grow_at = full(home_bits),
                          .rank_shift = v->rest_shift + 64 - v->hash_shift - v->bits - home_bits};
    g->width = (g->rank_shift + RANK_BITS + 7) / 8 * 8;
    g->bytes = g->width / 8;
    if (v->words > 2) {
        g->width = 8 * sizeof(uint128);
        g->bytes = (uint32_t)(sizeof(uint128) + (v->words - 2) * sizeof(uint64_t));
    }
    return home_bits < 32 && (g->slots = budget_take(v->budget, segment_bytes(g)));
}

/* The bits that a state may use: what programs make of fields, and never more. */
static uint64_t used_bits(const struct program *p, uint32_t word)
{
    uint64_t used = 0;
    for (size_t i = 0; i < p->n_fields; i++)
        if (p->fields[i].word == word)
            used |= p->fields[i].mask << p->fields[i].shift;
    return used;
}

static uint32_t bit_length(uint64_t x)
{
    return x ? 64 - (uint32_t)__builtin_clzll(x) : 0;
}

bool visited_init(struct visited *v, struct budget *budget, const struct program *p, unsigned bits)
{
    uint32_t hash_bits = bit_length(used_bits(p, 0)), second_bits = 0;
    if (hash_bits < HASH_BITS_MIN)
        hash_bits = HASH_BITS_MIN;
    if (p->words > 1)
        second_bits = bit_length(used_bits(p, 1));
    *v = (struct visited){.budget = budget, .bits = bits, .words = p->words,
                          .hash_shift = 64 - hash_bits, .half = hash_bits / 2,
                          .hash_mask = UINT64_MAX << (64 - hash_bits),
                          .second_mask = second_bits ? UINT64_MAX >> (64 - second_bits) : 0,
                          .rest_shift = SECOND_SHIFT + second_bits};
    if (!(v->segments = calloc_lines((size_t)1 << bits, sizeof *v->segments)))
        return false;
    for (unsigned i = 0; i < 1u << bits; i++)
        if (!segment_make(v, &v->segments[i], HOME_BITS_MIN))
            return false;
    return true;
}

void visited_free(struct visited *v)
{
    if (v->segments)
        for (unsigned i = 0; i < 1u << v->bits; i++)
            budget_give(v->budget, v->segments[i].slots, segment_bytes(&v->segments[i]));
    free(v->segments);
    v->segments = NULL;
}

uint64_t visited_count(const struct visited *v)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < 1u << v->bits; i++)
        count += v->segments[i].count;
    return count;
}

static bool is_narrow(const struct visited *v, const struct segment *g)
{
    return g->width <= 64 && v->words <= 2;
}

bool visited_next(const struct visited *v, unsigned segment, uint64_t *slot, uint64_t *key,
                  bool *halted)
{
    const struct segment *g = &v->segments[segment];
    return is_narrow(v, g) ? narrow_next(v, g, slot, key, halted)
                           : wide_next(v, g, slot, key, halted);
}

static bool append(const struct visited *v, struct segment *g, uint64_t *cursor,
                   const uint64_t *key, bool halted)
{
    return is_narrow(v, g) ? narrow_append(v, g, cursor, key, halted)
                           : wide_append(v, g, cursor, key, halted);
}

bool visited_grow(struct visited *v, struct segment *g)
{
    uint64_t *key = v->words <= 2 ? (uint64_t[2]){0} : malloc(v->words * sizeof *key);
    bool halted, grown = false, room = key != NULL;
    for (uint32_t home_bits = g->home_bits + 1; room && !grown; home_bits++) {
        struct segment larger;
        if (!(room = segment_make(v, &larger, home_bits)))
            break;
        uint64_t cursor = 0, slot = 0;
        grown = true;
        while (grown && visited_next(v, (unsigned)(g - v->segments), &slot, key, &halted))
            grown = append(v, &larger, &cursor, key, halted);
        struct segment old = grown ? *g : larger;
        if (grown)
            *g = larger;
        budget_give(v->budget, old.slots, segment_bytes(&old));
    }
    if (v->words > 2)
        free(key);
    return grown;
}

void visited_expect(struct visited *v, uint64_t count)
{
    bool room = true;
    for (unsigned i = 0; room && i < 1u << v->bits; i++)
        while (room && full(v->segments[i].home_bits) < count >> v->bits)
            room = visited_grow(v, &v->segments[i]);
}

bool visited_reserve(struct visited *v, unsigned segment, uint64_t count)
{
    struct segment *g = &v->segments[segment];
    uint32_t home_bits = HOME_BITS_MIN;
    while (full(home_bits) < count)
        home_bits++;
    budget_give(v->budget, g->slots, segment_bytes(g));
    return segment_make(v, g, home_bits);
}

bool visited_append(struct visited *v, uint64_t *cursor, const uint64_t *key)
{
    if (*cursor != UINT64_MAX && append(v, visited_segment(v, key[0]), cursor, key, false))
        return true;
    *cursor = UINT64_MAX; /* too far from home, as good as never: go on without */
    return visited_insert(v, key, false, v->words) == INSERTED;
}

bool visited_clear(struct visited *v)
{
    bool made = true;
    for (unsigned i = 0; i < 1u << v->bits; i++) {
        struct segment *g = &v->segments[i];
        budget_give(v->budget, g->slots, segment_bytes(g));
        made = segment_make(v, g, HOME_BITS_MIN) && made;
    }
    return made;
}

/* What undoes a multiplication with an odd number, by Newton's method. */
static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd; /* right in three bits, and in twice as many each time */
    for (int i = 0; i < 5; i++)
        x *= 2 - odd * x;
    return x;
}

/* What undoes x ^= x >> half, of the bits in the mask: half of them or more at first. */
static uint64_t unshift(const struct visited *v, uint64_t y)
{
    uint64_t x = y;
    for (int i = 0; i < 2; i++)
        x = y ^ (x >> v->half & v->hash_mask);
    return x;
}

void visited_state(const struct visited *v, const uint64_t *key, uint64_t *state)
{
    uint64_t x = unshift(v, key[0] * inverse(HASH_SECOND));
    x = unshift(v, x * inverse(HASH_FIRST)) >> v->hash_shift;
    memcpy(state, key, v->words * sizeof *state);
    state[0] = (x ^ visited_others(state, v->words)) & UINT64_MAX >> v->hash_shift;
}

/* All keys, in order, into segments that are empty. */
static bool move(const struct visited *from, struct visited *to, uint64_t *key)
{
    const struct segment *segment = NULL;
    uint64_t cursor = 0;
    bool halted, moved = true;
    for (unsigned i = 0; moved && i < 1u << from->bits; i++)
        for (uint64_t slot = 0; moved && visited_next(from, i, &slot, key, &halted);) {
            if (segment != visited_segment(to, key[0]))
                cursor = 0;
            segment = visited_segment(to, key[0]);
            moved = visited_append(to, &cursor, key) && (!halted || visited_halt(to, key));
        }
    return moved;
}

bool visited_divide(struct visited *v, unsigned bits)
{
    struct visited divided = *v;
    uint64_t each = visited_count(v) >> bits, *key = calloc(v->words, sizeof *key);
    uint32_t home_bits = HOME_BITS_MIN;
    while (full(home_bits) < each)
        home_bits++;
    divided.bits = bits;
    divided.segments = calloc_lines((size_t)1 << bits, sizeof *divided.segments);
    bool done = key && divided.segments;
    for (unsigned i = 0; done && i < 1u << bits; i++)
        done = segment_make(&divided, &divided.segments[i], home_bits);
    done = done && move(v, &divided, key);
    struct visited old = done ? *v : divided;
    if (done)
        *v = divided;
    visited_free(&old);
    free(key);
    return done;
}

/* The slot of a key, or NULL. */
static unsigned char *find(const struct visited *v, const uint64_t *key)
{
    const struct segment *g = visited_segment(v, key[0]);
    uint128 entry, raw, mask = ~(uint128)0 >> (128 - g->width);
    unsigned char *slot = wide_find(v, g, key, v->words, &entry, &raw);
    return (raw ^ entry) & mask & ~(uint128)HALTED ? NULL : slot;
}

bool visited_contains(const struct visited *v, const uint64_t *key)
{
    return find(v, key) != NULL;
}

bool visited_halt(struct visited *v, const uint64_t *key)
{
    unsigned char *slot = find(v, key);
    if (slot)
        *slot |= HALTED;
    return slot != NULL;
}
