#include "search.h"

#include <stdlib.h>
#include <time.h>

enum { POLL_STATES = 256, THREADED_MIN = 1 << 13 };
#define POLL_S 0.05

double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The first reason to stop is the one that counts. */
static void stop_for(struct search *s, enum stop reason)
{
    int running = RUNNING;
    atomic_compare_exchange_strong(&s->stop, &running, reason);
}

static bool stopped(struct search *s)
{
    return atomic_load_explicit(&s->stop, memory_order_relaxed) != RUNNING;
}

/* Counters that only their thread writes and any may read. */
static inline void count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

/* ---- new states ---- */

static void ask(struct worker *w, const uint64_t *state)
{
    const struct program *p = w->search->program;
    bool quiescent = step_matches(p, p->quiescent, state);
    w->quiescent += quiescent;
    for (size_t c = 0; c < p->n_checks; c++) {
        const struct check *check = &p->checks[c];
        if (w->seen[c] == (SEEN_BAD | SEEN_COVERED) || check->kind == STEP
            || check->kind == DEADLOCK || (check->kind == FINALLY && !quiescent))
            continue;
        if (!(w->seen[c] & SEEN_BAD) && step_matches(p, check->bad, state))
            w->seen[c] |= SEEN_BAD;
        if (!(w->seen[c] & SEEN_COVERED) && step_matches(p, check->covered, state))
            w->seen[c] |= SEEN_COVERED;
    }
}

/* Visits one successor; the reason to stop, in which case it has not been visited. */
static ALWAYS_INLINE enum stop visit(struct worker *w, const uint64_t *entry, uint32_t words)
{
    struct search *s = w->search;
    bool halts = entry[words + 1] != 0;
    if (!s->threaded && s->states + w->states >= s->limits.states
        && !visited_contains(&s->visited, entry))
        return STOP_STATES;
    uint64_t *slot = halts ? w->state : frontier_room(&w->next, &s->budget, words);
    enum insertion insertion
        = slot ? visited_insert(&s->visited, entry, halts, words) : NO_MEMORY;
    if (insertion == PRESENT)
        return RUNNING;
    if (insertion == NO_MEMORY)
        return STOP_MEMORY;
    slot[0] = entry[words];
    for (uint32_t i = 1; i < words; i++)
        slot[i] = entry[i];
    if (!halts)
        frontier_add(&w->next);
    if (insertion == REVIVED)
        return RUNNING;
    count(&w->states, 1);
    ask(w, slot);
    return RUNNING;
}

static ALWAYS_INLINE void flush_words(struct worker *w, struct queue *q, uint32_t words)
{
    struct search *s = w->search;
    pthread_mutex_t *lock = NULL;
    const uint64_t *entry = q->entries + (size_t)q->begin * (words + 2);
    if (s->threaded) {
        lock = &s->segment_locks[q - w->queues].mutex;
        pthread_mutex_lock(lock);
        for (uint32_t i = q->begin; i < q->n; i++)
            visited_prefetch(&s->visited, entry[(size_t)(i - q->begin) * (words + 2)]);
    }
    for (; q->begin < q->n; q->begin++, entry += words + 2) {
        enum stop stop = visit(w, entry, words);
        if (stop != RUNNING) {
            stop_for(s, stop);
            break;
        }
    }
    if (lock)
        pthread_mutex_unlock(lock);
    if (q->begin == q->n)
        q->begin = q->n = 0;
}

static void flush(struct worker *w, struct queue *q)
{
    switch (w->search->program->words) {
    case 1:
        flush_words(w, q, 1);
        break;
    case 2:
        flush_words(w, q, 2);
        break;
    default:
        flush_words(w, q, w->search->program->words);
    }
}

/* ---- expansion ---- */

