/* From the words that `encode.py` writes to the program. */
#ifndef MMSCN_DECODE_H
#define MMSCN_DECODE_H

#include "program.h"

/* NULL with *reason set when the words are not a program, or memory is short. */
struct program *program_decode(const uint64_t *words, size_t n, const char **reason);

#endif
