#include "domain/core/body.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"
#include "support/view.h"

#include <stdlib.h>
#include <string.h>

/* An account as it is, as its events say, and as what is open on other rows says. */
typedef struct books {
    const hf_account *account;
    hf__account_base folded;
    int64_t open_out;
    int64_t open_in;
} books;

static books *books_of(books *all, size_t count, const hf_account_ref *ref)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(&all[i].account->key, ref, offsetof(hf_account_ref, reserved)) == 0)
            return &all[i];
    }
    ck_assert_msg(hf__is_world(ref), "%s is named but does not exist", ref->name.text);
    return NULL;
}

static void add_open(books *all, size_t count, const hf_leg *leg, int64_t open)
{
    ck_assert_int_ge(open, 0);
    if (open == 0)
        return;
    books *from = books_of(all, count, &leg->from);
    books *to = books_of(all, count, &leg->to);
    if (from != NULL)
        from->open_out += open;
    if (to != NULL)
        to->open_in += open;
}

static void fold_change(books *all, size_t count, const hf_change *change)
{
    if (change->type != HF_CHANGE_MOVE && change->type != HF_CHANGE_HOLD)
        return;
    books *from = books_of(all, count, &change->from);
    books *to = books_of(all, count, &change->to);
    if (from != NULL && change->type == HF_CHANGE_MOVE)
        from->folded.balance -= change->amount;
    if (to != NULL && change->type == HF_CHANGE_MOVE)
        to->folded.balance += change->amount;
    if (from != NULL && change->type == HF_CHANGE_HOLD)
        from->folded.held_out += change->amount;
    if (to != NULL && change->type == HF_CHANGE_HOLD)
        to->folded.held_in += change->amount;
}

static void fold_event(books *all, size_t count, const hf_event *event)
{
    uint64_t position = 0;
    hf_change change;
    int more;
    while ((more = hf_event_next(event, &position, &change)) == 1)
        fold_change(all, count, &change);
    ck_assert_int_eq(more, 0);
}

/* What a leg holds: something only while its order is PENDING or CONFIRMED. */
static void add_leg(const hf_test_fixture *fixture, books *all, size_t count, const hf_id *order,
                    const hf_leg *leg)
{
    const hf_order *of = hf_test_row_of(fixture, HF__ORDERS, &(hf_order){.id = *order});
    ck_assert_ptr_nonnull(of);
    if (of->state == HF_ORDER_PENDING || of->state == HF_ORDER_CONFIRMED)
        add_open(all, count, leg, (leg->units - leg->cancelled - leg->fulfilled) * leg->per_unit);
}

static void add_row(const hf_test_fixture *fixture, books *all, size_t count,
                    const hf_test_stored *stored)
{
    if (stored->table == HF__HOLDS) {
        const hf_hold *hold = stored->row;
        hf_leg leg = {.from = hold->from, .to = hold->to};
        ck_assert_int_le(hold->reversed, hold->posted);
        add_open(all, count, &leg, hold->amount - hold->posted - hold->released);
    } else if (stored->table == HF__ORDER_LINES) {
        const hf_order_line *line = stored->row;
        if (line->leg_count > 0)
            add_leg(fixture, all, count, &line->order, &line->leg);
    } else if (stored->table == HF__ORDER_LEGS) {
        const hf_order_leg *leg = stored->row;
        add_leg(fixture, all, count, &leg->order, &leg->leg);
    } else if (stored->table == HF__PAYMENTS) {
        const hf_payment *payment = stored->row;
        hf_leg leg = {.from = payment->account};
        add_open(all, count, &leg, payment->authorized - payment->captured - payment->voided);
    } else if (stored->table == HF__EVENTS) {
        fold_event(all, count, stored->row);
    } else if (stored->table == HF__ACCOUNT_BASES) {
        const hf__account_base *base = stored->row;
        books *of = books_of(all, count, &base->account);
        ck_assert_ptr_nonnull(of);
        of->folded.balance += base->balance;
        of->folded.held_out += base->held_out;
        of->folded.held_in += base->held_in;
    }
}

static void check_account(const books *b)
{
    const hf_account *a = b->account;
    char name[208];
    hf__account_text(&a->key, name);
    ck_assert_msg(a->balance == b->folded.balance, "%s: balance %lld, its events say %lld", name,
                  (long long)a->balance, (long long)b->folded.balance);
    ck_assert_msg(a->held_out == b->folded.held_out && a->held_in == b->folded.held_in,
                  "%s: held %lld and %lld, its events say %lld and %lld", name,
                  (long long)a->held_out, (long long)a->held_in, (long long)b->folded.held_out,
                  (long long)b->folded.held_in);
    ck_assert_msg(a->held_out == b->open_out && a->held_in == b->open_in,
                  "%s: held %lld and %lld, open rests say %lld and %lld", name,
                  (long long)a->held_out, (long long)a->held_in, (long long)b->open_out,
                  (long long)b->open_in);
    bool within = !hf__beyond_limits(a) || (a->attention & HF_ATTENTION_BEYOND_LIMIT) != 0;
    ck_assert_msg(within, "%s: beyond its limits without attention", name);
}

static void check_events(const hf_test_fixture *fixture)
{
    const hf__purge *purge =
        hf_test_row_of(fixture, HF__PURGES, &(hf__purge){.kind = HF__PURGE_EVENTS, .first = 1});
    uint64_t seq = purge == NULL ? 0 : purge->last;
    ck_assert_uint_eq(fixture->event_seq, seq + hf_test_rows(fixture, HF__EVENTS));
    while (seq < fixture->event_seq) {
        seq++;
        ck_assert_msg(hf_test_row_of(fixture, HF__EVENTS, &(hf_event){.seq = seq}) != NULL,
                      "event %llu is missing", (unsigned long long)seq);
    }
}

void hf_test_fixture_check(const hf_test_fixture *fixture)
{
    size_t count = 0;
    books *all = calloc(fixture->count + 1, sizeof *all);
    ck_assert_ptr_nonnull(all);
    for (size_t i = 0; i < fixture->count; i++) {
        if (fixture->rows[i].table == HF__ACCOUNTS)
            all[count++].account = fixture->rows[i].row;
    }
    for (size_t i = 0; i < fixture->count; i++)
        add_row(fixture, all, count, &fixture->rows[i]);
    for (size_t i = 0; i < count; i++)
        check_account(&all[i]);
    free(all);
    check_events(fixture);
}
