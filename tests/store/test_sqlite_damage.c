/*
 * Damaged files: whatever byte of a SQLite store changes, no wrong row is ever served, a row that
 * is lost is noticed by the check, and no signal ends the process.
 */
#include "sqlite_use.h"
#include "support/endless.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAMAGES 750

/* How a child that used a damaged file ended. */
enum { REFUSED = 10, NOTICED = 11, HARMLESS = 12, WRONG_ROW = 13, UNNOTICED = 14 };

typedef struct damage {
    size_t offset;
    uint32_t bytes;
    uint8_t content[64];
} damage;

/* A byte, a few, a cut-out of zeros, a piece of elsewhere; often where the declarations stand. */
static damage random_damage(hf_test_random *random, const uint8_t *file, size_t bytes)
{
    static const uint32_t lengths[] = {1, 1, 1, 2, 8, 64};
    damage d = {.bytes = lengths[hf_test_below(random, 6)]};
    const size_t limit = hf_test_below(random, 5) == 0 ? 4096 : bytes;
    d.offset = hf_test_below(random, (uint32_t)(limit - d.bytes));
    const uint32_t kind = hf_test_below(random, 3);
    const size_t from = hf_test_below(random, (uint32_t)(bytes - d.bytes));
    for (uint32_t i = 0; i < d.bytes; i++) {
        if (kind == 0)
            d.content[i] = file[d.offset + i] ^ (uint8_t)(1u << hf_test_below(random, 8));
        else if (kind == 1)
            d.content[i] = (uint8_t)hf_test_next(random);
        else
            d.content[i] = d.bytes > 8 ? file[from + i] : 0;
    }
    return d;
}

static const void *original(const use_rows *rows, const void *key)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        if (use_compare_keys(rows->table, 0, use_row(rows, i), key) == 0)
            return use_row(rows, i);
    }
    return NULL;
}

/* Reads a table by one index: the rows served, -1 when it was refused, -2 for a wrong row. */
static int read_index(void *txn, uint32_t table, uint32_t index, const use_rows *rows)
{
    static uint8_t memory[256 * USE_ROW_BYTES];
    static void *found[256];
    const hf_scan scan = {.table = table, .index = index};
    uint32_t count = 256;
    for (uint32_t i = 0; i < count; i++)
        found[i] = memory + (size_t)i * USE_ROW_BYTES;
    if (hf__sqlite_driver.scan(txn, &scan, found, &count) != 0)
        return -1;
    for (uint32_t i = 0; i < count; i++) {
        const void *expected = original(rows, found[i]);
        if (expected == NULL || !use_same_row(rows->table, expected, found[i]))
            return -2;
    }
    return (int)count;
}

/* Every row by its key: 0, -1 when refused or lost, -2 for a wrong one. */
static int read_keys(void *txn, uint32_t table, const use_rows *rows)
{
    uint8_t row[USE_ROW_BYTES];
    int result = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        uint8_t found = 0;
        memcpy(row, use_row(rows, i), sizeof row);
        if (hf__sqlite_driver.get(txn, table, (void *[]){row}, &found, 1) != 0 || !found)
            result = -1;
        else if (!use_same_row(rows->table, row, use_row(rows, i)))
            return -2;
    }
    return result;
}

static int use_damaged(const char *path, uint32_t check, const use_rows all[HF__TABLE_COUNT])
{
    void *store = NULL;
    void *txn = NULL;
    bool lost = false;
    if (use_try_open(path, check, &store) != 0)
        return REFUSED;
    use_used = 0;
    if (hf__sqlite_driver.begin(store, HF_TXN_SNAPSHOT, &use_caller, &txn) != 0)
        return REFUSED;
    for (uint32_t t = 0; t < HF__TABLE_COUNT; t++) {
        for (uint32_t index = 0; index <= all[t].table->index_count; index++) {
            uint32_t expected = 0;
            for (uint32_t i = 0; i < all[t].count; i++)
                expected += index == 0 || hf__index_has(all[t].table, index, use_row(&all[t], i));
            const int served = read_index(txn, t, index, &all[t]);
            if (served == -2)
                return WRONG_ROW;
            lost = lost || served != (int)expected;
        }
        const int served = read_keys(txn, t, &all[t]);
        if (served == -2)
            return WRONG_ROW;
        lost = lost || served != 0;
    }
    const int checked = hf__sqlite_driver.check(txn, NULL, NULL);
    if (checked != 0)
        return NOTICED;
    return lost ? UNNOTICED : HARMLESS;
}

