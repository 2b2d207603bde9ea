/*
 * records.c - shapes of the records of accounts, holds, orders and payments.
 */
#include "api/structs/structs.h"
#include "model/limits.h"

/* clang-format off */
static const char *const fact_flag_names[] = {"TOTAL", "FINAL", "SET_ASIDE", NULL};

#define HAS_LIMIT_I64(type, field)  HAS(type, field, I64),
#define HAS_LIMIT_BOOL(type, field) HAS(type, field, U32),
#define HAS_LIMIT(type, field, bit, what, number, since) HAS_LIMIT_##what(type, field)

static const hf_field account_fields[] = {
    HAS(hf_account, key, REF),
    HAS(hf_account, balance, I64),
    HAS(hf_account, held_out, I64),
    HAS(hf_account, held_in, I64),
    HF__LIMIT_AMOUNTS(HAS_LIMIT, hf_account)
    HAS(hf_account, created_at_ms, TIME),
    HAS(hf_account, updated_at_ms, TIME),
    HAS(hf_account, version, U64),
    HAS(hf_account, waiting, U64),
    HF__LIMIT_SWITCHES(HAS_LIMIT, hf_account)
    HAS_BITS(hf_account, attention, hf__arg_attention_bits),
    HAS(hf_account, meta, BYTES),
    HF__LIMITS_LATER(HAS_LIMIT, hf_account)
};

static const hf_field unit_fields[] = {
    HAS(hf_unit, code, LABEL),
    HAS(hf_unit, scale, U32),
};

static const hf_field hold_fields[] = {
    HAS(hf_hold, id, ID),
    HAS(hf_hold, fingerprint, HASH),
    HAS(hf_hold, from, REF),
    HAS(hf_hold, to, REF),
    HAS(hf_hold, amount, I64),
    HAS(hf_hold, posted, I64),
    HAS(hf_hold, released, I64),
    HAS(hf_hold, reversed, I64),
    HAS(hf_hold, deadline_ms, TIME),
    HAS(hf_hold, created_at_ms, TIME),
    HAS(hf_hold, updated_at_ms, TIME),
    HAS(hf_hold, version, U64),
    HAS_ONE_OF(hf_hold, state, hf__hold_state_names),
    HAS_BITS(hf_hold, attention, hf__arg_attention_bits),
    HAS(hf_hold, meta, BYTES),
    HAS(hf_hold, txn, ID_OPT),
};

static const hf_field leg_fields[] = {
    HAS(hf_leg, from, REF),
    HAS(hf_leg, to, REF),
    HAS(hf_leg, per_unit, I64),
    HAS(hf_leg, units, I64),
    HAS(hf_leg, fulfilled, I64),
    HAS(hf_leg, cancelled, I64),
    HAS(hf_leg, returned, I64),
    HAS(hf_leg, deadline_ms, TIME),
    HAS(hf_leg, role, U32),
};

static const hf_field order_fields[] = {
    HAS(hf_order, id, ID),
    HAS(hf_order, fingerprint, HASH),
    HAS(hf_order, customer, LABEL),
    HAS(hf_order, currency, LABEL),
    HAS(hf_order, series, LABEL),
    HAS(hf_order, external_ref, LABEL),
    HAS(hf_order, total, I64),
    HAS(hf_order, created_at_ms, TIME),
    HAS(hf_order, deadline_ms, TIME),
    HAS(hf_order, confirmed_at_ms, TIME),
    HAS(hf_order, closed_at_ms, TIME),
    HAS(hf_order, number, U64),
    HAS(hf_order, placed_seq, U64),
    HAS(hf_order, version, U64),
    HAS_ONE_OF(hf_order, state, hf__order_state_names),
    HAS_BITS(hf_order, policy, hf__arg_policies),
    HAS_BITS(hf_order, attention, hf__arg_attention_bits),
    HAS(hf_order, line_count, U32),
    HAS(hf_order, adjustment_count, U32),
    HAS(hf_order, payment_count, U32),
    HAS(hf_order, meta, BYTES),
    HAS(hf_order, kept, I64),
    HAS(hf_order, given_away, I64),
};

static const hf_field order_line_fields[] = {
    HAS(hf_order_line, order, ID),
    HAS(hf_order_line, sku, LABEL),
    HAS(hf_order_line, quantity, I64),
    HAS(hf_order_line, unit_price, I64),
    HAS(hf_order_line, price_per, I64),
    HAS(hf_order_line, total, I64),
    HAS(hf_order_line, fulfilled, I64),
    HAS(hf_order_line, cancelled, I64),
    HAS(hf_order_line, returned, I64),
    HAS(hf_order_line, no, U32),
    HAS_ONE_OF(hf_order_line, settle_on, hf__settle_names),
    HAS(hf_order_line, leg_count, U32),
    HAS_STRUCT(hf_order_line, leg, &hf__struct_leg),
};

