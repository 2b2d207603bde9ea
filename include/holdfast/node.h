/*
 * node.h - engines that work on one store: who is alive, what each drives, how one leaves.
 *
 * Transactions are spread over HF_SHARDS shards, and a lease says which engine drives those of a
 * shard. A store that belongs to one engine (HF_STORE_EXCLUSIVE) is taken as a whole, for as long
 * as it is open. On a store that several engines have open (HF_STORE_SHARED) a lease lasts
 * hf_options.lease_ms by the store's time and is renewed at a third of that; an engine that could
 * not renew for two thirds calls nobody until it has. A lease that has expired may be taken by any
 * engine that has registered a participant or provider, under a higher epoch; one that is alive is
 * never taken. Engines share the shards evenly: who has more than its part gives the rest up when
 * it renews.
 *
 * An operation may be submitted to any of the engines. A transaction that another one drives is
 * stored and found there, and its caller is answered when the outcome is seen in the store; both
 * look four times a second.
 *
 * All engines of a store that register participants must register the same ones: who drives a
 * transaction parks what it has nobody for.
 */
#ifndef HOLDFAST_NODE_H
#define HOLDFAST_NODE_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An engine as stored: one that has a name, or drives transactions of a shared store. */
typedef struct hf_node {
    hf_name name;         /* hf_options.node_name; made when that is empty */
    hf_name address;      /* as its host gave it; empty: none */
    hf_name role;         /* as its host gave it; empty: none */
    int64_t started_ms;   /* when this engine was first written */
    int64_t expires_ms;   /* alive until then; 0: as long as it has the store open */
    uint64_t incarnation; /* another one each time an engine of that name is opened */
    uint32_t drives;      /* 1: has registered somebody, so it takes shards */
    uint32_t draining;    /* 1: takes none any more */
} hf_node;

/* A node, and what it has now. */
typedef struct hf_node_view {
    const hf_node *node;
    uint64_t shards; /* bit n: drives the transactions of shard n */
    uint32_t alive;  /* 1: its time has not run out */
    uint32_t reserved;
} hf_node_view;

/* Arguments of hf_nodes_list. */
typedef struct hf_nodes_list_args {
    hf_op_head head;
    const char *after; /* last name of the page before; NULL: from the start */
    const char *role;  /* only nodes of this role; NULL: all */
    uint32_t limit;    /* 1..256 */
    uint32_t reserved;
} hf_nodes_list_args;

/* A page of nodes, by name. */
typedef struct hf_node_page {
    const hf_node_view *rows;
    uint32_t count;
    uint32_t at_end; /* 1: nothing follows. A role may leave a page short of its limit */
    hf_name next;    /* `after` of the next page */
} hf_node_page;

/* Arguments of hf_node_drain. head.actor stays in the event. */
typedef struct hf_node_drain_args {
    hf_op_head head;
} hf_node_drain_args;

/*
 * Defaults: every role, from the start, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_nodes_list_init(hf_nodes_list_args *args);

/*
 * Defaults: no id, no actor.
 * Thread: any. Since 0.1.
 */
HF_API void hf_node_drain_init(hf_node_drain_args *args);

/*
 * Reads a page of nodes: those that are alive, and those that went without a word and were not
 * cleared away yet. A node whose engine was closed is gone at once. On a store that belongs to one
 * engine only that engine is alive. Result: hf_node_page.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_nodes_list(hf_engine *engine, hf_req *req, const hf_nodes_list_args *args,
                         hf_done_cb cb);

/*
 * A planned shutdown begins: the engine gives all its shards up at once, takes none again, calls
 * nobody any more, and refuses new transactions with HF_E_DRAINING, from this callback until it is
 * closed. What it had under way is gone on with by others, or at the next open; answers to its
 * calls that come later are dropped, and the calls repeated under a higher epoch. Reads and all
 * other operations go on; who waits for a transaction is answered when another engine has ended
 * it. hf_engine_close does the same for what is still held. Draining twice is no error. No result.
 * Returns 0 when accepted, else at once as hf_order_place; completes with what a commit may fail
 * with (HF_E_BUSY, HF_E_NO_SPACE, HF_E_UNKNOWN): then nothing was given up.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_node_drain(hf_engine *engine, hf_req *req, const hf_node_drain_args *args,
                         hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