static int in_child(const char *path, uint32_t check, const use_rows all[HF__TABLE_COUNT])
{
    const pid_t child = fork();
    if (child == 0) {
        static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, ENDLESS_SIGNAL};
        for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
            (void)signal(signals[i], SIG_DFL);
        endless_after(20);
        _exit(use_damaged(path, check, all));
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

START_TEST(no_damage_serves_a_wrong_row_or_ends_the_process)
{
    hf_test_random random = hf_test_seed();
    use_rows all[HF__TABLE_COUNT];
    uint32_t ends[256] = {0};
    size_t bytes = 0;
    use_fill("good.db", &random, 30, all);
    uint8_t *file = use_read_file("good.db", &bytes);
    for (uint32_t i = 0; i < DAMAGES; i++) {
        const damage d = random_damage(&random, file, bytes);
        uint8_t kept[64];
        memcpy(kept, file + d.offset, d.bytes);
        memcpy(file + d.offset, d.content, d.bytes);
        use_remove("bad.db");
        use_write_file("bad.db", file, bytes);
        const int end = in_child("bad.db", i % 2 == 0 ? HF_CHECK_QUICK : HF_CHECK_FULL, all);
        ck_assert_msg(end == REFUSED || end == NOTICED || end == HARMLESS,
                      "damage %u at %zu of %u bytes: %d", i, d.offset, d.bytes, end);
        ends[end]++;
        memcpy(file + d.offset, kept, d.bytes);
    }
    (void)fprintf(stderr, "%d damages: %u refused at open, %u noticed, %u harmless\n", DAMAGES,
                  ends[REFUSED], ends[NOTICED], ends[HARMLESS]);
    free(file);
    use_free_all(all);
}
END_TEST

START_TEST(a_file_cut_short_anywhere_is_refused)
{
    hf_test_random random = hf_test_seed();
    use_rows all[HF__TABLE_COUNT];
    size_t bytes = 0;
    use_fill("whole.db", &random, 20, all);
    uint8_t *file = use_read_file("whole.db", &bytes);
    for (size_t cut = 0; cut < bytes; cut += 1 + hf_test_below(&random, 8000)) {
        use_remove("cut.db");
        use_write_file("cut.db", file, cut);
        ck_assert_int_eq(in_child("cut.db", HF_CHECK_QUICK, all), REFUSED);
    }
    free(file);
    use_free_all(all);
}
END_TEST

/* The negative control: without the checksum the same changes would be served. */
START_TEST(a_changed_value_of_the_right_type_is_seen_by_its_checksum)
{
    static const char *const changes[] = {
        "UPDATE accounts SET balance = balance + 1",
        "UPDATE orders SET state = CASE state WHEN 'CLOSED' THEN 'NONE' ELSE 'CLOSED' END",
        "UPDATE orders SET meta = x'00'",
        "UPDATE payments SET deadline = ifnull(deadline, 0) + 1",
        "UPDATE holds SET id = randomblob(16)",
        "UPDATE facts SET crc = crc + 1",
        "DELETE FROM events WHERE seq = (SELECT min(seq) FROM events)",
        "INSERT INTO units VALUES ('new', 1, 1)",
    };
    hf_test_random random = hf_test_seed();
    use_rows all[HF__TABLE_COUNT];
    void *store = NULL;
    use_remove("value.db");
    use_fill("value.db", &random, 20, all);
    ck_assert_int_eq(use_sql("value.db", changes[_i]), SQLITE_OK);
    use_refused(use_try_open("value.db", HF_CHECK_FULL, &store), HF_E_CORRUPT);
    use_ok(use_try_open("value.db", HF_CHECK_QUICK, &store));
    void *txn = use_begin(store, HF_TXN_SNAPSHOT);
    use_refused(hf__sqlite_driver.check(txn, NULL, NULL), HF_E_CORRUPT);
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
    use_free_all(all);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite_damage");
    TCase *core = tcase_create("core");
    tcase_add_test(core, no_damage_serves_a_wrong_row_or_ends_the_process);
    tcase_add_test(core, a_file_cut_short_anywhere_is_refused);
    tcase_add_loop_test(core, a_changed_value_of_the_right_type_is_seen_by_its_checksum, 0, 8);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
