/*
 * result.c - what a read returned, as JSON.
 *
 * A record becomes an object led by the columns that the library declares for its stores: ids as
 * uuid text, times in ISO 8601, enums by name. Hashes are left out, and so is what is no text.
 * Failure mode: out of memory, jansson leaves members out.
 */
#include "result.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Columns --------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return text == NULL || text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *json_i64(const hf_column *column, const void *at)
{
    (void)column;
    int64_t value;
    memcpy(&value, at, sizeof(value));
    return json_integer(value);
}

static uint32_t u32_at(const void *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static json_t *json_u32(const hf_column *column, const void *at)
{
    (void)column;
    return json_integer(u32_at(at));
}

static json_t *json_bool(const hf_column *column, const void *at)
{
    (void)column;
    return json_boolean(u32_at(at) != 0);
}

static json_t *json_enum(const hf_column *column, const void *at)
{
    uint32_t value = u32_at(at);
    return json_string(value < column->name_count ? column->names[value] : "?");
}

static json_t *json_time(const hf_column *column, const void *at)
{
    (void)column;
    int64_t ms;
    char text[TIME_TEXT];
    memcpy(&ms, at, sizeof(ms));
    return text_or_null(time_text(ms, text));
}

static json_t *json_id(const hf_column *column, const void *at)
{
    static const hf_id none;
    (void)column;
    hf_id id;
    char text[37];
    memcpy(&id, at, sizeof(id));
    return memcmp(&id, &none, sizeof(id)) == 0 ? json_null() : json_string(hf_id_format(&id, text));
}

static json_t *json_name(const hf_column *column, const void *at)
{
    (void)column;
    return text_or_null(((const hf_name *)at)->text);
}

/* A pointer, then the number of bytes. jansson takes no text that is not UTF-8. */
static json_t *json_bytes(const hf_column *column, const void *at)
{
    (void)column;
    const char *bytes;
    uint64_t count;
    memcpy(&bytes, at, sizeof(bytes));
    memcpy(&count, (const char *)at + sizeof(bytes), sizeof(count));
    json_t *text = count == 0 ? NULL : json_stringn(bytes, count);
    return text == NULL ? json_null() : text;
}

typedef json_t *(*maker)(const hf_column *column, const void *at);

/* clang-format off */
static const maker makers[] = {
    [HF_COLUMN_I64] = json_i64, [HF_COLUMN_U64] = json_i64, [HF_COLUMN_U32] = json_u32,
    [HF_COLUMN_BOOL] = json_bool, [HF_COLUMN_ENUM] = json_enum, [HF_COLUMN_TIME] = json_time,
    [HF_COLUMN_ID] = json_id, [HF_COLUMN_HASH] = NULL, [HF_COLUMN_NAME] = json_name,
    [HF_COLUMN_BYTES] = json_bytes,
};
/* clang-format on */

/* ---- Records --------------------------------------------------------------------------------- */

static json_t *column_json(const hf_table *in, const hf_column *column, const void *at)
{
    char text[160];
    bool attention = strcmp(column->name, "attention") == 0;
    if (strcmp(in->name, "events") == 0 && strcmp(column->name, "type") == 0)
        return json_string(hf_event_type_name(u32_at(at)));
    if (strcmp(in->name, "events") == 0 && strcmp(column->name, "body") == 0)
        return NULL;
    if (attention)
        attention_text(u32_at(at), text, sizeof(text));
    if (attention)
        return text_or_null(text);
    return makers[column->type] == NULL ? NULL : makers[column->type](column, at);
}

static json_t *record_json(const char *name, const void *record)
{
    const hf_table *in = record_table_of(name);
    json_t *out = json_object();
    for (uint32_t i = 0; i < in->column_count; i++) {
        const hf_column *column = &in->columns[i];
        json_t *value = column_json(in, column, (const char *)record + column->offset);
        if (value != NULL)
            (void)json_object_set_new(out, column->name, value);
    }
    return out;
}

static json_t *records_json(const char *name, const void *const *rows, uint32_t count)
{
    json_t *out = json_array();
    for (uint32_t i = 0; i < count; i++)
        (void)json_array_append_new(out, record_json(name, rows[i]));
    return out;
}

/* An array of pointers to records of one type, as pointers to anything. */
#define ROWS(pointers) ((const void *const *)(pointers))

/* ---- Results --------------------------------------------------------------------------------- */

/* How the result of a read is shown. */
typedef struct shape {
    uint32_t type; /* hf_op_type */
    const char *member;
    const char *table; /* of the records; NULL: the function knows */
    json_t *(*make)(const struct shape *as, const void *result);
} shape;

static json_t *one_record(const shape *as, const void *result)
{
    return json_pack("{s:o}", as->member, record_json(as->table, result));
}

/* How every page of records begins. */
typedef struct page {
    const void *const *rows;
    uint32_t count;
} page;

static json_t *one_page(const shape *as, const void *result)
{
    page got;
    memcpy(&got, result, sizeof(got));
    return json_pack("{s:o}", as->member, records_json(as->table, got.rows, got.count));
}

static json_t *one_order(const shape *as, const void *result)
{
    const hf_order_view *view = result;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o}", as->member, record_json(as->table, view->order), "lines",
        records_json("order_lines", ROWS(view->lines), view->line_count), "legs",
        records_json("order_legs", ROWS(view->legs), view->leg_count), "adjustments",
        records_json("adjustments", ROWS(view->adjustments), view->adjustment_count), "payments",
        records_json("payments", ROWS(view->payments), view->payment_count));
}

