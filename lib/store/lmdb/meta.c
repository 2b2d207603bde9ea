/*
 * meta.c - the store's record about itself: one key of one tree, written with each commit.
 *
 * Layout, little-endian: "holdfast", format u32, schema u32, batch u64, time i64, tables u32, then
 * per table id u32, checksum u32, rows u64, then CRC32C u32 of all that. Tables go by their id, so
 * that a record of an older schema is read by position of the newer one. A file without this
 * record belongs to another program.
 */
#include "base/checksum.h"
#include "store/lmdb/state.h"

#include <errno.h>
#include <string.h>

#define FORMAT      1u
#define HEAD_BYTES  36u
#define TABLE_BYTES 16u
#define CRC_BYTES   4u

static const char magic[8] = {'h', 'o', 'l', 'd', 'f', 'a', 's', 't'};
static char record_key[] = "store";
static char identity_key[] = "identity";

#define IDENTITY_BYTES (sizeof(hf_id) + 28u)

static uint8_t *put(uint8_t *at, uint64_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return at + bytes;
}

static uint64_t take(const uint8_t *at, uint32_t bytes)
{
    uint64_t value = 0;
    for (uint32_t i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static hf_table_stat *stat_of(const hf__lmdb_store *store, hf_table_stat *tables, uint32_t id)
{
    for (uint32_t i = 0; i < store->schema->table_count; i++) {
        if (store->schema->tables[i]->id == id)
            return &tables[i];
    }
    return NULL;
}

static const char *decode(const hf__lmdb_store *store, const MDB_val *value, hf__lmdb_meta *out)
{
    const uint8_t *at = value->mv_data;
    if (value->mv_size < HEAD_BYTES + CRC_BYTES || memcmp(at, magic, sizeof magic) != 0)
        return "the store's record was not written by this library";
    size_t body = value->mv_size - CRC_BYTES;
    if (hf__crc32c(0, at, body) != (uint32_t)take(at + body, CRC_BYTES))
        return "the store's record does not match its checksum";
    uint64_t tables = take(at + 32, 4);
    if (take(at + 8, 4) != FORMAT || body != HEAD_BYTES + tables * TABLE_BYTES)
        return "the store's record has an unknown form";
    out->schema = (uint32_t)take(at + 12, 4);
    out->mark.batch = take(at + 16, 8);
    out->mark.time_ms = (int64_t)take(at + 24, 8);
    if (out->tables == NULL)
        return NULL;
    memset(out->tables, 0, store->schema->table_count * sizeof *out->tables);
    at += HEAD_BYTES;
    for (uint64_t i = 0; i < tables; i++, at += TABLE_BYTES) {
        hf_table_stat *stat = stat_of(store, out->tables, (uint32_t)take(at, 4));
        if (stat == NULL)
            continue; /* a table of a newer schema, which the caller refuses */
        stat->checksum = (uint32_t)take(at + 4, 4);
        stat->rows = take(at + 8, 8);
    }
    return NULL;
}

/* ---- Identity -------------------------------------------------------------------------------- */

static bool identity_decode(const MDB_val *value, hf_store_identity *out)
{
    const uint8_t *at = value->mv_data;
    if (value->mv_size != IDENTITY_BYTES + CRC_BYTES ||
        hf__crc32c(0, at, IDENTITY_BYTES) != (uint32_t)take(at + IDENTITY_BYTES, CRC_BYTES))
        return false;
    memcpy(&out->store, at, sizeof out->store);
    at += sizeof out->store;
    out->incarnation = take(at, 8);
    out->journal = take(at + 8, 8);
    out->segment = take(at + 16, 8);
    out->flags = (uint32_t)take(at + 24, 4);
    return true;
}

static int identity_read(const hf__lmdb_store *store, MDB_txn *txn, hf_store_identity *out,
                         hf_store_error *error)
{
    MDB_val key = {.mv_size = sizeof identity_key - 1, .mv_data = identity_key};
    MDB_val value;
    *out = (hf_store_identity){.flags = 0};
    int native = mdb_get(txn, store->meta_dbi, &key, &value);
    if (native == MDB_NOTFOUND)
        return 0;
    if (native != 0)
        return hf__lmdb_native(error, store->name, "reading the store's identity", native);
    return identity_decode(&value, out)
               ? 0
               : hf__store_fail(error, HF_E_CORRUPT, 0,
                                "lmdb:%s: tree meta, key %s: does not match its checksum",
                                store->name, identity_key);
}

int hf__lmdb_identity_write(const hf__lmdb_store *store, MDB_txn *txn,
                            const hf_store_identity *identity)
{
    uint8_t bytes[IDENTITY_BYTES + CRC_BYTES];
    memcpy(bytes, &identity->store, sizeof identity->store);
    uint8_t *at = put(bytes + sizeof identity->store, identity->incarnation, 8);
    at = put(at, identity->journal, 8);
    at = put(at, identity->segment, 8);
    at = put(at, identity->flags, 4);
    put(at, hf__crc32c(0, bytes, IDENTITY_BYTES), CRC_BYTES);
    MDB_val key = {.mv_size = sizeof identity_key - 1, .mv_data = identity_key};
    MDB_val value = {.mv_size = sizeof bytes, .mv_data = bytes};
    return mdb_put(txn, store->meta_dbi, &key, &value, 0);
}

/* ---- The record ------------------------------------------------------------------------------ */

int hf__lmdb_meta_read(const hf__lmdb_store *store, MDB_txn *txn, hf__lmdb_meta *out,
                       hf_store_error *error)
{
    MDB_val key = {.mv_size = sizeof record_key - 1, .mv_data = record_key};
    MDB_val value;
    int native = mdb_get(txn, store->meta_dbi, &key, &value);
    if (native == MDB_NOTFOUND)
        return hf__store_fail(error, HF_E_CORRUPT, native,
                              "lmdb:%s: an LMDB file of another program: no record \"%s\"",
                              store->name, record_key);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "reading the store's record", native);
    const char *problem = decode(store, &value, out);
    if (problem != NULL)
        return hf__store_fail(error, HF_E_CORRUPT, 0, "lmdb:%s: tree meta, key %s: %s", store->name,
                              record_key, problem);
    return identity_read(store, txn, &out->mark.identity, error);
}

int hf__lmdb_meta_write(hf__lmdb_store *store, MDB_txn *txn, const hf_store_mark *mark,
                        const hf_table_stat *tables)
{
    const hf_schema *schema = store->schema;
    size_t bytes = HEAD_BYTES + (size_t)schema->table_count * TABLE_BYTES + CRC_BYTES;
    if (!hf__lmdb_reserve(store, &store->record, bytes))
        return ENOMEM;
    uint8_t *at = store->record.at;
    memcpy(at, magic, sizeof magic);
    at = put(at + sizeof magic, FORMAT, 4);
    at = put(at, schema->version, 4);
    at = put(at, mark->batch, 8);
    at = put(at, (uint64_t)mark->time_ms, 8);
    at = put(at, schema->table_count, 4);
    for (uint32_t i = 0; i < schema->table_count; i++) {
        at = put(at, schema->tables[i]->id, 4);
        at = put(at, tables[i].checksum, 4);
        at = put(at, tables[i].rows, 8);
    }
    put(at, hf__crc32c(0, store->record.at, bytes - CRC_BYTES), CRC_BYTES);
    MDB_val key = {.mv_size = sizeof record_key - 1, .mv_data = record_key};
    MDB_val value = {.mv_size = bytes, .mv_data = store->record.at};
    int native = mdb_put(txn, store->meta_dbi, &key, &value, 0);
    bool same = memcmp(&mark->identity, &store->meta.mark.identity, sizeof mark->identity) == 0;
    if (native == 0 && !same && hf__identity_is(&mark->identity))
        native = hf__lmdb_identity_write(store, txn, &mark->identity);
    return native;
}
