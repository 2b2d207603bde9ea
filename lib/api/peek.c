/*
 * peek.c - reads that are answered at once, or not at all.
 *
 * Failure modes: HF_E_NOT_CACHED, without a detail, because a caller meets it often and then asks
 * with the get function; what is wrong with the arguments.
 */
#include "api/check.h"
#include "base/id.h"
#include "loop/loop.h"

#include <holdfast.h>
#include <string.h>

static int peek(hf_engine *engine, const hf_op *op, const void **result, int64_t *age_ms)
{
    hf__host *host;
    int64_t age = 0;
    *result = NULL;
    int error = hf__host_enter_open(engine, &host);
    if (error == 0)
        error = hf__check_args(op->type, op->args, HF__CHECK_READ, hf__host_detail(host));
    if (error == 0)
        error = hf__host_peek(host, op, result, &age);
    if (age_ms != NULL)
        *age_ms = age;
    return error;
}

static int peek_account(hf_engine *engine, const hf_op *op, const hf_account **out, int64_t *age_ms)
{
    const void *result;
    if (out == NULL)
        return HF_E_ARGUMENT;
    int error = peek(engine, op, &result, age_ms);
    *out = result;
    return error;
}

int hf_account_peek(hf_engine *engine, const hf_account_get_args *args, const hf_account **out,
                    int64_t *age_ms)
{
    return peek_account(engine, &(hf_op){.type = HF_OP_ACCOUNT_GET, .args = args}, out, age_ms);
}

int hf_item_peek(hf_engine *engine, const hf_account_get_args *args, const hf_account **out,
                 int64_t *age_ms)
{
    return peek_account(engine, &(hf_op){.type = HF_OP_ITEM_GET, .args = args}, out, age_ms);
}

int hf_order_peek(hf_engine *engine, const hf_order_get_args *args, const hf_order_view **out,
                  int64_t *age_ms)
{
    const void *result;
    if (out == NULL)
        return HF_E_ARGUMENT;
    int error = peek(engine, &(hf_op){.type = HF_OP_ORDER_GET, .args = args}, &result, age_ms);
    *out = result;
    return error;
}

static int check_orders(const hf_id *orders, uint32_t count, hf__detail *detail)
{
    if (orders == NULL && count != 0)
        return hf__refuse(detail, HF_E_ARGUMENT, "orders: is NULL");
    for (uint32_t i = 0; i < count; i++)
        if (!hf__id_valid(&orders[i]))
            return hf__refuse(detail, HF_E_ID, "orders[%u]: %s", i, hf_error_text(HF_E_ID));
    return 0;
}

int hf_orders_peek(hf_engine *engine, const hf_id *orders, uint32_t count,
                   const hf_order_view **out, int64_t *ages_ms)
{
    hf__host *host;
    if (out == NULL)
        return HF_E_ARGUMENT;
    for (uint32_t i = 0; i < count; i++)
        out[i] = NULL;
    if (ages_ms != NULL)
        memset(ages_ms, 0, count * sizeof *ages_ms);
    int error = hf__host_enter_open(engine, &host);
    if (error == 0)
        error = check_orders(orders, count, hf__host_detail(host));
    if (error != 0)
        return error;
    return hf__host_peek_orders(host, orders, count, out, ages_ms);
}
