#include "delayed.h"

#include <stdlib.h>

enum { SPILLED_MIN = 64, POLL_KEYS = 1 << 12 };

static bool failed(struct space *s)
{
    s->stop = STOP_ERROR;
    return false;
}

/* The levels that are in memory go to files; what was found of the next one is known to be new. */
static bool spill_levels(struct spill *sp, struct levels *l)
{
    bool ok = true;
    sp->keep = l->keep;
    for (size_t i = 0; ok && i < l->n_kept; i++)
        ok = spill_level(sp) && spill_frontier(sp->next, &l->kept[i], l->budget, l->words);
    if (!ok || (!sp->keep && !spill_level(sp)) || (!sp->next && !spill_level(sp)))
        return false;
    sp->current = sp->next;
    sp->at = sp->next->n;
    ok = spill_frontier(sp->current, &l->current, l->budget, l->words);
    sp->end = sp->current->n;
    return ok && spill_level(sp) && spill_frontier(sp->next, &l->next, l->budget, l->words);
}

bool delayed_spill(struct spill *sp, struct space *s)
{
    struct levels *l = &s->levels;
    l->starved = false;
    if (visited_count(&s->visited) < SPILLED_MIN)
        return false;
    if (!spill_keys(sp, s->delayed ? &sp->candidates : &sp->visited, &s->visited))
        return failed(s);
    if (!s->delayed && !spill_levels(sp, l))
        return failed(s);
    if (!s->delayed) {
        l->more = spill_take;
        l->context = sp;
        l->left = sp->end - sp->at;
        l->keep = false;
        s->delayed = true;
    }
    return visited_clear(&s->visited);
}

void delayed_meet(struct spill *sp, struct worker *w)
{
    struct space *s = w->space;
    struct join join;
    bool halted, revived;
    uint64_t n = 0, *key = calloc(sp->words + 1, sizeof *key);
    bool ready = key && (!visited_count(&s->visited)
                         || spill_keys(sp, &sp->candidates, &s->visited));
    if (!ready || !visited_clear(&s->visited)) {
        stop_for(s, ready ? STOP_MEMORY : STOP_ERROR);
        free(key);
        return;
    }
    if (join_begin(&join, sp))
        while (!stopped(s) && join_next(&join, key, &halted, &revived)) {
            if (!revived && s->totals.states + w->states >= s->states_max) {
                stop_for(s, STOP_STATES);
                break;
            }
            visited_state(&s->visited, key, w->state);
            if (!revived)
                worker_meet(w, w->state);
            if (!halted && !run_put(sp->next, w->state))
                break;
            if (++n % POLL_KEYS == 0)
                w->poll(w->context);
        }
    if (!join_end(&join) || !run_flush(sp->next))
        stop_for(s, STOP_ERROR);
    free(key);
}

uint64_t delayed_following(const struct spill *sp)
{
    return sp->next->n - sp->next_begin;
}

void delayed_advance(struct spill *sp, struct space *s)
{
    if (!spill_advance(sp))
        stop_for(s, STOP_ERROR);
    s->levels.depth++;
    s->levels.left = sp->end - sp->at;
}
