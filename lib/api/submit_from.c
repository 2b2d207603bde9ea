/*
 * submit_from.c - hf_submit_from: operations of any thread into the intake of the loop.
 *
 * Happy path: the calling thread checks the arguments, then copies them into the intake under its
 * lock, one operation or chain at a time. The loop copies them from there into a batch, by the code
 * of hf_submit.
 *
 * The engine may close meanwhile: a call counts as a guest of the handle, and the memory behind the
 * handle is kept until the last guest has left.
 *
 * Failure modes: as hf_submit, with the text in the caller's buffer.
 */
#include "api/call.h"
#include "api/copy.h"
#include "loop/loop.h"

#include <holdfast.h>
#include <stdio.h>

/* Copies an operation or chain into the intake: all of it or nothing. */
static int copy(hf__host *host, const hf_op *ops, const hf__submission *entry, hf__detail *detail)
{
    hf__intake_buffer *buffer;
    int error = hf__intake_begin(host, entry, &buffer, detail);
    if (error != 0)
        return error;
    size_t mark = buffer->args.used;
    for (uint32_t i = 0; error == 0 && i < entry->count; i++) {
        hf_op *to = &buffer->ops[buffer->count + i];
        *to = ops[i];
        to->args =
            hf__copy_args(to->type, to->args, hf__engine_reads(to->type), &buffer->args, NULL);
        if (to->args == NULL)
            error = hf__intake_full(buffer, entry, detail);
    }
    const hf__arena *args = &buffer->args;
    if (error == 0 && !hf__share_fits(mark, args->used - mark, args->capacity, entry->begins))
        error = hf__intake_full(buffer, entry, detail);
    if (error != 0)
        hf__arena_reset(&buffer->args, mark);
    hf__intake_end(host, error == 0 ? entry->count : 0, hf__call_enter);
    return error;
}

static int put(hf__host *host, const hf_op *ops, uint32_t count, hf__detail *detail)
{
    const hf__submission entry = hf__submission_of(ops, count, true);
    int error = copy(host, ops, &entry, detail);
    if (error == HF_E_OVERLOADED)
        hf__intake_refused(host, &entry);
    return error;
}

static int put_next(hf__host *host, const hf_op *ops, uint32_t count, uint32_t *length,
                    uint32_t *culprit, hf__detail *detail)
{
    int error = hf__call_check(host, ops, count, length, culprit, detail);
    if (error != 0)
        return error;
    *culprit = 0;
    return put(host, ops, *length, detail);
}

static int put_all(hf__host *host, const hf_op *ops, uint32_t count, int32_t *errors,
                   hf__detail *detail)
{
    int error = 0;
    uint32_t done = 0;
    while (error == 0 && done < count) {
        uint32_t length;
        uint32_t culprit;
        error = put_next(host, ops + done, count - done, &length, &culprit, detail);
        if (error == 0)
            done += length;
        else if (errors != NULL)
            errors[done + culprit] = error;
    }
    return done == 0 ? error : (int)done;
}

int hf_submit_from(hf_engine *engine, const hf_op *ops, uint32_t count, int32_t *errors,
                   char *error, size_t error_bytes)
{
    hf__detail detail = {.text = ""};
    hf__host *host;
    int status = hf__guest_enter(engine, &host);
    if (status == 0) {
        count = count > INT32_MAX ? INT32_MAX : count;
        for (uint32_t i = 0; errors != NULL && i < count; i++)
            errors[i] = 0;
        status = ops == NULL && count != 0 ? hf__refuse(&detail, HF_E_ARGUMENT, "ops: is NULL")
                                           : put_all(host, ops, count, errors, &detail);
        hf__guest_leave(engine);
    }
    if (error != NULL && error_bytes != 0)
        (void)snprintf(error, error_bytes, "%s", detail.text);
    return status;
}
