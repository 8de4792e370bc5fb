/* States in order: chunks that are freed as soon as they are expanded. */
#ifndef MMSCN_FRONTIER_H
#define MMSCN_FRONTIER_H

#include "memory.h"

enum { CHUNK_BYTES = 1 << 13 };

struct chunk {
    struct chunk *next;
    uint32_t begin, end;   /* the states that are left, as indices */
    uint64_t data[];
};

struct frontier {
    struct chunk *head, *tail;
    uint64_t count;        /* states left */
};

static inline uint32_t chunk_states(uint32_t words)
{
    size_t fit = (CHUNK_BYTES - sizeof(struct chunk)) / (words * sizeof(uint64_t));
    return fit < 8 ? 8 : (uint32_t)fit;
}

static inline size_t chunk_bytes(uint32_t words)
{
    return sizeof(struct chunk) + chunk_states(words) * words * sizeof(uint64_t);
}

/* Room for one more state at the end, or NULL; it counts once it is added. */
uint64_t *frontier_room_slow(struct frontier *f, struct budget *budget, uint32_t words);

static inline uint64_t *frontier_room(struct frontier *f, struct budget *budget, uint32_t words)
{
    struct chunk *tail = f->tail;
    if (!tail || tail->end == chunk_states(words))
        return frontier_room_slow(f, budget, words);
    return tail->data + (size_t)words * tail->end;
}

static inline void frontier_add(struct frontier *f)
{
    f->count++;
    f->tail->end++;
}

/* Takes the first chunk out; puts one (or what is left of it) back in front. */
struct chunk *frontier_take(struct frontier *f);
void frontier_put_back(struct frontier *f, struct chunk *chunk);
void frontier_append(struct frontier *f, struct frontier *more);
/* Takes the first chunks out, with so many states or, in whole chunks, a little more. */
struct frontier frontier_split(struct frontier *f, uint64_t count);
/* Puts the states into one order, whatever it was; leaves it where memory is short. */
void frontier_sort(struct frontier *f, struct budget *budget, uint32_t words);
void frontier_free(struct frontier *f, struct budget *budget, uint32_t words);
void chunk_free(struct chunk *chunk, struct budget *budget, uint32_t words);

#endif
