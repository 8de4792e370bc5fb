#include "sieve.h"

#include "step.h"

#include <string.h>

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

/* What the guards and tests of a list look at: memory for one list, used by all. */
struct looks {
    uint64_t *guarded; /* by word: what guards look at */
    uint64_t *asked;   /* and what tests do that look at that word only */
    uint64_t *joined;  /* the bits of a field that is kept whole, with the bit below */
    uint64_t *state;
    unsigned char *lists; /* by rule: in how many it is, up to 2 */
};

static void look(const struct program *p, const struct list *l, struct looks *k)
{
    memset(k->guarded, 0, p->words * sizeof *k->guarded);
    memset(k->asked, 0, p->words * sizeof *k->asked);
    for (uint32_t i = 0; i < l->n; i++) {
        const struct rule *rule = &p->rules[l->entries[i]];
        if (l->pcs)
            k->guarded[l->pcs[i].word] |= l->pcs[i].mask;
        for (uint32_t j = rule->guards.first; j < rule->guards.first + rule->guards.n; j++)
            k->guarded[p->guards[j].word] |= p->guards[j].mask;
        for (uint32_t j = rule->tests.first; j < rule->tests.first + rule->tests.n; j++) {
            const struct test *t = &p->tests[j];
            uint64_t bits;
            if (t->op == OP_MISMATCH)
                k->guarded[t->guard.word] |= t->guard.mask;
            for (uint32_t w = 0; w < p->words; w++)
                if (looks_at(p, t, w, &bits))
                    k->asked[w] |= bits;
        }
    }
    for (uint32_t w = 0; w < p->words; w++)
        k->asked[w] |= k->guarded[w];
}

/* Cuts what the guards of a list look at into runs that end with a bit that something looks at. */
static bool cut(struct program *p, struct list *l, const struct looks *k)
{
    size_t most = 0;
    for (uint32_t w = 0; w < p->words; w++)
        most += (size_t)__builtin_popcountll(k->guarded[w]);
    if (!(l->sieves = program_allot(p, most, sizeof *l->sieves)))
        return false;
    for (uint32_t w = 0; w < p->words; w++)
        for (uint32_t at = 0, end; at < 64; at = end) {
            end = at + 1;
            if (!(k->guarded[w] >> at & 1))
                continue;
            end = run_end(at, k->joined[w]);
            uint64_t mask = UINT64_MAX >> (64 - (end - at));
            uint64_t bits = k->asked[w] >> at & mask;
            l->sieves[l->n_sieves++] = (struct sieve){
                .word = w, .shift = at, .mask = UINT64_MAX >> __builtin_clzll(bits)};
        }
    return true;
}

/* Puts the tests of a rule that no sieve of its list decides in front; how many they are. */
static uint32_t undecided(struct program *p, const struct list *l, const struct rule *rule)
{
    struct test *tests = p->tests + rule->tests.first;
    uint32_t n = 0;
    for (uint32_t i = 0; i < rule->tests.n; i++) {
        struct test test = tests[i];
        bool decided = false;
        for (uint32_t j = 0; j < l->n_sieves; j++)
            decided |= decides(p, &l->sieves[j], &test);
        if (!decided) {
            tests[i] = tests[n];
            tests[n++] = test;
        }
    }
    return n;
}

/* Takes an entry out of the rows whose value breaks a guard or a test of it. */
static void fill(const struct program *p, const struct list *l, const struct sieve *f,
                 uint64_t *rows, uint32_t entry, uint64_t *state)
{
    const struct rule *rule = &p->rules[l->entries[entry]];
    uint64_t bits = f->mask << f->shift, mask = 0, wanted = 0;
    for (uint32_t i = 0; i < rule->guards.n + (l->pcs != NULL); i++) {
        const struct guard *g
            = i < rule->guards.n ? &p->guards[rule->guards.first + i] : &l->pcs[entry];
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
            rows[value * l->words + entry / 64] &= ~(UINT64_C(1) << entry % 64);
    }
    state[f->word] = 0;
}

static bool rows_make(struct program *p, struct list *l, struct looks *k)
{
    l->words = (l->n + 127) / 128 * 2;
    uint64_t *possible = program_allot(p, l->words, sizeof *possible);
    look(p, l, k);
    if (!possible || !cut(p, l, k))
        return false;
    for (uint32_t i = 0; i < l->n; i++) {
        struct range guards = p->rules[l->entries[i]].guards;
        bool met = !l->pcs || !(l->pcs[i].value & ~l->pcs[i].mask);
        for (uint32_t j = guards.first; j < guards.first + guards.n; j++)
            met &= !(p->guards[j].value & ~p->guards[j].mask);
        possible[i / 64] |= (uint64_t)met << i % 64;
    }
    l->possible = possible;
    for (uint32_t i = 0; i < l->n_sieves; i++) {
        struct sieve *f = &l->sieves[i];
        uint64_t *rows = program_allot(p, (size_t)(f->mask + 1) * l->words, sizeof *rows);
        if (!rows)
            return false;
        for (uint64_t value = 0; value <= f->mask; value++)
            memcpy(rows + value * l->words, l->possible, l->words * sizeof *rows);
        for (uint32_t j = 0; j < l->n; j++)
            fill(p, l, f, rows, j, k->state);
        f->rows = rows;
    }
    return true;
}

/* A test that a sieve decides is left out of its rule, if that is in one list. */
static void decide(struct program *p, const struct list *l, const struct looks *k)
{
    for (uint32_t i = 0; i < l->n; i++) {
        struct rule *rule = &p->rules[l->entries[i]];
        if (k->lists[l->entries[i]] == 1)
            rule->tests.n = undecided(p, l, rule);
        rule->flags |= rule->tests.n ? RULE_TESTS : 0;
    }
}

static bool join(struct program *p)
{
    struct list *all = program_allot(p, 1, sizeof *all);
    if (!all)
        return false;
    *all = (struct list){.entries = p->entries, .pcs = p->entry_pcs, .n = (uint32_t)p->n_entries};
    p->dispatches[0] = (struct dispatch){.lists = all, .n_lists = 1};
    p->n_dispatches = 1;
    return true;
}

bool sieves_make(struct program *p, bool joined)
{
    struct looks k = {
        .guarded = program_allot(p, p->words, sizeof *k.guarded),
        .asked = program_allot(p, p->words, sizeof *k.asked),
        .joined = program_allot(p, p->words, sizeof *k.joined),
        .state = program_allot(p, p->words, sizeof *k.state),
        .lists = program_allot(p, p->n_rules, 1),
    };
    if (!k.guarded || !k.asked || !k.joined || !k.state || !k.lists)
        return false;
    for (size_t i = 0; i < p->n_fields; i++)
        if (p->fields[i].width <= SIEVE_BITS)
            k.joined[p->fields[i].word]
                |= field_bits(&p->fields[i]) & field_bits(&p->fields[i]) << 1;
    for (size_t i = 0; i < p->n_entries; i++)
        k.lists[p->entries[i]] += k.lists[p->entries[i]] < 2;
    if (joined && !join(p))
        return false;
    for (size_t d = 0; d < p->n_dispatches; d++) {
        struct dispatch *q = &p->dispatches[d];
        uint32_t most = 0;
        for (uint32_t pc = 0; pc < q->n_lists; pc++) {
            struct list *l = &q->lists[pc];
            if (!rows_make(p, l, &k))
                return false;
            decide(p, l, &k);
            most = l->words > most ? l->words : most;
        }
        p->sifted_max += most;
    }
    return true;
}
