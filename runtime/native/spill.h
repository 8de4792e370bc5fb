/* States that memory has no room for: the visited set as sorted runs, levels as files.
 *
 * What was visited goes to a run, in order, when memory is full. From then on nobody knows of a
 * successor whether it was visited before: those of a level are candidates, of which memory has
 * as many as fit and runs have the others. When the level has been expanded, the candidates are
 * joined with the runs, and those that are in none are new.
 * Sources: Stern and Dill, Using Magnetic Disk Instead of Main Memory in the Murphi Verifier
 * (CAV 1998), for looking up a level at once; O'Neil et al., The Log-Structured Merge-Tree
 * (1996), for merging runs of like size.
 */
#ifndef MMSCN_SPILL_H
#define MMSCN_SPILL_H

#include "frontier.h"
#include "runs.h"
#include "visited.h"

struct run_list { struct run **runs; size_t n, max; };

struct spill {
    struct disk disk;              /* no folder: there is none */
    bool active;                   /* something is there */
    bool keep;                     /* levels stay, in one file */
    bool halting;                  /* a record ends with whether the state is halted */
    uint32_t words;
    struct run_list visited, candidates;
    struct run *current, *next;    /* states of levels */
    uint64_t at, end;              /* what is left of the current level */
    uint64_t next_begin;
    uint64_t *starts;              /* where they stay: of each level */
    size_t n_starts, starts_max;
};

/* False where there can be no file in the folder. */
bool spill_init(struct spill *sp, const struct program *p, const char *folder);
void spill_free(struct spill *sp);
/* All keys of the set, as a run. False from here on: see disk.number. */
bool spill_keys(struct spill *sp, struct run_list *to, const struct visited *v);
/* The states of a frontier, which is used up, behind those of a level. */
bool spill_frontier(struct run *to, struct frontier *f, struct budget *budget, uint32_t words);
/* Another level begins, for what follows. */
bool spill_level(struct spill *sp);
/* What is `next` becomes `current`. */
bool spill_advance(struct spill *sp);
/* Some of the states that are left of the current level; how many. */
uint64_t spill_take(void *spill, uint64_t *states, uint64_t most);
/* The first state of a level that stays, and how many there are. */
uint64_t spill_kept(const struct spill *sp, uint64_t depth, uint64_t *n);

/* Which candidates are new, in order; those of several runs once. */
struct join {
    struct spill *sp;
    struct run_reader *candidates, *visited;
    struct run *out;               /* what is new, to be among the visited */
};
bool join_begin(struct join *j, struct spill *sp);
/* Another key that is new; or halted ones that are not any longer, with `revived`. */
bool join_next(struct join *j, uint64_t *key, bool *halted, bool *revived);
/* There are no candidates any more; false where something went wrong. */
bool join_end(struct join *j);

#endif