static json_t *one_txn(const shape *as, const void *result)
{
    const hf_txn_view *view = result;
    return json_pack("{s:o, s:o}", as->member, record_json(as->table, view->txn), "branches",
                     records_json("branches", ROWS(view->branches), view->branch_count));
}

static json_t *event_page(const shape *as, const void *result)
{
    const hf_event_page *got = result;
    return json_pack("{s:o, s:b, s:I, s:I, s:I, s:o, s:I}", as->member,
                     records_json(as->table, ROWS(got->rows), got->count), "at_end",
                     (int)got->at_end, "next_seq", (json_int_t)got->next_seq, "first_seq",
                     (json_int_t)got->first_seq, "removed", (json_int_t)got->removed, "store",
                     json_id(NULL, &got->store), "incarnation", (json_int_t)got->incarnation);
}

static json_t *cursor_page(const shape *as, const void *result)
{
    const hf_cursor_page *got = result;
    return json_pack("{s:o, s:I, s:I}", as->member,
                     records_json(as->table, ROWS(got->rows), got->count), "first_seq",
                     (json_int_t)got->first_seq, "last_seq", (json_int_t)got->last_seq);
}

static json_t *attention_page(const shape *as, const void *result)
{
    const hf_attention_page *got = result;
    const struct {
        const char *name;
        const void *const *rows;
    } of[] = {
        [HF_ATTENTION_ON_ACCOUNT] = {"accounts", ROWS(got->accounts)},
        [HF_ATTENTION_ON_ORDER] = {"orders", ROWS(got->orders)},
        [HF_ATTENTION_ON_PAYMENT] = {"payments", ROWS(got->payments)},
        [HF_ATTENTION_ON_FACT] = {"facts", ROWS(got->facts)},
        [HF_ATTENTION_ON_HOLD] = {"holds", ROWS(got->holds)},
    };
    (void)as;
    const char *name = of[got->subject].name;
    return json_pack("{s:o}", name, records_json(name, of[got->subject].rows, got->count));
}

