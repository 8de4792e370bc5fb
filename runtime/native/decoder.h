/* Reading the words of an encoded program.
 *
 * `encode.py` writes a sequence of sections; each is a count followed by
 * records of a fixed number of 64-bit words. Everything that indexes something
 * else is checked here, so that no sequence of words makes the engine read
 * outside its arrays; whether the program means anything is `verify.py`'s job.
 */
#ifndef MMSCN_DECODER_H
#define MMSCN_DECODER_H

#include "program.h"

#define NONE UINT64_MAX

/* The order of encode.py's sections. */
enum {
    S_WORDS, S_FIELDS, S_TABLES, S_CELLS, S_GUARDS, S_PARTS, S_TESTS, S_CONJUNCTIONS, S_EFFECTS,
    S_WORD_EFFECTS, S_IDS, S_RULES, S_PROCESSES, S_PCS, S_CHECKS, S_QUIESCENT, S_GROUPS,
    S_PERMUTATIONS, S_MOVES, S_INITIAL, S_COUNT
};

struct section { const uint64_t *data; size_t n; };

struct decoder {
    struct section s[S_COUNT];
    struct program *p;
    uint32_t *cells;
    bool *claimed;      /* parts that belong to some test or effect, by index */
    const char *reason;
};

/* Notes the first reason; false. So are all of the following where something is wrong. */
bool refuse(struct decoder *d, const char *reason);
bool split(struct decoder *d, const uint64_t *words, size_t n);
/* NULL when memory is short. */
void *allot(struct decoder *d, size_t n, size_t size);
const uint64_t *record(const struct decoder *d, int section, size_t i);
bool in_range(struct decoder *d, struct range *out, uint64_t first, uint64_t n, size_t of);
bool below(struct decoder *d, uint64_t i, size_t n);
bool get_field(struct decoder *d, struct field *out, uint64_t id);
/* The table, checked to have a cell for every index of so many bits. */
bool get_table(struct decoder *d, const uint32_t **out, uint64_t id, unsigned bits);
/* The table, and the parts that index it, placed one above the other. */
bool get_indexed(struct decoder *d, const uint32_t **table, struct range *parts, uint64_t id,
                 uint64_t first, uint64_t n);

#endif
