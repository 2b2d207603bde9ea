/*
 * record.c - records as rows of tables.
 *
 * A column's value is read at the offset that the schema declares, and printed by its type: ids as
 * uuid text, times in ISO 8601, enums by name. Two columns of plain numbers are shown in words:
 * attention and the type of an event.
 */
#include "record.h"
#include "common/columns.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 32u

#define VIEW(name, heading, records, ...)                                                          \
    static const char *const name##_columns[] = {__VA_ARGS__, NULL};                               \
    const record_view view_##name = {.title = heading, .table = records, .columns = name##_columns}

/* clang-format off */
VIEW(orders, "orders", "orders", "id", "series", "number", "customer", "state", "total", "currency",
     "external_ref", "line_count", "attention", "deadline", "created_at", "version");
VIEW(lines, "lines", "order_lines", "order_id", "no", "sku", "quantity", "unit_price", "total",
     "settle_on", "fulfilled", "cancelled", "returned", "from_place");
VIEW(legs, "legs", "order_legs", "order_id", "line_no", "no", "from_kind", "from_name",
     "from_place", "to_kind", "to_name", "per_unit", "leg_units", "leg_fulfilled", "leg_returned");
VIEW(adjustments, "adjustments", "adjustments", "order_id", "no", "line_no", "kind", "amount");
VIEW(payments, "payments", "payments", "id", "order_id", "no", "method", "account_name",
     "account_unit", "provider", "provider_ref", "settle_on", "state", "amount", "authorized",
     "captured", "voided", "refunded", "charged_back", "pending_authorize", "pending_capture",
     "pending_void", "pending_refund", "barred", "capture_refused", "void_refused", "refund_refused",
     "deadline", "attention", "created_at", "version");
VIEW(accounts, "accounts", "accounts", "kind", "name", "place", "unit", "balance", "held_out",
     "held_in", "min_balance", "min_available", "max_balance", "frozen", "waiting", "attention",
     "version");
VIEW(units, "units", "units", "code", "scale");
VIEW(items, "items", "accounts", "name", "place", "unit", "balance", "held_out", "min_available",
     "frozen", "waiting", "attention", "version");
VIEW(holds, "holds", "holds", "id", "from_kind", "from_name", "to_kind", "to_name", "from_unit",
     "state", "amount", "posted", "released", "reversed", "deadline", "attention", "version");
VIEW(events, "events", "events", "seq", "at", "type", "subject_kind", "subject_id",
     "subject_version", "op_id", "actor");
VIEW(cursors, "cursors", "cursors", "consumer", "seq", "updated_at");
VIEW(txns, "transactions", "txns", "id", "kind", "state", "parked", "open", "due", "deadline",
     "branch_count", "move_count", "attempts", "reason", "created_at", "version");
VIEW(branches, "branches", "branches", "txn_id", "no", "participant", "participant_version",
     "group_no", "state", "attempts", "answer", "detail", "amount", "due");
VIEW(attempts, "history", "attempts", "txn_id", "no", "at", "branch", "phase", "answer", "actor",
     "detail");

/* What a column type is in JSON. */
static const cell_kind kinds[] = {
    [HF_COLUMN_I64] = CELL_NUMBER, [HF_COLUMN_U64] = CELL_NUMBER, [HF_COLUMN_U32] = CELL_NUMBER,
    [HF_COLUMN_BOOL] = CELL_BOOL, [HF_COLUMN_ENUM] = CELL_TEXT, [HF_COLUMN_TIME] = CELL_TEXT,
    [HF_COLUMN_ID] = CELL_TEXT, [HF_COLUMN_HASH] = CELL_TEXT, [HF_COLUMN_NAME] = CELL_TEXT,
    [HF_COLUMN_BYTES] = CELL_TEXT,
};
/* clang-format on */

/* ---- Cells ----------------------------------------------------------------------------------- */

