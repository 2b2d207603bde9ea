/*
 * What the tests of places share: the embedded stores, alone and each behind a journal, paths
 * beside a store, and commits that can be found again.
 */
#ifndef HF_TESTS_STORE_PLACES_H
#define HF_TESTS_STORE_PLACES_H

#include "store/conformance.h"
#include "store/journal_store.h"

#include <stdio.h>
#include <sys/stat.h>

extern hf_test_subject subjects[2 + HF_TEST_JOURNALS]; /* the stores, then those with a journal */
extern int store_count;
extern int subject_count;

/* Which stores this build has. */
static inline void find_subjects(void)
{
    static const char *const schemes[] = {"lmdb", "sqlite"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const hf_store_driver *driver = hf_store_builtin(schemes[i]);
        if (driver != NULL)
            subjects[subject_count++] = (hf_test_subject){.driver = driver, .checksums = true};
    }
    store_count = subject_count;
    for (uint32_t i = 0; i < HF_TEST_JOURNALS; i++)
        if (hf_test_journal(i) != NULL)
            subjects[subject_count++] = (hf_test_subject){.driver = hf_test_journal(i)};
    hf_test_subjects_set(subjects);
}

/* A path beside the store; lives until the next call but three. */
const char *beside(const hf_test_store *store, const char *name);

static inline bool there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* One commit that can be found again. */
static inline void mark(hf_test_store *store, uint64_t batch)
{
    hf_cursor row = {.seq = batch};
    (void)snprintf(row.consumer.text, sizeof row.consumer.text, "c%u", (unsigned)batch);
    void *txn = hf_test_begin(store, HF_TXN_WRITE);
    hf_test_put(store, txn, hf_test_table("cursors"), &row, NULL);
    hf_test_commit(store, txn, batch);
}

static inline void check_marks(hf_test_store *store, uint64_t batches)
{
    hf_scan all = {.table = hf_test_table("cursors")};
    void *txn = hf_test_begin(store, HF_TXN_SNAPSHOT);
    ck_assert_uint_eq(hf_test_count(store, txn, &all), batches);
    hf_test_good(store, store->driver->check(txn, NULL, NULL));
    store->driver->rollback(txn);
}

#endif
