#include "decode.h"

#include "decode_rules.h"
#include "sieve.h"

#include <stdlib.h>
#include <string.h>

static bool decode_fields(struct decoder *d)
{
    struct program *p = d->p;
    p->n_fields = d->s[S_FIELDS].n;
    if (!(p->fields = allot(d, p->n_fields, sizeof *p->fields)))
        return false;
    for (size_t i = 0; i < p->n_fields; i++) {
        const uint64_t *r = record(d, S_FIELDS, i);
        if (r[0] >= p->words || r[2] < 1 || r[2] > 32 || r[1] > 64 - r[2])
            return refuse(d, "a field lies outside the state");
        p->fields[i] = (struct field){.word = (uint32_t)r[0], .shift = (uint32_t)r[1],
                                      .mask = (UINT64_C(1) << r[2]) - 1, .width = (uint32_t)r[2]};
    }
    size_t n = d->s[S_CELLS].n;
    if (!(d->cells = allot(d, n, sizeof *d->cells)))
        return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t cell = *record(d, S_CELLS, i);
        if (cell > UINT32_MAX)
            return refuse(d, "a table holds a number of more than 32 bits");
        d->cells[i] = (uint32_t)cell;
    }
    return true;
}

static bool decode_test(struct decoder *d, const uint64_t *r, struct test *t)
{
    t->op = (enum op)(r[0] & 0xff);
    switch (r[0]) {
    case OP_MISMATCH:
        if (!below(d, r[1], d->p->words))
            return false;
        t->guard = (struct guard){.word = (uint32_t)r[1], .mask = r[2], .value = r[3]};
        return true;
    case OP_SAME:
    case OP_DIFFER:
        return get_field(d, &t->a, r[1]) && get_field(d, &t->b, r[2]);
    case OP_LOOKUP:
        return get_indexed(d, &t->table, &t->parts, r[1], r[4], r[5]);
    default:
        return refuse(d, "a test has an op that is no test");
    }
}

static bool decode_tests(struct decoder *d)
{
    struct program *p = d->p;
    p->n_guards = d->s[S_GUARDS].n;
    p->n_parts = d->s[S_PARTS].n;
    p->n_tests = d->s[S_TESTS].n;
    p->n_conjunctions = d->s[S_CONJUNCTIONS].n;
    p->guards = allot(d, p->n_guards, sizeof *p->guards);
    p->parts = allot(d, p->n_parts, sizeof *p->parts);
    d->claimed = allot(d, p->n_parts, sizeof *d->claimed);
    p->tests = allot(d, p->n_tests, sizeof *p->tests);
    p->conjunctions = allot(d, p->n_conjunctions, sizeof *p->conjunctions);
    if (d->reason)
        return false;
    for (size_t i = 0; i < p->n_guards; i++) {
        const uint64_t *r = record(d, S_GUARDS, i);
        if (!below(d, r[0], p->words))
            return false;
        p->guards[i] = (struct guard){.word = (uint32_t)r[0], .mask = r[1], .value = r[2]};
    }
    for (size_t i = 0; i < p->n_parts; i++) {
        struct field f;
        if (!get_field(d, &f, *record(d, S_PARTS, i)))
            return false;
        p->parts[i] = (struct part){.word = f.word, .shift = f.shift, .mask = f.mask};
    }
    for (size_t i = 0; i < p->n_tests; i++)
        if (!decode_test(d, record(d, S_TESTS, i), &p->tests[i]))
            return false;
    for (size_t i = 0; i < p->n_conjunctions; i++) {
        const uint64_t *r = record(d, S_CONJUNCTIONS, i);
        struct conjunction *c = &p->conjunctions[i];
        if (!in_range(d, &c->guards, r[0], r[1], p->n_guards)
            || !in_range(d, &c->tests, r[2], r[3], p->n_tests))
            return false;
    }
    return true;
}

static bool decode_groups(struct decoder *d)
{
    struct program *p = d->p;
    p->n_ids = d->s[S_IDS].n;
    p->n_groups = d->s[S_GROUPS].n;
    p->ids = allot(d, p->n_ids, sizeof *p->ids);
    p->groups = allot(d, p->n_groups, sizeof *p->groups);
    p->group_fields = allot(d, p->n_ids, sizeof *p->group_fields);
    p->plain = allot(d, p->words, sizeof *p->plain);
    if (d->reason)
        return false;
    for (uint32_t w = 0; w < p->words; w++)
        p->plain[w] = ~UINT64_C(0);
    for (size_t i = 0; i < p->n_ids; i++) {
        uint64_t id = *record(d, S_IDS, i);
        if (id > UINT32_MAX)
            return refuse(d, "an id has more than 32 bits");
        p->ids[i] = (uint32_t)id;
    }
    for (size_t i = 0; i < p->n_groups; i++) {
        const uint64_t *r = record(d, S_GROUPS, i);
        struct group *g = &p->groups[i];
        g->named = r[0];
        g->canonical = r[1] != 0;
        if (r[0] > UINT32_MAX || !in_range(d, &g->fields, r[2], r[3], p->n_ids))
            return refuse(d, "a version group is out of range");
        for (uint32_t j = g->fields.first; j < g->fields.first + g->fields.n; j++)
            if (!get_field(d, &p->group_fields[j], p->ids[j]))
                return false;
        if (g->fields.n > p->group_fields_max)
            p->group_fields_max = g->fields.n;
        p->counted |= !g->canonical;
        for (uint32_t j = g->fields.first; !g->canonical && j < g->fields.first + g->fields.n; j++) {
            const struct field *f = &p->group_fields[j];
            p->plain[f->word] &= ~(f->mask << f->shift);
        }
    }
    return true;
}

