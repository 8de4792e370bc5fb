#include "owners.h"

#include <stdlib.h>

unsigned owners_bits(unsigned jobs)
{
    unsigned bits = 2;
    while (jobs > 1 && bits < 8 && 1u << bits < 16 * jobs)
        bits++;
    return bits;
}

bool owners_init(struct owners *o, unsigned bits)
{
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

bool outbox_init(struct outbox *b, const struct owners *o, unsigned jobs, bool first,
                 uint32_t words, uint32_t successors_max)
{
    /* The first thread runs alone as well, and then has the larger batches. */
    size_t entries = (size_t)(first ? BATCH : BATCH_SHARED) + successors_max + 1;
    b->n = jobs > 1 ? 1u << o->bits : 1;
    if (!(b->batches = calloc(b->n, sizeof *b->batches)))
        return false;
    for (uint32_t i = 0; i < b->n; i++)
        if (!(b->batches[i].entries = calloc(entries * (words + 2), sizeof(uint64_t))))
            return false;
    return true;
}

void outbox_free(struct outbox *b)
{
    for (uint32_t i = 0; b->batches && i < b->n; i++)
        free(b->batches[i].entries);
    free(b->batches);
}
