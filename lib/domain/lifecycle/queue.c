/*
 * queue.c - the rows by which an order waits in front of accounts.
 *
 * An order has one row of HF__WAITS for each account that it waits on, and the account counts these
 * rows. Both change together here.
 *
 * Failure modes: HF_E_NOMEM, HF_E_INVARIANT when the count of an account is wrong.
 */
#include "domain/lifecycle/queue.h"

#include "base/invariant.h"
#include "domain/core/account_ref.h"

#define PAGE 256u

/* Changing the account's count of waiting orders does not change the account's version. */
static int count_waiting(hf__draft *draft, const hf_account_ref *account, bool more)
{
    void *row = NULL;
    int error = hf__draft_edit(draft, HF__ACCOUNTS, account, &row);
    if (error != 0)
        return error;
    hf_account *found = row;
    if (!hf_invariant(more || found->waiting > 0))
        return HF_E_INVARIANT;
    found->waiting += more ? 1 : (uint64_t)-1;
    return 0;
}

static int remove_wait(hf__draft *draft, const hf__wait *wait)
{
    const hf_account_ref account = wait->account; /* the row may be removed */
    int error = hf__draft_del(draft, HF__WAITS, wait);
    return error != 0 ? error : count_waiting(draft, &account, false);
}

/*
 * The same for an order that is set aside because an invariant broke, perhaps in the lines above:
 * the account's count may be wrong, and a damaged store may have lost the account.
 */
static int drop_wait(hf__draft *draft, const hf__wait *wait)
{
    const hf_account_ref account = wait->account;
    void *row = NULL;
    int error = hf__draft_del(draft, HF__WAITS, wait);
    if (error == 0)
        error = hf__draft_edit_if_any(draft, HF__ACCOUNTS, &account, &row);
    hf_account *found = row;
    if (error == 0 && found != NULL && found->waiting > 0)
        found->waiting--;
    return error;
}

static int add_wait(hf__draft *draft, const hf__order *order, const hf_account_ref *account)
{
    const hf__wait key = {.account = *account, .placed_seq = order->row->placed_seq};
    void *row = NULL;
    int error = hf__draft_add(draft, HF__WAITS, &key, &row);
    if (error != 0)
        return error;
    ((hf__wait *)row)->order = order->row->id;
    return count_waiting(draft, account, true);
}

/* What becomes of each row of an order in a queue. */
typedef int (*wait_visit)(hf__draft *draft, const hf__wait *wait, const hf__demands *demands);

static int remove_each(hf__draft *draft, const hf__wait *wait, const hf__demands *demands)
{
    (void)demands;
    return remove_wait(draft, wait);
}

static int drop_each(hf__draft *draft, const hf__wait *wait, const hf__demands *demands)
{
    (void)demands;
    return drop_wait(draft, wait);
}

/* Removes a row where the order lacks nothing, and notes the others. */
static int remove_met(hf__draft *draft, const hf__wait *wait, const hf__demands *demands)
{
    hf__demand *demand = hf__demands_find(demands, &wait->account);
    if (demand == NULL || !demand->is_short)
        return remove_wait(draft, wait);
    demand->waits = true;
    return 0;
}

/* The rows of an order, whose id `prefix` has. */
static hf_scan scan_of(const hf__wait *prefix)
{
    return (hf_scan){
        .table = HF__WAITS,
        .index = HF__WAITS_ORDER,
        .low = prefix,
        .high = prefix,
        .low_columns = 1,
        .high_columns = 1,
    };
}

/* Continues behind the last row of a page that is not empty. */
static void go_behind(hf_scan *scan, const hf__rows *page)
{
    scan->low = page->rows[page->count - 1];
    scan->low_columns = 6; /* the order, then the whole key */
    scan->low_exclusive = 1;
}

void hf__load_waits(hf__draft *draft, const hf_id *order)
{
    const hf__wait prefix = {.order = *order};
    hf_scan scan = scan_of(&prefix);
    hf__rows page = {.more = 1};
    while (page.more != 0) {
        hf__draft_load_scan(draft, &scan, PAGE, &page);
        if (page.count == 0)
            return;
        go_behind(&scan, &page);
        for (uint32_t i = 0; i < page.count; i++) {
            const hf__wait *wait = page.rows[i];
            (void)hf__draft_load(draft, HF__WAITS, wait);
            (void)hf__draft_load(draft, HF__ACCOUNTS, &wait->account);
        }
    }
}

static int visit_waits(hf__draft *draft, const hf_id *order, wait_visit visit,
                       const hf__demands *demands)
{
    const hf__wait prefix = {.order = *order};
    hf_scan scan = scan_of(&prefix);
    hf__rows page = {.more = 1};
    while (page.more != 0) {
        int error = hf__draft_scan(draft, &scan, PAGE, &page);
        if (error != 0 || page.count == 0)
            return error;
        go_behind(&scan, &page);
        for (uint32_t i = 0; error == 0 && i < page.count; i++)
            error = visit(draft, page.rows[i], demands);
        if (error != 0)
            return error;
    }
    return 0;
}

int hf__order_unwait(hf__draft *draft, const hf__order *order)
{
    return visit_waits(draft, &order->row->id, remove_each, NULL);
}

int hf__waits_drop(hf__draft *draft, const hf_id *order)
{
    return visit_waits(draft, order, drop_each, NULL);
}

static int refuse_demand(const hf__draft *draft, const hf__demand *demand, int error,
                         const char *why)
{
    char text[208];
    return hf__refuse(draft->detail, error, "%s: %s", hf__account_text(demand->account, text), why);
}

int hf__order_wait(hf__draft *draft, const hf__order *order, hf__demands *demands)
{
    bool placing = order->state_before == HF_ORDER_NONE; /* else it stays, whatever comes */
    int error = placing ? 0 : visit_waits(draft, &order->row->id, remove_met, demands);
    const hf__demand *missing = NULL;
    uint32_t queues = 0;
    for (uint32_t i = 0; error == 0 && i < demands->count; i++) {
        hf__demand *demand = &demands->items[i];
        if (!demand->is_short)
            continue;
        if (placing && demand->frozen)
            return refuse_demand(draft, demand, HF_E_FROZEN, "frozen");
        missing = demand->known ? missing : demand;
        queues += demand->known ? 1 : 0;
        if (demand->known && !demand->waits)
            error = add_wait(draft, order, demand->account);
    }
    if (error == 0 && queues == 0 && missing != NULL)
        return refuse_demand(draft, missing, HF_E_NOT_FOUND, "no such account");
    return error;
}
