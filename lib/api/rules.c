/*
 * rules.c - rules between the fields of one struct of arguments.
 *
 * These rules need no record, so that such a mistake is an error at once and costs no commit.
 * Everything else (sums, limits, states) is decided by the core.
 */
#include "api/rules.h"
#include "api/shapes/shapes.h"

#define PROVIDER_LIMITS                                                                            \
    (uint32_t)(HF_PAYMENT_CAPTURE_ONLY | HF_PAYMENT_WHOLE_VOID | HF_PAYMENT_ONE_CAPTURE)

static int broken(hf__broken *out, int error, const char *field, const char *text)
{
    return hf__rule_broken(out, error, field, text);
}

static bool is_world(const hf_account_key *key)
{
    return key->kind == HF_KIND_WORLD;
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static bool is_zero(const hf_id *id)
{
    uint8_t any = 0;
    for (size_t i = 0; i < sizeof id->bytes; i++)
        any |= id->bytes[i];
    return any == 0;
}

/* ---- Accounts and items ---------------------------------------------------------------------- */

static int item_key(const hf_account_key *key, const char *field, hf__broken *out)
{
    return key->kind == HF_KIND_ITEM ? 0 : broken(out, HF_E_ENUM, field, "must be ITEM");
}

static int rule_item_put(const void *args, hf__broken *out)
{
    return item_key(&((const hf_account_put_args *)args)->key, "key.kind", out);
}

static int rule_item_adjust(const void *args, hf__broken *out)
{
    return item_key(&((const hf_account_adjust_args *)args)->key, "key.kind", out);
}

static int rule_item_get(const void *args, hf__broken *out)
{
    return item_key(&((const hf_account_get_args *)args)->key, "key.kind", out);
}

static int rule_deposit(const void *args, hf__broken *out)
{
    const hf_move_args *move = args;
    if (!is_world(&move->from))
        return broken(out, HF_E_ARGUMENT, "from", "must be the world");
    if (is_world(&move->to))
        return broken(out, HF_E_ARGUMENT, "to", "must not be the world");
    return 0;
}

static int rule_receive(const void *args, hf__broken *out)
{
    int error = rule_deposit(args, out);
    return error != 0 ? error : item_key(&((const hf_move_args *)args)->to, "to.kind", out);
}

static int rule_withdraw(const void *args, hf__broken *out)
{
    const hf_move_args *move = args;
    if (is_world(&move->from))
        return broken(out, HF_E_ARGUMENT, "from", "must not be the world");
    if (!is_world(&move->to))
        return broken(out, HF_E_ARGUMENT, "to", "must be the world");
    return 0;
}

static int rule_transfer(const void *args, hf__broken *out)
{
    const hf_move_args *move = args;
    if (is_world(&move->from))
        return broken(out, HF_E_ARGUMENT, "from", "must not be the world");
    if (is_world(&move->to))
        return broken(out, HF_E_ARGUMENT, "to", "must not be the world");
    return 0;
}

static int rule_hold_place(const void *args, hf__broken *out)
{
    const hf_hold_place_args *hold = args;
    bool both = is_world(&hold->from) && is_world(&hold->to);
    return both ? broken(out, HF_E_ARGUMENT, "to", "both sides are the world") : 0;
}

/* ---- Orders ---------------------------------------------------------------------------------- */

static int rule_leg(const void *args, hf__broken *out)
{
    const hf_leg_args *leg = args;
    bool both = is_world(&leg->from) && is_world(&leg->to);
    return both ? broken(out, HF_E_ARGUMENT, "to", "both sides are the world") : 0;
}

static int rule_line(const void *args, hf__broken *out)
{
    const hf_line_args *line = args;
    if (line->leg_count != 0 && line->place_count != 0)
        return broken(out, HF_E_ARGUMENT, "legs", "not together with places");
    if (line->untracked != 0 && line->leg_count + line->place_count != 0)
        return broken(out, HF_E_ARGUMENT, "untracked", "not together with legs or places");
    return 0;
}

/* An amount of 0 says how it was, so only a record of the past may have it. */
static int check_amounts(const void *first, uint32_t count, uint32_t bytes, hf__broken *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const void *at = (const uint8_t *)first + (size_t)i * bytes;
        if (((const hf_payment_args *)at)->amount == 0)
            return broken(out, HF_E_AMOUNT, "payments", "an amount of 0 needs the policy IMPORT");
    }
    return 0;
}

