/*
 * Opening a journal that was left behind: rows of older schemas, journals of newer ones, more than
 * memory takes, progress, and records that are whole and make no sense. The journal is written here
 * byte by byte; the disk and the store are in memory.
 */
#include "journal/segments/segment_walk.h"
#include "journal/state.h"
#include "model/codec.h"
#include "support/check_main.h"
#include "support/disk.h"
#include "support/fault.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/event.h>
#include <holdfast/payment.h>
#include <stdlib.h>
#include <string.h>

#define MIB         ((uint64_t)1 << 20)
#define ROWS        5000u /* of a large record */
#define BYTES_MAX   ((size_t)1 << 20)
#define ARENA_BYTES ((size_t)1 << 20)

static const hf__threads no_threads;
static uint8_t arena[ARENA_BYTES];

static struct {
    hf_test_random random;
    hf_env env;
    hf__fault fault;
    hf__segments segments; /* written by hand */
    hf__journal *journal;
    hf_store_error error;
    hf_store_caller caller;
    size_t arena_used;
    uint64_t last;     /* batch written */
    uint8_t *data;     /* the record being made */
    uint32_t bytes;    /* of it */
    uint32_t changes;  /* in it */
    uint64_t reported; /* times */
    uint64_t reported_done;
    uint64_t stop_at; /* that time is the last; 0: none */
} at;

static void *alloc(void *context, uint64_t bytes)
{
    (void)context;
    size_t from = at.arena_used;
    at.arena_used += (size_t)((bytes + 15) & ~(uint64_t)15);
    return at.arena_used <= ARENA_BYTES ? arena + from : NULL;
}

static int seeded(void *source, void *out, size_t bytes)
{
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)hf_test_next(source);
    return 0;
}

static void setup(void)
{
    memset(&at, 0, sizeof at);
    at.random.state = 3;
    disk_init(9);
    hf__env_init(&at.env);
    at.env.files = &disk_files;
    at.env.threads = &no_threads;
    at.env.random = seeded;
    at.env.random_source = &at.random;
    at.caller = (hf_store_caller){.alloc = alloc, .error = &at.error};
    at.data = malloc(BYTES_MAX);
    ck_assert_int_eq(hf__fault_init(&at.fault, hf_store_builtin("memory"), &at.env.allocator), 0);
}

static void teardown(void)
{
    if (at.journal != NULL)
        hf__journal_driver.close(at.journal);
    hf__fault_fini(&at.fault);
    free(at.data);
    disk_init(0);
}

/* ---- Writing by hand ------------------------------------------------------------------------- */

static uint32_t table_of(const char *name)
{
    const hf_schema *schema = hf_store_schema();
    uint32_t i = 0;
    while (strcmp(schema->tables[i]->name, name) != 0)
        i++;
    return i;
}

static void *open_below(void)
{
    const hf_store_config config = {.size = sizeof config,
                                    .location = "disk/store",
                                    .schema = hf_store_schema(),
                                    .allocator = &at.env.allocator,
                                    .log = at.env.log,
                                    .error = &at.error};
    void *store = NULL;
    ck_assert_int_eq(at.fault.driver.open(&config, &store), 0);
    return store;
}

static const hf_store_identity the_store = {
    .store = {{7}}, .incarnation = 1, .journal = 77, .segment = 1, .flags = HF_STORE_OPEN};

static void commit_below(const hf_store_mark *mark)
{
    void *store = open_below();
    void *txn = NULL;
    ck_assert_int_eq(at.fault.driver.begin(store, HF_TXN_WRITE, &at.caller, &txn), 0);
    ck_assert_int_eq(at.fault.driver.commit(txn, mark), 0);
    at.fault.driver.close(store);
}

/* The store says that the journal is its own. */
static void begin_journal(uint32_t schema)
{
    commit_below(&(hf_store_mark){.identity = the_store});
    ck_assert_int_eq(hf__segments_init(&at.segments, &at.env, "disk/store", MIB, schema), 0);
    ck_assert_int_eq(hf__segments_find(&at.segments), 0);
    at.segments.owner = the_store;
}

static void end_journal(void)
{
    hf__segments_fini(&at.segments, false);
}

static void begin_record(void)
{
    at.bytes = HF__RECORD_HEAD;
    at.changes = 0;
}

static void end_record(void)
{
    const hf__record_head head = {.batch = at.last + 1,
                                  .after = at.last,
                                  .time_ms = (int64_t)at.last + 1,
                                  .bytes = at.bytes - HF__RECORD_HEAD,
                                  .count = at.changes};
    const hf__record_piece piece = {.data = at.data, .bytes = at.bytes};
    ck_assert_int_eq(hf__segments_append(&at.segments, &head, &piece, 1), 0);
    ck_assert_int_eq(hf__segments_flush(&at.segments), 0);
    at.last++;
}

