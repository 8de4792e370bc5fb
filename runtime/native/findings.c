#include "findings.h"

#include <stdlib.h>
#include <string.h>

bool findings_init(struct findings *f, const struct program *p)
{
    *f = (struct findings){.program = p, .wanted = -1};
    f->rules = calloc(p->n_rules + 1, sizeof *f->rules);
    f->status = calloc(p->n_checks + 1, sizeof *f->status);
    if (!f->rules || !f->status)
        return false;
    memcpy(f->rules, p->rules, p->n_rules * sizeof *f->rules);
    for (size_t c = 0; c < p->n_checks; c++)
        f->status[c] = (struct check_status){
            .depth = -1, .covered = p->checks[c].kind == DEADLOCK && p->threads};
    return true;
}

void findings_free(struct findings *f)
{
    free(f->rules);
    free(f->status);
    free(f->groups);
}

void findings_merge(struct findings *f, const unsigned char *seen, int64_t depth)
{
    for (size_t c = 0; c < f->program->n_checks; c++) {
        int64_t at = seen[c] & SEEN_DEADLOCK ? depth : seen[c] & SEEN_BAD ? depth + 1 : -1;
        struct check_status *status = &f->status[c];
        if (at >= 0 && (status->depth < 0 || at < status->depth))
            status->depth = at;
        status->covered |= (seen[c] & SEEN_COVERED) != 0;
    }
}

void findings_add(struct findings *f, const struct check_status *more)
{
    for (size_t c = 0; c < f->program->n_checks; c++) {
        struct check_status *status = &f->status[c];
        if (more[c].depth >= 0 && (status->depth < 0 || more[c].depth < status->depth))
            status->depth = more[c].depth;
        status->covered |= more[c].covered;
    }
}

/* Whether a rule violates or covers something that is not decided. */
static bool tells(const struct findings *f, const struct rule *rule)
{
    const struct program *p = f->program;
    bool open = false;
    for (uint32_t j = 0; j < rule->violates.n; j++)
        open |= f->status[p->ids[rule->violates.first + j]].depth < 0;
    for (uint32_t j = 0; j < rule->covers.n; j++)
        open |= !f->status[p->ids[rule->covers.first + j]].covered;
    return open;
}

void findings_conclude(struct findings *f)
{
    const struct program *p = f->program;
    f->await_deadlock = false;
    for (size_t c = 0; c < p->n_checks; c++)
        f->await_deadlock |= p->checks[c].kind == DEADLOCK && f->status[c].depth < 0;
    for (size_t i = 0; i < p->n_rules; i++)
        if (!tells(f, &p->rules[i]))
            f->rules[i].flags &= ~(uint32_t)RULE_REPORTS;
}

void findings_tell(const struct findings *f, unsigned char *seen)
{
    for (size_t c = 0; c < f->program->n_checks; c++)
        seen[c] = (unsigned char)((f->status[c].depth >= 0 ? SEEN_BAD : 0)
                                  | (f->status[c].covered ? SEEN_COVERED : 0));
}

bool findings_has_wanted(const struct findings *f)
{
    return f->wanted >= 0 && f->status[f->wanted].depth >= 0;
}

bool findings_stop_after(struct findings *f, const int64_t *groups, uint64_t most)
{
    size_t n = f->program->n_checks;
    f->groups = malloc((n + 1) * sizeof *groups);
    if (!f->groups)
        return false;
    for (size_t c = 0; c < n; c++)
        f->groups[c] = f->program->checks[c].kind == REACHABLE ? -1 : groups[c];
    f->most = most;
    return true;
}

bool findings_has_enough(const struct findings *f)
{
    uint64_t found = 0;
    if (!f->groups)
        return false;
    for (size_t c = 0; c < f->program->n_checks; c++) {
        bool first = f->groups[c] >= 0 && f->status[c].depth >= 0;
        for (size_t d = 0; first && d < c; d++)
            first = f->groups[d] != f->groups[c] || f->status[d].depth < 0;
        found += first;
    }
    return found >= f->most;
}