static int rule_place(const void *args, hf__broken *out)
{
    const hf_order_place_args *place = args;
    if (place->line_count + place->adjustment_count + place->payment_count == 0)
        return broken(out, HF_E_ARGUMENT, "lines", "no line, adjustment or payment");
    if ((place->policy & HF_ORDER_IMPORT) != 0)
        return 0;
    return check_amounts(place->payments, place->payment_count, place->payment_bytes, out);
}

static int rule_amend(const void *args, hf__broken *out)
{
    const hf_order_amend_args *amend = args;
    return check_amounts(amend->payments, amend->payment_count, amend->payment_bytes, out);
}

static int rule_quantity(const void *args, hf__broken *out)
{
    const hf_line_quantity *units = args;
    if (units->leg != 0 && !is_empty(units->place))
        return broken(out, HF_E_ARGUMENT, "leg", "not together with place");
    if (units->elsewhere == 0 && !is_empty(units->to_place))
        return broken(out, HF_E_ARGUMENT, "to_place", "only with elsewhere");
    if (units->elsewhere != 0 && units->scrap != 0)
        return broken(out, HF_E_ARGUMENT, "elsewhere", "not together with scrap");
    return 0;
}

/* Scrap and another place belong to units that come back. */
static int check_not_returned(const hf_order_units_args *units, hf__broken *out)
{
    for (uint32_t i = 0; i < units->line_count; i++) {
        const void *at = (const uint8_t *)units->lines + (size_t)i * units->line_bytes;
        const hf_line_quantity *line = at;
        if (line->elsewhere != 0)
            return broken(out, HF_E_ARGUMENT, "lines", "elsewhere is for returns only");
    }
    return 0;
}

static int check_refunds(const hf_order_units_args *units, hf__broken *out)
{
    bool named = units->refund_mode == HF_REFUND_NAMED;
    if (units->refund_count != 0 && !named)
        return broken(out, HF_E_ARGUMENT, "refunds", "only with refund_mode NAMED");
    if (units->unpaid != 0)
        return broken(out, HF_E_ARGUMENT, "unpaid", "for a fulfilment only");
    return 0;
}

static int rule_cancel(const void *args, hf__broken *out)
{
    int error = check_refunds(args, out);
    return error != 0 ? error : check_not_returned(args, out);
}

static int rule_return(const void *args, hf__broken *out)
{
    if (((const hf_order_units_args *)args)->final != 0)
        return broken(out, HF_E_ARGUMENT, "final", "for a cancellation only");
    return check_refunds(args, out);
}

static int rule_fulfil(const void *args, hf__broken *out)
{
    const hf_order_units_args *units = args;
    if (units->refund_mode != HF_REFUND_SHARE)
        return broken(out, HF_E_ARGUMENT, "refund_mode", "must be SHARE");
    if (units->refund_count != 0)
        return broken(out, HF_E_ARGUMENT, "refunds", "a fulfilment refunds nothing");
    if (units->final != 0)
        return broken(out, HF_E_ARGUMENT, "final", "for a cancellation only");
    if (units->unpaid != 0 && is_empty(units->head.actor))
        return broken(out, HF_E_TEXT_MISSING, "actor", "names who lets unpaid goods leave");
    return check_not_returned(units, out);
}

