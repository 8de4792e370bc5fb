/* Backward over the levels: which states lie on a shortest path. Forward over
 * those: the best path to each of them by the column of its last step. */
#include "trace.h"

#include <stdlib.h>

#define NOBODY UINT32_MAX
enum { STATES_READ = 1 << 12 };

/* A concrete state with the best way to it that ends in `column`. */
struct node {
    uint64_t delayed, switches, agents;
    uint32_t before, before_rank, rule, column, rank;
};

struct layer {
    struct node *nodes;
    uint64_t *states;
    size_t n, max;
    uint32_t *index;   /* by hash of state and column */
    size_t index_size;
};

/* The edges of a state, in order of dispatch. */
struct edges {
    struct search *s;
    const uint64_t *state;
    uint64_t *next;
    uint32_t at;
    uint32_t rule;
};

static void edges_begin(struct edges *e, struct search *s, const uint64_t *state, uint64_t *next)
{
    *e = (struct edges){.s = s, .state = state, .next = next};
    step_sift(s->space.program, &s->workers[0].scratch, state, s->space.program->words);
}

/* Steps whose version does not fit are not taken. */
static bool edges_next(struct edges *e)
{
    const struct program *p = e->s->space.program;
    struct scratch *scratch = &e->s->workers[0].scratch;
    while (step_next(p, scratch, e->state, &e->at, &e->rule))
        if (step_fire(p, scratch, e->rule, e->state, e->next, p->words) == STEPPED)
            return true;
    return false;
}

struct finder {
    struct search *s;
    uint32_t words;
    uint64_t depth;
    struct visited *on_path;  /* by depth: states that lead to a failure at `depth` */
    uint64_t *key, *next;
    struct layer *layers;     /* by depth */
};

static void make_key(struct finder *f, const uint64_t *state)
{
    memcpy(f->key, state, f->words * sizeof *state);
    if (f->s->space.program->n_permutations)
        (void)step_least_image(f->s->space.program, &f->s->workers[0].scratch, f->key);
    f->key[0] = visited_hash(f->on_path, f->key, f->words);
}

static bool fails(struct finder *f, const uint64_t *state)
{
    const struct program *p = f->s->space.program;
    const struct check *check = &p->checks[f->s->space.findings.wanted];
    if (check->kind == STEP || check->kind == DEADLOCK)
        return false;
    return (check->kind != FINALLY || step_matches(p, p->quiescent, state))
           && step_matches(p, check->bad, state);
}

static bool breaks(struct finder *f, uint32_t rule)
{
    const struct program *p = f->s->space.program;
    struct range violates = p->rules[rule].violates;
    for (uint32_t i = violates.first; i < violates.first + violates.n; i++)
        if (p->ids[i] == f->s->space.findings.wanted)
            return true;
    return false;
}

/* Whether an edge that leads to `depth` is on a shortest path. */
static bool good(struct finder *f, const struct edges *e, uint64_t depth)
{
    bool halts = (f->s->space.program->rules[e->rule].flags & RULE_HALTS) != 0;
    if (depth == f->depth) {
        if (breaks(f, e->rule) || fails(f, e->next))
            return true;
        if (f->s->space.program->checks[f->s->space.findings.wanted].kind != DEADLOCK)
            return false;
    }
    if (halts)
        return false;
    make_key(f, e->next);
    return visited_contains(&f->on_path[depth], f->key);
}

static bool remember(struct finder *f, uint64_t depth, const uint64_t *state)
{
    make_key(f, state);
    return visited_insert(&f->on_path[depth], f->key, false, f->words) != NO_MEMORY;
}

