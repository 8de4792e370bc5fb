/* A search on file, to be gone on with.
 *
 * Words of 64 bits in the machine's order: header, status of the checks, left-over
 * successors, both frontiers, the visited set in order of hash, the halted states,
 * and a checksum over everything before it. The header's counts give the length
 * of the file, so a file cut short is seen before it is read.
 */
#include "search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC UINT64_C(0x0a6d6d73636e6b70)
#define FORMAT 2
#define COUNT_MAX (UINT64_C(1) << 48)
enum { PREFIXES = 256, BUFFER = 1 << 20 };

struct header {
    uint64_t magic, format;
    unsigned char digest[32];
    uint64_t words, checks;
    int64_t level;
    uint64_t states, transitions, quiescent, deepest;
    double seconds;
    uint64_t pending, current, next;
    uint64_t visited, halted;      /* halted states are among the visited ones */
    uint64_t by_prefix[PREFIXES];  /* of visited, by the top byte */
};

struct stream { FILE *file; uint64_t sum; };

static bool fail(struct search *s, const char *reason, int number)
{
    s->error = reason;
    s->error_number = number;
    return false;
}

static void add_to_sum(struct stream *f, const void *data, size_t bytes)
{
    const unsigned char *at = data;
    for (uint64_t word; bytes >= sizeof word; at += sizeof word, bytes -= sizeof word) {
        memcpy(&word, at, sizeof word);
        f->sum = (f->sum ^ word) * UINT64_C(0x9fb21c651e98df25);
        f->sum ^= f->sum >> 29;
    }
}

static bool put(struct stream *f, const void *data, size_t bytes)
{
    add_to_sum(f, data, bytes);
    return bytes == 0 || fwrite(data, bytes, 1, f->file) == 1;
}

static bool get(struct stream *f, void *data, size_t bytes)
{
    if (bytes && fread(data, bytes, 1, f->file) != 1)
        return false;
    add_to_sum(f, data, bytes);
    return true;
}

static bool put_frontier(struct stream *f, const struct frontier *frontier, uint32_t words)
{
    for (const struct chunk *c = frontier->head; c; c = c->next)
        if (!put(f, c->data + (size_t)c->begin * words,
                 (size_t)(c->end - c->begin) * words * sizeof(uint64_t)))
            return false;
    return true;
}

/* The keys in order: of all states, or of the halted ones alone. */
static bool put_visited(struct stream *f, const struct visited *v, bool halted_only, uint64_t *key)
{
    bool halted;
    for (unsigned i = 0; i < 1u << v->bits; i++)
        for (uint64_t slot = 0; visited_next(v, i, &slot, key, &halted);)
            if ((halted || !halted_only) && !put(f, key, v->words * sizeof *key))
                return false;
    return true;
}

static void count_visited(const struct visited *v, struct header *h, uint64_t *key)
{
    bool halted;
    for (unsigned i = 0; i < 1u << v->bits; i++)
        for (uint64_t slot = 0; visited_next(v, i, &slot, key, &halted);) {
            h->visited++;
            h->halted += halted;
            h->by_prefix[key[0] >> 56]++;
        }
}

static bool put_all(struct search *s, struct stream *f, uint64_t *key)
{
    uint32_t words = s->program->words;
    struct header h = {
        .magic = MAGIC, .format = FORMAT, .words = words, .checks = s->program->n_checks,
        .level = s->level, .states = s->states, .transitions = s->transitions,
        .quiescent = s->quiescent, .deepest = s->deepest,
        .seconds = s->seconds_before + clock_s() - s->started,
        .pending = s->n_pending, .current = s->current.count, .next = s->next.count};
    memcpy(h.digest, s->digest, sizeof h.digest);
    count_visited(&s->visited, &h, key);
    bool ok = put(f, &h, sizeof h);
    for (size_t c = 0; c < s->program->n_checks && ok; c++) {
        uint64_t status[2] = {(uint64_t)s->status[c].depth, s->status[c].covered};
        ok = put(f, status, sizeof status);
    }
    ok = ok && put(f, s->pending, s->n_pending * (words + 2) * sizeof(uint64_t))
         && put_frontier(f, &s->current, words) && put_frontier(f, &s->next, words)
         && put_visited(f, &s->visited, false, key) && put_visited(f, &s->visited, true, key);
    uint64_t sum = f->sum;
    return ok && put(f, &sum, sizeof sum);
}

/* The name survives a power cut too, where the file system can promise that. */
static void sync_folder(const char *path)
{
    char *folder = strdup(path);
    if (!folder)
        return;
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
}

bool checkpoint_write(struct search *s, const char *path)
{
    size_t length = strlen(path);
    char *temporary = malloc(length + 5);
    uint64_t *key = calloc(s->program->words, sizeof *key);
    if (!temporary || !key) {
        free(temporary);
        free(key);
        return fail(s, "the checkpoint could not be written", ENOMEM);
    }
    memcpy(temporary, path, length);
    memcpy(temporary + length, ".tmp", 5);
    struct stream f = {.file = fopen(temporary, "wb")};
    bool ok = f.file != NULL;
    int number = errno;
    if (ok) {
        setvbuf(f.file, NULL, _IOFBF, BUFFER);
        ok = put_all(s, &f, key) && fflush(f.file) == 0 && fsync(fileno(f.file)) == 0;
        number = errno;
        if (fclose(f.file) != 0 && ok) {
            ok = false;
            number = errno;
        }
        if (ok && rename(temporary, path) != 0) {
            ok = false;
            number = errno;
        }
        if (ok)
            sync_folder(path);
        else
            (void)unlink(temporary);
    }
    free(temporary);
    free(key);
    return ok || fail(s, "the checkpoint could not be written", number ? number : EIO);
}

