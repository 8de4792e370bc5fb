/* The program as the engine runs it: decoded once, then only read. */
#ifndef MMSCN_PROGRAM_H
#define MMSCN_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Always inline: gcc 12 drops calls of a function that only prefetches. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

enum { WORDS_MAX = 1024, INDEX_BITS_MAX = 28 };

enum op {
    OP_MISMATCH = 1,
    OP_SAME = 2,
    OP_DIFFER = 3,
    OP_LOOKUP = 4,
    OP_COPY = 10,
    OP_MAP = 11,
    OP_FRESH = 12
};
enum process_kind { THREAD = 0, DAEMON = 1, AGENT = 2 };
enum check_kind { STEP = 0, ALWAYS = 1, FINALLY = 2, REACHABLE = 3, DEADLOCK = 4 };

struct range { uint32_t first, n; };

struct field { uint32_t word, shift; uint64_t mask; /* unshifted */ uint32_t width; };

/* One field's share of a table index. */
struct part { uint32_t word, shift, position; uint64_t mask; };

struct guard { uint64_t mask, value; uint32_t word; };

struct test {
    enum op op;
    struct field a, b;    /* SAME, DIFFER */
    struct guard guard;   /* MISMATCH */
    const uint32_t *table;
    struct range parts;   /* LOOKUP */
};

struct conjunction { struct range guards, tests; };

/* new[word] = ((old[word] & keep) | put) + add; one per rule and word. */
struct word_effect { uint64_t keep, put, add; };

struct effect {
    enum op op;
    uint32_t field_id;
    struct field to, from; /* COPY */
    const uint32_t *table;
    struct range parts;    /* MAP */
    uint32_t group;        /* FRESH */
};

enum rule_flag {
    RULE_TESTS = 1,   /* has tests that the sieves do not decide */
    RULE_EFFECTS = 2, /* has effects besides the word effects, or touches versions */
    RULE_HALTS = 4,
    RULE_REPORTS = 8, /* violates or covers something that is still open */
    RULE_AGENT = 16   /* a step of an agent */
};

struct rule {
    uint32_t flags;
    uint32_t process;
    struct range guards, tests;    /* the sieves decide all guards; tests are the others */
    struct range effects;
    struct range groups;           /* the canonical version groups it writes to */
    struct range violates, covers;
};

/* What some bits of a state say about all entries of a dispatch list at once: by their value, a
 * bit for each entry that they do not exclude, `list.words` words of them. */
struct sieve { uint32_t word, shift; uint64_t mask; const uint64_t *rows; };

/* Rules that may be enabled where a program counter has one value. pcs: what else an entry wants
 * of one, or NULL. possible: a bit for each entry that some state enables. */
struct list {
    const uint32_t *entries;       /* rules */
    const struct guard *pcs;
    uint32_t n, words;             /* of 64 entries, an even number */
    const uint64_t *possible;
    struct sieve *sieves;          uint32_t n_sieves;
};

/* The lists of a process, by its program counter; or one of processes in a row, for a counter that
 * reads 0. */
struct dispatch {
    uint32_t word, shift;
    uint64_t mask;
    struct list *lists;            uint32_t n_lists;
};

struct process {
    enum process_kind kind;
    uint32_t word, shift;          /* of the program counter; an agent reads 0 */
    uint64_t mask;
    uint32_t pcs;
    unsigned char *rest;           /* by program counter */
    uint32_t column;
    bool prompt;
};

struct check { enum check_kind kind; struct range bad, covered; };

struct group { uint64_t named; bool canonical; struct range fields; };

/* An image is made word by word: what keeps its place, and bits of `from` rotated to theirs. */
struct shift_move { uint64_t mask; uint32_t from, rotate; };
struct table_move { struct field from, to; const uint32_t *table; };
struct image_word { uint64_t keep; struct range shifts; };
struct permutation {
    struct image_word *image;       /* by word */
    struct range tables, groups;
};

struct program {
    uint32_t words;
    struct field *fields;           size_t n_fields;
    struct guard *guards;           size_t n_guards;
    struct part *parts;             size_t n_parts;
    struct test *tests;             size_t n_tests;
    struct conjunction *conjunctions; size_t n_conjunctions;
    struct effect *effects;         size_t n_effects;
    uint32_t *ids;                  size_t n_ids;
    struct rule *rules;             size_t n_rules;
    struct word_effect *word_effects;
    uint32_t *entries;              size_t n_entries; /* rules, by process and program counter */
    struct guard *entry_pcs;        /* by entry: the program counter that it stands for */
    struct dispatch *dispatches;    size_t n_dispatches; /* in the order of the entries */
    size_t sifted_max;              /* words of 64 entries that a state's lists have */
    struct process *processes;      size_t n_processes;
    struct check *checks;           size_t n_checks;
    struct group *groups;           size_t n_groups;
    struct field *group_fields;
    uint32_t *group_lists;          size_t n_group_lists;
    size_t group_fields_max;        /* of one group */
    uint64_t *plain;                /* by word: the bits that are no version of a group that is
                                     * not canonical */
    bool counted;                   /* there is such a group */
    struct permutation *permutations; size_t n_permutations;
    bool only_shifts;               /* no permutation has tables or renumbers */
    struct shift_move *shift_moves;
    struct table_move *table_moves;
    struct range quiescent;
    uint64_t *initial;              size_t n_initial;
    uint32_t successors_max;        /* no state has more */
    bool halting;                   /* some rule halts */
    bool threads;                   /* some process is a THREAD */
    bool prompt;                    /* some process is */
    void *blocks;                   /* all memory of the above */
};

/* Zeroed memory that lives as long as the program, or NULL. */
void *program_allot(struct program *p, size_t n, size_t size);
void program_free(struct program *program);

#endif