static bool in_group(const struct program *p, const struct group *g, uint32_t field)
{
    for (uint32_t i = g->fields.first; i < g->fields.first + g->fields.n; i++)
        if (p->ids[i] == field)
            return true;
    return false;
}

static bool decode_effects(struct decoder *d)
{
    struct program *p = d->p;
    p->n_effects = d->s[S_EFFECTS].n;
    if (!(p->effects = allot(d, p->n_effects, sizeof *p->effects)))
        return false;
    for (size_t i = 0; i < p->n_effects; i++) {
        const uint64_t *r = record(d, S_EFFECTS, i);
        struct effect *e = &p->effects[i];
        e->op = (enum op)(r[0] & 0xff);
        e->field_id = (uint32_t)r[1];
        if (!get_field(d, &e->to, r[1]))
            return false;
        switch (r[0]) {
        case OP_COPY:
            if (!get_field(d, &e->from, r[2]))
                return false;
            break;
        case OP_MAP:
            if (!get_indexed(d, &e->table, &e->parts, r[2], r[3], r[4]))
                return false;
            break;
        case OP_FRESH:
            if (!below(d, r[2], p->n_groups))
                return false;
            e->group = (uint32_t)r[2];
            if (!in_group(p, &p->groups[r[2]], e->field_id))
                return refuse(d, "a fresh version goes to a field outside its group");
            break;
        default:
            return refuse(d, "an effect has an op that is no effect");
        }
    }
    return true;
}

/* The dispatch of a process: that of the one before, too, where neither has a program counter. */
static struct dispatch *dispatch_of(struct decoder *d, const struct process *q, struct range pcs)
{
    struct program *p = d->p;
    bool alone = q->mask || pcs.n != 1;
    if (!alone && p->n_dispatches) {
        struct dispatch *before = &p->dispatches[p->n_dispatches - 1];
        if (!before->mask && before->n_lists == 1)
            return before;
    }
    struct dispatch *own = &p->dispatches[p->n_dispatches++];
    *own = (struct dispatch){.word = q->word, .shift = q->shift, .mask = q->mask,
                             .n_lists = q->mask < pcs.n ? (uint32_t)q->mask + 1 : pcs.n};
    own->lists = allot(d, pcs.n, sizeof *own->lists);
    return own->lists ? own : NULL;
}

/* Writes out the dispatch lists of a process. longest: the most rules that a state may enable. */
static bool decode_dispatch(struct decoder *d, const struct process *q, struct range pcs,
                            size_t entries_max, uint64_t *longest)
{
    struct program *p = d->p;
    struct dispatch *own = dispatch_of(d, q, pcs);
    if (!own)
        return false;
    *longest = 0;
    for (uint32_t pc = 0; pc < pcs.n; pc++) {
        const uint64_t *list = record(d, S_PCS, pcs.first + pc);
        if (!own->lists[pc].n)
            own->lists[pc].entries = p->entries + p->n_entries;
        own->lists[pc].n += (uint32_t)list[1];
        for (uint64_t j = 0; j < list[1]; j++) {
            uint32_t id = p->ids[list[0] + j];
            if (!below(d, id, p->n_rules))
                return false;
            if (p->n_entries == entries_max)
                return refuse(d, "two processes share a dispatch list");
            struct guard *at = &p->entry_pcs[p->n_entries];
            *at = (struct guard){.word = q->word, .mask = q->mask << q->shift,
                                 .value = (uint64_t)pc << q->shift};
            if (pc > q->mask)
                at->mask = 0; /* and so it matches nothing */
            p->entries[p->n_entries++] = id;
        }
        if (list[1] > *longest)
            *longest = list[1];
    }
    return true;
}

