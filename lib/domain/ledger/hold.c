/*
 * hold.c - the operations on holds without an order.
 *
 * Each looks the hold up, asks the state machine (hold_state.h), moves the accounts (movement.h),
 * and lists counters and state in the event. An answer at or after the deadline is HF_E_EXPIRED,
 * whether or not a sweep has come by already, so that it does not depend on when timers run.
 *
 * Failure modes, in the order they are looked at: HF_E_NOT_FOUND, HF_E_EXPIRED, HF_E_HOLD_STATE,
 * HF_E_DEADLINE, HF_E_QUANTITY, HF_E_OVER_POST and HF_E_OVER_REVERSE, then those of the accounts.
 */
#include "base/id.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/ledger/hold_state.h"
#include "domain/ledger/movement.h"
#include "model/column.h"

#include <stdio.h>
#include <string.h>

static int refuse_hold(const hf__draft *draft, const hf_hold *hold, int error, const char *why)
{
    return hf__refuse_id(draft, error, "hold", &hold->id, why);
}

static int load(hf__draft *draft, const hf_id *id, hf_hold **hold)
{
    void *row;
    int error = hf__draft_edit(draft, HF__HOLDS, &(hf_hold){.id = *id}, &row);
    *hold = row;
    if (error != 0)
        return error;
    if (row == NULL)
        return hf__refuse_id(draft, HF_E_NOT_FOUND, "hold", id, "no such hold");
    if (hf__id_zero(&(*hold)->txn))
        return 0;
    char text[37];
    char why[96];
    (void)snprintf(why, sizeof why, "belongs to transaction %s", hf_id_format(&(*hold)->txn, text));
    return hf__refuse_id(draft, HF_E_HOLD_STATE, "hold", id, why);
}

/* True when the deadline has passed before everything was posted or released. */
static bool overdue(const hf__draft *draft, const hf_hold *hold)
{
    return hold->deadline_ms != 0 && hold->deadline_ms <= draft->now_ms &&
           hold->state != HF_HOLD_VOID && hold->posted < hold->amount;
}

static int check_state(const hf__draft *draft, const hf_hold *hold, hf__hold_event event)
{
    if (hf__hold_allows(hold->state, event))
        return 0;
    char why[96];
    (void)snprintf(why, sizeof why, "%s is not possible while %s", hf__hold_event_name(event),
                   hf__hold_state_names[hold->state]);
    return refuse_hold(draft, hold, HF_E_HOLD_STATE, why);
}

static int check_deadline(const hf__draft *draft, const hf_hold *hold, int64_t deadline_ms)
{
    if (deadline_ms == 0 || deadline_ms > draft->now_ms)
        return 0;
    char why[96];
    (void)snprintf(why, sizeof why, "deadline %lld is not after %lld", (long long)deadline_ms,
                   (long long)draft->now_ms);
    return refuse_hold(draft, hold, HF_E_DEADLINE, why);
}

/* Posted and not yet reversed. */
static int64_t reversible(const hf_hold *hold)
{
    return hold->posted - hold->reversed;
}

/* Counters and state; a refusal names both numbers. */
static int apply(const hf__draft *draft, hf_hold *hold, hf__hold_event event,
                 const hf__hold_amounts *amounts)
{
    int error = hf__hold_apply(hold, event, amounts);
    if (error == 0 || error == HF_E_INVARIANT)
        return error;
    char why[96];
    if (error == HF_E_OVER_REVERSE)
        (void)snprintf(why, sizeof why, "%lld to reverse, %lld posted", (long long)amounts->reverse,
                       (long long)reversible(hold));
    else if (error == HF_E_OVER_POST)
        (void)snprintf(why, sizeof why, "%lld to post, %lld to release, %lld remaining",
                       (long long)amounts->post, (long long)amounts->release,
                       (long long)hf__hold_remaining(hold));
    else
        (void)snprintf(why, sizeof why, "%lld more does not fit", (long long)amounts->grow);
    return refuse_hold(draft, hold, error, why);
}

/* Both accounts of a hold and an amount. */
static hf__movement movement_of(const hf_hold *hold, int64_t amount)
{
    return (hf__movement){.from = &hold->from, .to = &hold->to, .amount = amount, .what = ""};
}

/* Version, meta, subject, result, and what the event says of the hold. */
static int finish(hf__draft *draft, const hf__operation *op, hf_hold *hold,
                  const hf__hold_amounts *amounts, uint32_t state_before)
{
    hold->version++;
    hold->updated_at_ms = draft->now_ms;
    hf__subject_set(draft, HF_SUBJECT_HOLD, &hold->id, hold->version);
    draft->result = hold;
    int error = hf__meta_set(draft, op->args, &hold->meta, &hold->meta_bytes);
    if (error == 0)
        error = hf__body_add(draft, &(hf__change){.type = HF_CHANGE_POSTED,
                                                  .id = &hold->id,
                                                  .a = amounts->post,
                                                  .b = amounts->release,
                                                  .c = amounts->reverse,
                                                  .d = amounts->grow});
    if (error == 0 && hold->state != state_before)
        error = hf__body_state(draft, HF_SUBJECT_HOLD, &hold->id, hold->state);
    return error;
}

