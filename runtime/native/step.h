/* One step: do the tests hold, what state follows, what is its least image.
 *
 * `words` is program->words everywhere; worker.c passes 1 and 2 as constants,
 * which makes straight-line code of the usual rule.
 */
#ifndef MMSCN_STEP_H
#define MMSCN_STEP_H

#include "program.h"

#include <string.h>

enum step { STEPPED, VERSIONS_SPENT };

/* Which of 64 entries may be enabled. */
struct sifted { uint64_t left; const uint32_t *entries; };

/* Memory for one thread's steps. */
struct scratch {
    void *memory;
    uint64_t *image, *least;  /* states */
    uint64_t *versions, *seen; /* of one version group */
    struct sifted *sifted;     /* those that step_sift found, in the order of the entries */
    uint32_t n_sifted;
};
bool scratch_init(struct scratch *scratch, const struct program *p);
void scratch_free(struct scratch *scratch);

bool step_holds(const struct program *p, const struct test *t, const uint64_t *state);
bool step_tests(const struct program *p, struct range guards, struct range tests,
                const uint64_t *state);
enum step step_effects(const struct program *p, struct scratch *scratch, const struct rule *rule,
                       const uint64_t *old, uint64_t *state);
/* Numbers the versions of the listed canonical groups by first occurrence. */
enum step step_canonical_versions(const struct program *p, struct scratch *scratch,
                                  struct range groups, const struct rule *rule, uint64_t *state);
/* All canonical groups: for initial states. */
enum step step_canonical(const struct program *p, struct scratch *scratch, uint64_t *state);
/* Numbers the versions of all other groups like that, if their fields hold the numbers. */
void step_compact(const struct program *p, struct scratch *scratch, uint64_t *state,
                  uint64_t *spare);
/* Whether the groups that are not canonical are alike up to a renaming of their versions. */
bool step_alike(const struct program *p, struct scratch *scratch, const uint64_t *a,
                const uint64_t *b);
/* Replaces the state by the least of its images. */
enum step step_least_image(const struct program *p, struct scratch *scratch, uint64_t *state);
/* Whether some conjunction matches. */
bool step_matches(const struct program *p, struct range conjunctions, const uint64_t *state);

static inline bool step_guard(const uint64_t *state, const struct guard *g)
{
    return (state[g->word] & g->mask) == g->value;
}

/* Finds the entries whose rules are enabled but for RULE_TESTS. */
static ALWAYS_INLINE void step_sift(const struct program *p, struct scratch *scratch,
                                    const uint64_t *state, uint32_t words)
{
    typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));
    uint32_t n = 0;
    for (size_t d = 0; d < p->n_dispatches; d++) {
        const struct dispatch *q = &p->dispatches[d];
        uint64_t pc = state[words == 1 ? 0 : q->word] >> q->shift & q->mask;
        if (pc >= q->n_lists)
            continue;
        const struct list *l = &q->lists[pc];
        for (uint32_t i = 0; i < l->words; i += 2) {
            pair left = *(const pair *)(l->possible + i);
            for (uint32_t j = 0; j < l->n_sieves; j++) {
                const struct sieve *f = &l->sieves[j];
                uint64_t value = state[words == 1 ? 0 : f->word] >> f->shift & f->mask;
                left &= *(const pair *)(f->rows + value * l->words + i);
            }
            scratch->sifted[n] = (struct sifted){left[0], l->entries + 64 * i};
            n += left[0] != 0;
            scratch->sifted[n] = (struct sifted){left[1], l->entries + 64 * i + 64};
            n += left[1] != 0;
        }
    }
    scratch->n_sifted = n;
}

static inline bool step_enabled(const struct program *p, const struct rule *rule,
                                const uint64_t *state)
{
    return !(rule->flags & RULE_TESTS) || step_tests(p, (struct range){0, 0}, rule->tests, state);
}

/* After step_sift: the rule of the first enabled entry at or after *at, which moves on. */
bool step_next(const struct program *p, const struct scratch *scratch, const uint64_t *state,
               uint32_t *at, uint32_t *rule);

static inline enum step step_fire(const struct program *p, struct scratch *scratch, uint32_t rule_id,
                                  const uint64_t *old, uint64_t *state, uint32_t words)
{
    const struct word_effect *e = p->word_effects + (size_t)rule_id * words;
    for (uint32_t w = 0; w < words; w++)
        state[w] = ((old[w] & e[w].keep) | e[w].put) + e[w].add;
    const struct rule *rule = &p->rules[rule_id];
    return rule->flags & RULE_EFFECTS ? step_effects(p, scratch, rule, old, state) : STEPPED;
}

static inline bool same_state(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint64_t different = 0;
    for (uint32_t w = 0; w < words; w++)
        different |= a[w] ^ b[w];
    return different == 0;
}

/* Whether two states differ, and not only by a renaming of versions. */
static inline bool step_moves(const struct program *p, struct scratch *scratch, const uint64_t *a,
                              const uint64_t *b, uint32_t words)
{
    uint64_t different = 0, plain = 0;
    for (uint32_t w = 0; w < words; w++) {
        different |= a[w] ^ b[w];
        plain |= (a[w] ^ b[w]) & p->plain[w];
    }
    return plain || (different && !step_alike(p, scratch, a, b));
}

static inline uint32_t process_pc(const struct process *q, const uint64_t *state, uint32_t words)
{
    return (uint32_t)((state[words == 1 ? 0 : q->word] >> q->shift) & q->mask);
}

#endif
