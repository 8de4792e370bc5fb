/* Records in files that have no name, so that nothing of them is left behind, whatever happens.
 *
 * A record is `width` words. Blocks of them are written and read as a whole; the first word of
 * each block is in memory, so that a reader of records in order skips those it does not need.
 */
#ifndef MMSCN_RUNS_H
#define MMSCN_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* number: of the error that has occurred, as in errno. What was read behind it is void. */
struct disk { const char *folder; int number; };

struct run {
    struct disk *disk;
    int file;
    uint32_t width, block;         /* words of a record, records of a block */
    uint64_t n;                    /* records */
    uint64_t *firsts, *buffer;     /* buffer: the last block, while it is written */
    size_t firsts_max;
};

/* NULL where it cannot be made. */
struct run *run_new(struct disk *disk, uint32_t width);
void run_free(struct run *r);
bool run_put(struct run *r, const uint64_t *record);
/* Behind the last record that is to be read. More may follow. */
bool run_flush(struct run *r);
/* Records from number `first` on into memory; how many there were. */
uint64_t run_read(const struct run *r, uint64_t first, uint64_t n, uint64_t *to);

struct run_reader { const struct run *run; uint64_t *buffer; uint64_t block; uint32_t at, n; };

bool reader_init(struct run_reader *r, const struct run *run);
void reader_free(struct run_reader *r);
/* The record where it is, NULL behind the last; and past that. */
const uint64_t *reader_peek(struct run_reader *r);
void reader_next(struct run_reader *r);
/* To the first record whose first `words` words are not less than the key. */
const uint64_t *reader_seek(struct run_reader *r, const uint64_t *key, uint32_t words);

/* -1, 0 or 1, by the first words that differ. */
static inline int compare_keys(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint32_t w = 0;
    while (w + 1 < words && a[w] == b[w])
        w++;
    return (a[w] > b[w]) - (a[w] < b[w]);
}

#endif
