/*
 * order.c - const tables of orders, their adjustments, number series, and who waits.
 */
#include "model/column.h"
#include "model/row_read.h"

/* clang-format off */
#define ORDER_COLUMN_LIST(X) \
    X(ORDER_ID, COLUMN(hf_order, id, "id", ID)) \
    X(ORDER_FINGERPRINT, COLUMN(hf_order, fingerprint, "fingerprint", HASH)) \
    X(ORDER_CUSTOMER, COLUMN(hf_order, customer, "customer", NAME)) \
    X(ORDER_CURRENCY, COLUMN(hf_order, currency, "currency", NAME)) \
    X(ORDER_STATE, ENUM_COLUMN(hf_order, state, "state", hf__order_state_names)) \
    X(ORDER_TOTAL, COLUMN(hf_order, total, "total", I64)) \
    X(ORDER_SERIES, COLUMN(hf_order, series, "series", NAME)) \
    X(ORDER_NUMBER, COLUMN(hf_order, number, "number", U64)) \
    X(ORDER_EXTERNAL_REF, COLUMN(hf_order, external_ref, "external_ref", NAME)) \
    X(ORDER_POLICY, COLUMN(hf_order, policy, "policy", U32)) \
    X(ORDER_ATTENTION, COLUMN(hf_order, attention, "attention", U32)) \
    X(ORDER_LINE_COUNT, COLUMN(hf_order, line_count, "line_count", U32)) \
    X(ORDER_ADJUSTMENT_COUNT, COLUMN(hf_order, adjustment_count, "adjustment_count", U32)) \
    X(ORDER_PAYMENT_COUNT, COLUMN(hf_order, payment_count, "payment_count", U32)) \
    X(ORDER_PLACED_SEQ, COLUMN(hf_order, placed_seq, "placed_seq", U64)) \
    X(ORDER_VERSION, COLUMN(hf_order, version, "version", U64)) \
    X(ORDER_DEADLINE, COLUMN(hf_order, deadline_ms, "deadline", TIME)) \
    X(ORDER_CREATED_AT, CLOCK_COLUMN(hf_order, created_at_ms, "created_at")) \
    X(ORDER_CONFIRMED_AT, CLOCK_COLUMN(hf_order, confirmed_at_ms, "confirmed_at")) \
    X(ORDER_CLOSED_AT, CLOCK_COLUMN(hf_order, closed_at_ms, "closed_at")) \
    X(ORDER_META, COLUMN(hf_order, meta, "meta", BYTES)) \
    X(ORDER_KEPT, COLUMN_SINCE(4, hf_order, kept, "kept", I64)) \
    X(ORDER_GIVEN_AWAY, COLUMN_SINCE(4, hf_order, given_away, "given_away", I64))

COLUMNS(order, ORDER_COLUMN_LIST);

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

HF__CODERS(orders, ORDER_COLUMN_LIST)

#define ADJUSTMENT_COLUMN_LIST(X) \
    X(ADJUSTMENT_ORDER_ID, COLUMN(hf_adjustment, order, "order_id", ID)) \
    X(ADJUSTMENT_NO, COLUMN(hf_adjustment, no, "no", U32)) \
    X(ADJUSTMENT_LINE_NO, COLUMN(hf_adjustment, line, "line_no", U32)) \
    X(ADJUSTMENT_KIND, ENUM_COLUMN(hf_adjustment, kind, "kind", hf__adjustment_names)) \
    X(ADJUSTMENT_AMOUNT, COLUMN(hf_adjustment, amount, "amount", I64))

COLUMNS(adjustment, ADJUSTMENT_COLUMN_LIST);

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

HF__CODERS(adjustments, ADJUSTMENT_COLUMN_LIST)

#define WAIT_COLUMN_LIST(X) \
    ACCOUNT_COLUMNS(X, WAIT, hf__wait, account, "") \
    X(WAIT_PLACED_SEQ, COLUMN(hf__wait, placed_seq, "placed_seq", U64)) \
    X(WAIT_ORDER_ID, COLUMN(hf__wait, order, "order_id", ID))

COLUMNS(wait, WAIT_COLUMN_LIST);

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

HF__CODERS(waits, WAIT_COLUMN_LIST)

#define SERIES_COLUMN_LIST(X) \
    X(SERIES_NAME, COLUMN(hf__series, name, "name", NAME)) \
    X(SERIES_LAST, COLUMN(hf__series, last, "last", U64))

COLUMNS(series, SERIES_COLUMN_LIST);

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

HF__CODERS(series, SERIES_COLUMN_LIST)
/* clang-format on */
