/* Breadth-first search, level by level, with one or more threads.
 *
 * Nothing here knows of Python: `poll` is how the outside world is heard.
 */
#ifndef MMSCN_SEARCH_H
#define MMSCN_SEARCH_H

#include "frontier.h"
#include "step.h"
#include "visited.h"

#include <pthread.h>
#include <stdatomic.h>

enum stop {
    RUNNING,
    STOP_STATES,
    STOP_DEPTH,
    STOP_TIME,
    STOP_MEMORY,
    STOP_VERSIONS,
    STOP_INTERRUPT,
    STOP_ERROR,       /* the outside world, or the checkpoint's file */
    STOP_CHECKPOINT,  /* a pause */
    STOP_FOUND        /* the check that `search.wanted` names fails */
};

enum { BATCH = 96, BATCH_SHARED = 32 };
#define UNBOUNDED UINT64_MAX

struct limits { uint64_t states, depth; double time_s; };

struct progress { uint64_t states, transitions, depth, frontier; };
typedef enum stop (*poll_fn)(void *context, const struct progress *progress);

struct check_status { int64_t depth; /* -1: none */ bool covered; };

/* Successors whose place in the visited set is being fetched: key, first word, halts. */
struct queue { uint64_t *entries; uint32_t begin, n; };

/* What one thread found since the last merge. */
enum seen { SEEN_BAD = 1, SEEN_COVERED = 2, SEEN_DEADLOCK = 4 };

struct worker {
    OWN_LINES struct search *search;
    struct scratch scratch;
    struct queue *queues;
    uint32_t n_queues;
    uint32_t countdown;
    struct frontier next;
    uint64_t *state;               /* scratch */
    unsigned char *seen;           /* by check */
    _Atomic uint64_t states, transitions;
    uint64_t quiescent;
    pthread_t thread;
    unsigned index;
};

struct segment_lock { OWN_LINES pthread_mutex_t mutex; };

struct search {
    const struct program *program;
    struct rule *rules;            /* program->rules, RULE_REPORTS cleared when decided */
    struct limits limits;
    struct budget budget;
    struct visited visited;
    struct frontier current, next;
    uint64_t *pending;             /* queue entries left over, as after a limit */
    size_t n_pending, pending_max;
    int64_t level;                 /* depth of `current`, -1 before the initial states */
    uint64_t states, transitions, quiescent, deepest;
    struct check_status *status;
    bool await_deadlock;           /* some deadlock check is open */
    bool skip_overflow;            /* a step whose version does not fit is not taken */

    _Atomic int stop;
    unsigned jobs;
    struct worker *workers;
    pthread_mutex_t lock;          /* of `current` while threads run */
    struct segment_lock *segment_locks;
    bool threaded;                 /* threads are running */
    uint64_t chunks_left;          /* to take in this phase */

    poll_fn poll;
    void *context;
    double started, seconds_before, next_poll;

    const char *checkpoint;        /* path or NULL */
    double checkpoint_interval_s, next_checkpoint;
    unsigned char digest[32];
    const char *error;             /* with STOP_ERROR from a checkpoint; see also error_number */
    int error_number;

    int64_t wanted;                /* stop when this check fails; -1: never */
    struct frontier *levels;       /* kept when wanted >= 0 */
    size_t n_levels, levels_max;
};

double clock_s(void);
bool search_init(struct search *s, const struct program *p, unsigned jobs, uint64_t memory_bytes);
void search_free(struct search *s);
/* Queues the initial states. Not after a resume. */
bool search_start(struct search *s);
enum stop search_run(struct search *s);
bool search_add_pending(struct search *s, const uint64_t *entry);
/* 1, 0, or -1 when memory or versions ran out, with s->stop set. */
int search_is_deadlock(struct search *s, struct scratch *scratch, const uint64_t *state);

/* Both set s->error and return false when they fail. */
bool checkpoint_write(struct search *s, const char *path);
bool checkpoint_read(struct search *s, const char *path);

#endif
