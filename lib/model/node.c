/*
 * node.c - const table of the engines of a store.
 *
 * Nothing in it belongs to the books, so digests leave all of it out.
 */
#include "model/column.h"
#include "model/row_read.h"

/* clang-format off */
#define NODE_COLUMN_LIST(X) \
    X(NODE_NAME, OWN_COLUMN(hf_node, name, "name", NAME)) \
    X(NODE_ADDRESS, OWN_COLUMN(hf_node, address, "address", NAME)) \
    X(NODE_ROLE, OWN_COLUMN(hf_node, role, "role", NAME)) \
    X(NODE_STARTED, CLOCK_COLUMN(hf_node, started_ms, "started")) \
    X(NODE_EXPIRES, CLOCK_COLUMN(hf_node, expires_ms, "expires")) \
    X(NODE_INCARNATION, OWN_COLUMN(hf_node, incarnation, "incarnation", U64)) \
    X(NODE_DRIVES, OWN_COLUMN(hf_node, drives, "drives", BOOL)) \
    X(NODE_DRAINING, OWN_COLUMN(hf_node, draining, "draining", BOOL))

COLUMNS(node, NODE_COLUMN_LIST);

static const uint8_t node_key[] = { NODE_NAME };

const hf_table hf__nodes_table = {
    .name = "nodes",
    .id = HF__NODES + 1,
    .row_bytes = sizeof(hf_node),
    .columns = node_columns,
    .key = node_key,
    .indexes = NULL,
    .column_count = HF__COUNT(node_columns),
    .key_count = HF__COUNT(node_key),
    .index_count = 0,
};

HF__CODERS(nodes, NODE_COLUMN_LIST)
/* clang-format on */
