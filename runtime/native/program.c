/* Decoding, and what follows from the program alone: which rules touch which
 * version groups, the dispatch entries, permutations as shifts and masks. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT64_MAX
#define MAGIC UINT64_C(0x6d6d73636e000001)

/* The order and record widths of encode.py's sections. */
enum {
    S_WORDS, S_FIELDS, S_TABLES, S_CELLS, S_GUARDS, S_PARTS, S_TESTS, S_CONJUNCTIONS, S_EFFECTS,
    S_WORD_EFFECTS, S_IDS, S_RULES, S_PROCESSES, S_PCS, S_CHECKS, S_QUIESCENT, S_GROUPS,
    S_PERMUTATIONS, S_MOVES, S_INITIAL, S_COUNT
};
static const unsigned char WIDTH[S_COUNT] = {
    1, 3, 2, 1, 3, 1, 6, 4, 5, 4, 1, 12, 7, 2, 5, 2, 4, 2, 3, 1
};

struct section { const uint64_t *data; size_t n; };

struct decoder {
    struct section s[S_COUNT];
    struct program *p;
    uint32_t *cells;
    bool *claimed;      /* parts that belong to some test or effect, by index */
    const char *reason;
};

struct block { struct block *next; uint64_t data[]; };

static bool refuse(struct decoder *d, const char *reason)
{
    if (!d->reason)
        d->reason = reason;
    return false;
}

void *program_allot(struct program *p, size_t n, size_t size)
{
    size_t bytes = n * size + 1;
    if (size && n > (SIZE_MAX / 4) / size)
        return NULL;
    struct block *block = calloc(1, sizeof *block + bytes);
    if (!block)
        return NULL;
    block->next = p->blocks;
    p->blocks = block;
    return block->data;
}

static void *allot(struct decoder *d, size_t n, size_t size)
{
    void *memory = program_allot(d->p, n, size);
    if (!memory)
        refuse(d, "out of memory");
    return memory;
}

static const uint64_t *record(const struct decoder *d, int section, size_t i)
{
    return d->s[section].data + i * WIDTH[section];
}

static bool in_range(struct decoder *d, struct range *out, uint64_t first, uint64_t n, size_t of)
{
    if (first > of || n > of - first || of > UINT32_MAX)
        return refuse(d, "a range runs past its section");
    *out = (struct range){(uint32_t)first, (uint32_t)n};
    return true;
}

static bool below(struct decoder *d, uint64_t i, size_t n)
{
    return i < n || refuse(d, "an index runs past its section");
}

static bool get_field(struct decoder *d, struct field *out, uint64_t id)
{
    if (!below(d, id, d->p->n_fields))
        return false;
    *out = d->p->fields[id];
    return true;
}

/* The table, checked to have a cell for every index that `parts` can make. */
static bool get_table(struct decoder *d, const uint32_t **out, uint64_t id, unsigned bits)
{
    if (!below(d, id, d->s[S_TABLES].n))
        return false;
    const uint64_t *table = record(d, S_TABLES, id);
    struct range cells;
    if (!in_range(d, &cells, table[0], table[1], d->s[S_CELLS].n))
        return false;
    if (bits > INDEX_BITS_MAX || cells.n >> bits == 0)
        return refuse(d, "a table is smaller than the fields that index it");
    *out = d->cells + cells.first;
    return true;
}

static bool get_indexed(struct decoder *d, const uint32_t **table, struct range *parts,
                        uint64_t id, uint64_t first, uint64_t n)
{
    struct program *p = d->p;
    if (!in_range(d, parts, first, n, p->n_parts))
        return false;
    unsigned bits = 0;
    for (uint32_t i = 0; i < parts->n; i++) {
        struct part *part = &p->parts[parts->first + i];
        if (d->claimed[parts->first + i])
            return refuse(d, "two tables share the parts of an index");
        d->claimed[parts->first + i] = true;
        part->position = bits;
        for (uint64_t m = part->mask; m; m >>= 1)
            bits++;
        if (bits > INDEX_BITS_MAX)
            return refuse(d, "a table index is too wide");
    }
    return get_table(d, table, id, bits);
}

static bool split(struct decoder *d, const uint64_t *words, size_t n)
{
    if (n < 1 || words[0] != MAGIC)
        return refuse(d, "not an encoded program of this version");
    size_t at = 1;
    for (int i = 0; i < S_COUNT; i++) {
        if (at >= n || words[at] > (n - at - 1) / WIDTH[i])
            return refuse(d, "a section is cut short");
        d->s[i] = (struct section){words + at + 1, (size_t)words[at]};
        at += 1 + (size_t)words[at] * WIDTH[i];
    }
    return at == n || refuse(d, "words follow the last section");
}

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
    for (size_t i = 0; i < p->n_tests; i++) {
        const uint64_t *r = record(d, S_TESTS, i);
        struct test *t = &p->tests[i];
        t->op = (enum op)(r[0] & 0xff);
        switch (r[0]) {
        case OP_MISMATCH:
            if (!below(d, r[1], p->words))
                return false;
            t->guard = (struct guard){.word = (uint32_t)r[1], .mask = r[2], .value = r[3]};
            break;
        case OP_SAME:
        case OP_DIFFER:
            if (!get_field(d, &t->a, r[1]) || !get_field(d, &t->b, r[2]))
                return false;
            break;
        case OP_LOOKUP:
            if (!get_indexed(d, &t->table, &t->parts, r[1], r[4], r[5]))
                return false;
            break;
        default:
            return refuse(d, "a test has an op that is no test");
        }
    }
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

