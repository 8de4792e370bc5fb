#include "checkpoint.h"

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
    struct totals totals;
    double seconds;
    uint64_t pending, current, next;
    uint64_t visited, halted;      /* halted states are among the visited ones */
    uint64_t by_prefix[PREFIXES];  /* of visited, by the top byte */
};

/* With where to say what is wrong. */
struct stream { FILE *file; uint64_t sum; struct checkpoint *to; };

static bool fail(struct checkpoint *c, const char *reason, int number)
{
    c->reason = reason;
    c->number = number;
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

static bool put_all(struct stream *f, const struct space *s, double seconds, uint64_t *key)
{
    uint32_t words = s->program->words;
    const struct levels *l = &s->levels;
    struct header h = {
        .magic = MAGIC, .format = FORMAT, .words = words, .checks = s->program->n_checks,
        .level = l->depth, .totals = s->totals, .seconds = seconds,
        .pending = l->n_late, .current = l->current.count, .next = l->next.count};
    memcpy(h.digest, f->to->digest, sizeof h.digest);
    count_visited(&s->visited, &h, key);
    bool ok = put(f, &h, sizeof h);
    for (size_t c = 0; c < s->program->n_checks && ok; c++) {
        const struct check_status *status = &s->findings.status[c];
        uint64_t words_of[2] = {(uint64_t)status->depth, status->covered};
        ok = put(f, words_of, sizeof words_of);
    }
    ok = ok && put(f, l->late, l->n_late * entry_words(l) * sizeof(uint64_t))
         && put_frontier(f, &l->current, words) && put_frontier(f, &l->next, words)
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

bool checkpoint_write(struct checkpoint *c, const struct space *s, double seconds)
{
    size_t length = strlen(c->path);
    char *temporary = malloc(length + 5);
    uint64_t *key = calloc(s->program->words, sizeof *key);
    if (!temporary || !key) {
        free(temporary);
        free(key);
        return fail(c, "the checkpoint could not be written", ENOMEM);
    }
    memcpy(temporary, c->path, length);
    memcpy(temporary + length, ".tmp", 5);
    struct stream f = {.file = fopen(temporary, "wb"), .to = c};
    bool ok = f.file != NULL;
    int number = errno;
    if (ok) {
        setvbuf(f.file, NULL, _IOFBF, BUFFER);
        ok = put_all(&f, s, seconds, key) && fflush(f.file) == 0 && fsync(fileno(f.file)) == 0;
        number = errno;
        if (fclose(f.file) != 0 && ok) {
            ok = false;
            number = errno;
        }
        if (ok && rename(temporary, c->path) != 0) {
            ok = false;
            number = errno;
        }
        if (ok)
            sync_folder(c->path);
        else
            (void)unlink(temporary);
    }
    free(temporary);
    free(key);
    return ok || fail(c, "the checkpoint could not be written", number ? number : EIO);
}

static bool get_frontier(struct stream *f, struct space *s, struct frontier *frontier, uint64_t n)
{
    uint32_t words = s->program->words;
    for (; n; n--) {
        uint64_t *slot = frontier_room(frontier, &s->budget, words);
        if (!slot)
            return fail(f->to, "the stored states do not fit the memory limit", 0);
        if (!get(f, slot, words * sizeof *slot))
            return fail(f->to, "the file ends early", 0);
        frontier_add(frontier);
    }
    return true;
}

static bool get_visited(struct stream *f, struct visited *v, const struct header *h, uint64_t *key)
{
    uint64_t cursor = 0, before = 0;
    for (uint64_t i = 0; i < h->visited; i++) {
        if (!get(f, key, v->words * sizeof *key))
            return fail(f->to, "the file ends early", 0);
        if (key[0] < before)
            return fail(f->to, "its states are not in order", 0);
        if (i == 0 || visited_segment(v, key[0]) != visited_segment(v, before))
            cursor = 0;
        before = key[0];
        if (!visited_append(v, &cursor, key))
            return fail(f->to, "the stored states do not fit the memory limit", 0);
    }
    for (uint64_t i = 0; i < h->halted; i++) {
        if (!get(f, key, v->words * sizeof *key))
            return fail(f->to, "the file ends early", 0);
        if (!visited_halt(v, key))
            return fail(f->to, "its halted states were not visited", 0);
    }
    return true;
}

static bool header_is_ours(const struct stream *f, const struct space *s, const struct header *h,
                           uint64_t bytes)
{
    uint32_t words = s->program->words;
    if (h->magic != MAGIC)
        return fail(f->to, "not a checkpoint of this kind of machine", 0);
    if (h->format != FORMAT)
        return fail(f->to, "written by another version", 0);
    if (memcmp(h->digest, f->to->digest, sizeof h->digest) != 0 || h->words != words
        || h->checks != s->program->n_checks)
        return fail(f->to, "belongs to another program", 0);
    const uint64_t counts[] = {h->pending, h->current, h->next, h->visited, h->halted};
    uint64_t prefixes = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i] > COUNT_MAX / (words + 2))
            return fail(f->to, "its counts make no sense", 0);
    for (size_t i = 0; i < PREFIXES; i++) {
        if (h->by_prefix[i] > h->visited)
            return fail(f->to, "its counts make no sense", 0);
        prefixes += h->by_prefix[i];
    }
    uint64_t expected = sizeof *h / sizeof(uint64_t) + 2 * h->checks + h->pending * (words + 2)
                        + (h->current + h->next + h->visited + h->halted) * words + 1;
    if (bytes != expected * sizeof(uint64_t))
        return fail(f->to, "cut short or added to", 0);
    if (prefixes != h->visited || h->level < -1 || h->level > (int64_t)COUNT_MAX
        || h->totals.states != h->visited)
        return fail(f->to, "its counts make no sense", 0);
    return true;
}

