/*
 * lmdb_use.c - state and functions of lmdb_use.h, one of each test program.
 */
#include "lmdb_use.h"

volatile unsigned use_sum;

void use_rewrite(MDB_txn *txn, MDB_dbi dbi, uint64_t *state)
{
    static uint8_t bytes[3 * PAGE];
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    if (mdb_cursor_open(txn, dbi, &cursor) != 0)
        return;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < 3000; i++) {
        rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        uint64_t choice = below(state, 8);
        if (rc != 0 || choice > 3)
            continue;
        uint8_t copy[512];
        MDB_val k = {key.mv_size, copy};
        memcpy(copy, key.mv_data, key.mv_size < sizeof copy ? key.mv_size : sizeof copy);
        MDB_val v = {below(state, choice == 0 ? sizeof bytes : 400), bytes};
        rc = choice < 2 ? mdb_cursor_put(cursor, &k, &v, 0) : mdb_cursor_del(cursor, 0);
        rc = rc == MDB_INCOMPATIBLE ? 0 : rc; /* a database record in the main database */
    }
    mdb_cursor_close(cursor);
}

void use_insert(MDB_txn *txn, MDB_dbi dbi, uint64_t *state)
{
    static const struct recipe rows = {.keys = 4000, .key_bytes = 200, .value_bytes = 500};
    static uint8_t bytes[6 * PAGE];
    for (unsigned i = 0; i < 60; i++) {
        uint8_t key[512];
        MDB_val k = {make_key(key, &rows, below(state, rows.keys)), key};
        MDB_val v = {below(state, i % 20 == 0 ? sizeof bytes : rows.value_bytes), bytes};
        if (mdb_put(txn, dbi, &k, &v, 0) != 0)
            return;
    }
}
