/*
 * hold.c - the operations on holds without an order.
 *
 * Each load names the hold and then its accounts. Each decision checks the hold, asks the state
 * machine (hold_state.h), moves the accounts (movement.h), and lists counters and state in the
 * event. An operation at or after the deadline is HF_E_EXPIRED, whether or not a sweep has expired
 * it already, so that the result does not depend on when timers run.
 *
 * Failure modes, in the order they are looked at: HF_E_NOT_FOUND, HF_E_EXPIRED, HF_E_HOLD_STATE,
 * HF_E_DEADLINE, HF_E_QUANTITY, HF_E_OVER_POST and HF_E_OVER_REVERSE, then those of the accounts.
 */
#include "base/id.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/ledger/hold_state.h"
#include "domain/ledger/rows.h"
#include "domain/ledger/shortage.h"
#include "model/column.h"

#include <stdio.h>
#include <string.h>

static int refuse_hold(const hf__draft *draft, const hf_hold *hold, int error, const char *why)
{
    return hf__refuse_id(draft, error, "hold", &hold->id, why);
}

/* ---- Loads ----------------------------------------------------------------------------------- */

static void load_hold(hf__draft *draft, const hf_id *id)
{
    draft->loaded[HF__ROW_HOLD] = hf__draft_load(draft, HF__HOLDS, id);
    const hf_hold *hold = hf__row(draft, HF__ROW_HOLD);
    if (hold == NULL)
        return;
    hf__load_account_of(draft, HF__ROW_FROM, &hold->from);
    hf__load_account_of(draft, HF__ROW_TO, &hold->to);
}

void hf__load_hold_post(const hf__operation *op, hf__draft *draft)
{
    load_hold(draft, &HF__ARGS(op, hf_hold_post_args)->hold);
}

void hf__load_hold_release(const hf__operation *op, hf__draft *draft)
{
    load_hold(draft, &HF__ARGS(op, hf_hold_amount_args)->hold);
}

/* ---- Checks ---------------------------------------------------------------------------------- */

