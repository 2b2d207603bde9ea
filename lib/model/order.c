/*
 * order.c - const tables of orders, their adjustments, number series, and who waits.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column order_columns[] = {
    COLUMN(hf_order, id, "id", ID),
    COLUMN(hf_order, fingerprint, "fingerprint", HASH),
    COLUMN(hf_order, customer, "customer", NAME),
    COLUMN(hf_order, currency, "currency", NAME),
    ENUM_COLUMN(hf_order, state, "state", hf__order_state_names),
    COLUMN(hf_order, total, "total", I64),
    COLUMN(hf_order, series, "series", NAME),
    COLUMN(hf_order, number, "number", U64),
    COLUMN(hf_order, external_ref, "external_ref", NAME),
    COLUMN(hf_order, policy, "policy", U32),
    COLUMN(hf_order, attention, "attention", U32),
    COLUMN(hf_order, line_count, "line_count", U32),
    COLUMN(hf_order, adjustment_count, "adjustment_count", U32),
    COLUMN(hf_order, payment_count, "payment_count", U32),
    COLUMN(hf_order, placed_seq, "placed_seq", U64),
    COLUMN(hf_order, version, "version", U64),
    COLUMN(hf_order, deadline_ms, "deadline", TIME),
    CLOCK_COLUMN(hf_order, created_at_ms, "created_at"),
    CLOCK_COLUMN(hf_order, confirmed_at_ms, "confirmed_at"),
    CLOCK_COLUMN(hf_order, closed_at_ms, "closed_at"),
    COLUMN(hf_order, meta, "meta", BYTES),
    COLUMN_SINCE(4, hf_order, kept, "kept", I64),
    COLUMN_SINCE(4, hf_order, given_away, "given_away", I64),
};

/* Ordinals of the columns above. */
enum {
    ORDER_ID, ORDER_FINGERPRINT, ORDER_CUSTOMER, ORDER_CURRENCY, ORDER_STATE, ORDER_TOTAL,
    ORDER_SERIES, ORDER_NUMBER, ORDER_EXTERNAL_REF, ORDER_POLICY, ORDER_ATTENTION,
    ORDER_LINE_COUNT, ORDER_ADJUSTMENT_COUNT, ORDER_PAYMENT_COUNT, ORDER_PLACED_SEQ,
    ORDER_VERSION, ORDER_DEADLINE, ORDER_CREATED_AT, ORDER_CONFIRMED_AT, ORDER_CLOSED_AT,
    ORDER_META, ORDER_KEPT, ORDER_GIVEN_AWAY,
};

static const uint8_t order_key[] = { ORDER_ID };
static const uint8_t order_customer[] = { ORDER_CUSTOMER };
static const uint8_t order_ref[] = { ORDER_EXTERNAL_REF };
static const uint8_t order_state[] = { ORDER_STATE };
static const uint8_t order_due[] = { ORDER_DEADLINE };
static const uint8_t order_attention[] = { ORDER_ID };

static const hf_index order_indexes[] = {
    INDEX_WHERE("orders_customer", order_customer, ORDER_CUSTOMER, 0),
    INDEX_WHERE("orders_ref", order_ref, ORDER_EXTERNAL_REF, 0),
    INDEX("orders_state", order_state),
    INDEX_WHERE("orders_due", order_due, ORDER_DEADLINE, 0),
    INDEX_WHERE("orders_attention", order_attention, ORDER_ATTENTION, 0),
};

const hf_table hf__orders_table = {
    .name = "orders",
    .id = HF__ORDERS + 1,
    .row_bytes = sizeof(hf_order),
    .columns = order_columns,
    .key = order_key,
    .indexes = order_indexes,
    .column_count = HF__COUNT(order_columns),
    .key_count = HF__COUNT(order_key),
    .index_count = HF__COUNT(order_indexes),
};

static const hf_column adjustment_columns[] = {
    COLUMN(hf_adjustment, order, "order_id", ID),
    COLUMN(hf_adjustment, no, "no", U32),
    COLUMN(hf_adjustment, line, "line_no", U32),
    ENUM_COLUMN(hf_adjustment, kind, "kind", hf__adjustment_names),
    COLUMN(hf_adjustment, amount, "amount", I64),
};

/* Ordinals of the columns above. */
enum {
    ADJUSTMENT_ORDER_ID, ADJUSTMENT_NO, ADJUSTMENT_LINE_NO, ADJUSTMENT_KIND, ADJUSTMENT_AMOUNT,
};

static const uint8_t adjustment_key[] = { ADJUSTMENT_ORDER_ID, ADJUSTMENT_NO };

const hf_table hf__adjustments_table = {
    .name = "adjustments",
    .id = HF__ADJUSTMENTS + 1,
    .row_bytes = sizeof(hf_adjustment),
    .columns = adjustment_columns,
    .key = adjustment_key,
    .indexes = NULL,
    .column_count = HF__COUNT(adjustment_columns),
    .key_count = HF__COUNT(adjustment_key),
    .index_count = 0,
};

static const hf_column wait_columns[] = {
    ACCOUNT_COLUMNS(hf__wait, account, ""),
    COLUMN(hf__wait, placed_seq, "placed_seq", U64),
    COLUMN(hf__wait, order, "order_id", ID),
};

/* Ordinals of the columns above. */
enum {
    WAIT_KIND, WAIT_NAME, WAIT_PLACE, WAIT_UNIT, WAIT_PLACED_SEQ, WAIT_ORDER_ID,
};

static const uint8_t wait_key[] = { WAIT_KIND, WAIT_NAME, WAIT_PLACE, WAIT_UNIT, WAIT_PLACED_SEQ };
static const uint8_t wait_order[] = { WAIT_ORDER_ID };

static const hf_index wait_indexes[] = {
    INDEX("waits_order", wait_order),
};

const hf_table hf__waits_table = {
    .name = "waits",
    .id = HF__WAITS + 1,
    .row_bytes = sizeof(hf__wait),
    .columns = wait_columns,
    .key = wait_key,
    .indexes = wait_indexes,
    .column_count = HF__COUNT(wait_columns),
    .key_count = HF__COUNT(wait_key),
    .index_count = HF__COUNT(wait_indexes),
};

static const hf_column series_columns[] = {
    COLUMN(hf__series, name, "name", NAME),
    COLUMN(hf__series, last, "last", U64),
};

/* Ordinals of the columns above. */
enum {
    SERIES_NAME, SERIES_LAST,
};

static const uint8_t series_key[] = { SERIES_NAME };

const hf_table hf__series_table = {
    .name = "series",
    .id = HF__SERIES + 1,
    .row_bytes = sizeof(hf__series),
    .columns = series_columns,
    .key = series_key,
    .indexes = NULL,
    .column_count = HF__COUNT(series_columns),
    .key_count = HF__COUNT(series_key),
    .index_count = 0,
};
/* clang-format on */
