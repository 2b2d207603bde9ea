/*
 * read.c - rows by their keys: from the newest memtable that has the key, else from the store.
 */
#include "journal/state.h"
#include "model/codec.h"

#include <holdfast/error.h>

#define AT_ONCE 64u /* rows asked of the store in one call */

const hf__memtable_change *hf__journal_find(const hf__journal_txn *txn, const hf__key *key)
{
    const hf__memtable_change *found = NULL;
    for (uint32_t i = 0; found == NULL && i < txn->pinned_count; i++)
        if (hf__memtable_has(txn->pinned[i], key->table))
            found = hf__memtable_find(txn->pinned[i], key, txn->sees);
    return found;
}

int hf__journal_decode(const hf__journal_txn *txn, const hf__memtable_change *change, void *row)
{
    const hf_table *table = txn->journal->schema->tables[change->key.table];
    int error = HF_E_CORRUPT;
    if (hf__key_decode(table, change->key.bytes, change->key.byte_count, row))
        error =
            hf__row_decode(table, hf__memtable_row(change), change->row_bytes, row, txn->caller);
    if (error == 0)
        return 0;
    return hf__store_fail(
        txn->caller->error, error, 0, "%s: table %s: %s", txn->journal->segments.text, table->name,
        error == HF_E_NOMEM ? "no memory for a row" : "a row in memory is damaged");
}

/* Rows that no memtable has. */
typedef struct misses {
    void *rows[AT_ONCE];
    uint32_t at[AT_ONCE]; /* their indexes in the caller's array */
    uint8_t found[AT_ONCE];
    uint32_t count;
} misses;

static int ask_store(hf__journal_txn *txn, uint32_t table, misses *of, uint8_t *found)
{
    if (of->count == 0)
        return 0;
    int error = hf__journal_inner(txn);
    if (error == 0)
        error = txn->journal->inner->get(txn->inner, table, of->rows, of->found, of->count);
    for (uint32_t i = 0; error == 0 && i < of->count; i++)
        found[of->at[i]] = of->found[i];
    of->count = 0;
    return error;
}

int hf__journal_get(void *begun, uint32_t table, void *const *rows, uint8_t *found, uint32_t count)
{
    hf__journal_txn *txn = begun;
    const hf_table *of = txn->journal->schema->tables[table];
    misses missing = {.count = 0};
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        uint8_t bytes[HF__KEY_MAX];
        hf__key key = {.table = table, .bytes = bytes};
        key.byte_count = hf__key_encode(of, 0, rows[i], HF__KEY_ALL, bytes);
        key.hash = hf__key_hash(table, bytes, key.byte_count);
        const hf__memtable_change *change = hf__journal_find(txn, &key);
        if (change != NULL) {
            found[i] = change->removed ? 0 : 1;
            if (found[i] != 0)
                error = hf__journal_decode(txn, change, rows[i]);
            continue;
        }
        missing.rows[missing.count] = rows[i];
        missing.at[missing.count++] = i;
        if (missing.count == AT_ONCE)
            error = ask_store(txn, table, &missing, found);
    }
    return error != 0 ? error : ask_store(txn, table, &missing, found);
}
