/*
 * Files of an older schema: what was added since (tables, columns, indexes, enum names) and what
 * was renamed since (columns, enum names, numbers that got names) is brought in at open, in one
 * transaction, and the file is then as a new one would be.
 */
#include "model/column.h"
#include "sqlite_use.h"

#include <stddef.h>

/* A shop of a few tables, as this version declares it and as two older ones did. */
typedef struct thing {
    hf_id id;
    hf_name name;
    hf_name colour; /* since 2 */
    int64_t price;
    int64_t due_ms; /* since 2 */
    uint64_t seen;  /* since 2 */
    uint32_t state;
    uint32_t flags; /* since 2 */
    uint32_t sort;  /* a number, since 2 with names */
    uint32_t unused;
    const void *note;
    uint64_t note_bytes;
} thing;

typedef struct entry {
    uint64_t seq;
    hf_name text;
} entry;

static const char *const states_1[] = {"NEW", "USED", NULL};
static const char *const states_2[] = {"NEW", "WORN", "BROKEN", NULL};
static const char *const sorts_2[] = {"FIRST", NULL, "THIRD", NULL};

/* clang-format off */
static const hf_column price_1 = COLUMN_RENAMED(1, thing, price, "price", I64, "worth");
#define PRICE_2 \
    {.name = "cost", .type = HF_COLUMN_I64, .offset = offsetof(thing, price), .renamed = 2, \
     .was = &price_1}

static const hf_column things_1[] = {
    COLUMN(thing, id, "id", ID), COLUMN(thing, name, "name", NAME),
    COLUMN(thing, price, "price", I64), ENUM_COLUMN(thing, state, "state", states_1),
    COLUMN(thing, note, "note", BYTES), COLUMN(thing, sort, "sort", U32),
};
static const hf_column things_2[] = {
    COLUMN(thing, id, "id", ID), COLUMN(thing, flags, "flags", U32),
    COLUMN(thing, name, "name", NAME), COLUMN(thing, colour, "colour", NAME),
    PRICE_2, ENUM_COLUMN_RENAMED(2, thing, state, "state", states_2, states_1),
    COLUMN(thing, note, "note", BYTES), NAMED_COLUMN_SINCE(2, thing, sort, "sort", sorts_2),
    COLUMN(thing, due_ms, "due", TIME), COLUMN(thing, seen, "seen", U64),
};
static const hf_column entry_columns[] = {
    COLUMN(entry, seq, "seq", U64), COLUMN(entry, text, "text", NAME),
};
static const uint8_t first[] = {0};
static const uint8_t name_1[] = {1};
static const uint8_t name_2[] = {2};
static const uint8_t due_2[] = {8};
static const hf_index indexes_1[] = {
    {.name = "things_name", .columns = name_1, .column_count = 1, .where_column = -1},
};
static const hf_index indexes_2[] = {
    {.name = "things_name", .columns = name_2, .column_count = 1, .where_column = 2},
    {.name = "things_due", .columns = due_2, .column_count = 1, .where_column = 8},
};
#define TABLE(number, title, record, cols, keys, inds, count) \
    {.name = (title), .id = (number), .row_bytes = sizeof(record), .columns = (cols), .key = (keys), \
     .indexes = (inds), .column_count = sizeof(cols) / sizeof((cols)[0]), .key_count = 1, \
     .index_count = (count)}

static const hf_table table_1 = TABLE(1, "things", thing, things_1, first, indexes_1, 1);
static const hf_table table_2 = TABLE(1, "things", thing, things_2, first, indexes_2, 2);
static const hf_table entries = TABLE(2, "entries", entry, entry_columns, first, NULL, 0);
static const hf_table added = TABLE(3, "added", entry, entry_columns, first, NULL, 0);

static const hf_table *const list_1[] = {&table_1, &entries};
static const hf_table *const list_2[] = {&table_2, &entries, &added};
static const hf_schema schema_1 = {.version = 1, .table_count = 2, .tables = list_1};
static const hf_schema schema_2 = {.version = 2, .table_count = 3, .tables = list_2};
/* clang-format on */

