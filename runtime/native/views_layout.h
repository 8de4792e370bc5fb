/* What views are made of: the rows of a state, what is shared, and the edges between them.
 *
 * A state of the program is one of three threads. Of it belongs to each thread a row, and to all what is
 * shared; what is shared may name a row, and a row itself, but no other row. An edge is what is shared
 * and two rows that were met with it.
 */
#ifndef MMSCN_VIEWS_LAYOUT_H
#define MMSCN_VIEWS_LAYOUT_H

#include "numbered.h"
#include "search.h"

enum { VIEW_ROWS = 3, VIEW_NAMES_MAX = 64 };
#define VIEW_ITSELF (UINT64_C(1) << 32)

/* A field that may name a row: by its number, that row and 1, VIEW_ROWS and 1 for any other thread's. */
struct naming {
    struct field at;
    const uint32_t *rows;
    uint32_t numbers[VIEW_ROWS + 1]; /* of each row */
};

struct neighbours { uint32_t *rows; uint64_t n, room; };

struct views {
    const struct program *program;
    struct scratch scratch;
    struct budget budget;
    struct limits limits;
    uint32_t fields;                       /* of a row */
    const struct field *row_fields[VIEW_ROWS];
    int32_t *row_names;                    /* of each, which of `names` it is, or -1 */
    struct naming *names;
    uint32_t n_names, n_shared_names;      /* those of what is shared come first */
    uint64_t *shared_mask, *row_masks;     /* words; of each row */
    struct numbered shared, placed[VIEW_ROWS], rows, edges, nodes;
    uint32_t *row_of[VIEW_ROWS];           /* by number in `placed` */
    uint64_t row_room[VIEW_ROWS];
    uint64_t *at, at_room;                 /* the words of each row in each place */
    struct neighbours *lists;              /* by number in `nodes` */
    uint64_t list_room;
    uint64_t *state, *next, *key;          /* one of each */
    uint64_t configurations, steps;
    unsigned char *broken;                 /* by check; `stopping`: ends the search */
    const unsigned char *stopping;
    bool names_another;                    /* a row names another thread */
    double started, next_poll;
    poll_fn poll;
    void *context;
};

/* `layout`: see `_layout` in __init__.py. False where it does not fit the program, or without memory. */
bool views_init(struct views *v, const struct program *p, const uint64_t *layout, size_t n,
                uint64_t memory_bytes);
void views_free(struct views *v);

#endif
