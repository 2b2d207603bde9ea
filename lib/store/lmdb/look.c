/*
 * look.c - what a store file says before it is opened, and while it is being opened: whether it is
 * an LMDB file, whether its pages are sound, and which schema it has.
 */
#include "store/lmdb/state.h"

#include <string.h>

#define WALKED_BYTES ((uint64_t)1 << 30) /* files up to here are walked at every open */
#define MAGIC_OFFSET 16u                 /* of LMDB's in its first page */

int hf__lmdb_check_magic(const hf__lmdb_store *store, hf_store_error *error)
{
    static const uint8_t magic[] = {0xde, 0xc0, 0xef, 0xbe};
    uint8_t found[sizeof magic];
    size_t got;
    int native = 0;
    int code =
        hf__os_files.read_at(store->data.fd, found, sizeof found, MAGIC_OFFSET, &got, &native);
    if (code != 0)
        return hf__lmdb_native(error, store->name, "reading the file", native);
    if (got != sizeof magic || memcmp(found, magic, sizeof magic) != 0)
        return hf__store_fail(error, HF_E_CORRUPT, 0, "lmdb:%s: page 0, byte %u: not an LMDB file",
                              store->name, MAGIC_OFFSET);
    return 0;
}

int hf__lmdb_walk_at_open(const hf__lmdb_store *store, const hf_store_config *config)
{
    uint64_t bytes = store->data.info.bytes;
    if (bytes > WALKED_BYTES && config->check != HF_CHECK_FULL)
        return 0;
    return hf__lmdb_walk(config, store->name, store->data.fd, bytes);
}

static int check_schema(const hf__lmdb_store *store, hf_store_error *error)
{
    if (store->meta.schema > store->schema->version)
        return hf__store_fail(
            error, HF_E_SCHEMA, 0,
            "lmdb:%s: written with schema %u, this library knows %u; open it with a "
            "library that knows it",
            store->name, store->meta.schema, store->schema->version);
    for (uint32_t i = 0; i < store->tree_count; i++) {
        if (store->meta.schema == store->schema->version && !store->trees[i].present)
            return hf__store_fail(error, HF_E_CORRUPT, 0, "lmdb:%s: the tree %s is missing",
                                  store->name, hf__lmdb_tree_name(&store->trees[i]));
    }
    return 0;
}

int hf__lmdb_read_in(hf__lmdb_store *store, hf_store_error *error)
{
    MDB_txn *txn = NULL;
    int native = hf__lmdb_read_begin(store, &txn);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "beginning to read", native);
    int code = hf__lmdb_trees_open(store, txn, 0, error);
    if (code == 0)
        code = hf__lmdb_meta_read(store, txn, &store->meta, error);
    if (code == 0)
        code = check_schema(store, error);
    for (uint32_t i = 0; code == 0 && i < store->tree_count; i++)
        store->trees[i].columns = hf__columns_at(store->trees[i].table, store->meta.schema);
    native = mdb_txn_commit(txn); /* keeps the trees open */
    if (code != 0 || native == 0)
        return code;
    return hf__lmdb_native(error, store->name, "reading", native);
}

int hf__lmdb_look(const hf__lmdb_store *store, const hf_store_config *config)
{
    const hf_store_stat stat = {.mark = store->meta.mark,
                                .bytes = store->data.info.bytes,
                                .schema = store->meta.schema,
                                .table_count = store->schema->table_count};
    return hf__store_look(config, &stat);
}
