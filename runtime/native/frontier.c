#include "frontier.h"

uint64_t *frontier_room_slow(struct frontier *f, struct budget *budget, uint32_t words)
{
    struct chunk *chunk = budget_take(budget, chunk_bytes(words));
    if (!chunk)
        return NULL;
    if (f->tail)
        f->tail->next = chunk;
    else
        f->head = chunk;
    f->tail = chunk;
    return chunk->data;
}

struct chunk *frontier_take(struct frontier *f)
{
    struct chunk *chunk = f->head;
    if (!chunk)
        return NULL;
    f->head = chunk->next;
    if (!f->head)
        f->tail = NULL;
    chunk->next = NULL;
    f->count -= chunk->end - chunk->begin;
    return chunk;
}

void frontier_put_back(struct frontier *f, struct chunk *chunk)
{
    chunk->next = f->head;
    f->head = chunk;
    if (!f->tail)
        f->tail = chunk;
    f->count += chunk->end - chunk->begin;
}

void frontier_append(struct frontier *f, struct frontier *more)
{
    if (!more->head)
        return;
    if (f->tail)
        f->tail->next = more->head;
    else
        f->head = more->head;
    f->tail = more->tail;
    f->count += more->count;
    *more = (struct frontier){0};
}

void chunk_free(struct chunk *chunk, struct budget *budget, uint32_t words)
{
    budget_give(budget, chunk, chunk_bytes(words));
}

void frontier_free(struct frontier *f, struct budget *budget, uint32_t words)
{
    struct chunk *chunk;
    while ((chunk = frontier_take(f)))
        chunk_free(chunk, budget, words);
}
