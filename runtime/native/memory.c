#include "memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#define HAVE_MMAP 1
#endif

enum { MAPPED_MIN = 1 << 20, HUGE_PAGE = 1 << 21 };

void *calloc_lines(size_t n, size_t size)
{
    size_t bytes = (n * size + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    void *memory = aligned_alloc(LINE_BYTES, bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

#ifdef HAVE_MMAP
/* Zeroed memory that returns to the system when a segment has moved. In huge pages
 * where there are any: 10 to 15 % less user time at 20 million states of two words. */
static void *map(size_t bytes)
{
    size_t extra = bytes >= HUGE_PAGE ? HUGE_PAGE : 0;
    char *memory
        = mmap(NULL, bytes + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    if (extra) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        size_t before = (HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE) % HUGE_PAGE;
        size_t kept = (bytes + page - 1) / page * page;
        if (before)
            munmap(memory, before);
        memory += before;
        munmap(memory + kept, extra - before);
#ifdef MADV_HUGEPAGE
        (void)madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    }
    return memory;
}
#endif

void *budget_take(struct budget *budget, size_t bytes)
{
    uint64_t used = atomic_fetch_add(&budget->used, bytes) + bytes;
    void *memory = NULL;
    if (used <= budget->limit) {
#ifdef HAVE_MMAP
        if (bytes >= MAPPED_MIN)
            memory = map(bytes);
        else
#endif
            memory = calloc(1, bytes);
    }
    if (!memory) {
        atomic_fetch_sub(&budget->used, bytes);
        return NULL;
    }
    uint64_t peak = atomic_load(&budget->peak);
    while (peak < used && !atomic_compare_exchange_weak(&budget->peak, &peak, used))
        ;
    return memory;
}

void budget_give(struct budget *budget, void *memory, size_t bytes)
{
    if (!memory)
        return;
    atomic_fetch_sub(&budget->used, bytes);
#ifdef HAVE_MMAP
    if (bytes >= MAPPED_MIN) {
        munmap(memory, bytes);
        return;
    }
#endif
    free(memory);
}
