#include "views_layout.h"

#include <stdlib.h>

/* The words of a layout that are still to be read. */
struct reader { const uint64_t *at, *end; bool failed; };

static uint64_t word(struct reader *r, uint64_t max)
{
    uint64_t found = r->at < r->end ? *r->at++ : UINT64_MAX;
    r->failed = r->failed || found > max;
    return r->failed ? 0 : found;
}

/* Zeroed, for at least one; NULL fails the reader. */
static void *allot(struct reader *r, size_t n, size_t size)
{
    void *memory = calloc(n + 1, size);
    r->failed = r->failed || !memory;
    return memory;
}

static const struct field *field(struct reader *r, const struct program *p)
{
    return &p->fields[word(r, p->n_fields - 1)];
}

static void cover(uint64_t *mask, const struct field *f)
{
    mask[f->word] |= f->mask << f->shift;
}

static void read_rows(struct views *v, struct reader *r, uint64_t **ids)
{
    const struct program *p = v->program;
    v->fields = (uint32_t)word(r, p->n_fields);
    *ids = allot(r, (size_t)VIEW_ROWS * v->fields, sizeof **ids);
    v->row_names = allot(r, (size_t)VIEW_ROWS * v->fields, sizeof *v->row_names);
    for (uint32_t where = 0; where < VIEW_ROWS; where++) {
        struct field *fields = allot(r, v->fields, sizeof *fields);
        v->row_fields[where] = fields;
        for (uint32_t i = 0; i < v->fields && !r->failed; i++) {
            (*ids)[where * v->fields + i] = r->at < r->end ? *r->at : 0;
            v->row_names[where * v->fields + i] = -1;
            fields[i] = *field(r, p);
            cover(v->row_masks + where * p->words, &fields[i]);
        }
    }
}

static void read_name(struct views *v, struct reader *r, struct naming *name, int32_t number,
                      const uint64_t *ids)
{
    uint64_t id = word(r, v->program->n_fields - 1);
    name->at = v->program->fields[id];
    uint64_t n = word(r, name->at.mask + 1);
    uint32_t *rows = allot(r, n, sizeof *rows);
    name->rows = rows;
    r->failed = r->failed || n != name->at.mask + 1;
    for (uint64_t i = 0; i < n && !r->failed; i++)
        rows[i] = (uint32_t)word(r, VIEW_ROWS + 1);
    for (uint32_t i = 0; i < VIEW_ROWS + 1; i++)
        name->numbers[i] = (uint32_t)word(r, name->at.mask);
    for (uint32_t i = 0; i < VIEW_ROWS * v->fields; i++)
        if (ids[i] == id)
            v->row_names[i] = number;
}

static bool read_layout(struct views *v, struct reader *r)
{
    const struct program *p = v->program;
    uint64_t *ids = NULL;
    v->shared_mask = allot(r, p->words, sizeof *v->shared_mask);
    v->row_masks = allot(r, (size_t)VIEW_ROWS * p->words, sizeof *v->row_masks);
    if (!r->failed)
        read_rows(v, r, &ids);
    uint64_t shared = word(r, p->n_fields);
    for (uint64_t i = 0; i < shared && !r->failed; i++)
        cover(v->shared_mask, field(r, p));
    v->n_shared_names = (uint32_t)word(r, VIEW_NAMES_MAX);
    v->n_names = (uint32_t)word(r, p->n_fields);
    r->failed = r->failed || v->n_shared_names > v->n_names;
    v->names = allot(r, v->n_names, sizeof *v->names);
    for (uint32_t i = 0; i < v->n_names && !r->failed; i++)
        read_name(v, r, &v->names[i], (int32_t)i, ids);
    free(ids);
    return !r->failed && r->at == r->end;
}

static void number(struct views *v, struct numbered *k, uint32_t words)
{
    k->budget = &v->budget;
    k->words = words;
}

bool views_init(struct views *v, const struct program *p, const uint64_t *layout, size_t n,
                uint64_t memory_bytes)
{
    struct reader reader = {layout, layout + n, p->n_permutations != 0 || !p->n_fields};
    v->program = p;
    v->budget.limit = memory_bytes;
    if (!read_layout(v, &reader) || !scratch_init(&v->scratch, p))
        return false;
    uint32_t keys = (v->fields > p->words ? v->fields : p->words) + 1;
    number(v, &v->shared, p->words);
    number(v, &v->rows, v->fields + 1);
    number(v, &v->edges, 2);
    number(v, &v->nodes, 1);
    for (uint32_t where = 0; where < VIEW_ROWS; where++)
        number(v, &v->placed[where], p->words + 1);
    v->state = calloc(p->words, sizeof *v->state);
    v->next = calloc(p->words, sizeof *v->next);
    v->key = calloc(keys, sizeof *v->key);
    v->broken = calloc(p->n_checks + 1, 1);
    return v->state && v->next && v->key && v->broken;
}

void views_free(struct views *v)
{
    for (uint64_t i = 0; i < v->nodes.n && i < v->list_room; i++)
        budget_give(&v->budget, v->lists[i].rows, v->lists[i].room * sizeof *v->lists[i].rows);
    budget_give(&v->budget, v->lists, v->list_room * sizeof *v->lists);
    for (uint32_t where = 0; where < VIEW_ROWS; where++) {
        budget_give(&v->budget, v->row_of[where], v->row_room[where] * sizeof **v->row_of);
        numbered_free(&v->placed[where]);
        free((void *)v->row_fields[where]);
    }
    if (v->program)
        budget_give(&v->budget, v->at,
                    v->at_room * VIEW_ROWS * v->program->words * sizeof *v->at);
    numbered_free(&v->shared);
    numbered_free(&v->rows);
    numbered_free(&v->edges);
    numbered_free(&v->nodes);
    for (uint32_t i = 0; v->names && i < v->n_names; i++)
        free((void *)v->names[i].rows);
    scratch_free(&v->scratch);
    free(v->names);
    free(v->row_names);
    free(v->shared_mask);
    free(v->row_masks);
    free(v->state);
    free(v->next);
    free(v->key);
    free(v->broken);
}
