/*
 * open.c - from a location to an open store: the file is examined, locked, walked and asked for its
 * schema, and only then opened for writing. What is only read is opened in reading.c.
 *
 * The location names the data file itself; see file.c for what stands beside it. It is resolved
 * once, and LMDB opens its files through the descriptor of their folder. A store that is
 * not there yet is made under another name and renamed, so that PATH is never half a store. The
 * lock is on the data file, see data_file.h. A file that is refused (damaged, foreign, newer) is
 * not written, and nothing is left beside it.
 */
#include "store/lmdb/state.h"
#include "store/making.h"

#include <string.h>

/* ---- Asking, without a way to write ---------------------------------------------------------- */

static int ask(hf__lmdb_store *store, const hf__place *place, hf_store_error *error)
{
    int code = hf__lmdb_env_open(store, place->path, MDB_RDONLY | MDB_NOLOCK, error);
    if (code != 0)
        return code;
    code = hf__lmdb_read_in(store, error);
    hf__lmdb_env_close(store);
    return code;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/*
 * Another process may create the file at the same moment. Then that file is opened, unless it is
 * locked.
 */
static int find_or_create(hf__lmdb_store *store, const hf__place *place,
                          const hf_store_config *config)
{
    int code = hf__data_file_open(&store->data, place, HF__DATA_WRITE, config->error);
    if (code != HF_E_NOT_FOUND)
        return code;
    code = hf__store_look(config, NULL);
    if (code != 0)
        return code;
    code = hf__lmdb_create(config, place);
    if (code != 0 && code != HF_E_EXISTS)
        return code;
    store->created = code == 0;
    code = hf__data_file_open(&store->data, place, HF__DATA_WRITE, config->error);
    if (code == HF_E_NOT_FOUND)
        return hf__store_fail(config->error, HF_E_PATH, 0, "lmdb:%s: the file was removed again",
                              store->name);
    return code;
}

static int open_env(hf__lmdb_store *store, const hf__place *place, const hf_store_config *config)
{
    unsigned flags = config->durability == HF_DURABILITY_NONE ? MDB_NOSYNC : 0;
    hf__file_info readers;
    int code = hf__lmdb_readers_make(config, place, &readers);
    if (code == 0)
        code = hf__lmdb_env_open(store, place->path, flags, config->error);
    if (code == 0)
        code = hf__lmdb_readers_check(config, place, &readers);
    if (code == 0)
        code = hf__lmdb_guard_begin(store, place, config->error);
    if (code == 0)
        code = hf__lmdb_read_in(store, config->error);
    if (code == 0 && store->meta.schema < store->schema->version)
        code = hf__lmdb_migrate(store, config);
    return code;
}

static void close_all(hf__lmdb_store *store)
{
    hf__lmdb_env_close(store);
    hf__data_file_close(&store->data); /* last: no other process may write before LMDB has ended */
    hf__lmdb_free(store);
}

static int open_at(hf__lmdb_store *store, const hf__place *place, const hf_store_config *config)
{
    int code = find_or_create(store, place, config);
    if (code == 0)
        code = hf__lmdb_check_magic(store, config->error);
    if (code == 0)
        code = hf__lmdb_walk_at_open(store, config);
    if (code == 0)
        code = ask(store, place, config->error);
    if (code == 0 && !store->created)
        code = hf__lmdb_look(store, config);
    return code == 0 ? open_env(store, place, config) : code;
}

/* The place is needed no longer than this: an open LMDB uses no name. */
int hf__lmdb_open(const hf_store_config *config, void **out)
{
    *out = NULL;
    if (config->size < sizeof *config)
        return hf__store_fail(config->error, HF_E_ABI, 0, "lmdb: the size of the config is wrong");
    if (config->location == NULL || config->location[0] == '\0')
        return hf__store_fail(config->error, HF_E_URL, 0, "lmdb: the path is missing: lmdb:PATH");
    hf__place place;
    hf__lmdb_store *store = NULL;
    int code = hf__place_of(&place, config->location, config->error);
    if (code != 0)
        return code;
    code = hf__lmdb_new(config, &place, &store);
    if (code == 0)
        code = (config->read_only != 0 ? hf__lmdb_open_read_only : open_at)(store, &place, config);
    hf__place_end(&hf__os_files, &place);
    if (code == 0)
        *out = store;
    else if (store != NULL)
        close_all(store);
    return code;
}

/*
 * In a child the locks and LMDB's readers are the parent's, and releasing them would release those
 * of the parent. There, only memory is freed.
 */
void hf__lmdb_close(void *opened)
{
    hf__lmdb_store *store = opened;
    if (store == NULL)
        return;
    if (hf__os_fork_count() != store->forks)
        hf__lmdb_free(store);
    else
        close_all(store);
}
