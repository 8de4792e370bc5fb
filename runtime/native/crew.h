/* Threads that do the same at once, again and again, and wait for each other in between. */
#ifndef MMSCN_CREW_H
#define MMSCN_CREW_H

#include <pthread.h>
#include <stdbool.h>

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t begin, end;
    unsigned turn, working;        /* turns so far; those who have not ended the last one */
    bool over;
    struct member *members;
    unsigned n;
};

void crew_init(struct crew *c);
void crew_free(struct crew *c);
/* One more, who does `work(context)` in each turn. False where the system has no thread for it. */
bool crew_hire(struct crew *c, void (*work)(void *context), void *context);
/* All begin a turn; and until all have ended it. */
void crew_begin(struct crew *c);
void crew_await(struct crew *c);

#endif
