/*
 * env.c - the LMDB environment and the trees in it, whatever the file is opened for.
 *
 * Used by open, creation, migration and restore alike. The memory of a store is one block, taken
 * before anything is opened; only the buffer of a large row grows later.
 *
 * LMDB flags: never MDB_WRITEMAP (a stray write of the host would reach the file), MDB_NOTLS
 * because snapshots are pooled and may move between threads. Not MDB_NORDAHEAD: the file has just
 * been read from end to end by the walk, and listings, checks and backups read ahead.
 */
#include "base/structures/arena.h"
#include "store/lmdb/state.h"

#include <errno.h>
#include <string.h>

/*
 * Address space, taken once and never resized: 1 TiB, or the next less where a process may not have
 * so much (a limit set by its host, valgrind). Sanitizers need most of it for themselves.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
static const size_t map_bytes[] = {
#ifndef SANITIZED
    (size_t)1 << 40,
#endif
    (size_t)16 << 30,
};

#define MAPS (sizeof map_bytes / sizeof map_bytes[0])

#define ROW_BYTES                                                                                  \
    65536u /* of the writer's buffer at first: more than any row but for a huge meta */
#define ALIGNMENT 16u

/* ---- Memory ---------------------------------------------------------------------------------- */

static uint32_t count_trees(const hf_schema *schema)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < schema->table_count; i++)
        count += 1 + schema->tables[i]->index_count;
    return count;
}

