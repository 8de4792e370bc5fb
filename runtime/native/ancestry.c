#include "ancestry.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MIN = 8 };

static bool level_grow(struct ancestry *a, struct parents *p, uint64_t bits)
{
    uint64_t words = p->words ? p->words : WORDS_MIN;
    while (64 * words < bits)
        words *= 2;
    if (words == p->words)
        return true;
    uint64_t *larger = budget_take(a->budget, words * sizeof *larger);
    if (!larger)
        return false;
    if (p->bits)
        memcpy(larger, p->bits, p->words * sizeof *larger);
    budget_give(a->budget, p->bits, p->words * sizeof *larger);
    p->bits = larger;
    p->words = words;
    return true;
}

bool ancestry_add(struct ancestry *a, uint64_t depth, uint64_t parent)
{
    if (depth >= a->max) {
        size_t max = 2 * (size_t)depth + 16;
        struct parents *levels = realloc(a->levels, max * sizeof *levels);
        if (!levels)
            return false;
        memset(levels + a->max, 0, (max - a->max) * sizeof *levels);
        a->levels = levels;
        a->max = max;
    }
    struct parents *p = &a->levels[depth];
    uint64_t end = p->n + (parent - p->last) + 1;
    if (!level_grow(a, p, end))
        return false;
    p->bits[(end - 1) / 64] |= UINT64_C(1) << (end - 1) % 64;
    p->n = end;
    p->last = parent;
    return true;
}

uint64_t ancestry_parent(const struct ancestry *a, uint64_t depth, uint64_t place)
{
    const uint64_t *bits = a->levels[depth].bits;
    uint64_t left = place, word = 0, ones;
    while ((ones = (uint64_t)__builtin_popcountll(bits[word])) <= left) {
        left -= ones;
        word++;
    }
    uint64_t rest = bits[word];
    for (; left; left--)
        rest &= rest - 1;
    return 64 * word + (uint64_t)__builtin_ctzll(rest) - place;
}

void ancestry_free(struct ancestry *a)
{
    for (size_t i = 0; i < a->max; i++)
        budget_give(a->budget, a->levels[i].bits, a->levels[i].words * sizeof *a->levels->bits);
    free(a->levels);
    a->levels = NULL;
    a->max = 0;
}
