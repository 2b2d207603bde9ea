/*
 * A small table of its own for the tests of the LMDB store, so that its schema can have versions.
 *
 * An item is decided by its number and its generation: so a reader knows what it must be.
 */
#ifndef HF_TESTS_STORE_LMDB_ITEMS_H
#define HF_TESTS_STORE_LMDB_ITEMS_H

#include "model/codec.h"
#include "store/builtin.h"
#include "support/check_main.h"
#include <holdfast/error.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct item {
    uint64_t id;
    hf_name name;
    int64_t due_ms;
    uint64_t generation;
    const void *body;
    uint64_t body_bytes;
    uint32_t state; /* 0 NEW, 1 OPEN, 2 DONE */
    uint32_t reserved;
} item;

static const char *const item_states[] = {"NEW", "OPEN", "DONE"};

static const hf_column item_columns[] = {
    {.name = "id", .type = HF_COLUMN_U64, .offset = offsetof(item, id)},
    {.name = "name", .type = HF_COLUMN_NAME, .offset = offsetof(item, name)},
    {.name = "due", .type = HF_COLUMN_TIME, .offset = offsetof(item, due_ms)},
    {.name = "generation", .type = HF_COLUMN_U64, .offset = offsetof(item, generation)},
    {.name = "body", .type = HF_COLUMN_BYTES, .offset = offsetof(item, body)},
    {.name = "state",
     .type = HF_COLUMN_ENUM,
     .offset = offsetof(item, state),
     .name_count = 3,
     .names = item_states},
};
static const uint8_t item_key[] = {0};
static const uint8_t by_name[] = {1};
static const uint8_t by_state[] = {5};
static const uint8_t by_due[] = {2};

enum { ITEMS_NAME = 1, ITEMS_OPEN, ITEMS_DUE /* since version 2 */ };

static const hf_index item_indexes[] = {
    {.name = "items_name", .columns = by_name, .column_count = 1, .where_column = -1},
    {.name = "items_open",
     .columns = by_state,
     .column_count = 1,
     .where_column = 5,
     .where_mask = 1u << 1},
    {.name = "items_due", .columns = by_due, .column_count = 1, .where_column = 2},
};

#define ITEM_TABLE(the_name, number, count)                                                        \
    {                                                                                              \
        .name = (the_name), .id = (number), .row_bytes = sizeof(item), .columns = item_columns,    \
        .key = item_key, .indexes = item_indexes, .column_count = 6, .key_count = 1,               \
        .index_count = (count)                                                                     \
    }

static const hf_table items_1 = ITEM_TABLE("items", 1, 2);
static const hf_table items_2 = ITEM_TABLE("items", 1, 3);
static const hf_table notes_2 = ITEM_TABLE("notes", 2, 0);
static const hf_table *const tables_1[] = {&items_1};
static const hf_table *const tables_2[] = {&items_2, &notes_2};
static const hf_schema schema_1 = {.version = 1, .table_count = 1, .tables = tables_1};
static const hf_schema schema_2 = {.version = 2, .table_count = 2, .tables = tables_2};

/* ---- A store ----------------------------------------------------------------------------- */

static const hf_store_driver *const lmdb = &hf__lmdb_driver;
extern hf_store_error item_error;
static _Alignas(16) uint8_t item_memory[1 << 22];
extern uint64_t item_memory_used;

/* Round and round: what was read a while ago is overwritten. */
static inline void *item_alloc(void *context, uint64_t bytes)
{
    (void)context;
    if (bytes > sizeof item_memory)
        return NULL;
    if (item_memory_used + bytes > sizeof item_memory)
        item_memory_used = 0;
    uint8_t *at = item_memory + item_memory_used;
    item_memory_used += (bytes + 15) / 16 * 16;
    return at;
}

static const hf_store_caller item_caller = {.alloc = item_alloc, .error = &item_error};

static inline void *plain_alloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static inline void plain_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static const hf_allocator plain = {.alloc = plain_alloc, .free = plain_free};

static inline void no_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

/* A fixture: each test runs in a new folder, which goes with the folder of the test program. */
static inline void own_folder(void)
{
    char name[] = "XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(name));
    ck_assert_int_eq(chdir(name), 0);
}

