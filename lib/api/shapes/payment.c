/*
 * payment.c - arguments of the payment and attention operations: shapes and defaults.
 */
#include "api/shapes/shapes.h"

/* clang-format off */
static const hf_field payment_fields[] = {
    ID_OPT(hf_payment_args, id),
    KEY_OPT(hf_payment_args, account),
    NAME_OPT(hf_payment_args, provider),
    NUMBER(hf_payment_args, amount, I64, 0, INT64_MAX, HF_E_AMOUNT),
    ENUM(hf_payment_args, method, HF_METHOD_ACCOUNT, HF_METHOD_PROVIDER, hf__method_names),
    ENUM(hf_payment_args, settle_on, HF_SETTLE_CONFIRM, HF_SETTLE_MANUAL, hf__settle_names),
    TIME(hf_payment_args, deadline_ms, HF_E_DEADLINE),
    FLAGS(hf_payment_args, flags, 255, hf__arg_payment_flags),
};

/* The payment stands inline: its fields are listed with their path. */
static const hf_field add_fields[] = {
    HEAD(hf_payment_add_args),
    ID(hf_payment_add_args, order),
    ID_OPT(hf_payment_add_args, payment.id),
    KEY_OPT(hf_payment_add_args, payment.account),
    NAME_OPT(hf_payment_add_args, payment.provider),
    NUMBER(hf_payment_add_args, payment.amount, I64, 0, INT64_MAX, HF_E_AMOUNT),
    ENUM(hf_payment_add_args, payment.method, HF_METHOD_ACCOUNT, HF_METHOD_PROVIDER,
         hf__method_names),
    ENUM(hf_payment_add_args, payment.settle_on, HF_SETTLE_CONFIRM, HF_SETTLE_MANUAL,
         hf__settle_names),
    TIME(hf_payment_add_args, payment.deadline_ms, HF_E_DEADLINE),
    FLAGS(hf_payment_add_args, payment.flags, 255, hf__arg_payment_flags),
};

static const hf_field amount_fields[] = {
    HEAD(hf_payment_amount_args),
    ID(hf_payment_amount_args, payment),
    AMOUNT(hf_payment_amount_args, amount),
};

static const hf_field report_fields[] = {
    HEAD(hf_payment_report_args),
    NAME(hf_payment_report_args, provider),
    NAME(hf_payment_report_args, fact_ref),
    NAME(hf_payment_report_args, unit),
    ID_OPT(hf_payment_report_args, payment),
    NUMBER(hf_payment_report_args, amount, I64, 0, INT64_MAX, HF_E_AMOUNT),
    TIME(hf_payment_report_args, provider_time_ms, HF_E_ARGUMENT),
    ENUM(hf_payment_report_args, kind, HF_FACT_AUTHORIZED, HF_FACT_CHARGEBACK_REVERSED,
         hf__fact_names),
    FLAGS(hf_payment_report_args, flags, 3, hf__arg_report_flags),
    NAME_OPT(hf_payment_report_args, reference),
    NAME_OPT(hf_payment_report_args, payment_ref),
};

static const hf_field get_fields[] = {
    HEAD(hf_payment_get_args),
    ID(hf_payment_get_args, payment),
};

static const hf_field find_fields[] = {
    HEAD(hf_payment_find_args),
    NAME(hf_payment_find_args, provider),
    NAME(hf_payment_find_args, provider_ref),
};

static const hf_field list_fields[] = {
    HEAD(hf_payment_list_args),
    ID_OPT(hf_payment_list_args, order),
    ID_OPT(hf_payment_list_args, after),
    NAME_OPT(hf_payment_list_args, provider),
    ENUM(hf_payment_list_args, by, HF_PAYMENTS_ALL, HF_PAYMENTS_BY_PROVIDER, hf__arg_payment_bys),
    ENUM(hf_payment_list_args, state, HF_PAYMENT_NONE, HF_PAYMENT_FAILED, hf__payment_state_names),
    SWITCH(hf_payment_list_args, newest_first),
    LIMIT(hf_payment_list_args, 256),
};

static const hf_field attention_list_fields[] = {
    HEAD(hf_attention_list_args),
    ENUM(hf_attention_list_args, subject, HF_ATTENTION_ON_ACCOUNT, HF_ATTENTION_ON_HOLD,
         hf__arg_attention_subjects),
    LIMIT(hf_attention_list_args, 256),
    KEY_OPT(hf_attention_list_args, after_account),
    ID_OPT(hf_attention_list_args, after_id),
    NAME_OPT(hf_attention_list_args, after_provider),
    NAME_OPT(hf_attention_list_args, after_fact_ref),
    ENUM(hf_attention_list_args, after_kind, HF_FACT_AUTHORIZED, HF_FACT_CHARGEBACK_REVERSED,
         hf__fact_names),
};

