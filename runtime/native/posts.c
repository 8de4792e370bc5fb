#include "posts.h"

#include <stdlib.h>
#include <string.h>

bool posts_init(struct posts *p, uint32_t parts, uint32_t own, const uint64_t *mask, uint32_t words)
{
    *p = (struct posts){.parts = parts, .own = own, .words = words};
    p->going = calloc(parts, sizeof *p->going);
    p->halted = calloc(parts, sizeof *p->halted);
    p->mask = malloc(words * sizeof *mask);
    if (p->mask)
        memcpy(p->mask, mask, words * sizeof *mask);
    return p->going && p->halted && p->mask;
}

void posts_free(struct posts *p)
{
    for (uint32_t i = 0; i < p->parts; i++) {
        if (p->going)
            post_clear(&p->going[i]);
        if (p->halted)
            post_clear(&p->halted[i]);
    }
    free(p->going);
    free(p->halted);
    free(p->mask);
    *p = (struct posts){0};
}

bool posts_add(struct posts *p, struct post *post, const uint64_t *state)
{
    if (post->n == post->max) {
        size_t max = 2 * post->max + 64;
        uint64_t *states = realloc(post->states, max * p->words * sizeof *states);
        if (!states) {
            p->lost = true;
            return false;
        }
        post->states = states;
        post->max = max;
    }
    memcpy(post->states + post->n++ * p->words, state, p->words * sizeof *state);
    return true;
}

void post_clear(struct post *post)
{
    free(post->states);
    *post = (struct post){0};
}
