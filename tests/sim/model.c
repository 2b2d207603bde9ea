/*
 * model.c - a plain sequential model beside the store: fed with what was asked, in commit order.
 *
 *     events as stored -> the wish each stands for -> books.c -> compared with the rows
 *
 * Of an event the model takes its place, its operation, and the states that orders, holds and
 * transactions are said to have; it never looks at the movements in it. What it works out itself
 * must be what the store has. R1: what a client was answered is there. R5: nothing is there twice.
 */
#include "store.h"

#include "base/text.h"
#include "domain/ledger/movement.h"
#include "model/records.h"
#include "model/tables.h"

#include <string.h>

#define PAGE        32u
#define PAGE_BYTES  (1u << 20)
#define EVENT_TYPES 256u

/* ---- The store, as it is without any engine -------------------------------------------------- */

static struct {
    hf_store_error error;
    hf_store_caller caller;
    void *txn;
    uint64_t used;
    uint8_t memory[PAGE_BYTES] __attribute__((aligned(16)));
} look;

static void *take(void *context, uint64_t bytes)
{
    (void)context;
    uint64_t rounded = (bytes + 15) & ~(uint64_t)15;
    if (rounded > PAGE_BYTES - look.used)
        return NULL;
    look.used += rounded;
    return look.memory + look.used - rounded;
}

static bool look_begin(void)
{
    look.caller = (hf_store_caller){.alloc = take, .error = &look.error};
    int error =
        sim->store->driver->begin(sim->store->inner, HF_TXN_SNAPSHOT, &look.caller, &look.txn);
    if (error != 0)
        sim_broken("the store cannot be read");
    return error == 0;
}

static void look_end(void)
{
    sim->store->driver->rollback(look.txn);
}

static bool stored(uint32_t table, void *row)
{
    uint8_t found = 0;
    look.used = 0;
    return sim->store->driver->get(look.txn, table, &row, &found, 1) == 0 && found != 0;
}

/* ---- Events ---------------------------------------------------------------------------------- */

static const uint32_t made_by[SIM_OP_KINDS] = {
    [SIM_OP_MOVE] = HF_OP_ACCOUNT_TRANSFER,   [SIM_OP_SUPPLY] = HF_OP_ACCOUNT_DEPOSIT,
    [SIM_OP_TXN] = HF_OP_TXN_SUBMIT,          [SIM_OP_ORDER] = HF_OP_ORDER_PLACE,
    [SIM_OP_CAPTURE] = HF_OP_PAYMENT_CAPTURE, [SIM_OP_VOID] = HF_OP_PAYMENT_VOID,
    [SIM_OP_REFUND] = HF_OP_PAYMENT_REFUND,   [SIM_OP_FULFIL] = HF_OP_ORDER_FULFIL,
    [SIM_OP_RETURN] = HF_OP_ORDER_RETURN,     [SIM_OP_CANCEL] = HF_OP_ORDER_CANCEL,
    [SIM_OP_HOLD] = HF_OP_HOLD_PLACE,         [SIM_OP_POST] = HF_OP_HOLD_POST,
    [SIM_OP_RELEASE] = HF_OP_HOLD_RELEASE,    [SIM_OP_REPORT] = HF_OP_PAYMENT_REPORT,
};

/* The wish that an event stands for; NOBODY: the engine's own, or an operator's. */
static uint32_t wish_of(const hf_event *event)
{
    uint32_t type = event->type == HF_OP_ITEM_RECEIVE ? HF_OP_ACCOUNT_DEPOSIT : event->type;
    uint32_t index = sim_name_get(&event->op, SIM_AN_OP);
    if (index == SIM_NOBODY || made_by[sim->ops[index].kind] != type)
        return SIM_NOBODY;
    sim_op *op = &sim->ops[index];
    if (op->fate.event_seq != 0)
        sim_broken("op %u was done twice, by event %llu and by event %llu", index,
                   (unsigned long long)op->fate.event_seq, (unsigned long long)event->seq);
    op->fate.event_seq = event->seq;
    op->moved = true;
    if (op->target != SIM_NOBODY)
        sim->ops[op->target].moved = true;
    return index;
}

static void apply_wish(uint32_t index, int64_t at_ms)
{
    sim_op *op = &sim->ops[index];
    switch ((sim_op_kind)op->kind) {
    case SIM_OP_MOVE:
    case SIM_OP_SUPPLY:
        sim_books_supply(op);
        break;
    case SIM_OP_CAPTURE:
    case SIM_OP_VOID:
    case SIM_OP_REFUND:
        sim_order_money(op);
        break;
    case SIM_OP_FULFIL:
    case SIM_OP_RETURN:
    case SIM_OP_CANCEL:
        sim_order_units(op);
        break;
    case SIM_OP_HOLD:
        sim_books_hold(op);
        break;
    case SIM_OP_POST:
    case SIM_OP_RELEASE:
        sim_books_part(op, at_ms);
        break;
    case SIM_OP_REPORT:
        sim->counts[SIM_REPORTED_FIRST]++;
        break;
    case SIM_OP_TXN: /* their states say it */
    case SIM_OP_ORDER:
    case SIM_OP_KINDS:
        break;
    }
}

