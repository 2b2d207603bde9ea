/*
 * key.c - idempotency keys.
 *
 * The key is the id of the operation, a UUIDv7: the library acts once under one id, gives the first
 * answer again for the same content, and refuses other content. So nothing is kept here but which
 * requests run now.
 *
 * A REPLAY is recognised by its event. Whatever completed before has an event number that is not
 * above the last one that was known when the request was submitted; what is done now gets a higher
 * one. Records that keep no event number (holds, payments, transactions) have 0 in a replay, and
 * never when they are made.
 *
 * WHAT BECAME OF A KEY. An operation that would cancel the order of that id, under the same id, is
 * submitted: it goes behind everything that was accepted before it. HF_E_ID_REUSED says that the
 * key has acted, HF_E_NOT_FOUND that it has not; nothing is changed in either case. Then the record
 * of that id is read, whichever it is.
 */
#include "key.h"
#include "common/result.h"
#include "operation.h"
#include "problem.h"
#include "route.h"
#include "server.h"

#include <string.h>

/* Whether another request with the key has been submitted and not completed. */
static bool is_running(const exchange *x)
{
    for (const exchange *other = x->server->open; other != NULL; other = other->next)
        if (other->has_key && other->outstanding != 0 &&
            memcmp(&other->key, &x->key, sizeof(x->key)) == 0)
            return true;
    return false;
}

bool key_read(exchange *x)
{
    const char *text = x->headers[HEADER_IDEMPOTENCY_KEY];
    char plain[40] = "";
    if (text == NULL) {
        problem_answer(x, PROBLEM_KEY_MISSING, NULL, "%s %s", x->method, x->route->path);
        return false;
    }
    const size_t bytes = strlen(text);
    const bool quoted = bytes == 38 && text[0] == '"' && text[37] == '"'; /* a structured header */
    if (quoted || bytes == 36)
        memcpy(plain, text + quoted, 36);
    if (hf_id_parse(plain, &x->key) != 0) {
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
    char text[37];
    json_text *out = &x->out;
    json_text_open(out, '{');
    json_text_member(out, "key", hf_id_format(&x->key, text));
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

static void on_probe(exchange *x, const hf_completion *done)
{
    if (done->status == HF_E_ID_REUSED) {
        x->done = on_read;
        read_next(x);
    } else if (done->status == HF_E_NOT_FOUND) {
        problem_answer(x, PROBLEM_KEY_UNUSED, NULL, "the request may be sent again");
    } else {
        problem_error(x, done->status, done->detail);
    }
}

void key_lookup(exchange *x)
{
    hf_order_units_args args;
    if (hf_id_parse(x->params[0], &x->key) != 0) {
        problem_answer(x, PROBLEM_KEY_FORMAT, NULL, "'%.60s'", x->params[0]);
        return;
    }
    if (is_running(x)) {
        answer_outcome(x, "RUNNING", NULL);
        return;
    }
    hf_order_units_init(&args, &x->key);
    args.head.id = x->key;
    x->done = on_probe;
    server_submit(x, &(hf_op){.type = HF_OP_ORDER_CANCEL, .args = &args});
}
