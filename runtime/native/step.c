#include "step.h"

#include "memory.h"

#include <stdlib.h>

bool scratch_init(struct scratch *scratch, const struct program *p)
{
    size_t states = 2 * (size_t)p->words + 2 * p->group_fields_max;
    size_t n = states + (p->sifted_max + 1) * (sizeof *scratch->sifted / sizeof(uint64_t));
    uint64_t *memory = calloc_lines(n, sizeof *memory);
    if (!memory)
        return false;
    scratch->memory = memory;
    scratch->image = memory;
    scratch->least = memory + p->words;
    scratch->versions = scratch->least + p->words;
    scratch->seen = scratch->versions + p->group_fields_max;
    scratch->sifted = (struct sifted *)(memory + states);
    return true;
}

void scratch_free(struct scratch *scratch)
{
    free(scratch->memory);
}

static inline uint64_t get(const struct field *f, const uint64_t *state)
{
    return (state[f->word] >> f->shift) & f->mask;
}

static inline void set(const struct field *f, uint64_t *state, uint64_t value)
{
    state[f->word] = (state[f->word] & ~(f->mask << f->shift)) | ((value & f->mask) << f->shift);
}

static inline uint64_t table_index(const struct program *p, struct range parts,
                                   const uint64_t *state)
{
    uint64_t index = 0;
    for (uint32_t i = parts.first; i < parts.first + parts.n; i++) {
        const struct part *part = &p->parts[i];
        index |= ((state[part->word] >> part->shift) & part->mask) << part->position;
    }
    return index;
}

bool step_holds(const struct program *p, const struct test *t, const uint64_t *state)
{
    switch (t->op) {
    case OP_MISMATCH:
        return !step_guard(state, &t->guard);
    case OP_SAME:
        return get(&t->a, state) == get(&t->b, state);
    case OP_DIFFER:
        return get(&t->a, state) != get(&t->b, state);
    case OP_LOOKUP:
    default:
        return t->table[table_index(p, t->parts, state)] != 0;
    }
}

bool step_tests(const struct program *p, struct range guards, struct range tests,
                const uint64_t *state)
{
    for (uint32_t i = guards.first; i < guards.first + guards.n; i++)
        if (!step_guard(state, &p->guards[i]))
            return false;
    for (uint32_t i = tests.first; i < tests.first + tests.n; i++)
        if (!step_holds(p, &p->tests[i], state))
            return false;
    return true;
}

bool step_next(const struct program *p, const struct scratch *scratch, const uint64_t *state,
               uint32_t *at, uint32_t *rule)
{
    for (uint32_t i = *at; i < 64 * scratch->n_sifted; i++) {
        const struct sifted *s = &scratch->sifted[i / 64];
        if (s->left >> i % 64 & 1 && step_enabled(p, &p->rules[s->entries[i % 64]], state)) {
            *rule = s->entries[i % 64];
            *at = i + 1;
            return true;
        }
    }
    return false;
}

bool step_matches(const struct program *p, struct range conjunctions, const uint64_t *state)
{
    for (uint32_t i = conjunctions.first; i < conjunctions.first + conjunctions.n; i++)
        if (step_tests(p, p->conjunctions[i].guards, p->conjunctions[i].tests, state))
            return true;
    return false;
}

static uint64_t largest(const struct program *p, const struct group *g, const uint64_t *state)
{
    uint64_t most = 0;
    for (uint32_t i = g->fields.first; i < g->fields.first + g->fields.n; i++) {
        uint64_t version = get(&p->group_fields[i], state);
        if (version > most)
            most = version;
    }
    return most;
}

enum step step_effects(const struct program *p, struct scratch *scratch, const struct rule *rule,
                       const uint64_t *old, uint64_t *state)
{
    for (uint32_t i = rule->effects.first; i < rule->effects.first + rule->effects.n; i++) {
        const struct effect *e = &p->effects[i];
        switch (e->op) {
        case OP_COPY:
            set(&e->to, state, get(&e->from, old));
            break;
        case OP_MAP:
            set(&e->to, state, e->table[table_index(p, e->parts, old)]);
            break;
        case OP_FRESH:
        default: {
            const struct group *g = &p->groups[e->group];
            if (g->canonical)
                break; /* step_canonical_versions gives it a number */
            uint64_t fresh = largest(p, g, old) + 1;
            if (fresh < g->named)
                fresh = g->named;
            if (fresh > e->to.mask)
                return VERSIONS_SPENT;
            set(&e->to, state, fresh);
        }
        }
    }
    return step_canonical_versions(p, scratch, rule->groups, rule, state);
}

/* A version that no field can hold stands for the fresh one. */
#define FRESH_VERSION (UINT64_C(1) << 33)

static enum step renumber(const struct program *p, struct scratch *scratch, uint32_t group,
                          const struct rule *rule, uint64_t *state)
{
    const struct group *g = &p->groups[group];
    const struct field *fields = p->group_fields + g->fields.first;
    uint32_t n = g->fields.n;
    uint64_t *versions = scratch->versions, *seen = scratch->seen;
    for (uint32_t i = 0; i < n; i++)
        versions[i] = get(&fields[i], state);
    if (rule)
        for (uint32_t i = rule->effects.first; i < rule->effects.first + rule->effects.n; i++) {
            const struct effect *e = &p->effects[i];
            if (e->op != OP_FRESH || e->group != group)
                continue;
            for (uint32_t j = 0; j < n; j++)
                if (p->ids[g->fields.first + j] == e->field_id)
                    versions[j] = FRESH_VERSION;
        }
    uint32_t others = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t version = versions[i];
        if (version < g->named)
            continue;
        uint32_t k = 0;
        while (k < others && seen[k] != version)
            k++;
        if (k == others)
            seen[others++] = version;
        version = g->named + k;
        if (version > fields[i].mask)
            return VERSIONS_SPENT;
        set(&fields[i], state, version);
    }
    return STEPPED;
}