static void poll_now(struct search *s)
{
    double now = clock_s();
    if (now - s->started >= s->limits.time_s)
        stop_for(s, STOP_TIME);
    if (now >= s->next_poll) {
        struct progress progress = {.states = s->states, .transitions = s->transitions,
                                    .depth = s->deepest};
        uint64_t new_states = 0;
        for (unsigned i = 0; i < s->jobs; i++) {
            new_states += atomic_load_explicit(&s->workers[i].states, memory_order_relaxed);
            progress.transitions
                += atomic_load_explicit(&s->workers[i].transitions, memory_order_relaxed);
        }
        progress.states += new_states;
        if (s->threaded)
            pthread_mutex_lock(&s->lock);
        progress.frontier = s->current.count + s->next.count + new_states;
        if (s->threaded)
            pthread_mutex_unlock(&s->lock);
        enum stop stop = s->poll ? s->poll(s->context, &progress) : RUNNING;
        if (stop != RUNNING)
            stop_for(s, stop);
        s->next_poll = clock_s() + POLL_S;
    }
    if (s->checkpoint && now >= s->next_checkpoint)
        stop_for(s, STOP_CHECKPOINT);
}

static void report(struct worker *w, const struct rule *rule)
{
    const struct program *p = w->search->program;
    for (uint32_t i = 0; i < rule->violates.n; i++)
        w->seen[p->ids[rule->violates.first + i]] |= SEEN_BAD | SEEN_COVERED;
    for (uint32_t i = 0; i < rule->covers.n; i++)
        w->seen[p->ids[rule->covers.first + i]] |= SEEN_COVERED;
}

static ALWAYS_INLINE void push(struct worker *w, const uint64_t *state, bool halts, uint32_t words)
{
    struct search *s = w->search;
    uint64_t hash = visited_hash(&s->visited, state, words);
    struct queue *q = w->queues;
    if (s->threaded)
        q += hash >> (64 - s->visited.bits);
    else
        visited_prefetch(&s->visited, hash);
    uint64_t *entry = q->entries + (size_t)q->n * (words + 2);
    entry[0] = hash;
    for (uint32_t i = 1; i < words; i++)
        entry[i] = state[i];
    entry[words] = state[0];
    entry[words + 1] = halts;
    q->n++;
    if (q->n >= (s->threaded ? BATCH_SHARED : BATCH) && q->begin == 0 && !stopped(s))
        flush_words(w, q, words);
}

/* Queues every successor of a state. */
static ALWAYS_INLINE void expand(struct worker *w, const uint64_t *state,
                                                         uint32_t words)
{
    struct search *s = w->search;
    const struct program *p = s->program;
    uint64_t pair[2], *next = words <= 2 ? pair : w->state;
    uint64_t fired = 0;
    bool moved = false;
    step_sift(p, &w->scratch, state, words);
    for (uint32_t i = 0; i < p->entry_words; i++)
        for (uint64_t left = w->scratch.candidates[i]; left; left &= left - 1) {
            uint32_t id = p->entries[64 * i + (uint32_t)__builtin_ctzll(left)];
            const struct rule *rule = &s->rules[id];
            if (!step_enabled(p, rule, state))
                continue;
            if (step_fire(p, &w->scratch, id, state, next, words) != STEPPED) {
                if (s->skip_overflow)
                    continue;
                stop_for(s, STOP_VERSIONS);
                return;
            }
            fired++;
            bool halts = (rule->flags & RULE_HALTS) != 0;
            moved = moved || (!(rule->flags & RULE_AGENT)
                              && (halts || step_moves(p, &w->scratch, state, next, words)));
            if (rule->flags & RULE_REPORTS)
                report(w, rule);
            if (p->n_permutations && step_least_image(p, &w->scratch, next) != STEPPED) {
                stop_for(s, STOP_VERSIONS);
                return;
            }
            push(w, next, halts, words);
        }
    count(&w->transitions, fired);
    if (!moved && s->await_deadlock && search_is_deadlock(s, &w->scratch, state) == 1)
        for (size_t c = 0; c < p->n_checks; c++)
            if (p->checks[c].kind == DEADLOCK)
                w->seen[c] |= SEEN_DEADLOCK;
}

