#include "numbered.h"

#include <string.h>

enum { ROOM_MIN = 64 };

bool array_grow(struct budget *budget, void *array, uint64_t *room, uint64_t n, size_t size)
{
    void *old;
    if (n < *room)
        return true;
    uint64_t more = *room ? 2 * *room : ROOM_MIN;
    void *memory = budget_take(budget, more * size);
    if (!memory)
        return false;
    memcpy(&old, array, sizeof old);
    if (old)
        memcpy(memory, old, *room * size);
    budget_give(budget, old, *room * size);
    memcpy(array, &memory, sizeof memory);
    *room = more;
    return true;
}

static uint64_t hash_of(const struct numbered *k, const uint64_t *key)
{
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);
    for (uint32_t i = 0; i < k->words; i++) {
        hash = (hash ^ key[i]) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 29;
    }
    return hash;
}

/* The slot with the key, or where it belongs. Slots have numbers and 1. */
static uint32_t *slot_of(const struct numbered *k, const uint64_t *key)
{
    for (uint64_t at = hash_of(k, key);; at++) {
        uint32_t *slot = &k->slots[at & (k->size - 1)];
        if (!*slot || memcmp(k->keys + (size_t)(*slot - 1) * k->words, key,
                             k->words * sizeof *key) == 0)
            return slot;
    }
}

uint32_t numbered_find(const struct numbered *k, const uint64_t *key)
{
    return k->size ? *slot_of(k, key) - 1 : NO_NUMBER;
}

static bool enlarge(struct numbered *k)
{
    uint64_t size = k->size ? 2 * k->size : 2 * ROOM_MIN;
    uint32_t *old = k->slots;
    k->slots = budget_take(k->budget, size * sizeof *k->slots);
    if (!k->slots) {
        k->slots = old;
        return false;
    }
    budget_give(k->budget, old, k->size * sizeof *old);
    k->size = size;
    for (uint64_t i = 0; i < k->n; i++)
        *slot_of(k, k->keys + i * k->words) = (uint32_t)i + 1;
    return true;
}

uint32_t numbered_add(struct numbered *k, const uint64_t *key)
{
    uint32_t found = numbered_find(k, key);
    if (found != NO_NUMBER)
        return found;
    if (k->n >= NO_NUMBER - 1 || (3 * k->n >= 2 * k->size && !enlarge(k))
        || !array_grow(k->budget, &k->keys, &k->room, k->n, k->words * sizeof *key))
        return NO_NUMBER;
    memcpy(k->keys + k->n * k->words, key, k->words * sizeof *key);
    *slot_of(k, key) = (uint32_t)++k->n;
    return (uint32_t)k->n - 1;
}

void numbered_free(struct numbered *k)
{
    budget_give(k->budget, k->keys, k->room * k->words * sizeof *k->keys);
    budget_give(k->budget, k->slots, k->size * sizeof *k->slots);
}
