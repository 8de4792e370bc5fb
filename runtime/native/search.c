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
    for (unsigned i = 0; i < s->made; i++) {
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

/* As many workers as there may be; fewer, where the system has no room for them. */
static void make_workers(struct search *s)
{
    bool room = s->made > 1 || (space_divide(&s->space, s->jobs) && worker_share(&s->workers[0]));
    while (room && s->made < s->jobs) {
        struct worker *w = &s->workers[s->made];
        w->number = s->made;
        room = worker_init(w, &s->space, true) && crew_hire(&s->crew, worker_run, w);
        if (room)
            s->made++;
        else
            worker_free(w);
    }
    s->jobs = s->made;
}

static void run_threads(struct search *s)
{
    space_share(&s->space, true);
    levels_deal(&s->space.levels, s->made);
    crew_begin(&s->crew);
    worker_run(&s->workers[0]);
    crew_await(&s->crew);
    levels_gather(&s->space.levels);
    space_share(&s->space, false);
}

/* How many states can be expanded without reaching the limit on them. */
static uint64_t slice_of(const struct search *s)
{
    if (s->space.delayed)
        return UNBOUNDED; /* it is met at the end of the level */
    uint64_t states = s->space.totals.states;
    uint64_t room = s->limits.states > states ? s->limits.states - states : 0;
    return room / (s->space.program->successors_max + 1);
}

/* Whether threads may run: how many chunks they can take without reaching the limit on
 * states, and 0 where one thread is to go on from here. */
static uint64_t chunks_for_threads(const struct search *s)
{
    const struct program *p = s->space.program;
    const struct levels *l = &s->space.levels;
    uint64_t slice = slice_of(s);
    if (l->n_late || s->jobs == 1 || levels_left(l) < THREADED_MIN || slice < THREADED_MIN
        || s->space.totals.states < s->threads_from)
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

/* Which states there are at the limit on them is the same however many threads there were: they
 * put the next level into any order, and where it may not end, it gets one of its own. */
static void order_level(struct search *s)
{
    struct levels *l = &s->space.levels;
    if (s->unordered && slice_of(s) < l->current.count)
        frontier_sort(&l->current, &s->space.budget, l->words);
    s->unordered = s->unordered || l->current.count >= THREADED_MIN;
}

/* Expands the level, or until there is a reason to stop or another way to go on. */
static void run_phase(struct search *s)
{
    struct levels *l = &s->space.levels;
    l->chunks_left = chunks_for_threads(s);
    if (l->chunks_left)
        make_workers(s);
    if (l->chunks_left && s->jobs > 1) {
        run_threads(s);
        return;
    }
    visit_late(s);
    l->chunks_left = UNBOUNDED;
    worker_run(&s->workers[0]);
}

/* Out of memory: there may be room elsewhere. */
static void make_room(struct search *s)
{
    struct space *space = &s->space;
    if (space->stop == STOP_MEMORY && s->spill.disk.folder && !space->levels.lost
        && delayed_spill(&s->spill, space))
        space->stop = RUNNING;
}

/* The next level is the current one; false where there is none. */
static bool advance(struct search *s)
{
    struct space *space = &s->space;
    space->bits.expanded = space->bits.found = 0;
    uint64_t following
        = space->delayed ? delayed_following(&s->spill) : space->levels.next.count;
    if (!following)
        return false;
    if (findings_has_enough(&space->findings))
        stop_for(space, STOP_ENOUGH);
    else if (space->delayed)
        delayed_advance(&s->spill, space);
    else if (!levels_advance(&space->levels))
        stop_for(space, STOP_MEMORY);
    else if (!space->bits.table)
        order_level(s);
    return true;
}

static void merge(struct search *s)
{
    struct findings *f = &s->space.findings;
    for (unsigned i = 0; i < s->made; i++)
        worker_merge(&s->workers[i]);
    findings_conclude(f);
    for (unsigned i = 0; i < s->made; i++)
        findings_tell(f, s->workers[i].seen);
    const struct levels *l = &s->space.levels;
    if (findings_has_wanted(f) && !levels_left(l) && !l->n_late)
        stop_for(&s->space, STOP_FOUND); /* the trace needs all of the level */
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
        if (!levels_left(l) && !l->n_late && !advance(s))
            break;
        if (levels_left(l) && l->depth >= 0 && (uint64_t)l->depth >= s->limits.depth)
            stop_for(&s->space, STOP_DEPTH);
        if (!stopped(&s->space)) {
            poll_now(s);
            if (!stopped(&s->space))
                run_phase(s);
        }
        if (s->space.delayed && !levels_left(l) && !l->n_late && !stopped(&s->space))
            delayed_meet(&s->spill, &s->workers[0]);
        merge(s);
        make_room(s);
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
        uint64_t *entry = w->alone.batches->entries;
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

bool search_bits(struct search *s, uint64_t bytes)
{
    return bitstate_init(&s->space.bits, &s->space.budget, bytes);
}

bool search_spills(struct search *s, const char *folder)
{
    return spill_init(&s->spill, s->space.program, folder);
}

bool search_init(struct search *s, const struct program *p, unsigned jobs, uint64_t memory_bytes)
{
    *s = (struct search){.jobs = jobs, .limits = {UNBOUNDED, UNBOUNDED, 1e18},
                         .clock = {.pause_at = NEVER}};
    crew_init(&s->crew);
    if (!space_init(&s->space, p, memory_bytes))
        return false;
    if (!(s->workers = calloc_lines(jobs, sizeof *s->workers)))
        return false;
    if (!worker_init(&s->workers[0], &s->space, false))
        return false;
    s->made = 1;
    s->workers[0].poll = poll_now;
    s->workers[0].context = s;
    return true;
}

void search_free(struct search *s)
{
    crew_free(&s->crew);
    for (unsigned i = 0; i < s->made; i++)
        worker_free(&s->workers[i]);
    free(s->workers);
    spill_free(&s->spill);
    space_free(&s->space);
}
