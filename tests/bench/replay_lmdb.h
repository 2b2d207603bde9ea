/*
 * replay_lmdb.h - what a C developer writes directly over LMDB, taken from stores that holdfast
 * made.
 *
 * A phase is what one commit wrote for one operation: every entry, in every table and index, that
 * it added, changed or removed. It is the difference of two copies of a store. Replaying it writes
 * the same entries with other ids, names and event numbers at the places where the template's
 * stand. Rows that were there before are read first, since what they hold decides what is written;
 * a replay pays for no check and no encoding. What is the same for all operations (counters, the
 * store's own record) is written once a commit, as holdfast does.
 */
#ifndef HF_BENCH_REPLAY_LMDB_H
#define HF_BENCH_REPLAY_LMDB_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

#define REPLAY_ENTRIES_MAX 64
#define REPLAY_PATCHES_MAX 16
#define REPLAY_VALUE_MAX   4096
#define REPLAY_KEY_MAX     511
#define REPLAY_NAMED_MAX   64
#define REPLAY_PARTS_MAX   8

/* What differs between two operations: the bytes of each part, of the template or of another. */
typedef struct replay_parts {
    uint8_t bytes[REPLAY_PARTS_MAX][16];
    uint32_t length[REPLAY_PARTS_MAX];
    bool whole[REPLAY_PARTS_MAX]; /* stands only as a whole key, whose length it sets */
    uint32_t count;
} replay_parts;

typedef struct replay_patch {
    uint16_t at;
    uint16_t part;
} replay_patch;

typedef struct replay_entry {
    uint32_t table; /* position among the named databases */
    uint32_t key_bytes;
    uint32_t value_bytes;
    uint32_t key_patches;
    uint32_t value_patches;
    bool replaces; /* a row that was there before */
    bool removes;
    bool is_row; /* of a table; entries of indexes have no value */
    replay_patch in_key[REPLAY_PATCHES_MAX];
    replay_patch in_value[REPLAY_PATCHES_MAX];
    uint8_t key[REPLAY_KEY_MAX + 1];
    uint8_t value[REPLAY_VALUE_MAX];
} replay_entry;

typedef struct replay_phase {
    replay_entry entries[REPLAY_ENTRIES_MAX];
    uint32_t count;
} replay_phase;

/* A store with all of its tables and indexes open. */
typedef struct replay_store {
    MDB_env *env;
    MDB_dbi dbis[REPLAY_NAMED_MAX];
    char names[REPLAY_NAMED_MAX][64];
    uint32_t named;
} replay_store;

/* All return 0, or -1 after saying why. */
int replay_failed(const char *what, int error);
int replay_open(replay_store *store, const char *path);
void replay_close(replay_store *store);

/* A copy of a store that nobody has open. */
int replay_copy(const char *path, const char *to);

/* What the store `after` has otherwise than the store `before`, except in the table `skip`. */
int replay_capture(replay_phase *phase, const replay_store *after, const replay_store *before,
                   const char *skip);

/* The first entry added to a table; NULL: none. */
const replay_entry *replay_added(const replay_phase *phase, const replay_store *store,
                                 const char *table);

/* Finds where the parts of the template stand. */
void replay_find(replay_phase *phase, const replay_parts *of);

/* Gives an entry the parts of the current operation. */
void replay_apply(replay_entry *e, const replay_parts *now);

/* Writes the phase for one operation. `commons`: also what all have in common. */
int replay_put(const replay_store *store, MDB_txn *txn, replay_phase *phase,
               const replay_parts *now, bool commons);

void replay_set(replay_parts *parts, uint32_t part, const void *bytes, uint32_t length);

/* An event's number as it is a key. */
void replay_set_seq(replay_parts *parts, uint32_t part, uint64_t seq);

/* The next id: of the template's time, in order, as the engine's own. */
void replay_set_number(replay_parts *parts, uint32_t part, uint64_t number);

#endif
