/*
 * expect.c - guards of a chain: nothing is written, the chain stops when something does not hold.
 *
 * The checks, in this order: the record is there (HF_E_NOT_FOUND), it is at the expected version
 * (HF_E_VERSION_MOVED), in the expected state, with enough available (HF_E_EXPECT, both values
 * named).
 */
#include "base/money/checked.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/ledger/movement.h"
#include "model/column.h"

#include <holdfast/engine.h>
#include <string.h>

#define RECORD 0u /* in hf__draft.loaded */

/* Where version and state of a subject are in its row. */
typedef struct subject {
    const char *name;
    uint32_t table;
    uint32_t version_at;
    uint32_t state_at; /* 0: it has none */
    uint32_t state_count;
    const char *const *states;
} subject;

/* clang-format off */
static const subject subjects[] = {
    [HF_SUBJECT_ACCOUNT] = { "account", HF__ACCOUNTS, offsetof(hf_account, version), 0, 0, NULL },
    [HF_SUBJECT_ORDER] = { "order", HF__ORDERS, offsetof(hf_order, version),
                           offsetof(hf_order, state), 7, hf__order_state_names },
    [HF_SUBJECT_PAYMENT] = { "payment", HF__PAYMENTS, offsetof(hf_payment, version),
                             offsetof(hf_payment, state), 6, hf__payment_state_names },
    [HF_SUBJECT_HOLD] = { "hold", HF__HOLDS, offsetof(hf_hold, version),
                          offsetof(hf_hold, state), 6, hf__hold_state_names },
};
/* clang-format on */

/* The key of a record of any kind, and its name for details. */
typedef struct named {
    union {
        hf_account account;
        hf_order order;
        hf_payment payment;
        hf_hold hold;
    } key;
    char text[208];
} named;

static void name_record(const hf_expect_args *args, named *out)
{
    *out = (named){.text = ""};
    (void)hf_id_format(&args->id, out->text);
    if (args->subject == HF_SUBJECT_ACCOUNT) {
        hf__account_ref_set(&out->key.account.key, &args->key);
        (void)hf__account_text(&out->key.account.key, out->text);
    } else if (args->subject == HF_SUBJECT_ORDER) {
        out->key.order.id = args->id;
    } else if (args->subject == HF_SUBJECT_PAYMENT) {
        out->key.payment.id = args->id;
    } else {
        out->key.hold.id = args->id;
    }
}

static int check_version(const hf__draft *draft, const subject *of, const named *record,
                         const hf_op_head *head, const uint8_t *row)
{
    uint64_t version;
    memcpy(&version, row + of->version_at, sizeof version);
    if (head->expected_version == 0 || head->expected_version == version)
        return 0;
    return hf__refuse(draft->detail, HF_E_VERSION_MOVED, "%s %s: version %llu expected, is %llu",
                      of->name, record->text, (unsigned long long)head->expected_version,
                      (unsigned long long)version);
}

static int check_state(const hf__draft *draft, const subject *of, const named *record,
                       uint32_t expected, const uint8_t *row)
{
    if (expected == 0 || of->state_at == 0)
        return 0;
    uint32_t state;
    memcpy(&state, row + of->state_at, sizeof state);
    if (state == expected)
        return 0;
    const char *name = state < of->state_count ? of->states[state] : "?";
    const char *other = expected < of->state_count ? of->states[expected] : "?";
    return hf__refuse(draft->detail, HF_E_EXPECT, "%s %s: %s expected, is %s", of->name,
                      record->text, other, name);
}

static int check_available(const hf__draft *draft, const named *record, int64_t minimum,
                           const hf_account *account)
{
    int64_t available;
    if (!hf__sub(account->balance, account->held_out, &available))
        available = INT64_MIN; /* only a balance far below zero does not fit */
    if (available >= minimum)
        return 0;
    return hf__refuse(draft->detail, HF_E_EXPECT, "%s: %lld available expected, is %lld",
                      record->text, (long long)minimum, (long long)available);
}

static bool is_subject(uint32_t kind)
{
    return kind >= HF_SUBJECT_ACCOUNT && kind <= HF_SUBJECT_HOLD;
}

void hf__load_expect(const hf__operation *op, hf__draft *draft)
{
    const hf_expect_args *args = HF__ARGS(op, hf_expect_args);
    named record;
    if (!is_subject(args->subject))
        return;
    name_record(args, &record);
    draft->loaded[RECORD] = hf__draft_load(draft, subjects[args->subject].table, &record.key);
}

int hf__decide_expect(const hf__operation *op, hf__draft *draft)
{
    const hf_expect_args *args = HF__ARGS(op, hf_expect_args);
    draft->quiet = 1;
    if (!is_subject(args->subject))
        return hf__refuse(draft->detail, HF_E_ENUM, "subject %u", args->subject);
    const subject *of = &subjects[args->subject];
    named record;
    name_record(args, &record);
    const void *row = hf__loaded(draft, draft->loaded[RECORD]);
    if (row == NULL)
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "%s %s: no such record", of->name,
                          record.text);
    int error = check_version(draft, of, &record, &args->head, row);
    if (error == 0)
        error = check_state(draft, of, &record, args->state, row);
    if (error == 0 && args->subject == HF_SUBJECT_ACCOUNT)
        error = check_available(draft, &record, args->available_min, row);
    return error;
}
