/*
 * line.c - const tables of order lines and further legs.
 */
#include "model/column.h"
#include "model/row_read.h"

/* clang-format off */
#define LINE_COLUMN_LIST(X) \
    X(LINE_ORDER_ID, COLUMN(hf_order_line, order, "order_id", ID)) \
    X(LINE_NO, COLUMN(hf_order_line, no, "no", U32)) \
    X(LINE_SKU, COLUMN(hf_order_line, sku, "sku", NAME)) \
    X(LINE_QUANTITY, COLUMN(hf_order_line, quantity, "quantity", I64)) \
    X(LINE_UNIT_PRICE, COLUMN(hf_order_line, unit_price, "unit_price", I64)) \
    X(LINE_PRICE_PER, COLUMN(hf_order_line, price_per, "price_per", I64)) \
    X(LINE_TOTAL, COLUMN(hf_order_line, total, "total", I64)) \
    X(LINE_SETTLE_ON, ENUM_COLUMN(hf_order_line, settle_on, "settle_on", hf__settle_names)) \
    X(LINE_FULFILLED, COLUMN(hf_order_line, fulfilled, "fulfilled", I64)) \
    X(LINE_CANCELLED, COLUMN(hf_order_line, cancelled, "cancelled", I64)) \
    X(LINE_RETURNED, COLUMN(hf_order_line, returned, "returned", I64)) \
    X(LINE_LEG_COUNT, COLUMN(hf_order_line, leg_count, "leg_count", U32)) \
    ACCOUNT_COLUMNS(X, LINE_FROM, hf_order_line, leg.from, "from_") \
    ACCOUNT_COLUMNS(X, LINE_TO, hf_order_line, leg.to, "to_") \
    X(LINE_PER_UNIT, COLUMN(hf_order_line, leg.per_unit, "per_unit", I64)) \
    X(LINE_LEG_UNITS, COLUMN(hf_order_line, leg.units, "leg_units", I64)) \
    X(LINE_LEG_FULFILLED, COLUMN(hf_order_line, leg.fulfilled, "leg_fulfilled", I64)) \
    X(LINE_LEG_CANCELLED, COLUMN(hf_order_line, leg.cancelled, "leg_cancelled", I64)) \
    X(LINE_LEG_RETURNED, COLUMN(hf_order_line, leg.returned, "leg_returned", I64)) \
    X(LINE_LEG_DEADLINE, COLUMN(hf_order_line, leg.deadline_ms, "leg_deadline", TIME)) \
    X(LINE_ROLE, COLUMN(hf_order_line, leg.role, "role", U32))

COLUMNS(line, LINE_COLUMN_LIST);

static const uint8_t line_key[] = { LINE_ORDER_ID, LINE_NO };
static const uint8_t line_due[] = {
    LINE_FROM_KIND,
    LINE_FROM_NAME,
    LINE_FROM_PLACE,
    LINE_FROM_UNIT,
    LINE_LEG_DEADLINE,
};

static const hf_index line_indexes[] = {
    INDEX_WHERE("order_lines_due", line_due, LINE_LEG_DEADLINE, 0),
};

const hf_table hf__order_lines_table = {
    .name = "order_lines",
    .id = HF__ORDER_LINES + 1,
    .row_bytes = sizeof(hf_order_line),
    .columns = line_columns,
    .key = line_key,
    .indexes = line_indexes,
    .column_count = HF__COUNT(line_columns),
    .key_count = HF__COUNT(line_key),
    .index_count = HF__COUNT(line_indexes),
};

HF__CODERS(order_lines, LINE_COLUMN_LIST)

#define LEG_COLUMN_LIST(X) \
    X(LEG_ORDER_ID, COLUMN(hf_order_leg, order, "order_id", ID)) \
    X(LEG_LINE_NO, COLUMN(hf_order_leg, line_no, "line_no", U32)) \
    X(LEG_NO, COLUMN(hf_order_leg, no, "no", U32)) \
    ACCOUNT_COLUMNS(X, LEG_FROM, hf_order_leg, leg.from, "from_") \
    ACCOUNT_COLUMNS(X, LEG_TO, hf_order_leg, leg.to, "to_") \
    X(LEG_PER_UNIT, COLUMN(hf_order_leg, leg.per_unit, "per_unit", I64)) \
    X(LEG_LEG_UNITS, COLUMN(hf_order_leg, leg.units, "leg_units", I64)) \
    X(LEG_LEG_FULFILLED, COLUMN(hf_order_leg, leg.fulfilled, "leg_fulfilled", I64)) \
    X(LEG_LEG_CANCELLED, COLUMN(hf_order_leg, leg.cancelled, "leg_cancelled", I64)) \
    X(LEG_LEG_RETURNED, COLUMN(hf_order_leg, leg.returned, "leg_returned", I64)) \
    X(LEG_LEG_DEADLINE, COLUMN(hf_order_leg, leg.deadline_ms, "leg_deadline", TIME)) \
    X(LEG_ROLE, COLUMN(hf_order_leg, leg.role, "role", U32))

COLUMNS(leg, LEG_COLUMN_LIST);

static const uint8_t leg_key[] = { LEG_ORDER_ID, LEG_LINE_NO, LEG_NO };
static const uint8_t leg_due[] = {
    LEG_FROM_KIND,
    LEG_FROM_NAME,
    LEG_FROM_PLACE,
    LEG_FROM_UNIT,
    LEG_LEG_DEADLINE,
};

static const hf_index leg_indexes[] = {
    INDEX_WHERE("order_legs_due", leg_due, LEG_LEG_DEADLINE, 0),
};

const hf_table hf__order_legs_table = {
    .name = "order_legs",
    .id = HF__ORDER_LEGS + 1,
    .row_bytes = sizeof(hf_order_leg),
    .columns = leg_columns,
    .key = leg_key,
    .indexes = leg_indexes,
    .column_count = HF__COUNT(leg_columns),
    .key_count = HF__COUNT(leg_key),
    .index_count = HF__COUNT(leg_indexes),
};

HF__CODERS(order_legs, LEG_COLUMN_LIST)
/* clang-format on */
