/*
 * search.c - finds many keys of a snapshot side by side, beside LMDB.
 *
 * A read of 64 orders waits for memory about twenty times an order, most of it in the leaves that
 * its keys are in. LMDB finds one key after the other, so these times add up. A snapshot's pages do
 * not change, so they can be read beside LMDB, for all keys at once: see walker/descend.h.
 *
 * Happy path: the record of the tree says where its root is in this snapshot. LMDB does not say
 * where its map begins; the header of the page that has the record says how many pages before. A
 * wrong number would lead out of the map, where reading is a signal, and damage may have made it
 * wrong. So it is believed only when the file has the same page at that number, or when it leads to
 * where such a page has shown the map to begin.
 *
 * Failure mode: none. What cannot be found so is not found here, and LMDB is asked.
 */
#include "store/lmdb/state.h"
#include "store/lmdb/walker/descend.h"

#include <string.h>
#include <unistd.h>

#define SEARCHED_MIN 4u    /* fewer keys are found as fast one by one */
#define PAGE_MIN     4096u /* the bytes of every page are a multiple */
#define MAIN_TREE    1u    /* LMDB's number of the tree that has the records of all others */

/* Whether the file has a page with this number that is equal to the one in memory. */
static bool page_is(const hf__lmdb_store *store, const uint8_t *page, uint64_t number)
{
    uint8_t stored[PAGE_MIN];
    mdb_filehandle_t fd;
    size_t got;
    if (mdb_env_get_fd(store->env, &fd) != 0)
        return false;
    for (size_t at = 0; at < store->page_bytes; at += sizeof stored) {
        const uint64_t offset = number * store->page_bytes + at;
        const int error = hf__os_files.read_at(fd, stored, sizeof stored, offset, &got, NULL);
        if (error != 0 || got != sizeof stored || memcmp(stored, page + at, sizeof stored) != 0)
            return false;
    }
    return true;
}

/* The map begins where a page of the system does, so it is known where the record's page begins
 * only if LMDB's pages are not larger. NULL: it is not known where the map begins. */
static const uint8_t *find_map(hf__lmdb_store *store, const uint8_t *record, uint64_t pages)
{
    const uint32_t page_bytes = store->page_bytes;
    if (page_bytes < PAGE_MIN || page_bytes > sysconf(_SC_PAGESIZE))
        return NULL;
    const uint8_t *page = record - (uintptr_t)record % page_bytes;
    const uint64_t number = hf__page_number(page);
    if (number >= pages)
        return NULL;
    const uintptr_t map = (uintptr_t)page - number * page_bytes;
    if (map != atomic_load(&store->map)) {
        if (!page_is(store, page, number))
            return NULL;
        atomic_store(&store->map, map);
    }
    return page - number * page_bytes;
}

static bool find_tree(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, hf__tree_in_memory *out)
{
    const char *name = hf__lmdb_tree_name(tree);
    MDB_val key = {.mv_size = strlen(name), .mv_data = (void *)(uintptr_t)name};
    MDB_val record;
    MDB_envinfo info;
    if (txn->writes || mdb_get(txn->handle, MAIN_TREE, &key, &record) != 0 ||
        mdb_env_info(txn->store->env, &info) != 0)
        return false;
    out->page_bytes = txn->store->page_bytes;
    out->pages = info.me_last_pgno + 1;
    out->map = find_map(txn->store, record.mv_data, out->pages);
    return out->map != NULL && hf__tree_in_memory_load(out, record.mv_data, record.mv_size);
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