static inline hf_store_config item_config(const char *path, const hf_schema *schema)
{
    return (hf_store_config){.size = sizeof(hf_store_config),
                             .location = path,
                             .schema = schema,
                             .allocator = &plain,
                             .log = no_log,
                             .error = &item_error};
}

static inline int items_open(const char *path, const hf_schema *schema, void **store)
{
    hf_store_config config = item_config(path, schema);
    memset(&item_error, 0, sizeof item_error);
    return lmdb->open(&config, store);
}

#define good(call) good_at((call), __LINE__)

static inline void good_at(int error, int line)
{
    ck_assert_msg(error == 0, "line %d: %d %s", line, error, item_error.text);
}

/* The error must be this one and its text name all of these; "" for nothing. */
#define refused(call, code, ...)                                                                   \
    refused_at((call), (code), __LINE__, (const char *const[]){__VA_ARGS__, NULL})

static inline void refused_at(int error, int code, int line, const char *const *parts)
{
    ck_assert_msg(error == code, "line %d: %d %s", line, error, item_error.text);
    for (; *parts != NULL; parts++)
        ck_assert_msg(strstr(item_error.text, *parts) != NULL, "line %d: no \"%s\" in: %s", line,
                      *parts, item_error.text);
}

/* ---- Items ------------------------------------------------------------------------------- */

static inline uint64_t item_body_bytes(uint64_t id, uint64_t generation)
{
    return id % 97 == 5 ? 3000 + generation * 100 % 6000 : id % 5 * 40;
}

/* `body` gets the bytes of its body; at least 9,000. */
static inline item item_make(uint64_t id, uint64_t generation, uint8_t *body)
{
    item made = {.id = id, .generation = generation};
    snprintf(made.name.text, sizeof made.name.text, "item-%03u",
             (unsigned)((id * 7 + generation) % 500));
    made.state = (uint32_t)((id + generation) % 3);
    made.due_ms = (id + generation) % 4 == 0 ? 0 : (int64_t)(1717000000000 + id % 50 + generation);
    made.body_bytes = item_body_bytes(id, generation);
    made.body = made.body_bytes == 0 ? NULL : body;
    uint32_t noise = (uint32_t)(id * 1000 + generation);
    for (uint64_t i = 0; i < made.body_bytes; i++) {
        noise = noise * 1664525u + 1013904223u;
        body[i] = (uint8_t)(noise >> 24);
    }
    return made;
}

static inline bool item_is(const item *found, const item *wanted)
{
    return found->id == wanted->id && found->generation == wanted->generation &&
           memcmp(&found->name, &wanted->name, sizeof found->name) == 0 &&
           found->due_ms == wanted->due_ms && found->state == wanted->state &&
           found->body_bytes == wanted->body_bytes &&
           (found->body_bytes == 0 ||
            memcmp(found->body, wanted->body, (size_t)found->body_bytes) == 0);
}

/* Writes item `id` of a generation; old_generation 0: it is new. */
int item_put(void *txn, uint64_t id, uint64_t generation, uint64_t old_generation);

int item_del(void *txn, uint64_t id, uint64_t generation);

/* 0 and *found, or an error. */
static inline int item_get(void *txn, uint64_t id, item *row, uint8_t *found)
{
    *row = (item){.id = id};
    void *rows[] = {row};
    return lmdb->get(txn, 0, rows, found, 1);
}

static inline void *begin(void *store, uint32_t mode)
{
    void *txn = NULL;
    good(lmdb->begin(store, mode, &item_caller, &txn));
    return txn;
}

static inline int item_commit(void *txn, uint64_t batch)
{
    hf_store_mark mark = {.batch = batch, .time_ms = (int64_t)batch};
    return lmdb->commit(txn, &mark);
}

static inline hf_store_stat item_stat(void *txn, hf_table_stat *tables)
{
    hf_store_stat stat = {.tables = tables};
    good(lmdb->stat(txn, &stat));
    return stat;
}

/* A store of `count` items of generation 1, closed. */
static inline void items_make(const char *path, uint64_t count)
{
    void *store;
    good(items_open(path, &schema_1, &store));
    void *txn = begin(store, HF_TXN_WRITE);
    for (uint64_t id = 1; id <= count; id++)
        good(item_put(txn, id, 1, 0));
    good(item_commit(txn, 1));
    lmdb->close(store);
}

/* Reads a whole index into nothing; how many rows, or an error. */
int64_t items_count(void *txn, uint32_t index);

#endif