static json_t *movement_json(const hf_movement *movement)
{
    char time[TIME_TEXT];
    return json_pack("{s:I, s:o, s:o, s:I, s:s, s:o, s:o, s:s}", "seq", (json_int_t)movement->seq,
                     "at", text_or_null(time_text(movement->at_ms, time)), "subject_id",
                     json_id(NULL, &movement->subject), "amount", (json_int_t)movement->amount,
                     "other_kind", hf_kind_name(movement->other.kind), "other_name",
                     text_or_null(movement->other.name.text), "other_place",
                     text_or_null(movement->other.place.text), "type",
                     hf_event_type_name(movement->type));
}

static json_t *statement_page(const shape *as, const void *result)
{
    const hf_statement_page *got = result;
    json_t *rows = json_array();
    for (uint32_t i = 0; i < got->count; i++)
        (void)json_array_append_new(rows, movement_json(got->rows[i]));
    return json_pack("{s:o, s:b, s:I, s:I, s:I, s:I}", as->member, rows, "at_end", (int)got->at_end,
                     "next_seq", (json_int_t)got->next_seq, "next_no", (json_int_t)got->next_no,
                     "first_seq", (json_int_t)got->first_seq, "removed", (json_int_t)got->removed);
}

static json_t *node_page(const shape *as, const void *result)
{
    const hf_node_page *got = result;
    json_t *rows = json_array();
    for (uint32_t i = 0; i < got->count; i++) {
        json_t *node = record_json(as->table, got->rows[i].node);
        (void)json_object_set_new(node, "alive", json_boolean(got->rows[i].alive != 0));
        (void)json_array_append_new(rows, node);
    }
    return json_pack("{s:o}", as->member, rows);
}

/* Not a read, but who erases page by page must know whether more is left. */
static json_t *erase_page(const shape *as, const void *result)
{
    const hf_erase_result *got = result;
    (void)as;
    return json_pack("{s:I, s:I, s:I, s:b}", "records", (json_int_t)got->records, "orders",
                     (json_int_t)got->orders, "open", (json_int_t)got->open, "more",
                     (int)got->more);
}

/* clang-format off */
static const shape reads[] = {
    { HF_OP_ITEM_GET, "item", "accounts", one_record },
    { HF_OP_ITEM_LIST, "items", "accounts", one_page },
    { HF_OP_ACCOUNT_GET, "account", "accounts", one_record },
    { HF_OP_ACCOUNT_LIST, "accounts", "accounts", one_page },
    { HF_OP_HOLD_GET, "hold", "holds", one_record },
    { HF_OP_ORDER_GET, "order", "orders", one_order },
    { HF_OP_ORDER_LIST, "orders", "orders", one_page },
    { HF_OP_PAYMENT_GET, "payment", "payments", one_record },
    { HF_OP_PAYMENT_FIND, "payment", "payments", one_record },
    { HF_OP_PAYMENT_LIST, "payments", "payments", one_page },
    { HF_OP_ATTENTION_LIST, NULL, NULL, attention_page },
    { HF_OP_EVENTS_READ, "events", "events", event_page },
    { HF_OP_CURSOR_GET, "cursor", "cursors", one_record },
    { HF_OP_CURSOR_LIST, "cursors", "cursors", cursor_page },
    { HF_OP_STATEMENT, "movements", NULL, statement_page },
    { HF_OP_TXN_GET, "transaction", "txns", one_txn },
    { HF_OP_TXN_LIST, "transactions", "txns", one_page },
    { HF_OP_TXN_HISTORY, "history", "attempts", one_page },
    { HF_OP_NODES_LIST, "nodes", "nodes", node_page },
    { HF_OP_UNIT_GET, "unit", "units", one_record },
    { HF_OP_UNIT_LIST, "units", "units", one_page },
    { HF_OP_ERASE, NULL, NULL, erase_page },
};
/* clang-format on */

json_t *result_json(const hf_completion *done)
{
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
        if (reads[i].type == done->type && done->status == 0 && done->result != NULL)
            return reads[i].make(&reads[i], done->result);
    return NULL;
}
