/* A search that is kept in a file: every so often, and when a limit ends it. */
#ifndef MMSCN_CHECKPOINTED_H
#define MMSCN_CHECKPOINTED_H

#include "checkpoint.h"
#include "search.h"

/* to: its path may be NULL. STOP_ERROR where the file could not be written. */
enum stop run_checkpointed(struct search *s, struct checkpoint *to, double interval_s);

#endif
