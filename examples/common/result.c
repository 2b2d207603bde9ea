/*
 * result.c - what an operation returned, as JSON.
 *
 * A record becomes an object led by the columns that the library declares for its stores: ids as
 * uuid text, times in ISO 8601, enums by name. Hashes are left out, and so is what is no text.
 */
#include "result.h"
#include "columns.h"

#include <stdio.h>
#include <string.h>

/* ---- Columns --------------------------------------------------------------------------------- */

static void text_or_null(json_text *out, const char *text)
{
    json_text_string(out, text == NULL || text[0] == '\0' ? NULL : text);
}

static void put_i64(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    int64_t value;
    memcpy(&value, at, sizeof(value));
    json_text_i64(out, value);
}

static void put_u64(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    json_text_u64(out, value);
}

static uint32_t u32_at(const void *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static void put_u32(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    json_text_u64(out, u32_at(at));
}

static void put_bool(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    json_text_bool(out, u32_at(at) != 0);
}

static void put_enum(json_text *out, const hf_column *column, const void *at)
{
    const uint32_t value = u32_at(at);
    json_text_string(out, value < column->name_count ? column->names[value] : "?");
}

static void put_time(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    int64_t ms;
    char text[TIME_TEXT];
    memcpy(&ms, at, sizeof(ms));
    json_text_string(out, time_text(ms, text));
}

static void put_id(json_text *out, const hf_column *column, const void *at)
{
    static const hf_id none;
    (void)column;
    hf_id id;
    char text[37];
    memcpy(&id, at, sizeof(id));
    json_text_string(out, memcmp(&id, &none, sizeof(id)) == 0 ? NULL : hf_id_format(&id, text));
}

static void put_name(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    text_or_null(out, ((const hf_name *)at)->text);
}

/* A pointer, then the number of bytes. */
static void put_bytes(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    const char *bytes;
    uint64_t count;
    memcpy(&bytes, at, sizeof(bytes));
    memcpy(&count, (const char *)at + sizeof(bytes), sizeof(count));
    if (count == 0)
        json_text_null(out);
    else
        json_text_bytes(out, bytes, count);
}

static void put_attention(json_text *out, const hf_column *column, const void *at)
{
    char text[160];
    (void)column;
    attention_text(u32_at(at), text, sizeof(text));
    text_or_null(out, text);
}

static void put_event_type(json_text *out, const hf_column *column, const void *at)
{
    (void)column;
    json_text_string(out, hf_event_type_name(u32_at(at)));
}

typedef void (*putter)(json_text *out, const hf_column *column, const void *at);

/* clang-format off */
static const putter putters[] = {
    [HF_COLUMN_I64] = put_i64, [HF_COLUMN_U64] = put_u64, [HF_COLUMN_U32] = put_u32,
    [HF_COLUMN_BOOL] = put_bool, [HF_COLUMN_ENUM] = put_enum, [HF_COLUMN_TIME] = put_time,
    [HF_COLUMN_ID] = put_id, [HF_COLUMN_HASH] = NULL, [HF_COLUMN_NAME] = put_name,
    [HF_COLUMN_BYTES] = put_bytes,
};
/* clang-format on */

/* ---- Records --------------------------------------------------------------------------------- */

static putter putter_of(const hf_column *column, bool events)
{
    if (strcmp(column->name, "attention") == 0)
        return put_attention;
    if (events && strcmp(column->name, "type") == 0)
        return put_event_type;
    if (events && strcmp(column->name, "body") == 0)
        return NULL;
    return putters[column->type];
}

enum { PLANS_MAX = 24, PLAN_COLUMNS_MAX = 48, PLAN_NAME = 40 };

/* How the records of a table are written, found out once. */
typedef struct plan {
    const char *table; /* as the caller names it */
    size_t count;
    struct plan_column {
        const hf_column *column;
        putter put;
        char name[PLAN_NAME]; /* with quotes and colon */
        size_t name_bytes;
    } columns[PLAN_COLUMNS_MAX];
} plan;

static void make_plan(plan *out, const char *table)
{
    const hf_table *in = record_table_of(table);
    const bool events = strcmp(table, "events") == 0;
    out->table = table;
    for (uint32_t i = 0; i < in->column_count && out->count < PLAN_COLUMNS_MAX; i++) {
        struct plan_column *c = &out->columns[out->count];
        c->column = &in->columns[i];
        c->put = putter_of(c->column, events);
        c->name_bytes = (size_t)snprintf(c->name, PLAN_NAME, "\"%s\":", c->column->name);
        out->count += c->put != NULL;
    }
}

static const plan *plan_of(const char *table)
{
    static plan plans[PLANS_MAX];
    static size_t count;
    for (size_t i = 0; i < count; i++)
        if (plans[i].table == table || strcmp(plans[i].table, table) == 0)
            return &plans[i];
    make_plan(&plans[count], table);
    return &plans[count++];
}

/* The members of a record, inside an object that is open. */
static void write_columns(json_text *out, const char *table, const void *record)
{
    const plan *p = plan_of(table);
    for (size_t i = 0; i < p->count; i++) {
        const struct plan_column *c = &p->columns[i];
        json_text_raw(out, c->name, c->name_bytes);
        c->put(out, c->column, (const char *)record + c->column->offset);
    }
}

static void write_record(json_text *out, const char *name, const void *record)
{
    json_text_open(out, '{');
    write_columns(out, name, record);
    json_text_close(out, '}');
}

/* An array of pointers to records of one type, as pointers to anything. */
#define ROWS(pointers) ((const void *const *)(pointers))

static void write_records(json_text *out, const char *member, const char *name,
                          const void *const *rows, uint32_t count)
{
    json_text_name(out, member);
    json_text_open(out, '[');
    for (uint32_t i = 0; i < count; i++)
        write_record(out, name, rows[i]);
    json_text_close(out, ']');
}

/* ---- Results --------------------------------------------------------------------------------- */

/* How the result of an operation is shown. */
typedef struct shape {
    uint32_t type; /* hf_op_type */
    bool asked;    /* see result_is_asked */
    const char *member;
    const char *table; /* of the records; NULL: the function knows */
    void (*write)(json_text *out, const struct shape *as, const void *result);
} shape;

static void one_record(json_text *out, const shape *as, const void *result)
{
    json_text_name(out, as->member);
    write_record(out, as->table, result);
}

/* How every page of records begins. */
typedef struct page {
    const void *const *rows;
    uint32_t count;
} page;

static void one_page(json_text *out, const shape *as, const void *result)
{
    page got;
    memcpy(&got, result, sizeof(got));
    write_records(out, as->member, as->table, got.rows, got.count);
}

static void one_order(json_text *out, const shape *as, const void *result)
{
    const hf_order_view *view = result;
    json_text_name(out, as->member);
    write_record(out, as->table, view->order);
    write_records(out, "lines", "order_lines", ROWS(view->lines), view->line_count);
    write_records(out, "legs", "order_legs", ROWS(view->legs), view->leg_count);
    write_records(out, "adjustments", "adjustments", ROWS(view->adjustments),
                  view->adjustment_count);
    write_records(out, "payments", "payments", ROWS(view->payments), view->payment_count);
}

static void one_txn(json_text *out, const shape *as, const void *result)
{
    const hf_txn_view *view = result;
    json_text_name(out, as->member);
    write_record(out, as->table, view->txn);
    write_records(out, "branches", "branches", ROWS(view->branches), view->branch_count);
}

static void write_bool(json_text *out, const char *name, bool value)
{
    json_text_name(out, name);
    json_text_bool(out, value);
}

static void write_u64(json_text *out, const char *name, uint64_t value)
{
    json_text_name(out, name);
    json_text_u64(out, value);
}

static void write_id(json_text *out, const char *name, const hf_id *id)
{
    json_text_name(out, name);
    put_id(out, NULL, id);
}

static void event_page(json_text *out, const shape *as, const void *result)
{
    const hf_event_page *got = result;
    write_records(out, as->member, as->table, ROWS(got->rows), got->count);
    write_bool(out, "at_end", got->at_end != 0);
    write_u64(out, "next_seq", got->next_seq);
    write_u64(out, "first_seq", got->first_seq);
    write_u64(out, "removed", got->removed);
    write_id(out, "store", &got->store);
    write_u64(out, "incarnation", got->incarnation);
}

static void cursor_page(json_text *out, const shape *as, const void *result)
{
    const hf_cursor_page *got = result;
    write_records(out, as->member, as->table, ROWS(got->rows), got->count);
    write_u64(out, "first_seq", got->first_seq);
    write_u64(out, "last_seq", got->last_seq);
}

static void attention_page(json_text *out, const shape *as, const void *result)
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
    write_records(out, name, name, of[got->subject].rows, got->count);
}