/* A row as a library of that table's definition wrote it, under a table's number. */
static void add_change(const hf_table *table, uint32_t id, const void *row)
{
    uint8_t key[HF__KEY_MAX];
    uint8_t bytes[1024];
    hf__change_view view = {.table = id, .is_new = true};
    view.key_bytes = hf__key_encode(table, 0, row, HF__KEY_ALL, key);
    view.row_bytes = (uint32_t)hf__row_encode(table, row, bytes, sizeof bytes);
    uint8_t *to = at.data + at.bytes;
    uint32_t head = hf__change_head_write(to, &view);
    memcpy(to + head, key, view.key_bytes);
    memcpy(to + head + view.key_bytes, bytes, view.row_bytes);
    at.bytes += head + view.key_bytes + view.row_bytes;
    at.changes++;
}

static hf_cursor cursor_of(uint32_t number)
{
    hf_cursor row;
    memset(&row, 0, sizeof row);
    (void)snprintf(row.consumer.text, sizeof row.consumer.text, "consumer-%06u", number);
    row.seq = number + 1;
    return row;
}

static void add_cursor(uint32_t number)
{
    const hf_table *table = hf_store_schema()->tables[table_of("cursors")];
    hf_cursor row = cursor_of(number);
    add_change(table, table->id, &row);
}

