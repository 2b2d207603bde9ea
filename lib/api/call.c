/*
 * call.c - one operation, or a chain of them, from the caller's memory into the batch being filled.
 *
 * Happy path: check all, reserve capacity, copy all behind what waits already, accept. Until the
 * last step nothing has happened: the call is abandoned by one reset of the arena.
 *
 * Order of refusals: the handle, the request, the operation itself (flags, type, arguments), the
 * engine's state, capacity.
 */
#include "api/call.h"
#include "api/check.h"
#include "api/copy.h"
#include "api/participants.h"
#include "base/id.h"
#include "loop/loop.h"

#include <holdfast.h>

/* ---- One operation or chain ------------------------------------------------------------------ */

static int check_op(const hf__host *host, const hf_op *op, bool chained, hf__detail *detail)
{
    if ((op->flags & ~HF_OP_LINKED) != 0)
        return hf__refuse(detail, HF_E_ENUM, "flags: 0x%x are not known",
                          op->flags & ~HF_OP_LINKED);
    for (uint32_t i = 0; i < sizeof op->reserved / sizeof op->reserved[0]; i++) {
        if (op->reserved[i] != 0)
            return hf__refuse(detail, HF_E_ABI, "reserved: is not 0");
    }
    bool read = hf__engine_reads(op->type);
    bool txn = op->type >= HF_OP_TXN_SUBMIT && op->type <= HF_OP_TXN_RESOLVE_BRANCH;
    bool drain = op->type == HF_OP_NODE_DRAIN;
    const char *what = txn ? "a transaction" : "what a node does";
    if (chained && (read || txn || drain))
        return hf__refuse(detail, HF_E_UNSUPPORTED, "%s: %s cannot be linked", hf_op_name(op->type),
                          read ? "a read" : what);
    uint32_t how = read ? HF__CHECK_READ : 0;
    if (hf__host_refuses_card_numbers(host))
        how |= HF__CHECK_NO_CARD_NUMBERS;
    return hf__check_args(op->type, op->args, how, detail);
}

/* Fills the operation of a task. False when the batch has no memory for its arguments. */
static bool fill(hf__host *host, hf__batch *batch, hf__task *task, const hf_op *op)
{
    bool read = hf__engine_reads(op->type);
    hf_op_head *args =
        hf__copy_args(op->type, op->args, read, &batch->args, read ? NULL : task->op.fingerprint);
    if (args == NULL)
        return false;
    task->op.type = op->type;
    task->op.linked = (op->flags & HF_OP_LINKED) != 0;
    task->op.args = args;
    if (!hf__name_participants(host, &batch->args, &task->op))
        return false;
    hf__name_set(&task->actor, args->actor);
    if (!read) {
        task->op.id_given = !hf__id_zero(&args->id);
        if (!task->op.id_given)
            hf__host_id(host, &args->id);
        task->op.id = args->id;
    }
    task->done.type = op->type;
    task->done.id = task->op.id;
    return true;
}

/* Frees the arguments that were copied behind `mark`. */
static int no_capacity(hf__host *host, hf__batch *batch, size_t mark)
{
    hf__arena_reset(&batch->args, mark);
    return hf__host_full(host, batch, mark);
}

/* Copies one operation into the batch and asks the coordinator for capacity. */
static int put_one(hf__host *host, hf__batch *batch, hf__task *task, const hf_op *op, size_t mark)
{
    if (!fill(host, batch, task, op))
        return no_capacity(host, batch, mark);
    int error = hf__host_reserve(host, task);
    if (error != 0)
        hf__arena_reset(&batch->args, mark);
    return error;
}

/* Takes the first `count` operations of a chain out of the batch again. */
static void take_back(hf__host *host, hf__batch *batch, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hf__host_unreserve(host, &batch->tasks[batch->count + i]);
}

/* Copies operations that stand together into the batch: all or none. */
static int put(hf__host *host, hf__batch *batch, const hf_op *ops, const hf__submission *entry,
               const hf__route *route)
{
    const hf__arena *args = &batch->args;
    size_t mark = args->used;
    int error = 0;
    uint32_t done = 0;
    for (; error == 0 && done < entry->count; done += error == 0 ? 1 : 0) {
        hf__route each = *route;
        if (route->req == NULL)
            each.user_data = ops[done].user_data;
        error = put_one(host, batch, hf__host_task(batch, done, &each), &ops[done], mark);
    }
    if (error == 0 && !hf__share_fits(mark, args->used - mark, args->capacity, entry->begins))
        error = no_capacity(host, batch, mark);
    if (error == 0)
        hf__host_accept(host, batch, entry->read, entry->count);
    else
        take_back(host, batch, done);
    return error == HF_E_OVERLOADED ? hf__host_refused(host, ops, entry->count) : error;
}

