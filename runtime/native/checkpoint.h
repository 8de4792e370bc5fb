/* A state space on file, to be gone on with.
 *
 * Words of 64 bits in the machine's order: header, status of the checks, left-over
 * successors, both frontiers, the visited set in order of hash, the halted states,
 * and a checksum over everything before it. The header's counts give the length
 * of the file, so a file cut short is seen before it is read.
 */
#ifndef MMSCN_CHECKPOINT_H
#define MMSCN_CHECKPOINT_H

#include "space.h"

/* path: NULL for none. digest: of the program. reason, number: why it failed, and an errno. */
struct checkpoint {
    const char *path;
    unsigned char digest[32];
    const char *reason;
    int number;
};

/* seconds: what the search has taken. Both say why and return false when they fail. */
bool checkpoint_write(struct checkpoint *c, const struct space *s, double seconds);
bool checkpoint_read(struct checkpoint *c, struct space *s, double *seconds);

#endif
