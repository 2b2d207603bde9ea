/*
 * schema.c - all tables of this version, by position.
 */
#include "model/tables.h"

/* clang-format off */
static const hf_table *const tables[HF__TABLE_COUNT] = {
    [HF__UNITS] = &hf__units_table,
    [HF__ACCOUNTS] = &hf__accounts_table,
    [HF__ORDERS] = &hf__orders_table,
    [HF__ORDER_LINES] = &hf__order_lines_table,
    [HF__ORDER_LEGS] = &hf__order_legs_table,
    [HF__ADJUSTMENTS] = &hf__adjustments_table,
    [HF__PAYMENTS] = &hf__payments_table,
    [HF__FACTS] = &hf__facts_table,
    [HF__HOLDS] = &hf__holds_table,
    [HF__WAITS] = &hf__waits_table,
    [HF__SERIES] = &hf__series_table,
    [HF__OP_KEYS] = &hf__op_keys_table,
    [HF__EVENTS] = &hf__events_table,
    [HF__CURSORS] = &hf__cursors_table,
    [HF__PURGES] = &hf__purges_table,
    [HF__ACCOUNT_BASES] = &hf__account_bases_table,
    [HF__TXNS] = &hf__txns_table,
    [HF__BRANCHES] = &hf__branches_table,
    [HF__ATTEMPTS] = &hf__attempts_table,
    [HF__LEASES] = &hf__leases_table,
    [HF__NODES] = &hf__nodes_table,
    [HF__SET_ASIDES] = &hf__set_asides_table,
};
/* clang-format on */

const hf_schema hf__schema = {
    .version = 4,
    .table_count = HF__TABLE_COUNT,
    .tables = tables,
};

const hf_schema *hf_store_schema(void)
{
    return &hf__schema;
}