static int open_as(const char *path, const hf_schema *schema, hf_progress_cb progress, void **store)
{
    hf_store_config config = use_config(path, schema);
    config.progress = progress;
    config.check = HF_CHECK_FULL;
    config.durability = HF_DURABILITY_NONE;
    memset(&use_error, 0, sizeof use_error);
    return hf__sqlite_driver.open(&config, store);
}

static thing thing_of(uint32_t n)
{
    static const char note[] = "a note";
    thing row = {.price = (int64_t)n - 3,
                 .state = n % 2,
                 .sort = n % 2 * 2,
                 .note = note,
                 .note_bytes = n % 7};
    memset(row.id.bytes, (int)(n >> 8), sizeof row.id.bytes);
    row.id.bytes[15] = (uint8_t)n;
    if (n % 5 != 0)
        (void)snprintf(row.name.text, sizeof row.name.text, "thing %u", n);
    if (row.note_bytes == 0)
        row.note = NULL;
    return row;
}

#define THINGS 2500u

/* A file of schema 1. */
static void make_old(const char *path)
{
    void *store = NULL;
    use_remove(path);
    use_ok(open_as(path, &schema_1, NULL, &store));
    void *txn = use_begin(store, HF_TXN_WRITE);
    for (uint32_t n = 0; n < THINGS; n++) {
        const thing row = thing_of(n);
        const entry line = {.seq = n + 1, .text = {"line"}};
        use_put(txn, 0, &row, NULL);
        use_put(txn, 1, &line, NULL);
    }
    use_commit(txn, 17);
    hf__sqlite_driver.close(store);
}

static char *declarations(const char *path)
{
    static char text[2][20000];
    static uint32_t turn;
    char *out = text[turn++ % 2];
    use_query(path,
              "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' "
              "ORDER BY type, name",
              out, sizeof text[0]);
    return out;
}

static void check_things(void *store)
{
    void *txn = use_begin(store, HF_TXN_SNAPSHOT);
    hf_table_stat counts[3];
    hf_store_stat stat = {.tables = counts, .table_count = 3};
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    use_ok(hf__sqlite_driver.stat(txn, &stat));
    ck_assert_uint_eq(stat.schema, 2);
    ck_assert_uint_eq(stat.mark.batch, 17);
    ck_assert_uint_eq(counts[0].rows, THINGS);
    ck_assert_uint_eq(counts[1].rows, THINGS);
    ck_assert_uint_eq(counts[2].rows, 0);
    for (uint32_t n = 0; n < THINGS; n++) {
        const thing expected = thing_of(n);
        thing row = expected;
        uint8_t found = 0;
        row.price = row.due_ms = 77;
        use_ok(hf__sqlite_driver.get(txn, 0, (void *[]){&row}, &found, 1));
        ck_assert_uint_eq(found, 1);
        ck_assert(use_same_row(&table_2, &row, &expected));
    }
    hf__sqlite_driver.rollback(txn);
}

START_TEST(what_was_added_since_is_brought_in_at_open)
{
    void *store = NULL;
    make_old("old.db");
    use_remove("new.db");
    use_ok(open_as("new.db", &schema_2, NULL, &store));
    hf__sqlite_driver.close(store);
    use_ok(open_as("old.db", &schema_2, NULL, &store));
    check_things(store);
    thing row = thing_of(THINGS);
    row.state = 2; /* a name that the old table would refuse */
    row.due_ms = 5;
    void *txn = use_begin(store, HF_TXN_WRITE);
    use_put(txn, 0, &row, NULL);
    use_commit(txn, 18);
    hf__sqlite_driver.close(store);
    ck_assert_str_eq(declarations("old.db"), declarations("new.db"));
    char answer[60];
    use_query("old.db", "PRAGMA user_version", answer, sizeof answer);
    ck_assert_str_eq(answer, "2;");
    use_query("old.db", "SELECT sum(cost), state, sort FROM things GROUP BY 2, 3", answer,
              sizeof answer);
    ck_assert_str_eq(answer, "2497|BROKEN|FIRST;1557500|NEW|FIRST;1558750|WORN|THIRD;");
    use_ok(open_as("old.db", &schema_2, NULL, &store)); /* and only once */
    hf__sqlite_driver.close(store);
    use_refused(open_as("old.db", &schema_1, NULL, &store), HF_E_SCHEMA);
}
END_TEST

