#include "deadlock.h"

#include "frontier.h"

#include <stdlib.h>

/* What agents alone bring about from a state, as far as it is known. */
struct closure {
    const struct program *p;
    struct scratch *scratch;
    struct budget *budget;
    bool skip_overflow;
    struct visited seen;
    struct frontier todo;
    uint64_t *key, *next, *other;  /* memory for states */
};

/* Whether a thread or daemon goes on. One that only lacks a version is not stuck. */
static enum stuck moves_on(struct closure *c, const uint64_t *state)
{
    const struct program *p = c->p;
    uint32_t at = 0, id;
    step_sift(p, c->scratch, state, p->words);
    while (step_next(p, c->scratch, state, &at, &id)) {
        if (p->rules[id].flags & RULE_AGENT)
            continue;
        if (step_fire(p, c->scratch, id, state, c->other, p->words) != STEPPED)
            return c->skip_overflow ? GOES_ON : STUCK_WITHOUT_VERSIONS;
        if (p->rules[id].flags & RULE_HALTS
            || step_moves(p, c->scratch, state, c->other, p->words))
            return GOES_ON;
    }
    return STUCK;
}

/* Adds a state unless it is there. Of states that are equal up to a renaming of versions,
 * one stands for all. */
static bool add(struct closure *c, uint64_t *state)
{
    uint32_t words = c->p->words;
    step_compact(c->p, c->scratch, state, c->other);
    memcpy(c->key, state, words * sizeof *state);
    c->key[0] = visited_hash(&c->seen, state, words);
    enum insertion insertion = visited_insert(&c->seen, c->key, false, words);
    if (insertion == PRESENT)
        return true;
    uint64_t *slot
        = insertion == INSERTED ? frontier_room(&c->todo, c->budget, words) : NULL;
    if (!slot)
        return false;
    memcpy(slot, state, words * sizeof *slot);
    frontier_add(&c->todo);
    return true;
}

static enum stuck expand(struct closure *c, const uint64_t *state)
{
    const struct program *p = c->p;
    enum stuck stuck = moves_on(c, state);
    uint32_t at = 0, id;
    while (stuck == STUCK && step_next(p, c->scratch, state, &at, &id)) {
        if ((p->rules[id].flags & (RULE_AGENT | RULE_HALTS)) != RULE_AGENT)
            continue;
        if (step_fire(p, c->scratch, id, state, c->next, p->words) != STEPPED)
            return c->skip_overflow ? GOES_ON : STUCK_WITHOUT_VERSIONS;
        if (!add(c, c->next))
            return STUCK_WITHOUT_MEMORY;
    }
    return stuck;
}

/* Breadth first; the way out is usually near. */
static enum stuck search(struct closure *c)
{
    uint32_t words = c->p->words;
    struct chunk *chunk = NULL;
    enum stuck stuck = STUCK;
    while (stuck == STUCK && (chunk || (chunk = frontier_take(&c->todo)))) {
        stuck = expand(c, chunk->data + (size_t)chunk->begin * words);
        if (++chunk->begin == chunk->end) {
            chunk_free(chunk, c->budget, words);
            chunk = NULL;
        }
    }
    if (chunk)
        chunk_free(chunk, c->budget, words);
    return stuck;
}

/* Whether a thread is where it may not stay for ever. */
static bool restless(const struct program *p, const uint64_t *state)
{
    bool found = false;
    for (size_t i = 0; i < p->n_processes; i++) {
        const struct process *q = &p->processes[i];
        uint32_t pc = process_pc(q, state, p->words);
        found |= q->kind == THREAD && (pc >= q->pcs || !q->rest[pc]);
    }
    return found;
}

enum stuck deadlock_at(const struct program *p, struct scratch *scratch, struct budget *budget,
                       bool skip_overflow, const uint64_t *state)
{
    if (!restless(p, state))
        return GOES_ON;
    struct closure c = {
        .p = p, .scratch = scratch, .budget = budget, .skip_overflow = skip_overflow};
    enum stuck stuck = STUCK_WITHOUT_MEMORY;
    if (!(c.key = calloc(3 * (size_t)p->words, sizeof *c.key)))
        return stuck;
    c.next = c.key + p->words;
    c.other = c.next + p->words;
    if (visited_init(&c.seen, budget, p, 1)) {
        memcpy(c.next, state, p->words * sizeof *c.next);
        if (add(&c, c.next))
            stuck = search(&c);
    }
    visited_free(&c.seen);
    frontier_free(&c.todo, budget, p->words);
    free(c.key);
    return stuck;
}
