/* The path that a person reads, from a search that stopped at STOP_FOUND. */
#ifndef MMSCN_TRACE_H
#define MMSCN_TRACE_H

#include "search.h"

struct trace {
    uint64_t length, delayed, switches;
    uint32_t *rules;   /* length */
    uint64_t *states;  /* length + 1, concrete: symmetry is not applied */
};

/* Of the shortest paths to a failure of the check that `search_for` named one with the fewest
 * steps of threads and daemons while a prompt agent can step, of those one with the fewest
 * changes of column, of those one with the fewest steps of agents, of those the first initial
 * state, of those the least sequence of rules. Uses up the levels of the search. False when
 * memory or versions run out. */
bool trace_find(struct search *s, struct trace *trace);
void trace_free(struct trace *trace);

#endif
