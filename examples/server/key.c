/*
 * key.c - idempotency keys.
 *
 * A key that is a UUIDv7 is the id of the operation: the library acts once under one id, gives the
 * first answer again for the same content, and refuses other content. So nothing is kept here but
 * which requests run now.
 *
 * ANY OTHER TEXT becomes an id that is made from the text and the day (UTC), because an id carries
 * a time by which retention removes it. A repeat may come on another day than the first request, or
 * reach a server whose clock is another one: so the ids of yesterday and of tomorrow are looked at
 * first, and the one that has acted is used. A text is recognised until the end of the next day.
 *
 * A REPLAY is recognised by its event. Whatever completed before has an event number that is not
 * above the last one that was known when the request was submitted; what is done now gets a higher
 * one. Records that keep no event number (holds, payments, transactions) have 0 in a replay, and
 * never when they are made.
 *
 * WHAT BECAME OF AN ID. An operation that would cancel the order of that id, under the same id, is
 * submitted: it goes behind everything that was accepted before it. HF_E_ID_REUSED says that the id
 * has acted, HF_E_NOT_FOUND that it has not; nothing is changed in either case. For a look-up the
 * record of that id is read afterwards, whichever it is.
 */
#include "key.h"
#include "common/result.h"
#include "operation.h"
#include "problem.h"
#include "route.h"
#include "server.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

enum { TEXT_MAX = 128 };

/* One of the ids that a key may stand for: its own, then those of other days. */
static const hf_id *id_at(const exchange *x, uint32_t at)
{
    return at == 0 ? &x->key : &x->other_days[at - 1];
}

/* Around midnight the same text has another id of its own, so any id in common is the same key. */
static bool may_be_same(const exchange *a, const exchange *b)
{
    for (uint32_t i = 0; i <= a->other_day_count; i++)
        for (uint32_t k = 0; k <= b->other_day_count; k++)
            if (memcmp(id_at(a, i), id_at(b, k), sizeof(hf_id)) == 0)
                return true;
    return false;
}

/* Whether another request with the key has been submitted and not completed. */
static bool is_running(const exchange *x)
{
    for (const exchange *other = x->server->open; other != NULL; other = other->next)
        if (other != x && other->has_key && other->outstanding != 0 && may_be_same(other, x))
            return true;
    return false;
}

static bool is_visible(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c < '!' || *c > '~')
            return false;
    return text[0] != '\0' && strlen(text) <= TEXT_MAX;
}

/* Reads a key into x->key, and the ids of other days that must be looked at into x->other_days. */
static bool read_text(exchange *x, const char *text)
{
    x->other_day_count = 0;
    if (hf_id_parse(text, &x->key) == 0)
        return true;
    const int64_t today = (int64_t)time(NULL) * 1000 / DAY_MS * DAY_MS;
    x->other_day_count = KEY_OTHER_DAYS;
    return is_visible(text) && hf_id_from_key(today, text, &x->key) == 0 &&
           hf_id_from_key(today - DAY_MS, text, &x->other_days[0]) == 0 &&
           hf_id_from_key(today + DAY_MS, text, &x->other_days[1]) == 0;
}

bool key_read(exchange *x)
{
    const char *text = x->headers[HEADER_IDEMPOTENCY_KEY];
    char plain[TEXT_MAX + 3];
    if (text == NULL) {
        problem_answer(x, PROBLEM_KEY_MISSING, NULL, "%s %s", x->method, x->route->path);
        return false;
    }
    const size_t bytes = strlen(text);
    const bool quoted = bytes > 1 && text[0] == '"' && text[bytes - 1] == '"'; /* RFC 8941 */
    (void)snprintf(plain, sizeof(plain), "%.*s", (int)(quoted ? bytes - 2 : bytes), text + quoted);
    if (!read_text(x, plain)) {
        problem_answer(x, PROBLEM_KEY_FORMAT, NULL, "'%.60s'", text);
        return false;
    }
    if (is_running(x)) {
        problem_answer(x, PROBLEM_KEY_RUNNING, NULL, "%s", plain);
        return false;
    }
    x->has_key = true;
    return true;
}

