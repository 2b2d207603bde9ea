/*
 * accounts.c - clauses 1 and 2: every account's numbers equal the sums of what names it.
 */
#include "base/money/checked.h"
#include "domain/core/body.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"
#include "engine/verify/verify.h"
#include <inttypes.h>
#include <string.h>

hf__sum *hf__verify_sum(hf__verify *verify, const hf_account_ref *key)
{
    hf_account row = {.key = *key};
    uint8_t bytes[HF__KEY_MAX];
    uint32_t count = hf__key_encode(&hf__accounts_table, HF__PRIMARY, &row, HF__KEY_ALL, bytes);
    uint64_t hash = hf__key_hash(HF__ACCOUNTS, bytes, count);
    hf__sum *sum = hf__map_get(&verify->sums, hash, bytes, count);
    if (sum != NULL || verify->sum_count == verify->sum_max)
        return sum;
    sum = &verify->sum_rows[verify->sum_count++];
    sum->key = *key;
    memcpy(sum->bytes, bytes, count);
    (void)hf__map_put(&verify->sums, hash, sum->bytes, count, sum);
    return sum;
}

void hf__verify_held(hf__verify *verify, const hf_account_ref *from, const hf_account_ref *to,
                     int64_t amount)
{
    hf__sum *out = hf__is_world(from) ? NULL : hf__verify_sum(verify, from);
    hf__sum *in = hf__is_world(to) ? NULL : hf__verify_sum(verify, to);
    if (out != NULL)
        out->held_out += amount;
    if (in != NULL)
        in->held_in += amount;
}

static int visit_base(hf__verify *verify, const void *row)
{
    const hf__account_base *base = row;
    hf__sum *sum = hf__verify_sum(verify, &base->account);
    if (sum != NULL) {
        sum->balance += base->balance;
        sum->event_out += base->held_out;
        sum->event_in += base->held_in;
    }
    return 0;
}

int hf__verify_bases(hf__verify *verify)
{
    return hf__verify_each(verify, HF__ACCOUNT_BASES, visit_base);
}

static void compare(hf__verify *verify, const hf_account_ref *key, const char *what, int64_t stored,
                    int64_t sum)
{
    char text[208];
    if (stored != sum)
        hf__verify_find(verify, HF_CLAUSE_BALANCES, "%s: %s is %" PRId64 ", its sum %" PRId64,
                        hf__account_text(key, text), what, stored, sum);
}

static int visit_account(hf__verify *verify, const void *row)
{
    const hf_account *account = row;
    hf__sum *sum = hf__verify_sum(verify, &account->key);
    char text[208];
    if (sum == NULL)
        return 0;
    sum->found = 1;
    compare(verify, &account->key, "balance", account->balance, sum->balance);
    compare(verify, &account->key, "held_out", account->held_out, sum->held_out);
    compare(verify, &account->key, "held_in", account->held_in, sum->held_in);
    compare(verify, &account->key, "held_out by events", account->held_out, sum->event_out);
    compare(verify, &account->key, "held_in by events", account->held_in, sum->event_in);
    compare(verify, &account->key, "waiting", (int64_t)account->waiting, (int64_t)sum->waiting);
    if (hf__beyond_limits(account) && (account->attention & HF_ATTENTION_BEYOND_LIMIT) == 0)
        hf__verify_find(verify, HF_CLAUSE_LIMITS,
                        "%s: balance %" PRId64 " (%" PRId64 " held out, %" PRId64
                        " held in) is beyond its limits without attention",
                        hf__account_text(&account->key, text), account->balance, account->held_out,
                        account->held_in);
    return 0;
}

int hf__verify_accounts(hf__verify *verify)
{
    int error = hf__verify_each(verify, HF__ACCOUNTS, visit_account);
    char text[208];
    for (uint32_t i = 0; error == 0 && i < verify->sum_count; i++)
        if (!verify->sum_rows[i].found)
            hf__verify_find(verify, HF_CLAUSE_BALANCES, "%s is named but has no record",
                            hf__account_text(&verify->sum_rows[i].key, text));
    return error;
}
