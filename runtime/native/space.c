#include "space.h"

#include "deadlock.h"

enum { SEGMENTS_BITS = 2 };       /* so that growing needs little memory beside what there is */

bool space_init(struct space *s, const struct program *p, uint64_t memory_bytes)
{
    *s = (struct space){.program = p, .states_max = UNBOUNDED};
    s->budget.limit = memory_bytes;
    levels_init(&s->levels, &s->budget, p->words);
    return findings_init(&s->findings, p)
           && visited_init(&s->visited, &s->budget, p, SEGMENTS_BITS);
}

bool space_divide(struct space *s, unsigned jobs)
{
    return owners_init(&s->owners, jobs) && visited_divide(&s->visited, s->owners.bits);
}

void space_free(struct space *s)
{
    levels_free(&s->levels);
    findings_free(&s->findings);
    bitstate_free(&s->bits, &s->budget);
    owners_free(&s->owners);
    visited_free(&s->visited);
}

void space_share(struct space *s, bool shared)
{
    s->owners.shared = shared;
    s->levels.shared = shared;
}

void space_entry(const struct space *s, const uint64_t *state, uint64_t *entry)
{
    uint32_t words = s->program->words;
    memcpy(entry, state, words * sizeof *entry);
    entry[0] = s->bits.table ? bitstate_hash(state, words)
                             : visited_hash(&s->visited, state, words);
    entry[words] = state[0];
    entry[words + 1] = 0;
}

int space_is_deadlock(struct space *s, struct scratch *scratch, const uint64_t *state)
{
    switch (deadlock_at(s->program, scratch, &s->budget, s->skip_overflow, state)) {
    case GOES_ON:
        return 0;
    case STUCK:
        return 1;
    case STUCK_WITHOUT_VERSIONS:
        stop_for(s, STOP_VERSIONS);
        return -1;
    default:
        stop_for(s, STOP_MEMORY);
        return -1;
    }
}
