/*
 * branch.c - branches of transactions that another instance coordinates.
 *
 * THE BARRIER'S ROW is a transaction of this store, whose id is made from the caller's transaction
 * and the number of the branch. So the row and the holds are one record, written in one commit,
 * listed by /v1/transactions and removed by retention as one.
 *
 *     row              transaction here                        made by
 *     TRIED            TRYING, its moves are held              a try: TXN_BEGIN
 *     CONFIRMED        CONFIRMED, its moves are posted         a confirm: TXN_SEAL
 *     CANCELLED        CANCELLED, its moves are released       a cancel: TXN_ABORT
 *     NULL_CANCELLED   without moves, CANCELLED                a cancel without a try; a try whose
 *                                                              moves were refused
 *
 * Happy path: a try is one operation, which makes the row. So is a confirm when this process has
 * tried the branch (tried.h). The row is read before any other call: hf_barrier_decide says what to
 * do, and one operation does it. The row is read also when the one operation finds that the branch
 * is not as a first call would find it: then the call is a repeat, or has come late.
 *
 * A ROW BELONGS TO ITS CALLER, the store of the coordinator that made it. Coordinators with stores
 * of their own make the same transaction of the same idempotency key, and do not know each other.
 * The row that is there first stays: a try of another caller is refused (HF_E_ID_REUSED), a cancel
 * finds nothing of its own to cancel, and a confirm is refused, because its try never succeeded.
 *
 * Failure modes: two calls at once, of which one finds the row changed: it reads the row again. A
 * try that is refused stores the refusal as the meta of a NULL_CANCELLED row before it is answered,
 * so that a copy of the call gets the same answer and holds nothing. A try that comes again with
 * other moves is refused (HF_E_ID_REUSED): the meta of the row has the digest of the moves. A row
 * that retention has removed: its id is refused for a try, and there is nothing left to cancel.
 */
#include "branch.h"
#include "common/json_read.h"
#include "common/ops_walk.h"
#include "digest.h"
#include "key.h"
#include "operation.h"
#include "problem.h"
#include "role.h"
#include "server.h"
#include "service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { READS_MAX = 4 };

static const char *const state_names[] = {
    [HF_BARRIER_NONE] = "NONE",
    [HF_BARRIER_TRIED] = "TRIED",
    [HF_BARRIER_CONFIRMED] = "CONFIRMED",
    [HF_BARRIER_CANCELLED] = "CANCELLED",
    [HF_BARRIER_NULL_CANCELLED] = "NULL_CANCELLED",
};

/* ---- Answers --------------------------------------------------------------------------------- */

