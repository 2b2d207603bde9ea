/*
 * match.c - finds the payment that a report is about.
 *
 * Why several names: a webhook rarely has the library's id of the payment. It has the provider's id
 * of the payment, or that of an authorization or charge that an earlier message was about.
 *
 * Happy path: the first name that leads to a payment decides. When the id of a payment and
 * payment_ref lead to two payments, or two payments have one provider_ref or one movement, the
 * report contradicts itself and is set aside.
 *
 * Failure mode: HF_E_NOMEM.
 */
#include "domain/payment/match.h"
#include "base/id.h"

#define PAGE     64u
#define LOOK_MAX 256u /* facts with one payment_ref that a report looks at */

#define REFS     2u /* payments with one id of a provider that a report looks at */

/* The payments that have the provider and the provider's id of `key`. */
static hf_scan with_ref(const hf_payment *key)
{
    return (hf_scan){.table = HF__PAYMENTS,
                     .index = HF__PAYMENTS_REF,
                     .low = key,
                     .high = key,
                     .low_columns = 2,
                     .high_columns = 2};
}

static void load_ref(hf__draft *draft, const hf_fact *fact, const hf_name *ref)
{
    const hf_payment key = {.provider = fact->provider, .provider_ref = *ref};
    const hf_scan scan = with_ref(&key);
    hf__rows rows;
    if (!hf__name_empty(ref))
        hf__draft_load_scan(draft, &scan, REFS, &rows);
}

/* The payments with a provider's id: how many, at most two, and the first. */
static int find_ref(hf__draft *draft, const hf_fact *fact, const hf_name *ref, uint32_t *count,
                    hf_id *first)
{
    const hf_payment key = {.provider = fact->provider, .provider_ref = *ref};
    const hf_scan scan = with_ref(&key);
    hf__rows rows = {.count = 0};
    int error = hf__name_empty(ref) ? 0 : hf__draft_scan(draft, &scan, REFS, &rows);
    *count = rows.count;
    if (error == 0 && rows.count > 0)
        *first = ((const hf_payment *)rows.rows[0])->id;
    return error;
}

static void add_named(const hf_fact *row, const hf_id *payment, hf__named *out)
{
    if (hf__id_zero(&row->payment) || hf__name_empty(&row->payment_ref))
        return;
    out->includes = out->includes || (payment != NULL && hf__id_equal(&row->payment, payment));
    if (out->count == 0)
        out->first = row->payment;
    if (out->count == 0 || (out->count == 1 && !hf__id_equal(&row->payment, &out->first)))
        out->count++;
}

static int scan_named(hf__draft *draft, const hf_scan *scan, hf__rows *page)
{
    return hf__draft_scan(draft, scan, PAGE, page);
}

static int load_page(hf__draft *draft, const hf_scan *scan, hf__rows *page)
{
    hf__draft_load_scan(draft, scan, PAGE, page);
    return 0;
}

/* Looks along the facts with a payment_ref, page by page, as `page_of` reads them. */
static int look_along(hf__draft *draft, const hf_name *provider, const hf_name *ref,
                      const hf_id *payment, hf__named *out,
                      int (*page_of)(hf__draft *, const hf_scan *, hf__rows *))
{
    const hf_fact key = {.provider = *provider, .payment_ref = *ref};
    hf_scan scan = {.table = HF__FACTS,
                    .index = HF__FACTS_PAYMENT_REF,
                    .low = &key,
                    .high = &key,
                    .low_columns = 2,
                    .high_columns = 2};
    hf__rows page = {.more = hf__name_empty(ref) ? 0 : 1};
    *out = (hf__named){.count = 0};
    for (uint32_t looked = 0; looked < LOOK_MAX && page.more != 0 && !out->includes &&
                              (out->count < 2 || payment != NULL);
         looked += page.count) {
        int error = page_of(draft, &scan, &page);
        if (error != 0 || page.count == 0)
            return error;
        for (uint32_t i = 0; i < page.count; i++)
            add_named(page.rows[i], payment, out);
        scan.low = page.rows[page.count - 1];
        scan.low_columns = 4; /* of the key kind and fact_ref are not among the first two */
        scan.low_exclusive = 1;
    }
    return 0;
}

int hf__match_named(hf__draft *draft, const hf_name *provider, const hf_name *ref,
                    const hf_id *payment, hf__named *out)
{
    return look_along(draft, provider, ref, payment, out, scan_named);
}

void hf__load_named(hf__draft *draft, const hf_name *provider, const hf_name *ref,
                    const hf_id *payment)
{
    hf__named named;
    (void)look_along(draft, provider, ref, payment, &named, load_page);
}

/* The payments that are known by what a report calls its payment: at most two, and the first. */
static int find_payment_ref(hf__draft *draft, const hf__match *match, uint32_t *count, hf_id *first)
{
    hf__named named;
    int error = find_ref(draft, match->fact, match->payment_ref, count, first);
    if (error == 0)
        error = hf__match_named(draft, &match->fact->provider, match->payment_ref, NULL, &named);
    if (error != 0 || named.count == 0)
        return error;
    bool same = *count == 1 && named.count == 1 && hf__id_equal(first, &named.first);
    *first = *count == 0 ? named.first : *first;
    *count = same ? 1 : *count + named.count;
    return 0;
}

