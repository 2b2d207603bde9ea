/*
 * account.c - opening accounts, changing their limits, and moving amounts in one step.
 *
 * Why so little: limits are the whole policy engine, so a wallet, a credit line, a safety stock and
 * a seat are the same record with other numbers, opened by the same operation.
 *
 * An account may be opened below its min_available (a safety stock before the first delivery): it
 * gives nothing until it is filled. A limit that is set tighter than what is there raises
 * attention, as a fact would.
 *
 * Failure modes: by mode HF_E_EXISTS and HF_E_NOT_FOUND; HF_E_UNIT_UNKNOWN, HF_E_UNIT_SCALE;
 * HF_E_ARGUMENT for limits or ends that make no sense; HF_E_MAX_BALANCE; those of movement.h.
 */
#include "base/money/checked.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/rows.h"
#include "domain/ledger/shortage.h"
#include "domain/ledger/unit.h"
#include "model/limits.h"

#include <holdfast/item.h>
#include <string.h>

/* A limit: where its value is, and in how many bytes. */
typedef struct limit_field {
    uint32_t bit;
    uint32_t bytes;
    size_t in_account;
    size_t in_args;
    size_t in_change; /* 0: events do not have it */
} limit_field;

#define IN_CHANGE_a    offsetof(hf__change, a)
#define IN_CHANGE_b    offsetof(hf__change, b)
#define IN_CHANGE_c    offsetof(hf__change, c)
#define IN_CHANGE_none 0

