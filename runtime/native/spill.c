#include "spill.h"

#include <errno.h>
#include <stdlib.h>

enum { CANDIDATES_MAX = 32 };      /* runs, before they are merged */

static bool out_of_memory(struct spill *sp)
{
    sp->disk.number = ENOMEM;
    return false;
}

static uint32_t width(const struct spill *sp)
{
    return sp->words + sp->halting;
}

static bool is_halted(const struct spill *sp, const uint64_t *record)
{
    return sp->halting && record[sp->words];
}

static void free_runs(struct run_list *l, size_t from)
{
    while (l->n > from)
        run_free(l->runs[--l->n]);
}

static bool add_run(struct spill *sp, struct run_list *l, struct run *run)
{
    if (l->n == l->max) {
        size_t max = 2 * l->max + 8;
        struct run **runs = realloc(l->runs, max * sizeof *runs);
        if (!runs) {
            run_free(run);
            return out_of_memory(sp);
        }
        l->runs = runs;
        l->max = max;
    }
    l->runs[l->n++] = run;
    return true;
}

bool spill_init(struct spill *sp, const struct program *p, const char *folder)
{
    *sp = (struct spill){.disk = {.folder = folder}, .words = p->words, .halting = p->halting};
    struct run *first = run_new(&sp->disk, p->words);
    run_free(first);
    return first != NULL;
}

void spill_free(struct spill *sp)
{
    free_runs(&sp->visited, 0);
    free_runs(&sp->candidates, 0);
    free(sp->visited.runs);
    free(sp->candidates.runs);
    run_free(sp->next);
    if (sp->current != sp->next)
        run_free(sp->current);
    free(sp->starts);
}

/* ---- merging ---- */

static struct run_reader *readers_of(const struct run_list *l, size_t from)
{
    struct run_reader *readers = calloc(l->n - from + 1, sizeof *readers);
    for (size_t i = from; readers && i < l->n; i++)
        (void)reader_init(&readers[i - from], l->runs[i]);
    return readers;
}

static void free_readers(struct run_reader *readers, size_t n)
{
    for (size_t i = 0; readers && i < n; i++)
        reader_free(&readers[i]);
    free(readers);
}

/* The least key of all, which they move past; whether it is halted in each. */
static bool least(const struct spill *sp, struct run_reader *readers, size_t n, uint64_t *key,
                  bool *halted)
{
    const uint64_t *found = NULL;
    for (size_t i = 0; i < n; i++) {
        const uint64_t *record = reader_peek(&readers[i]);
        if (record && (!found || compare_keys(record, found, sp->words) < 0))
            found = record;
    }
    if (!found)
        return false;
    memcpy(key, found, sp->words * sizeof *key);
    *halted = true;
    for (size_t i = 0; i < n; i++) {
        const uint64_t *record = reader_peek(&readers[i]);
        if (record && compare_keys(record, key, sp->words) == 0) {
            *halted = *halted && is_halted(sp, record);
            reader_next(&readers[i]);
        }
    }
    return true;
}

/* One run of those from a number on. */
static bool merge(struct spill *sp, struct run_list *l, size_t from)
{
    size_t n = l->n - from;
    struct run_reader *readers = readers_of(l, from);
    struct run *out = run_new(&sp->disk, width(sp));
    uint64_t *record = calloc(sp->words + 1, sizeof *record);
    bool halted, ok = readers && out && record;
    while (ok && least(sp, readers, n, record, &halted)) {
        record[sp->words] = halted;
        ok = run_put(out, record);
    }
    free(record);
    free_readers(readers, n);
    if (!ok || !run_flush(out)) {
        run_free(out);
        return sp->disk.number ? false : out_of_memory(sp);
    }
    free_runs(l, from);
    return add_run(sp, l, out);
}

/* ---- what goes to files ---- */

/* Records that agree in their first two words come from a set in any order. */
static void sort_few(uint64_t *records, size_t n, uint32_t words, uint32_t wide)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0; j--) {
            uint64_t *a = records + (j - 1) * wide, *b = a + wide;
            if (compare_keys(a, b, words) <= 0)
                break;
            for (uint32_t w = 0; w < wide; w++) {
                uint64_t kept = a[w];
                a[w] = b[w];
                b[w] = kept;
            }
        }
}

struct alike { uint64_t *records; size_t n, max; uint32_t wide; };

static bool put_alike(struct alike *g, struct run *to, uint32_t words)
{
    bool ok = true;
    sort_few(g->records, g->n, words, g->wide);
    for (size_t i = 0; ok && i < g->n; i++)
        ok = run_put(to, g->records + i * g->wide);
    g->n = 0;
    return ok;
}

static bool add_alike(struct alike *g, struct spill *sp, const uint64_t *key, bool halted)
{
    if (g->n == g->max) {
        size_t max = 2 * g->max + 8;
        uint64_t *records = realloc(g->records, max * g->wide * sizeof *records);
        if (!records)
            return out_of_memory(sp);
        g->records = records;
        g->max = max;
    }
    uint64_t *record = g->records + g->n++ * g->wide;
    memcpy(record, key, sp->words * sizeof *key);
    record[sp->words] = halted;
    return true;
}