static const hf_field order_leg_fields[] = {
    HAS(hf_order_leg, order, ID),
    HAS(hf_order_leg, line_no, U32),
    HAS(hf_order_leg, no, U32),
    HAS_STRUCT(hf_order_leg, leg, &hf__struct_leg),
};

static const hf_field adjustment_fields[] = {
    HAS(hf_adjustment, order, ID),
    HAS(hf_adjustment, amount, I64),
    HAS(hf_adjustment, no, U32),
    HAS(hf_adjustment, line, U32),
    HAS_ONE_OF(hf_adjustment, kind, hf__adjustment_names),
};

static const hf_field payment_fields[] = {
    HAS(hf_payment, id, ID),
    HAS(hf_payment, fingerprint, HASH),
    HAS(hf_payment, order, ID),
    HAS(hf_payment, account, REF),
    HAS(hf_payment, provider, LABEL),
    HAS(hf_payment, provider_ref, LABEL),
    HAS(hf_payment, amount, I64),
    HAS(hf_payment, authorized, I64),
    HAS(hf_payment, captured, I64),
    HAS(hf_payment, voided, I64),
    HAS(hf_payment, refunded, I64),
    HAS(hf_payment, charged_back, I64),
    HAS(hf_payment, pending_authorize, I64),
    HAS(hf_payment, pending_capture, I64),
    HAS(hf_payment, pending_void, I64),
    HAS(hf_payment, pending_refund, I64),
    HAS(hf_payment, deadline_ms, TIME),
    HAS(hf_payment, created_at_ms, TIME),
    HAS(hf_payment, updated_at_ms, TIME),
    HAS(hf_payment, version, U64),
    HAS(hf_payment, no, U32),
    HAS_ONE_OF(hf_payment, method, hf__method_names),
    HAS_ONE_OF(hf_payment, settle_on, hf__settle_names),
    HAS_ONE_OF(hf_payment, state, hf__payment_state_names),
    HAS_BITS(hf_payment, attention, hf__arg_attention_bits),
    HAS(hf_payment, commands, U32),
    HAS_BITS(hf_payment, flags, hf__arg_payment_flags),
    HAS(hf_payment, barred, I64),
    HAS(hf_payment, capture_refused, I64),
    HAS(hf_payment, void_refused, I64),
    HAS(hf_payment, refund_refused, I64),
    HAS(hf_payment, authorized_implied, I64),
    HAS(hf_payment, chargeback_reversals, I64),
};

static const hf_field fact_fields[] = {
    HAS(hf_fact, provider, LABEL),
    HAS(hf_fact, fact_ref, LABEL),
    HAS(hf_fact, unit, LABEL),
    HAS(hf_fact, payment, ID_OPT),
    HAS(hf_fact, amount, I64),
    HAS(hf_fact, provider_time_ms, TIME),
    HAS(hf_fact, at_ms, TIME),
    HAS_ONE_OF(hf_fact, kind, hf__fact_names),
    HAS_BITS(hf_fact, attention, hf__arg_attention_bits),
    HAS(hf_fact, txn, ID_OPT),
    HAS(hf_fact, reference, LABEL),
    HAS(hf_fact, payment_ref, LABEL),
    HAS(hf_fact, uncounted, I64),
    HAS_BITS(hf_fact, flags, fact_flag_names),
};

const hf_shape hf__struct_account = STRUCT(hf_account, account_fields);
const hf_shape hf__struct_unit = STRUCT(hf_unit, unit_fields);
const hf_shape hf__struct_hold = STRUCT(hf_hold, hold_fields);
const hf_shape hf__struct_leg = STRUCT(hf_leg, leg_fields);
const hf_shape hf__struct_order = STRUCT(hf_order, order_fields);
const hf_shape hf__struct_order_line = STRUCT(hf_order_line, order_line_fields);
const hf_shape hf__struct_order_leg = STRUCT(hf_order_leg, order_leg_fields);
const hf_shape hf__struct_adjustment = STRUCT(hf_adjustment, adjustment_fields);
const hf_shape hf__struct_payment = STRUCT(hf_payment, payment_fields);
const hf_shape hf__struct_fact = STRUCT(hf_fact, fact_fields);
/* clang-format on */
