/*
 * account_ref.h - the name of an account: kind, name, place and unit.
 */
#ifndef HF_DOMAIN_CORE_ACCOUNT_REF_H
#define HF_DOMAIN_CORE_ACCOUNT_REF_H

#include "base/text.h"

#include <holdfast/account.h>
#include <stdbool.h>

/* True for the world. */
static inline bool hf__is_world(const hf_account_ref *account)
{
    return account->kind == HF_KIND_WORLD;
}

/* True when both name the same account. */
bool hf__account_same(const hf_account_ref *a, const hf_account_ref *b);

/* The record form of an argument key. */
void hf__account_ref_set(hf_account_ref *ref, const hf_account_key *key);

/* "ITEM tea @berlin [pcs]" for details; returns out. */
const char *hf__account_text(const hf_account_ref *account, char out[208]);

#endif
