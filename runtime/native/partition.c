#include "partition.h"

bool partition_init(struct partition *p, const struct program *program, uint32_t parts,
                    uint32_t own, const uint64_t *mask, uint64_t memory_bytes, bool tracing)
{
    *p = (struct partition){.program = program};
    if (!space_init(&p->space, program, memory_bytes)
        || !worker_init(&p->worker, &p->space, false)
        || !posts_init(&p->posts, parts, own, mask, program->words))
        return false;
    p->worker.posts = &p->posts;
    p->space.skip_overflow = tracing;
    findings_conclude(&p->space.findings);
    findings_tell(&p->space.findings, p->worker.seen);
    return true;
}

void partition_free(struct partition *p)
{
    worker_free(&p->worker);
    posts_free(&p->posts);
    post_clear(&p->halted);
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
        if (part_of(&p->posts, w->state) == p->posts.own)
            partition_receive(p, w->state, 1, false);
    }
    return stop_of(p);
}

enum stop partition_expand(struct partition *p, uint64_t chunks)
{
    struct post *own = &p->posts.halted[p->posts.own];
    p->space.levels.chunks_left = chunks;
    worker_run(&p->worker);
    partition_receive(p, own->states, own->n, true);
    post_clear(own);
    return stop_of(p);
}

enum stop partition_receive(struct partition *p, const uint64_t *states, size_t n, bool halts)
{
    uint32_t words = p->program->words;
    size_t width = entry_words(&p->space.levels);
    struct batch *b = p->worker.alone.batches;
    /* What halts is rare, and is looked at one by one: it is kept where it is new. */
    size_t most = halts ? 1 : BATCH;
    while (n && !stopped(&p->space)) {
        size_t some = n < most ? n : most;
        uint64_t before = p->worker.states;
        for (size_t i = 0; i < some; i++) {
            uint64_t *entry = b->entries + i * width;
            space_entry(&p->space, states + i * words, entry);
            entry[words + 1] = halts;
            visited_prefetch(&p->space.visited, entry[0]);
        }
        b->n = (uint32_t)some;
        worker_deliver(&p->worker);
        if (halts && p->worker.states != before)
            posts_add(&p->posts, &p->halted, states);
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
    findings_add(f, status);
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
