#include "crew.h"

#include <stdlib.h>

struct member {
    struct member *next;
    struct crew *crew;
    void (*work)(void *context);
    void *context;
    unsigned turn;                 /* the last one that it has done */
    pthread_t thread;
};

static void *live(void *member)
{
    struct member *m = member;
    struct crew *c = m->crew;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->over && m->turn == c->turn)
            pthread_cond_wait(&c->begin, &c->lock);
        if (c->over)
            break;
        m->turn = c->turn;
        pthread_mutex_unlock(&c->lock);
        m->work(m->context);
        pthread_mutex_lock(&c->lock);
        if (--c->working == 0)
            pthread_cond_signal(&c->end);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

void crew_init(struct crew *c)
{
    *c = (struct crew){0};
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->begin, NULL);
    pthread_cond_init(&c->end, NULL);
}

void crew_free(struct crew *c)
{
    pthread_mutex_lock(&c->lock);
    c->over = true;
    pthread_cond_broadcast(&c->begin);
    pthread_mutex_unlock(&c->lock);
    for (struct member *m = c->members, *next; m; m = next) {
        next = m->next;
        pthread_join(m->thread, NULL);
        free(m);
    }
    pthread_cond_destroy(&c->end);
    pthread_cond_destroy(&c->begin);
    pthread_mutex_destroy(&c->lock);
}

bool crew_hire(struct crew *c, void (*work)(void *context), void *context)
{
    struct member *m = calloc(1, sizeof *m);
    if (!m)
        return false;
    *m = (struct member){
        .next = c->members, .crew = c, .work = work, .context = context, .turn = c->turn};
    if (pthread_create(&m->thread, NULL, live, m) != 0) {
        free(m);
        return false;
    }
    c->members = m;
    c->n++;
    return true;
}

void crew_begin(struct crew *c)
{
    pthread_mutex_lock(&c->lock);
    c->turn++;
    c->working = c->n;
    pthread_cond_broadcast(&c->begin);
    pthread_mutex_unlock(&c->lock);
}

void crew_await(struct crew *c)
{
    pthread_mutex_lock(&c->lock);
    while (c->working)
        pthread_cond_wait(&c->end, &c->lock);
    pthread_mutex_unlock(&c->lock);
}