static bool decode_process(struct decoder *d, const uint64_t *r, struct process *q,
                           struct range *pcs)
{
    struct program *p = d->p;
    struct range rest;
    if (r[0] > AGENT || !in_range(d, pcs, r[2], r[3], d->s[S_PCS].n)
        || !in_range(d, &rest, r[4], r[5], p->n_ids) || r[6] > INT32_MAX
        || r[7] > (r[0] == AGENT))
        return refuse(d, "a process is out of range");
    q->kind = (enum process_kind)r[0];
    q->column = (uint32_t)r[6];
    q->prompt = r[7] != 0;
    p->prompt |= q->prompt;
    p->threads |= q->kind == THREAD;
    if (r[1] != NONE) {
        struct field f;
        if (!get_field(d, &f, r[1]))
            return false;
        q->word = f.word;
        q->shift = f.shift;
        q->mask = f.mask;
    }
    q->pcs = pcs->n;
    if (!(q->rest = allot(d, pcs->n, 1)))
        return false;
    for (uint32_t j = 0; j < rest.n; j++)
        if (p->ids[rest.first + j] < pcs->n)
            q->rest[p->ids[rest.first + j]] = 1;
    return true;
}

static bool decode_processes(struct decoder *d)
{
    struct program *p = d->p;
    size_t total = 0;
    p->n_processes = d->s[S_PROCESSES].n;
    if (!(p->processes = allot(d, p->n_processes, sizeof *p->processes)))
        return false;
    for (size_t i = 0; i < d->s[S_PCS].n; i++) {
        struct range list;
        const uint64_t *r = record(d, S_PCS, i);
        if (!in_range(d, &list, r[0], r[1], p->n_ids))
            return false;
        total += list.n;
        if (total > UINT32_MAX / 2)
            return refuse(d, "too many dispatch entries");
    }
    p->entries = allot(d, total, sizeof *p->entries);
    p->entry_pcs = allot(d, total, sizeof *p->entry_pcs);
    p->dispatches = allot(d, p->n_processes + 1, sizeof *p->dispatches);
    if (d->reason)
        return false;
    uint64_t successors = 0, longest;
    for (size_t i = 0; i < p->n_processes; i++) {
        struct process *q = &p->processes[i];
        struct range pcs;
        if (!decode_process(d, record(d, S_PROCESSES, i), q, &pcs)
            || !decode_dispatch(d, q, pcs, total, &longest))
            return false;
        successors += longest;
    }
    if (successors > UINT32_MAX / 4)
        return refuse(d, "too many successors");
    p->successors_max = (uint32_t)successors;
    bool joined = d->s[S_WORDS].data[1] != 0;
    return sieves_make(p, joined) || refuse(d, "out of memory");
}

static bool decode_checks(struct decoder *d)
{
    struct program *p = d->p;
    p->n_checks = d->s[S_CHECKS].n;
    if (!(p->checks = allot(d, p->n_checks, sizeof *p->checks)))
        return false;
    for (size_t i = 0; i < p->n_checks; i++) {
        const uint64_t *r = record(d, S_CHECKS, i);
        struct check *c = &p->checks[i];
        if (r[0] > DEADLOCK || !in_range(d, &c->bad, r[1], r[2], p->n_conjunctions)
            || !in_range(d, &c->covered, r[3], r[4], p->n_conjunctions))
            return refuse(d, "a check is out of range");
        c->kind = (enum check_kind)r[0];
    }
    if (d->s[S_QUIESCENT].n != 1)
        return refuse(d, "there is not one section of quiescent states");
    const uint64_t *q = record(d, S_QUIESCENT, 0);
    if (!in_range(d, &p->quiescent, q[0], q[1], p->n_conjunctions))
        return false;
    if (d->s[S_INITIAL].n % p->words)
        return refuse(d, "an initial state is cut short");
    p->n_initial = d->s[S_INITIAL].n / p->words;
    if (!(p->initial = allot(d, d->s[S_INITIAL].n, sizeof *p->initial)))
        return false;
    if (d->s[S_INITIAL].n)
        memcpy(p->initial, d->s[S_INITIAL].data, d->s[S_INITIAL].n * sizeof *p->initial);
    return true;
}

struct program *program_decode(const uint64_t *words, size_t n, const char **reason)
{
    struct decoder d = {.p = calloc(1, sizeof *d.p)};
    if (!d.p) {
        *reason = "out of memory";
        return NULL;
    }
    bool ok = split(&d, words, n);
    if (ok && (d.s[S_WORDS].n != 1 || d.s[S_WORDS].data[0] < 1 || d.s[S_WORDS].data[0] > WORDS_MAX))
        ok = refuse(&d, "the number of words of a state is out of range");
    if (ok) {
        d.p->words = (uint32_t)d.s[S_WORDS].data[0];
        ok = decode_fields(&d) && decode_tests(&d) && decode_groups(&d) && decode_effects(&d)
             && decode_rules(&d) && decode_permutations(&d) && decode_processes(&d) && decode_checks(&d);
    }
    if (ok)
        return d.p;
    *reason = d.reason ? d.reason : "not a program";
    program_free(d.p);
    return NULL;
}