static uint32_t u32_at(const void *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static int64_t i64_at(const void *at)
{
    int64_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static void put_i64(table *t, const hf_column *column, const void *at)
{
    (void)column;
    table_number(t, i64_at(at));
}

static void put_u32(table *t, const hf_column *column, const void *at)
{
    (void)column;
    table_number(t, u32_at(at));
}

static void put_bool(table *t, const hf_column *column, const void *at)
{
    (void)column;
    table_text(t, u32_at(at) != 0 ? "yes" : "no"); /* libsmartcols reads the first letter */
}

static void put_enum(table *t, const hf_column *column, const void *at)
{
    uint32_t value = u32_at(at);
    table_text(t, value < column->name_count ? column->names[value] : "?");
}

static void put_time(table *t, const hf_column *column, const void *at)
{
    (void)column;
    char text[TIME_TEXT];
    table_text(t, time_text(i64_at(at), text));
}

static void put_id(table *t, const hf_column *column, const void *at)
{
    static const hf_id none;
    (void)column;
    hf_id id;
    char text[37];
    memcpy(&id, at, sizeof(id));
    table_text(t, memcmp(&id, &none, sizeof(id)) == 0 ? NULL : hf_id_format(&id, text));
}

static void put_name(table *t, const hf_column *column, const void *at)
{
    (void)column;
    table_text(t, ((const hf_name *)at)->text);
}

static void put_attention(table *t, const hf_column *column, const void *at)
{
    (void)column;
    char text[160];
    attention_text(u32_at(at), text, sizeof(text));
    table_text(t, text);
}

static void put_event_type(table *t, const hf_column *column, const void *at)
{
    (void)column;
    table_text(t, hf_event_type_name(u32_at(at)));
}

/* ---- Amounts --------------------------------------------------------------------------------- */

static const char *unit_of_order(const void *record)
{
    return ((const hf_order *)record)->currency.text;
}

static const char *unit_of_account(const void *record)
{
    return ((const hf_account *)record)->key.unit.text;
}

static const char *unit_of_payment(const void *record)
{
    return ((const hf_payment *)record)->account.unit.text;
}

/* Of two accounts at most one is the world, and both have one unit. */
static const char *unit_of_both(const hf_account_ref *from, const hf_account_ref *to)
{
    return from->kind != HF_KIND_WORLD ? from->unit.text : to->unit.text;
}

static const char *unit_of_hold(const void *record)
{
    const hf_hold *hold = record;
    return unit_of_both(&hold->from, &hold->to);
}

static const char *unit_of_leg(const void *record)
{
    const hf_leg *leg = &((const hf_order_leg *)record)->leg;
    return unit_of_both(&leg->from, &leg->to);
}

/* Units of a line are units of its item, when it moves one of them and nothing else. */
static const char *unit_of_line(const void *record)
{
    const hf_order_line *line = record;
    bool plain = line->leg_count == 1 && line->leg.per_unit == 1;
    return plain ? unit_of_both(&line->leg.from, &line->leg.to) : "";
}

static const char *unit_of_context(const void *record)
{
    (void)record;
    return NULL; /* that of the order */
}

/* Which columns are amounts, and of which unit. */
static const struct {
    const char *table;
    const char *columns; /* with spaces around each */
    const char *(*unit_of)(const void *record);
} amount_columns[] = {
    {"orders", " total ", unit_of_order},
    {"order_lines", " unit_price total ", unit_of_context},
    {"order_lines", " quantity fulfilled cancelled returned ", unit_of_line},
    {"order_legs", " per_unit ", unit_of_leg},
    {"adjustments", " amount ", unit_of_context},
    {"accounts", " balance held_out held_in min_balance min_available max_balance ",
     unit_of_account},
    {"payments",
     " amount authorized captured voided refunded charged_back pending_authorize pending_capture "
     "pending_void pending_refund barred capture_refused void_refused refund_refused ",
     unit_of_payment},
    {"holds", " amount posted released reversed ", unit_of_hold},
};

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at++)
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

static bool is_limit(const char *column)
{
    return strncmp(column, "min_", 4) == 0 || strncmp(column, "max_", 4) == 0;
}

/* Puts an amount in its unit; false: the column is none. */
static bool put_amount(table *t, const hf_table *in, const hf_column *column, const void *record,
                       const amounts *all, const char *context)
{
    for (size_t i = 0; i < sizeof(amount_columns) / sizeof(amount_columns[0]); i++) {
        if (strcmp(amount_columns[i].table, in->name) != 0 ||
            !has_word(amount_columns[i].columns, column->name))
            continue;
        char text[AMOUNT_BYTES];
        const char *unit = amount_columns[i].unit_of(record);
        if (unit == NULL || (unit[0] == '\0' && amount_columns[i].unit_of == unit_of_payment))
            unit = context;
        table_text(t, amount_text(all, i64_at((const char *)record + column->offset), unit,
                                  is_limit(column->name), text));
        return true;
    }
    return false;
}

/* ---- Which cell is put how ------------------------------------------------------------------- */

typedef void (*putter)(table *t, const hf_column *column, const void *at);

/* clang-format off */
static const putter putters[] = {
    [HF_COLUMN_I64] = put_i64, [HF_COLUMN_U64] = put_i64, [HF_COLUMN_U32] = put_u32,
    [HF_COLUMN_BOOL] = put_bool, [HF_COLUMN_ENUM] = put_enum, [HF_COLUMN_TIME] = put_time,
    [HF_COLUMN_ID] = put_id, [HF_COLUMN_NAME] = put_name,
};

/* Columns that are shown otherwise than their type says. */
static const struct {
    const char *table;
    const char *column;
    putter put;
} special[] = {
    { "orders", "attention", put_attention },
    { "accounts", "attention", put_attention },
    { "payments", "attention", put_attention },
    { "events", "type", put_event_type },
};
/* clang-format on */

/* ---- Tables ---------------------------------------------------------------------------------- */

static const hf_column *find_column(const hf_table *in, const char *name)
{
    for (uint32_t i = 0; i < in->column_count; i++)
        if (strcmp(in->columns[i].name, name) == 0)
            return &in->columns[i];
    abort();
}

static putter find_putter(const hf_table *in, const hf_column *column, bool *is_special)
{
    *is_special = true;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (strcmp(special[i].table, in->name) == 0 && strcmp(special[i].column, column->name) == 0)
            return special[i].put;
    *is_special = false;
    return putters[column->type];
}

table *record_table(const record_view *view)
{
    const hf_table *in = record_table_of(view->table);
    table_column columns[COLUMNS_MAX];
    size_t count = 0;
    for (; view->columns[count] != NULL && count < COLUMNS_MAX; count++) {
        const hf_column *column = find_column(in, view->columns[count]);
        bool is_special;
        (void)find_putter(in, column, &is_special);
        columns[count] = (table_column){column->name, is_special ? CELL_TEXT : kinds[column->type]};
    }
    return table_create(view->title, columns, count);
}

void record_row(table *t, const record_view *view, const void *record, const amounts *all,
                const char *unit)
{
    const hf_table *in = record_table_of(view->table);
    table_row(t);
    for (size_t i = 0; view->columns[i] != NULL; i++) {
        const hf_column *column = find_column(in, view->columns[i]);
        bool is_special;
        if (all == NULL || !put_amount(t, in, column, record, all, unit))
            find_putter(in, column, &is_special)(t, column, (const char *)record + column->offset);
    }
}
