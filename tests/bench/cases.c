/*
 * cases.c - the tables of subjects and cases.
 */
#include "cases.h"

#define BIT(subject) (1u << (subject))
#define HOLDFAST     (BIT(S_HF_LMDB) | BIT(S_HF_SQLITE))
#define BASELINES    (BIT(S_JOURNAL) | BIT(S_LMDB))
#define SERVERS      (BIT(S_POSTGRES) | BIT(S_REDIS))
#define MASSES       (BIT(S_LMDB_10000) | BIT(S_SQLITE_1000))

/* clang-format off */
const bench_subject bench_subjects[SUBJECTS] = {
    [S_HF_LMDB] = {"holdfast-lmdb", "holdfast on LMDB", bench_holdfast_lmdb, NULL, 0, true},
    [S_HF_SQLITE] = {"holdfast-sqlite", "holdfast on SQLite", bench_holdfast_sqlite, NULL, 0, true},
    [S_HF_INLINE] = {"holdfast-inline", "holdfast on LMDB, on the caller's thread (threads 0)", bench_holdfast_inline, NULL, 0, true},
    [S_JOURNAL] = {"journal", "bare journal, baseline", bench_loop_journal, NULL, 0, false},
    [S_LMDB] = {"lmdb", "LMDB baseline, group commit", bench_loop_lmdb, NULL, 0, false},
    [S_LMDB_10000] = {"lmdb-10000", "LMDB baseline, 10,000 a commit", bench_loop_lmdb, NULL, 10000, false},
    [S_SQLITE] = {"sqlite", "SQLite baseline, 1 a commit", bench_loop_sqlite, NULL, 1, false},
    [S_SQLITE_1000] = {"sqlite-1000", "SQLite baseline, 1,000 a commit", bench_loop_sqlite, NULL, 1000, false},
    [S_SQLITE_10000] = {"sqlite-10000", "SQLite baseline, 10,000 a commit", bench_loop_sqlite, NULL, 10000, false},
    [S_POSTGRES] = {"postgresql", "PostgreSQL, one function", bench_postgres, bench_postgres_missing, 0, false},
    [S_REDIS] = {"redis", "Redis, one script", bench_redis, bench_redis_missing, 0, false},
};

#define FORM(f, n, s) {.form = (f), .in_flight = (n), .spread = (s)}, BACKLOG_NONE, 0
#define CHECKOUT(n, s) FORM(LOAD_CHECKOUT, n, s)
#define READ(f, n, c) {.form = (f), .in_flight = (n), .cache = (c)}, BACKLOG_NONE, 0
#define READ_ZIPF(f, n, c) {.form = (f), .in_flight = (n), .cache = (c), .spread = CHOICE_ZIPF}, BACKLOG_NONE, 0
#define EVEN(f, n) FORM(f, n, CHOICE_UNIFORM)
#define BESIDE(n, what, count) {.form = LOAD_CHECKOUT, .in_flight = (n)}, BACKLOG_##what, (count)
#define OPEN(a_second) {.form = LOAD_CHECKOUT, .in_flight = LOAD_IN_FLIGHT_MAX, .rate = (a_second)}, BACKLOG_NONE, 0

