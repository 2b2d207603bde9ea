/*
 * The contract of include/holdfast/store.h as tests, for any store: add them to a suite with the
 * drivers to be tested. They use the drivers alone and know nothing of what is behind them.
 *
 * Each test runs once for each driver (the loop's _i), in a folder of its own.
 */
#ifndef HF_TESTS_STORE_CONFORMANCE_H
#define HF_TESTS_STORE_CONFORMANCE_H

#include "support/check_main.h"
#include "support/rows.h"
#include <holdfast/account.h>
#include <holdfast/error.h>
#include <holdfast/event.h>
#include <holdfast/order.h>
#include <holdfast/store.h>

/* A store to be tested. */
typedef struct hf_test_subject {
    const hf_store_driver *driver;
    bool checksums; /* its hf_table_stat.checksum is kept */
} hf_test_subject;

/* Adds all tests for `count` subjects; the array must stay. */
void hf_test_conformance(Suite *suite, const hf_test_subject *subjects, int count);

/* ---- For the files of the suite ---- */

/* The tables' positions, as the schema gives them. */
uint32_t hf_test_table(const char *name);
const hf_table *hf_test_table_at(uint32_t position);
uint32_t hf_test_table_count(void);

/* A row struct of any table. */
typedef struct hf_test_any {
    _Alignas(16) uint8_t bytes[HF_TEST_ROW_MAX];
} hf_test_any;

/* An open store and what its user needs. */
typedef struct hf_test_store {
    const hf_test_subject *subject;
    const hf_store_driver *driver;
    void *opened;
    hf_store_error error;
    hf_store_caller caller;
    hf_test_memory memory;
    hf_test_random random;
    char path[300]; /* its location */
} hf_test_store;

const hf_test_subject *hf_test_subject_at(int i);

/* For a suite of its own that opens stores by hf_test_store_open: its subjects; they must stay. */
void hf_test_subjects_set(const hf_test_subject *subjects);

/* A configuration for a location. */
hf_store_config hf_test_config(hf_store_error *error, const char *location);

/* Opens subject i in a new place, empty; closes it and forgets its rows. */
void hf_test_store_open(hf_test_store *store, int i);
void hf_test_store_close(hf_test_store *store);
void hf_test_store_reopen(hf_test_store *store);

/* Calls that must succeed. */
void *hf_test_begin(hf_test_store *store, uint32_t mode);
void hf_test_commit(hf_test_store *store, void *txn, uint64_t batch);
void hf_test_put(hf_test_store *store, void *txn, uint32_t table, const void *row, const void *old);
void hf_test_del(hf_test_store *store, void *txn, uint32_t table, const void *old);
/* True when the row whose key is set in `row` is there. */
bool hf_test_get(hf_test_store *store, void *txn, uint32_t table, void *row);
/* How many rows, at most `max`, are read into `rows`. */
uint32_t hf_test_scan(hf_test_store *store, void *txn, const hf_scan *scan, hf_test_any *rows,
                      uint32_t max);
/* How many rows a range has. */
uint32_t hf_test_count(hf_test_store *store, void *txn, const hf_scan *scan);
hf_table_stat hf_test_stat(hf_test_store *store, void *txn, uint32_t table, hf_store_mark *mark);

/* Fills every table with up to `rows` random rows, in one commit. */
void hf_test_fill(hf_test_store *store, uint32_t rows, uint64_t batch);

/* The driver must say 0; prints its error. */
void hf_test_ok(const hf_test_store *store, int error, int line);
#define hf_test_good(store, call) hf_test_ok((store), (call), __LINE__)

/* The tests of each file. */
void hf_test_add_rows(TCase *tcase, int count);
void hf_test_add_scans(TCase *tcase, int count);
void hf_test_add_vectors(TCase *tcase, int count);
void hf_test_add_txns(TCase *tcase, int count);
void hf_test_add_files(TCase *tcase, int count);
void hf_test_add_model(TCase *tcase, int count);

#endif
