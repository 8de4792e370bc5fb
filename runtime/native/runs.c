#define _GNU_SOURCE /* for O_TMPFILE */
#include "runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 16 };

static bool fail(struct disk *disk, int number)
{
    if (!disk->number)
        disk->number = number ? number : EIO;
    return false;
}

/* A file in the folder that nobody finds there; -1 where there can be none. */
static int unnamed_file(const char *folder)
{
    int file = -1;
#ifdef O_TMPFILE
    file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
    if (file >= 0 || errno == ENOENT || errno == ENOTDIR || errno == EACCES)
        return file;
    static const char name[] = "/.mmscn-XXXXXX";
    size_t length = strlen(folder);
    char *path = malloc(length + sizeof name);
    if (!path)
        return -1;
    memcpy(path, folder, length);
    memcpy(path + length, name, sizeof name);
    file = mkstemp(path);
    if (file >= 0)
        (void)unlink(path);
    free(path);
    return file;
}

struct run *run_new(struct disk *disk, uint32_t width)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r) {
        fail(disk, ENOMEM);
        return NULL;
    }
    size_t bytes = width * sizeof(uint64_t);
    uint32_t block = bytes < BLOCK_BYTES ? (uint32_t)(BLOCK_BYTES / bytes) : 1;
    *r = (struct run){.disk = disk, .file = -1, .width = width, .block = block};
    r->buffer = malloc(block * bytes);
    if (r->buffer && (r->file = unnamed_file(disk->folder)) >= 0)
        return r;
    fail(disk, r->buffer ? errno : ENOMEM);
    run_free(r);
    return NULL;
}

void run_free(struct run *r)
{
    if (!r)
        return;
    if (r->file >= 0)
        close(r->file);
    free(r->firsts);
    free(r->buffer);
    free(r);
}

static bool transfer(const struct run *r, bool write, uint64_t *words, uint64_t first, uint64_t n)
{
    char *at = (char *)words;
    size_t left = n * r->width * sizeof *words;
    off_t offset = (off_t)(first * r->width * sizeof *words);
    while (left) {
        ssize_t done = write ? pwrite(r->file, at, left, offset) : pread(r->file, at, left, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return fail(r->disk, done < 0 ? errno : EIO);
        at += done;
        offset += done;
        left -= (size_t)done;
    }
    return true;
}

bool run_put(struct run *r, const uint64_t *record)
{
    uint64_t block = r->n / r->block, at = r->n % r->block;
    if (at == 0) {
        if (block == r->firsts_max) {
            size_t max = 2 * r->firsts_max + 16;
            uint64_t *firsts = realloc(r->firsts, max * sizeof *firsts);
            if (!firsts)
                return fail(r->disk, ENOMEM);
            r->firsts = firsts;
            r->firsts_max = max;
        }
        r->firsts[block] = record[0];
    }
    memcpy(r->buffer + at * r->width, record, r->width * sizeof *record);
    r->n++;
    return at + 1 < r->block || transfer(r, true, r->buffer, r->n - r->block, r->block);
}

bool run_flush(struct run *r)
{
    uint64_t n = r->n % r->block;
    return transfer(r, true, r->buffer, r->n - n, n) && !r->disk->number;
}

uint64_t run_read(const struct run *r, uint64_t first, uint64_t n, uint64_t *to)
{
    if (first >= r->n)
        return 0;
    if (n > r->n - first)
        n = r->n - first;
    return transfer(r, false, to, first, n) ? n : 0;
}

bool reader_init(struct run_reader *r, const struct run *run)
{
    *r = (struct run_reader){.run = run, .buffer = malloc(run->block * run->width * sizeof *r->buffer)};
    if (!r->buffer)
        return fail(run->disk, ENOMEM);
    r->n = (uint32_t)run_read(run, 0, run->block, r->buffer);
    return true;
}

void reader_free(struct run_reader *r)
{
    free(r->buffer);
}

static void load(struct run_reader *r, uint64_t block)
{
    r->block = block;
    r->at = 0;
    r->n = (uint32_t)run_read(r->run, block * r->run->block, r->run->block, r->buffer);
}

const uint64_t *reader_peek(struct run_reader *r)
{
    return r->at < r->n ? r->buffer + (size_t)r->at * r->run->width : NULL;
}

void reader_next(struct run_reader *r)
{
    if (++r->at == r->n && r->n)
        load(r, r->block + 1);
}

const uint64_t *reader_seek(struct run_reader *r, const uint64_t *key, uint32_t words)
{
    const struct run *run = r->run;
    uint64_t blocks = (run->n + run->block - 1) / run->block, block = r->block;
    while (r->at < r->n) {
        while (block + 1 < blocks && run->firsts[block + 1] < key[0])
            block++;
        if (block != r->block)
            load(r, block);
        uint32_t low = r->at, high = r->n;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (compare_keys(r->buffer + (size_t)middle * run->width, key, words) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        r->at = low;
        if (low < r->n)
            break;
        load(r, ++block);
    }
    return reader_peek(r);
}