/* Remembers those of some states at `depth` that are on a path. */
static bool look_back(struct finder *f, uint64_t depth, const uint64_t *states, uint64_t n)
{
    struct search *s = f->s;
    struct edges e;
    bool ok = true;
    for (const uint64_t *state = states; ok && n; n--, state += f->words) {
        if (depth == f->depth) {
            int dead = space_is_deadlock(&s->space, &s->workers[0].scratch, state);
            ok = dead == 0 || (dead == 1 && remember(f, depth, state));
            continue;
        }
        edges_begin(&e, s, state, f->next);
        bool leads = false;
        while (!leads && edges_next(&e))
            leads = good(f, &e, depth + 1);
        ok = !leads || remember(f, depth, state);
    }
    return ok;
}

/* A level that memory had no room for. */
static bool look_back_on_disk(struct finder *f, uint64_t depth)
{
    const struct spill *sp = &f->s->spill;
    uint64_t n, first = spill_kept(sp, depth, &n);
    uint64_t *states = calloc((size_t)STATES_READ * f->words, sizeof *states);
    bool ok = states != NULL;
    for (uint64_t done = 0, part; ok && done < n; done += part) {
        part = run_read(sp->next, first + done, n - done < STATES_READ ? n - done : STATES_READ,
                        states);
        ok = part && look_back(f, depth, states, part);
    }
    free(states);
    return ok;
}

static bool look_back_in_memory(struct finder *f, uint64_t depth)
{
    struct levels *l = &f->s->space.levels;
    /* The last level is not expanded yet where a rule breaks the deadlock check. */
    struct frontier *level = depth < l->n_kept ? &l->kept[depth] : &l->next;
    struct chunk *chunk;
    bool ok = true;
    while (ok && (chunk = frontier_take(level))) {
        ok = look_back(f, depth, chunk->data, chunk->end);
        chunk_free(chunk, l->budget, f->words);
    }
    return ok;
}

static bool backward(struct finder *f)
{
    const struct space *s = &f->s->space;
    bool deadlock = s->program->checks[s->findings.wanted].kind == DEADLOCK, ok = true;
    for (uint64_t depth = f->depth + deadlock; ok && depth-- > 0;)
        ok = s->delayed ? look_back_on_disk(f, depth) : look_back_in_memory(f, depth);
    return ok;
}

static uint64_t *state_of(struct finder *f, struct layer *layer, size_t i)
{
    return layer->states + i * f->words;
}

static size_t place(struct finder *f, struct layer *layer, const uint64_t *state, uint32_t column)
{
    uint64_t hash = visited_hash(f->on_path, state, f->words) >> 32;
    size_t at = (size_t)(hash + 7 * (uint64_t)column) & (layer->index_size - 1);
    for (;; at = (at + 1) & (layer->index_size - 1)) {
        uint32_t i = layer->index[at];
        if (i == NOBODY || (layer->nodes[i].column == column
                            && same_state(state_of(f, layer, i), state, f->words)))
            return at;
    }
}

static bool layer_grow(struct finder *f, struct layer *layer)
{
    size_t max = 2 * layer->max + 64;
    struct node *nodes = realloc(layer->nodes, max * sizeof *nodes);
    if (nodes)
        layer->nodes = nodes;
    uint64_t *states = realloc(layer->states, max * f->words * sizeof *states);
    if (states)
        layer->states = states;
    size_t size = 256;
    while (size < 2 * max)
        size *= 2;
    uint32_t *index = malloc(size * sizeof *index);
    if (!nodes || !states || !index || max >= NOBODY) {
        free(index);
        return false;
    }
    memset(index, 0xff, size * sizeof *index);
    free(layer->index);
    layer->index = index;
    layer->index_size = size;
    layer->max = max;
    for (uint32_t i = 0; i < layer->n; i++)
        index[place(f, layer, state_of(f, layer, i), layer->nodes[i].column)] = i;
    return true;
}

static bool better(const struct node *a, const struct node *b)
{
    if (a->delayed != b->delayed)
        return a->delayed < b->delayed;
    if (a->switches != b->switches)
        return a->switches < b->switches;
    if (a->agents != b->agents)
        return a->agents < b->agents;
    if (a->before_rank != b->before_rank)
        return a->before_rank < b->before_rank;
    return a->rule < b->rule;
}

