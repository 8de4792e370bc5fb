#include "program.h"

#include <stdlib.h>

struct block { struct block *next; uint64_t data[]; };

void *program_allot(struct program *p, size_t n, size_t size)
{
    size_t bytes = n * size + 1;
    if (size && n > (SIZE_MAX / 4) / size)
        return NULL;
    struct block *block = calloc(1, sizeof *block + bytes);
    if (!block)
        return NULL;
    block->next = p->blocks;
    p->blocks = block;
    return block->data;
}

void program_free(struct program *program)
{
    if (!program)
        return;
    for (struct block *block = program->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(program);
}