bool spill_keys(struct spill *sp, struct run_list *to, const struct visited *v)
{
    uint32_t words = sp->words;
    struct alike g = {.wide = words + 1};
    struct run *run = run_new(&sp->disk, width(sp));
    uint64_t *key = calloc(words, sizeof *key);
    bool halted, ok = run && key;
    for (unsigned i = 0; ok && i < 1u << v->bits; i++)
        for (uint64_t slot = 0; ok && visited_next(v, i, &slot, key, &halted);) {
            if (g.n && (words <= 2 || key[0] != g.records[0] || key[1] != g.records[1]))
                ok = put_alike(&g, run, words);
            ok = ok && add_alike(&g, sp, key, halted);
        }
    ok = ok && put_alike(&g, run, words) && run_flush(run);
    free(g.records);
    free(key);
    if (!ok) {
        run_free(run);
        return sp->disk.number ? false : out_of_memory(sp);
    }
    sp->active = true;
    return add_run(sp, to, run)
           && (to != &sp->candidates || to->n < CANDIDATES_MAX || merge(sp, to, 0));
}

bool spill_frontier(struct run *to, struct frontier *f, struct budget *budget, uint32_t words)
{
    bool ok = true;
    struct chunk *chunk;
    while ((chunk = frontier_take(f))) {
        for (uint32_t i = chunk->begin; ok && i < chunk->end; i++)
            ok = run_put(to, chunk->data + (size_t)i * words);
        chunk_free(chunk, budget, words);
    }
    return ok && run_flush(to);
}

/* ---- levels ---- */

bool spill_level(struct spill *sp)
{
    if (!sp->keep || !sp->next) {
        sp->next = run_new(&sp->disk, sp->words);
        if (!sp->next)
            return false;
    }
    sp->next_begin = sp->next->n;
    if (sp->n_starts == sp->starts_max) {
        size_t max = 2 * sp->starts_max + 64;
        uint64_t *starts = realloc(sp->starts, max * sizeof *starts);
        if (!starts)
            return out_of_memory(sp);
        sp->starts = starts;
        sp->starts_max = max;
    }
    sp->starts[sp->n_starts++] = sp->next->n;
    return true;
}

bool spill_advance(struct spill *sp)
{
    if (sp->current != sp->next)
        run_free(sp->current);
    sp->current = sp->next;
    sp->at = sp->next_begin;
    sp->end = sp->next->n;
    return spill_level(sp);
}

uint64_t spill_take(void *spill, uint64_t *states, uint64_t most)
{
    struct spill *sp = spill;
    uint64_t n = sp->end - sp->at < most ? sp->end - sp->at : most;
    n = run_read(sp->current, sp->at, n, states);
    sp->at += n;
    return n;
}

uint64_t spill_kept(const struct spill *sp, uint64_t depth, uint64_t *n)
{
    if (depth >= sp->n_starts) {
        *n = 0;
        return 0;
    }
    *n = (depth + 1 < sp->n_starts ? sp->starts[depth + 1] : sp->next->n) - sp->starts[depth];
    return sp->starts[depth];
}

/* ---- what is new ---- */

bool join_begin(struct join *j, struct spill *sp)
{
    *j = (struct join){.sp = sp, .candidates = readers_of(&sp->candidates, 0),
                       .visited = readers_of(&sp->visited, 0),
                       .out = run_new(&sp->disk, width(sp))};
    return (j->candidates && j->visited) || out_of_memory(sp);
}

bool join_next(struct join *j, uint64_t *key, bool *halted, bool *revived)
{
    struct spill *sp = j->sp;
    while (!sp->disk.number && least(sp, j->candidates, sp->candidates.n, key, halted)) {
        bool seen = false, live = false;
        for (size_t i = 0; i < sp->visited.n && !live; i++) {
            const uint64_t *record = reader_seek(&j->visited[i], key, sp->words);
            if (record && compare_keys(record, key, sp->words) == 0) {
                seen = true;
                live = !is_halted(sp, record);
            }
        }
        *revived = seen;
        if (seen && (live || *halted))
            continue;
        key[sp->words] = *halted;
        return run_put(j->out, key);
    }
    return false;
}

bool join_end(struct join *j)
{
    struct spill *sp = j->sp;
    struct run_list *l = &sp->visited;
    free_readers(j->candidates, sp->candidates.n);
    free_readers(j->visited, l->n);
    free_runs(&sp->candidates, 0);
    if (sp->disk.number || !run_flush(j->out)) {
        run_free(j->out);
        return false;
    }
    if (!j->out->n) {
        run_free(j->out);
        return true;
    }
    bool ok = add_run(sp, l, j->out);
    while (ok && l->n > 1 && l->runs[l->n - 2]->n < 2 * l->runs[l->n - 1]->n)
        ok = merge(sp, l, l->n - 2);
    return ok;
}
