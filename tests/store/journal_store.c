/*
 * One driver for each store behind a journal, with and without a thread of its own.
 */
#include "store/journal_store.h"

#include "base/os.h"
#include "journal/journal.h"

#define SMALL_BYTES ((uint64_t)96 << 10)
#define ENVS        64u /* one for each open, as in an engine; more than are open at once */

static const hf__threads no_threads;

static int open_over(const char *scheme, bool threads, const hf_store_config *config, void **out)
{
    static hf_env all[ENVS];
    static uint32_t opens;
    hf_env *env = &all[opens++ % ENVS];
    hf__env_init(env);
    if (!threads)
        env->threads = &no_threads;
    const hf__journal_config journal = {
        .env = env,
        .inner = hf_store_builtin(scheme),
        .store = config,
        .bytes_max = SMALL_BYTES,
    };
    hf__journal *opened = NULL;
    int error = hf__journal_open(&journal, &opened);
    *out = opened;
    return error;
}

static int open_lmdb(const hf_store_config *config, void **out)
{
    return open_over("lmdb", true, config, out);
}

static int open_lmdb_inline(const hf_store_config *config, void **out)
{
    return open_over("lmdb", false, config, out);
}

static int open_sqlite(const hf_store_config *config, void **out)
{
    return open_over("sqlite", true, config, out);
}

static int open_sqlite_inline(const hf_store_config *config, void **out)
{
    return open_over("sqlite", false, config, out);
}

const hf_store_driver *hf_test_journal(uint32_t number)
{
    static const struct {
        const char *name;
        const char *scheme;
        int (*open)(const hf_store_config *config, void **out);
    } kinds[HF_TEST_JOURNALS] = {
        {"journal+lmdb", "lmdb", open_lmdb},
        {"journal+lmdb, inline", "lmdb", open_lmdb_inline},
        {"journal+sqlite", "sqlite", open_sqlite},
        {"journal+sqlite, inline", "sqlite", open_sqlite_inline},
    };
    static hf_store_driver drivers[HF_TEST_JOURNALS];
    const hf_store_driver *inner = hf_store_builtin(kinds[number].scheme);
    if (inner == NULL)
        return NULL;
    drivers[number] = hf__journal_driver;
    drivers[number].scheme = kinds[number].name;
    drivers[number].open = kinds[number].open;
    drivers[number].restore = inner->restore;
    return &drivers[number];
}
