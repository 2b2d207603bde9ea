/*
 * One memory store that several engines of a test have open at the same time. Each names itself by
 * its location, "0", "1", ...; commits of one can be made to fail. Inline engines only: the memory
 * store has one write at a time, and here that is so because one thread runs them all.
 */
#ifndef HF_TESTS_SUPPORT_SHARED_H
#define HF_TESTS_SUPPORT_SHARED_H

#include <holdfast/error.h>
#include <holdfast/store.h>
#include <stdlib.h>
#include <string.h>

#define HF_SHARED_ENGINES 4u

typedef struct hf_shared_open {
    int commit_error; /* not 0: its commits fail with it */
    uint64_t commits; /* made */
} hf_shared_open;

typedef struct hf_shared_txn {
    void *inner;
    const hf_store_caller *caller;
    hf_shared_open *of;
} hf_shared_txn;

static struct {
    const hf_store_driver *driver;
    void *store; /* NULL: nobody had it open yet */
    hf_shared_open engines[HF_SHARED_ENGINES];
} hf_shared;

static inline void *hf_shared_alloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static inline void hf_shared_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

/* The store outlives the engine that opened it first, and that one's allocator. */
static inline int hf_shared_open_it(const hf_store_config *config, void **out)
{
    static const hf_allocator allocator = {.alloc = hf_shared_alloc, .free = hf_shared_free};
    hf_store_config own = *config;
    own.allocator = &allocator;
    *out = &hf_shared.engines[strtoul(config->location, NULL, 10)];
    return hf_shared.store != NULL ? 0 : hf_shared.driver->open(&own, &hf_shared.store);
}

static inline void hf_shared_close(void *opened)
{
    (void)opened;
}

static inline int hf_shared_begin(void *opened, uint32_t mode, const hf_store_caller *caller,
                                  void **out)
{
    hf_shared_txn *txn = calloc(1, sizeof *txn);
    if (txn == NULL)
        return HF_E_NOMEM;
    *txn = (hf_shared_txn){.caller = caller, .of = opened};
    int error = hf_shared.driver->begin(hf_shared.store, mode, caller, &txn->inner);
    *out = txn;
    if (error != 0)
        free(txn);
    return error;
}

static inline int hf_shared_get(void *begun, uint32_t table, void *const *rows, uint8_t *found,
                                uint32_t count)
{
    return hf_shared.driver->get(((hf_shared_txn *)begun)->inner, table, rows, found, count);
}

static inline int hf_shared_put(void *begun, uint32_t table, const void *const *rows,
                                const void *const *olds, uint32_t count)
{
    return hf_shared.driver->put(((hf_shared_txn *)begun)->inner, table, rows, olds, count);
}

static inline int hf_shared_del(void *begun, uint32_t table, const void *const *olds,
                                uint32_t count)
{
    return hf_shared.driver->del(((hf_shared_txn *)begun)->inner, table, olds, count);
}

static inline int hf_shared_scan(void *begun, const hf_scan *scan, void *const *rows,
                                 uint32_t *count)
{
    return hf_shared.driver->scan(((hf_shared_txn *)begun)->inner, scan, rows, count);
}

static inline void hf_shared_rollback(void *begun)
{
    hf_shared.driver->rollback(((hf_shared_txn *)begun)->inner);
    free(begun);
}

static inline int hf_shared_commit(void *begun, const hf_store_mark *mark)
{
    hf_shared_txn *txn = begun;
    int error = txn->of->commit_error;
    if (error != 0) {
        txn->caller->error->code = error;
        hf_shared_rollback(txn);
        return error;
    }
    error = hf_shared.driver->commit(txn->inner, mark);
    txn->of->commits += error == 0;
    free(txn);
    return error;
}

static inline int hf_shared_stat(void *begun, hf_store_stat *out)
{
    return hf_shared.driver->stat(((hf_shared_txn *)begun)->inner, out);
}

static inline int hf_shared_check(void *begun, hf_progress_cb progress, void *data)
{
    return hf_shared.driver->check(((hf_shared_txn *)begun)->inner, progress, data);
}

/* An empty store from here on. */
static inline const hf_store_driver *hf_shared_store(void)
{
    static const hf_store_driver driver = {
        .size = sizeof driver,
        .capabilities = HF_STORE_SHARED,
        .scheme = "shared",
        .open = hf_shared_open_it,
        .close = hf_shared_close,
        .begin = hf_shared_begin,
        .get = hf_shared_get,
        .put = hf_shared_put,
        .del = hf_shared_del,
        .scan = hf_shared_scan,
        .commit = hf_shared_commit,
        .rollback = hf_shared_rollback,
        .stat = hf_shared_stat,
        .check = hf_shared_check,
    };
    memset(&hf_shared, 0, sizeof hf_shared);
    hf_shared.driver = hf_store_builtin("memory");
    return &driver;
}

/* When every engine is closed. */
static inline void hf_shared_fini(void)
{
    if (hf_shared.store != NULL)
        hf_shared.driver->close(hf_shared.store);
    memset(&hf_shared, 0, sizeof hf_shared);
}

#endif