static int rule_order_list(const void *args, hf__broken *out)
{
    const hf_order_list_args *list = args;
    bool by_text = list->by == HF_ORDERS_BY_CUSTOMER || list->by == HF_ORDERS_BY_REF;
    if (by_text && is_empty(list->text))
        return broken(out, HF_E_TEXT_MISSING, "text", "names whose orders are listed");
    if (list->by == HF_ORDERS_BY_STATE && list->state == HF_ORDER_NONE)
        return broken(out, HF_E_ENUM, "state", "must be a state of an order");
    return 0;
}

/* ---- Payments -------------------------------------------------------------------------------- */

static int method(const hf_payment_args *payment, const char *const fields[2], hf__broken *out)
{
    bool provider = payment->method == HF_METHOD_PROVIDER;
    if (provider && is_empty(payment->provider))
        return broken(out, HF_E_TEXT_MISSING, fields[0], "names who is asked");
    if (!provider && payment->account.kind != HF_KIND_MONEY)
        return broken(out, HF_E_ENUM, fields[1], "must be MONEY");
    if ((payment->flags & ~PROVIDER_LIMITS) != 0)
        return broken(out, HF_E_ENUM, fields[2], "the engine sets this bit");
    if (!provider && payment->flags != 0)
        return broken(out, HF_E_ENUM, fields[2], "for a provider only");
    return 0;
}

static int rule_payment(const void *args, hf__broken *out)
{
    static const char *const fields[] = {"provider", "account.kind", "flags"};
    return method(args, fields, out);
}

static int rule_payment_add(const void *args, hf__broken *out)
{
    static const char *const fields[] = {"payment.provider", "payment.account.kind",
                                         "payment.flags"};
    const hf_payment_args *payment = &((const hf_payment_add_args *)args)->payment;
    if (payment->amount == 0)
        return broken(out, HF_E_AMOUNT, "payment.amount", "must not be 0");
    return method(payment, fields, out);
}

static int rule_report(const void *args, hf__broken *out)
{
    const hf_payment_report_args *report = args;
    bool moves = report->kind != HF_FACT_FAILED && report->kind != HF_FACT_ACTION_REQUIRED;
    bool total = (report->flags & HF_REPORT_TOTAL) != 0;
    if (moves && report->amount == 0 && !total)
        return broken(out, HF_E_AMOUNT, "amount", "0 is only a running total");
    if ((report->flags & HF_REPORT_FINAL) != 0 && report->kind != HF_FACT_CAPTURED)
        return broken(out, HF_E_ENUM, "flags", "FINAL is for CAPTURED only");
    return 0;
}

/* The field of a selector is given exactly with that selector, so that a forgotten `by` is refused.
 */
static int rule_payment_list(const void *args, hf__broken *out)
{
    const hf_payment_list_args *list = args;
    bool by_order = list->by == HF_PAYMENTS_BY_ORDER;
    bool by_provider = list->by == HF_PAYMENTS_BY_PROVIDER;
    if (by_order && is_zero(&list->order))
        return broken(out, HF_E_ID, "order", "names whose payments are listed");
    if (!by_order && !is_zero(&list->order))
        return broken(out, HF_E_ARGUMENT, "order", "only with by ORDER");
    if (by_provider && is_empty(list->provider))
        return broken(out, HF_E_TEXT_MISSING, "provider", "names whose payments are listed");
    if (!by_provider && !is_empty(list->provider))
        return broken(out, HF_E_ARGUMENT, "provider", "only with by PROVIDER");
    return 0;
}