enum step step_canonical_versions(const struct program *p, struct scratch *scratch,
                                  struct range groups, const struct rule *rule, uint64_t *state)
{
    for (uint32_t i = groups.first; i < groups.first + groups.n; i++)
        if (renumber(p, scratch, p->group_lists[i], rule, state) != STEPPED)
            return VERSIONS_SPENT;
    return STEPPED;
}

enum step step_canonical(const struct program *p, struct scratch *scratch, uint64_t *state)
{
    for (uint32_t g = 0; g < p->n_groups; g++)
        if (p->groups[g].canonical && renumber(p, scratch, g, NULL, state) != STEPPED)
            return VERSIONS_SPENT;
    return STEPPED;
}

void step_compact(const struct program *p, struct scratch *scratch, uint64_t *state,
                  uint64_t *spare)
{
    if (!p->counted)
        return;
    memcpy(spare, state, p->words * sizeof *state);
    for (uint32_t g = 0; g < p->n_groups; g++)
        if (!p->groups[g].canonical && renumber(p, scratch, g, NULL, spare) != STEPPED)
            return;
    memcpy(state, spare, p->words * sizeof *state);
}

bool step_alike(const struct program *p, struct scratch *scratch, const uint64_t *a,
                const uint64_t *b)
{
    uint64_t *one = scratch->versions, *other = scratch->seen;
    for (uint32_t i = 0; i < p->n_groups; i++) {
        const struct group *g = &p->groups[i];
        for (uint32_t j = 0; !g->canonical && j < g->fields.n; j++) {
            const struct field *f = &p->group_fields[g->fields.first + j];
            one[j] = get(f, a);
            other[j] = get(f, b);
            if ((one[j] < g->named || other[j] < g->named) && one[j] != other[j])
                return false;
            for (uint32_t k = 0; k < j; k++)
                if ((one[k] == one[j]) != (other[k] == other[j]))
                    return false;
        }
    }
    return true;
}

static inline uint64_t image_word(const struct program *p, const struct permutation *q,
                                  const uint64_t *state, uint32_t w)
{
    uint64_t word = state[w] & q->image[w].keep;
    const struct shift_move *m = p->shift_moves + q->image[w].shifts.first;
    for (const struct shift_move *end = m + q->image[w].shifts.n; m < end; m++) {
        uint64_t bits = state[m->from] & m->mask;
        word |= bits << m->rotate | bits >> (-m->rotate & 63);
    }
    return word;
}

/* For permutations that only shift: of states of one or two words, without a branch. */
static ALWAYS_INLINE void least_of_shifts(const struct program *p, uint64_t *state, uint32_t words)
{
    unsigned __int128 least = words == 1 ? state[0] : (unsigned __int128)state[0] << 64 | state[1];
    for (size_t i = 0; i < p->n_permutations; i++) {
        const struct permutation *q = &p->permutations[i];
        unsigned __int128 image = image_word(p, q, state, 0);
        if (words == 2)
            image = image << 64 | image_word(p, q, state, 1);
        least = image < least ? image : least;
    }
    state[0] = (uint64_t)(words == 1 ? least : least >> 64);
    if (words == 2)
        state[1] = (uint64_t)least;
}

static enum step permute(const struct program *p, struct scratch *scratch,
                         const struct permutation *q, const uint64_t *state, uint64_t *image)
{
    for (uint32_t w = 0; w < p->words; w++)
        image[w] = image_word(p, q, state, w);
    for (uint32_t i = q->tables.first; i < q->tables.first + q->tables.n; i++) {
        const struct table_move *m = &p->table_moves[i];
        image[m->to.word] |= (m->table[get(&m->from, state)] & m->to.mask) << m->to.shift;
    }
    return step_canonical_versions(p, scratch, q->groups, NULL, image);
}

static bool less(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    for (uint32_t w = 0; w < words; w++)
        if (a[w] != b[w])
            return a[w] < b[w];
    return false;
}

enum step step_least_image(const struct program *p, struct scratch *scratch, uint64_t *state)
{
    if (p->only_shifts && p->words == 1) {
        least_of_shifts(p, state, 1);
        return STEPPED;
    }
    if (p->only_shifts && p->words == 2) {
        least_of_shifts(p, state, 2);
        return STEPPED;
    }
    memcpy(scratch->least, state, p->words * sizeof *state);
    for (size_t i = 0; i < p->n_permutations; i++) {
        if (permute(p, scratch, &p->permutations[i], state, scratch->image) != STEPPED)
            return VERSIONS_SPENT;
        if (less(scratch->image, scratch->least, p->words)) {
            uint64_t *least = scratch->image;
            scratch->image = scratch->least;
            scratch->least = least;
        }
    }
    memcpy(state, scratch->least, p->words * sizeof *state);
    return STEPPED;
}