static ALWAYS_INLINE void expand_chunk(struct worker *w,
                                                               struct chunk *chunk, uint32_t words)
{
    struct search *s = w->search;
    for (; chunk->begin < chunk->end && !stopped(s); chunk->begin++) {
        if (w->index == 0 && --w->countdown == 0) {
            w->countdown = POLL_STATES;
            poll_now(s);
            if (stopped(s))
                return;
        }
        expand(w, chunk->data + (size_t)chunk->begin * words, words);
    }
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct search *s = w->search;
    uint32_t words = s->program->words;
    struct chunk *chunk;
    for (;;) {
        if (s->threaded)
            pthread_mutex_lock(&s->lock);
        chunk = s->chunks_left && !stopped(s) ? frontier_take(&s->current) : NULL;
        s->chunks_left -= chunk != NULL;
        if (s->threaded)
            pthread_mutex_unlock(&s->lock);
        if (!chunk)
            break;
        switch (words) {
        case 1:
            expand_chunk(w, chunk, 1);
            break;
        case 2:
            expand_chunk(w, chunk, 2);
            break;
        default:
            expand_chunk(w, chunk, words);
        }
        bool done = chunk->begin == chunk->end;
        if (!done || s->wanted >= 0) {
            if (s->threaded)
                pthread_mutex_lock(&s->lock);
            if (done) {
                chunk->begin = 0;
                struct frontier kept = {.head = chunk, .tail = chunk, .count = chunk->end};
                frontier_append(&s->levels[s->level], &kept);
            } else {
                frontier_put_back(&s->current, chunk);
            }
            if (s->threaded)
                pthread_mutex_unlock(&s->lock);
        } else {
            chunk_free(chunk, &s->budget, words);
        }
    }
    int stop = atomic_load(&s->stop);
    if (stop != STOP_STATES && stop != STOP_MEMORY && stop != STOP_VERSIONS)
        for (uint32_t i = 0; i < w->n_queues; i++)
            flush(w, &w->queues[i]);
    return NULL;
}

/* ---- deadlock ---- */

/* Whether a thread or daemon goes on: 1, 0, or -1 when versions ran out. One that
 * only lacks a version is not stuck. */
static int moves_on(struct search *s, struct scratch *scratch, const uint64_t *state,
                    uint64_t *next)
{
    const struct program *p = s->program;
    uint32_t at = 0, id;
    step_sift(p, scratch, state, p->words);
    while (step_next(p, scratch, state, &at, &id)) {
        if (p->rules[id].flags & RULE_AGENT)
            continue;
        if (step_fire(p, scratch, id, state, next, p->words) != STEPPED)
            return s->skip_overflow ? 1 : -1;
        if (p->rules[id].flags & RULE_HALTS || step_moves(p, scratch, state, next, p->words))
            return 1;
    }
    return 0;
}

/* Breadth-first over what agents alone bring about; the way out is usually near. Of states
 * that are equal up to a renaming of versions, one stands for all. */
static int closure_is_dead(struct search *s, struct scratch *scratch, struct visited *seen,
                           struct frontier *todo, uint64_t *memory)
{
    const struct program *p = s->program;
    uint32_t words = p->words;
    uint64_t *key = memory, *next = memory + words, *other = next + words;
    struct chunk *chunk = NULL;
    int dead = 1;
    while (dead == 1 && (chunk || (chunk = frontier_take(todo)))) {
        const uint64_t *state = chunk->data + (size_t)chunk->begin * words;
        int on = moves_on(s, scratch, state, other);
        if (on != 0)
            dead = on > 0 ? 0 : -1;
        uint32_t at = 0, id;
        while (dead == 1 && step_next(p, scratch, state, &at, &id)) {
            if ((p->rules[id].flags & (RULE_AGENT | RULE_HALTS)) != RULE_AGENT)
                continue;
            if (step_fire(p, scratch, id, state, next, words) != STEPPED) {
                dead = s->skip_overflow ? 0 : -1;
                continue;
            }
            step_compact(p, scratch, next, other);
            memcpy(key, next, words * sizeof *key);
            key[0] = visited_hash(seen, next, words);
            enum insertion insertion = visited_insert(seen, key, false, words);
            if (insertion == PRESENT)
                continue;
            uint64_t *slot = insertion == INSERTED ? frontier_room(todo, &s->budget, words) : NULL;
            if (slot) {
                memcpy(slot, next, words * sizeof *slot);
                frontier_add(todo);
            } else {
                dead = -2;
            }
        }
        if (++chunk->begin == chunk->end) {
            chunk_free(chunk, &s->budget, words);
            chunk = NULL;
        }
    }
    if (chunk)
        chunk_free(chunk, &s->budget, words);
    return dead;
}

