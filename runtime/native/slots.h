/* Finding and inserting, with entries as integers of one size; included for each.
 *
 * ENTRY: the type. SIZED(name): the name of a function for that size.
 */

/* What lies at a slot: its entry, and behind that what the next entries begin with. */
static inline ENTRY SIZED(load)(const unsigned char *slot)
{
    ENTRY raw;
    memcpy(&raw, slot, sizeof raw);
    return raw;
}

static ALWAYS_INLINE ENTRY SIZED(entry)(const struct visited *v, const struct segment *g,
                                        const uint64_t *key, uint32_t words)
{
    ENTRY entry = (ENTRY)RANK_HOME << g->rank_shift | OCCUPIED
                  | (ENTRY)visited_rest(v, g, key[0]) << v->rest_shift;
    return words > 1 ? entry | (ENTRY)(key[1] & v->second_mask) << SECOND_SHIFT : entry;
}

/* The slot of the key or the one where it belongs; its entry for there, and what lies there. */
static ALWAYS_INLINE unsigned char *SIZED(find)(const struct visited *v, const struct segment *g,
                                                const uint64_t *key, uint32_t words,
                                                ENTRY *entry, ENTRY *raw)
{
    const ENTRY rank = (ENTRY)1 << g->rank_shift, mask = ~(ENTRY)0 >> (8 * sizeof mask - g->width);
    unsigned char *slot = g->slots + visited_home(v, g, key[0]) * g->bytes;
    ENTRY wanted = SIZED(entry)(v, g, key, words);
    for (;; slot += g->bytes, wanted -= rank) {
        ENTRY here = (*raw = SIZED(load)(slot)) & mask;
        if (here - 1 < wanted - 1)
            continue;
        if (words <= 2 || (here ^ wanted) & ~(ENTRY)HALTED
            || memcmp(slot + sizeof here, key + 2, (words - 2) * sizeof *key) == 0)
            break;
    }
    *entry = wanted;
    return slot;
}

static ALWAYS_INLINE enum insertion SIZED(insert)(const struct visited *v, struct segment *g,
                                                  const uint64_t *key, bool halted, uint32_t words)
{
    const ENTRY rank = (ENTRY)1 << g->rank_shift, mask = ~(ENTRY)0 >> (8 * sizeof mask - g->width);
    const size_t bytes = g->bytes;
    ENTRY entry, raw;
    unsigned char *slot = SIZED(find)(v, g, key, words, &entry, &raw);
    if (!((raw ^ entry) & mask & ~(ENTRY)HALTED)) {
        if (halted || !(raw & HALTED))
            return PRESENT;
        raw &= ~(ENTRY)HALTED;
        memcpy(slot, &raw, sizeof raw);
        return REVIVED;
    }
    if (g->count >= g->grow_at)
        return FULL;
    g->count++;
    if (halted)
        entry |= HALTED;
    if (words > 2) { /* their other words move up first, the entries below */
        unsigned char *end = slot;
        while (SIZED(load)(end) & mask)
            end += bytes;
        for (; end > slot; end -= bytes)
            memcpy(end + sizeof raw, end - bytes + sizeof raw, bytes - sizeof raw);
        memcpy(slot + sizeof raw, key + 2, bytes - sizeof raw);
    }
    for (;; slot += bytes) {
        ENTRY here = raw & mask, stored = (raw & ~mask) | entry;
        raw = SIZED(load)(slot + bytes); /* before the store, which reaches into it */
        memcpy(slot, &stored, sizeof stored);
        if (entry < (ENTRY)RANK_LOW << g->rank_shift)
            g->grow_at = 0;
        if (!here)
            return INSERTED;
        entry = here - rank;
    }
}

/* The two of growing: the first key at or after *slot, which moves on, and its way back. */
static inline bool SIZED(next)(const struct visited *v, const struct segment *g, uint64_t *slot,
                               uint64_t *key, bool *halted)
{
    const ENTRY mask = ~(ENTRY)0 >> (8 * sizeof mask - g->width);
    const uint64_t total = ((uint64_t)1 << g->home_bits) + SLACK;
    const unsigned char *at = g->slots + *slot * g->bytes;
    ENTRY entry = 0;
    for (; *slot < total && !(entry = SIZED(load)(at) & mask); at += g->bytes)
        ++*slot;
    if (!entry)
        return false;
    uint64_t home = *slot - RANK_HOME + (uint64_t)(entry >> g->rank_shift);
    uint64_t rest = (uint64_t)(entry >> v->rest_shift) & ((UINT64_C(1) << (g->rank_shift - v->rest_shift)) - 1);
    key[0] = (uint64_t)(g - v->segments) << (64 - v->bits) | home << (64 - v->bits - g->home_bits)
             | rest << v->hash_shift;
    if (v->words > 1)
        key[1] = (uint64_t)(entry >> SECOND_SHIFT) & v->second_mask;
    if (v->words > 2)
        memcpy(key + 2, at + sizeof entry, (v->words - 2) * sizeof *key);
    *halted = (entry & HALTED) != 0;
    ++*slot;
    return true;
}

static inline bool SIZED(append)(const struct visited *v, struct segment *g, uint64_t *cursor,
                                 const uint64_t *key, bool halted)
{
    uint64_t home = visited_home(v, g, key[0]), at = home < *cursor ? *cursor : home;
    if (at - home > RANK_HOME - RANK_LOW)
        return false;
    unsigned char *slot = g->slots + at * g->bytes;
    ENTRY entry = SIZED(entry)(v, g, key, v->words) - ((ENTRY)(at - home) << g->rank_shift);
    if (halted)
        entry |= HALTED;
    memcpy(slot, &entry, sizeof entry); /* what it reaches into is still empty */
    if (v->words > 2)
        memcpy(slot + sizeof entry, key + 2, (v->words - 2) * sizeof *key);
    *cursor = at + 1;
    g->count++;
    return true;
}

#undef ENTRY
#undef SIZED