typedef struct refusal {
    const char *title;
    const char *change; /* to the file of schema 1 */
    bool stop;          /* or the progress callback stops it */
    int32_t error;
} refusal;

static const refusal refusals[] = {
    {"a row was changed", "UPDATE things SET price = price + 1 WHERE price = 7", false,
     HF_E_CORRUPT},
    {"a row was removed", "DELETE FROM things WHERE price = 7", false, HF_E_CORRUPT},
    {"an unknown column", "ALTER TABLE things ADD COLUMN weight INTEGER", false, HF_E_CORRUPT},
    {"an unknown table", "CREATE TABLE weights (weight)", false, HF_E_CORRUPT},
    {"a column was dropped",
     "DROP INDEX things_name; DROP VIEW v_things; "
     "ALTER TABLE things DROP COLUMN price",
     false, HF_E_CORRUPT},
    {"a trigger", "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END", false,
     HF_E_CORRUPT},
    {"the host stops it", "SELECT 1", true, HF_E_CANCELLED},
};

static int stop(void *data, uint64_t done, uint64_t total)
{
    (void)data;
    (void)total;
    return done > 0;
}

START_TEST(a_migration_that_fails_leaves_the_old_file)
{
    const refusal *r = &refusals[_i];
    char before[100];
    char after[100];
    void *store = NULL;
    make_old("kept.db");
    ck_assert_int_eq(use_sql("kept.db", r->change), SQLITE_OK);
    char *old = declarations("kept.db");
    use_query("kept.db", "SELECT count(*), sum(crc) FROM things", before, sizeof before);
    const int error = open_as("kept.db", &schema_2, r->stop ? stop : NULL, &store);
    ck_assert_msg(error == r->error, "%s: %s: %s", r->title, hf_error_name(error), use_error.text);
    use_query("kept.db", "SELECT count(*), sum(crc) FROM things", after, sizeof after);
    ck_assert_str_eq(before, after);
    ck_assert_str_eq(old, declarations("kept.db"));
    use_query("kept.db", "PRAGMA user_version", after, sizeof after);
    ck_assert_str_eq(after, "1;");
}
END_TEST

START_TEST(a_copy_of_an_older_schema_is_restored_and_migrated_later)
{
    void *store = NULL;
    make_old("copy.db");
    use_remove("back.db");
    hf_store_config config = use_config("back.db", &schema_2);
    use_ok(hf__sqlite_driver.restore("copy.db", &config));
    use_ok(open_as("back.db", &schema_2, NULL, &store));
    check_things(store);
    hf__sqlite_driver.close(store);
}
END_TEST

/* Versions up to schema 3 locked this file instead of the store's. */
START_TEST(a_file_that_an_older_version_has_open_is_not_migrated)
{
    void *store = NULL;
    int fd = -1;
    make_old("used.db");
    ck_assert_int_eq(hf__os_files.open("used.db.lock", HF__OPEN_CREATE, &fd, NULL), 0);
    ck_assert_int_eq(hf__os_files.lock(fd, NULL), 0);
    use_refused(open_as("used.db", &schema_2, NULL, &store), HF_E_LOCKED);
    hf__os_files.close(fd);
    use_ok(open_as("used.db", &schema_2, NULL, &store));
    check_things(store);
    hf__sqlite_driver.close(store);
    ck_assert_int_eq(hf__os_files.open("used.db.lock", HF__OPEN_CREATE, &fd, NULL), 0);
    ck_assert_int_eq(hf__os_files.lock(fd, NULL), 0);
    use_ok(open_as("used.db", &schema_2, NULL, &store)); /* from then on it means nothing */
    hf__sqlite_driver.close(store);
    hf__os_files.close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite_migrate");
    TCase *core = tcase_create("core");
    tcase_add_test(core, what_was_added_since_is_brought_in_at_open);
    tcase_add_loop_test(core, a_migration_that_fails_leaves_the_old_file, 0,
                        (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(core, a_file_that_an_older_version_has_open_is_not_migrated);
    tcase_add_test(core, a_copy_of_an_older_schema_is_restored_and_migrated_later);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
