#include "frontier.h"

#include <stdbool.h>
#include <string.h>

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

struct frontier frontier_split(struct frontier *f, uint64_t count)
{
    struct frontier first = {0};
    while (f->head && first.count < count) {
        struct chunk *chunk = frontier_take(f);
        struct frontier one = {.head = chunk, .tail = chunk, .count = chunk->end - chunk->begin};
        frontier_append(&first, &one);
    }
    return first;
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

static bool precedes(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint32_t w = 0;
    while (w + 1 < words && a[w] == b[w])
        w++;
    return a[w] < b[w];
}

/* Two sorted runs of states, one behind the other, as one. */
static void merge_runs(uint64_t *to, const uint64_t *a, const uint64_t *b, const uint64_t *end,
                       uint32_t words)
{
    for (const uint64_t *middle = b; a < middle || b < end; to += words) {
        const uint64_t **least = b == end || (a < middle && !precedes(b, a, words)) ? &a : &b;
        memcpy(to, *least, words * sizeof *to);
        *least += words;
    }
}

/* The array that has them in order in the end. */
static uint64_t *merge_sort(uint64_t *from, uint64_t *to, size_t n, uint32_t words)
{
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t i = 0; i < n; i += 2 * run) {
            size_t middle = i + run < n ? i + run : n, end = middle + run < n ? middle + run : n;
            merge_runs(to + i * words, from + i * words, from + middle * words,
                       from + end * words, words);
        }
        uint64_t *sorted = to;
        to = from;
        from = sorted;
    }
    return from;
}

void frontier_sort(struct frontier *f, struct budget *budget, uint32_t words)
{
    size_t n = 0, bytes = (size_t)f->count * words * sizeof(uint64_t);
    uint64_t *from = budget_take(budget, bytes), *to = budget_take(budget, bytes);
    for (struct chunk *c = f->head; from && to && c; n += c->end - c->begin, c = c->next)
        memcpy(from + n * words, c->data + (size_t)c->begin * words,
               (size_t)(c->end - c->begin) * words * sizeof *from);
    const uint64_t *sorted = n ? merge_sort(from, to, n, words) : NULL;
    for (struct chunk *c = f->head; n && c; c = c->next) {
        size_t states = c->end - c->begin;
        memcpy(c->data + (size_t)c->begin * words, sorted, states * words * sizeof *sorted);
        sorted += states * words;
    }
    budget_give(budget, to, bytes);
    budget_give(budget, from, bytes);
}
