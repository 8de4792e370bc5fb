#include "bitstate.h"

static double chance(const struct bitstate *b)
{
    double share = (double)b->set / (double)b->bits;
    return share * share * share;
}

bool bitstate_init(struct bitstate *b, struct budget *budget, uint64_t bytes)
{
    uint64_t words = bytes / sizeof *b->table;
    *b = (struct bitstate){.bits = 64 * words};
    b->table = words ? budget_take(budget, words * sizeof *b->table) : NULL;
    return b->table != NULL;
}

void bitstate_free(struct bitstate *b, struct budget *budget)
{
    budget_give(budget, b->table, b->bits / 8);
    b->table = NULL;
}

void bitstate_add(struct bitstate *b, uint64_t hash)
{
    double f = chance(b);
    b->taken += f / (1 - f);
    for (uint32_t i = 0; i < BITSTATE_HASHES; i++) {
        uint64_t place = bitstate_place(b, hash, i), bit = UINT64_C(1) << place % 64;
        b->set += !(b->table[place / 64] & bit);
        b->table[place / 64] |= bit;
    }
}