/* Deadlines first: an operation sweeps what stands in its way before it takes anything. */
static void apply_states(const hf_event *event, uint32_t wish, bool deadlines)
{
    uint64_t position = 0;
    hf_change change;
    while (hf_event_next(event, &position, &change) == 1) {
        uint32_t index = sim_name_get(&change.id, SIM_AN_OP);
        if (change.type != HF_CHANGE_STATE || index == SIM_NOBODY ||
            change.subject_kind == HF_SUBJECT_BRANCH)
            continue;
        sim_op *op = &sim->ops[index];
        bool own = index == wish || (wish != SIM_NOBODY && sim->ops[wish].target == index);
        bool late = (op->kind == SIM_OP_HOLD && !own) ||
                    (op->kind == SIM_OP_ORDER && change.state == HF_ORDER_EXPIRED);
        if (late != deadlines)
            continue;
        op->moved = true;
        if (op->kind == SIM_OP_HOLD && late)
            sim_books_expire(index, event->at_ms);
        if (op->kind == SIM_OP_TXN)
            sim_books_txn(index, change.state);
        if (op->kind != SIM_OP_ORDER)
            continue;
        sim_order_become(index, change.state, event->at_ms);
        sim_order_holds(index);
    }
}

static void apply(const hf_event *event)
{
    if (event->seq != sim->model_seq + 1)
        sim_broken("event %llu follows event %llu", (unsigned long long)event->seq,
                   (unsigned long long)sim->model_seq);
    if (event->at_ms < sim->model_ms)
        sim_broken("event %llu is older than the one before", (unsigned long long)event->seq);
    sim->model_seq = event->seq;
    sim->model_ms = event->at_ms;
    uint32_t wish = wish_of(event);
    apply_states(event, wish, true);
    if (wish != SIM_NOBODY)
        apply_wish(wish, event->at_ms);
    apply_states(event, wish, false);
    sim_refusals_note();
    for (uint32_t i = 0; i < SIM_BOOKS; i++) {
        const sim_book *book = &sim->books[i];
        if (book->balance < 0 || book->held_out < 0 || book->held_in < 0 ||
            book->balance < book->held_out)
            sim_broken("event %llu takes %s below its limit", (unsigned long long)event->seq,
                       sim_account(i).name);
    }
}

/* Up to the last event that is committed. */
static void follow(void)
{
    static hf_event rows[PAGE];
    void *pointers[PAGE];
    uint32_t count = PAGE;
    for (uint32_t i = 0; i < PAGE; i++)
        pointers[i] = &rows[i];
    while (count == PAGE && sim->broken[0] == '\0') {
        const hf_event low = {.seq = sim->model_seq};
        const hf_scan range = {
            .table = HF__EVENTS, .low = &low, .low_columns = 1, .low_exclusive = 1};
        look.used = 0;
        if (sim->store->driver->scan(look.txn, &range, pointers, &count) != 0)
            sim_broken("the events cannot be read");
        for (uint32_t i = 0; i < count; i++)
            apply(&rows[i]);
    }
}

void sim_model_follow(void)
{
    if (!look_begin())
        return;
    follow();
    look_end();
}

/* ---- Comparison ------------------------------------------------------------------------------ */

static void check_accounts(void)
{
    for (uint32_t i = 0; i < SIM_BOOKS; i++) {
        hf_account row = {.balance = 0};
        const sim_book *book = &sim->books[i];
        const hf_account_key key = sim_account(i);
        hf__account_ref_set(&row.key, &key);
        if (!stored(HF__ACCOUNTS, &row))
            sim_broken("%s is not stored", key.name);
        else if (row.balance != book->balance || row.held_out != book->held_out ||
                 row.held_in != book->held_in)
            sim_broken("%s has %lld (%lld and %lld held), the model %lld (%lld and %lld)", key.name,
                       (long long)row.balance, (long long)row.held_out, (long long)row.held_in,
                       (long long)book->balance, (long long)book->held_out,
                       (long long)book->held_in);
    }
}

