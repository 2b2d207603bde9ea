/*
 * plan.c - touches what the arguments name, without deciding anything.
 *
 * Why: a store on another machine is asked once for a whole batch instead of once per row. What is
 * only found through other rows (the accounts of an order that is fulfilled) is noted by decide.
 *
 * A miss that cannot be kept (the arena is full) is no failure here: decide will meet it again.
 */
#include "domain/plan.h"

#include "base/id.h"
#include "domain/core/common.h"
#include "domain/core/ids.h"
#include "model/codec.h"

static void touch(hf__draft *draft, uint32_t table, const void *key)
{
    const void *row;
    (void)hf__draft_get(draft, table, key, &row);
}

static void touch_unit(hf__draft *draft, const char *code)
{
    if (draft->many_only)
        return;
    hf_unit key = {.scale = 0};
    hf__name_set(&key.code, code);
    touch(draft, HF__UNITS, &key);
}

static void touch_account(hf__draft *draft, const hf_account_key *named)
{
    if (named->kind == HF_KIND_WORLD)
        return;
    uint8_t bytes[HF__KEY_MAX];
    uint32_t count = hf__account_key_encode(named, bytes);
    hf__draft_want(draft, HF__ACCOUNTS, bytes, count);
}

static void touch_payment(hf__draft *draft, const hf_payment_args *payment)
{
    hf__id_user user;
    if (payment->method == HF_METHOD_ACCOUNT)
        touch_account(draft, &payment->account);
    if (!hf__id_zero(&payment->id))
        (void)hf__id_find(draft, HF__PAYMENTS, &payment->id, &user);
}

void hf__plan_payment_add(const hf__operation *op, hf__draft *draft)
{
    touch_payment(draft, &HF__ARGS(op, hf_payment_add_args)->payment);
}

void hf__plan_report(const hf__operation *op, hf__draft *draft)
{
    const hf_payment_report_args *args = HF__ARGS(op, hf_payment_report_args);
    touch_unit(draft, args->unit);
    if (!hf__id_zero(&args->payment))
        touch(draft, HF__PAYMENTS, &(hf_payment){.id = args->payment});
}
