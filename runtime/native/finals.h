/* The quiescent states as far as some of their bits tell them apart. */
#ifndef MMSCN_FINALS_H
#define MMSCN_FINALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FINALS_MAX = 1 << 20 };

/* A set of masked states; mask: NULL where nobody wants them. */
struct finals {
    const uint64_t *mask;
    uint32_t words;
    uint64_t *slots;               /* `words` each, behind a word that says whether it is used */
    size_t n, size;
};

void finals_free(struct finals *f);
/* Adds a state; false where there is no memory, or there are too many. */
bool finals_add(struct finals *f, const uint64_t *state);

#endif