/* The payment of other facts about the same movement, whatever their kind; *several: of two. */
static int find_movement(hf__draft *draft, const hf_fact *fact, hf_id *id, bool *several)
{
    for (uint32_t kind = 0; kind < HF__FACT_KINDS; kind++) {
        hf__movement_facts found;
        int error = hf__movement_find(draft, fact, kind, &found);
        if (error != 0)
            return error;
        bool first = hf__id_zero(id);
        *several = *several ||
                   (!first && !hf__id_zero(&found.payment) && !hf__id_equal(id, &found.payment));
        *id = first ? found.payment : *id;
    }
    return 0;
}

int hf__match_id(hf__draft *draft, const hf_id *id, hf__match *match)
{
    const void *row = NULL;
    int error = hf__draft_get(draft, HF__PAYMENTS, &(hf_payment){.id = *id}, &row);
    match->payment = row;
    return error;
}

/* Whether another payment is known by what a report calls its movement. */
static int find_other(hf__draft *draft, const hf_fact *fact, bool *other)
{
    hf_id id = {{0}};
    uint32_t count = 0;
    int error = find_ref(draft, fact, &fact->reference, &count, &id);
    *other = error == 0 && count == 1 && !hf__id_equal(&id, &fact->payment);
    for (uint32_t kind = 0; error == 0 && kind < HF__FACT_KINDS; kind++) {
        hf__movement_facts found;
        error = hf__movement_find(draft, fact, kind, &found);
        *other = *other || (error == 0 && found.of_another);
    }
    return error;
}

/* A movement that is named apart from its message belongs to one payment, whatever its kind. */
int hf__match_contradicts(hf__draft *draft, const hf_fact *fact, bool *contradicts)
{
    *contradicts = false;
    return hf__name_empty(&fact->reference) ? 0 : find_other(draft, fact, contradicts);
}

static int check_movement(hf__draft *draft, hf__match *match, const hf_id *payment)
{
    if (match->contradicts)
        return 0;
    hf_fact fact = *match->fact;
    fact.payment = *payment;
    return hf__match_contradicts(draft, &fact, &match->contradicts);
}

/*
 * A report with the id of a payment must not have the provider_ref of another one. A further id may
 * be that of several payments: an order of the provider's that is paid by two cards.
 */
static int match_named(hf__draft *draft, hf__match *match)
{
    hf_id other = {{0}};
    uint32_t count = 0;
    int error = hf__match_id(draft, &match->fact->payment, match);
    if (error == 0)
        error = find_ref(draft, match->fact, match->payment_ref, &count, &other);
    if (error != 0)
        return error;
    match->contradicts = count == 1 && !hf__id_equal(&other, &match->fact->payment);
    return check_movement(draft, match, &match->fact->payment);
}

/* The payment that is known by payment_ref, else by the movement; contradicts: two are. */
static int find_name(hf__draft *draft, hf__match *match, hf_id *id)
{
    uint32_t count = 0;
    int error = find_payment_ref(draft, match, &count, id);
    if (error == 0 && count == 0)
        error = find_ref(draft, match->fact, hf__fact_movement(match->fact), &count, id);
    match->contradicts = count > 1;
    return error;
}

int hf__match_find(hf__draft *draft, hf__match *match)
{
    match->payment = NULL;
    match->contradicts = false;
    if (!hf__id_zero(&match->fact->payment))
        return match_named(draft, match);
    hf_id id = {{0}};
    int error = find_name(draft, match, &id);
    if (error != 0 || match->contradicts)
        return error;
    if (hf__id_zero(&id))
        error = find_movement(draft, match->fact, &id, &match->contradicts);
    if (error != 0 || match->contradicts)
        return error;
    if (!hf__id_zero(&id))
        error = check_movement(draft, match, &id);
    if (error != 0 || hf__id_zero(&id))
        return error;
    return hf__match_id(draft, &id, match);
}

/* ---- Named before the decision --------------------------------------------------------------- */

void hf__load_contradictions(hf__draft *draft, const hf_fact *fact)
{
    if (hf__name_empty(&fact->reference))
        return;
    load_ref(draft, fact, &fact->reference);
    hf__load_movements(draft, fact, HF__ALL_KINDS);
}

/* Without the id of a payment names lead to it, and the movement only where no name does. */
static int load_names(hf__draft *draft, hf__match *match)
{
    hf_id id = {{0}};
    load_ref(draft, match->fact, hf__fact_movement(match->fact));
    hf__load_named(draft, &match->fact->provider, match->payment_ref, NULL);
    int error = find_name(draft, match, &id);
    if (error == 0 && hf__id_zero(&id) && !match->contradicts)
        hf__load_movements(draft, match->fact, HF__ALL_KINDS);
    return error;
}

int hf__load_match(hf__draft *draft, hf__match *match)
{
    bool named = !hf__id_zero(&match->fact->payment);
    if (named)
        (void)hf__draft_load(draft, HF__PAYMENTS, &(hf_payment){.id = match->fact->payment});
    load_ref(draft, match->fact, match->payment_ref);
    hf__load_contradictions(draft, match->fact);
    int error = named ? 0 : load_names(draft, match);
    return error != 0 ? error : hf__match_find(draft, match);
}
