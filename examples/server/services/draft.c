/*
 * draft.c - what a request for an order asks of each participant.
 *
 * The request is read by the shape of ORDER_PLACE, as in the role all. An order of several services
 * has less: its lines take their units from the item of their sku, it is paid at once from
 * accounts, and what cannot be held waits for nothing.
 */
#include "draft.h"
#include "common/json_text.h"
#include "common/ops_walk.h"
#include "operation.h"
#include "payload.h"
#include "problem.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

static const char *keep(exchange *x, const char *bytes, size_t count)
{
    char *copy = ops_block(&x->memory, count + 1, 1);
    memcpy(copy, bytes, count);
    return copy;
}

/* ---- What is served -------------------------------------------------------------------------- */

static bool refuse(exchange *x, const char *pointer, const char *why)
{
    problem_answer(x, PROBLEM_VALUE, pointer, "%s: %s", pointer, why);
    return false;
}

static bool check_line(exchange *x, const hf_line_args *line, uint32_t at)
{
    char pointer[40];
    if (line->place_count == 0 && line->leg_count == 0)
        return true;
    (void)snprintf(pointer, sizeof(pointer), "/lines/%u", at);
    return refuse(x, pointer, "takes its units from the item of its sku, without places and legs");
}

/* An account in another unit is refused as the role all does, and at the same place. */
static bool check_unit(exchange *x, const hf_order_place_args *order, uint32_t at)
{
    char detail[300];
    const hf_account_key *account = &order->payments[at].account;
    const char *place = account->place == NULL ? "" : account->place;
    if (strcmp(account->unit, order->currency) == 0)
        return true;
    (void)snprintf(detail, sizeof(detail), "payment %u: MONEY %s%s%s [%s] in an order of %s",
                   at + 1, account->name, place[0] == '\0' ? "" : " @", place, account->unit,
                   order->currency);
    problem_error(x, HF_E_CURRENCY, detail);
    return false;
}

static bool check_payment(exchange *x, const hf_order_place_args *order, uint32_t at)
{
    static const hf_id none;
    char pointer[40];
    const hf_payment_args *payment = &order->payments[at];
    if (payment->method == HF_METHOD_ACCOUNT && payment->settle_on == HF_SETTLE_CONFIRM &&
        payment->account.kind == HF_KIND_MONEY && memcmp(&payment->id, &none, sizeof(none)) == 0)
        return check_unit(x, order, at);
    (void)snprintf(pointer, sizeof(pointer), "/payments/%u", at);
    return refuse(x, pointer,
                  "comes from a money account, when the order is confirmed, and has no id");
}

static bool check_parts(exchange *x, const hf_order_place_args *order)
{
    if ((order->policy & ~HF_ORDER_PAY_LATER) != 0)
        return refuse(x, "/policy", "only PAY_LATER is possible");
    if (order->deadline_ms != 0)
        return refuse(x, "/deadline_ms", "the order is confirmed or refused at once");
    for (uint32_t i = 0; i < order->line_count; i++)
        if (!check_line(x, &order->lines[i], i))
            return false;
    for (uint32_t i = 0; i < order->payment_count; i++)
        if (!check_payment(x, order, i))
            return false;
    return true;
}

/* The sums, which the record would accept as they are. */
static bool check_sums(exchange *x, const hf_order_place_args *order)
{
    char detail[200];
    int64_t total, paid = 0;
    int error = hf_order_total(order, NULL, &total, detail, sizeof(detail));
    if (error == 0 && total != order->total) {
        (void)snprintf(detail, sizeof(detail), "total: it is %lld", (long long)total);
        error = HF_E_TOTAL;
    }
    for (uint32_t i = 0; error == 0 && i < order->payment_count; i++)
        if (__builtin_add_overflow(paid, order->payments[i].amount, &paid))
            error = HF_E_OVERFLOW;
    if (error == 0 && paid > total)
        error = HF_E_OVER_PAID;
    else if (error == 0 && paid < total && (order->policy & HF_ORDER_PAY_LATER) == 0)
        error = HF_E_UNPAID;
    if (error != 0)
        problem_error(x, error, detail);
    return error == 0;
}

/* ---- Moves ----------------------------------------------------------------------------------- */

static void put_move(json_text *out, const hf_account_key *from, int64_t amount)
{
    static const char *const kinds[] = {[HF_KIND_ITEM] = "ITEM", [HF_KIND_MONEY] = "MONEY"};
    json_text_open(out, '{');
    json_text_name(out, "from");
    json_text_open(out, '{');
    json_text_member(out, "kind", kinds[from->kind]);
    json_text_member(out, "name", from->name);
    json_text_member(out, "place", from->place == NULL ? "" : from->place);
    json_text_member(out, "unit", from->unit);
    json_text_close(out, '}');
    json_text_number(out, "amount", amount);
    json_text_close(out, '}');
}

static void put_lines(json_text *out, const hf_order_place_args *order)
{
    for (uint32_t i = 0; i < order->line_count; i++) {
        const hf_line_args *line = &order->lines[i];
        const hf_account_key item = {.kind = HF_KIND_ITEM, .name = line->sku, .unit = line->unit};
        if (line->untracked == 0)
            put_move(out, &item, line->quantity);
    }
}

static void put_payments(json_text *out, const hf_order_place_args *order)
{
    for (uint32_t i = 0; i < order->payment_count; i++)
        put_move(out, &order->payments[i].account, order->payments[i].amount);
}

