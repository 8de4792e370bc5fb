#include "views.h"

#include <stdlib.h>

enum { CONFIGURATIONS_POLL = 1024 };
#define VIEWS_POLL_S 0.1

static uint64_t get(const struct field *f, const uint64_t *state)
{
    return (state[f->word] >> f->shift) & f->mask;
}

static void flip(const struct field *f, uint64_t *state, uint64_t value)
{
    state[f->word] ^= (value & f->mask) << f->shift;
}

/* ---- rows ---- */

/* The words of a row in a place: what is shared is xored with them, so a name of it is one, too. */
static void place(const struct views *v, const uint64_t *row, uint32_t where, uint64_t *words)
{
    memset(words, 0, v->program->words * sizeof *words);
    for (uint32_t i = 0; i < v->fields; i++) {
        uint64_t value = row[i];
        if (value == VIEW_ITSELF)
            value = v->names[v->row_names[where * v->fields + i]].numbers[where];
        flip(&v->row_fields[where][i], words, value);
    }
    for (uint32_t i = 0; i < v->n_shared_names; i++)
        if (row[v->fields] >> i & 1) {
            const struct naming *name = &v->names[i];
            flip(&name->at, words, name->numbers[VIEW_ROWS] ^ name->numbers[where]);
        }
}

/* The number of the row that is in a place of a state; NO_NUMBER without memory, or for one that
 * names another thread. */
static uint32_t row_in(struct views *v, const uint64_t *state, uint32_t where, uint64_t named)
{
    uint32_t words = v->program->words;
    const uint64_t *mask = v->row_masks + where * words;
    struct numbered *placed = &v->placed[where];
    for (uint32_t w = 0; w < words; w++)
        v->key[w] = state[w] & mask[w];
    v->key[words] = named;
    uint64_t before = placed->n;
    uint32_t number = numbered_add(placed, v->key);
    if (number == NO_NUMBER || number < before)
        return number == NO_NUMBER ? number : v->row_of[where][number];
    for (uint32_t i = 0; i < v->fields; i++) {
        uint64_t value = get(&v->row_fields[where][i], state);
        int32_t name = v->row_names[where * v->fields + i];
        uint32_t row = name < 0 ? 0 : v->names[name].rows[value];
        if (row == where + 1)
            value = VIEW_ITSELF;
        else if (row) {
            v->names_another = true;
            return NO_NUMBER;
        }
        v->key[i] = value;
    }
    v->key[v->fields] = named;
    before = v->rows.n;
    uint32_t row = numbered_add(&v->rows, v->key);
    if (row == NO_NUMBER
        || !array_grow(&v->budget, &v->row_of[where], &v->row_room[where], number,
                       sizeof **v->row_of))
        return NO_NUMBER;
    v->row_of[where][number] = row;
    if (row < before)
        return row;
    size_t size = (size_t)VIEW_ROWS * words;
    if (!array_grow(&v->budget, &v->at, &v->at_room, row, size * sizeof *v->at))
        return NO_NUMBER;
    for (uint32_t p = 0; p < VIEW_ROWS; p++)
        place(v, v->key, p, v->at + row * size + p * words);
    return row;
}

/* ---- edges ---- */

static bool meet(struct views *v, uint32_t shared, uint32_t a, uint32_t b)
{
    uint64_t edge[2] = {(uint64_t)shared << 32 | (a < b ? a : b), a < b ? b : a};
    return numbered_add(&v->edges, edge) != NO_NUMBER;
}

/* Meets the pairs of a state. */
static bool reach(struct views *v, const uint64_t *state)
{
    uint32_t words = v->program->words, rows[VIEW_ROWS];
    uint64_t named[VIEW_ROWS] = {0};
    for (uint32_t p = 0; p < VIEW_ROWS; p++)
        for (uint32_t i = 0; i < v->n_shared_names; i++)
            if (v->names[i].rows[get(&v->names[i].at, state)] == p + 1)
                named[p] |= UINT64_C(1) << i;
    for (uint32_t p = 0; p < VIEW_ROWS; p++)
        if ((rows[p] = row_in(v, state, p, named[p])) == NO_NUMBER)
            return false;
    for (uint32_t w = 0; w < words; w++)
        v->key[w] = state[w] & v->shared_mask[w];
    for (uint32_t i = 0; i < v->n_shared_names; i++)
        if ((named[0] | named[1] | named[2]) >> i & 1)
            flip(&v->names[i].at, v->key,
                 get(&v->names[i].at, state) ^ v->names[i].numbers[VIEW_ROWS]);
    uint32_t shared = numbered_add(&v->shared, v->key);
    return shared != NO_NUMBER && meet(v, shared, rows[0], rows[1])
           && meet(v, shared, rows[0], rows[2]) && meet(v, shared, rows[1], rows[2]);
}

/* ---- configurations ---- */

static void ask(struct views *v, const uint64_t *state)
{
    const struct program *p = v->program;
    bool quiescent = step_matches(p, p->quiescent, state);
    for (size_t c = 0; c < p->n_checks; c++) {
        const struct check *check = &p->checks[c];
        if (!v->broken[c] && (check->kind == ALWAYS || (check->kind == FINALLY && quiescent)))
            v->broken[c] = step_matches(p, check->bad, state);
    }
}