/* Makes room in each segment for the states that come there. */
static bool reserve(const struct stream *f, struct visited *v, const struct header *h)
{
    unsigned share = PREFIXES >> v->bits;
    for (unsigned i = 0; i < 1u << v->bits; i++) {
        uint64_t n = 0;
        for (unsigned j = 0; j < share; j++)
            n += h->by_prefix[i * share + j];
        if (!visited_reserve(v, i, n))
            return fail(f->to, "the stored states do not fit the memory limit", 0);
    }
    return true;
}

static bool get_all(struct stream *f, struct space *s, uint64_t bytes, double *seconds,
                    uint64_t *entry)
{
    struct header h;
    uint32_t words = s->program->words;
    if (bytes < sizeof h || !get(f, &h, sizeof h))
        return fail(f->to, "cut short or not a checkpoint", 0);
    if (!header_is_ours(f, s, &h, bytes))
        return false;
    for (size_t c = 0; c < s->program->n_checks; c++) {
        uint64_t status[2];
        if (!get(f, status, sizeof status))
            return fail(f->to, "the file ends early", 0);
        s->findings.status[c].depth = (int64_t)status[0];
        s->findings.status[c].covered = status[1] != 0;
    }
    for (uint64_t i = 0; i < h.pending; i++)
        if (!get(f, entry, (words + 2) * sizeof *entry) || !levels_postpone(&s->levels, entry))
            return fail(f->to, "the file ends early", 0);
    if (!get_frontier(f, s, &s->levels.current, h.current)
        || !get_frontier(f, s, &s->levels.next, h.next))
        return false;
    if (!reserve(f, &s->visited, &h))
        return false;
    if (!get_visited(f, &s->visited, &h, entry))
        return false;
    uint64_t sum, expected = f->sum;
    if (!get(f, &sum, sizeof sum) || sum != expected)
        return fail(f->to, "its checksum is wrong", 0);
    s->levels.depth = h.level;
    s->totals = h.totals;
    *seconds = h.seconds;
    return true;
}

bool checkpoint_read(struct checkpoint *c, struct space *s, double *seconds)
{
    struct stat status;
    struct stream f = {.file = fopen(c->path, "rb"), .to = c};
    if (!f.file)
        return fail(c, "the checkpoint could not be read", errno);
    setvbuf(f.file, NULL, _IOFBF, BUFFER);
    uint64_t *entry = calloc(s->program->words + 2, sizeof *entry);
    bool ok = false;
    if (!entry || fstat(fileno(f.file), &status) != 0)
        fail(c, "the checkpoint could not be read", entry ? errno : ENOMEM);
    else
        ok = get_all(&f, s, (uint64_t)status.st_size, seconds, entry);
    free(entry);
    fclose(f.file);
    return ok;
}
