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

/* Where several processes have searched, in pieces; `trace_mark` is not for a deadlock. `search_for` has named the
 * check, nothing was searched, and nobody knows more of the levels than what is given. */
struct states { const uint64_t *words; size_t n; };
/* Of the states of a level, at `depth`, which lie on a shortest path to the failure. after: those
 * of the next level that do, if the failure is behind it. False when memory is short. */
bool trace_mark(struct search *s, uint64_t failure, uint64_t depth, struct states after,
                struct states level, unsigned char *leads);
/* The path, as of `trace_find`. on_path: of each level before the failure, the states on one; and
 * of that of the failure, where the state is dead itself. */
bool trace_choose(struct search *s, uint64_t failure, const struct states *on_path, size_t levels,
                  struct trace *trace);

#endif