/* Every step of `v->state`. */
static enum stop expand(struct views *v)
{
    const struct program *p = v->program;
    v->configurations++;
    ask(v, v->state);
    step_sift(p, &v->scratch, v->state, p->words);
    for (uint32_t i = 0; i < v->scratch.n_sifted; i++)
        for (uint64_t left = v->scratch.sifted[i].left; left; left &= left - 1) {
            uint32_t id = v->scratch.sifted[i].entries[__builtin_ctzll(left)];
            const struct rule *rule = &p->rules[id];
            if (!step_enabled(p, rule, v->state))
                continue;
            if (step_fire(p, &v->scratch, id, v->state, v->next, p->words) != STEPPED)
                return STOP_VERSIONS;
            for (uint32_t c = 0; c < rule->violates.n; c++)
                v->broken[p->ids[rule->violates.first + c]] = 1;
            v->steps++;
            if (rule->flags & RULE_HALTS)
                ask(v, v->next);
            else if (!same_state(v->state, v->next, p->words) && !reach(v, v->next))
                return v->names_another ? STOP_ERROR : STOP_MEMORY;
        }
    for (size_t c = 0; c < p->n_checks; c++)
        if (v->broken[c] && v->stopping[c])
            return STOP_FOUND;
    return RUNNING;
}

static enum stop look(struct views *v)
{
    if (v->configurations > v->limits.states)
        return STOP_STATES;
    double now = clock_s();
    if (now - v->started > v->limits.time_s)
        return STOP_TIME;
    if (now < v->next_poll)
        return RUNNING;
    struct progress progress = {v->configurations, v->steps, 0, v->edges.n};
    enum stop stop = v->poll(v->context, &progress);
    v->next_poll = clock_s() + VIEWS_POLL_S;
    return stop;
}

static struct neighbours *list_of(struct views *v, uint32_t shared, uint32_t row)
{
    uint64_t key = (uint64_t)shared << 32 | row;
    uint32_t number = numbered_add(&v->nodes, &key);
    if (number == NO_NUMBER
        || !array_grow(&v->budget, &v->lists, &v->list_room, number, sizeof *v->lists))
        return NULL;
    return &v->lists[number];
}

static bool join(struct views *v, uint32_t shared, uint32_t row, uint32_t other)
{
    struct neighbours *list = list_of(v, shared, row);
    if (!list || !array_grow(&v->budget, &list->rows, &list->room, list->n, sizeof *list->rows))
        return false;
    list->rows[list->n++] = other;
    return true;
}

/* All configurations of which an edge is the last that they need. */
static enum stop expand_edge(struct views *v, uint32_t edge)
{
    uint32_t words = v->program->words;
    uint32_t shared = (uint32_t)(v->edges.keys[2 * (size_t)edge] >> 32);
    uint32_t a = (uint32_t)v->edges.keys[2 * (size_t)edge];
    uint32_t b = (uint32_t)v->edges.keys[2 * (size_t)edge + 1];
    if (!join(v, shared, a, b) || (a != b && !join(v, shared, b, a)))
        return STOP_MEMORY;
    struct neighbours *one = list_of(v, shared, a), *two = list_of(v, shared, b);
    uint32_t other = one->n <= two->n ? b : a;
    struct neighbours *few = one->n <= two->n ? one : two;
    for (uint64_t i = 0; i < few->n; i++) {
        uint32_t c = few->rows[i];
        uint64_t last[2] = {(uint64_t)shared << 32 | (c < other ? c : other), c < other ? other : c};
        if (numbered_find(&v->edges, last) > edge)
            continue;
        const uint64_t *common = v->shared.keys + (size_t)shared * words;
        for (uint32_t w = 0; w < words; w++)
            v->state[w] = common[w] ^ v->at[(size_t)VIEW_ROWS * a * words + w]
                          ^ v->at[((size_t)VIEW_ROWS * b + 1) * words + w]
                          ^ v->at[((size_t)VIEW_ROWS * c + 2) * words + w];
        enum stop stop = expand(v);
        if (stop == RUNNING && v->configurations % CONFIGURATIONS_POLL == 1)
            stop = look(v);
        if (stop != RUNNING)
            return stop;
    }
    return RUNNING;
}

enum stop views_run(struct views *v)
{
    const struct program *p = v->program;
    v->started = clock_s();
    v->next_poll = v->started + VIEWS_POLL_S;
    for (size_t i = 0; i < p->n_initial; i++) {
        memcpy(v->state, p->initial + i * p->words, p->words * sizeof *v->state);
        if (step_canonical(p, &v->scratch, v->state) != STEPPED)
            return STOP_VERSIONS;
        if (!reach(v, v->state))
            return v->names_another ? STOP_ERROR : STOP_MEMORY;
    }
    for (uint64_t edge = 0; edge < v->edges.n; edge++) {
        enum stop stop = expand_edge(v, (uint32_t)edge);
        if (stop != RUNNING)
            return stop;
    }
    return RUNNING;
}