/* Asks whether the id has acted. */
static void probe(exchange *x, const hf_id *id)
{
    hf_order_units_args args;
    hf_order_units_init(&args, id);
    args.head.id = *id;
    server_submit(x, &(hf_op){.type = HF_OP_ORDER_CANCEL, .args = &args});
}

/* An id of another day has been looked at: it is the one, or the next one is looked at. */
static void on_other_day(exchange *x, const hf_completion *done)
{
    const bool used = done->status == HF_E_ID_REUSED;
    if (used)
        x->key = done->id;
    else if (done->status != HF_E_NOT_FOUND && done->status != HF_E_ID_TOO_OLD)
        problem_error(x, done->status, done->detail);
    if (x->status != 0)
        return;
    if (used || ++x->step == x->other_day_count)
        x->route->handle(x);
    else
        probe(x, &x->other_days[x->step]);
}

void key_settle(exchange *x)
{
    if (x->other_day_count == 0) {
        x->route->handle(x);
        return;
    }
    x->done = on_other_day;
    probe(x, &x->other_days[0]);
}

/* Operations whose record does not keep the number of its event. */
static bool keeps_no_event(uint32_t type)
{
    static const uint32_t types[] = {HF_OP_HOLD_PLACE, HF_OP_PAYMENT_ADD, HF_OP_TXN_SUBMIT,
                                     HF_OP_TXN_BEGIN};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i] == type)
            return true;
    return false;
}

bool key_is_replay(const exchange *x, const hf_completion *done)
{
    return done->event_seq == 0 ? keeps_no_event(done->type) : done->event_seq <= x->seq_before;
}

/* ---- What became of a key -------------------------------------------------------------------- */

/* The records that an id may be of, in the order in which they are looked for. */
static const uint32_t reads[] = {HF_OP_ORDER_GET, HF_OP_HOLD_GET, HF_OP_PAYMENT_GET, HF_OP_TXN_GET};

enum { READS = sizeof(reads) / sizeof(reads[0]) };

static void answer_outcome(exchange *x, const char *outcome, const hf_completion *record)
{
    char id[37];
    json_text *out = &x->out;
    json_text_open(out, '{');
    json_text_member(out, "key", x->params[0]);
    json_text_member(out, "id", hf_id_format(&x->key, id));
    json_text_member(out, "outcome", outcome);
    json_text_name(out, "result");
    if (record == NULL || !result_write(out, record))
        json_text_null(out);
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

/* Every struct of these begins with the head, then has the id alone. */
static void read_next(exchange *x)
{
    union {
        hf_order_get_args order;
        hf_hold_get_args hold;
        hf_payment_get_args payment;
        hf_txn_get_args txn;
    } args;
    const uint32_t type = reads[x->step];
    hf_op_shape(type)->init(&args);
    memcpy((char *)&args + sizeof(hf_op_head), &x->key, sizeof(x->key));
    server_submit(x, &(hf_op){.type = type, .args = &args});
}

static void on_read(exchange *x, const hf_completion *done)
{
    if (done->status == 0) {
        answer_outcome(x, "DONE", done);
    } else if (done->status != HF_E_NOT_FOUND) {
        problem_error(x, done->status, done->detail);
    } else if (++x->step < READS) {
        read_next(x);
    } else {
        answer_outcome(x, "DONE", NULL);
    }
}

/* An id that the key may be has been looked at. */
static void on_probe(exchange *x, const hf_completion *done)
{
    if (done->status == HF_E_ID_REUSED) {
        x->key = done->id;
        x->done = on_read;
        x->step = 0;
        read_next(x);
    } else if (done->status != HF_E_NOT_FOUND &&
               (x->other_day_count == 0 || done->status != HF_E_ID_TOO_OLD)) {
        problem_error(x, done->status, done->detail);
    } else if (x->step < x->other_day_count) {
        probe(x, &x->other_days[x->step++]);
    } else {
        problem_answer(x, PROBLEM_KEY_UNUSED, NULL, "the request may be sent again");
    }
}

void key_lookup(exchange *x)
{
    if (!read_text(x, x->params[0])) {
        problem_answer(x, PROBLEM_KEY_FORMAT, NULL, "'%.60s'", x->params[0]);
        return;
    }
    if (is_running(x)) {
        answer_outcome(x, "RUNNING", NULL);
        return;
    }
    x->done = on_probe;
    probe(x, &x->key);
}