static const hf_field attention_clear_fields[] = {
    HEAD(hf_attention_clear_args),
    ENUM(hf_attention_clear_args, subject, HF_ATTENTION_ON_ACCOUNT, HF_ATTENTION_ON_HOLD,
         hf__arg_attention_subjects),
    FLAGS(hf_attention_clear_args, bits, 511, hf__arg_attention_bits),
    KEY_OPT(hf_attention_clear_args, account),
    ID_OPT(hf_attention_clear_args, id),
    NAME_OPT(hf_attention_clear_args, provider),
    NAME_OPT(hf_attention_clear_args, fact_ref),
    ENUM(hf_attention_clear_args, kind, HF_FACT_AUTHORIZED, HF_FACT_CHARGEBACK_REVERSED,
         hf__fact_names),
    NAME(hf_attention_clear_args, reason),
};
/* clang-format on */

void hf_payment_init(hf_payment_args *payment, const char *account, const char *unit,
                     int64_t amount)
{
    if (payment == NULL)
        return;
    *payment = (hf_payment_args){
        .account = hf_key_of(HF_KIND_MONEY, account, "", unit),
        .amount = amount,
        .method = HF_METHOD_ACCOUNT,
        .settle_on = HF_SETTLE_CONFIRM,
    };
}

void hf_payment_provider_init(hf_payment_args *payment, const char *provider, int64_t amount)
{
    if (payment == NULL)
        return;
    *payment = (hf_payment_args){
        .provider = provider,
        .amount = amount,
        .method = HF_METHOD_PROVIDER,
        .settle_on = HF_SETTLE_CONFIRM,
    };
}

void hf_payment_add_init(hf_payment_add_args *args, const hf_id *order)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->order = hf__id_of(order);
    hf_payment_init(&args->payment, NULL, NULL, 0);
}

void hf_payment_amount_init(hf_payment_amount_args *args, const hf_id *payment)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->payment = hf__id_of(payment);
    args->amount = HF_ALL;
}

void hf_payment_report_init(hf_payment_report_args *args)
{
    (void)hf__args_init(args, sizeof *args);
}

void hf_payment_get_init(hf_payment_get_args *args, const hf_id *payment)
{
    if (hf__args_init(args, sizeof *args))
        args->payment = hf__id_of(payment);
}

void hf_payment_find_init(hf_payment_find_args *args, const char *provider,
                          const char *provider_ref)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->provider = provider;
    args->provider_ref = provider_ref;
}

void hf_payment_list_init(hf_payment_list_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 100;
}

void hf_attention_list_init(hf_attention_list_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 100;
}

void hf_attention_clear_init(hf_attention_clear_args *args)
{
    (void)hf__args_init(args, sizeof *args);
}

static void init_payment(void *args)
{
    hf_payment_init(args, NULL, NULL, 0);
}

static void init_add(void *args)
{
    hf_payment_add_init(args, NULL);
}

static void init_amount(void *args)
{
    hf_payment_amount_init(args, NULL);
}

static void init_report(void *args)
{
    hf_payment_report_init(args);
}

static void init_get(void *args)
{
    hf_payment_get_init(args, NULL);
}

static void init_find(void *args)
{
    hf_payment_find_init(args, NULL, NULL);
}

static void init_list(void *args)
{
    hf_payment_list_init(args);
}

static void init_attention_list(void *args)
{
    hf_attention_list_init(args);
}

static void init_attention_clear(void *args)
{
    hf_attention_clear_init(args);
}

/* clang-format off */
const hf_shape hf__shape_payment = SHAPE("payment", hf_payment_args, payment_fields, init_payment);
const hf_shape hf__shape_payment_add =
    SHAPE("payment_add", hf_payment_add_args, add_fields, init_add);
const hf_shape hf__shape_payment_capture =
    SHAPE("payment_capture", hf_payment_amount_args, amount_fields, init_amount);
const hf_shape hf__shape_payment_void =
    SHAPE("payment_void", hf_payment_amount_args, amount_fields, init_amount);
const hf_shape hf__shape_payment_refund =
    SHAPE("payment_refund", hf_payment_amount_args, amount_fields, init_amount);
const hf_shape hf__shape_payment_report =
    SHAPE("payment_report", hf_payment_report_args, report_fields, init_report);
const hf_shape hf__shape_payment_get =
    SHAPE("payment_get", hf_payment_get_args, get_fields, init_get);
const hf_shape hf__shape_payment_find =
    SHAPE("payment_find", hf_payment_find_args, find_fields, init_find);
const hf_shape hf__shape_payment_list =
    SHAPE("payment_list", hf_payment_list_args, list_fields, init_list);
const hf_shape hf__shape_attention_list =
    SHAPE("attention_list", hf_attention_list_args, attention_list_fields, init_attention_list);
const hf_shape hf__shape_attention_clear =
    SHAPE("attention_clear", hf_attention_clear_args, attention_clear_fields,
          init_attention_clear);
/* clang-format on */
