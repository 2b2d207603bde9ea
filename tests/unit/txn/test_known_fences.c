/*
 * What users of other coordinators suffer from at the fence: the table that a participant with a
 * database of its own keeps, with the documented SQL (hf_barrier_decide), here in SQLite.
 */
#include "support/check_main.h"

#include <holdfast.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "fence.db"
#define START_MS  INT64_C(1700000000000)

static sqlite3 *db[2];
static int64_t purged_until_ms; /* rows of ids before that time are gone */

static int run(sqlite3 *on, const char *sql)
{
    return sqlite3_exec(on, sql, NULL, NULL, NULL);
}

static void setup(void)
{
    (void)remove(FILE_NAME);
    purged_until_ms = 0;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(sqlite3_open(FILE_NAME, &db[i]), SQLITE_OK);
    ck_assert_int_eq(run(db[0], "CREATE TABLE barriers (txn BLOB NOT NULL, branch INTEGER NOT NULL,"
                                " state INTEGER NOT NULL, attempt INTEGER NOT NULL,"
                                " epoch INTEGER NOT NULL, PRIMARY KEY (txn, branch))"),
                     SQLITE_OK);
}

static void teardown(void)
{
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(sqlite3_close(db[i]), SQLITE_OK);
}

static hf_id id_of(int64_t time_ms, const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(time_ms, text, &id), 0);
    return id;
}

static sqlite3_stmt *prepare(sqlite3 *on, const char *sql, const hf_id *txn)
{
    sqlite3_stmt *statement;
    ck_assert_int_eq(sqlite3_prepare_v2(on, sql, -1, &statement, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_bind_blob(statement, 1, txn->bytes, sizeof txn->bytes, SQLITE_STATIC),
                     SQLITE_OK);
    return statement;
}

static hf_barrier load(sqlite3 *on, const hf_id *txn)
{
    hf_barrier row = {.state = HF_BARRIER_NONE};
    sqlite3_stmt *read =
        prepare(on, "SELECT state, attempt, epoch FROM barriers WHERE txn = ? AND branch = 1", txn);
    if (sqlite3_step(read) == SQLITE_ROW)
        row = (hf_barrier){.state = (uint32_t)sqlite3_column_int(read, 0),
                           .attempt = (uint32_t)sqlite3_column_int(read, 1),
                           .epoch = (uint64_t)sqlite3_column_int64(read, 2)};
    sqlite3_finalize(read);
    return row;
}

/* What the statement says: SQLITE_DONE, or SQLITE_BUSY when another one is in the way. */
static int store(sqlite3 *on, const hf_id *txn, const hf_barrier *row)
{
    sqlite3_stmt *write =
        prepare(on,
                "INSERT INTO barriers VALUES (?, 1, ?, ?, ?) ON CONFLICT (txn, branch) DO UPDATE"
                " SET state = excluded.state, attempt = excluded.attempt, epoch = excluded.epoch",
                txn);
    sqlite3_bind_int(write, 2, (int)row->state);
    sqlite3_bind_int(write, 3, (int)row->attempt);
    sqlite3_bind_int64(write, 4, (int64_t)row->epoch);
    int code = sqlite3_step(write);
    sqlite3_finalize(write);
    return code;
}

/* A call in its own transaction: what hf_barrier_decide answers. */
static int call(sqlite3 *on, const hf_id *txn, uint32_t phase)
{
    hf_barrier next;
    if (phase == HF_PHASE_TRY && hf_id_time(txn) < purged_until_ms)
        return HF_BARRIER_REFUSE;
    ck_assert_int_eq(run(on, "BEGIN IMMEDIATE"), SQLITE_OK);
    hf_barrier row = load(on, txn);
    int what = hf_barrier_decide(&row, phase, 1, 1, &next);
    if (what == HF_BARRIER_DO || what == HF_BARRIER_SKIP)
        ck_assert_int_eq(store(on, txn, &next), SQLITE_DONE);
    ck_assert_int_eq(run(on, "COMMIT"), SQLITE_OK);
    return what;
}

/* Two cancels before their tries: the second one waits at its beginning, where it holds nothing. */
START_TEST(concurrent_cancels_do_not_deadlock_at_the_fence_table)
{
    const hf_id a = id_of(START_MS, "a");
    const hf_id b = _i == 0 ? id_of(START_MS, "b") : a; /* two transactions, or one twice */
    hf_barrier next;
    ck_assert_int_eq(run(db[0], "BEGIN IMMEDIATE"), SQLITE_OK);
    hf_barrier row = load(db[0], &a);
    ck_assert_int_eq(hf_barrier_decide(&row, HF_PHASE_CANCEL, 1, 1, &next), HF_BARRIER_SKIP);
    ck_assert_int_eq(run(db[1], "BEGIN IMMEDIATE"), SQLITE_BUSY);
    ck_assert_int_eq(store(db[0], &a, &next), SQLITE_DONE);
    ck_assert_int_eq(run(db[0], "COMMIT"), SQLITE_OK);
    ck_assert_int_eq(call(db[1], &b, HF_PHASE_CANCEL),
                     _i == 0 ? HF_BARRIER_SKIP : HF_BARRIER_REPEAT);
    ck_assert_uint_eq(load(db[1], &a).state, HF_BARRIER_NULL_CANCELLED);
    ck_assert_int_eq(call(db[0], &a, HF_PHASE_TRY), HF_BARRIER_REFUSE);
}
END_TEST

/* The control: without IMMEDIATE each of two cancels has what the other one needs. */
START_TEST(a_transaction_that_reads_before_it_locks_deadlocks)
{
    const hf_id a = id_of(START_MS, "a");
    const hf_id b = id_of(START_MS, "b");
    const hf_barrier row = {.state = HF_BARRIER_NULL_CANCELLED, .attempt = 1, .epoch = 1};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(run(db[i], "BEGIN"), SQLITE_OK);
        (void)load(db[i], i == 0 ? &a : &b);
    }
    ck_assert_int_eq(store(db[0], &a, &row), SQLITE_DONE);
    ck_assert_int_eq(store(db[1], &b, &row), SQLITE_BUSY);
    ck_assert_int_eq(run(db[0], "COMMIT"), SQLITE_BUSY);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(run(db[i], "ROLLBACK"), SQLITE_OK);
}
END_TEST

