/* The part of a state space that one process owns, where several search it together.
 *
 * All go through the levels at the same time. In a level each expands what it owns and hands out
 * what others own (`posts`), takes in what they hand to it, and at the end gives the states that
 * were new to it: those that it goes on from, and from which it can be made again. What all have
 * seen of the checks is told to each before the next level.
 */
#ifndef MMSCN_PARTITION_H
#define MMSCN_PARTITION_H

#include "posts.h"
#include "worker.h"

struct partition {
    const struct program *program;
    struct space space;
    struct worker worker;
    struct posts posts;
    struct post halted;            /* what was new in this level, and halts */
};

/* mask: as of `posts`. tracing: a step whose version does not fit is not taken. */
bool partition_init(struct partition *p, const struct program *program, uint32_t parts,
                    uint32_t own, const uint64_t *mask, uint64_t memory_bytes, bool tracing);
void partition_free(struct partition *p);
/* Takes in the initial states, those that it owns. */
enum stop partition_start(struct partition *p);
/* Expands states of this level, `chunks` of them at most; those that halt and are its own are taken
 * in. */
enum stop partition_expand(struct partition *p, uint64_t chunks);
/* Takes in n states, `words` each, that it owns. */
enum stop partition_receive(struct partition *p, const uint64_t *states, size_t n, bool halts);
/* This level is over: what was found is counted, and the states to go on from are in the next. */
void partition_end(struct partition *p);
/* What others have seen, so that it does not look for that any more. */
void partition_tell(struct partition *p, const struct check_status *status);
/* The next level is the current one; false when memory is short. */
bool partition_advance(struct partition *p);
/* The current level was expanded before this part was made again: it is not once more. */
void partition_forget(struct partition *p);

#endif
