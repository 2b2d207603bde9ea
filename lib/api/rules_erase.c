/*
 * rules_erase.c - rules between the fields of an erasure: one selector, and something to erase.
 *
 * An erasure that names something else than it seems to would erase the wrong person, so a selector
 * that does not belong to `by` is refused and not ignored.
 */
#include "api/rules.h"
#include "base/id.h"

#include <holdfast.h>
#include <stdbool.h>
#include <string.h>

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

/* Refuses a selector that is missing where it belongs, or given where it does not. */
static int selector(bool belongs, bool given, hf__broken *out, int missing, const char *field)
{
    if (belongs == given)
        return 0;
    return belongs ? hf__rule_broken(out, missing, field, "names what is erased")
                   : hf__rule_broken(out, HF_E_ARGUMENT, field, "does not belong to `by`");
}

static int selectors(const hf_erase_args *erase, hf__broken *out)
{
    bool customer = erase->by == HF_ERASE_BY_CUSTOMER;
    bool account = erase->by == HF_ERASE_BY_ACCOUNT;
    int error =
        selector(!customer && !account, !hf__id_zero(&erase->record), out, HF_E_ID, "record");
    if (error == 0)
        error =
            selector(account, erase->account.kind != HF_KIND_WORLD, out, HF_E_ARGUMENT, "account");
    if (error == 0)
        error = selector(customer, !is_empty(erase->customer), out, HF_E_TEXT_MISSING, "customer");
    return error;
}

static int by_customer(const hf_erase_args *erase, hf__broken *out)
{
    if ((erase->what & HF_ERASE_CUSTOMER) == 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "what", "must have CUSTOMER by CUSTOMER");
    if (!is_empty(erase->replacement) && strcmp(erase->replacement, erase->customer) == 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "replacement", "is the customer");
    if (erase->head.expected_version != 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "head.expected_version",
                               "a customer has no version");
    return 0;
}

int hf__rule_erase(const void *args, hf__broken *out)
{
    const hf_erase_args *erase = args;
    bool orders = erase->by == HF_ERASE_BY_ORDER || erase->by == HF_ERASE_BY_CUSTOMER;
    int error = selectors(erase, out);
    if (error != 0)
        return error;
    if (erase->what == 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "what", "nothing to erase");
    if (erase->head.meta_bytes != 0 && (erase->what & HF_ERASE_META) == 0)
        return hf__rule_broken(out, HF_E_ARGUMENT, "head.meta", "only with META in `what`");
    if (!is_empty(erase->replacement) && (!orders || (erase->what & HF_ERASE_CUSTOMER) == 0))
        return hf__rule_broken(out, HF_E_ARGUMENT, "replacement",
                               "only of orders, with CUSTOMER in `what`");
    return erase->by == HF_ERASE_BY_CUSTOMER ? by_customer(erase, out) : 0;
}
