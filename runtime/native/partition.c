#include "partition.h"

#include <stdlib.h>

enum { TOGETHER = 64 };            /* states that come in while their places are fetched */

bool partition_init(struct partition *p, const struct program *program, uint32_t parts,
                    uint32_t own, uint64_t memory_bytes)
{
    *p = (struct partition){.program = program};
    if (!space_init(&p->space, program, memory_bytes)
        || !worker_init(&p->worker, &p->space, false)
        || !posts_init(&p->posts, parts, own, program->words))
        return false;
    p->worker.posts = &p->posts;
    p->entries = calloc((size_t)TOGETHER * entry_words(&p->space.levels), sizeof *p->entries);
    findings_conclude(&p->space.findings);
    findings_tell(&p->space.findings, p->worker.seen);
    return p->entries != NULL;
}

void partition_free(struct partition *p)
{
    worker_free(&p->worker);
    posts_free(&p->posts);
    post_clear(&p->halted);
    free(p->entries);
    space_free(&p->space);
}

static enum stop stop_of(struct partition *p)
{
    if (p->posts.lost)
        stop_for(&p->space, STOP_MEMORY);
    return (enum stop)atomic_load(&p->space.stop);
}

enum stop partition_start(struct partition *p)
{
    const struct program *program = p->program;
    struct worker *w = &p->worker;
    for (size_t i = 0; i < program->n_initial; i++) {
        memcpy(w->state, program->initial + i * program->words,
               program->words * sizeof *w->state);
        if (step_canonical(program, &w->scratch, w->state) != STEPPED
            || step_least_image(program, &w->scratch, w->state) != STEPPED) {
            stop_for(&p->space, STOP_VERSIONS);
            break;
        }
        space_entry(&p->space, w->state, p->entries);
        if (part_of(&p->posts, p->entries[0]) != p->posts.own)
            continue;
        enum stop stop = worker_visit(w, p->entries);
        if (stop != RUNNING)
            stop_for(&p->space, stop);
    }
    return stop_of(p);
}

enum stop partition_expand(struct partition *p, uint64_t chunks)
{
    p->space.levels.chunks_left = chunks;
    worker_run(&p->worker);
    return stop_of(p);
}

enum stop partition_receive(struct partition *p, const uint64_t *states, size_t n, bool halts)
{
    uint32_t words = p->program->words;
    size_t width = entry_words(&p->space.levels);
    while (n && !stopped(&p->space)) {
        size_t some = n < TOGETHER ? n : TOGETHER;
        for (size_t i = 0; i < some; i++) {
            uint64_t *entry = p->entries + i * width;
            space_entry(&p->space, states + i * words, entry);
            entry[words + 1] = halts;
            visited_prefetch(&p->space.visited, entry[0]);
        }
        for (size_t i = 0; i < some && !stopped(&p->space); i++) {
            uint64_t before = p->worker.states;
            enum stop stop = worker_visit(&p->worker, p->entries + i * width);
            if (stop != RUNNING)
                stop_for(&p->space, stop);
            else if (halts && p->worker.states != before)
                posts_add(&p->posts, &p->halted, states + i * words);
        }
        states += some * words;
        n -= some;
    }
    return stop_of(p);
}

void partition_end(struct partition *p)
{
    worker_merge(&p->worker);
}

void partition_tell(struct partition *p, const struct check_status *status)
{
    struct findings *f = &p->space.findings;
    memcpy(f->status, status, p->program->n_checks * sizeof *status);
    findings_conclude(f);
    findings_tell(f, p->worker.seen);
}

bool partition_advance(struct partition *p)
{
    post_clear(&p->halted);
    return levels_advance(&p->space.levels);
}

void partition_forget(struct partition *p)
{
    struct levels *l = &p->space.levels;
    frontier_free(&l->current, l->budget, l->words);
}
