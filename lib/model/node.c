/*
 * node.c - const table of the engines of a store.
 *
 * Nothing in it is the books': digests leave all of it out.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column node_columns[] = {
    OWN_COLUMN(hf_node, name, "name", NAME),
    OWN_COLUMN(hf_node, address, "address", NAME),
    OWN_COLUMN(hf_node, role, "role", NAME),
    CLOCK_COLUMN(hf_node, started_ms, "started"),
    CLOCK_COLUMN(hf_node, expires_ms, "expires"),
    OWN_COLUMN(hf_node, incarnation, "incarnation", U64),
    OWN_COLUMN(hf_node, drives, "drives", BOOL),
    OWN_COLUMN(hf_node, draining, "draining", BOOL),
};

/* Ordinals of the columns above. */
enum {
    NODE_NAME, NODE_ADDRESS, NODE_ROLE, NODE_STARTED, NODE_EXPIRES, NODE_INCARNATION, NODE_DRIVES,
    NODE_DRAINING,
};

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
/* clang-format on */