/* So many records of ROWS cursors each. */
static void write_cursors(uint32_t records)
{
    begin_journal(hf_store_schema()->version);
    for (uint32_t r = 0; r < records; r++) {
        begin_record();
        for (uint32_t i = 0; i < ROWS; i++)
            add_cursor(r * ROWS + i);
        end_record();
    }
    end_journal();
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int progress(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    ck_assert(done >= at.reported_done && done <= total);
    at.reported_done = done;
    at.reported++;
    return at.reported == at.stop_at;
}

static int open_journal(uint64_t bytes_max)
{
    at.error = (hf_store_error){0};
    at.arena_used = 0;
    const hf_store_config store = {
        .size = sizeof store,
        .location = "disk/store",
        .schema = hf_store_schema(),
        .allocator = &at.env.allocator,
        .log = at.env.log,
        .error = &at.error,
        .progress = progress,
    };
    const hf__journal_config config = {
        .env = &at.env, .inner = &at.fault.driver, .store = &store, .bytes_max = bytes_max};
    return hf__journal_open(&config, &at.journal);
}

static void *snapshot(void)
{
    void *txn = NULL;
    ck_assert_int_eq(hf__journal_driver.begin(at.journal, HF_TXN_SNAPSHOT, &at.caller, &txn), 0);
    return txn;
}

/* The cursors 0..count-1 are there and no others. */
static void has_cursors(uint32_t count)
{
    hf_table_stat tables[HF__JOURNAL_TABLES] = {{0}};
    hf_store_stat stat = {.tables = tables, .table_count = HF__JOURNAL_TABLES};
    void *txn = snapshot();
    ck_assert_int_eq(hf__journal_driver.stat(txn, &stat), 0);
    ck_assert_uint_eq(stat.tables[table_of("cursors")].rows, count);
    for (uint32_t i = 0; i < count; i += 97) {
        hf_cursor row = cursor_of(i);
        void *place = &row;
        uint8_t found = 0;
        row.seq = 0;
        ck_assert_int_eq(hf__journal_driver.get(txn, table_of("cursors"), &place, &found, 1), 0);
        ck_assert(found == 1 && row.seq == i + 1);
    }
    hf__journal_driver.rollback(txn);
}

/* The store below has nothing of any table. */
static void store_is_empty(void)
{
    hf_table_stat tables[HF__JOURNAL_TABLES] = {{0}};
    hf_store_stat stat = {.tables = tables, .table_count = HF__JOURNAL_TABLES};
    const hf_store_driver *inner = &at.fault.driver;
    void *store = open_below();
    void *txn = NULL;
    ck_assert_int_eq(inner->begin(store, HF_TXN_SNAPSHOT, &at.caller, &txn), 0);
    ck_assert_int_eq(inner->stat(txn, &stat), 0);
    ck_assert_uint_eq(stat.mark.batch, 0);
    for (uint32_t t = 0; t < hf_store_schema()->table_count; t++)
        ck_assert_uint_eq(stat.tables[t].rows, 0);
    inner->rollback(txn);
    inner->close(store);
}

static void is_refused(int error, const char *text)
{
    ck_assert_int_eq(open_journal(64 * MIB), error);
    ck_assert_ptr_null(at.journal);
    ck_assert_msg(strstr(at.error.text, text) != NULL, "%s: should have '%s'", at.error.text, text);
    ck_assert_ptr_nonnull(strstr(at.error.text, "disk/store.journal/segment-01"));
    store_is_empty();
}

/* ---- How much -------------------------------------------------------------------------------- */

START_TEST(everything_is_read_back_and_nothing_is_written_to_the_store)
{
    write_cursors(10);
    ck_assert_int_eq(open_journal(64 * MIB), 0);
    ck_assert_uint_eq(at.journal->checkpoints, 0);
    ck_assert_uint_eq(at.journal->stored.batch, 0);
    ck_assert_uint_eq(at.journal->committed.batch, 10);
    has_cursors(10 * ROWS);
}
END_TEST

START_TEST(a_journal_larger_than_memory_goes_to_the_store_on_the_way)
{
    write_cursors(10);
    ck_assert_int_eq(open_journal(64 << 10), 0);
    ck_assert_uint_gt(at.journal->checkpoints, 5);
    has_cursors(10 * ROWS);
    hf__journal_driver.close(at.journal);
    ck_assert_int_eq(open_journal(64 << 10), 0);
    ck_assert_uint_eq(disk_bytes("disk/store.journal/segment-01"), 0);
    has_cursors(10 * ROWS);
}
END_TEST

START_TEST(a_store_that_takes_nothing_meanwhile_is_an_error_and_nothing_is_lost)
{
    write_cursors(10);
    hf__fault_arm(&at.fault, &(hf__fault_plan){.at = 1,
                                               .kind = HF__FAULT_FAIL,
                                               .calls = 1u << HF__FAULT_COMMIT,
                                               .error = HF_E_NO_SPACE});
    ck_assert_int_eq(open_journal(64 << 10), HF_E_NO_SPACE);
    ck_assert_int_eq(open_journal(64 << 10), 0);
    has_cursors(10 * ROWS);
}
END_TEST

START_TEST(progress_is_reported)
{
    write_cursors(40);
    ck_assert_int_eq(open_journal(64 * MIB), 0);
    ck_assert_uint_ge(at.reported, 3);
}
END_TEST

START_TEST(an_open_that_was_cancelled_may_be_done_again)
{
    write_cursors(40);
    at.stop_at = 2;
    ck_assert_int_eq(open_journal(64 * MIB), HF_E_CANCELLED);
    ck_assert_uint_eq(at.reported, 2);
    store_is_empty();
    at.reported_done = 0;
    ck_assert_int_eq(open_journal(64 * MIB), 0);
    has_cursors(40 * ROWS);
}
END_TEST

/* ---- Schemas --------------------------------------------------------------------------------- */

static hf_fact some_fact(void)
{
    hf_fact row;
    memset(&row, 0, sizeof row);
    (void)snprintf(row.provider.text, sizeof row.provider.text, "bank");
    (void)snprintf(row.fact_ref.text, sizeof row.fact_ref.text, "R-1");
    (void)snprintf(row.unit.text, sizeof row.unit.text, "EUR");
    row.amount = 1250;
    row.kind = HF_FACT_REFUNDED;
    row.at_ms = 77;
    return row;
}

static void fact_is_there(void)
{
    hf_fact wanted = some_fact();
    hf_fact row = wanted;
    void *place = &row;
    uint8_t found = 0;
    void *txn = snapshot();
    row.amount = 0;
    row.at_ms = 0;
    memset(&row.unit, 0, sizeof row.unit);
    memset(&row.txn, 0xa5, sizeof row.txn);
    ck_assert_int_eq(hf__journal_driver.get(txn, table_of("facts"), &place, &found, 1), 0);
    ck_assert_int_eq(found, 1);
    ck_assert_mem_eq(&row, &wanted, sizeof row);
    hf__journal_driver.rollback(txn);
}

START_TEST(rows_of_an_older_schema_get_the_columns_that_came_since)
{
    hf_table older = *hf_store_schema()->tables[table_of("facts")];
    older.column_count = hf__columns_at(&older, 2);
    ck_assert_uint_lt(older.column_count,
                      hf_store_schema()->tables[table_of("facts")]->column_count);
    hf_fact row = some_fact();
    memset(&row.txn, 7, sizeof row.txn); /* it did not know this column */
    begin_journal(2);
    begin_record();
    add_change(&older, older.id, &row);
    end_record();
    end_journal();
    ck_assert_int_eq(open_journal(64 * MIB), 0);
    fact_is_there();
    ck_assert_int_eq(hf__journal_checkpoint(at.journal, NULL), 0);
    fact_is_there();
}
END_TEST

START_TEST(a_journal_of_a_newer_schema_that_the_store_lacks_is_refused)
{
    const hf_table *facts = hf_store_schema()->tables[table_of("facts")];
    hf_fact row = some_fact();
    begin_journal(hf_store_schema()->version + 1);
    begin_record();
    add_change(facts, _i == 0 ? facts->id : 200, &row); /* a table that came since */
    end_record();
    end_journal();
    char text[80];
    (void)snprintf(text, sizeof text, "written with schema %u, this library knows %u",
                   hf_store_schema()->version + 1, hf_store_schema()->version);
    is_refused(HF_E_SCHEMA, text);
}
END_TEST

START_TEST(nothing_of_a_newer_schema_comes_into_the_store_when_memory_is_short)
{
    begin_journal(hf_store_schema()->version + 1);
    for (uint32_t r = 0; r < 4; r++) {
        begin_record();
        for (uint32_t i = 0; i < ROWS; i++)
            add_cursor(r * ROWS + i);
        end_record();
    }
    end_journal();
    ck_assert_int_eq(open_journal(64 << 10), HF_E_SCHEMA);
    store_is_empty();
}
END_TEST

START_TEST(a_journal_of_a_newer_schema_that_the_store_has_is_no_matter)
{
    begin_journal(hf_store_schema()->version + 1);
    begin_record();
    add_cursor(1);
    end_record();
    end_journal();
    commit_below(&(hf_store_mark){.batch = 1, .time_ms = 1});
    ck_assert_int_eq(open_journal(64 * MIB), 0);
    has_cursors(0);
}
END_TEST

/* ---- Records that are whole and make no sense ------------------------------------------------ */

static void spoil_table(void)
{
    at.data[HF__RECORD_HEAD] = 200;
}

static void spoil_flags(void)
{
    at.data[HF__RECORD_HEAD + 1] = 0x80;
}

static void spoil_length(void)
{
    at.data[HF__RECORD_HEAD + 2] = 0xff;
}

static void spoil_count(void)
{
    at.changes++;
}

static void spoil_end(void)
{
    at.bytes += 8;
}

static const struct {
    void (*apply)(void);
    const char *text;
} spoilt[] = {
    {spoil_table, "batch 1: names a table that this version does not know"},
    {spoil_flags, "batch 1: its changes are no such changes"},
    {spoil_length, "batch 1: its changes are no such changes"},
    {spoil_count, "batch 1: its changes are no such changes"},
    {spoil_end, "batch 1: it has bytes behind its changes"},
};
#define SPOILT ((int)(sizeof spoilt / sizeof spoilt[0]))

START_TEST(a_record_that_makes_no_sense_is_refused_with_its_batch)
{
    begin_journal(hf_store_schema()->version);
    begin_record();
    memset(at.data, 0, 4096);
    add_cursor(1);
    spoilt[_i].apply();
    end_record();
    end_journal();
    is_refused(HF_E_CORRUPT, spoilt[_i].text);
}
END_TEST

START_TEST(an_older_row_that_is_none_is_refused)
{
    hf_table older = *hf_store_schema()->tables[table_of("facts")];
    older.column_count = hf__columns_at(&older, 2);
    hf_fact row = some_fact();
    begin_journal(2);
    begin_record();
    add_change(&older, older.id, &row);
    at.bytes -= at.data[HF__RECORD_HEAD + 3]; /* not even its flags are left */
    at.data[HF__RECORD_HEAD + 3] = 0;
    end_record();
    end_journal();
    is_refused(HF_E_CORRUPT, "batch 1: a row of an older version is none");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_replay");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, everything_is_read_back_and_nothing_is_written_to_the_store);
    tcase_add_test(core, a_journal_larger_than_memory_goes_to_the_store_on_the_way);
    tcase_add_test(core, a_store_that_takes_nothing_meanwhile_is_an_error_and_nothing_is_lost);
    tcase_add_test(core, progress_is_reported);
    tcase_add_test(core, an_open_that_was_cancelled_may_be_done_again);
    tcase_add_test(core, rows_of_an_older_schema_get_the_columns_that_came_since);
    tcase_add_loop_test(core, a_journal_of_a_newer_schema_that_the_store_lacks_is_refused, 0, 2);
    tcase_add_test(core, nothing_of_a_newer_schema_comes_into_the_store_when_memory_is_short);
    tcase_add_test(core, a_journal_of_a_newer_schema_that_the_store_has_is_no_matter);
    tcase_add_loop_test(core, a_record_that_makes_no_sense_is_refused_with_its_batch, 0, SPOILT);
    tcase_add_test(core, an_older_row_that_is_none_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
