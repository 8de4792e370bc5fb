#include "levels.h"

#include <stdlib.h>
#include <string.h>

static void enter(struct levels *l)
{
    if (l->shared)
        pthread_mutex_lock(&l->lock);
}

static void leave(struct levels *l)
{
    if (l->shared)
        pthread_mutex_unlock(&l->lock);
}

void levels_init(struct levels *l, struct budget *budget, uint32_t words)
{
    *l = (struct levels){.budget = budget, .words = words, .depth = -1};
    pthread_mutex_init(&l->lock, NULL);
}

void levels_free(struct levels *l)
{
    for (size_t i = 0; i < l->n_kept; i++)
        frontier_free(&l->kept[i], l->budget, l->words);
    free(l->kept);
    free(l->shares);
    frontier_free(&l->current, l->budget, l->words);
    frontier_free(&l->next, l->budget, l->words);
    free(l->late);
    pthread_mutex_destroy(&l->lock);
}

/* A chunk of what is elsewhere. */
static struct chunk *bring(struct levels *l)
{
    struct chunk *chunk = budget_take(l->budget, chunk_bytes(l->words));
    uint64_t n = chunk ? l->more(l->context, chunk->data, chunk_states(l->words)) : 0;
    l->starved = n == 0;
    if (n) {
        chunk->end = (uint32_t)n;
        l->left -= n;
        return chunk;
    }
    if (chunk)
        chunk_free(chunk, l->budget, l->words);
    return NULL;
}

void levels_deal(struct levels *l, unsigned threads)
{
    if (!l->shares)
        l->shares = calloc(threads, sizeof *l->shares);
    if (!l->shares)
        return;
    uint64_t each = l->current.count / threads;
    for (l->n_shares = 0; l->n_shares < threads - 1; l->n_shares++)
        l->shares[l->n_shares] = frontier_split(&l->current, each);
    l->shares[l->n_shares++] = l->current;
    l->current = (struct frontier){0};
}

void levels_gather(struct levels *l)
{
    for (unsigned i = 0; i < l->n_shares; i++)
        frontier_append(&l->current, &l->shares[i]);
    l->n_shares = 0;
}

static struct chunk *take(struct levels *l, unsigned thread)
{
    struct chunk *chunk = frontier_take(&l->current);
    for (unsigned i = 0; !chunk && i < l->n_shares; i++)
        chunk = frontier_take(&l->shares[(thread + i) % l->n_shares]);
    return chunk;
}

struct chunk *levels_take(struct levels *l, unsigned thread)
{
    enter(l);
    struct chunk *chunk = l->chunks_left ? take(l, thread) : NULL;
    if (!chunk && l->chunks_left && l->left)
        chunk = bring(l);
    l->chunks_left -= chunk != NULL;
    leave(l);
    return chunk;
}

bool levels_starved(struct levels *l)
{
    enter(l);
    bool starved = l->starved;
    leave(l);
    return starved;
}

void levels_give(struct levels *l, struct chunk *chunk)
{
    bool done = chunk->begin == chunk->end;
    if (done && !l->keep) {
        chunk_free(chunk, l->budget, l->words);
        return;
    }
    enter(l);
    if (done) {
        chunk->begin = 0;
        struct frontier kept = {.head = chunk, .tail = chunk, .count = chunk->end};
        frontier_append(&l->kept[l->depth], &kept);
    } else {
        frontier_put_back(&l->current, chunk);
    }
    leave(l);
}

uint64_t levels_ahead(struct levels *l)
{
    enter(l);
    uint64_t n = levels_left(l) + l->next.count;
    for (unsigned i = 0; i < l->n_shares; i++)
        n += l->shares[i].count;
    leave(l);
    return n;
}

void levels_add(struct levels *l, struct frontier *found)
{
    frontier_append(&l->next, found);
}

bool levels_advance(struct levels *l)
{
    l->depth++;
    frontier_free(&l->current, l->budget, l->words); /* a chunk that nothing came into */
    l->current = l->next;
    l->next = (struct frontier){0};
    if (!l->keep)
        return true;
    if (l->n_kept == l->kept_max) {
        size_t max = 2 * l->kept_max + 16;
        struct frontier *kept = realloc(l->kept, max * sizeof *kept);
        if (!kept)
            return false;
        l->kept = kept;
        l->kept_max = max;
    }
    l->kept[l->n_kept++] = (struct frontier){0};
    return true;
}

bool levels_postpone(struct levels *l, const uint64_t *entry)
{
    size_t width = entry_words(l);
    if (l->n_late == l->late_max) {
        size_t max = 2 * l->late_max + 16;
        uint64_t *late = realloc(l->late, max * width * sizeof *late);
        if (!late) {
            l->lost = true;
            return false;
        }
        l->late = late;
        l->late_max = max;
    }
    memcpy(l->late + l->n_late++ * width, entry, width * sizeof *entry);
    return true;
}

void levels_delivered(struct levels *l, size_t n)
{
    size_t width = entry_words(l);
    l->n_late -= n;
    if (n && l->n_late)
        memmove(l->late, l->late + n * width, l->n_late * width * sizeof *l->late);
}
