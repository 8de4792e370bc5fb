#include "visited.h"

#include <stdatomic.h>
#include <stdlib.h>

#if defined(__linux__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#define HAVE_MMAP 1
#endif

enum { MAPPED_MIN = 1 << 20, HUGE_PAGE = 1 << 21, HOMES_MIN = 32, SLACK_MAX = 4096 };

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

static size_t segment_bytes(const struct visited *v, uint64_t total)
{
    return (size_t)total * v->words * sizeof(uint64_t);
}

static bool segment_make(struct visited *v, struct segment *g, uint64_t homes)
{
    uint64_t slack = 16 + (homes / 8 < SLACK_MAX ? homes / 8 : SLACK_MAX);
    *g = (struct segment){.homes = homes, .total = homes + slack, .grow_at = homes - homes / 4};
    return homes < UINT32_MAX && (g->slots = budget_take(v->budget, segment_bytes(v, g->total)));
}

bool visited_init(struct visited *v, struct budget *budget, uint32_t words, unsigned bits)
{
    *v = (struct visited){.budget = budget, .bits = bits, .words = words};
    if (!(v->segments = calloc((size_t)1 << bits, sizeof *v->segments)))
        return false;
    for (unsigned i = 0; i < 1u << bits; i++)
        if (!segment_make(v, &v->segments[i], HOMES_MIN))
            return false;
    return true;
}

void visited_free(struct visited *v)
{
    if (v->segments)
        for (unsigned i = 0; i < 1u << v->bits; i++)
            budget_give(v->budget, v->segments[i].slots, segment_bytes(v, v->segments[i].total));
    free(v->segments);
    free(v->zeros);
    v->segments = NULL;
    v->zeros = NULL;
}

uint64_t visited_count(const struct visited *v)
{
    uint64_t count = v->n_zeros;
    for (unsigned i = 0; i < 1u << v->bits; i++)
        count += v->segments[i].count;
    return count;
}

/* Puts a key after all smaller ones, at its home or the first free slot after it. */
static bool append(const struct visited *v, struct segment *g, uint64_t *cursor,
                   const uint64_t *key)
{
    uint64_t at = home(v, g, key[0]);
    if (at < *cursor)
        at = *cursor;
    if (at + 1 >= g->total)
        return false;
    memcpy(g->slots + at * v->words, key, v->words * sizeof *key);
    *cursor = at + 1;
    g->count++;
    return true;
}

bool visited_grow(struct visited *v, struct segment *g)
{
    uint64_t homes = g->homes;
    for (;;) {
        homes = homes < 1 << 15 ? homes * 2 : homes + homes / 2;
        struct segment grown;
        if (!segment_make(v, &grown, homes))
            return false;
        uint64_t cursor = 0;
        const uint64_t *slot = g->slots;
        const uint64_t *end = g->slots + g->total * v->words;
        while (slot < end && (!*slot || append(v, &grown, &cursor, slot)))
            slot += v->words;
        if (slot == end) {
            budget_give(v->budget, g->slots, segment_bytes(v, g->total));
            *g = grown;
            return true;
        }
        budget_give(v->budget, grown.slots, segment_bytes(v, grown.total));
    }
}

bool visited_reserve(struct visited *v, unsigned segment, uint64_t count)
{
    struct segment *g = &v->segments[segment];
    budget_give(v->budget, g->slots, segment_bytes(v, g->total));
    return segment_make(v, g, count + count / 3 + HOMES_MIN);
}

bool visited_append(struct visited *v, uint64_t *cursor, const uint64_t *key)
{
    if (*cursor != UINT64_MAX && append(v, visited_segment(v, key[0]), cursor, key))
        return true;
    *cursor = UINT64_MAX; /* out of slack, as good as never: go on without */
    return visited_insert(v, key, v->words) == INSERTED;
}

enum insertion visited_insert_zero(struct visited *v, const uint64_t *key)
{
    uint32_t rest = v->words - 1;
    for (size_t i = 0; i < v->n_zeros; i++)
        if (memcmp(v->zeros + i * rest, key + 1, rest * sizeof *key) == 0)
            return PRESENT;
    if (v->n_zeros == v->zeros_max) {
        size_t max = 2 * v->zeros_max + 4;
        uint64_t *zeros = realloc(v->zeros, max * (rest + 1) * sizeof *zeros);
        if (!zeros)
            return NO_MEMORY;
        v->zeros = zeros;
        v->zeros_max = max;
    }
    memcpy(v->zeros + v->n_zeros * rest, key + 1, rest * sizeof *key);
    v->n_zeros++;
    return INSERTED;
}

static uint64_t *find(const struct visited *v, const uint64_t *key)
{
    const struct segment *g = visited_segment(v, key[0]);
    uint64_t *slot = g->slots + home(v, g, key[0]) * v->words;
    while (*slot - 1 < key[0] - 1)
        slot += v->words;
    for (; *slot == key[0]; slot += v->words)
        if (same_rest(slot, key, v->words))
            return slot;
    return NULL;
}

static size_t find_zero(const struct visited *v, const uint64_t *key)
{
    uint32_t rest = v->words - 1;
    size_t i = 0;
    while (i < v->n_zeros && memcmp(v->zeros + i * rest, key + 1, rest * sizeof *key) != 0)
        i++;
    return i;
}

bool visited_contains(const struct visited *v, const uint64_t *key)
{
    return key[0] ? find(v, key) != NULL : find_zero(v, key) < v->n_zeros;
}

bool visited_remove(struct visited *v, const uint64_t *key)
{
    uint32_t words = v->words;
    if (!key[0]) {
        size_t i = find_zero(v, key);
        if (i == v->n_zeros)
            return false;
        v->n_zeros--;
        memmove(v->zeros + i * (words - 1), v->zeros + v->n_zeros * (words - 1),
                (words - 1) * sizeof *key);
        return true;
    }
    uint64_t *slot = find(v, key);
    if (!slot)
        return false;
    /* What follows moves up, as far as its homes allow. */
    struct segment *g = visited_segment(v, key[0]);
    uint64_t *next = slot + words;
    while (*next && home(v, g, *next) * words < (uint64_t)(next - g->slots)) {
        memcpy(slot, next, words * sizeof *next);
        slot = next;
        next += words;
    }
    memset(slot, 0, words * sizeof *slot);
    g->count--;
    return true;
}
