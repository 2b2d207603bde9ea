/*
 * row.c - a row as it is stored: its checksum, then its encoded columns.
 */
#include "store/lmdb/state.h"

int hf__lmdb_row_read(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                      const MDB_val *value, void *row)
{
    if (value->mv_size < HF__LMDB_CRC_BYTES)
        return hf__lmdb_damaged(txn, tree, key, "the row is cut");
    const uint8_t *bytes = (const uint8_t *)value->mv_data + HF__LMDB_CRC_BYTES;
    size_t count = value->mv_size - HF__LMDB_CRC_BYTES;
    uint32_t crc =
        hf__row_checksum(tree->table, key->mv_data, (uint32_t)key->mv_size, bytes, count);
    if (crc != hf__lmdb_crc(value))
        return hf__lmdb_damaged(txn, tree, key, "the row does not match its checksum");
    int error = hf__row_decode_older(tree->table, tree->columns, bytes, count, row, txn->caller);
    if (error == HF_E_CORRUPT)
        return hf__lmdb_damaged(txn, tree, key, "the bytes are no row of this table");
    if (error != 0)
        return hf__store_fail(txn->caller->error, error, 0,
                              "lmdb:%s: table %s: no memory for a row", txn->store->name,
                              tree->table->name);
    return 0;
}
