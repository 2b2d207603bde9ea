/*
 * operations_txn.c - the public function of every operation of transactions, as in operations.c.
 */
#include "api/call.h"

#include <holdfast.h>

int hf_txn_submit(hf_engine *engine, hf_req *req, const hf_txn_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_SUBMIT, args, req, cb);
}

int hf_txn_begin(hf_engine *engine, hf_req *req, const hf_txn_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_BEGIN, args, req, cb);
}

int hf_txn_branch(hf_engine *engine, hf_req *req, const hf_txn_branch_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_BRANCH, args, req, cb);
}

int hf_txn_seal(hf_engine *engine, hf_req *req, const hf_txn_seal_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_SEAL, args, req, cb);
}

int hf_txn_abort(hf_engine *engine, hf_req *req, const hf_txn_act_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_ABORT, args, req, cb);
}

int hf_txn_get(hf_engine *engine, hf_req *req, const hf_txn_get_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_GET, args, req, cb);
}

int hf_txn_list(hf_engine *engine, hf_req *req, const hf_txn_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_LIST, args, req, cb);
}

int hf_txn_history(hf_engine *engine, hf_req *req, const hf_txn_history_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_HISTORY, args, req, cb);
}

int hf_txn_retry_now(hf_engine *engine, hf_req *req, const hf_txn_act_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_RETRY_NOW, args, req, cb);
}

int hf_txn_park(hf_engine *engine, hf_req *req, const hf_txn_act_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_PARK, args, req, cb);
}

int hf_txn_unpark(hf_engine *engine, hf_req *req, const hf_txn_act_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_UNPARK, args, req, cb);
}

int hf_txn_resolve_branch(hf_engine *engine, hf_req *req, const hf_txn_act_args *args,
                          hf_done_cb cb)
{
    return hf__call(engine, HF_OP_TXN_RESOLVE_BRANCH, args, req, cb);
}
