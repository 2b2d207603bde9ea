/*
 * Stores that are changed behind the engine's back, on top of bare.h: each damage of a table must
 * be found by verify, under the clause that it breaks.
 */
#ifndef HF_TESTS_SUPPORT_DAMAGE_H
#define HF_TESTS_SUPPORT_DAMAGE_H

#include "support/bare.h"

#include "model/records.h"
#include "model/tables.h"

extern hf_verify_result result;
extern hf_finding findings[64];

/* An engine with an item and a wallet. */
static inline void setup_shop(void)
{
    hf_account_put_args wallet;
    setup();
    stock("tea", 100);
    hf_account_put_init(&wallet, HF_KIND_MONEY, "ada", "EUR");
    wallet.key.place = "";
    wallet.unit_scale = 2;
    wallet.opening = 10000;
    hf__task *task = add(HF_OP_ACCOUNT_PUT, &wallet.head);
    run();
    ck_assert_int_eq(task->done.status, 0);
}

static inline void verify(void)
{
    memset(&result, 0, sizeof result);
    ck_assert_int_eq(hf__engine_verify(engine, NULL, NULL, &result, findings), 0);
}

typedef union any_row {
    hf_account account;
    hf_order order;
    hf_order_line line;
    hf_payment payment;
    hf_hold hold;
    hf_event event;
    hf__series series;
    hf__op_key op_key;
    hf_adjustment adjustment;
    hf_txn txn;
    hf_branch branch;
    hf_attempt attempt;
    hf__lease lease;
} any_row;

/* The function that names a row by setting its key, or changes it. */
#define ROW(name, ...)                                                                             \
    static void name(any_row *row)                                                                 \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

struct damage {
    const char *what;
    uint32_t clause;
    uint32_t table;
    void (*name)(any_row *row);
    void (*change)(any_row *row); /* NULL: removed */
};

void *keep(void *context, uint64_t bytes);

void change_row(const struct damage *damage);

/* The first finding of a clause, or NULL. */
static inline const char *finding_of(uint32_t clause)
{
    for (uint32_t i = 0; i < result.finding_count; i++)
        if (findings[i].clause == clause)
            return findings[i].text;
    return NULL;
}

static inline void check_damage(const struct damage *damage)
{
    change_row(damage);
    verify();
    ck_assert_msg(finding_of(damage->clause) != NULL, "%s: not found (%llu others, first: %s)",
                  damage->what, (unsigned long long)result.findings_total,
                  result.finding_count == 0 ? "" : findings[0].text);
}

#endif