static void write_movement(json_text *out, const hf_movement *movement)
{
    char time[TIME_TEXT];
    json_text_open(out, '{');
    write_u64(out, "seq", movement->seq);
    json_text_member(out, "at", time_text(movement->at_ms, time));
    write_id(out, "subject_id", &movement->subject);
    json_text_number(out, "amount", movement->amount);
    json_text_member(out, "other_kind", hf_kind_name(movement->other.kind));
    json_text_name(out, "other_name");
    text_or_null(out, movement->other.name.text);
    json_text_name(out, "other_place");
    text_or_null(out, movement->other.place.text);
    json_text_member(out, "type", hf_event_type_name(movement->type));
    json_text_close(out, '}');
}

static void statement_page(json_text *out, const shape *as, const void *result)
{
    const hf_statement_page *got = result;
    json_text_name(out, as->member);
    json_text_open(out, '[');
    for (uint32_t i = 0; i < got->count; i++)
        write_movement(out, got->rows[i]);
    json_text_close(out, ']');
    write_bool(out, "at_end", got->at_end != 0);
    write_u64(out, "next_seq", got->next_seq);
    write_u64(out, "next_no", got->next_no);
    write_u64(out, "first_seq", got->first_seq);
    write_u64(out, "removed", got->removed);
}

static void node_page(json_text *out, const shape *as, const void *result)
{
    const hf_node_page *got = result;
    json_text_name(out, as->member);
    json_text_open(out, '[');
    for (uint32_t i = 0; i < got->count; i++) {
        json_text_open(out, '{');
        write_columns(out, as->table, got->rows[i].node);
        write_bool(out, "alive", got->rows[i].alive != 0);
        json_text_close(out, '}');
    }
    json_text_close(out, ']');
}

