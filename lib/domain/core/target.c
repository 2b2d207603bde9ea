/*
 * target.c - from arguments to the key of the record they name.
 */
#include "domain/core/target.h"

#include "domain/core/account_ref.h"
#include "domain/core/common.h"

#include <holdfast/erase.h>
#include <string.h>

/* A kind of record that is named by its id. */
typedef struct by_id {
    const char *what;
    uint32_t table;
} by_id;

/* clang-format off */
static const by_id ids[] = {
    [HF__BY_HOLD] = { "hold", HF__HOLDS },
    [HF__BY_ORDER] = { "order", HF__ORDERS },
    [HF__BY_PAYMENT] = { "payment", HF__PAYMENTS },
    [HF__BY_TXN] = { "transaction", HF__TXNS },
};
static const hf__target_by subjects[] = {
    [HF_ATTENTION_ON_ACCOUNT] = HF__BY_ACCOUNT,
    [HF_ATTENTION_ON_ORDER] = HF__BY_ORDER,
    [HF_ATTENTION_ON_PAYMENT] = HF__BY_PAYMENT,
    [HF_ATTENTION_ON_FACT] = HF__BY_NOTHING,
    [HF_ATTENTION_ON_HOLD] = HF__BY_HOLD,
};
static const hf__target_by erased[] = {
    [HF_ERASE_BY_ORDER] = HF__BY_ORDER,
    [HF_ERASE_BY_CUSTOMER] = HF__BY_NOTHING,
    [HF_ERASE_BY_ACCOUNT] = HF__BY_ACCOUNT,
    [HF_ERASE_BY_HOLD] = HF__BY_HOLD,
    [HF_ERASE_BY_TXN] = HF__BY_TXN,
};
static const uint32_t version_at[HF__TABLE_COUNT] = {
    [HF__ACCOUNTS] = offsetof(hf_account, version),
    [HF__HOLDS] = offsetof(hf_hold, version),
    [HF__ORDERS] = offsetof(hf_order, version),
    [HF__PAYMENTS] = offsetof(hf_payment, version),
    [HF__TXNS] = offsetof(hf_txn, version),
};
/* clang-format on */

_Static_assert(offsetof(hf_hold, id) == 0 && offsetof(hf_order, id) == 0 &&
                   offsetof(hf_payment, id) == 0 && offsetof(hf__op_key, id) == 0 &&
                   offsetof(hf_txn, id) == 0,
               "records that are named by an id begin with it");

static void set_account(hf__target *target, const hf_account_key *key)
{
    target->table = HF__ACCOUNTS;
    target->given = key->kind != HF_KIND_WORLD ? 1 : 0;
    target->what = "account";
    hf__account_ref_set(&target->key.account.key, key);
    (void)hf__account_text(&target->key.account.key, target->text);
}

static void set_id(hf__target *target, hf__target_by by, const hf_id *id)
{
    target->table = ids[by].table;
    target->given = 1;
    target->what = ids[by].what;
    target->key.id = *id;
    (void)hf_id_format(id, target->text);
}

static void set_fact(hf__target *target, const hf_payment_report_args *args)
{
    target->table = HF__FACTS;
    target->given = 1;
    target->what = "fact";
    hf__name_set(&target->key.fact.provider, args->provider);
    hf__name_set(&target->key.fact.fact_ref, args->fact_ref);
    target->key.fact.kind = args->kind;
}

static void set_unit(hf__target *target, const char *const *code)
{
    target->table = HF__UNITS;
    target->given = 1;
    target->what = "unit";
    hf__name_set(&target->key.unit.code, *code);
    memcpy(target->text, target->key.unit.code.text, sizeof target->key.unit.code.text);
}

void hf__target_set(hf__target *target, const hf__operation *op, hf__target_by by, size_t at)
{
    memset(target, 0, sizeof *target);
    const void *field = (const uint8_t *)(const void *)op->args + at;
    if (by == HF__BY_SUBJECT) {
        const hf_attention_clear_args *args = HF__ARGS(op, hf_attention_clear_args);
        by = args->subject <= HF_ATTENTION_ON_HOLD ? subjects[args->subject] : HF__BY_NOTHING;
        field = by == HF__BY_ACCOUNT ? (const void *)&args->account : (const void *)&args->id;
    }
    if (by == HF__BY_ERASED) {
        const hf_erase_args *args = HF__ARGS(op, hf_erase_args);
        by = args->by <= HF_ERASE_BY_TXN ? erased[args->by] : HF__BY_NOTHING;
        field = by == HF__BY_ACCOUNT ? (const void *)&args->account : (const void *)&args->record;
    }
    if (by == HF__BY_ACCOUNT)
        set_account(target, field);
    else if (by == HF__BY_FACT)
        set_fact(target, HF__ARGS(op, hf_payment_report_args));
    else if (by == HF__BY_UNIT)
        set_unit(target, field);
    else if (by != HF__BY_NOTHING)
        set_id(target, by, field);
}

uint64_t hf__target_version(const hf__target *target, const void *row)
{
    uint64_t version = target->table == HF__UNITS ? HF__UNIT_VERSION : 0;
    if (version_at[target->table] != 0)
        memcpy(&version, (const uint8_t *)row + version_at[target->table], sizeof version);
    return version;
}
