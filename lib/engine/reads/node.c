/*
 * node.c - the read of nodes: the rows as stored, and the shards that each node owns by its current
 * leases.
 */
#include "engine/reads/query.h"
#include <holdfast/error.h>

static bool lease_counts(const hf__query *query, const hf__lease *lease)
{
    return query->self->shared ? lease->expires_ms > query->now_ms : lease->expires_ms == 0;
}

static bool is_alive(const hf__query *query, const hf_node *node)
{
    return query->self->shared ? node->expires_ms > query->now_ms
                               : node->incarnation == query->self->node.incarnation;
}

static uint64_t shards_of(const hf__query *query, const hf_node *node, const void *const *leases,
                          uint32_t count)
{
    uint64_t shards = 0;
    for (uint32_t i = 0; i < count; i++) {
        const hf__lease *lease = leases[i];
        if (hf__name_equal(&lease->owner, &node->name) && lease_counts(query, lease))
            shards |= UINT64_C(1) << lease->shard;
    }
    return shards;
}

static int fill(hf__query *query, const hf_nodes_list_args *list, const void *const *nodes,
                uint32_t count, hf_node_page *page)
{
    const hf_scan all = {.table = HF__LEASES};
    const void *const *leases;
    uint32_t lease_count;
    hf_node_view *views = hf__arena_zalloc(query->work, sizeof *views * (count + (size_t)1));
    if (views == NULL)
        return HF_E_OVERLOADED;
    int error = hf__query_all(query, &all, &leases, &lease_count);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        const hf_node *node = nodes[i];
        page->next = node->name;
        if (list->role != NULL && list->role[0] != '\0' && !hf__name_is(&node->role, list->role))
            continue;
        hf_node_view *view = &views[page->count++];
        view->node = node;
        view->alive = is_alive(query, node) ? 1 : 0;
        view->shards = view->alive ? shards_of(query, node, leases, lease_count) : 0;
    }
    page->rows = views;
    return error;
}

int hf__query_nodes(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_nodes_list_args *list = (const hf_nodes_list_args *)args;
    hf_node low = {.drives = 0};
    hf__name_set(&low.name, list->after);
    const hf_scan range = {
        .table = HF__NODES,
        .low = &low,
        .low_columns = hf__name_empty(&low.name) ? 0 : 1,
        .low_exclusive = 1,
    };
    const void *const *rows = NULL;
    uint32_t count = 0;
    hf_node_page *page = hf__arena_zalloc(query->work, sizeof *page);
    if (page == NULL)
        return HF_E_OVERLOADED;
    int error = hf__query_scan(query, &range, list->limit, &rows, &count);
    page->at_end = count < list->limit ? 1 : 0;
    *result = page;
    return error != 0 ? error : fill(query, list, rows, count, page);
}
