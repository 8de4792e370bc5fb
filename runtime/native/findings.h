/* What is known of the checks, and which rules still tell something. */
#ifndef MMSCN_FINDINGS_H
#define MMSCN_FINDINGS_H

#include "program.h"

struct check_status { int64_t depth; /* -1: none */ bool covered; };

/* What one thread saw since the last merge, and what nobody has to look for any more. */
enum seen { SEEN_BAD = 1, SEEN_COVERED = 2, SEEN_DEADLOCK = 4 };

struct findings {
    const struct program *program;
    struct check_status *status;   /* by check */
    struct rule *rules;            /* program->rules, RULE_REPORTS cleared when decided */
    bool await_deadlock;           /* some deadlock check is open */
    int64_t wanted;                /* the search ends when this check fails; -1: never */
    int64_t *groups;               /* by check, to count violations; NULL: they do not end it */
    uint64_t most;                 /* so many groups, and it ends with the level */
};

bool findings_init(struct findings *f, const struct program *p);
void findings_free(struct findings *f);
/* Adds what one thread saw, by check, while it expanded states at this depth. */
void findings_merge(struct findings *f, const unsigned char *seen, int64_t depth);
/* Adds what others have seen. more: by check. */
void findings_add(struct findings *f, const struct check_status *more);
/* After all threads: what follows of all that they saw. */
void findings_conclude(struct findings *f);
/* Tells a thread what is decided. */
void findings_tell(const struct findings *f, unsigned char *seen);
bool findings_has_wanted(const struct findings *f);
/* Ends the search when checks of `most` groups are violated; negative numbers are none, and
 * a witness is no violation. False when memory is short. */
bool findings_stop_after(struct findings *f, const int64_t *groups, uint64_t most);
bool findings_has_enough(const struct findings *f);

#endif
