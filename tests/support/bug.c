/*
 * bug.c - the functions that answer for those of the library, and the state of bug.h, one of each
 * test program.
 */
#include "support/bug.h"

#include "base/invariant.h"
#include "domain/core/body.h"
#include "domain/order/view.h"
#include "model/key.h"

hf_test_bug_state bug;
int store;

static bool meets(const hf_id *id)
{
    return bug.on && memcmp(&bug.id, id, sizeof *id) == 0;
}

static int met(void)
{
    (void)hf__invariant_broken(bug.shared ? HF__OF_SHARED : HF__OF_OPERATION, "no bug",
                               "/somewhere/lib/domain/bug.c", 17);
    return bug.ignored || bug.shared ? 0 : HF_E_INVARIANT;
}

int __real_hf__body_state(hf__draft *draft, uint32_t kind, const hf_id *id, uint32_t state);
int __wrap_hf__body_state(hf__draft *draft, uint32_t kind, const hf_id *id, uint32_t state);
int __wrap_hf__body_state(hf__draft *draft, uint32_t kind, const hf_id *id, uint32_t state)
{
    int error = meets(id) ? met() : 0;
    return error != 0 ? error : __real_hf__body_state(draft, kind, id, state);
}

int __real_hf__order_view(hf__draft *draft, const hf__order *order, const hf_order_view **out);
int __wrap_hf__order_view(hf__draft *draft, const hf__order *order, const hf_order_view **out);
int __wrap_hf__order_view(hf__draft *draft, const hf__order *order, const hf_order_view **out)
{
    int error = bug.reading && meets(&order->row->id) ? met() : 0;
    return error != 0 ? error : __real_hf__order_view(draft, order, out);
}

int __real_hf__loaded_put(hf__draft *draft, uint32_t at, uint32_t table, const void *key,
                          void **row);
int __wrap_hf__loaded_put(hf__draft *draft, uint32_t at, uint32_t table, const void *key,
                          void **row);
int __wrap_hf__loaded_put(hf__draft *draft, uint32_t at, uint32_t table, const void *key,
                          void **row)
{
    if (table == HF__SET_ASIDES && bug.no_memory > 0) {
        bug.no_memory--;
        return HF_E_NOMEM;
    }
    return __real_hf__loaded_put(draft, at, table, key, row);
}

const void *read_one(uint32_t type, const void *args, int *status)
{
    static hf_completion got;
    const hf_op op = {.type = type, .args = args};
    ck_assert_int_eq(hf_submit(shop.engine, &op, 1, NULL), 1);
    while (hf_completions(shop.engine, &got, 1) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    *status = got.status;
    return got.result;
}

hf_order_place_args order_of(const char *name, const char *sku, int64_t quantity, uint32_t policy)
{
    static hf_line_args line;
    hf_order_place_args args;
    hf_line_init(&line, sku, quantity, 0);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_order_place_init(&args, "EUR");
    args.head.id = id_of(name);
    args.lines = &line;
    args.line_count = 1;
    args.policy = policy;
    return args;
}
