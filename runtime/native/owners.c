#include "owners.h"

#include <stdlib.h>

bool owners_init(struct owners *o, unsigned jobs)
{
    unsigned bits = 2;
    while (bits < 8 && 1u << bits < 2 * jobs)
        bits++;
    *o = (struct owners){.bits = bits};
    o->locks = calloc_lines((size_t)1 << bits, sizeof *o->locks);
    for (unsigned i = 0; o->locks && i < 1u << bits; i++)
        pthread_mutex_init(&o->locks[i].mutex, NULL);
    return o->locks != NULL;
}

void owners_free(struct owners *o)
{
    for (unsigned i = 0; o->locks && i < 1u << o->bits; i++)
        pthread_mutex_destroy(&o->locks[i].mutex);
    free(o->locks);
}

bool outbox_init(struct outbox *b, uint32_t batches, uint32_t words, uint32_t successors_max)
{
    size_t width = (size_t)words + 2, most = BATCH;
    if (batches > 1)
        most = BATCH_BYTES / (width * sizeof(uint64_t));
    if (most < 2 * BATCH_SHARED)
        most = 2 * BATCH_SHARED;
    size_t entries = most + successors_max + 1;
    *b = (struct outbox){.n = batches, .most = (uint32_t)most};
    b->batches = calloc_lines(batches, sizeof *b->batches);
    /* Most of it is never touched. */
    b->memory = malloc(batches * entries * width * sizeof *b->memory);
    if (!b->batches || !b->memory)
        return false;
    for (uint32_t i = 0; i < batches; i++)
        b->batches[i] = (struct batch){.entries = b->memory + i * entries * width,
                                       .due = batches > 1 ? BATCH_SHARED : BATCH};
    return true;
}

void outbox_free(struct outbox *b)
{
    free(b->batches);
    free(b->memory);
    *b = (struct outbox){0};
}