/* The canonical groups with a field among the bits, one list after the other. */
static struct range groups_written(struct program *p, uint32_t *lists, size_t *at,
                                   const uint64_t *written)
{
    struct range out = {(uint32_t)*at, 0};
    for (uint32_t g = 0; g < p->n_groups; g++) {
        bool hit = false;
        if (!p->groups[g].canonical)
            continue;
        for (uint32_t i = 0; i < p->groups[g].fields.n; i++) {
            const struct field *f = &p->group_fields[p->groups[g].fields.first + i];
            hit |= (written[f->word] & (f->mask << f->shift)) != 0;
        }
        if (hit) {
            lists[(*at)++] = g;
            out.n++;
        }
    }
    return out;
}

static bool decode_rules(struct decoder *d)
{
    struct program *p = d->p;
    size_t n = p->n_rules = d->s[S_RULES].n;
    size_t moves = d->s[S_PERMUTATIONS].n;
    if (n > UINT32_MAX / 2)
        return refuse(d, "too many rules");
    p->rules = allot(d, n, sizeof *p->rules);
    p->word_effects = allot(d, n * p->words, sizeof *p->word_effects);
    p->group_lists = allot(d, (n + moves) * (p->n_groups + 1), sizeof *p->group_lists);
    uint64_t *written = allot(d, p->words, sizeof *written);
    if (d->reason)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t *r = record(d, S_RULES, i);
        struct rule *rule = &p->rules[i];
        struct range words;
        if (!below(d, r[0], d->s[S_PROCESSES].n) || !below(d, r[1], p->n_conjunctions)
            || !in_range(d, &words, r[2], r[3], d->s[S_WORD_EFFECTS].n)
            || !in_range(d, &rule->effects, r[4], r[5], p->n_effects)
            || !in_range(d, &rule->violates, r[6], r[7], p->n_ids)
            || !in_range(d, &rule->covers, r[8], r[9], p->n_ids))
            return false;
        rule->process = (uint32_t)r[0];
        rule->guards = p->conjunctions[r[1]].guards;
        rule->tests = p->conjunctions[r[1]].tests;
        memset(written, 0, p->words * sizeof *written);
        struct word_effect *effects = p->word_effects + i * p->words;
        for (uint32_t w = 0; w < p->words; w++)
            effects[w].keep = UINT64_MAX;
        for (uint32_t j = 0; j < words.n; j++) {
            const uint64_t *e = record(d, S_WORD_EFFECTS, words.first + j);
            if (!below(d, e[0], p->words))
                return false;
            effects[e[0]] = (struct word_effect){.keep = ~e[1], .put = e[2], .add = e[3]};
        }
        struct range added; /* ids of the fields that ADD writes to, packed in one word */
        if (!in_range(d, &added, r[10] >> 32, r[10] & UINT32_MAX, p->n_ids))
            return false;
        for (uint32_t j = 0; j < added.n; j++) {
            struct field f;
            if (!get_field(d, &f, p->ids[added.first + j]))
                return false;
            written[f.word] |= f.mask << f.shift;
        }
        for (uint32_t w = 0; w < p->words; w++)
            written[w] |= ~effects[w].keep;
        for (uint32_t j = 0; j < rule->effects.n; j++) {
            const struct effect *e = &p->effects[rule->effects.first + j];
            written[e->to.word] |= e->to.mask << e->to.shift;
        }
        rule->groups = groups_written(p, p->group_lists, &at, written);
        for (uint32_t j = 0; j < rule->violates.n; j++)
            if (!below(d, p->ids[rule->violates.first + j], d->s[S_CHECKS].n))
                return false;
        for (uint32_t j = 0; j < rule->covers.n; j++)
            if (!below(d, p->ids[rule->covers.first + j], d->s[S_CHECKS].n))
                return false;
        rule->flags = (rule->effects.n || rule->groups.n ? RULE_EFFECTS : 0)
                      | (r[11] ? RULE_HALTS : 0)
                      | (rule->violates.n || rule->covers.n ? RULE_REPORTS : 0)
                      | (*record(d, S_PROCESSES, rule->process) == AGENT ? RULE_AGENT : 0);
        p->halting |= r[11] != 0;
    }
    /* Permutations use the rest of group_lists. */
    p->n_permutations = moves;
    p->permutations = allot(d, moves, sizeof *p->permutations);
    p->shift_moves = allot(d, d->s[S_MOVES].n, sizeof *p->shift_moves);
    p->table_moves = allot(d, d->s[S_MOVES].n, sizeof *p->table_moves);
    if (d->reason)
        return false;
    size_t shifts = 0, tables = 0;
    p->only_shifts = true;
    for (size_t i = 0; i < moves; i++) {
        const uint64_t *r = record(d, S_PERMUTATIONS, i);
        struct permutation *q = &p->permutations[i];
        struct range list;
        if (!in_range(d, &list, r[0], r[1], d->s[S_MOVES].n)
            || list.n > d->s[S_MOVES].n - shifts || list.n > d->s[S_MOVES].n - tables)
            return refuse(d, "the permutations' moves overlap");
        if (!(q->image = allot(d, p->words, sizeof *q->image)))
            return false;
        memset(written, 0, p->words * sizeof *written);
        q->tables.first = (uint32_t)tables;
        for (uint32_t w = 0; w < p->words; w++) {
            q->image[w].shifts.first = (uint32_t)shifts;
            for (uint32_t j = 0; j < list.n; j++) {
                const uint64_t *m = record(d, S_MOVES, list.first + j);
                struct field to, from;
                if (!get_field(d, &to, m[0]) || !get_field(d, &from, m[1]))
                    return false;
                if (to.word != w)
                    continue;
                written[w] |= to.mask << to.shift;
                if (m[2] != NONE) {
                    struct table_move *t = &p->table_moves[tables++];
                    t->from = from;
                    t->to = to;
                    if (!get_table(d, &t->table, m[2], from.width))
                        return false;
                    continue;
                }
                uint64_t mask = (from.mask & to.mask) << from.shift;
                uint32_t rotate = (to.shift - from.shift) & 63;
                size_t k = q->image[w].shifts.first;
                while (k < shifts && (p->shift_moves[k].from != from.word
                                      || p->shift_moves[k].rotate != rotate))
                    k++;
                if (k == shifts)
                    p->shift_moves[shifts++]
                        = (struct shift_move){.from = from.word, .rotate = rotate};
                p->shift_moves[k].mask |= mask;
            }
            q->image[w].shifts.n = (uint32_t)(shifts - q->image[w].shifts.first);
            q->image[w].keep = ~written[w];
        }
        q->tables.n = (uint32_t)(tables - q->tables.first);
        q->groups = groups_written(p, p->group_lists, &at, written);
        p->only_shifts &= !q->tables.n && !q->groups.n;
    }
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
    uint64_t successors = 0;
    p->entries = allot(d, total, sizeof *p->entries);
    struct guard *pcs_of = allot(d, total, sizeof *pcs_of); /* by entry */
    if (d->reason)
        return false;
    for (size_t i = 0; i < p->n_processes; i++) {
        const uint64_t *r = record(d, S_PROCESSES, i);
        struct process *q = &p->processes[i];
        struct range pcs, rest;
        if (r[0] > AGENT || !in_range(d, &pcs, r[2], r[3], d->s[S_PCS].n)
            || !in_range(d, &rest, r[4], r[5], p->n_ids) || r[6] > INT32_MAX)
            return refuse(d, "a process is out of range");
        q->kind = (enum process_kind)r[0];
        q->column = (uint32_t)r[6];
        p->threads |= q->kind == THREAD;
        if (r[1] != NONE) {
            struct field f;
            if (!get_field(d, &f, r[1]))
                return false;
            q->word = f.word;
            q->shift = f.shift;
            q->mask = f.mask;
        }
        q->pcs = pcs.n;
        q->rest = allot(d, pcs.n, 1);
        if (d->reason)
            return false;
        for (uint32_t j = 0; j < rest.n; j++)
            if (p->ids[rest.first + j] < pcs.n)
                q->rest[p->ids[rest.first + j]] = 1;
        uint32_t longest = 0;
        for (uint32_t pc = 0; pc < pcs.n; pc++) {
            const uint64_t *list = record(d, S_PCS, pcs.first + pc);
            for (uint64_t j = 0; j < list[1]; j++) {
                uint32_t id = p->ids[list[0] + j];
                if (!below(d, id, p->n_rules))
                    return false;
                if (p->n_entries == total)
                    return refuse(d, "two processes share a dispatch list");
                pcs_of[p->n_entries] = (struct guard){.word = q->word, .mask = q->mask << q->shift,
                                                      .value = (uint64_t)pc << q->shift};
                if (pc > q->mask)
                    pcs_of[p->n_entries].mask = 0; /* and so it matches nothing */
                p->entries[p->n_entries++] = id;
            }
            if (list[1] > longest)
                longest = (uint32_t)list[1];
        }
        successors += longest;
    }
    if (successors > UINT32_MAX / 4)
        return refuse(d, "too many successors");
    p->successors_max = (uint32_t)successors;
    return program_make_sieves(p, pcs_of) || refuse(d, "out of memory");
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
             && decode_rules(&d) && decode_processes(&d) && decode_checks(&d);
    }
    if (ok)
        return d.p;
    *reason = d.reason ? d.reason : "not a program";
    program_free(d.p);
    return NULL;
}

void program_free(struct program *program)
{
    if (!program)
        return;
    for (struct block *block = program->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(program);
}
