/*
 * dump_rows.c - prints every row of a store, a line each, in the columns that schema 3 has.
 *
 * Usage: dump_rows SCHEME PATH, e.g. dump_rows lmdb shop. A line is the table's name, then each
 * value behind a '|': numbers, enums and times in decimal, ids, hashes and bytes in hexadecimal,
 * names as they are. Columns that the engine's clock fills are left out, and so are the tables that
 * say which engine has a store open. The store is migrated when it is of an older schema. Built
 * with the library of that schema it prints the same lines, which the test compares.
 */
#include <holdfast.h>
#include <holdfast/store.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA = 3, ROW_BYTES = 4096, ROWS = 64 };

static void *plain_alloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void plain_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

/* For BYTES columns: kept until the process ends. */
static void *keep(void *context, uint64_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void log_nothing(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

static void stop_on(int error, const hf_store_error *detail)
{
    if (error == 0)
        return;
    fprintf(stderr, "dump_rows: %s: %s\n", hf_error_name(error), detail->text);
    exit(1);
}

static void print_bytes(const void *data, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i++)
        printf("%02x", ((const uint8_t *)data)[i]);
}

static void print_column(const hf_column *column, const uint8_t *row)
{
    const uint8_t *field = row + column->offset;
    int64_t wide;
    uint32_t narrow;
    const void *data;
    uint64_t bytes;
    putchar('|');
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_U64:
    case HF_COLUMN_TIME:
        memcpy(&wide, field, sizeof wide);
        printf("%" PRId64, wide);
        break;
    case HF_COLUMN_U32:
    case HF_COLUMN_BOOL:
    case HF_COLUMN_ENUM:
        memcpy(&narrow, field, sizeof narrow);
        printf("%" PRIu32, narrow);
        break;
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
        print_bytes(field, 16);
        break;
    case HF_COLUMN_NAME:
        printf("%s", (const char *)field);
        break;
    case HF_COLUMN_BYTES:
        memcpy(&data, field, sizeof data);
        memcpy(&bytes, field + sizeof data, sizeof bytes);
        print_bytes(data, bytes);
        break;
    }
}

static void print_row(const hf_table *table, const uint8_t *row)
{
    printf("%s", table->name);
    for (uint32_t i = 0; i < table->column_count; i++) {
        const hf_column *column = &table->columns[i];
        if (column->since <= SCHEMA && (column->flags & HF_COLUMN_ENGINE_TIME) == 0)
            print_column(column, row);
    }
    putchar('\n');
}

static void print_table(const hf_store_driver *driver, void *txn, uint32_t position,
                        const hf_store_error *detail)
{
    static uint8_t rows[ROWS][ROW_BYTES];
    static uint8_t last[ROW_BYTES];
    const hf_table *table = hf_store_schema()->tables[position];
    hf_scan scan = {.table = position, .low_exclusive = 1};
    void *places[ROWS];
    uint32_t count = ROWS;
    for (uint32_t i = 0; i < ROWS; i++)
        places[i] = rows[i];
    while (count == ROWS) {
        stop_on(driver->scan(txn, &scan, places, &count), detail);
        for (uint32_t i = 0; i < count; i++)
            print_row(table, rows[i]);
        if (count > 0)
            memcpy(last, rows[count - 1], table->row_bytes);
        scan.low = last;
        scan.low_columns = table->key_count;
    }
}

static int is_of_the_engine(const hf_table *table)
{
    return strcmp(table->name, "leases") == 0 || strcmp(table->name, "nodes") == 0;
}

int main(int argc, char **argv)
{
    const hf_store_driver *driver = argc == 3 ? hf_store_builtin(argv[1]) : NULL;
    const hf_allocator allocator = {.alloc = plain_alloc, .free = plain_free};
    hf_store_error detail = {.code = 0};
    const hf_store_caller caller = {.alloc = keep, .error = &detail};
    const hf_schema *schema = hf_store_schema();
    void *store;
    void *txn;
    if (driver == NULL) {
        fprintf(stderr, "usage: dump_rows SCHEME PATH\n");
        return 2;
    }
    const hf_store_config config = {.size = sizeof config,
                                    .durability = HF_DURABILITY_STORE,
                                    .location = argv[2],
                                    .schema = schema,
                                    .allocator = &allocator,
                                    .log = log_nothing,
                                    .error = &detail,
                                    .check = HF_CHECK_FULL};
    stop_on(driver->open(&config, &store), &detail);
    stop_on(driver->begin(store, HF_TXN_SNAPSHOT, &caller, &txn), &detail);
    for (uint32_t t = 0; t < schema->table_count; t++)
        if (!is_of_the_engine(schema->tables[t]))
            print_table(driver, txn, t, &detail);
    driver->rollback(txn);
    driver->close(store);
    return 0;
}
