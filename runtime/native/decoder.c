#include "decoder.h"

#define MAGIC UINT64_C(0x6d6d73636e000002)

static const unsigned char WIDTH[S_COUNT] = {
    2, 3, 2, 1, 3, 1, 6, 4, 5, 4, 1, 12, 8, 2, 5, 2, 4, 2, 3, 1
};


bool refuse(struct decoder *d, const char *reason)
{
    if (!d->reason)
        d->reason = reason;
    return false;
}

void *allot(struct decoder *d, size_t n, size_t size)
{
    void *memory = program_allot(d->p, n, size);
    if (!memory)
        refuse(d, "out of memory");
    return memory;
}

const uint64_t *record(const struct decoder *d, int section, size_t i)
{
    return d->s[section].data + i * WIDTH[section];
}

bool in_range(struct decoder *d, struct range *out, uint64_t first, uint64_t n, size_t of)
{
    if (first > of || n > of - first || of > UINT32_MAX)
        return refuse(d, "a range runs past its section");
    *out = (struct range){(uint32_t)first, (uint32_t)n};
    return true;
}

bool below(struct decoder *d, uint64_t i, size_t n)
{
    return i < n || refuse(d, "an index runs past its section");
}

bool get_field(struct decoder *d, struct field *out, uint64_t id)
{
    if (!below(d, id, d->p->n_fields))
        return false;
    *out = d->p->fields[id];
    return true;
}

bool get_table(struct decoder *d, const uint32_t **out, uint64_t id, unsigned bits)
{
    if (!below(d, id, d->s[S_TABLES].n))
        return false;
    const uint64_t *table = record(d, S_TABLES, id);
    struct range cells;
    if (!in_range(d, &cells, table[0], table[1], d->s[S_CELLS].n))
        return false;
    if (bits > INDEX_BITS_MAX || cells.n >> bits == 0)
        return refuse(d, "a table is smaller than the fields that index it");
    *out = d->cells + cells.first;
    return true;
}

bool get_indexed(struct decoder *d, const uint32_t **table, struct range *parts,
                        uint64_t id, uint64_t first, uint64_t n)
{
    struct program *p = d->p;
    if (!in_range(d, parts, first, n, p->n_parts))
        return false;
    unsigned bits = 0;
    for (uint32_t i = 0; i < parts->n; i++) {
        struct part *part = &p->parts[parts->first + i];
        if (d->claimed[parts->first + i])
            return refuse(d, "two tables share the parts of an index");
        d->claimed[parts->first + i] = true;
        part->position = bits;
        for (uint64_t m = part->mask; m; m >>= 1)
            bits++;
        if (bits > INDEX_BITS_MAX)
            return refuse(d, "a table index is too wide");
    }
    return get_table(d, table, id, bits);
}

bool split(struct decoder *d, const uint64_t *words, size_t n)
{
    if (n < 1 || words[0] != MAGIC)
        return refuse(d, "not an encoded program of this version");
    size_t at = 1;
    for (int i = 0; i < S_COUNT; i++) {
        if (at >= n || words[at] > (n - at - 1) / WIDTH[i])
            return refuse(d, "a section is cut short");
        d->s[i] = (struct section){words + at + 1, (size_t)words[at]};
        at += 1 + (size_t)words[at] * WIDTH[i];
    }
    return at == n || refuse(d, "words follow the last section");
}
