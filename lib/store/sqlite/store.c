/*
 * store.c - the memory of a store, and what its bookkeeping tables say when the file is opened.
 *
 * Failure modes: HF_E_NOMEM; HF_E_UNSUPPORTED for a schema that this store cannot hold;
 * HF_E_CORRUPT.
 */
#include "store/sqlite/store.h"

#include <string.h>

/* True for a number that is kept as text: its order and its comparison with 0 would be others. */
static bool is_named_number(const hf_table *table, uint32_t ordinal)
{
    return table->columns[ordinal].type == HF_COLUMN_U32 && table->columns[ordinal].name_count > 0;
}

/* What this store does not do: long keys, several enums in one, numbers with names in one. */
static bool is_unsupported(const hf_table *table, uint32_t index, const uint8_t *key,
                           uint32_t columns)
{
    uint32_t enums = 0;
    bool named = index > 0 && table->indexes[index - 1].where_column >= 0 &&
                 is_named_number(table, (uint32_t)table->indexes[index - 1].where_column);
    for (uint32_t i = 0; i < columns; i++) {
        enums += table->columns[key[i]].type == HF_COLUMN_ENUM;
        named = named || is_named_number(table, key[i]);
    }
    return columns == HF__SQLITE_KEY_COLUMNS || enums > 1 || named;
}

static int count_slots(hf__sqlite_store *store, hf_store_error *error)
{
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    uint32_t slot = HF__SQLITE_FIXED_COUNT;
    for (uint32_t i = 0; i < store->schema->table_count; i++) {
        const hf_table *table = store->schema->tables[i];
        store->first_slot[i] = slot;
        slot += HF__SQLITE_VERB_COUNT;
        for (uint32_t index = 0; index <= table->index_count; index++) {
            const uint32_t columns = hf__sqlite_key(table, index, key);
            if (is_unsupported(table, index, key, columns))
                return hf__store_fail(error, HF_E_UNSUPPORTED, 0,
                                      "sqlite: %s: a key of this table is too long, or has "
                                      "several enums or a number with names",
                                      table->name);
            slot += HF__SQLITE_SHAPES * (columns + 1); /* scan shapes, see connection.c */
        }
        if (table->row_bytes > store->row_bytes)
            store->row_bytes = table->row_bytes;
    }
    store->slot_count = slot;
    return 0;
}

static int make_memory(hf__sqlite_store *store, hf_store_error *error)
{
    const uint32_t tables = store->schema->table_count;
    store->first_slot = hf__sqlite_alloc(store->allocator, tables * sizeof *store->first_slot);
    store->counts = hf__sqlite_alloc(store->allocator, tables * sizeof *store->counts);
    store->pending = hf__sqlite_alloc(store->allocator, tables * sizeof *store->pending);
    if (store->first_slot == NULL || store->counts == NULL || store->pending == NULL)
        return hf__store_fail(error, HF_E_NOMEM, 0, "no memory for a store");
    int code = count_slots(store, error);
    if (code != 0)
        return code;
    code = hf__sqlite_connection_init(&store->writer, store);
    for (uint32_t i = 0; code == 0 && i < HF__SQLITE_READERS; i++)
        code = hf__sqlite_connection_init(&store->readers[i], store);
    return code == 0 ? 0 : hf__store_fail(error, code, 0, "no memory for a store");
}

int hf__sqlite_store_create(const hf_store_config *config, hf__sqlite_store **out)
{
    hf__sqlite_store *store = hf__sqlite_alloc(config->allocator, sizeof *store);
    *out = store;
    if (store == NULL)
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "no memory for a store");
    store->schema = config->schema;
    store->allocator = config->allocator;
    store->log = config->log;
    store->log_data = config->log_data;
    store->durability = config->durability;
    store->fresh = config->identity;
    store->read_only = config->read_only != 0;
    store->complete = config->complete;
    store->complete_data = config->complete_data;
    store->forks = hf__os_fork_count();
    store->data.fd = -1;
    store->guard.fd = -1;
    store->place.folder = -1;
    store->writer.store = store;
    store->writer.error = config->error;
    for (uint32_t i = 0; i < HF__SQLITE_READERS; i++)
        store->readers[i].store = store;
    const int error = make_memory(store, config->error);
    return error != 0 ? error : hf__sqlite_place(store, config);
}

void hf__sqlite_store_destroy(hf__sqlite_store *store)
{
    if (store == NULL)
        return;
    const hf_allocator *allocator = store->allocator;
    hf__sqlite_connection_fini(&store->writer);
    for (uint32_t i = 0; i < HF__SQLITE_READERS; i++)
        hf__sqlite_connection_fini(&store->readers[i]);
    allocator->free(allocator->context, store->first_slot);
    allocator->free(allocator->context, store->counts);
    allocator->free(allocator->context, store->pending);
    hf__place_end(&hf__os_files, &store->place);
    if (store->has_vfs && store->forks == hf__os_fork_count()) /* else SQLite is the parent's */
        hf__sqlite_vfs_leave();
    allocator->free(allocator->context, store->log_path);
    allocator->free(allocator->context, store);
}

int hf__sqlite_load(hf__sqlite_store *store)
{
    hf__sqlite_connection *writer = &store->writer;
    uint32_t schema = 0;
    uint32_t layout = 0;
    int error = hf__sqlite_mark_get(writer, &store->mark, &schema, &layout);
    if (error == 0)
        error = hf__sqlite_identity_get(writer, &store->mark.identity);
    for (uint32_t i = 0; error == 0 && i < store->schema->table_count; i++) {
        bool found = false;
        error = hf__sqlite_count_get(writer, i, &store->counts[i], &found);
        if (error == 0 && !found)
            return hf__store_fail(writer->error, HF_E_CORRUPT, 0, "%.120s: hf_tables lacks %s",
                                  store->path, store->schema->tables[i]->name);
    }
    if (error == 0)
        error = hf__sqlite_number(writer, "PRAGMA data_version", 0, &store->data_version);
    return error;
}