static bool offer(struct finder *f, struct layer *layer, const uint64_t *state,
                  const struct node *node)
{
    if (layer->n == layer->max && !layer_grow(f, layer))
        return false;
    size_t at = place(f, layer, state, node->column);
    uint32_t i = layer->index[at];
    if (i == NOBODY) {
        layer->index[at] = (uint32_t)layer->n;
        memcpy(state_of(f, layer, layer->n), state, f->words * sizeof *state);
        layer->nodes[layer->n++] = *node;
    } else if (better(node, &layer->nodes[i])) {
        layer->nodes[i] = *node;
    }
    return true;
}

struct ranked { uint64_t by; uint32_t node; };

static int by_sequence(const void *a, const void *b)
{
    uint64_t x = ((const struct ranked *)a)->by, y = ((const struct ranked *)b)->by;
    return (x > y) - (x < y);
}

/* Ranks the nodes by initial state and sequence of rules. */
static bool rank(struct layer *layer)
{
    struct ranked *order = malloc((layer->n + 1) * sizeof *order);
    if (!order)
        return false;
    for (uint32_t i = 0; i < layer->n; i++)
        order[i] = (struct ranked){
            (uint64_t)layer->nodes[i].before_rank << 32 | layer->nodes[i].rule, i};
    qsort(order, layer->n, sizeof *order, by_sequence);
    uint32_t next = 0;
    for (size_t i = 0; i < layer->n; i++) {
        if (i && order[i].by != order[i - 1].by)
            next++;
        layer->nodes[order[i].node].rank = next;
    }
    free(order);
    return true;
}

static bool start(struct finder *f)
{
    const struct program *p = f->s->space.program;
    bool deadlock = p->checks[f->s->space.findings.wanted].kind == DEADLOCK;
    for (uint32_t i = 0; i < p->n_initial; i++) {
        memcpy(f->next, p->initial + (size_t)i * f->words, f->words * sizeof *f->next);
        if (step_canonical(p, &f->s->workers[0].scratch, f->next) != STEPPED)
            continue;
        make_key(f, f->next);
        bool wanted = f->depth == 0 && !deadlock ? fails(f, f->next)
                                                 : visited_contains(&f->on_path[0], f->key);
        struct node node = {.before = NOBODY, .before_rank = i, .column = NOBODY};
        if (wanted && !offer(f, &f->layers[0], f->next, &node))
            return false;
    }
    return rank(&f->layers[0]);
}

/* Whether a prompt agent can step. */
static bool is_waited(struct finder *f, const uint64_t *state)
{
    const struct program *p = f->s->space.program;
    struct edges e;
    if (!p->prompt)
        return false;
    edges_begin(&e, f->s, state, f->next);
    while (edges_next(&e))
        if (p->processes[p->rules[e.rule].process].prompt)
            return true;
    return false;
}

static bool forward(struct finder *f)
{
    const struct program *p = f->s->space.program;
    struct edges e;
    for (uint64_t depth = 0; depth < f->depth; depth++) {
        struct layer *layer = &f->layers[depth], *following = &f->layers[depth + 1];
        for (uint32_t i = 0; i < layer->n; i++) {
            const struct node *here = &layer->nodes[i];
            bool waited = is_waited(f, state_of(f, layer, i));
            edges_begin(&e, f->s, state_of(f, layer, i), f->next);
            while (edges_next(&e)) {
                if (!good(f, &e, depth + 1))
                    continue;
                const struct process *q = &p->processes[p->rules[e.rule].process];
                struct node node = {
                    .delayed = here->delayed + (q->kind != AGENT && waited),
                    .switches = here->switches + (depth && here->column != q->column),
                    .agents = here->agents + (q->kind == AGENT),
                    .before = i, .before_rank = here->rank, .rule = e.rule, .column = q->column};
                if (!offer(f, following, f->next, &node))
                    return false;
            }
        }
        if (!rank(following))
            return false;
    }
    return true;
}

