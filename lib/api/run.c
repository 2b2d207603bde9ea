/*
 * run.c - one operation to its end, for programs that go step by step.
 *
 * Failure modes: those of the call at once, which are also in the completion; HF_E_UNSUPPORTED for
 * operations that could not end because calls of participants are not taken meanwhile.
 */
#include "api/call.h"
#include "loop/loop.h"

#include <holdfast.h>

/* Until when a transaction waits; its arguments are not checked yet. */
static uint32_t wait_of(uint32_t type, const hf_op_head *args)
{
    if (type == HF_OP_TXN_SUBMIT && args->size >= sizeof(hf_txn_args))
        return ((const hf_txn_args *)(const void *)args)->wait;
    if (type == HF_OP_TXN_SEAL && args->size >= sizeof(hf_txn_seal_args))
        return ((const hf_txn_seal_args *)(const void *)args)->wait;
    return HF_TXN_ACCEPTED;
}

static int check_end(hf__host *host, uint32_t type, const void *args)
{
    if (args == NULL || wait_of(type, args) == HF_TXN_ACCEPTED ||
        !hf__runtime_queues(hf__host_runtime(host)))
        return 0;
    return hf__refuse(hf__host_detail(host), HF_E_UNSUPPORTED,
                      "wait: a participant is called through hf_completions; wait for ACCEPTED");
}

int hf_run(hf_engine *engine, uint32_t type, const void *args, hf_completion *done)
{
    hf__host *host = NULL;
    int error = hf__run_enter(engine, &host);
    if (done == NULL)
        return error != 0 ? error
                          : hf__refuse(hf__host_detail(host), HF_E_ARGUMENT, "done: is NULL");
    *done = (hf_completion){.type = type, .detail = ""};
    bool ended = false;
    if (error == 0)
        error = check_end(host, type, args);
    if (error == 0)
        error =
            hf__call(engine, type, args, hf__answer_expect(host, done, &ended), hf__answer_take);
    if (error != 0) {
        done->status = error;
        done->detail = host == NULL ? "" : hf__answer_refused(host);
        return error;
    }
    hf__run_until(engine, &ended);
    hf__answer_seen(engine);
    return done->status;
}