/* The hold is there and belongs to no transaction. */
static int check_hold(const hf__draft *draft, const hf_id *id, const hf_hold *hold)
{
    if (hold == NULL)
        return hf__refuse_id(draft, HF_E_NOT_FOUND, "hold", id, "no such hold");
    if (hf__id_zero(&hold->txn))
        return 0;
    char text[37];
    char why[96];
    (void)snprintf(why, sizeof why, "belongs to transaction %s", hf_id_format(&hold->txn, text));
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

/* ---- Effects --------------------------------------------------------------------------------- */

/* The hold that load has named, to be changed. */
static int edit_hold(hf__draft *draft, hf_hold **hold)
{
    void *row;
    int error = hf__loaded_edit(draft, draft->loaded[HF__ROW_HOLD], &row);
    *hold = row;
    return error;
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

/* ---- Place ----------------------------------------------------------------------------------- */

static int check_place(const hf__operation *op, const hf__draft *draft, const hf_hold *hold)
{
    const hf_hold_place_args *args = HF__ARGS(op, hf_hold_place_args);
    int error = check_deadline(draft, hold, args->deadline_ms);
    if (error != 0 || args->amount > 0)
        return error;
    return refuse_hold(draft, hold, HF_E_AMOUNT, "the amount must be above 0");
}

/* The hold as the arguments have it. */
static void set_hold(hf_hold *hold, const hf__operation *op, const hf__draft *draft)
{
    const hf_hold_place_args *args = HF__ARGS(op, hf_hold_place_args);
    hf_account_ref ref;
    hold->deadline_ms = args->deadline_ms;
    hold->created_at_ms = draft->now_ms;
    memcpy(hold->fingerprint, op->fingerprint, sizeof hold->fingerprint);
    hold->from = *hf__row_ref(draft, HF__ROW_FROM, &args->from, &ref);
    hold->to = *hf__row_ref(draft, HF__ROW_TO, &args->to, &ref);
}

void hf__load_hold_place(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_place_args *args = HF__ARGS(op, hf_hold_place_args);
    hf__load_account(draft, HF__ROW_FROM, &args->from);
    hf__load_account(draft, HF__ROW_TO, &args->to);
    if (!hf__cannot_give(draft, draft->loaded[HF__ROW_FROM], args->amount, true))
        return;
    hf_hold hold = {.id = op->id};
    set_hold(&hold, op, draft);
    hf__movement m = movement_of(&hold, args->amount);
    if (check_place(op, draft, &hold) == 0 && hf__ends_check(draft, &m) == 0)
        hf__load_taking(draft, draft->loaded[HF__ROW_FROM], args->amount, 0);
}

int hf__decide_hold_place(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_place_args *args = HF__ARGS(op, hf_hold_place_args);
    void *row;
    int error = hf__draft_add(draft, HF__HOLDS, &op->id, &row);
    if (error != 0)
        return error;
    hf_hold *hold = row;
    set_hold(hold, op, draft);
    hf__hold_amounts amounts = {.grow = args->amount};
    error = check_place(op, draft, hold);
    if (error == 0)
        error = apply(draft, hold, HF__HOLD_PLACE, &amounts);
    if (error != 0)
        return error;
    hf__movement m = movement_of(hold, args->amount);
    hf__ends ends;
    error = hf__row_ends(draft, &m, HF__ROW_FROM, HF__ROW_TO, &ends);
    if (error == 0)
        error = hf__ends_hold(draft, &m, &ends);
    return error != 0 ? error : finish(draft, op, hold, &amounts, HF_HOLD_NONE);
}

/* ---- Post ------------------------------------------------------------------------------------ */

/* Replaces HF_ALL by the remaining amount. */
static hf__hold_amounts post_amounts(const hf_hold *hold, const hf_hold_post_args *args)
{
    int64_t remaining = hf__hold_remaining(hold);
    hf__hold_amounts amounts = {.post = args->post == HF_ALL ? remaining : args->post};
    int64_t left = amounts.post <= remaining ? remaining - amounts.post : 0;
    amounts.release = args->release == HF_ALL ? left : args->release;
    return amounts;
}

static int check_post(const hf__operation *op, const hf__draft *draft, const hf_hold *hold)
{
    const hf_hold_post_args *args = HF__ARGS(op, hf_hold_post_args);
    int error = check_hold(draft, &args->hold, hold);
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
    return 0;
}

int hf__decide_hold_post(const hf__operation *op, hf__draft *draft)
{
    hf_hold *hold;
    int error = check_post(op, draft, hf__row(draft, HF__ROW_HOLD));
    if (error == 0)
        error = edit_hold(draft, &hold);
    if (error != 0)
        return error;
    const uint32_t before = hold->state;
    const hf__hold_amounts amounts = post_amounts(hold, HF__ARGS(op, hf_hold_post_args));
    const hf__movement post = movement_of(hold, amounts.post);
    const hf__movement release = movement_of(hold, amounts.release);
    hf__ends ends;
    error = apply(draft, hold, HF__HOLD_POST, &amounts);
    if (error == 0)
        error = hf__row_ends(draft, &post, HF__ROW_FROM, HF__ROW_TO, &ends);
    if (error == 0)
        error = hf__ends_post(draft, &post, &ends);
    if (error == 0)
        error = hf__ends_release(draft, &release, &ends);
    return error != 0 ? error : finish(draft, op, hold, &amounts, before);
}

/* ---- Adjust ---------------------------------------------------------------------------------- */

static int check_adjust(const hf__operation *op, const hf__draft *draft, const hf_hold *hold)
{
    const hf_hold_adjust_args *args = HF__ARGS(op, hf_hold_adjust_args);
    int error = check_hold(draft, &args->hold, hold);
    if (error != 0)
        return error;
    if (overdue(draft, hold))
        return refuse_hold(draft, hold, HF_E_EXPIRED, "its deadline has passed");
    error = check_state(draft, hold, HF__HOLD_ADJUST);
    if (error == 0 && args->set_deadline)
        error = check_deadline(draft, hold, args->deadline_ms);
    if (error != 0 || args->grow >= 0)
        return error;
    return refuse_hold(draft, hold, HF_E_AMOUNT, "an amount is negative");
}

void hf__load_hold_adjust(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_adjust_args *args = HF__ARGS(op, hf_hold_adjust_args);
    load_hold(draft, &args->hold);
    if (!hf__cannot_give(draft, draft->loaded[HF__ROW_FROM], args->grow, true))
        return;
    hf_hold hold = *(const hf_hold *)hf__row(draft, HF__ROW_HOLD);
    hf__hold_amounts amounts = {.grow = args->grow};
    if (check_adjust(op, draft, &hold) == 0 &&
        hf__hold_apply(&hold, HF__HOLD_ADJUST, &amounts) == 0)
        hf__load_taking(draft, draft->loaded[HF__ROW_FROM], args->grow, 0);
}

int hf__decide_hold_adjust(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_adjust_args *args = HF__ARGS(op, hf_hold_adjust_args);
    hf_hold *hold;
    int error = check_adjust(op, draft, hf__row(draft, HF__ROW_HOLD));
    if (error == 0)
        error = edit_hold(draft, &hold);
    if (error != 0)
        return error;
    const uint32_t before = hold->state;
    const hf__hold_amounts amounts = {.grow = args->grow};
    const hf__movement m = movement_of(hold, args->grow);
    hf__ends ends;
    error = apply(draft, hold, HF__HOLD_ADJUST, &amounts);
    if (error == 0)
        error = hf__row_ends(draft, &m, HF__ROW_FROM, HF__ROW_TO, &ends);
    if (error == 0)
        error = hf__ends_hold(draft, &m, &ends);
    if (args->set_deadline)
        hold->deadline_ms = args->deadline_ms;
    return error != 0 ? error : finish(draft, op, hold, &amounts, before);
}

/* ---- Release and reverse --------------------------------------------------------------------- */

/* What both of them do first. */
static int check_amount(const hf__operation *op, const hf__draft *draft, const hf_hold *hold,
                        hf__hold_event event)
{
    const hf_hold_amount_args *args = HF__ARGS(op, hf_hold_amount_args);
    int error = check_hold(draft, &args->hold, hold);
    if (error == 0)
        error = check_state(draft, hold, event);
    if (error != 0 || args->amount > 0)
        return error;
    return refuse_hold(draft, hold, HF_E_QUANTITY, "the amount must be above 0");
}

int hf__decide_hold_release(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_amount_args *args = HF__ARGS(op, hf_hold_amount_args);
    hf_hold *hold;
    int error = check_amount(op, draft, hf__row(draft, HF__ROW_HOLD), HF__HOLD_RELEASE);
    if (error == 0)
        error = edit_hold(draft, &hold);
    if (error != 0)
        return error;
    const uint32_t before = hold->state;
    const int64_t amount = args->amount == HF_ALL ? hf__hold_remaining(hold) : args->amount;
    const hf__hold_amounts amounts = {.release = amount};
    const hf__movement m = movement_of(hold, amount);
    hf__ends ends;
    error = apply(draft, hold, HF__HOLD_RELEASE, &amounts);
    if (error == 0)
        error = hf__row_ends(draft, &m, HF__ROW_FROM, HF__ROW_TO, &ends);
    if (error == 0)
        error = hf__ends_release(draft, &m, &ends);
    return error != 0 ? error : finish(draft, op, hold, &amounts, before);
}

static int check_reverse(const hf__operation *op, const hf__draft *draft, const hf_hold *hold,
                         hf__hold_amounts *amounts)
{
    const hf_hold_amount_args *args = HF__ARGS(op, hf_hold_amount_args);
    int error = check_amount(op, draft, hold, HF__HOLD_REVERSE);
    if (error != 0)
        return error;
    int64_t amount = args->amount == HF_ALL ? reversible(hold) : args->amount;
    *amounts = (hf__hold_amounts){.reverse = amount};
    if (amount != 0)
        return 0;
    return refuse_hold(draft, hold, HF_E_OVER_REVERSE, "everything is reversed already");
}

void hf__load_hold_reverse(const hf__operation *op, hf__draft *draft)
{
    const hf_hold_amount_args *args = HF__ARGS(op, hf_hold_amount_args);
    load_hold(draft, &args->hold);
    const uint32_t from = draft->loaded[HF__ROW_TO]; /* what was posted goes out of it again */
    if (!hf__cannot_give(draft, from, args->amount, false))
        return;
    hf_hold hold = *(const hf_hold *)hf__row(draft, HF__ROW_HOLD);
    hf__hold_amounts amounts;
    if (check_reverse(op, draft, &hold, &amounts) == 0 &&
        hf__hold_apply(&hold, HF__HOLD_REVERSE, &amounts) == 0)
        hf__load_taking(draft, from, amounts.reverse, HF__BEFORE_QUEUES);
}

int hf__decide_hold_reverse(const hf__operation *op, hf__draft *draft)
{
    hf_hold *hold;
    hf__hold_amounts amounts;
    int error = check_reverse(op, draft, hf__row(draft, HF__ROW_HOLD), &amounts);
    if (error == 0)
        error = edit_hold(draft, &hold);
    if (error != 0)
        return error;
    const uint32_t before = hold->state;
    const hf__movement back = {
        .from = &hold->to, .to = &hold->from, .amount = amounts.reverse, .what = ""};
    hf__ends ends;
    error = apply(draft, hold, HF__HOLD_REVERSE, &amounts);
    if (error == 0)
        error = hf__row_ends(draft, &back, HF__ROW_TO, HF__ROW_FROM, &ends);
    ends.queued = false; /* a reversal comes before orders that wait */
    if (error == 0)
        error = hf__ends_move(draft, &back, &ends);
    return error != 0 ? error : finish(draft, op, hold, &amounts, before);
}
