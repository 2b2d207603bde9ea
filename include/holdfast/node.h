/*
 * node.h - engines that work on one store: lists them, and drains one for a planned shutdown.
 *
 * Transactions are spread over HF_SHARDS shards, and a lease says which engine drives those of a
 * shard. An engine on an exclusive store (HF_STORE_EXCLUSIVE) drives all shards for as long as it
 * is open. On a store that several engines have open (HF_STORE_SHARED) a lease lasts
 * hf_options.lease_ms by the store's time and is renewed at a third of that; an engine that could
 * not renew for two thirds of it calls no participant until the lease is renewed. Any engine that
 * has registered a participant or provider may take over an expired lease, under a higher epoch; a
 * valid lease is never taken over. Engines share the shards evenly: an engine that has more than
 * its share releases the others when it renews.
 *
 * An operation may be submitted to any of the engines. A transaction of another engine's shard is
 * stored, and that engine finds it in the store. The operation completes when this engine sees the
 * outcome in the store. Both engines read the store four times a second.
 *
 * All engines of a store that register participants must register the same ones: an engine parks a
 * transaction whose participant it has not registered.
 */
#ifndef HOLDFAST_NODE_H
#define HOLDFAST_NODE_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An engine as stored: one that has a name, or drives transactions of a shared store. */
typedef struct hf_node {
    hf_name name;         /* hf_options.node_name; generated when that is empty */
    hf_name address;      /* as its host gave it; empty: none */
    hf_name role;         /* as its host gave it; empty: none */
    int64_t started_ms;   /* when this engine was first written */
    int64_t expires_ms;   /* alive until then; 0: as long as it has the store open */
    uint64_t incarnation; /* different each time an engine of that name is opened */
    uint32_t drives;      /* 1: has registered a participant or provider, so it takes shards */
    uint32_t draining;    /* 1: takes no shards any more */
} hf_node;

/* A node, and the shards that it drives. */
typedef struct hf_node_view {
    const hf_node *node;
    uint64_t shards; /* bit n: drives the transactions of shard n */
    uint32_t alive;  /* 1: expires_ms has not passed */
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
    uint32_t at_end; /* 1: nothing follows. With `role` a page may have fewer rows than `limit` */
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
 * Reads a page of nodes: those that are alive, and those that have expired and were not removed
 * yet. Closing an engine removes its node at once. On a store that belongs to one engine only that
 * engine is alive. Result: hf_node_page.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_nodes_list(hf_engine *engine, hf_req *req, const hf_nodes_list_args *args,
                         hf_done_cb cb);

/*
 * Begins a planned shutdown: the engine releases all its shards in one commit, and from this
 * callback until it is closed takes no shards, calls no participant, and refuses new transactions
 * with HF_E_DRAINING. Another engine, or the next open, continues its transactions: answers that
 * come later are dropped, and the calls are repeated under a higher epoch. Reads and all other
 * operations continue; a caller that waits for a transaction is called back when another engine has
 * ended it. hf_engine_close also releases the shards that an engine still has. Draining twice is no
 * error. No result. Returns 0 when accepted, else at once as hf_order_place. Completes with the
 * error of a commit that failed (HF_E_BUSY, HF_E_NO_SPACE, HF_E_UNKNOWN): then no shard was
 * released.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_node_drain(hf_engine *engine, hf_req *req, const hf_node_drain_args *args,
                         hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
