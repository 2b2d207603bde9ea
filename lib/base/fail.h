/*
 * fail.h - the error of a store's contract, filled in one place.
 */
#ifndef HF_BASE_FAIL_H
#define HF_BASE_FAIL_H

#include <holdfast/store.h>

/* Fills `error` (may be NULL) and returns `code`. `native`: of the backend; 0. */
int hf__store_fail(hf_store_error *error, int code, int native, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The end of a path: what an error names of it, so that cause and remedy fit behind it. */
const char *hf__path_end(const char *path);

/* Calls config->look, if there is one. `stat`: what the store says; NULL: there is none yet. */
int hf__store_look(const hf_store_config *config, const hf_store_stat *stat);

/*
 * The rows of a range, as hf_store_driver.scan. HF_E_CORRUPT when the store says that it has filled
 * in more rows than it was given.
 */
int hf__store_scan(const hf_store_driver *driver, void *txn, const hf_scan *scan, void *const *rows,
                   uint32_t *count);

/*
 * The rows of several ranges, as hf_store_driver.scans, which a store need not have. HF_E_CORRUPT
 * as hf__store_scan.
 */
int hf__store_scans(const hf_store_driver *driver, void *txn, const hf_scan *ranges,
                    uint32_t range_count, void *const *rows, uint32_t *counts);

#endif
