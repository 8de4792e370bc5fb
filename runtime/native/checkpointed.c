#include "checkpointed.h"

static bool is_limit(enum stop stop)
{
    return stop == STOP_STATES || stop == STOP_DEPTH || stop == STOP_TIME || stop == STOP_MEMORY
           || stop == STOP_INTERRUPT || stop == STOP_ENOUGH;
}

enum stop run_checkpointed(struct search *s, struct checkpoint *to, double interval_s)
{
    enum stop stop;
    search_begin(s);
    if (to->path)
        s->clock.pause_at = s->clock.started + interval_s;
    while ((stop = search_run(s)) == STOP_PAUSE) {
        if (!checkpoint_write(to, &s->space, search_seconds(s)))
            return STOP_ERROR;
        s->clock.pause_at = clock_s() + interval_s;
    }
    /* Where successors were lost, what goes on from here would not meet them. */
    if (to->path && is_limit(stop) && !s->space.levels.lost
        && !checkpoint_write(to, &s->space, search_seconds(s)))
        return STOP_ERROR;
    return stop;
}