static void answer(exchange *x, uint32_t state, bool repeated)
{
    char id[37];
    json_text *out = &x->out;
    out->used = 0;
    json_text_open(out, '{');
    json_text_member(out, "txn", x->params[0]);
    json_text_number(out, "branch", strtoll(x->params[1], NULL, 10));
    json_text_member(out, "state", state_names[state]);
    json_text_name(out, "repeated");
    json_text_bool(out, repeated);
    json_text_member(out, "local", hf_id_format(&x->key, id));
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

/* Answers why a try was refused, when the row says so. */
static bool answer_refusal(exchange *x, const hf_txn *txn)
{
    json_t *meta = json_read(txn->meta, txn->meta_bytes, JSON_READ_DEPTH, NULL);
    const int error = (int)json_integer_value(json_object_get(meta, "error"));
    if (error != 0)
        problem_error(x, error, json_string_value(json_object_get(meta, "detail")));
    json_decref(meta);
    return error != 0;
}

static void answer_state(exchange *x, uint32_t state)
{
    char detail[120];
    (void)snprintf(detail, sizeof(detail), "branch %.10s: it is %s", x->params[1],
                   state_names[state]);
    problem_error(x, HF_E_TXN_STATE, detail);
}

/* ---- What is written ------------------------------------------------------------------------- */

static void read_row(exchange *x);

/* The digest of the moves of a try; NULL: the call is none. */
static const char *moves_of(const exchange *x)
{
    return x->work;
}

/* The meta of a row: by whom it was written, what was tried, and what was refused. It lives in
 * x->out. */
static void set_meta(exchange *x, hf_op_head *head, int error, const char *detail)
{
    json_text *out = &x->out;
    out->used = 0;
    json_text_open(out, '{');
    json_text_number(out, "epoch", (int64_t)x->epoch);
    json_text_number(out, "attempt", x->attempt);
    if (x->caller[0] != '\0')
        json_text_member(out, "caller", x->caller);
    if (moves_of(x) != NULL)
        json_text_member(out, "moves", moves_of(x));
    if (error != 0) {
        json_text_number(out, "error", error);
        json_text_member(out, "detail", detail);
    }
    json_text_close(out, '}');
    head->meta = out->bytes;
    head->meta_bytes = out->used;
}

static bool was_changed(int status)
{
    return status == HF_E_ID_REUSED || status == HF_E_TXN_STATE || status == HF_E_TXN_ABORTED;
}

/* Whether the operation of a call has found the row in another state than it is made for. */
static bool is_other(const exchange *x, const hf_completion *done)
{
    const bool is_try = x->phase == HF_PHASE_TRY;
    return was_changed(done->status) || (!is_try && done->status == HF_E_NOT_FOUND) ||
           (is_try && done->status == 0 && key_is_replay(x, done));
}

static void on_nullified(exchange *x, const hf_completion *done)
{
    if (done->status == 0 || was_changed(done->status))
        read_row(x);
    else
        problem_error(x, done->status, done->detail);
}

static void abort_row(exchange *x, void (*then)(exchange *x, const hf_completion *done))
{
    hf_txn_act_args args;
    hf_txn_act_init(&args, &x->key);
    args.head.actor = x->actor;
    args.reason = x->phase == HF_PHASE_CANCEL ? "cancelled by its coordinator" : "refused";
    x->done = then;
    server_submit(x, &(hf_op){.type = HF_OP_TXN_ABORT, .args = &args});
}

/* The row without moves is there, or another call has made one. */
static void on_null_row(exchange *x, const hf_completion *done)
{
    if (done->status == 0)
        abort_row(x, on_nullified);
    else if (done->status == HF_E_ID_TOO_OLD && x->phase == HF_PHASE_CANCEL)
        answer(x, HF_BARRIER_NULL_CANCELLED, true);
    else
        on_nullified(x, done);
}

/* Makes the row NULL_CANCELLED, then answers as it says. */
static void nullify(exchange *x, int error, const char *detail)
{
    hf_txn_args args;
    hf_txn_init(&args);
    args.head.id = x->key;
    args.head.actor = x->actor;
    set_meta(x, &args.head, error, detail);
    x->done = on_null_row;
    server_submit(x, &(hf_op){.type = HF_OP_TXN_BEGIN, .args = &args});
}

/* The number that stands for the caller in the table of branches that were tried. */
static uint64_t mark_of(const exchange *x)
{
    return service_hash(x->caller);
}

static void on_acted(exchange *x, const hf_completion *done)
{
    static const uint32_t states[] = {[HF_PHASE_TRY] = HF_BARRIER_TRIED,
                                      [HF_PHASE_CONFIRM] = HF_BARRIER_CONFIRMED,
                                      [HF_PHASE_CANCEL] = HF_BARRIER_CANCELLED};
    const int class = hf_error_class(done->status);
    if (is_other(x, done)) {
        read_row(x);
        return;
    }
    if (done->status == 0 && x->phase == HF_PHASE_TRY)
        tried_note(&x->server->tried, &x->key, mark_of(x), x->epoch);
    if (done->status == 0)
        answer(x, states[x->phase], false);
    else if (x->phase == HF_PHASE_TRY && done->status != HF_E_ID_TOO_OLD &&
             (class == HF_CLASS_REJECTED || class == HF_CLASS_MISUSE))
        nullify(x, done->status, done->detail);
    else
        problem_error(x, done->status, done->detail);
}

static void act_try(exchange *x)
{
    hf_txn_args args = *(const hf_txn_args *)x->args;
    args.deadline_ms = (int64_t)time(NULL) * 1000 + x->server->settings.branch_ms;
    set_meta(x, &args.head, 0, NULL);
    x->done = on_acted;
    server_submit(x, &(hf_op){.type = HF_OP_TXN_BEGIN, .args = &args});
}

static void act_confirm(exchange *x)
{
    hf_txn_seal_args args;
    hf_txn_seal_init(&args, &x->key);
    args.head.actor = x->actor;
    args.keep = 1; /* its coordinator has decided: an account that refuses now posts later */
    x->done = on_acted;
    server_submit(x, &(hf_op){.type = HF_OP_TXN_SEAL, .args = &args});
}

static void act_cancel(exchange *x)
{
    abort_row(x, on_acted);
}

/* ---- The row --------------------------------------------------------------------------------- */

/* What a row says of a call. */
typedef struct row {
    hf_barrier barrier;
    bool is_others;   /* another caller made it */
    bool other_moves; /* the call is a try of other moves; a row that no try has made has none */
} row;

static row row_of(const exchange *x, const hf_txn *txn)
{
    static const uint32_t states[] = {
        [HF_TXN_TRYING] = HF_BARRIER_TRIED,        [HF_TXN_CONFIRMING] = HF_BARRIER_CONFIRMED,
        [HF_TXN_CONFIRMED] = HF_BARRIER_CONFIRMED, [HF_TXN_CANCELLING] = HF_BARRIER_CANCELLED,
        [HF_TXN_CANCELLED] = HF_BARRIER_CANCELLED,
    };
    json_t *meta = json_read(txn->meta, txn->meta_bytes, JSON_READ_DEPTH, NULL);
    const char *caller = json_string_value(json_object_get(meta, "caller"));
    const char *moves = json_string_value(json_object_get(meta, "moves"));
    const row found = {
        .barrier = {.state = txn->move_count == 0 ? HF_BARRIER_NULL_CANCELLED : states[txn->state],
                    .attempt = (uint32_t)json_integer_value(json_object_get(meta, "attempt")),
                    .epoch = (uint64_t)json_integer_value(json_object_get(meta, "epoch"))},
        .is_others = strcmp(caller == NULL ? "" : caller, x->caller) != 0,
        .other_moves = moves != NULL && moves_of(x) != NULL && strcmp(moves, moves_of(x)) != 0,
    };
    json_decref(meta);
    return found;
}

/* Answers a call of a branch whose row another caller made. */
static void answer_others(exchange *x)
{
    if (x->phase == HF_PHASE_CANCEL)
        answer(x, HF_BARRIER_NULL_CANCELLED, true);
    else
        problem_error(x, x->phase == HF_PHASE_TRY ? HF_E_ID_REUSED : HF_E_TXN_STATE,
                      "caller: another coordinator has this branch");
}

static void decide(exchange *x, const row *found, const hf_txn *txn)
{
    static void (*const acts[])(exchange * x) = {
        [HF_PHASE_TRY] = act_try, [HF_PHASE_CONFIRM] = act_confirm, [HF_PHASE_CANCEL] = act_cancel};
    hf_barrier next;
    const int what = hf_barrier_decide(&found->barrier, x->phase, x->attempt, x->epoch, &next);
    if (what == HF_BARRIER_DO)
        acts[x->phase](x);
    else if (what == HF_BARRIER_SKIP)
        nullify(x, 0, NULL);
    else if (what == HF_BARRIER_REPEAT)
        answer(x, found->barrier.state, true);
    else if (x->phase != HF_PHASE_TRY || txn == NULL || !answer_refusal(x, txn))
        answer_state(x, found->barrier.state);
}

static void on_row(exchange *x, const hf_completion *done)
{
    const bool is_there = done->status == 0;
    if (!is_there && done->status != HF_E_NOT_FOUND) {
        problem_error(x, done->status, done->detail);
        return;
    }
    const hf_txn *txn = is_there ? ((const hf_txn_view *)done->result)->txn : NULL;
    const row found = is_there ? row_of(x, txn) : (row){.barrier = {.state = HF_BARRIER_NONE}};
    if (found.is_others)
        answer_others(x);
    else if (found.other_moves)
        problem_error(x, HF_E_ID_REUSED, "moves: the branch was tried with others");
    else
        decide(x, &found, txn);
}

static void read_row(exchange *x)
{
    hf_txn_get_args args;
    if (++x->step > READS_MAX) {
        problem_error(x, HF_E_BUSY, "other calls of this branch changed it");
        return;
    }
    hf_txn_get_init(&args, &x->key);
    x->done = on_row;
    server_submit(x, &(hf_op){.type = HF_OP_TXN_GET, .args = &args});
}

/* ---- The request ----------------------------------------------------------------------------- */

/* The id of the row: the same for each call of this branch. */
static bool read_path(exchange *x)
{
    hf_id txn;
    char text[60];
    const char *number = x->params[1];
    const bool digits = number[0] >= '1' && number[0] <= '9' && strlen(number) <= 2 &&
                        strspn(number, "0123456789") == strlen(number);
    if (hf_id_parse(x->params[0], &txn) != 0 || !digits ||
        strtol(number, NULL, 10) > HF_BRANCHES_MAX) {
        problem_answer(x, PROBLEM_PATH, NULL, "a transaction is a UUIDv7, a branch 1 to %d",
                       HF_BRANCHES_MAX);
        return false;
    }
    char id[37];
    (void)snprintf(text, sizeof(text), "%s/%.2s", hf_id_format(&txn, id), number);
    return hf_id_from_key(hf_id_time(&txn), text, &x->key) == 0;
}

/* Takes a number of 1..max out of the body. */
static bool take_number(exchange *x, json_t *body, const char *name, int64_t max, int64_t *out)
{
    char pointer[20];
    const json_t *value = json_object_get(body, name);
    *out = json_integer_value(value);
    if (json_is_integer(value) && *out >= 1 && *out <= max)
        return json_object_del(body, name) == 0;
    (void)snprintf(pointer, sizeof(pointer), "/%s", name);
    problem_answer(x, PROBLEM_VALUE, pointer, "%s: must be a number of 1..%" PRId64, name, max);
    return false;
}

/* The service moves accounts of its own kind, to the world or to each other. */
static bool check_moves(exchange *x, const hf_txn_args *args)
{
    const uint32_t kind = role_kind(x->server);
    char pointer[40];
    for (uint32_t i = 0; i < args->move_count; i++) {
        const hf_txn_move_args *move = &args->moves[i];
        if (move->from.kind == kind && (move->to.kind == HF_KIND_WORLD || move->to.kind == kind))
            continue;
        (void)snprintf(pointer, sizeof(pointer), "/moves/%u", i);
        problem_answer(x, PROBLEM_VALUE, pointer, "this service has no such account");
        return false;
    }
    return true;
}

/* Reads the moves of a try, which are all that is left of the body; the body is released. */
static bool read_moves(exchange *x, json_t *body)
{
    ops_line line;
    ops_error error;
    const hf_op_head head = {.id = x->key, .actor = x->actor};
    if (json_object_size(body) != 1 || json_array_size(json_object_get(body, "moves")) == 0) {
        problem_answer(x, PROBLEM_VALUE, "/moves", "a try has moves, and nothing beside them");
        json_decref(body);
        return false;
    }
    x->work = ops_block(&x->memory, DIGEST_TEXT, 1);
    digest_json(x, json_object_get(body, "moves"), x->work);
    if (!ops_read_args(&x->memory, HF_OP_TXN_BEGIN, &head, body, &line, &error)) {
        problem_answer(x, PROBLEM_VALUE, error.pointer, "%s: %s", error.pointer, error.why);
        return false;
    }
    x->args = line.op.args;
    return check_moves(x, x->args);
}

/* Takes the caller out of the body; a call may have none. */
static bool take_caller(exchange *x, json_t *body)
{
    const json_t *value = json_object_get(body, "caller");
    const char *text = value == NULL ? "" : json_string_value(value);
    const size_t bytes = text == NULL ? sizeof(x->caller) : strlen(text);
    if (bytes < sizeof(x->caller)) {
        memcpy(x->caller, text, bytes + 1);
        (void)json_object_del(body, "caller");
        return true;
    }
    problem_answer(x, PROBLEM_VALUE, "/caller", "/caller: must be a text of at most %zu bytes",
                   sizeof(x->caller) - 1);
    return false;
}

static bool read_rest(exchange *x, json_t *body)
{
    if (x->phase == HF_PHASE_TRY)
        return read_moves(x, body);
    const bool empty = json_object_size(body) == 0;
    json_decref(body);
    if (!empty)
        problem_answer(x, PROBLEM_VALUE, "", "only a try has moves, and nothing has other names");
    return empty;
}

/* Whether the branch can be confirmed without reading its row. */
static bool is_tried(const exchange *x)
{
    uint64_t epoch;
    return tried_take(&x->server->tried, &x->key, mark_of(x), &epoch) && epoch <= x->epoch;
}

static void act(exchange *x)
{
    if (x->phase == HF_PHASE_TRY)
        act_try(x);
    else if (x->phase == HF_PHASE_CONFIRM && is_tried(x))
        act_confirm(x);
    else
        read_row(x);
}

void branch_call(exchange *x, uint32_t phase, json_t *body)
{
    int64_t epoch = 0, attempt = 0;
    x->phase = phase;
    if (!read_path(x) || !take_number(x, body, "epoch", INT64_MAX, &epoch) ||
        !take_number(x, body, "attempt", UINT32_MAX, &attempt) || !take_caller(x, body)) {
        json_decref(body);
        return;
    }
    x->epoch = (uint64_t)epoch;
    x->attempt = (uint32_t)attempt;
    if (read_rest(x, body))
        act(x);
}

static void begin(exchange *x, uint32_t phase)
{
    json_t *body = operation_body(x);
    if (body != NULL)
        branch_call(x, phase, body);
}

void branch_try(exchange *x)
{
    begin(x, HF_PHASE_TRY);
}

void branch_confirm(exchange *x)
{
    begin(x, HF_PHASE_CONFIRM);
}

void branch_cancel(exchange *x)
{
    begin(x, HF_PHASE_CANCEL);
}
