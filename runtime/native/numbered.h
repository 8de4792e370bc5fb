/* Sequences of words that are numbered as they are met, and arrays that grow within a budget. */
#ifndef MMSCN_NUMBERED_H
#define MMSCN_NUMBERED_H

#include "memory.h"

#include <stdbool.h>

#define NO_NUMBER UINT32_MAX

/* words: of each. budget: set by who makes it, like `words`; the rest starts as zeros. */
struct numbered {
    struct budget *budget;
    uint32_t words;
    uint64_t *keys;
    uint32_t *slots;
    uint64_t n, room, size;
};

/* The number of a sequence; NO_NUMBER where it has none. */
uint32_t numbered_find(const struct numbered *k, const uint64_t *key);
/* The number of a sequence, which may get one; NO_NUMBER without memory. */
uint32_t numbered_add(struct numbered *k, const uint64_t *key);
void numbered_free(struct numbered *k);

/* Room for number `n` in an array of `*room` things of some size; `array` is the pointer's address. */
bool array_grow(struct budget *budget, void *array, uint64_t *room, uint64_t n, size_t size);

#endif
