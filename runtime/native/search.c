#include "search.h"

#include <stdlib.h>
#include <time.h>

enum { THREADED_MIN = 1 << 13 };
#define POLL_S 0.05

double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double search_seconds(const struct search *s)
{
    return s->clock.before + clock_s() - s->clock.started;
}

/* ---- the outside world ---- */

static struct progress progress_of(struct search *s)
{
    const struct totals *t = &s->space.totals;
    uint64_t new_states = 0;
    struct progress progress = {.transitions = t->transitions, .depth = t->deepest};
    for (unsigned i = 0; i < s->jobs; i++) {
        new_states += atomic_load_explicit(&s->workers[i].states, memory_order_relaxed);
        progress.transitions
            += atomic_load_explicit(&s->workers[i].transitions, memory_order_relaxed);
    }
    progress.states = t->states + new_states;
    progress.frontier = levels_ahead(&s->space.levels) + new_states;
    return progress;
}

static void poll_now(void *context)
{
    struct search *s = context;
    double now = clock_s();
    if (now - s->clock.started >= s->limits.time_s)
        stop_for(&s->space, STOP_TIME);
    if (now >= s->clock.next_poll) {
        struct progress progress = progress_of(s);
        enum stop stop = s->poll ? s->poll(s->context, &progress) : RUNNING;
        if (stop != RUNNING)
            stop_for(&s->space, stop);
        s->clock.next_poll = clock_s() + POLL_S;
    }
    if (now >= s->clock.pause_at)
        stop_for(&s->space, STOP_PAUSE);
}

/* ---- phases and levels ---- */

static void run_threads(struct search *s)
{
    unsigned made = 0;
    space_share(&s->space, true);
    while (made + 1 < s->jobs) {
        struct worker *w = &s->workers[made + 1];
        if (pthread_create(&w->thread, NULL, worker_run, w) != 0)
            break;
        made++;
    }
    worker_run(&s->workers[0]);
    for (unsigned i = 1; i <= made; i++)
        pthread_join(s->workers[i].thread, NULL);
    space_share(&s->space, false);
}

/* Whether threads may run: how many chunks they can take without reaching the limit on
 * states, and 0 where one thread is to go on from here. */
static uint64_t chunks_for_threads(const struct search *s)
{
    const struct program *p = s->space.program;
    const struct levels *l = &s->space.levels;
    uint64_t states = s->space.totals.states;
    uint64_t room = s->limits.states > states ? s->limits.states - states : 0;
    uint64_t slice = room / (p->successors_max + 1);
    if (l->n_late || s->jobs == 1 || l->current.count < THREADED_MIN || slice < THREADED_MIN)
        return 0;
    uint64_t chunks = slice / chunk_states(p->words);
    return chunks >= s->jobs ? chunks : 0;
}

static void visit_late(struct search *s)
{
    struct levels *l = &s->space.levels;
    size_t i = 0;
    while (i < l->n_late && !stopped(&s->space)) {
        enum stop stop = worker_visit(&s->workers[0], l->late + i * entry_words(l));
        if (stop != RUNNING)
            stop_for(&s->space, stop);
        else
            i++;
    }
    levels_delivered(l, i);
}

/* Expands the level, or until there is a reason to stop or another way to go on. */
static void run_phase(struct search *s)
{
    struct levels *l = &s->space.levels;
    l->chunks_left = chunks_for_threads(s);
    if (l->chunks_left) {
        run_threads(s);
        return;
    }
    visit_late(s);
    l->chunks_left = UNBOUNDED;
    worker_run(&s->workers[0]);
}

static void merge(struct search *s)
{
    struct findings *f = &s->space.findings;
    for (unsigned i = 0; i < s->jobs; i++)
        worker_merge(&s->workers[i]);
    findings_conclude(f);
    for (unsigned i = 0; i < s->jobs; i++)
        findings_tell(f, s->workers[i].seen);
    if (findings_has_wanted(f))
        stop_for(&s->space, STOP_FOUND);
}

void search_for(struct search *s, int64_t check)
{
    s->space.findings.wanted = check;
    s->space.levels.keep = true;
    s->space.skip_overflow = true;
}

void search_finals(struct search *s, const uint64_t *mask)
{
    for (unsigned i = 0; i < s->jobs; i++)
        s->workers[i].finals = (struct finals){.mask = mask, .words = s->space.program->words};
}

void search_begin(struct search *s)
{
    s->clock.started = clock_s();
    s->clock.next_poll = s->clock.started + POLL_S;
    s->space.states_max = s->limits.states;
    merge(s);
}

enum stop search_run(struct search *s)
{
    struct levels *l = &s->space.levels;
    int pause = STOP_PAUSE;
    atomic_compare_exchange_strong(&s->space.stop, &pause, RUNNING);
    while (!stopped(&s->space)) {
        if (!l->current.count && !l->n_late) {
            if (!l->next.count)
                break;
            if (findings_has_enough(&s->space.findings))
                stop_for(&s->space, STOP_ENOUGH);
            else if (!levels_advance(l))
                stop_for(&s->space, STOP_MEMORY);
        }
        if (l->current.count && l->depth >= 0 && (uint64_t)l->depth >= s->limits.depth)
            stop_for(&s->space, STOP_DEPTH);
        if (!stopped(&s->space)) {
            poll_now(s);
            if (!stopped(&s->space))
                run_phase(s);
        }
        merge(s);
    }
    return (enum stop)s->space.stop;
}

/* ---- begin and end ---- */

bool search_start(struct search *s)
{
    struct space *space = &s->space;
    const struct program *p = space->program;
    struct worker *w = &s->workers[0];
    for (size_t i = 0; i < p->n_initial; i++) {
        uint64_t *entry = w->outbox.batches->entries;
        memcpy(w->state, p->initial + i * p->words, p->words * sizeof *entry);
        if (step_canonical(p, &w->scratch, w->state) != STEPPED
            || step_least_image(p, &w->scratch, w->state) != STEPPED) {
            stop_for(space, STOP_VERSIONS);
            return true;
        }
        space_entry(space, w->state, entry);
        if (!levels_postpone(&space->levels, entry))
            return false;
    }
    return true;
}

bool search_init(struct search *s, const struct program *p, unsigned jobs, uint64_t memory_bytes)
{
    *s = (struct search){.jobs = jobs, .limits = {UNBOUNDED, UNBOUNDED, 1e18},
                         .clock = {.pause_at = NEVER}};
    if (!space_init(&s->space, p, owners_bits(jobs), memory_bytes))
        return false;
    if (!(s->workers = calloc_lines(jobs, sizeof *s->workers)))
        return false;
    for (unsigned i = 0; i < jobs; i++)
        if (!worker_init(&s->workers[i], &s->space, jobs, i == 0))
            return false;
    s->workers[0].poll = poll_now;
    s->workers[0].context = s;
    return true;
}

void search_free(struct search *s)
{
    for (unsigned i = 0; s->workers && i < s->jobs; i++)
        worker_free(&s->workers[i]);
    free(s->workers);
    space_free(&s->space);
}
