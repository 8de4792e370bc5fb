/* From which state each state of a level came, where the states themselves are not kept.
 *
 * One thread finds the states of a level in the order of those that they come from. So their
 * places among these ascend, and a level is a row of bits: a 0 for each step to the next place,
 * a 1 for each state. That is two bits a state at most, where each state has been expanded.
 */
#ifndef MMSCN_ANCESTRY_H
#define MMSCN_ANCESTRY_H

#include "memory.h"

#include <stdbool.h>

struct parents { uint64_t *bits, n, words, last; };

struct ancestry {
    struct budget *budget;
    struct parents *levels;        /* by depth; nothing at 0 */
    size_t max;
    bool known, dead;              /* a state that breaks the check, or leads to what does */
    uint64_t culprit;              /* its place in the level that was expanded */
    /* The second time: the place of the state that is wanted of each level, and those states. */
    uint64_t *wanted, *states;
    size_t n_wanted;
};

/* A state of a level came from that place of the one before. False when memory is short. */
bool ancestry_add(struct ancestry *a, uint64_t depth, uint64_t parent);
/* The place that a state came from, which was the so many-th of its level, from 0. */
uint64_t ancestry_parent(const struct ancestry *a, uint64_t depth, uint64_t place);
/* Forgets who came from whom. */
void ancestry_free(struct ancestry *a);

#endif