static int rows(void)
{
    sqlite3_stmt *count;
    ck_assert_int_eq(sqlite3_prepare_v2(db[0], "SELECT count(*) FROM barriers", -1, &count, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(count), SQLITE_ROW);
    int found = sqlite3_column_int(count, 0);
    sqlite3_finalize(count);
    return found;
}

/* An id begins with its time, so rows of that time go by key, and their tries are refused. */
START_TEST(the_barrier_table_is_purged_and_a_late_try_reserves_nothing)
{
    const hf_id old = id_of(START_MS, "old");
    const hf_id fresh = id_of(START_MS + 1000, "fresh");
    ck_assert_int_eq(call(db[0], &old, HF_PHASE_CANCEL), HF_BARRIER_SKIP);
    ck_assert_int_eq(call(db[0], &fresh, HF_PHASE_TRY), HF_BARRIER_DO);
    purged_until_ms = START_MS + 500;
    hf_id until = {{0}};
    for (int i = 0; i < 6; i++)
        until.bytes[i] = (uint8_t)(purged_until_ms >> (40 - 8 * i));
    sqlite3_stmt *purge = prepare(db[0], "DELETE FROM barriers WHERE txn < ?", &until);
    ck_assert_int_eq(sqlite3_step(purge), SQLITE_DONE);
    sqlite3_finalize(purge);
    ck_assert_int_eq(rows(), 1);
    ck_assert_int_eq(call(db[0], &old, HF_PHASE_TRY), HF_BARRIER_REFUSE);
    ck_assert_int_eq(call(db[0], &fresh, HF_PHASE_TRY), HF_BARRIER_REPEAT);
    ck_assert_int_eq(rows(), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_known_fences");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_loop_test(core, concurrent_cancels_do_not_deadlock_at_the_fence_table, 0, 2);
    tcase_add_test(core, a_transaction_that_reads_before_it_locks_deadlocks);
    tcase_add_test(core, the_barrier_table_is_purged_and_a_late_try_reserves_nothing);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
