/*
 * search.c - finds many keys of a snapshot side by side, beside LMDB.
 *
 * A read of 64 orders waits for memory about twenty times an order, most of it in the leaves that
 * its keys are in. LMDB finds one key after the other, so these times add up. A snapshot's pages do
 * not change, so they can be read beside LMDB, for all keys at once: see walker/descend.h.
 *
 * Happy path: the record of the tree says where its root is in this snapshot, and where the map
 * begins.
 *
 * Failure mode: none. What cannot be found so is not found here, and LMDB is asked.
 */
#include "store/lmdb/state.h"
#include "store/lmdb/walker/descend.h"

#include <string.h>

#define SEARCHED_MIN 4u /* fewer keys are found as fast one by one */
#define MAIN_TREE    1u /* LMDB's number of the tree that has the records of all others */

static bool find_tree(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, hf__tree_in_memory *out)
{
    const char *name = hf__lmdb_tree_name(tree);
    MDB_val key = {.mv_size = strlen(name), .mv_data = (void *)(uintptr_t)name};
    MDB_val record;
    MDB_envinfo info;
    if (txn->writes || mdb_get(txn->handle, MAIN_TREE, &key, &record) != 0 ||
        mdb_env_info(txn->store->env, &info) != 0)
        return false;
    return hf__tree_in_memory_load(out, record.mv_data, record.mv_size, txn->store->page_bytes,
                                   info.me_last_pgno + 1);
}

void hf__lmdb_search(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *keys,
                     uint32_t count, hf__lmdb_found *found)
{
    hf__descent all[HF__LMDB_TOGETHER];
    hf__tree_in_memory in_memory;
    for (uint32_t i = 0; i < count; i++)
        all[i] = (hf__descent){.key = keys[i].mv_data, .key_bytes = keys[i].mv_size};
    if (count >= SEARCHED_MIN && find_tree(txn, tree, &in_memory))
        hf__descend(&in_memory, all, count);
    for (uint32_t i = 0; i < count; i++) {
        found[i].key =
            (MDB_val){.mv_size = all[i].found_bytes, .mv_data = (void *)(uintptr_t)all[i].found};
        found[i].value =
            (MDB_val){.mv_size = all[i].value_bytes, .mv_data = (void *)(uintptr_t)all[i].value};
    }
}