/* Not a read, but who erases page by page must know whether more is left. */
static void erase_page(json_text *out, const shape *as, const void *result)
{
    const hf_erase_result *got = result;
    (void)as;
    write_u64(out, "records", got->records);
    write_u64(out, "orders", got->orders);
    write_u64(out, "open", got->open);
    write_bool(out, "more", got->more != 0);
}

static void retention_page(json_text *out, const shape *as, const void *result)
{
    const hf_retention_result *got = result;
    (void)as;
    write_u64(out, "orders", got->orders);
    write_u64(out, "holds", got->holds);
    write_u64(out, "events", got->events);
    write_u64(out, "op_keys", got->op_keys);
    write_u64(out, "txns", got->txns);
    write_bool(out, "more", got->more != 0);
}

/* clang-format off */
static const shape shapes[] = {
    { HF_OP_ITEM_GET, true, "item", "accounts", one_record },
    { HF_OP_ITEM_LIST, true, "items", "accounts", one_page },
    { HF_OP_ACCOUNT_GET, true, "account", "accounts", one_record },
    { HF_OP_ACCOUNT_LIST, true, "accounts", "accounts", one_page },
    { HF_OP_HOLD_GET, true, "hold", "holds", one_record },
    { HF_OP_ORDER_GET, true, "order", "orders", one_order },
    { HF_OP_ORDER_LIST, true, "orders", "orders", one_page },
    { HF_OP_PAYMENT_GET, true, "payment", "payments", one_record },
    { HF_OP_PAYMENT_FIND, true, "payment", "payments", one_record },
    { HF_OP_PAYMENT_LIST, true, "payments", "payments", one_page },
    { HF_OP_ATTENTION_LIST, true, NULL, NULL, attention_page },
    { HF_OP_EVENTS_READ, true, "events", "events", event_page },
    { HF_OP_CURSOR_GET, true, "cursor", "cursors", one_record },
    { HF_OP_CURSOR_LIST, true, "cursors", "cursors", cursor_page },
    { HF_OP_STATEMENT, true, "movements", NULL, statement_page },
    { HF_OP_TXN_GET, true, "transaction", "txns", one_txn },
    { HF_OP_TXN_LIST, true, "transactions", "txns", one_page },
    { HF_OP_TXN_HISTORY, true, "history", "attempts", one_page },
    { HF_OP_NODES_LIST, true, "nodes", "nodes", node_page },
    { HF_OP_UNIT_GET, true, "unit", "units", one_record },
    { HF_OP_UNIT_LIST, true, "units", "units", one_page },
    { HF_OP_ERASE, true, NULL, NULL, erase_page },

    { HF_OP_ORDER_PLACE, false, "order", "orders", one_order },
    { HF_OP_ORDER_AMEND, false, "order", "orders", one_order },
    { HF_OP_ORDER_CANCEL, false, "order", "orders", one_order },
    { HF_OP_ORDER_FULFIL, false, "order", "orders", one_order },
    { HF_OP_ORDER_RETURN, false, "order", "orders", one_order },
    { HF_OP_PAYMENT_ADD, false, "order", "orders", one_order },
    { HF_OP_PAYMENT_CAPTURE, false, "payment", "payments", one_record },
    { HF_OP_PAYMENT_VOID, false, "payment", "payments", one_record },
    { HF_OP_PAYMENT_REFUND, false, "payment", "payments", one_record },
    { HF_OP_PAYMENT_REPORT, false, "fact", "facts", one_record },
    { HF_OP_ITEM_PUT, false, "item", "accounts", one_record },
    { HF_OP_ITEM_RECEIVE, false, "item", "accounts", one_record },
    { HF_OP_ITEM_ADJUST, false, "item", "accounts", one_record },
    { HF_OP_ACCOUNT_PUT, false, "account", "accounts", one_record },
    { HF_OP_ACCOUNT_DEPOSIT, false, "account", "accounts", one_record },
    { HF_OP_ACCOUNT_WITHDRAW, false, "account", "accounts", one_record },
    { HF_OP_ACCOUNT_TRANSFER, false, "account", "accounts", one_record },
    { HF_OP_ACCOUNT_ADJUST, false, "account", "accounts", one_record },
    { HF_OP_UNIT_PUT, false, "unit", "units", one_record },
    { HF_OP_HOLD_PLACE, false, "hold", "holds", one_record },
    { HF_OP_HOLD_POST, false, "hold", "holds", one_record },
    { HF_OP_HOLD_RELEASE, false, "hold", "holds", one_record },
    { HF_OP_HOLD_ADJUST, false, "hold", "holds", one_record },
    { HF_OP_HOLD_REVERSE, false, "hold", "holds", one_record },
    { HF_OP_CURSOR_PUT, false, "cursor", "cursors", one_record },
    { HF_OP_CURSOR_RESET, false, "cursor", "cursors", one_record },
    { HF_OP_CURSOR_REMOVE, false, "cursor", "cursors", one_record },
    { HF_OP_TXN_SUBMIT, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_BEGIN, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_BRANCH, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_SEAL, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_ABORT, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_RETRY_NOW, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_PARK, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_UNPARK, false, "transaction", "txns", one_txn },
    { HF_OP_TXN_RESOLVE_BRANCH, false, "transaction", "txns", one_txn },
    { HF_OP_RETENTION, false, NULL, NULL, retention_page },
};
/* clang-format on */

