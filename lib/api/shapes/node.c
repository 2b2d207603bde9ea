/*
 * node.c - argument structs of nodes and their defaults.
 */
#include "api/shapes/shapes.h"

/* clang-format off */
static const hf_field list_fields[] = {
    HEAD(hf_nodes_list_args),
    NAME_OPT(hf_nodes_list_args, after),
    NAME_OPT(hf_nodes_list_args, role),
    LIMIT(hf_nodes_list_args, 256),
};

static const hf_field drain_fields[] = {
    HEAD(hf_node_drain_args),
};
/* clang-format on */

void hf_nodes_list_init(hf_nodes_list_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 100;
}

void hf_node_drain_init(hf_node_drain_args *args)
{
    (void)hf__args_init(args, sizeof *args);
}

static void init_list(void *args)
{
    hf_nodes_list_init(args);
}

static void init_drain(void *args)
{
    hf_node_drain_init(args);
}

/* clang-format off */
const hf_shape hf__shape_nodes_list =
    SHAPE("nodes_list", hf_nodes_list_args, list_fields, init_list);
const hf_shape hf__shape_node_drain =
    SHAPE("node_drain", hf_node_drain_args, drain_fields, init_drain);
/* clang-format on */
