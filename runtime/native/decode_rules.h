/* Rules and permutations, and which version groups they write to. */
#ifndef MMSCN_DECODE_RULES_H
#define MMSCN_DECODE_RULES_H

#include "decoder.h"

/* After the tests, groups and effects. */
bool decode_rules(struct decoder *d);
/* After the rules. */
bool decode_permutations(struct decoder *d);

#endif