static void number_moves(exchange *x, const hf_order_place_args *order, draft *out)
{
    uint32_t *tracked = ops_block(&x->memory, order->line_count + 1, sizeof(*tracked));
    out->tracked = tracked;
    out->tracked_count = 0;
    out->payment_count = order->payment_count;
    for (uint32_t i = 0; i < order->line_count; i++)
        if (order->lines[i].untracked == 0)
            tracked[out->tracked_count++] = i + 1;
}

static void make_moves(exchange *x, const hf_order_place_args *order, draft *out)
{
    static void (*const puts[SERVICES])(json_text * out, const hf_order_place_args *order) = {
        [SERVICE_INVENTORY] = put_lines, [SERVICE_PAYMENT] = put_payments};
    for (uint32_t i = 0; i < SERVICES; i++) {
        json_text *text = &x->out;
        text->used = 0;
        json_text_open(text, '[');
        puts[i](text, order);
        json_text_close(text, ']');
        out->moves[i] = text->used == 2 ? NULL : keep(x, text->bytes, text->used);
    }
    x->out.used = 0;
}

/* ---- The record ------------------------------------------------------------------------------ */

/* The id of the part of an order, in `out`. */
static char *part_id(const exchange *x, const char *part, uint32_t no, char out[37])
{
    char text[80], key[37];
    hf_id id;
    (void)snprintf(text, sizeof(text), "%s %s %u", hf_id_format(&x->key, key), part, no);
    (void)hf_id_from_key(hf_id_time(&x->key), text, &id);
    return hf_id_format(&id, out);
}

static json_t *make_payment(const exchange *x, uint32_t no, int64_t amount)
{
    char id[37];
    return json_pack("{s:s,s:s,s:s,s:I,s:[s]}", "id", part_id(x, "payment", no, id), "method",
                     "PROVIDER", "provider", "payment", "amount", (json_int_t)amount, "flags",
                     "CAPTURE_ONLY");
}

static json_t *make_report(const exchange *x, uint32_t no, const hf_payment_args *payment)
{
    char id[37], of[37], key[37], ref[48];
    (void)snprintf(ref, sizeof(ref), "%s/%u", hf_id_format(&x->key, key), no);
    return json_pack("{s:s,s:s,s:{s:s,s:s,s:s,s:s,s:I,s:s}}", "id", part_id(x, "report", no, id),
                     "actor", x->actor, "args", "provider", "payment", "fact_ref", ref, "payment",
                     part_id(x, "payment", no, of), "unit", payment->account.unit, "amount",
                     (json_int_t)payment->amount, "kind", "CAPTURED");
}

/* The order as this store records it: nothing of it is held here. */
static json_t *make_order(const exchange *x, json_t *body)
{
    char id[37];
    size_t at;
    json_t *line;
    json_t *meta = json_incref(json_object_get(body, "meta"));
    json_t *policy = json_object_get(body, "policy");
    json_array_foreach(json_object_get(body, "lines"), at, line)(void)
        json_object_set_new(line, "untracked", json_true());
    if (policy == NULL)
        (void)json_object_set_new(body, "policy", policy = json_array());
    (void)json_array_append_new(policy, json_string("IMPORT"));
    (void)json_object_del(body, "meta");
    json_t *order = json_pack("{s:s,s:s,s:O}", "id", hf_id_format(&x->key, id), "actor", x->actor,
                              "args", body);
    if (meta != NULL)
        (void)json_object_set_new(order, "meta", meta);
    return order;
}

static void make_record(exchange *x, const hf_order_place_args *order, json_t *body, draft *out)
{
    json_t *payments = json_array(), *reports = json_array();
    for (uint32_t i = 0; i < order->payment_count; i++) {
        (void)json_array_append_new(payments, make_payment(x, i + 1, order->payments[i].amount));
        (void)json_array_append_new(reports, make_report(x, i + 1, &order->payments[i]));
    }
    if (order->payment_count != 0)
        (void)json_object_set(body, "payments", payments);
    json_decref(payments);
    json_t *record = json_pack("{s:o,s:o}", "order", make_order(x, body), "reports", reports);
    out->record = digest_text(x, record, JSON_COMPACT);
    json_decref(record);
}

/* A payload has an end, and so has an order over several services. */
static bool check_size(exchange *x, const draft *made)
{
    size_t most = strlen(made->record);
    for (uint32_t i = 0; i < SERVICES; i++) {
        const size_t bytes = made->moves[i] == NULL ? 0 : strlen(made->moves[i]) + PAYLOAD_HEAD;
        most = bytes > most ? bytes : most;
    }
    if (most <= HF_PAYLOAD_MAX)
        return true;
    problem_error(x, HF_E_TOO_MANY, "lines and payments: they are too many for one transaction");
    return false;
}

/* ---- All of it ------------------------------------------------------------------------------- */

bool draft_make(exchange *x, json_t *body, draft *out)
{
    ops_line line;
    if (!operation_read(x, json_copy(body), &line))
        return false;
    const hf_order_place_args *order = line.op.args;
    if (!check_parts(x, order) || !check_sums(x, order))
        return false;
    digest_json(x, body, out->digest);
    out->customer = order->customer == NULL ? "" : order->customer;
    number_moves(x, order, out);
    make_moves(x, order, out);
    make_record(x, order, body, out);
    return check_size(x, out);
}
