/* Memory within a budget, and memory that shares no cache line with another thread's. */
#ifndef MMSCN_MEMORY_H
#define MMSCN_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* What one thread writes all the time shares no cache line with what another one does; two, for
 * lines are fetched in pairs. */
enum { LINE_BYTES = 128 };
#define OWN_LINES _Alignas(LINE_BYTES)
/* Zeroed, and aligned for that; for free(). */
void *calloc_lines(size_t n, size_t size);

/* Bytes of stored states, over all threads. */
struct budget {
    _Atomic uint64_t used, peak;
    uint64_t limit;
};
/* Zeroed memory within the budget, or NULL. */
void *budget_take(struct budget *budget, size_t bytes);
void budget_give(struct budget *budget, void *memory, size_t bytes);

#endif
