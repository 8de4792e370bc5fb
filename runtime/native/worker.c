#include "worker.h"

#include <stdlib.h>

enum { POLL_STATES = 256 };

/* Counters that only their thread writes and any may read. */
static inline void count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

/* ---- new states ---- */

static void ask(struct worker *w, const uint64_t *state)
{
    const struct program *p = w->space->program;
    bool quiescent = step_matches(p, p->quiescent, state);
    w->quiescent += quiescent;
    if (quiescent && w->finals.mask && !finals_add(&w->finals, state)) {
        w->space->levels.lost = true;
        stop_for(w->space, STOP_MEMORY);
    }
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

void worker_meet(struct worker *w, const uint64_t *state)
{
    count(&w->states, 1);
    ask(w, state);
}

/* Called as soon as a check may have been seen to break: who leads to what breaks the one that is
 * wanted. */
static void blame(struct worker *w, uint64_t place)
{
    struct ancestry *a = w->space->bits.ancestry;
    if (!a || a->wanted)
        return;
    unsigned char seen = w->seen[w->space->findings.wanted];
    bool dead = (seen & SEEN_DEADLOCK) != 0;
    if (dead ? a->dead : a->known || !(seen & SEEN_BAD))
        return;
    a->known = true;
    a->dead = dead;
    a->culprit = place;
}

/* A state that was found is to be expanded. */
static bool bits_found(struct space *s, const uint64_t *state, uint64_t parent)
{
    struct ancestry *a = s->bits.ancestry;
    uint64_t depth = (uint64_t)(s->levels.depth + 1), place = s->bits.found++;
    uint32_t words = s->program->words;
    if (!a)
        return true;
    if (!a->wanted)
        return ancestry_add(a, depth, parent);
    if (depth < a->n_wanted && a->wanted[depth] == place)
        memcpy(a->states + depth * words, state, words * sizeof *state);
    return true;
}

/* Whether a state was met that nobody went on from. Those are remembered as they are. */
static bool bits_halted(struct worker *w, const uint64_t *state)
{
    const struct space *s = w->space;
    uint32_t words = s->program->words;
    if (!s->bits.halted)
        return false;
    memcpy(w->state, state, words * sizeof *state);
    w->state[0] = visited_hash(&s->visited, state, words);
    return visited_contains(&s->visited, w->state);
}

/* Where only bits are remembered: what `visit` does with a state that halts. Its bits are not. */
static enum stop visit_halted(struct worker *w, const uint64_t *entry, uint32_t words)
{
    struct space *s = w->space;
    memcpy(w->state, entry, words * sizeof *entry);
    w->state[0] = entry[words];
    if (bitstate_has(&s->bits, bitstate_hash(w->state, words))
        || visited_contains(&s->visited, entry))
        return RUNNING;
    if (s->totals.states + w->states >= s->states_max)
        return STOP_STATES;
    if (visited_insert(&s->visited, entry, true, words) == NO_MEMORY)
        return STOP_MEMORY;
    s->bits.halted++;
    worker_meet(w, w->state);
    blame(w, entry[words + 1] >> 1);
    return RUNNING;
}

/* What it does with one that does not. */
static enum stop visit_going(struct worker *w, const uint64_t *entry, uint32_t words)
{
    struct space *s = w->space;
    if (bitstate_has(&s->bits, entry[0]))
        return RUNNING;
    uint64_t *slot = frontier_room(&w->found, &s->budget, words);
    if (!slot)
        return STOP_MEMORY;
    memcpy(slot, entry, words * sizeof *entry);
    slot[0] = entry[words];
    bool halted = bits_halted(w, slot);
    if (!halted && s->totals.states + w->states >= s->states_max)
        return STOP_STATES;
    if (!bits_found(s, slot, entry[words + 1] >> 1))
        return STOP_MEMORY;
    bitstate_add(&s->bits, entry[0]);
    frontier_add(&w->found);
    if (!halted)
        worker_meet(w, slot);
    blame(w, entry[words + 1] >> 1);
    return RUNNING;
}

static __attribute__((noinline)) enum stop visit_bits(struct worker *w, const uint64_t *entry,
                                                      uint32_t words)
{
    return entry[words + 1] & 1 ? visit_halted(w, entry, words) : visit_going(w, entry, words);
}

/* Visits one successor; the reason to stop, in which case it has not been visited. */
static ALWAYS_INLINE enum stop visit(struct worker *w, const uint64_t *entry, uint32_t words)
{
    struct space *s = w->space;
    bool halts = entry[words + 1] & 1;
    if (s->bits.table)
        return visit_bits(w, entry, words);
    if (s->delayed)
        return visited_insert(&s->visited, entry, halts, words) == NO_MEMORY ? STOP_MEMORY
                                                                             : RUNNING;
    if (!s->owners.shared && s->totals.states + w->states >= s->states_max
        && !visited_contains(&s->visited, entry))
        return STOP_STATES;
    uint64_t *slot = halts ? w->state : frontier_room(&w->found, &s->budget, words);
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
        frontier_add(&w->found);
    if (insertion == INSERTED)
        worker_meet(w, slot);
    return RUNNING;
}

enum stop worker_visit(struct worker *w, const uint64_t *entry)
{
    return visit(w, entry, w->space->program->words);
}

/* Visits what is in a batch, whose owner nobody else acts for. */
static ALWAYS_INLINE void visit_batch(struct worker *w, struct batch *b, bool shared,
                                      uint32_t words)
{
    struct space *s = w->space;
    const uint64_t *entry = b->entries + (size_t)b->begin * (words + 2);
    const uint64_t *end = b->entries + (size_t)b->n * (words + 2), *fetched = entry;
    for (uint32_t i = 0; shared && i < FETCHED_AHEAD && fetched < end; i++, fetched += words + 2)
        visited_prefetch(&s->visited, *fetched);
    for (; entry < end; b->begin++, entry += words + 2) {
        if (shared && fetched < end) {
            visited_prefetch(&s->visited, *fetched);
            fetched += words + 2;
        }
        enum stop stop = visit(w, entry, words);
        if (stop != RUNNING) {
            stop_for(s, stop);
            break;
        }
    }
    if (b->begin == b->n)
        b->begin = b->n = 0;
}

/* wait: for an owner that another thread acts for; else the batch stays as it is there. */
static ALWAYS_INLINE void deliver_words(struct worker *w, struct batch *b, bool wait,
                                        uint32_t words)
{
    struct owners *o = &w->space->owners;
    if (!o->shared) {
        visit_batch(w, b, false, words);
        return;
    }
    uint32_t owner = (uint32_t)(b - w->shared.batches), most = w->shared.most;
    if (owner_enter(o, owner, wait || b->n >= most)) {
        visit_batch(w, b, true, words);
        owner_leave(o, owner);
        b->due = BATCH_SHARED;
    } else {
        b->due = b->n + BATCH_SHARED < most ? b->n + BATCH_SHARED : most;
    }
}

static void deliver(struct worker *w, struct batch *b, bool wait)
{
    if (b->begin == b->n)
        return;
    switch (w->space->program->words) {
    case 1:
        deliver_words(w, b, wait, 1);
        break;
    case 2:
        deliver_words(w, b, wait, 2);
        break;
    default:
        deliver_words(w, b, wait, w->space->program->words);
    }
}

void worker_deliver(struct worker *w)
{
    deliver(w, w->alone.batches, true);
}

static void deliver_all(struct worker *w)
{
    struct outbox *b = w->space->owners.shared ? &w->shared : &w->alone;
    for (uint32_t i = 0; i < b->n; i++)
        deliver(w, &b->batches[i], false);
    for (uint32_t i = 0; i < b->n; i++)
        deliver(w, &b->batches[i], true);
}

/* ---- expansion ---- */

static void report(struct worker *w, const struct rule *rule)
{
    const struct program *p = w->space->program;
    for (uint32_t i = 0; i < rule->violates.n; i++)
        w->seen[p->ids[rule->violates.first + i]] |= SEEN_BAD | SEEN_COVERED;
    for (uint32_t i = 0; i < rule->covers.n; i++)
        w->seen[p->ids[rule->covers.first + i]] |= SEEN_COVERED;
    blame(w, w->space->bits.expanded);
}

static void report_deadlock(struct worker *w)
{
    const struct program *p = w->space->program;
    for (size_t c = 0; c < p->n_checks; c++)
        if (p->checks[c].kind == DEADLOCK)
            w->seen[c] |= SEEN_DEADLOCK;
    blame(w, w->space->bits.expanded);
}

static ALWAYS_INLINE void send(struct worker *w, const uint64_t *state, bool halts, uint32_t words)
{
    struct space *s = w->space;
    uint64_t hash = visited_hash(&s->visited, state, words);
    if (!halts && recent_add(&w->recent, hash, state, words))
        return;
    if (w->posts && posts_take(w->posts, state, halts))
        return;
    struct batch *b = w->alone.batches;
    if (s->owners.shared)
        b = &w->shared.batches[owner_of(&s->owners, hash)];
    else if (s->bits.table && !halts)
        bitstate_prefetch(&s->bits, hash = bitstate_hash(state, words));
    else
        visited_prefetch(&s->visited, hash);
    uint64_t *entry = b->entries + (size_t)b->n * (words + 2);
    entry[0] = hash;
    for (uint32_t i = 1; i < words; i++)
        entry[i] = state[i];
    entry[words] = state[0];
    entry[words + 1] = s->bits.expanded << 1 | halts;
    b->n++;
    if (b->n >= b->due && b->begin == 0 && !stopped(s))
        deliver_words(w, b, false, words);
}

/* Sends every successor of a state; false where it has to be expanded again. */
static ALWAYS_INLINE bool expand(struct worker *w, const uint64_t *state, uint32_t words)
{
    struct space *s = w->space;
    const struct program *p = s->program;
    uint64_t pair[2], *next = words <= 2 ? pair : w->state;
    uint64_t fired = 0;
    bool moved = false;
    step_sift(p, &w->scratch, state, words);
    for (uint32_t i = 0; i < w->scratch.n_sifted; i++)
        for (uint64_t left = w->scratch.sifted[i].left; left; left &= left - 1) {
            uint32_t id = w->scratch.sifted[i].entries[__builtin_ctzll(left)];
            const struct rule *rule = &s->findings.rules[id];
            if (!step_enabled(p, rule, state))
                continue;
            if (step_fire(p, &w->scratch, id, state, next, words) != STEPPED) {
                if (s->skip_overflow)
                    continue;
                stop_for(s, STOP_VERSIONS);
                return false;
            }
            fired++;
            bool halts = (rule->flags & RULE_HALTS) != 0;
            moved = moved || (!(rule->flags & RULE_AGENT)
                              && (halts || step_moves(p, &w->scratch, state, next, words)));
            if (rule->flags & RULE_REPORTS)
                report(w, rule);
            if (p->n_permutations && step_least_image(p, &w->scratch, next) != STEPPED) {
                stop_for(s, STOP_VERSIONS);
                return false;
            }
            send(w, next, halts, words);
        }
    int dead = !moved && s->findings.await_deadlock ? space_is_deadlock(s, &w->scratch, state) : 0;
    if (dead < 0)
        return false;
    if (dead)
        report_deadlock(w);
    count(&w->transitions, fired);
    return true;
}

static ALWAYS_INLINE void expand_chunk(struct worker *w,
                                                               struct chunk *chunk, uint32_t words)
{
    struct space *s = w->space;
    for (; chunk->begin < chunk->end && !stopped(s); chunk->begin++) {
        if (w->poll && --w->countdown == 0) {
            w->countdown = POLL_STATES;
            w->poll(w->context);
            if (stopped(s))
                return;
        }
        if (!expand(w, chunk->data + (size_t)chunk->begin * words, words))
            return;
        if (s->bits.table)
            s->bits.expanded++;
    }
}

void worker_run(void *worker)
{
    struct worker *w = worker;
    struct space *s = w->space;
    uint32_t words = s->program->words;
    struct chunk *chunk;
    while (!stopped(s) && (chunk = levels_take(&s->levels, w->number))) {
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
        levels_give(&s->levels, chunk);
    }
    if (levels_starved(&s->levels))
        stop_for(s, STOP_MEMORY);
    int stop = atomic_load(&s->stop);
    if (stop != STOP_STATES && stop != STOP_MEMORY && stop != STOP_VERSIONS)
        deliver_all(w);
}

/* ---- between phases ---- */

/* What was not delivered, for later. */
static void postpone(struct worker *w, struct outbox *outbox)
{
    struct space *s = w->space;
    size_t width = entry_words(&s->levels);
    for (uint32_t i = 0; i < outbox->n; i++) {
        struct batch *b = &outbox->batches[i];
        for (; b->begin < b->n; b->begin++)
            if (!levels_postpone(&s->levels, b->entries + b->begin * width))
                s->stop = STOP_MEMORY; /* before all others: it cannot be gone on with */
        b->begin = b->n = 0;
    }
}

void worker_merge(struct worker *w)
{
    struct space *s = w->space;
    struct totals *t = &s->totals;
    if (w->states)
        t->deepest = (uint64_t)(s->levels.depth + 1);
    t->states += w->states;
    t->transitions += w->transitions;
    t->quiescent += w->quiescent;
    w->states = w->transitions = w->quiescent = 0;
    levels_add(&s->levels, &w->found);
    findings_merge(&s->findings, w->seen, s->levels.depth);
    postpone(w, &w->alone);
    postpone(w, &w->shared);
}

bool worker_init(struct worker *w, struct space *space, bool owners)
{
    const struct program *p = space->program;
    w->space = space;
    w->countdown = POLL_STATES;
    w->state = calloc_lines(p->words, sizeof *w->state);
    w->seen = calloc_lines(p->n_checks + 1, 1);
    return w->state && w->seen && scratch_init(&w->scratch, p)
           && recent_init(&w->recent, p->words)
           && (owners ? worker_share(w)
                      : outbox_init(&w->alone, 1, p->words, p->successors_max));
}

bool worker_share(struct worker *w)
{
    const struct space *s = w->space;
    return w->shared.n
           || outbox_init(&w->shared, 1u << s->owners.bits, s->program->words,
                          s->program->successors_max);
}

void worker_free(struct worker *w)
{
    recent_free(&w->recent);
    outbox_free(&w->alone);
    outbox_free(&w->shared);
    free(w->state);
    free(w->seen);
    finals_free(&w->finals);
    scratch_free(&w->scratch);
    if (w->space)
        frontier_free(&w->found, &w->space->budget, w->space->program->words);
}
