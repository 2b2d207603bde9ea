/*
 * account_ref.c - names of accounts: from arguments to rows, and as texts.
 */
#include "domain/core/account_ref.h"

#include "model/column.h"

#include <stdio.h>

void hf__account_ref_set(hf_account_ref *ref, const hf_account_key *key)
{
    bool world = key->kind == HF_KIND_WORLD;
    ref->kind = key->kind;
    ref->reserved = 0;
    hf__name_set(&ref->name, world ? NULL : key->name);
    hf__name_set(&ref->place, world ? NULL : key->place);
    hf__name_set(&ref->unit, world ? NULL : key->unit);
}

bool hf__account_same(const hf_account_ref *a, const hf_account_ref *b)
{
    return a->kind == b->kind && hf__name_equal(&a->name, &b->name) &&
           hf__name_equal(&a->place, &b->place) && hf__name_equal(&a->unit, &b->unit);
}

const char *hf__account_text(const hf_account_ref *account, char out[208])
{
    const char *kind = account->kind <= HF_KIND_LIMIT ? hf__kind_names[account->kind] : "?";
    if (hf__is_world(account))
        (void)snprintf(out, 208, "%s", kind);
    else if (hf__name_empty(&account->place))
        (void)snprintf(out, 208, "%s %s [%s]", kind, account->name.text, account->unit.text);
    else
        (void)snprintf(out, 208, "%s %s @%s [%s]", kind, account->name.text, account->place.text,
                       account->unit.text);
    return out;
}