int search_is_deadlock(struct search *s, struct scratch *scratch, const uint64_t *state)
{
    const struct program *p = s->program;
    bool restless = false;
    for (size_t i = 0; i < p->n_processes; i++) {
        const struct process *q = &p->processes[i];
        uint32_t pc = process_pc(q, state, p->words);
        restless |= q->kind == THREAD && (pc >= q->pcs || !q->rest[pc]);
    }
    if (!restless)
        return 0;
    struct visited seen;
    struct frontier todo = {0};
    uint64_t *memory = calloc(3 * (size_t)p->words, sizeof *memory);
    int dead = -2;
    if (memory && visited_init(&seen, &s->budget, p, 1)) {
        uint64_t *slot = frontier_room(&todo, &s->budget, p->words);
        if (slot) {
            memcpy(slot, state, p->words * sizeof *slot);
            step_compact(p, scratch, slot, memory);
            frontier_add(&todo);
            memcpy(memory, slot, p->words * sizeof *memory);
            memory[0] = visited_hash(&seen, slot, p->words);
            if (visited_insert(&seen, memory, false, p->words) == INSERTED)
                dead = closure_is_dead(s, scratch, &seen, &todo, memory);
        }
    }
    if (memory)
        visited_free(&seen);
    frontier_free(&todo, &s->budget, p->words);
    free(memory);
    if (dead < 0)
        stop_for(s, dead == -1 ? STOP_VERSIONS : STOP_MEMORY);
    return dead < 0 ? -1 : dead;
}

/* ---- phases and levels ---- */

bool search_add_pending(struct search *s, const uint64_t *entry)
{
    size_t width = s->program->words + 2;
    if (s->n_pending == s->pending_max) {
        size_t max = 2 * s->pending_max + 16;
        uint64_t *pending = realloc(s->pending, max * width * sizeof *pending);
        if (!pending)
            return false;
        s->pending = pending;
        s->pending_max = max;
    }
    memcpy(s->pending + s->n_pending++ * width, entry, width * sizeof *entry);
    return true;
}

static void run_threads(struct search *s)
{
    unsigned made = 0;
    s->threaded = true;
    while (made + 1 < s->jobs) {
        struct worker *w = &s->workers[made + 1];
        if (pthread_create(&w->thread, NULL, work, w) != 0)
            break;
        made++;
    }
    work(&s->workers[0]);
    for (unsigned i = 1; i <= made; i++)
        pthread_join(s->workers[i].thread, NULL);
    s->threaded = false;
}

/* Expands the level, or until there is a reason to stop or another way to go on.
 *
 * Threads run where they cannot reach the limit on states; one goes on from there. */
static void run_phase(struct search *s)
{
    const struct program *p = s->program;
    size_t width = p->words + 2;
    uint64_t room = s->limits.states > s->states ? s->limits.states - s->states : 0;
    uint64_t slice = room / (p->successors_max + 1);
    if (s->n_pending == 0 && s->jobs > 1 && s->current.count >= THREADED_MIN
        && slice >= THREADED_MIN) {
        s->chunks_left = slice / chunk_states(p->words);
        if (s->chunks_left >= s->jobs) {
            run_threads(s);
            return;
        }
    }
    struct worker *w = &s->workers[0];
    size_t i = 0;
    while (i < s->n_pending && !stopped(s)) {
        enum stop stop = visit(w, s->pending + i * width, p->words);
        if (stop != RUNNING)
            stop_for(s, stop);
        else
            i++;
    }
    s->n_pending -= i;
    if (i && s->n_pending)
        memmove(s->pending, s->pending + i * width, s->n_pending * width * sizeof *s->pending);
    s->chunks_left = UNBOUNDED;
    work(w);
}

static void merge_worker(struct search *s, struct worker *w)
{
    const struct program *p = s->program;
    if (w->states)
        s->deepest = (uint64_t)(s->level + 1);
    s->states += w->states;
    s->transitions += w->transitions;
    s->quiescent += w->quiescent;
    w->states = w->transitions = w->quiescent = 0;
    frontier_append(&s->next, &w->next);
    for (size_t c = 0; c < p->n_checks; c++) {
        int64_t depth = w->seen[c] & SEEN_DEADLOCK ? s->level
                        : w->seen[c] & SEEN_BAD    ? s->level + 1
                                                   : -1;
        struct check_status *status = &s->status[c];
        if (depth >= 0 && (status->depth < 0 || depth < status->depth))
            status->depth = depth;
        status->covered |= (w->seen[c] & SEEN_COVERED) != 0;
    }
    for (uint32_t i = 0; i < w->n_queues; i++) {
        struct queue *q = &w->queues[i];
        for (; q->begin < q->n; q->begin++)
            if (!search_add_pending(s, q->entries + (size_t)q->begin * (p->words + 2)))
                stop_for(s, STOP_MEMORY); /* reports less; a checkpoint is not written below */
        q->begin = q->n = 0;
    }
}