static size_t round_up(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t block_bytes(const hf_schema *schema, size_t name_bytes)
{
    size_t trees = count_trees(schema);
    size_t a_txn = round_up(trees * sizeof(void *)) + round_up(trees * sizeof(uint64_t));
    return round_up(sizeof(hf__lmdb_store)) + round_up(name_bytes) +
           round_up(trees * sizeof(hf__lmdb_tree)) +
           round_up(schema->table_count * sizeof(uint32_t)) +
           2 * round_up(schema->table_count * sizeof(hf_table_stat)) +
           round_up(HF__LMDB_READERS * sizeof(hf__lmdb_txn)) + (1 + HF__LMDB_READERS) * a_txn;
}

static void trees_init(hf__lmdb_store *store)
{
    hf__lmdb_tree *tree = store->trees;
    for (uint32_t i = 0; i < store->schema->table_count; i++) {
        const hf_table *table = store->schema->tables[i];
        store->first[i] = (uint32_t)(tree - store->trees);
        for (uint32_t index = 0; index <= table->index_count; index++, tree++) {
            tree->table = table;
            tree->position = i;
            tree->index = index;
            tree->columns = table->column_count;
        }
    }
}

static void txn_init(hf__lmdb_txn *txn, hf__lmdb_store *store, hf__arena *arena)
{
    txn->store = store;
    txn->cursors = hf__arena_zalloc(arena, store->tree_count * sizeof(void *));
    txn->rounds = hf__arena_zalloc(arena, store->tree_count * sizeof *txn->rounds);
    atomic_flag_clear(&txn->busy);
}

static hf__lmdb_store *lay_out(const hf_store_config *config, const char *name, hf__arena *arena)
{
    const hf_schema *schema = config->schema;
    hf__lmdb_store *store = hf__arena_zalloc(arena, sizeof *store);
    store->schema = schema;
    store->allocator = config->allocator;
    store->log = config->log;
    store->log_data = config->log_data;
    store->durability = config->durability;
    store->name = hf__arena_copy(arena, name, strlen(name) + 1);
    store->forks = hf__os_fork_count();
    store->data.fd = -1;
    store->guard.fd = -1;
    store->read_only = config->read_only != 0;
    store->complete = config->complete;
    store->complete_data = config->complete_data;
    atomic_init(&store->poisoned, 0);
    store->tree_count = count_trees(schema);
    store->trees = hf__arena_zalloc(arena, store->tree_count * sizeof *store->trees);
    store->first = hf__arena_zalloc(arena, schema->table_count * sizeof *store->first);
    store->meta.tables = hf__arena_zalloc(arena, schema->table_count * sizeof(hf_table_stat));
    store->pending = hf__arena_zalloc(arena, schema->table_count * sizeof(hf_table_stat));
    store->readers = hf__arena_zalloc(arena, HF__LMDB_READERS * sizeof *store->readers);
    trees_init(store);
    txn_init(&store->writer, store, arena);
    for (uint32_t i = 0; i < HF__LMDB_READERS; i++)
        txn_init(&store->readers[i], store, arena);
    return store;
}

int hf__lmdb_new(const hf_store_config *config, const hf__place *place, hf__lmdb_store **out)
{
    *out = NULL;
    const hf_allocator *allocator = config->allocator;
    for (uint32_t i = 0; i < config->schema->table_count; i++) {
        if (config->schema->tables[i]->index_count > HF__LMDB_INDEXES)
            return hf__store_fail(config->error, HF_E_TOO_MANY, 0, "lmdb: table %s: %u indexes",
                                  config->schema->tables[i]->name,
                                  config->schema->tables[i]->index_count);
    }
    const char *name = hf__lmdb_name(place->shown);
    size_t bytes = block_bytes(config->schema, strlen(name) + 1);
    void *block = allocator->alloc(allocator->context, bytes);
    if (block != NULL) {
        hf__arena arena;
        hf__arena_init(&arena, block, bytes);
        hf__lmdb_store *store = lay_out(config, name, &arena);
        if (hf__lmdb_reserve(store, &store->row, ROW_BYTES)) {
            *out = store;
            return 0;
        }
        allocator->free(allocator->context, block);
    }
    return hf__store_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory to open it", name);
}

void hf__lmdb_free(hf__lmdb_store *store)
{
    const hf_allocator *allocator = store->allocator;
    allocator->free(allocator->context, store->row.at);
    allocator->free(allocator->context, store->record.at);
    allocator->free(allocator->context, store);
}

bool hf__lmdb_reserve(const hf__lmdb_store *store, hf__lmdb_buffer *buffer, size_t bytes)
{
    if (bytes <= buffer->bytes)
        return true;
    const hf_allocator *allocator = store->allocator;
    size_t larger = bytes > 2 * buffer->bytes ? bytes : 2 * buffer->bytes;
    uint8_t *made = allocator->alloc(allocator->context, larger);
    if (made == NULL)
        return false;
    allocator->free(allocator->context, buffer->at);
    *buffer = (hf__lmdb_buffer){.at = made, .bytes = larger};
    return true;
}

/* ---- Environment and trees ------------------------------------------------------------------- */

static int open_mapped(hf__lmdb_store *store, const char *path, unsigned flags, size_t bytes)
{
    MDB_stat stat = {0};
    int native = mdb_env_create(&store->env);
    if (native == 0)
        native = mdb_env_set_mapsize(store->env, bytes);
    if (native == 0)
        native = mdb_env_set_maxreaders(store->env, HF__LMDB_READERS);
    if (native == 0)
        native = mdb_env_set_maxdbs(store->env, store->tree_count + 2); /* meta; one to drop */
    if (native == 0)
        native = mdb_env_open(store->env, path, flags | MDB_NOSUBDIR | MDB_NOTLS, 0600);
    if (native == 0)
        native = mdb_env_stat(store->env, &stat);
    store->page_bytes = stat.ms_psize;
    if (native != 0)
        hf__lmdb_env_close(store);
    return native;
}

/* LMDB opens by name: it must have met the file that is locked. */
static int check_file(hf__lmdb_store *store, hf_store_error *error)
{
    hf__file_info opened = {0};
    mdb_filehandle_t fd = -1;
    if (store->data.fd < 0)
        return 0; /* no other process uses the name */
    bool same = mdb_env_get_fd(store->env, &fd) == 0 &&
                hf__os_files.info_of(fd, &opened, NULL) == 0 &&
                opened.device == store->data.info.device && opened.inode == store->data.info.inode;
    if (same)
        return 0;
    hf__lmdb_env_close(store);
    return hf__store_fail(error, HF_E_BUSY, 0, "lmdb:%s: the file was replaced while it was opened",
                          store->name);
}

int hf__lmdb_env_open(hf__lmdb_store *store, const char *path, unsigned flags,
                      hf_store_error *error)
{
    int native = ENOMEM;
    for (uint32_t i = 0; i < MAPS && (native == ENOMEM || native == EINVAL); i++)
        native = open_mapped(store, path, flags, map_bytes[i]);
    return native == 0 ? check_file(store, error)
                       : hf__lmdb_native(error, store->name, "opening the file", native);
}

static void txn_close(hf__lmdb_txn *txn)
{
    for (uint32_t i = 0; i < txn->store->tree_count; i++) {
        if (txn->cursors[i] != NULL)
            mdb_cursor_close(txn->cursors[i]);
        txn->cursors[i] = NULL;
    }
    if (txn->handle != NULL)
        mdb_txn_abort(txn->handle);
    txn->handle = NULL;
}

void hf__lmdb_env_close(hf__lmdb_store *store)
{
    if (store->env == NULL)
        return;
    for (uint32_t i = 0; i < HF__LMDB_READERS; i++)
        txn_close(&store->readers[i]);
    hf__lmdb_guard_end(store);
    mdb_env_close(store->env);
    atomic_store(&store->map, 0);
    store->env = NULL;
    hf__lmdb_guard_close(store);
}

int hf__lmdb_trees_open(hf__lmdb_store *store, MDB_txn *txn, unsigned flags, hf_store_error *error)
{
    int native = mdb_dbi_open(txn, "meta", flags, &store->meta_dbi);
    if (native == MDB_NOTFOUND || native == MDB_INCOMPATIBLE)
        return hf__store_fail(error, HF_E_CORRUPT, native,
                              "lmdb:%s: an LMDB file of another program: no tree \"meta\"",
                              store->name);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "tree meta", native);
    for (uint32_t i = 0; i < store->tree_count; i++) {
        hf__lmdb_tree *tree = &store->trees[i];
        native = mdb_dbi_open(txn, hf__lmdb_tree_name(tree), flags, &tree->dbi);
        tree->present = native == 0;
        if (native != 0 && native != MDB_NOTFOUND)
            return hf__lmdb_native(error, store->name, hf__lmdb_tree_name(tree), native);
    }
    return 0;
}
