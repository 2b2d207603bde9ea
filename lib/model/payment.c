/*
 * payment.c - const tables of payments and the facts of providers.
 */
#include "model/column.h"
#include "model/row_read.h"

/* clang-format off */
#define PAYMENT_COLUMN_LIST(X) \
    X(PAYMENT_ID, COLUMN(hf_payment, id, "id", ID)) \
    X(PAYMENT_FINGERPRINT, COLUMN(hf_payment, fingerprint, "fingerprint", HASH)) \
    X(PAYMENT_ORDER_ID, COLUMN(hf_payment, order, "order_id", ID)) \
    X(PAYMENT_NO, COLUMN(hf_payment, no, "no", U32)) \
    X(PAYMENT_METHOD, ENUM_COLUMN(hf_payment, method, "method", hf__method_names)) \
    ACCOUNT_COLUMNS(X, PAYMENT_ACCOUNT, hf_payment, account, "account_") \
    X(PAYMENT_PROVIDER, COLUMN(hf_payment, provider, "provider", NAME)) \
    X(PAYMENT_PROVIDER_REF, COLUMN(hf_payment, provider_ref, "provider_ref", NAME)) \
    X(PAYMENT_SETTLE_ON, ENUM_COLUMN(hf_payment, settle_on, "settle_on", hf__settle_names)) \
    X(PAYMENT_STATE, ENUM_COLUMN(hf_payment, state, "state", hf__payment_state_names)) \
    X(PAYMENT_ATTENTION, COLUMN(hf_payment, attention, "attention", U32)) \
    X(PAYMENT_AMOUNT, COLUMN(hf_payment, amount, "amount", I64)) \
    X(PAYMENT_AUTHORIZED, COLUMN(hf_payment, authorized, "authorized", I64)) \
    X(PAYMENT_CAPTURED, COLUMN(hf_payment, captured, "captured", I64)) \
    X(PAYMENT_VOIDED, COLUMN(hf_payment, voided, "voided", I64)) \
    X(PAYMENT_REFUNDED, COLUMN(hf_payment, refunded, "refunded", I64)) \
    X(PAYMENT_CHARGED_BACK, COLUMN(hf_payment, charged_back, "charged_back", I64)) \
    X(PAYMENT_PENDING_AUTHORIZE, COLUMN(hf_payment, pending_authorize, "pending_authorize", I64)) \
    X(PAYMENT_PENDING_CAPTURE, COLUMN(hf_payment, pending_capture, "pending_capture", I64)) \
    X(PAYMENT_PENDING_VOID, COLUMN(hf_payment, pending_void, "pending_void", I64)) \
    X(PAYMENT_PENDING_REFUND, COLUMN(hf_payment, pending_refund, "pending_refund", I64)) \
    X(PAYMENT_VERSION, COLUMN(hf_payment, version, "version", U64)) \
    X(PAYMENT_DEADLINE, COLUMN(hf_payment, deadline_ms, "deadline", TIME)) \
    X(PAYMENT_CREATED_AT, CLOCK_COLUMN(hf_payment, created_at_ms, "created_at")) \
    X(PAYMENT_UPDATED_AT, CLOCK_COLUMN(hf_payment, updated_at_ms, "updated_at")) \
    X(PAYMENT_COMMANDS, COLUMN_SINCE(2, hf_payment, commands, "commands", U32)) \
    X(PAYMENT_FLAGS, COLUMN_SINCE(2, hf_payment, flags, "flags", U32)) \
    X(PAYMENT_BARRED, COLUMN_SINCE(4, hf_payment, barred, "barred", I64)) \
    X(PAYMENT_CAPTURE_REFUSED, COLUMN_SINCE(4, hf_payment, capture_refused, "capture_refused", I64)) \
    X(PAYMENT_VOID_REFUSED, COLUMN_SINCE(4, hf_payment, void_refused, "void_refused", I64)) \
    X(PAYMENT_REFUND_REFUSED, COLUMN_SINCE(4, hf_payment, refund_refused, "refund_refused", I64)) \
    X(PAYMENT_AUTHORIZED_IMPLIED, COLUMN_SINCE(4, hf_payment, authorized_implied, "authorized_implied", I64)) \
    X(PAYMENT_CHARGEBACK_REVERSALS, COLUMN_SINCE(4, hf_payment, chargeback_reversals, "chargeback_reversals", I64))

COLUMNS(payment, PAYMENT_COLUMN_LIST);

