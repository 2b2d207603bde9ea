/*
 * A fixture for decisions: a small store in memory, and an engine that runs one operation at a
 * time.
 *
 * The view answers every key and range with HF__MISSING the first time an operation asks, so each
 * operation is decided as often as it loads. A refused decision must leave every row as it was; a
 * done one is applied, after which the books must add up (hf_test_fixture_check).
 */
#ifndef HF_TESTS_SUPPORT_VIEW_H
#define HF_TESTS_SUPPORT_VIEW_H

#include "domain/core/draft.h"
#include "domain/decide.h"
#include <check.h>

#define HF_TEST_START_MS INT64_C(1700000000000)

/* A stored row. */
typedef struct hf_test_stored {
    uint32_t table;
    uint32_t key_bytes;
    uint64_t hash; /* of table and key, which is compared first */
    uint8_t *key;  /* as encoded */
    void *row;     /* a copy of its own, BYTES columns too */
} hf_test_stored;

typedef struct hf_test_fixture {
    hf_test_stored *rows;
    size_t count;
    size_t capacity;
    hf_test_stored *gone; /* removed rows: results may still point to them */
    size_t gone_count;
    uint64_t *known; /* hashes of keys and ranges the running operation has loaded */
    size_t known_count;
    size_t loaded_count; /* of `known`: what was asked for before the running pass */
    size_t known_capacity;
    void *memory; /* of the arena */
    hf__arena arena;
    hf__view view;
    hf__draft draft;   /* of the last operation; rows and result live until the next one */
    hf__detail detail; /* of the last operation */
    hf_name actor;
    int64_t now_ms;
    int64_t purged_until_ms;
    uint64_t event_seq;  /* of the last event */
    uint64_t epoch;      /* under which it drives transactions; taken when first wanted */
    hf__holding holding; /* as the decision sees it; its epochs are `epoch` unless it is shared */
    uint64_t made;       /* ids made so far */
    uint32_t passes;     /* how often the last operation was decided */
    bool own;            /* the operations are the engine's own */
    uint32_t eager;      /* 1: nothing has to be loaded first (large cases) */
    /* Called for each range that a decision has read; or NULL. */
    void (*on_scan)(const struct hf_test_fixture *fixture, const hf_scan *scan, uint32_t rows);
} hf_test_fixture;

void hf_test_fixture_init(hf_test_fixture *fixture);
void hf_test_fixture_fini(hf_test_fixture *fixture);

/* An id of now, different at each call. */
hf_id hf_test_id(hf_test_fixture *fixture);

/*
 * Decides an operation with the arguments `args` (an hf_..._args), applies it when it is done, and
 * checks what must hold. Returns the status; fixture->draft.result has the result. An id that is
 * all zero in the arguments is made.
 */
int hf_test_run(hf_test_fixture *fixture, uint32_t type, const void *args);

/* The same; fails the test with the detail when the status is not `expected`. */
#define hf_test_expect(fixture, expected, type, args)                                              \
    do {                                                                                           \
        int hf_test_status = hf_test_run((fixture), (type), (args));                               \
        ck_assert_msg(hf_test_status == (expected), "%s instead of %s: %s",                        \
                      hf_error_name(hf_test_status), hf_error_name(expected),                      \
                      (fixture)->detail.text);                                                     \
    } while (0)

/*
 * Begins a draft of its own, to call single functions of the core: its view answers at once.
 * hf_test_apply then applies it, with an event that has its body, and checks what must hold.
 */
hf__draft *hf_test_draft(hf_test_fixture *fixture);
void hf_test_apply(hf_test_fixture *fixture);

/* Another engine takes every shard: this fixture is fenced from now on. */
void hf_test_take_leases(hf_test_fixture *fixture, uint64_t epoch);

/* The stored row with the key of `key`, or NULL. */
const void *hf_test_row_of(const hf_test_fixture *fixture, uint32_t table, const void *key);

/* Stores a copy of a row, whatever was there. */
void hf_test_put(hf_test_fixture *fixture, uint32_t table, const void *row);

/* How many rows a table has. */
size_t hf_test_rows(const hf_test_fixture *fixture, uint32_t table);

/* The account of kind, name and unit at place "", or NULL. */
const hf_account *hf_test_account(const hf_test_fixture *fixture, uint32_t kind, const char *name,
                                  const char *unit);

/* Declares a unit, and opens an account with a balance and limits (0, 0, INT64_MAX). */
void hf_test_unit(hf_test_fixture *fixture, const char *code, uint32_t scale);
void hf_test_open(hf_test_fixture *fixture, uint32_t kind, const char *name, const char *unit,
                  int64_t balance);

/* The record form of an account at place "". */
hf_account_ref hf_test_ref(uint32_t kind, const char *name, const char *unit);

/*
 * Fails the test unless events have no gap, folding them gives every account's balance, held_out
 * and held_in, what is open on holds, legs and payments adds up to the same, and every account is
 * within its limits or has attention.
 */
void hf_test_fixture_check(const hf_test_fixture *fixture);

#endif