int hf__decide_hold_place(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_place_args *args = HF__ARGS(op, hf_hold_place_args);
    hf_hold fresh = {.id = op->id, .deadline_ms = args->deadline_ms};
    memcpy(fresh.fingerprint, op->fingerprint, sizeof fresh.fingerprint);
    fresh.created_at_ms = draft->now_ms;
    hf__account_ref_set(&fresh.from, &args->from);
    hf__account_ref_set(&fresh.to, &args->to);
    int error = check_deadline(draft, &fresh, args->deadline_ms);
    if (error != 0)
        return error;
    if (args->amount <= 0)
        return refuse_hold(draft, &fresh, HF_E_AMOUNT, "the amount must be above 0");
    hf__hold_amounts amounts = {.grow = args->amount};
    error = apply(draft, &fresh, HF__HOLD_PLACE, &amounts);
    hf__movement m = movement_of(&fresh, args->amount);
    if (error == 0)
        error = hf__hold(draft, &m);
    void *row;
    if (error == 0)
        error = hf__draft_add(draft, HF__HOLDS, &fresh, &row);
    if (error != 0)
        return error;
    memcpy(row, &fresh, sizeof fresh);
    return finish(draft, op, row, &amounts, HF_HOLD_NONE);
}

/* Replaces HF_ALL by the remaining amount. */
static hf__hold_amounts post_amounts(const hf_hold *hold, const hf_hold_post_args *args)
{
    int64_t remaining = hf__hold_remaining(hold);
    hf__hold_amounts amounts = {.post = args->post == HF_ALL ? remaining : args->post};
    int64_t left = amounts.post <= remaining ? remaining - amounts.post : 0;
    amounts.release = args->release == HF_ALL ? left : args->release;
    return amounts;
}

int hf__decide_hold_post(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_post_args *args = HF__ARGS(op, hf_hold_post_args);
    hf_hold *hold;
    int error = load(draft, &args->hold, &hold);
    if (error != 0)
        return error;
    if (overdue(draft, hold))
        return refuse_hold(draft, hold, HF_E_EXPIRED, "its deadline has passed");
    error = check_state(draft, hold, HF__HOLD_POST);
    if (error != 0)
        return error;
    if (args->post < 0 || args->release < 0)
        return refuse_hold(draft, hold, HF_E_AMOUNT, "an amount is negative");
    hf__hold_amounts amounts = post_amounts(hold, args);
    if (amounts.post == 0 && amounts.release == 0)
        return refuse_hold(draft, hold, HF_E_QUANTITY, "nothing to post and nothing to release");
    uint32_t before = hold->state;
    hf__movement post = movement_of(hold, amounts.post);
    hf__movement release = movement_of(hold, amounts.release);
    error = apply(draft, hold, HF__HOLD_POST, &amounts);
    if (error == 0)
        error = hf__post(draft, &post);
    if (error == 0)
        error = hf__release(draft, &release);
    return error != 0 ? error : finish(draft, op, hold, &amounts, before);
}

int hf__decide_hold_adjust(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_adjust_args *args = HF__ARGS(op, hf_hold_adjust_args);
    hf_hold *hold;
    int error = load(draft, &args->hold, &hold);
    if (error != 0)
        return error;
    if (overdue(draft, hold))
        return refuse_hold(draft, hold, HF_E_EXPIRED, "its deadline has passed");
    error = check_state(draft, hold, HF__HOLD_ADJUST);
    if (error == 0 && args->set_deadline)
        error = check_deadline(draft, hold, args->deadline_ms);
    if (error != 0)
        return error;
    if (args->grow < 0)
        return refuse_hold(draft, hold, HF_E_AMOUNT, "an amount is negative");
    uint32_t before = hold->state;
    hf__hold_amounts amounts = {.grow = args->grow};
    hf__movement m = movement_of(hold, args->grow);
    error = apply(draft, hold, HF__HOLD_ADJUST, &amounts);
    if (error == 0)
        error = hf__hold(draft, &m);
    if (args->set_deadline)
        hold->deadline_ms = args->deadline_ms;
    return error != 0 ? error : finish(draft, op, hold, &amounts, before);
}

/* The two operations of one amount: release what remains, reverse what was posted. */
typedef struct amount_operation {
    hf__hold_event event;
    int (*move)(hf__draft *draft, const hf__movement *m);
    int64_t (*most)(const hf_hold *hold); /* what HF_ALL stands for */
    hf__hold_amounts (*amounts)(int64_t amount);
} amount_operation;

static hf__hold_amounts released(int64_t amount)
{
    return (hf__hold_amounts){.release = amount};
}

static hf__hold_amounts reversed(int64_t amount)
{
    return (hf__hold_amounts){.reverse = amount};
}

static int decide_amount(const hf__operation *op, hf__draft *draft, const amount_operation *by)
{
    const hf_hold_amount_args *args = HF__ARGS(op, hf_hold_amount_args);
    hf_hold *hold;
    int error = load(draft, &args->hold, &hold);
    if (error == 0)
        error = check_state(draft, hold, by->event);
    if (error != 0)
        return error;
    if (args->amount <= 0)
        return refuse_hold(draft, hold, HF_E_QUANTITY, "the amount must be above 0");
    int64_t amount = args->amount == HF_ALL ? by->most(hold) : args->amount;
    if (amount == 0) /* an open hold always has something to release */
        return refuse_hold(draft, hold, HF_E_OVER_REVERSE, "everything is reversed already");
    uint32_t before = hold->state;
    hf__hold_amounts amounts = by->amounts(amount);
    hf__movement m = movement_of(hold, amount);
    error = apply(draft, hold, by->event, &amounts);
    if (error == 0)
        error = by->move(draft, &m);
    return error != 0 ? error : finish(draft, op, hold, &amounts, before);
}

int hf__decide_hold_release(const hf__operation *op, hf__draft *draft)
{
    static const amount_operation release = {HF__HOLD_RELEASE, hf__release, hf__hold_remaining,
                                             released};
    return decide_amount(op, draft, &release);
}

int hf__decide_hold_reverse(const hf__operation *op, hf__draft *draft)
{
    static const amount_operation reverse = {HF__HOLD_REVERSE, hf__reverse, reversible, reversed};
    return decide_amount(op, draft, &reverse);
}