const bench_case bench_cases[] = {
    {"checkout-1", CASE_RATE, HOLDFAST | BIT(S_HF_INLINE) | BASELINES | BIT(S_SQLITE) | SERVERS, CHECKOUT(1, CHOICE_UNIFORM)},
    {"checkout-8", CASE_RATE, HOLDFAST | BASELINES, CHECKOUT(8, CHOICE_UNIFORM)},
    {"checkout-64", CASE_RATE, HOLDFAST | BIT(S_HF_INLINE) | BASELINES | SERVERS, CHECKOUT(64, CHOICE_UNIFORM)},
    {"checkout-512", CASE_RATE, HOLDFAST | BASELINES, CHECKOUT(512, CHOICE_UNIFORM)},
    {"checkout-4096", CASE_RATE, HOLDFAST | BASELINES | MASSES, CHECKOUT(4096, CHOICE_UNIFORM)},
    {"zipf-64", CASE_RATE, HOLDFAST | BASELINES | SERVERS, CHECKOUT(64, CHOICE_ZIPF)},
    {"zipf-4096", CASE_RATE, HOLDFAST | BASELINES, CHECKOUT(4096, CHOICE_ZIPF)},
    {"hot-1", CASE_RATE, HOLDFAST | BIT(S_HF_INLINE) | BASELINES, CHECKOUT(1, CHOICE_HOT)},
    {"hot-64", CASE_RATE, HOLDFAST | BASELINES | SERVERS, CHECKOUT(64, CHOICE_HOT)},
    {"hot-4096", CASE_RATE, HOLDFAST | BASELINES, CHECKOUT(4096, CHOICE_HOT)},
    {"two-phase-1", CASE_RATE, HOLDFAST | BIT(S_HF_INLINE) | BASELINES, EVEN(LOAD_TWO_PHASE, 1)},
    {"two-phase-64", CASE_RATE, HOLDFAST | BIT(S_HF_INLINE) | BASELINES, EVEN(LOAD_TWO_PHASE, 64)},
    {"two-phase-4096", CASE_RATE, HOLDFAST | BIT(S_HF_INLINE) | BASELINES, EVEN(LOAD_TWO_PHASE, 4096)},
    {"get-1", CASE_RATE, HOLDFAST, READ(LOAD_GET, 1, LOAD_CACHE_NONE)},
    {"get-64", CASE_RATE, HOLDFAST, READ(LOAD_GET, 64, LOAD_CACHE_NONE)},
    {"cached-64", CASE_RATE, HOLDFAST, READ(LOAD_GET, 64, LOAD_CACHE_ALL)},
    {"peek-64", CASE_RATE, HOLDFAST, READ(LOAD_PEEK, 64, LOAD_CACHE_ALL)},
    {"peeks-64", CASE_RATE, HOLDFAST, READ(LOAD_PEEK_MANY, 64, LOAD_CACHE_ALL)},
    {"get-zipf-64", CASE_RATE, HOLDFAST, READ_ZIPF(LOAD_GET, 64, LOAD_CACHE_NONE)},
    {"cached-zipf-64", CASE_RATE, HOLDFAST, READ_ZIPF(LOAD_GET, 64, LOAD_CACHE_ALL)},
    {"peek-zipf-64", CASE_RATE, HOLDFAST, READ_ZIPF(LOAD_PEEK, 64, LOAD_CACHE_ALL)},
    {"peeks-zipf-64", CASE_RATE, HOLDFAST, READ_ZIPF(LOAD_PEEK_MANY, 64, LOAD_CACHE_ALL)},
    {"list-1", CASE_RATE, HOLDFAST, EVEN(LOAD_LIST, 1)},
    {"list-64", CASE_RATE, HOLDFAST, EVEN(LOAD_LIST, 64)},
    {"open-500", CASE_RATE, HOLDFAST | BASELINES, OPEN(500)},
    {"open-5000", CASE_RATE, HOLDFAST | BASELINES, OPEN(5000)},
    {"open-20000", CASE_RATE, HOLDFAST | BASELINES, OPEN(20000)},
    {"burst", CASE_BURST, HOLDFAST | BASELINES, CHECKOUT(4096, CHOICE_UNIFORM)},
    {"growth", CASE_GROWTH, HOLDFAST | BIT(S_LMDB_10000) | BIT(S_SQLITE_10000), CHECKOUT(4096, CHOICE_UNIFORM)},
    {"expiry-steady", CASE_BACKLOG, HOLDFAST, BESIDE(2048, EXPIRY, 0)},
    {"expiry-0", CASE_BACKLOG, HOLDFAST, BESIDE(0, EXPIRY, 150000)},
    {"expiry-1", CASE_BACKLOG, HOLDFAST, BESIDE(1, EXPIRY, 150000)},
    {"expiry-64", CASE_BACKLOG, HOLDFAST, BESIDE(64, EXPIRY, 150000)},
    {"promotion-0", CASE_BACKLOG, HOLDFAST, BESIDE(0, PROMOTION, 28000)},
    {"promotion-1", CASE_BACKLOG, HOLDFAST, BESIDE(1, PROMOTION, 28000)},
    {"promotion-64", CASE_BACKLOG, HOLDFAST, BESIDE(64, PROMOTION, 28000)},
    {"restart", CASE_RESTART, HOLDFAST, CHECKOUT(4096, CHOICE_UNIFORM)},
};
/* clang-format on */

const uint32_t bench_case_count = sizeof(bench_cases) / sizeof(bench_cases[0]);
