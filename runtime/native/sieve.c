#include "sieve.h"

#include "step.h"

enum { SIEVE_BITS = 6 }; /* rows of a usual program stay in the first-level cache */

static uint64_t field_bits(const struct field *f)
{
    return f->mask << f->shift;
}

/* The bits of the word that a test looks at, and whether it looks at no others. */
static bool looks_at(const struct program *p, const struct test *t, uint32_t word, uint64_t *bits)
{
    switch (t->op) {
    case OP_MISMATCH:
        *bits = t->guard.mask;
        return t->guard.word == word;
    case OP_SAME:
    case OP_DIFFER:
        *bits = field_bits(&t->a) | field_bits(&t->b);
        return t->a.word == word && t->b.word == word;
    case OP_LOOKUP:
    default:
        *bits = 0;
        for (uint32_t i = t->parts.first; i < t->parts.first + t->parts.n; i++) {
            *bits |= p->parts[i].mask << p->parts[i].shift;
            if (p->parts[i].word != word)
                return false;
        }
        return true;
    }
}

static bool decides(const struct program *p, const struct sieve *f, const struct test *t)
{
    uint64_t bits;
    return looks_at(p, t, f->word, &bits) && !(bits & ~(f->mask << f->shift));
}

/* The first bit that is not of the run that begins at `at`; fields are kept whole. */
static uint32_t run_end(uint32_t at, uint64_t joined)
{
    uint32_t most = at + SIEVE_BITS < 64 ? at + SIEVE_BITS : 64, end = most;
    while (end > at && end < 64 && joined >> end & 1)
        end--;
    return end > at ? end : most;
}

static bool cut(struct program *p)
{
    uint64_t *tested = program_allot(p, p->words, sizeof *tested);
    uint64_t *joined = program_allot(p, p->words, sizeof *joined); /* with the bit below */
    if (!tested || !joined)
        return false;
    for (size_t i = 0; i < p->n_fields; i++)
        if (p->fields[i].width <= SIEVE_BITS)
            joined[p->fields[i].word] |= field_bits(&p->fields[i]) & field_bits(&p->fields[i]) << 1;
    for (size_t i = 0; i < p->n_entries; i++) {
        const struct rule *rule = &p->rules[p->entries[i]];
        tested[p->entry_pcs[i].word] |= p->entry_pcs[i].mask;
        for (uint32_t j = rule->guards.first; j < rule->guards.first + rule->guards.n; j++)
            tested[p->guards[j].word] |= p->guards[j].mask;
        for (uint32_t j = rule->tests.first; j < rule->tests.first + rule->tests.n; j++)
            if (p->tests[j].op == OP_MISMATCH)
                tested[p->tests[j].guard.word] |= p->tests[j].guard.mask;
    }
    size_t most = 0;
    for (uint32_t w = 0; w < p->words; w++)
        most += (size_t)__builtin_popcountll(tested[w]);
    if (!(p->sieves = program_allot(p, most, sizeof *p->sieves)))
        return false;
    for (uint32_t w = 0; w < p->words; w++)
        for (uint32_t at = 0, end; at < 64; at = end) {
            end = at + 1;
            if (!(tested[w] >> at & 1))
                continue;
            end = run_end(at, joined[w]);
            p->sieves[p->n_sieves++] = (struct sieve){
                .word = w, .shift = at, .mask = UINT64_MAX >> (64 - (end - at))};
        }
    return true;
}

/* Puts the tests of a rule that no sieve decides in front; how many they are. */
static uint32_t undecided(struct program *p, const struct rule *rule)
{
    struct test *tests = p->tests + rule->tests.first;
    uint32_t n = 0;
    for (uint32_t i = 0; i < rule->tests.n; i++) {
        struct test test = tests[i];
        bool decided = false;
        for (size_t j = 0; j < p->n_sieves; j++)
            decided |= decides(p, &p->sieves[j], &test);
        if (!decided) {
            tests[i] = tests[n];
            tests[n++] = test;
        }
    }
    return n;
}

/* Takes an entry out of the rows whose value breaks a guard or a test of it. */
static void fill(const struct program *p, const struct sieve *f, uint64_t *rows, size_t entry,
                 const struct guard *pc, uint64_t *state)
{
    const struct rule *rule = &p->rules[p->entries[entry]];
    uint64_t bits = f->mask << f->shift, mask = 0, wanted = 0;
    for (uint32_t i = 0; i <= rule->guards.n; i++) {
        const struct guard *g = i ? &p->guards[rule->guards.first + i - 1] : pc;
        if (g->word == f->word) {
            mask |= g->mask & bits;
            wanted |= g->value & bits;
        }
    }
    for (uint64_t value = 0; value <= f->mask; value++) {
        state[f->word] = value << f->shift;
        bool holds = (state[f->word] & mask) == wanted;
        for (uint32_t i = rule->tests.first; i < rule->tests.first + rule->tests.n && holds; i++)
            holds = !decides(p, f, &p->tests[i]) || step_holds(p, &p->tests[i], state);
        if (!holds)
            rows[value * p->entry_words + entry / 64] &= ~(UINT64_C(1) << entry % 64);
    }
    state[f->word] = 0;
}

bool sieves_make(struct program *p)
{
    const struct guard *pcs = p->entry_pcs;
    p->entry_words = (uint32_t)(p->n_entries / 128 * 2 + 2);
    p->possible = program_allot(p, p->entry_words, sizeof *p->possible);
    uint64_t *state = program_allot(p, p->words, sizeof *state);
    if (!p->possible || !state || !cut(p))
        return false;
    for (size_t i = 0; i < p->n_entries; i++) {
        struct range guards = p->rules[p->entries[i]].guards;
        bool possible = !(pcs[i].value & ~pcs[i].mask);
        for (uint32_t j = guards.first; j < guards.first + guards.n; j++)
            possible &= !(p->guards[j].value & ~p->guards[j].mask);
        p->possible[i / 64] |= (uint64_t)possible << i % 64;
    }
    for (size_t i = 0; i < p->n_sieves; i++) {
        struct sieve *f = &p->sieves[i];
        uint64_t *rows = program_allot(p, (size_t)(f->mask + 1) * p->entry_words, sizeof *rows);
        if (!rows)
            return false;
        for (uint64_t value = 0; value <= f->mask; value++)
            memcpy(rows + value * p->entry_words, p->possible, p->entry_words * sizeof *rows);
        for (size_t j = 0; j < p->n_entries; j++)
            fill(p, f, rows, j, &pcs[j], state);
        f->rows = rows;
    }
    for (size_t i = 0; i < p->n_rules; i++) {
        struct rule *rule = &p->rules[i];
        rule->tests.n = undecided(p, rule);
        rule->flags |= rule->tests.n ? RULE_TESTS : 0;
    }
    return true;
}
