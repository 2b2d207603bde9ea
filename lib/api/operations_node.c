/*
 * operations_node.c - the public function of every operation of nodes, as in operations.c.
 */
#include "api/call.h"

#include <holdfast.h>

int hf_nodes_list(hf_engine *engine, hf_req *req, const hf_nodes_list_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_NODES_LIST, args, req, cb);
}

int hf_node_drain(hf_engine *engine, hf_req *req, const hf_node_drain_args *args, hf_done_cb cb)
{
    return hf__call(engine, HF_OP_NODE_DRAIN, args, req, cb);
}