static bool get_frontier(struct search *s, struct stream *f, struct frontier *frontier, uint64_t n)
{
    uint32_t words = s->program->words;
    for (; n; n--) {
        uint64_t *slot = frontier_room(frontier, &s->budget, words);
        if (!slot)
            return fail(s, "the stored states do not fit the memory limit", 0);
        if (!get(f, slot, words * sizeof *slot))
            return fail(s, "the file ends early", 0);
        frontier_add(frontier);
    }
    return true;
}

static bool get_visited(struct search *s, struct stream *f, const struct header *h, uint64_t *key)
{
    struct visited *v = &s->visited;
    uint64_t cursor = 0, before = 0;
    for (uint64_t i = 0; i < h->visited; i++) {
        if (!get(f, key, v->words * sizeof *key))
            return fail(s, "the file ends early", 0);
        if (key[0] < before)
            return fail(s, "its states are not in order", 0);
        if (i == 0 || visited_segment(v, key[0]) != visited_segment(v, before))
            cursor = 0;
        before = key[0];
        if (!visited_append(v, &cursor, key))
            return fail(s, "the stored states do not fit the memory limit", 0);
    }
    for (uint64_t i = 0; i < h->halted; i++) {
        if (!get(f, key, v->words * sizeof *key))
            return fail(s, "the file ends early", 0);
        if (!visited_halt(v, key))
            return fail(s, "its halted states were not visited", 0);
    }
    return true;
}

static bool header_is_ours(struct search *s, const struct header *h, uint64_t bytes)
{
    uint32_t words = s->program->words;
    if (h->magic != MAGIC)
        return fail(s, "not a checkpoint of this kind of machine", 0);
    if (h->format != FORMAT)
        return fail(s, "written by another version", 0);
    if (memcmp(h->digest, s->digest, sizeof h->digest) != 0 || h->words != words
        || h->checks != s->program->n_checks)
        return fail(s, "belongs to another program", 0);
    const uint64_t counts[] = {h->pending, h->current, h->next, h->visited, h->halted};
    uint64_t prefixes = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i] > COUNT_MAX / (words + 2))
            return fail(s, "its counts make no sense", 0);
    for (size_t i = 0; i < PREFIXES; i++) {
        if (h->by_prefix[i] > h->visited)
            return fail(s, "its counts make no sense", 0);
        prefixes += h->by_prefix[i];
    }
    uint64_t expected = sizeof *h / sizeof(uint64_t) + 2 * h->checks + h->pending * (words + 2)
                        + (h->current + h->next + h->visited + h->halted) * words + 1;
    if (bytes != expected * sizeof(uint64_t))
        return fail(s, "cut short or added to", 0);
    if (prefixes != h->visited || h->level < -1 || h->level > (int64_t)COUNT_MAX
        || h->states != h->visited)
        return fail(s, "its counts make no sense", 0);
    return true;
}

static bool get_all(struct search *s, struct stream *f, uint64_t bytes, uint64_t *entry)
{
    struct header h;
    uint32_t words = s->program->words;
    if (bytes < sizeof h || !get(f, &h, sizeof h))
        return fail(s, "cut short or not a checkpoint", 0);
    if (!header_is_ours(s, &h, bytes))
        return false;
    for (size_t c = 0; c < s->program->n_checks; c++) {
        uint64_t status[2];
        if (!get(f, status, sizeof status))
            return fail(s, "the file ends early", 0);
        s->status[c].depth = (int64_t)status[0];
        s->status[c].covered = status[1] != 0;
    }
    for (uint64_t i = 0; i < h.pending; i++)
        if (!get(f, entry, (words + 2) * sizeof *entry) || !search_add_pending(s, entry))
            return fail(s, "the file ends early", 0);
    if (!get_frontier(s, f, &s->current, h.current) || !get_frontier(s, f, &s->next, h.next))
        return false;
    unsigned share = PREFIXES >> s->visited.bits;
    for (unsigned i = 0; i < 1u << s->visited.bits; i++) {
        uint64_t n = 0;
        for (unsigned j = 0; j < share; j++)
            n += h.by_prefix[i * share + j];
        if (!visited_reserve(&s->visited, i, n))
            return fail(s, "the stored states do not fit the memory limit", 0);
    }
    if (!get_visited(s, f, &h, entry))
        return false;
    uint64_t sum, expected = f->sum;
    if (!get(f, &sum, sizeof sum) || sum != expected)
        return fail(s, "its checksum is wrong", 0);
    s->level = h.level;
    s->states = h.states;
    s->transitions = h.transitions;
    s->quiescent = h.quiescent;
    s->deepest = h.deepest;
    s->seconds_before = h.seconds;
    return true;
}

bool checkpoint_read(struct search *s, const char *path)
{
    struct stat status;
    struct stream f = {.file = fopen(path, "rb")};
    if (!f.file)
        return fail(s, "the checkpoint could not be read", errno);
    setvbuf(f.file, NULL, _IOFBF, BUFFER);
    uint64_t *entry = calloc(s->program->words + 2, sizeof *entry);
    bool ok = false;
    if (!entry || fstat(fileno(f.file), &status) != 0)
        fail(s, "the checkpoint could not be read", entry ? errno : ENOMEM);
    else
        ok = get_all(s, &f, (uint64_t)status.st_size, entry);
    free(entry);
    fclose(f.file);
    return ok;
}
