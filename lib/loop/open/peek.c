/*
 * peek.c - reads that are answered at once, by the read cache.
 */
#include "loop/host.h"

int hf__host_peek(hf__host *host, const hf_op *op, const void **result, int64_t *age_ms)
{
    const hf__operation of = {.type = op->type, .args = (const hf_op_head *)op->args};
    if (host->catching_up)
        return HF_E_NOT_CACHED; /* what became due has not run yet */
    return hf__engine_peek(host->engine, &of, result, age_ms);
}

int hf__host_peek_orders(hf__host *host, const hf_id *orders, uint32_t count,
                         const hf_order_view **results, int64_t *ages_ms)
{
    if (count == 0)
        return 0;
    if (host->catching_up)
        return HF_E_NOT_CACHED;
    return hf__engine_peek_orders(host->engine, orders, count, results, ages_ms);
}