/* `culprit` becomes the operation that is wrong, 0 when none is. */
static int check_ops(const hf__host *host, const hf_op *ops, uint32_t count, uint32_t *culprit,
                     hf__detail *detail)
{
    for (uint32_t i = 0; i < count; i++) {
        *culprit = i;
        int error = check_op(host, &ops[i], count > 1, detail);
        if (error != 0)
            return error;
    }
    *culprit = 0;
    return 0;
}

/* Operations that were checked, into the batch being filled. */
static int enter(hf__host *host, const hf_op *ops, const hf__submission *entry,
                 const hf__route *route)
{
    hf__batch *batch;
    int error = hf__host_admit(host, entry, &batch);
    return error != 0 ? error : put(host, batch, ops, entry, route);
}

int hf__call(hf_engine *engine, uint32_t type, const void *args, hf_req *req, hf_done_cb cb)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    hf__detail *detail = hf__host_detail(host);
    if (req == NULL || cb == NULL)
        return hf__refuse(detail, HF_E_ARGUMENT, "%s: is NULL", req == NULL ? "req" : "cb");
    if (hf__req_busy(req))
        return hf__refuse(detail, HF_E_REQ_BUSY, "req: its callback has not been called yet");
    const hf_op op = {.type = type, .args = args};
    uint32_t culprit;
    error = check_ops(host, &op, 1, &culprit, detail);
    const hf__submission entry = hf__submission_of(&op, 1, false);
    return error != 0 ? error : enter(host, &op, &entry, &(hf__route){.req = req, .cb = cb});
}

/* ---- Arrays of operations -------------------------------------------------------------------- */

/* How many operations from the first on stand together; 0 when the chain is broken off. */
static uint32_t chain_length(const hf_op *ops, uint32_t count)
{
    uint32_t length = 1;
    while ((ops[length - 1].flags & HF_OP_LINKED) != 0) {
        if (length == count)
            return 0;
        length++;
    }
    return length;
}

int hf__call_check(const hf__host *host, const hf_op *ops, uint32_t count, uint32_t *length,
                   uint32_t *culprit, hf__detail *detail)
{
    *length = chain_length(ops, count);
    *culprit = 0;
    if (*length == 0)
        return hf__refuse(detail, HF_E_ARGUMENT, "flags: the last operation is linked to nothing");
    if (*length > HF_CHAIN_MAX)
        return hf__refuse(detail, HF_E_TOO_MANY, "a chain of %u operations, at most %d", *length,
                          HF_CHAIN_MAX);
    return check_ops(host, ops, *length, culprit, detail);
}

static int enter_queued(hf__host *host, const hf_op *ops, const hf__submission *entry)
{
    return enter(host, ops, entry, &(hf__route){.req = NULL});
}

int hf__call_enter(hf__host *host, const hf_op *ops, uint32_t count)
{
    hf__submission entry = hf__submission_of(ops, count, true);
    entry.begins = false; /* the intake has accepted it, and others wait behind it */
    return enter_queued(host, ops, &entry);
}

int hf_submit(hf_engine *engine, const hf_op *ops, uint32_t count, int32_t *errors)
{
    hf__host *host;
    int error = hf__host_enter_open(engine, &host);
    if (error != 0)
        return error;
    if (ops == NULL && count != 0)
        return hf__refuse(hf__host_detail(host), HF_E_ARGUMENT, "ops: is NULL");
    if (count > INT32_MAX)
        count = INT32_MAX;
    for (uint32_t i = 0; errors != NULL && i < count; i++)
        errors[i] = 0;
    uint32_t done = 0;
    while (done < count) {
        uint32_t length;
        uint32_t culprit;
        error = hf__call_check(host, ops + done, count - done, &length, &culprit,
                               hf__host_detail(host));
        const hf__submission entry = hf__submission_of(ops + done, length, true);
        if (error == 0)
            error = enter_queued(host, ops + done, &entry);
        if (error != 0) {
            if (errors != NULL)
                errors[done + culprit] = error;
            break;
        }
        done += length;
    }
    return done == 0 ? error : (int)done;
}
