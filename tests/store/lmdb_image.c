/*
 * lmdb_image.c - functions of lmdb_image.h that keep state between calls.
 */
#include "lmdb_image.h"

void change_row(MDB_txn *txn, MDB_dbi dbi, const struct recipe *recipe, uint64_t *state)
{
    static uint8_t value[BIG_BYTES];
    uint8_t key[512];
    MDB_val k = {make_key(key, recipe, below(state, recipe->keys)), key};
    if (below(state, 100) < recipe->delete_pct) {
        int rc = mdb_del(txn, dbi, &k, NULL);
        must(rc == 0 || rc == MDB_NOTFOUND);
        return;
    }
    bool big = recipe->big_in != 0 && below(state, recipe->big_in) == 0;
    size_t size = below(state, big ? BIG_BYTES : recipe->value_bytes + 1);
    memset(value, (int)below(state, 256), size);
    MDB_val v = {size, value};
    must(mdb_put(txn, dbi, &k, &v, 0) == 0);
}