static bool collect(struct finder *f, struct trace *trace)
{
    struct layer *last = &f->layers[f->depth];
    uint32_t best = NOBODY;
    for (uint32_t i = 0; i < last->n; i++)
        if (best == NOBODY || better(&last->nodes[i], &last->nodes[best]))
            best = i;
    if (best == NOBODY)
        return false;
    trace->length = f->depth;
    trace->delayed = last->nodes[best].delayed;
    trace->switches = last->nodes[best].switches;
    trace->rules = calloc(f->depth + 1, sizeof *trace->rules);
    trace->states = calloc((f->depth + 1) * f->words, sizeof *trace->states);
    if (!trace->rules || !trace->states)
        return false;
    for (uint64_t depth = f->depth + 1; depth-- > 0;) {
        struct layer *layer = &f->layers[depth];
        memcpy(trace->states + depth * f->words, state_of(f, layer, best),
               f->words * sizeof *trace->states);
        if (depth)
            trace->rules[depth - 1] = layer->nodes[best].rule;
        best = layer->nodes[best].before;
    }
    return true;
}

static bool finder_init(struct finder *f, struct search *s, uint64_t depth)
{
    *f = (struct finder){.s = s, .words = s->space.program->words, .depth = depth};
    f->key = calloc(f->words, sizeof *f->key);
    f->next = calloc(f->words, sizeof *f->next);
    f->layers = calloc(depth + 1, sizeof *f->layers);
    f->on_path = calloc(depth + 1, sizeof *f->on_path);
    bool ok = f->key && f->next && f->layers && f->on_path;
    for (uint64_t i = 0; i <= depth && ok; i++)
        ok = visited_init(&f->on_path[i], &s->space.budget, s->space.program, 1);
    return ok;
}

static void finder_free(struct finder *f)
{
    for (uint64_t i = 0; i <= f->depth; i++) {
        if (f->on_path)
            visited_free(&f->on_path[i]);
        if (f->layers) {
            free(f->layers[i].nodes);
            free(f->layers[i].states);
            free(f->layers[i].index);
        }
    }
    free(f->on_path);
    free(f->layers);
    free(f->key);
    free(f->next);
}

bool trace_find(struct search *s, struct trace *trace)
{
    struct finder f;
    *trace = (struct trace){0};
    visited_free(&s->space.visited);
    s->space.stop = RUNNING;
    bool ok = finder_init(&f, s, (uint64_t)s->space.findings.status[s->space.findings.wanted].depth)
              && backward(&f) && start(&f) && forward(&f) && collect(&f, trace);
    finder_free(&f);
    return ok;
}

static bool remember_all(struct finder *f, uint64_t depth, struct states some)
{
    bool ok = true;
    for (size_t i = 0; i < some.n && ok; i++)
        ok = remember(f, depth, some.words + i * f->words);
    return ok;
}

bool trace_mark(struct search *s, uint64_t failure, uint64_t depth, struct states after,
                struct states level, unsigned char *leads)
{
    struct finder f;
    struct edges e;
    bool ok = finder_init(&f, s, failure) && remember_all(&f, depth + 1, after);
    for (size_t i = 0; i < level.n && ok; i++) {
        edges_begin(&e, s, level.words + i * f.words, f.next);
        leads[i] = false;
        while (!leads[i] && edges_next(&e))
            leads[i] = good(&f, &e, depth + 1);
    }
    finder_free(&f);
    return ok;
}

bool trace_choose(struct search *s, uint64_t failure, const struct states *on_path, size_t levels,
                  struct trace *trace)
{
    struct finder f;
    *trace = (struct trace){0};
    bool ok = finder_init(&f, s, failure);
    for (size_t i = 0; i < levels && ok; i++)
        ok = remember_all(&f, i, on_path[i]);
    ok = ok && start(&f) && forward(&f) && collect(&f, trace);
    finder_free(&f);
    return ok;
}

void trace_free(struct trace *trace)
{
    free(trace->rules);
    free(trace->states);
}