static int rule_attention_clear(const void *args, hf__broken *out)
{
    const hf_attention_clear_args *clear = args;
    if (clear->bits == 0)
        return broken(out, HF_E_ARGUMENT, "bits", "nothing to clear");
    if (clear->subject == HF_ATTENTION_ON_ACCOUNT && is_world(&clear->account))
        return broken(out, HF_E_ARGUMENT, "account", "must not be the world");
    if (clear->subject == HF_ATTENTION_ON_FACT && is_empty(clear->provider))
        return broken(out, HF_E_TEXT_MISSING, "provider", "names the fact");
    if (clear->subject == HF_ATTENTION_ON_FACT && is_empty(clear->fact_ref))
        return broken(out, HF_E_TEXT_MISSING, "fact_ref", "names the fact");
    bool by_id = clear->subject == HF_ATTENTION_ON_ORDER ||
                 clear->subject == HF_ATTENTION_ON_PAYMENT ||
                 clear->subject == HF_ATTENTION_ON_HOLD;
    if (by_id && is_zero(&clear->id))
        return broken(out, HF_E_ID, "id", "names the order, payment or hold");
    return 0;
}

static int rule_expect(const void *args, hf__broken *out)
{
    const hf_expect_args *expect = args;
    bool account = expect->subject == HF_SUBJECT_ACCOUNT;
    if (account && is_world(&expect->key))
        return broken(out, HF_E_ARGUMENT, "key", "must not be the world");
    if (!account && is_zero(&expect->id))
        return broken(out, HF_E_ID, "id", "names the order, payment or hold");
    return 0;
}

/* clang-format off */
static const hf__rule of_type[] = {
    [HF_OP_ITEM_PUT] = rule_item_put,
    [HF_OP_ITEM_RECEIVE] = rule_receive,
    [HF_OP_ITEM_ADJUST] = rule_item_adjust,
    [HF_OP_ITEM_GET] = rule_item_get,
    [HF_OP_ACCOUNT_DEPOSIT] = rule_deposit,
    [HF_OP_ACCOUNT_WITHDRAW] = rule_withdraw,
    [HF_OP_ACCOUNT_TRANSFER] = rule_transfer,
    [HF_OP_HOLD_PLACE] = rule_hold_place,
    [HF_OP_ORDER_PLACE] = rule_place,
    [HF_OP_ORDER_AMEND] = rule_amend,
    [HF_OP_ORDER_CANCEL] = rule_cancel,
    [HF_OP_ORDER_FULFIL] = rule_fulfil,
    [HF_OP_ORDER_RETURN] = rule_return,
    [HF_OP_ORDER_LIST] = rule_order_list,
    [HF_OP_PAYMENT_ADD] = rule_payment_add,
    [HF_OP_PAYMENT_REPORT] = rule_report,
    [HF_OP_PAYMENT_LIST] = rule_payment_list,
    [HF_OP_ATTENTION_CLEAR] = rule_attention_clear,
    [HF_OP_EXPECT] = rule_expect,
    [HF_OP_ERASE] = hf__rule_erase,
    [HF_OP_TXN_SUBMIT] = hf__rule_txn_submit,
    [HF_OP_TXN_BEGIN] = hf__rule_txn_begin,
    [HF_OP_TXN_ABORT] = hf__rule_txn_act,
    [HF_OP_TXN_LIST] = hf__rule_txn_list,
    [HF_OP_TXN_RETRY_NOW] = hf__rule_txn_act,
    [HF_OP_TXN_PARK] = hf__rule_txn_act,
    [HF_OP_TXN_UNPARK] = hf__rule_txn_act,
    [HF_OP_TXN_RESOLVE_BRANCH] = hf__rule_txn_resolve,
};

static const struct {
    const hf_shape *shape;
    hf__rule rule;
} of_element[] = {
    {&hf__shape_line, rule_line},
    {&hf__shape_payment, rule_payment},
    {&hf__shape_leg, rule_leg},
    {&hf__shape_line_quantity, rule_quantity},
    {&hf__shape_txn_move, hf__rule_txn_move},
};
/* clang-format on */

hf__rule hf__rule_of_type(uint32_t type)
{
    return type < COUNT(of_type) ? of_type[type] : NULL;
}

hf__rule hf__rule_of_element(const hf_shape *shape)
{
    for (size_t i = 0; i < COUNT(of_element); i++) {
        if (of_element[i].shape == shape)
            return of_element[i].rule;
    }
    return NULL;
}
