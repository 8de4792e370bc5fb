#include "decode_rules.h"

#include <string.h>

/* The canonical groups with a field among the bits, one list after the other. */
static struct range groups_written(struct program *p, const uint64_t *written)
{
    struct range out = {(uint32_t)p->n_group_lists, 0};
    for (uint32_t g = 0; g < p->n_groups; g++) {
        bool hit = false;
        if (!p->groups[g].canonical)
            continue;
        for (uint32_t i = 0; i < p->groups[g].fields.n; i++) {
            const struct field *f = &p->group_fields[p->groups[g].fields.first + i];
            hit |= (written[f->word] & (f->mask << f->shift)) != 0;
        }
        if (hit) {
            p->group_lists[p->n_group_lists++] = g;
            out.n++;
        }
    }
    return out;
}

static bool decode_word_effects(struct decoder *d, struct word_effect *effects, uint64_t first,
                                uint64_t n)
{
    uint32_t words = d->p->words;
    struct range range;
    if (!in_range(d, &range, first, n, d->s[S_WORD_EFFECTS].n))
        return false;
    for (uint32_t w = 0; w < words; w++)
        effects[w].keep = UINT64_MAX;
    for (uint32_t j = 0; j < range.n; j++) {
        const uint64_t *e = record(d, S_WORD_EFFECTS, range.first + j);
        if (!below(d, e[0], words))
            return false;
        effects[e[0]] = (struct word_effect){.keep = ~e[1], .put = e[2], .add = e[3]};
    }
    return true;
}

/* The bits that a rule writes. added: the ids of the fields that ADD writes to, packed. */
static bool decode_written(struct decoder *d, const struct rule *rule,
                           const struct word_effect *effects, uint64_t added, uint64_t *written)
{
    struct program *p = d->p;
    struct range ids;
    memset(written, 0, p->words * sizeof *written);
    if (!in_range(d, &ids, added >> 32, added & UINT32_MAX, p->n_ids))
        return false;
    for (uint32_t j = 0; j < ids.n; j++) {
        struct field f;
        if (!get_field(d, &f, p->ids[ids.first + j]))
            return false;
        written[f.word] |= f.mask << f.shift;
    }
    for (uint32_t w = 0; w < p->words; w++)
        written[w] |= ~effects[w].keep;
    for (uint32_t j = 0; j < rule->effects.n; j++) {
        const struct effect *e = &p->effects[rule->effects.first + j];
        written[e->to.word] |= e->to.mask << e->to.shift;
    }
    return true;
}

static bool are_checks(struct decoder *d, struct range ids)
{
    for (uint32_t j = 0; j < ids.n; j++)
        if (!below(d, d->p->ids[ids.first + j], d->s[S_CHECKS].n))
            return false;
    return true;
}

/* written: memory for a state. */
static bool decode_rule(struct decoder *d, size_t i, uint64_t *written)
{
    struct program *p = d->p;
    const uint64_t *r = record(d, S_RULES, i);
    struct rule *rule = &p->rules[i];
    struct word_effect *effects = p->word_effects + i * p->words;
    if (!below(d, r[0], d->s[S_PROCESSES].n) || !below(d, r[1], p->n_conjunctions)
        || !decode_word_effects(d, effects, r[2], r[3])
        || !in_range(d, &rule->effects, r[4], r[5], p->n_effects)
        || !in_range(d, &rule->violates, r[6], r[7], p->n_ids)
        || !in_range(d, &rule->covers, r[8], r[9], p->n_ids)
        || !decode_written(d, rule, effects, r[10], written))
        return false;
    rule->process = (uint32_t)r[0];
    rule->guards = p->conjunctions[r[1]].guards;
    rule->tests = p->conjunctions[r[1]].tests;
    rule->groups = groups_written(p, written);
    if (!are_checks(d, rule->violates) || !are_checks(d, rule->covers))
        return false;
    rule->flags = (rule->effects.n || rule->groups.n ? RULE_EFFECTS : 0)
                  | (r[11] ? RULE_HALTS : 0)
                  | (rule->violates.n || rule->covers.n ? RULE_REPORTS : 0)
                  | (*record(d, S_PROCESSES, rule->process) == AGENT ? RULE_AGENT : 0);
    p->halting |= r[11] != 0;
    return true;
}

