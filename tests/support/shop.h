/*
 * A shop on the fixture: orders in a few words, and a check of what must hold of all orders.
 *
 * The shop counts in EUR and pcs. Accounts are opened as they are needed: "tea" and "cup" are
 * items, "anna" and "ben" have money.
 */
#ifndef HF_TESTS_SUPPORT_SHOP_H
#define HF_TESTS_SUPPORT_SHOP_H

#include "domain/lifecycle/expire.h"
#include "support/view.h"
#include <holdfast/order.h>

#define HF_TEST_CART_MAX 8u

/* An order being put together. `args` may be changed before it is placed. */
typedef struct hf_test_cart {
    hf_order_place_args args;
    hf_line_args lines[HF_TEST_CART_MAX];
    hf_adjustment_args adjustments[HF_TEST_CART_MAX];
    hf_payment_args payments[HF_TEST_CART_MAX];
} hf_test_cart;

/* Units EUR and pcs, 100 tea, 100 cup, and 10,000 each of anna and ben. */
void hf_test_shop_init(hf_test_fixture *fixture);

/* Opens or changes an account with a balance at a place, with limits. */
typedef struct hf_test_limits {
    int64_t min_balance;
    int64_t min_available;
    int64_t max_balance; /* 0: no limit */
    uint32_t frozen;
    uint32_t overtake;
} hf_test_limits;
void hf_test_stock(hf_test_fixture *fixture, const hf_account_key *key, int64_t balance,
                   const hf_test_limits *limits);

/* An item at a place. */
hf_account_key hf_test_item(const char *sku, const char *place);

/* More of an item comes in from the world. */
void hf_test_supply(hf_test_fixture *fixture, const hf_account_key *key, int64_t quantity);

/* A cart with its own id, nothing in it; then lines, adjustments and payments. */
void hf_test_cart_init(hf_test_fixture *fixture, hf_test_cart *cart);
hf_line_args *hf_test_cart_line(hf_test_cart *cart, const char *sku, int64_t quantity,
                                int64_t unit_price, uint32_t settle_on);
void hf_test_cart_adjust(hf_test_cart *cart, uint32_t line, int64_t amount);
hf_payment_args *hf_test_cart_pay(hf_test_cart *cart, const char *account, int64_t amount,
                                  uint32_t settle_on);

/* What lines and adjustments of the cart cost. */
int64_t hf_test_cart_total(const hf_test_cart *cart);

/* Places the cart, with its right total unless args.total is set. Returns the status. */
int hf_test_cart_place(hf_test_fixture *fixture, hf_test_cart *cart);

/* hf_test_run and hf_test_shop_check. */
int hf_test_shop_run(hf_test_fixture *fixture, uint32_t type, const void *args);

/* Fails the test with the detail unless a status is the one expected. */
#define hf_test_is(fixture, status, expected)                                                      \
    do {                                                                                           \
        int hf_test_got = (status);                                                                \
        ck_assert_msg(hf_test_got == (expected), "%s instead of %s: %s",                           \
                      hf_error_name(hf_test_got), hf_error_name(expected),                         \
                      (fixture)->detail.text);                                                     \
    } while (0)

/* Fails the test unless the operation was refused so, with the detail of the culprit. */
#define hf_test_refused(fixture, status, expected, culprit)                                        \
    do {                                                                                           \
        hf_test_is(fixture, status, expected);                                                     \
        ck_assert_str_eq((fixture)->detail.text, culprit);                                         \
    } while (0)

/* Cancel, fulfil or return `quantity` of a line; line 0: everything. */
int hf_test_units(hf_test_fixture *fixture, uint32_t type, const hf_id *order, uint32_t line,
                  int64_t quantity);

/* Capture, void or refund a payment by its number. */
int hf_test_pay(hf_test_fixture *fixture, uint32_t type, const hf_id *order, uint32_t no,
                int64_t amount);

/* Runs what the engine would do by itself. */
hf__sweep_result hf_test_promote(hf_test_fixture *fixture, const hf_account_key *key,
                                 uint32_t limit);
hf__sweep_result hf_test_expire(hf_test_fixture *fixture);

/* Stored rows. */
const hf_order *hf_test_order(const hf_test_fixture *fixture, const hf_id *id);
const hf_order_line *hf_test_line(const hf_test_fixture *fixture, const hf_id *id, uint32_t no);
const hf_payment *hf_test_payment(const hf_test_fixture *fixture, const hf_id *id, uint32_t no);
const hf_account *hf_test_at(const hf_test_fixture *fixture, const hf_account_key *key);
int64_t hf_test_balance(const hf_test_fixture *fixture, const char *account);

/* The view that the last operation answered. */
const hf_order_view *hf_test_view(const hf_test_fixture *fixture);

/*
 * Fails the test unless every order, line, payment and queue holds what the domain says (clauses
 * 4, 5 and 6), and folding the events gives its states and counters (clause 9).
 */
void hf_test_shop_check(const hf_test_fixture *fixture);

#endif
