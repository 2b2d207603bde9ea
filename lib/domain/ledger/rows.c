/*
 * rows.c - naming rows before a decision, and finding them again in it.
 *
 * Happy path: a load encodes the key of each row once and asks the view for it; the decision finds
 * the row by its number and copies it when it changes. A row that is not there yet is noted, and
 * the load is called again when all that was noted has been loaded.
 */
#include "domain/ledger/rows.h"

#include "base/invariant.h"
#include "model/codec.h"

_Static_assert(offsetof(hf_account, key) == 0, "an account is looked up by the name of it alone");
_Static_assert(HF__ROW_UNIT < HF__LOADED_MAX, "hf__draft.loaded has an element for each");

uint32_t hf__name_account(hf__draft *draft, const hf_account_key *key)
{
    if (key->kind == HF_KIND_WORLD)
        return 0;
    uint8_t bytes[HF__KEY_MAX];
    uint32_t count = hf__account_key_encode(key, bytes);
    return hf__draft_load_key(draft, HF__ACCOUNTS, bytes, count);
}

uint32_t hf__name_account_of(hf__draft *draft, const hf_account_ref *account)
{
    return hf__is_world(account) ? 0 : hf__draft_load(draft, HF__ACCOUNTS, account);
}

void hf__load_account(hf__draft *draft, uint32_t as, const hf_account_key *key)
{
    draft->loaded[as] = hf__name_account(draft, key);
}

void hf__load_account_of(hf__draft *draft, uint32_t as, const hf_account_ref *account)
{
    draft->loaded[as] = hf__name_account_of(draft, account);
}

void hf__load_unit(hf__draft *draft, const char *code)
{
    hf_unit key = {.scale = 0};
    hf__name_set(&key.code, code);
    draft->loaded[HF__ROW_UNIT] = hf__draft_load(draft, HF__UNITS, &key);
}

const hf_account_ref *hf__account_ref_at(const hf__draft *draft, uint32_t at,
                                         const hf_account_key *key, hf_account_ref *made)
{
    const hf_account *account = key->kind == HF_KIND_WORLD ? NULL : hf__loaded(draft, at);
    if (account != NULL)
        return &account->key;
    hf__account_ref_set(made, key);
    return made;
}

/* The world has no row. */
static int edit_end(hf__draft *draft, const hf_account_ref *ref, uint32_t at, hf_account **account)
{
    *account = NULL;
    if (hf__is_world(ref) || hf__loaded(draft, at) == NULL)
        return 0;
    void *row;
    int error = hf__loaded_edit(draft, at, &row);
    *account = row;
    return error;
}

int hf__ends_at(hf__draft *draft, const hf__movement *m, uint32_t from, uint32_t to, hf__ends *out)
{
    if (!hf_invariant(m->amount >= 0))
        return HF_E_INVARIANT;
    int error = hf__ends_check(draft, m);
    if (error == 0)
        error = edit_end(draft, m->from, from, &out->from);
    if (error == 0)
        error = edit_end(draft, m->to, to, &out->to);
    if (error != 0)
        return error;
    out->queued = out->from != NULL && out->from->waiting > 0 && !out->from->overtake;
    return hf__ends_there(draft, m, out);
}