/* clang-format off */
#define LIMIT_FIELD(X, field, name, type, number, since) \
    { .bit = HF_PUT_##name, .bytes = sizeof(((hf_account *)0)->field), \
      .in_account = offsetof(hf_account, field), \
      .in_args = offsetof(hf_account_put_args, field), .in_change = IN_CHANGE_##number },
/* clang-format on */

static const limit_field limit_fields[HF__LIMIT_COUNT] = {HF__LIMITS(LIMIT_FIELD, )};

static const hf_account_ref world;

/* Refuses with "ITEM tea @berlin [pcs]: why". */
static int refuse(const hf__draft *draft, const hf_account_ref *ref, int error, const char *why)
{
    char name[208];
    return hf__refuse(draft->detail, error, "%s: %s", hf__account_text(ref, name), why);
}

/* The account that the operation names and that is there, to be changed. */
static int edit(hf__draft *draft, hf_account **account)
{
    void *row;
    int error = hf__loaded_edit(draft, draft->loaded[HF__ROW_FROM], &row);
    *account = row;
    return error;
}

/* Declares the unit at its first use, or checks it. */
static int check_unit(hf__draft *draft, const hf_account_ref *ref, int32_t scale)
{
    const hf_unit *unit;
    bool fresh;
    if (scale >= 0)
        return hf__unit_declare(draft, &ref->unit, (uint32_t)scale, &unit, &fresh);
    if (hf__row(draft, HF__ROW_UNIT) != NULL)
        return 0;
    return refuse(draft, ref, HF_E_UNIT_UNKNOWN, "its unit has not been declared");
}

/* The fields of the mask; true when one of them really changes. */
static bool change_fields(hf_account *account, const hf_account_put_args *args, uint32_t mask)
{
    bool changed = false;
    for (uint32_t i = 0; i < HF__LIMIT_COUNT; i++) {
        const limit_field *limit = &limit_fields[i];
        uint8_t *to = (uint8_t *)account + limit->in_account;
        const uint8_t *from = (const uint8_t *)args + limit->in_args;
        if ((mask & limit->bit) == 0)
            continue;
        changed = changed || memcmp(to, from, limit->bytes) != 0;
        memcpy(to, from, limit->bytes);
    }
    return changed;
}

static int check_limits(const hf__draft *draft, const hf_account *account)
{
    if (account->min_balance <= account->max_balance &&
        account->min_available <= account->max_balance)
        return 0;
    return refuse(draft, &account->key, HF_E_ARGUMENT, "a minimum is above max_balance");
}

static int limits_changed(hf__draft *draft, const hf_account *account)
{
    hf__change change = {.type = HF_CHANGE_LIMITS, .from = &account->key};
    for (uint32_t i = 0; i < HF__LIMIT_COUNT; i++) {
        const limit_field *limit = &limit_fields[i];
        if (limit->in_change != 0)
            memcpy((uint8_t *)&change + limit->in_change,
                   (const uint8_t *)account + limit->in_account, limit->bytes);
    }
    return hf__body_add(draft, &change);
}

static int open_account(const hf__operation *op, hf__draft *draft, const hf_account_ref *ref)
{
    const hf_account_put_args *args = HF__ARGS(op, hf_account_put_args);
    void *row;
    int error = hf__draft_add(draft, HF__ACCOUNTS, &(hf_account){.key = *ref}, &row);
    if (error != 0)
        return error;
    hf_account *account = row;
    account->created_at_ms = draft->now_ms;
    (void)change_fields(account, args, HF__LIMIT_BITS);
    error = check_limits(draft, account);
    if (error == 0)
        error = limits_changed(draft, account);
    if (error != 0)
        return error;
    if (args->opening < 0)
        return refuse(draft, ref, HF_E_AMOUNT, "the opening balance is negative");
    hf__movement m = {.from = &world, .to = ref, .amount = args->opening, .what = ""};
    error = hf__ends_move(draft, &m, &(hf__ends){.to = account});
    if (error != 0)
        return error;
    if (args->opening == 0)
        hf__account_touch(draft, account);
    if (account->balance < account->min_balance)
        account->attention |= HF_ATTENTION_BEYOND_LIMIT;
    return hf__account_answer(draft, op->args, account);
}

static int change_account(const hf__operation *op, hf__draft *draft)
{
    const hf_account_put_args *args = HF__ARGS(op, hf_account_put_args);
    hf_account *account;
    int error = edit(draft, &account);
    if (error != 0)
        return error;
    bool changed = change_fields(account, args, args->mask);
    error = check_limits(draft, account);
    if (error != 0)
        return error;
    if (!changed && args->head.meta_bytes == 0) {
        draft->quiet = 1;
        draft->result = account;
        return 0;
    }
    hf__account_touch_fact(draft, account);
    error = limits_changed(draft, account);
    return error != 0 ? error : hf__account_answer(draft, op->args, account);
}

void hf__load_account_put(const hf__operation *op, hf__draft *draft)
{
    const hf_account_put_args *args = HF__ARGS(op, hf_account_put_args);
    hf__load_account(draft, HF__ROW_FROM, &args->key);
    if (args->key.kind != HF_KIND_WORLD)
        hf__load_unit(draft, args->key.unit);
}

int hf__decide_account_put(const hf__operation *op, hf__draft *draft)
{
    const hf_account_put_args *args = HF__ARGS(op, hf_account_put_args);
    hf_account_ref ref;
    hf__account_ref_set(&ref, &args->key);
    if (hf__is_world(&ref))
        return hf__refuse(draft->detail, HF_E_ARGUMENT, "the world has no account");
    if (op->type == HF_OP_ITEM_PUT && ref.kind != HF_KIND_ITEM)
        return refuse(draft, &ref, HF_E_ENUM, "not an item");
    if ((args->mask & ~HF__LIMIT_BITS) != 0)
        return refuse(draft, &ref, HF_E_ARGUMENT, "the mask has a bit that is not known");
    int error = check_unit(draft, &ref, args->unit_scale);
    if (error != 0)
        return error;
    const void *row = hf__row(draft, HF__ROW_FROM);
    if (row != NULL && args->mode == HF_PUT_NEW)
        return refuse(draft, &ref, HF_E_EXISTS, "is there already");
    if (row == NULL && args->mode == HF_PUT_CHANGE)
        return refuse(draft, &ref, HF_E_NOT_FOUND, "no such account");
    if (row == NULL)
        return open_account(op, draft, &ref);
    if (args->mode != HF_PUT_OPEN_IF_ABSENT)
        return change_account(op, draft);
    draft->quiet = 1;
    draft->result = hf__arena_copy(draft->arena, row, sizeof(hf_account)); /* it may change */
    return draft->result == NULL ? HF_E_NOMEM : 0;
}

/* Which end of a move must be the world, and whose account is the answer. */
typedef struct move_form {
    bool from_world;
    bool to_world;
    bool answers_to;
} move_form;

/* clang-format off */
static const move_form move_forms[] = {
    [HF_OP_ITEM_RECEIVE] = { .from_world = true, .answers_to = true },
    [HF_OP_ACCOUNT_DEPOSIT] = { .from_world = true, .answers_to = true },
    [HF_OP_ACCOUNT_WITHDRAW] = { .to_world = true },
    [HF_OP_ACCOUNT_TRANSFER] = { .answers_to = false },
};
/* clang-format on */

static int check_form(const hf__draft *draft, const hf__operation *op, const hf__movement *m)
{
    const move_form *form = &move_forms[op->type];
    if (hf__is_world(m->from) != form->from_world)
        return hf__refuse(draft->detail, HF_E_ARGUMENT, "`from` must %sbe the world",
                          form->from_world ? "" : "not ");
    if (hf__is_world(m->to) != form->to_world)
        return hf__refuse(draft->detail, HF_E_ARGUMENT, "`to` must %sbe the world",
                          form->to_world ? "" : "not ");
    if (op->type == HF_OP_ITEM_RECEIVE && m->to->kind != HF_KIND_ITEM)
        return refuse(draft, m->to, HF_E_ENUM, "not an item");
    return m->amount > 0 ? 0 : hf__refuse(draft->detail, HF_E_AMOUNT, "the amount must be above 0");
}

/* Both ends of a move by their names, in `refs` where they have no row. */
static hf__movement movement_of(const hf__operation *op, const hf__draft *draft,
                                hf_account_ref refs[2])
{
    const hf_move_args *args = HF__ARGS(op, hf_move_args);
    return (hf__movement){.from = hf__row_ref(draft, HF__ROW_FROM, &args->from, &refs[0]),
                          .to = hf__row_ref(draft, HF__ROW_TO, &args->to, &refs[1]),
                          .amount = args->amount,
                          .what = ""};
}

void hf__load_move(const hf__operation *op, hf__draft *draft)
{
    const hf_move_args *args = HF__ARGS(op, hf_move_args);
    hf__load_account(draft, HF__ROW_FROM, &args->from);
    hf__load_account(draft, HF__ROW_TO, &args->to);
    if (!hf__cannot_give(draft, draft->loaded[HF__ROW_FROM], args->amount, true))
        return;
    hf_account_ref refs[2];
    hf__movement m = movement_of(op, draft, refs);
    if (check_form(draft, op, &m) == 0 && hf__ends_check(draft, &m) == 0)
        hf__load_taking(draft, draft->loaded[HF__ROW_FROM], args->amount, 0);
}

int hf__decide_move(const hf__operation *op, hf__draft *draft)
{
    hf_account_ref refs[2];
    hf__movement m = movement_of(op, draft, refs);
    int error = check_form(draft, op, &m);
    if (error != 0)
        return error;
    hf__ends ends;
    error = hf__row_ends(draft, &m, HF__ROW_FROM, HF__ROW_TO, &ends);
    if (error == 0)
        error = hf__ends_move(draft, &m, &ends);
    if (error != 0)
        return error;
    return hf__account_answer(draft, op->args,
                              move_forms[op->type].answers_to ? ends.to : ends.from);
}

void hf__load_account_adjust(const hf__operation *op, hf__draft *draft)
{
    hf__load_account(draft, HF__ROW_FROM, &HF__ARGS(op, hf_account_adjust_args)->key);
}

int hf__decide_account_adjust(const hf__operation *op, hf__draft *draft)
{
    const hf_account_adjust_args *args = HF__ARGS(op, hf_account_adjust_args);
    hf_account_ref ref;
    hf__account_ref_set(&ref, &args->key);
    if (op->type == HF_OP_ITEM_ADJUST && ref.kind != HF_KIND_ITEM)
        return hf__refuse(draft->detail, HF_E_ENUM, "not an item");
    if (hf__is_world(&ref) || hf__row(draft, HF__ROW_FROM) == NULL)
        return refuse(draft, &ref, HF_E_NOT_FOUND, "no such account");
    hf_account *account;
    int error = edit(draft, &account);
    if (error != 0)
        return error;
    int64_t by = args->quantity;
    if (args->mode == HF_ADJUST_BY && by == 0)
        return refuse(draft, &ref, HF_E_QUANTITY, "a difference of 0");
    if (args->mode == HF_ADJUST_TO && !hf__sub(args->quantity, account->balance, &by))
        return refuse(draft, &ref, HF_E_OVERFLOW, "the difference does not fit");
    if (by == INT64_MIN)
        return refuse(draft, &ref, HF_E_OVERFLOW, "the difference does not fit");
    if (by == 0) {
        draft->quiet = 1;
        draft->result = account;
        return 0;
    }
    bool in = by > 0;
    hf__movement m = {
        .from = in ? &world : &ref, .to = in ? &ref : &world, .amount = in ? by : -by, .what = ""};
    hf__ends ends = {.from = in ? NULL : account, .to = in ? account : NULL};
    error = hf__ends_move_fact(draft, &m, &ends);
    return error != 0 ? error : hf__account_answer(draft, op->args, account);
}
