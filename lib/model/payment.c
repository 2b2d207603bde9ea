/*
 * payment.c - const tables of payments and the facts of providers.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column payment_columns[] = {
    COLUMN(hf_payment, id, "id", ID),
    COLUMN(hf_payment, fingerprint, "fingerprint", HASH),
    COLUMN(hf_payment, order, "order_id", ID),
    COLUMN(hf_payment, no, "no", U32),
    ENUM_COLUMN(hf_payment, method, "method", hf__method_names),
    ACCOUNT_COLUMNS(hf_payment, account, "account_"),
    COLUMN(hf_payment, provider, "provider", NAME),
    COLUMN(hf_payment, provider_ref, "provider_ref", NAME),
    ENUM_COLUMN(hf_payment, settle_on, "settle_on", hf__settle_names),
    ENUM_COLUMN(hf_payment, state, "state", hf__payment_state_names),
    COLUMN(hf_payment, attention, "attention", U32),
    COLUMN(hf_payment, amount, "amount", I64),
    COLUMN(hf_payment, authorized, "authorized", I64),
    COLUMN(hf_payment, captured, "captured", I64),
    COLUMN(hf_payment, voided, "voided", I64),
    COLUMN(hf_payment, refunded, "refunded", I64),
    COLUMN(hf_payment, charged_back, "charged_back", I64),
    COLUMN(hf_payment, pending_authorize, "pending_authorize", I64),
    COLUMN(hf_payment, pending_capture, "pending_capture", I64),
    COLUMN(hf_payment, pending_void, "pending_void", I64),
    COLUMN(hf_payment, pending_refund, "pending_refund", I64),
    COLUMN(hf_payment, version, "version", U64),
    COLUMN(hf_payment, deadline_ms, "deadline", TIME),
    CLOCK_COLUMN(hf_payment, created_at_ms, "created_at"),
    CLOCK_COLUMN(hf_payment, updated_at_ms, "updated_at"),
    COLUMN_SINCE(2, hf_payment, commands, "commands", U32),
    COLUMN_SINCE(2, hf_payment, flags, "flags", U32),
    COLUMN_SINCE(4, hf_payment, barred, "barred", I64),
    COLUMN_SINCE(4, hf_payment, capture_refused, "capture_refused", I64),
    COLUMN_SINCE(4, hf_payment, void_refused, "void_refused", I64),
    COLUMN_SINCE(4, hf_payment, refund_refused, "refund_refused", I64),
    COLUMN_SINCE(4, hf_payment, authorized_implied, "authorized_implied", I64),
    COLUMN_SINCE(4, hf_payment, chargeback_reversals, "chargeback_reversals", I64),
};

/* Ordinals of the columns above. */
enum {
    PAYMENT_ID, PAYMENT_FINGERPRINT, PAYMENT_ORDER_ID, PAYMENT_NO, PAYMENT_METHOD,
    PAYMENT_ACCOUNT_KIND, PAYMENT_ACCOUNT_NAME, PAYMENT_ACCOUNT_PLACE, PAYMENT_ACCOUNT_UNIT,
    PAYMENT_PROVIDER, PAYMENT_PROVIDER_REF, PAYMENT_SETTLE_ON, PAYMENT_STATE, PAYMENT_ATTENTION,
    PAYMENT_AMOUNT, PAYMENT_AUTHORIZED, PAYMENT_CAPTURED, PAYMENT_VOIDED, PAYMENT_REFUNDED,
    PAYMENT_CHARGED_BACK, PAYMENT_PENDING_AUTHORIZE, PAYMENT_PENDING_CAPTURE,
    PAYMENT_PENDING_VOID, PAYMENT_PENDING_REFUND, PAYMENT_VERSION, PAYMENT_DEADLINE,
    PAYMENT_CREATED_AT, PAYMENT_UPDATED_AT, PAYMENT_COMMANDS, PAYMENT_FLAGS, PAYMENT_BARRED,
    PAYMENT_CAPTURE_REFUSED, PAYMENT_VOID_REFUSED, PAYMENT_REFUND_REFUSED,
    PAYMENT_AUTHORIZED_IMPLIED, PAYMENT_CHARGEBACK_REVERSALS,
};

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

static const hf_column fact_columns[] = {
    COLUMN(hf_fact, provider, "provider", NAME),
    ENUM_COLUMN(hf_fact, kind, "kind", hf__fact_names),
    COLUMN(hf_fact, fact_ref, "fact_ref", NAME),
    COLUMN(hf_fact, payment, "payment_id", ID),
    COLUMN(hf_fact, amount, "amount", I64),
    COLUMN(hf_fact, unit, "unit", NAME),
    COLUMN(hf_fact, attention, "attention", U32),
    COLUMN(hf_fact, provider_time_ms, "provider_time", TIME),
    CLOCK_COLUMN(hf_fact, at_ms, "at"),
    COLUMN_SINCE(3, hf_fact, txn, "txn_id", ID),
    COLUMN_SINCE(4, hf_fact, reference, "reference", NAME),
    COLUMN_SINCE(4, hf_fact, payment_ref, "payment_ref", NAME),
    COLUMN_SINCE(4, hf_fact, uncounted, "uncounted", I64),
    COLUMN_SINCE(4, hf_fact, flags, "flags", U32),
};

/* Ordinals of the columns above. */
enum {
    FACT_PROVIDER, FACT_KIND, FACT_FACT_REF, FACT_PAYMENT_ID, FACT_AMOUNT, FACT_UNIT,
    FACT_ATTENTION, FACT_PROVIDER_TIME, FACT_AT, FACT_TXN_ID, FACT_REFERENCE, FACT_PAYMENT_REF,
    FACT_UNCOUNTED, FACT_FLAGS,
};

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
/* clang-format on */