bool decode_rules(struct decoder *d)
{
    struct program *p = d->p;
    size_t n = p->n_rules = d->s[S_RULES].n;
    if (n > UINT32_MAX / 2)
        return refuse(d, "too many rules");
    p->rules = allot(d, n, sizeof *p->rules);
    p->word_effects = allot(d, n * p->words, sizeof *p->word_effects);
    p->group_lists = allot(d, (n + d->s[S_PERMUTATIONS].n) * (p->n_groups + 1),
                           sizeof *p->group_lists);
    uint64_t *written = allot(d, p->words, sizeof *written);
    if (d->reason)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!decode_rule(d, i, written))
            return false;
    return true;
}

/* How many moves of either kind there are so far. */
struct moves { size_t shifts, tables; };

/* Adds a move of bits to those of its word, from the first on, that rotate as far. */
static void add_shift(struct program *p, struct moves *n, uint32_t first, const struct field *to,
                      const struct field *from)
{
    uint32_t rotate = (to->shift - from->shift) & 63;
    size_t k = first;
    while (k < n->shifts
           && (p->shift_moves[k].from != from->word || p->shift_moves[k].rotate != rotate))
        k++;
    if (k == n->shifts)
        p->shift_moves[n->shifts++] = (struct shift_move){.from = from->word, .rotate = rotate};
    p->shift_moves[k].mask |= (from->mask & to->mask) << from->shift;
}

/* What moves to one word; *written: its bits to which something moves. */
static bool decode_image_word(struct decoder *d, struct range list, uint32_t word,
                              struct image_word *image, struct moves *n, uint64_t *written)
{
    struct program *p = d->p;
    image->shifts.first = (uint32_t)n->shifts;
    *written = 0;
    for (uint32_t j = 0; j < list.n; j++) {
        const uint64_t *m = record(d, S_MOVES, list.first + j);
        struct field to, from;
        if (!get_field(d, &to, m[0]) || !get_field(d, &from, m[1]))
            return false;
        if (to.word != word)
            continue;
        *written |= to.mask << to.shift;
        if (m[2] == NONE) {
            add_shift(p, n, image->shifts.first, &to, &from);
            continue;
        }
        struct table_move *t = &p->table_moves[n->tables++];
        t->from = from;
        t->to = to;
        if (!get_table(d, &t->table, m[2], from.width))
            return false;
    }
    image->shifts.n = (uint32_t)(n->shifts - image->shifts.first);
    image->keep = ~*written;
    return true;
}

bool decode_permutations(struct decoder *d)
{
    struct program *p = d->p;
    size_t moves_max = d->s[S_MOVES].n;
    struct moves n = {0, 0};
    p->n_permutations = d->s[S_PERMUTATIONS].n;
    p->permutations = allot(d, p->n_permutations, sizeof *p->permutations);
    p->shift_moves = allot(d, moves_max, sizeof *p->shift_moves);
    p->table_moves = allot(d, moves_max, sizeof *p->table_moves);
    uint64_t *written = allot(d, p->words, sizeof *written);
    if (d->reason)
        return false;
    p->only_shifts = true;
    for (size_t i = 0; i < p->n_permutations; i++) {
        const uint64_t *r = record(d, S_PERMUTATIONS, i);
        struct permutation *q = &p->permutations[i];
        struct range list;
        if (!in_range(d, &list, r[0], r[1], moves_max) || list.n > moves_max - n.shifts
            || list.n > moves_max - n.tables)
            return refuse(d, "the permutations' moves overlap");
        if (!(q->image = allot(d, p->words, sizeof *q->image)))
            return false;
        q->tables.first = (uint32_t)n.tables;
        for (uint32_t w = 0; w < p->words; w++)
            if (!decode_image_word(d, list, w, &q->image[w], &n, &written[w]))
                return false;
        q->tables.n = (uint32_t)(n.tables - q->tables.first);
        q->groups = groups_written(p, written);
        p->only_shifts &= !q->tables.n && !q->groups.n;
    }
    return true;
}