static const shape *shape_of(uint32_t type)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (shapes[i].type == type)
            return &shapes[i];
    return NULL;
}

uint32_t result_members(uint32_t type, result_member out[RESULT_MEMBERS])
{
    static const result_member more[] = {{"lines", "order_lines", true},
                                         {"legs", "order_legs", true},
                                         {"adjustments", "adjustments", true},
                                         {"payments", "payments", true}};
    const shape *as = shape_of(type);
    uint32_t count = 0;
    if (as == NULL || as->member == NULL || as->table == NULL)
        return 0;
    const bool one = as->write == one_record || as->write == one_order || as->write == one_txn;
    out[count++] = (result_member){as->member, as->table, !one};
    for (size_t i = 0; as->write == one_order && i < sizeof(more) / sizeof(more[0]); i++)
        out[count++] = more[i];
    if (as->write == one_txn)
        out[count++] = (result_member){"branches", "branches", true};
    return count;
}

bool result_write(json_text *out, const hf_completion *done)
{
    const shape *as = shape_of(done->type);
    if (as == NULL || done->status != 0 || done->result == NULL)
        return false;
    json_text_open(out, '{');
    as->write(out, as, done->result);
    json_text_close(out, '}');
    return true;
}

/* The record that a result shows; NULL: none, or several. */
static const void *record_of(const shape *as, const void *result)
{
    if (as->write == one_order)
        return ((const hf_order_view *)result)->order;
    if (as->write == one_txn)
        return ((const hf_txn_view *)result)->txn;
    return as->write == one_record ? result : NULL;
}

uint64_t result_version(const hf_completion *done)
{
    const shape *as = shape_of(done->type);
    if (as == NULL || done->status != 0 || done->result == NULL)
        return 0;
    const char *record = record_of(as, done->result);
    const hf_table *in = record == NULL ? NULL : record_table_of(as->table);
    for (uint32_t i = 0; in != NULL && i < in->column_count; i++)
        if (strcmp(in->columns[i].name, "version") == 0) {
            uint64_t version;
            memcpy(&version, record + in->columns[i].offset, sizeof(version));
            return version;
        }
    return 0;
}

bool result_is_asked(uint32_t type)
{
    const shape *as = shape_of(type);
    return as != NULL && as->asked;
}