static void merge(struct search *s)
{
    const struct program *p = s->program;
    for (unsigned i = 0; i < s->jobs; i++)
        merge_worker(s, &s->workers[i]);
    s->await_deadlock = false;
    for (size_t c = 0; c < p->n_checks; c++) {
        const struct check_status *status = &s->status[c];
        s->await_deadlock |= p->checks[c].kind == DEADLOCK && status->depth < 0;
        for (unsigned i = 0; i < s->jobs; i++)
            s->workers[i].seen[c] = (unsigned char)((status->depth >= 0 ? SEEN_BAD : 0)
                                                    | (status->covered ? SEEN_COVERED : 0));
    }
    for (size_t i = 0; i < p->n_rules; i++) {
        bool open = false;
        for (uint32_t j = 0; j < p->rules[i].violates.n; j++)
            open |= s->status[p->ids[p->rules[i].violates.first + j]].depth < 0;
        for (uint32_t j = 0; j < p->rules[i].covers.n; j++)
            open |= !s->status[p->ids[p->rules[i].covers.first + j]].covered;
        if (!open)
            s->rules[i].flags &= ~(uint32_t)RULE_REPORTS;
    }
    if (s->wanted >= 0 && s->status[s->wanted].depth >= 0)
        stop_for(s, STOP_FOUND);
}

static bool next_level(struct search *s)
{
    s->level++;
    frontier_free(&s->current, &s->budget, s->program->words); /* a chunk that nothing came into */
    s->current = s->next;
    s->next = (struct frontier){0};
    if (s->wanted < 0)
        return true;
    if (s->n_levels == s->levels_max) {
        size_t max = 2 * s->levels_max + 16;
        struct frontier *levels = realloc(s->levels, max * sizeof *levels);
        if (!levels)
            return false;
        s->levels = levels;
        s->levels_max = max;
    }
    s->levels[s->n_levels++] = (struct frontier){0};
    return true;
}

static bool save(struct search *s)
{
    bool saved = checkpoint_write(s, s->checkpoint);
    s->next_checkpoint = clock_s() + s->checkpoint_interval_s;
    return saved;
}

enum stop search_run(struct search *s)
{
    s->started = clock_s();
    s->next_poll = s->started + POLL_S;
    s->next_checkpoint = s->started + s->checkpoint_interval_s;
    merge(s);
    for (;;) {
        if (!s->current.count && !s->n_pending) {
            if (!s->next.count)
                break;
            if (!next_level(s))
                stop_for(s, STOP_MEMORY);
        }
        if (s->current.count && s->level >= 0 && (uint64_t)s->level >= s->limits.depth)
            stop_for(s, STOP_DEPTH);
        if (!stopped(s)) {
            poll_now(s);
            if (!stopped(s))
                run_phase(s);
        }
        merge(s);
        if (s->stop == STOP_CHECKPOINT) {
            s->stop = RUNNING;
            if (!save(s))
                stop_for(s, STOP_ERROR);
        }
        if (stopped(s))
            break;
    }
    int stop = s->stop;
    if (s->checkpoint && (stop == STOP_STATES || stop == STOP_DEPTH || stop == STOP_TIME
                          || stop == STOP_MEMORY || stop == STOP_INTERRUPT))
        if (!save(s))
            return STOP_ERROR;
    return (enum stop)stop;
}

