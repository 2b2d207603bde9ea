/*
 * line.c - const tables of order lines and further legs.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column line_columns[] = {
    COLUMN(hf_order_line, order, "order_id", ID),
    COLUMN(hf_order_line, no, "no", U32),
    COLUMN(hf_order_line, sku, "sku", NAME),
    COLUMN(hf_order_line, quantity, "quantity", I64),
    COLUMN(hf_order_line, unit_price, "unit_price", I64),
    COLUMN(hf_order_line, price_per, "price_per", I64),
    COLUMN(hf_order_line, total, "total", I64),
    ENUM_COLUMN(hf_order_line, settle_on, "settle_on", hf__settle_names),
    COLUMN(hf_order_line, fulfilled, "fulfilled", I64),
    COLUMN(hf_order_line, cancelled, "cancelled", I64),
    COLUMN(hf_order_line, returned, "returned", I64),
    COLUMN(hf_order_line, leg_count, "leg_count", U32),
    ACCOUNT_COLUMNS(hf_order_line, leg.from, "from_"),
    ACCOUNT_COLUMNS(hf_order_line, leg.to, "to_"),
    COLUMN(hf_order_line, leg.per_unit, "per_unit", I64),
    COLUMN(hf_order_line, leg.units, "leg_units", I64),
    COLUMN(hf_order_line, leg.fulfilled, "leg_fulfilled", I64),
    COLUMN(hf_order_line, leg.cancelled, "leg_cancelled", I64),
    COLUMN(hf_order_line, leg.returned, "leg_returned", I64),
    COLUMN(hf_order_line, leg.deadline_ms, "leg_deadline", TIME),
    COLUMN(hf_order_line, leg.role, "role", U32),
};

/* Ordinals of the columns above. */
enum {
    LINE_ORDER_ID, LINE_NO, LINE_SKU, LINE_QUANTITY, LINE_UNIT_PRICE, LINE_PRICE_PER,
    LINE_TOTAL, LINE_SETTLE_ON, LINE_FULFILLED, LINE_CANCELLED, LINE_RETURNED, LINE_LEG_COUNT,
    LINE_FROM_KIND, LINE_FROM_NAME, LINE_FROM_PLACE, LINE_FROM_UNIT, LINE_TO_KIND, LINE_TO_NAME,
    LINE_TO_PLACE, LINE_TO_UNIT, LINE_PER_UNIT, LINE_LEG_UNITS, LINE_LEG_FULFILLED,
    LINE_LEG_CANCELLED, LINE_LEG_RETURNED, LINE_LEG_DEADLINE, LINE_ROLE,
};

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

static const hf_column leg_columns[] = {
    COLUMN(hf_order_leg, order, "order_id", ID),
    COLUMN(hf_order_leg, line_no, "line_no", U32),
    COLUMN(hf_order_leg, no, "no", U32),
    ACCOUNT_COLUMNS(hf_order_leg, leg.from, "from_"),
    ACCOUNT_COLUMNS(hf_order_leg, leg.to, "to_"),
    COLUMN(hf_order_leg, leg.per_unit, "per_unit", I64),
    COLUMN(hf_order_leg, leg.units, "leg_units", I64),
    COLUMN(hf_order_leg, leg.fulfilled, "leg_fulfilled", I64),
    COLUMN(hf_order_leg, leg.cancelled, "leg_cancelled", I64),
    COLUMN(hf_order_leg, leg.returned, "leg_returned", I64),
    COLUMN(hf_order_leg, leg.deadline_ms, "leg_deadline", TIME),
    COLUMN(hf_order_leg, leg.role, "role", U32),
};

/* Ordinals of the columns above. */
enum {
    LEG_ORDER_ID, LEG_LINE_NO, LEG_NO, LEG_FROM_KIND, LEG_FROM_NAME, LEG_FROM_PLACE,
    LEG_FROM_UNIT, LEG_TO_KIND, LEG_TO_NAME, LEG_TO_PLACE, LEG_TO_UNIT, LEG_PER_UNIT,
    LEG_LEG_UNITS, LEG_LEG_FULFILLED, LEG_LEG_CANCELLED, LEG_LEG_RETURNED, LEG_LEG_DEADLINE,
    LEG_ROLE,
};

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
/* clang-format on */
