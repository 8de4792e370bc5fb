#include "finals.h"

#include <stdlib.h>

enum { SLOTS_MIN = 64 };

static size_t width(const struct finals *f)
{
    return (size_t)f->words + 1;
}

/* Where the bits of a state that are wanted are, or belong. */
static uint64_t *slot(const struct finals *f, const uint64_t *state)
{
    uint64_t hash = 0x9e3779b97f4a7c15;
    for (uint32_t i = 0; i < f->words; i++)
        hash = (hash ^ (state[i] & f->mask[i])) * 0xbf58476d1ce4e5b9 ^ hash >> 29;
    for (size_t at = hash >> 7;; at++) {
        uint64_t *found = f->slots + (at & (f->size - 1)) * width(f);
        bool same = true;
        for (uint32_t i = 0; i < f->words; i++)
            same = same && found[1 + i] == (state[i] & f->mask[i]);
        if (!found[0] || same)
            return found;
    }
}

static void put(struct finals *f, const uint64_t *state)
{
    uint64_t *found = slot(f, state);
    f->n += !found[0];
    found[0] = 1;
    for (uint32_t i = 0; i < f->words; i++)
        found[1 + i] = state[i] & f->mask[i];
}

static bool grow(struct finals *f)
{
    struct finals old = *f;
    f->size = old.size ? 2 * old.size : SLOTS_MIN;
    f->slots = calloc(f->size * width(f), sizeof *f->slots);
    if (!f->slots) {
        *f = old;
        return false;
    }
    f->n = 0;
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i * width(f)])
            put(f, old.slots + i * width(f) + 1);
    free(old.slots);
    return true;
}

bool finals_add(struct finals *f, const uint64_t *state)
{
    if (f->n >= FINALS_MAX || (2 * f->n >= f->size && !grow(f)))
        return false;
    put(f, state);
    return true;
}

void finals_free(struct finals *f)
{
    free(f->slots);
}