static const uint8_t payment_key[] = { PAYMENT_ID };
static const uint8_t payment_order[] = { PAYMENT_ORDER_ID, PAYMENT_NO };
static const uint8_t payment_due[] = {
    PAYMENT_ACCOUNT_KIND,
    PAYMENT_ACCOUNT_NAME,
    PAYMENT_ACCOUNT_PLACE,
    PAYMENT_ACCOUNT_UNIT,
    PAYMENT_DEADLINE,
};
static const uint8_t payment_ref[] = { PAYMENT_PROVIDER, PAYMENT_PROVIDER_REF };
static const uint8_t payment_attention[] = { PAYMENT_ID };
static const uint8_t payment_provider[] = { PAYMENT_PROVIDER, PAYMENT_STATE };

static const hf_index payment_indexes[] = {
    INDEX("payments_order", payment_order),
    INDEX_WHERE("payments_due", payment_due, PAYMENT_DEADLINE, 0),
    INDEX_WHERE("payments_ref", payment_ref, PAYMENT_PROVIDER_REF, 0),
    INDEX_WHERE("payments_attention", payment_attention, PAYMENT_ATTENTION, 0),
    INDEX_WHERE("payments_provider", payment_provider, PAYMENT_PROVIDER, 0),
};

const hf_table hf__payments_table = {
    .name = "payments",
    .id = HF__PAYMENTS + 1,
    .row_bytes = sizeof(hf_payment),
    .columns = payment_columns,
    .key = payment_key,
    .indexes = payment_indexes,
    .column_count = HF__COUNT(payment_columns),
    .key_count = HF__COUNT(payment_key),
    .index_count = HF__COUNT(payment_indexes),
};

HF__CODERS(payments, PAYMENT_COLUMN_LIST)

#define FACT_COLUMN_LIST(X) \
    X(FACT_PROVIDER, COLUMN(hf_fact, provider, "provider", NAME)) \
    X(FACT_KIND, ENUM_COLUMN(hf_fact, kind, "kind", hf__fact_names)) \
    X(FACT_FACT_REF, COLUMN(hf_fact, fact_ref, "fact_ref", NAME)) \
    X(FACT_PAYMENT_ID, COLUMN(hf_fact, payment, "payment_id", ID)) \
    X(FACT_AMOUNT, COLUMN(hf_fact, amount, "amount", I64)) \
    X(FACT_UNIT, COLUMN(hf_fact, unit, "unit", NAME)) \
    X(FACT_ATTENTION, COLUMN(hf_fact, attention, "attention", U32)) \
    X(FACT_PROVIDER_TIME, COLUMN(hf_fact, provider_time_ms, "provider_time", TIME)) \
    X(FACT_AT, CLOCK_COLUMN(hf_fact, at_ms, "at")) \
    X(FACT_TXN_ID, COLUMN_SINCE(3, hf_fact, txn, "txn_id", ID)) \
    X(FACT_REFERENCE, COLUMN_SINCE(4, hf_fact, reference, "reference", NAME)) \
    X(FACT_PAYMENT_REF, COLUMN_SINCE(4, hf_fact, payment_ref, "payment_ref", NAME)) \
    X(FACT_UNCOUNTED, COLUMN_SINCE(4, hf_fact, uncounted, "uncounted", I64)) \
    X(FACT_FLAGS, COLUMN_SINCE(4, hf_fact, flags, "flags", U32))

COLUMNS(fact, FACT_COLUMN_LIST);

static const uint8_t fact_key[] = { FACT_PROVIDER, FACT_KIND, FACT_FACT_REF };
static const uint8_t fact_payment[] = { FACT_PAYMENT_ID };
static const uint8_t fact_attention[] = { FACT_PROVIDER, FACT_KIND, FACT_FACT_REF };

static const uint8_t fact_reference[] = { FACT_PROVIDER, FACT_KIND, FACT_REFERENCE };
static const uint8_t fact_payment_ref[] = { FACT_PROVIDER, FACT_PAYMENT_REF };

static const hf_index fact_indexes[] = {
    INDEX_WHERE("facts_payment", fact_payment, FACT_PAYMENT_ID, 0),
    INDEX_WHERE("facts_attention", fact_attention, FACT_ATTENTION, 0),
    INDEX_WHERE("facts_reference", fact_reference, FACT_REFERENCE, 0),
    INDEX_WHERE("facts_unmatched", fact_payment_ref, FACT_PAYMENT_REF, 0), /* its stored name */
};

const hf_table hf__facts_table = {
    .name = "facts",
    .id = HF__FACTS + 1,
    .row_bytes = sizeof(hf_fact),
    .columns = fact_columns,
    .key = fact_key,
    .indexes = fact_indexes,
    .column_count = HF__COUNT(fact_columns),
    .key_count = HF__COUNT(fact_key),
    .index_count = HF__COUNT(fact_indexes),
};

HF__CODERS(facts, FACT_COLUMN_LIST)
/* clang-format on */