bool search_start(struct search *s)
{
    const struct program *p = s->program;
    uint32_t words = p->words;
    struct worker *w = &s->workers[0];
    for (size_t i = 0; i < p->n_initial; i++) {
        uint64_t *entry = w->queues->entries;
        memcpy(w->state, p->initial + i * words, words * sizeof *entry);
        if (step_canonical(p, &w->scratch, w->state) != STEPPED
            || step_least_image(p, &w->scratch, w->state) != STEPPED) {
            stop_for(s, STOP_VERSIONS);
            return true;
        }
        memcpy(entry, w->state, words * sizeof *entry);
        entry[0] = visited_hash(&s->visited, w->state, words);
        entry[words] = w->state[0];
        entry[words + 1] = 0;
        if (!search_add_pending(s, entry))
            return false;
    }
    return true;
}

/* ---- memory ---- */

static bool worker_init(struct search *s, struct worker *w, unsigned index)
{
    const struct program *p = s->program;
    size_t batch = (s->jobs > 1 ? BATCH_SHARED : BATCH) + (size_t)p->successors_max + 1;
    if (s->jobs > 1 && batch < BATCH + (size_t)p->successors_max + 1 && index == 0)
        batch = BATCH + (size_t)p->successors_max + 1;
    w->search = s;
    w->index = index;
    w->countdown = POLL_STATES;
    w->n_queues = s->jobs > 1 ? 1u << s->visited.bits : 1;
    if (!(w->queues = calloc(w->n_queues, sizeof *w->queues)))
        return false;
    for (uint32_t i = 0; i < w->n_queues; i++)
        if (!(w->queues[i].entries = calloc(batch * (p->words + 2), sizeof(uint64_t))))
            return false;
    w->state = calloc(p->words, sizeof *w->state);
    w->seen = calloc(p->n_checks + 1, 1);
    return w->state && w->seen && scratch_init(&w->scratch, p);
}

static void worker_free(struct worker *w, struct search *s)
{
    if (w->queues)
        for (uint32_t i = 0; i < w->n_queues; i++)
            free(w->queues[i].entries);
    free(w->queues);
    free(w->state);
    free(w->seen);
    scratch_free(&w->scratch);
    frontier_free(&w->next, &s->budget, s->program->words);
}

bool search_init(struct search *s, const struct program *p, unsigned jobs, uint64_t memory_bytes)
{
    unsigned bits = 2;
    while (jobs > 1 && bits < 8 && 1u << bits < 16 * jobs)
        bits++;
    *s = (struct search){.program = p, .jobs = jobs, .level = -1, .wanted = -1};
    s->budget.limit = memory_bytes;
    s->limits = (struct limits){UNBOUNDED, UNBOUNDED, 1e18};
    pthread_mutex_init(&s->lock, NULL);
    s->rules = calloc(p->n_rules + 1, sizeof *s->rules);
    s->status = calloc(p->n_checks + 1, sizeof *s->status);
    s->workers = calloc_lines(jobs, sizeof *s->workers);
    s->segment_locks = calloc_lines((size_t)1 << bits, sizeof *s->segment_locks);
    if (!s->rules || !s->status || !s->workers || !s->segment_locks)
        return false;
    for (unsigned i = 0; i < 1u << bits; i++)
        pthread_mutex_init(&s->segment_locks[i].mutex, NULL);
    if (!visited_init(&s->visited, &s->budget, p, bits))
        return false;
    memcpy(s->rules, p->rules, p->n_rules * sizeof *s->rules);
    for (size_t c = 0; c < p->n_checks; c++)
        s->status[c] = (struct check_status){
            .depth = -1, .covered = p->checks[c].kind == DEADLOCK && p->threads};
    for (unsigned i = 0; i < jobs; i++)
        if (!worker_init(s, &s->workers[i], i))
            return false;
    return true;
}

void search_free(struct search *s)
{
    uint32_t words = s->program->words;
    if (s->workers)
        for (unsigned i = 0; i < s->jobs; i++)
            worker_free(&s->workers[i], s);
    free(s->workers);
    for (size_t i = 0; i < s->n_levels; i++)
        frontier_free(&s->levels[i], &s->budget, words);
    free(s->levels);
    frontier_free(&s->current, &s->budget, words);
    frontier_free(&s->next, &s->budget, words);
    visited_free(&s->visited);
    if (s->segment_locks)
        for (unsigned i = 0; i < 1u << s->visited.bits; i++)
            pthread_mutex_destroy(&s->segment_locks[i].mutex);
    pthread_mutex_destroy(&s->lock);
    free(s->segment_locks);
    free(s->pending);
    free(s->rules);
    free(s->status);
}
