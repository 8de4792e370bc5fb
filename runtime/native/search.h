/* Breadth-first search, level by level, with one or more threads.
 *
 * Nothing here knows of Python: `poll` is how the outside world is heard.
 */
#ifndef MMSCN_SEARCH_H
#define MMSCN_SEARCH_H

#include "crew.h"
#include "delayed.h"

struct limits { uint64_t states, depth; double time_s; };

struct progress { uint64_t states, transitions, depth, frontier; };
typedef enum stop (*poll_fn)(void *context, const struct progress *progress);

#define NEVER 1e300

/* In seconds. before: what earlier calls took, of a search that is gone on with. */
struct clock { double started, before, next_poll, pause_at; };

struct search {
    struct space space;
    struct spill spill;            /* a folder in it: what memory has no room for goes there */
    struct worker *workers;
    unsigned jobs, made;           /* workers at most, and those that there are */
    struct crew crew;              /* all workers but the first */
    uint64_t threads_from;         /* so many states: before, one worker works alone */
    bool unordered;                /* levels since one that threads may have expanded */
    struct limits limits;
    struct clock clock;
    poll_fn poll;
    void *context;
};

double clock_s(void);
bool search_init(struct search *s, const struct program *p, unsigned jobs, uint64_t memory_bytes);
void search_free(struct search *s);
/* Queues the initial states. Not for what is gone on with. */
bool search_start(struct search *s);
/* Ends when a check fails, and keeps what it expands: for `trace_find`. */
void search_for(struct search *s, int64_t check);
/* Keeps the final states as far as a mask, a word for each, tells them apart. */
void search_finals(struct search *s, const uint64_t *mask);
/* Of states only bits are remembered, in a table of so many bytes; by one thread, without a folder
 * and without checkpoints. Before it starts; false when memory is short. */
bool search_bits(struct search *s, uint64_t bytes);
/* What memory has no room for goes to a folder. False with spill.disk.number where it cannot. */
bool search_spills(struct search *s, const char *folder);
/* Before the first run. */
void search_begin(struct search *s);
/* After STOP_PAUSE it can be called again. */
enum stop search_run(struct search *s);
double search_seconds(const struct search *s);

#endif
