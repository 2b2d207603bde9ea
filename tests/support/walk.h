/*
 * Walks a list of the public API page by page and compares its rows with those that are wanted.
 *
 * Rows are compared whole: as structs, in which the bytes that they point to are replaced by their
 * checksum. A page must be full unless the list ends, so that no row is missed or given twice.
 */
#ifndef HF_TESTS_SUPPORT_WALK_H
#define HF_TESTS_SUPPORT_WALK_H

#include "base/checksum.h"
#include "model/codec.h"
#include "support/one_shop.h"

/* ---- Rows ------------------------------------------------------------------------------------ */

#define ROWS_MAX 256u

typedef union row {
    hf_order order;
    hf_payment payment;
    hf_account account;
    hf_unit unit;
    hf_fact fact;
    hf_event event;
    hf_txn txn;
    hf_movement movement;
    hf_cursor cursor;
    hf_attempt attempt;
} row;

typedef struct rows {
    row at[ROWS_MAX];
    uint32_t count;
} rows;

extern rows whole;  /* of a list without a filter */
extern rows wanted; /* of these, those that fit */

/* One list under test. The functions below know its arguments. */
typedef union list_args {
    hf_op_head head;
    hf_order_list_args orders;
    hf_payment_list_args payments;
    hf_account_list_args accounts;
    hf_unit_list_args units;
    hf_attention_list_args attention;
    hf_txn_list_args txns;
    hf_events_read_args events;
    hf_statement_args statement;
    hf_cursor_list_args cursors;
    hf_txn_history_args history;
} list_args;

/* Position of the table whose rows a list has; movements are of none. */
#define MOVEMENTS UINT32_MAX

static inline void copy_row(uint32_t table, const void *from, row *to)
{
    memset(to, 0, sizeof *to);
    if (table == MOVEMENTS) {
        memcpy(to, from, offsetof(hf_movement, subject_kind) + sizeof(uint32_t));
        return;
    }
    const hf_table *of = hf_store_schema()->tables[table];
    memcpy(to, from, of->row_bytes);
    for (uint32_t i = 0; i < of->column_count; i++) {
        if (of->columns[i].type != HF_COLUMN_BYTES)
            continue;
        const void *bytes;
        uint64_t count;
        uint8_t *at = (uint8_t *)to + of->columns[i].offset;
        memcpy(&bytes, at, sizeof bytes);
        memcpy(&count, at + sizeof bytes, sizeof count);
        uint64_t sum = count == 0 ? 0 : hf__crc32c(0, bytes, (size_t)count);
        memcpy(at, &sum, sizeof bytes);
    }
}

static inline void add_rows(uint32_t table, const void *const *page, uint32_t count, rows *to)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_uint_lt(to->count, ROWS_MAX);
        copy_row(table, page[i], &to->at[to->count++]);
    }
}

/* ---- Walking --------------------------------------------------------------------------------- */

/* How every page begins. */
typedef struct page {
    const void *const *rows;
    uint32_t count;
    uint32_t at_end; /* where the list has it */
} page;

typedef struct list {
    uint32_t type;
    uint32_t table;
    size_t limit_at;
    bool says_end; /* by at_end; else by a page that is shorter than its limit */
    bool looks;    /* the limit is of rows looked at: a page may be short before the end */
    void (*advance)(list_args *args, const row *last, const void *result);
} list;

extern const char *walked; /* what is walked, for messages */

static inline page read_page(const list *of, const list_args *args, const void **result)
{
    hf_completion done;
    int error = hf_run(shop.engine, of->type, args, &done);
    ck_assert_msg(error == 0, "%s: %s: %s", walked, hf_error_name(error), done.detail);
    page got;
    memcpy(&got, done.result, sizeof got);
    *result = done.result;
    if (of->type == HF_OP_ATTENTION_LIST) {
        const hf_attention_page *attention = done.result;
        const void *const *arrays[] = {
            (const void *const *)attention->accounts, (const void *const *)attention->orders,
            (const void *const *)attention->payments, (const void *const *)attention->facts,
            (const void *const *)attention->holds};
        got.rows = arrays[attention->subject];
        got.count = attention->count;
    }
    return got;
}

static inline void set_limit(const list *of, list_args *args, uint32_t limit)
{
    memcpy((uint8_t *)args + of->limit_at, &limit, sizeof limit);
}

/* A list without a selector is in order of the primary key. */
static inline void check_order(uint32_t table)
{
    for (uint32_t i = 1; i < whole.count; i++) {
        if (table == MOVEMENTS) {
            ck_assert_uint_ge(whole.at[i].movement.seq, whole.at[i - 1].movement.seq);
            continue;
        }
        const hf_table *of = hf_store_schema()->tables[table];
        uint8_t keys[2][HF__KEY_MAX] = {{0}};
        (void)hf__key_encode(of, HF__PRIMARY, &whole.at[i - 1], HF__KEY_ALL, keys[0]);
        (void)hf__key_encode(of, HF__PRIMARY, &whole.at[i], HF__KEY_ALL, keys[1]);
        ck_assert_msg(memcmp(keys[0], keys[1], HF__KEY_MAX) < 0, "%s: row %u", walked, i);
    }
}

static inline void read_whole(const list *of, list_args args)
{
    const void *result;
    set_limit(of, &args, ROWS_MAX);
    page got = read_page(of, &args, &result);
    ck_assert_msg(got.count > 0 && got.count < ROWS_MAX, "%s: %u rows", walked, got.count);
    whole.count = 0;
    add_rows(of->table, got.rows, got.count, &whole);
    check_order(of->table);
}

/* Walks with pages of `limit`; the rows must be `missing`. */
void walk_by(const list *of, list_args args, uint32_t limit);

static inline void walk(const list *of, const list_args *args, const char *name)
{
    static const uint32_t limits[] = {1, 2, 3, 7, ROWS_MAX};
    walked = name;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        walk_by(of, *args, limits[i]);
    if (wanted.count > 1 && wanted.count < ROWS_MAX)
        walk_by(of, *args, wanted.count);
}

/* Puts what was wanted into the other order. */
static inline void turn_wanted(bool descending)
{
    for (uint32_t i = 0; descending && i < wanted.count / 2; i++) {
        row kept = wanted.at[i];
        wanted.at[i] = wanted.at[wanted.count - 1 - i];
        wanted.at[wanted.count - 1 - i] = kept;
    }
}

#endif
