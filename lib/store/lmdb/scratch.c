/*
 * scratch.c - memory for rows that are read one after the other and only looked at.
 *
 * Checks and the filling of an index go through every row; the caller's memory for BYTES columns
 * would have to hold them all. Of such a column only the length is looked at, so all of them may
 * use the same memory.
 */
#include "store/lmdb/state.h"

#include <errno.h>

static void *scratch_alloc(void *context, uint64_t bytes)
{
    hf__lmdb_scratch *scratch = context;
    return hf__lmdb_reserve(scratch->store, &scratch->bytes, bytes) ? scratch->bytes.at : NULL;
}

int hf__lmdb_scratch_begin(hf__lmdb_scratch *scratch, hf__lmdb_txn *txn)
{
    *scratch = (hf__lmdb_scratch){.store = txn->store, .before = txn->caller};
    size_t widest = 1;
    const hf_schema *schema = txn->store->schema;
    for (uint32_t i = 0; i < schema->table_count; i++) {
        if (schema->tables[i]->row_bytes > widest)
            widest = schema->tables[i]->row_bytes;
    }
    if (!hf__lmdb_reserve(txn->store, &scratch->row, widest))
        return hf__lmdb_native(txn->caller->error, txn->store->name, "memory for a row", ENOMEM);
    scratch->caller =
        (hf_store_caller){.alloc = scratch_alloc, .context = scratch, .error = txn->caller->error};
    txn->caller = &scratch->caller;
    return 0;
}

void hf__lmdb_scratch_end(hf__lmdb_scratch *scratch, hf__lmdb_txn *txn)
{
    const hf_allocator *allocator = txn->store->allocator;
    allocator->free(allocator->context, scratch->bytes.at);
    allocator->free(allocator->context, scratch->row.at);
    txn->caller = scratch->before;
}