static void check_order(uint32_t index)
{
    const sim_op *op = &sim->ops[index];
    const sim_fate *fate = &op->fate;
    hf_order order = {.id = op->id};
    hf_order_line line = {.order = op->id, .no = 1};
    hf_payment payment = {.id = op->payment};
    bool there = stored(HF__ORDERS, &order) && stored(HF__ORDER_LINES, &line) &&
                 stored(HF__PAYMENTS, &payment);
    if (!there || order.state != fate->state)
        sim_broken("op %u: the order is %s, in the model %s", index,
                   hf_order_state_name(order.state), hf_order_state_name(fate->state));
    else if (line.fulfilled != fate->fulfilled || line.cancelled != fate->cancelled ||
             line.returned != fate->returned)
        sim_broken("op %u: units %lld, %lld, %lld, in the model %lld, %lld, %lld", index,
                   (long long)line.fulfilled, (long long)line.cancelled, (long long)line.returned,
                   (long long)fate->fulfilled, (long long)fate->cancelled,
                   (long long)fate->returned);
    else if (!op->by_card &&
             (payment.authorized != fate->authorized || payment.captured != fate->captured ||
              payment.voided != fate->voided || payment.refunded != fate->refunded))
        sim_broken("op %u: money %lld, %lld, %lld, %lld, in the model %lld, %lld, %lld, %lld",
                   index, (long long)payment.authorized, (long long)payment.captured,
                   (long long)payment.voided, (long long)payment.refunded,
                   (long long)fate->authorized, (long long)fate->captured, (long long)fate->voided,
                   (long long)fate->refunded);
}

static void check_hold(uint32_t index)
{
    const sim_op *op = &sim->ops[index];
    hf_hold hold = {.id = op->id};
    bool there = stored(HF__HOLDS, &hold);
    if (!there || hold.state != op->fate.state || hold.posted != op->fate.captured ||
        hold.released != op->fate.voided)
        sim_broken("op %u: the hold is %s with %lld and %lld, in the model %s, %lld, %lld", index,
                   hf_hold_state_name(hold.state), (long long)hold.posted, (long long)hold.released,
                   hf_hold_state_name(op->fate.state), (long long)op->fate.captured,
                   (long long)op->fate.voided);
}

static void check_txn(uint32_t index)
{
    hf_txn txn = {.id = sim->ops[index].id};
    if (!stored(HF__TXNS, &txn) || txn.state != sim->ops[index].fate.state)
        sim_broken("op %u: the transaction is %s, in the model %s", index,
                   hf_txn_state_name(txn.state), hf_txn_state_name(sim->ops[index].fate.state));
}

static void check_report(uint32_t index)
{
    const sim_op *op = &sim->ops[index];
    char text[SIM_REFERENCE];
    hf_fact fact = {.kind = sim_fact_kind(op->from)};
    hf__name_set(&fact.provider, "card");
    hf__name_set(&fact.fact_ref, sim_reference(op->from, text));
    if (op->answered && (op->status != 0 || !stored(HF__FACTS, &fact)))
        sim_broken("op %u was answered %s, and %s is not stored", index, hf_error_name(op->status),
                   text);
}

static void check_op(uint32_t index)
{
    const sim_op *op = &sim->ops[index];
    if (op->kind == SIM_OP_REPORT) {
        check_report(index); /* an answer may have said it before */
        return;
    }
    uint64_t seq = op->fate.event_seq;
    if (op->answered && (op->status == 0) != (seq != 0))
        sim_broken("op %u was answered %s, and is%s stored", index,
                   op->status == 0 ? "done" : "refused", seq != 0 ? "" : " not");
    if (op->answered && op->kind != SIM_OP_TXN && op->event_seq != 0 && op->event_seq != seq)
        sim_broken("op %u was answered with event %llu, and is event %llu", index,
                   (unsigned long long)op->event_seq, (unsigned long long)seq);
    if (seq == 0 || !op->moved)
        return;
    if (op->kind == SIM_OP_ORDER)
        check_order(index);
    else if (op->kind == SIM_OP_HOLD)
        check_hold(index);
    else if (op->kind == SIM_OP_TXN)
        check_txn(index);
}

void sim_model_check(void)
{
    if (!look_begin())
        return;
    follow();
    check_accounts();
    for (uint32_t i = 0; i < sim->op_count && sim->broken[0] == '\0'; i++) {
        check_op(i);
        sim->ops[i].moved = false;
    }
    look_end();
    sim->counts[SIM_CHECKED]++;
}

bool sim_model_rests(void)
{
    sim_model_follow();
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const sim_op *op = &sim->ops[i];
        bool open = op->fate.state == HF_ORDER_PENDING || op->fate.state == HF_ORDER_WAITING;
        bool held = op->fate.state == HF_HOLD_HELD || op->fate.state == HF_HOLD_PARTIAL;
        if ((op->kind == SIM_OP_ORDER && open) || (op->kind == SIM_OP_HOLD && held))
            return false;
    }
    return true;
}

void sim_model_init(void)
{
    for (uint32_t i = 0; i < SIM_BOOKS; i++)
        sim->books[i].balance = i < SIM_WALLETS ? SIM_OPENING : SIM_SHELF;
    sim_model_follow(); /* past the opening of the accounts */
}
