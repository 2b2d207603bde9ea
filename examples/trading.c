/*
 * trading.c - limit orders are holds, fills are linked chains, and nothing is ever made or lost.
 *
 *   account                                  kind   name  place  unit
 *   cash of a trader; the exchange's fees    MONEY  ada          EUR (cents)
 *   position of a trader; the exchange's: 0  ITEM   ACME  ada    ACME (each instrument is a unit)
 *
 *   step    operation    amount                     from --> to
 *   buy     hold         quantity * (limit + FEE)   buyer's cash --> exchange
 *   sell    hold         quantity                   seller's position --> exchange
 *   fill    two posts    q * (price + FEE), and q * (limit - price) is given back; q
 *           transfers    q, q * (price - FEE)       exchange --> position, cash
 *   cancel  release      what is left of the hold
 *   bust    both transfers back, then both holds reversed
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

enum { ADA, BEN, CEM, EXCHANGE, HOLDERS };
enum { EUR, ACME, BOLT, UNITS };
enum { BUY, SELL };
enum { FEE = 2 }; /* cents a share, of the buyer and of the seller */
static const char *const holders[] = {"ada", "ben", "cem", "exchange"};
static const char *const units[] = {"EUR", "ACME", "BOLT"};
static const int64_t opening[HOLDERS][UNITS] = {{1000000, 0, 50}, {50000, 100, 0}, {200000, 60, 0}};
static const int64_t total[UNITS] = {1250000, 160, 50}; /* for ever */

typedef struct limit_order {
    int trader, instrument;
    int64_t limit;
    hf_id hold;
} limit_order;
static hf_engine *engine;
static hf_completion done; /* the last one; its result lives until the next */

static void check(const char *what, int code, const char *detail)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(code), detail);
    exit(EXIT_FAILURE);
}

/* Runs one operation, or one chain, to its end; prints what was refused. */
static void perform(const hf_op *ops, uint32_t count)
{
    check("hf_submit", hf_submit(engine, ops, count, NULL), hf_engine_detail(engine));
    for (uint32_t taken = 0; taken < count; taken++) {
        while (hf_completions(engine, &done, 1) == 0)
            uv_run(uv_default_loop(), UV_RUN_ONCE);
        if (done.status != 0 && done.status != HF_E_CHAIN) /* CHAIN: another one is the culprit */
            printf("  refused: %s: %s\n", hf_error_name(done.status), done.detail);
    }
}

static hf_account_key account(int holder, int unit)
{
    const hf_account_key cash = {HF_KIND_MONEY, 0, holders[holder], "", units[unit]};
    const hf_account_key shares = {HF_KIND_ITEM, 0, units[unit], holders[holder], units[unit]};
    return unit == EUR ? cash : shares;
}

/* Opens the accounts, or leaves them as they are; prints them, and checks their sums. */
static void show(void)
{
    int64_t sums[UNITS] = {0};
    printf("\n%-10s%8s%8s%8s%8s%8s%8s\n", "", "EUR", "held", "ACME", "held", "BOLT", "held");
    for (int holder = 0; holder < HOLDERS; holder++) {
        printf("%-10s", holders[holder]);
        for (int unit = 0; unit < UNITS; unit++) {
            hf_account_put_args put;
            hf_account_put_init(&put, HF_KIND_MONEY, "", "");
            put.key = account(holder, unit);
            put.mode = HF_PUT_OPEN_IF_ABSENT;
            put.unit_scale = unit == EUR ? 2 : 0;
            put.opening = opening[holder][unit];
            const hf_op op = {.type = HF_OP_ACCOUNT_PUT, .args = &put};
            perform(&op, 1);
            check("hf_account_put", done.status, done.detail);
            const hf_account *found = done.result;
            printf("%8" PRId64 "%8" PRId64, found->balance, found->held_out);
            sums[unit] += found->balance;
        }
        printf("\n");
    }
    printf("%-10s%8" PRId64 "%16" PRId64 "%16" PRId64 "\n\n", "sum", sums[EUR], sums[ACME],
           sums[BOLT]);
    check("a sum", memcmp(sums, total, sizeof(total)) == 0 ? 0 : HF_E_EXPECT, "has changed");
}

static limit_order place(int trader, int side, int instrument, int64_t quantity, int64_t limit)
{
    printf("%s: %s %" PRId64 " %s at %" PRId64 "\n", holders[trader], side == BUY ? "buy" : "sell",
           quantity, units[instrument], limit);
    int unit = side == BUY ? EUR : instrument;
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.from = account(trader, unit);
    args.to = account(EXCHANGE, unit);
    args.amount = side == BUY ? quantity * (limit + FEE) : quantity;
    const hf_op op = {.type = HF_OP_HOLD_PLACE, .args = &args};
    perform(&op, 1);
    const limit_order order = {trader, instrument, limit, done.id};
    return order;
}

static hf_move_args move(int from, int to, int unit, int64_t amount)
{
    hf_move_args args;
    hf_move_init(&args);
    args.from = account(from, unit);
    args.to = account(to, unit);
    args.amount = amount;
    return args;
}

static void fill(const limit_order *bid, const limit_order *ask, int64_t quantity, int64_t price)
{
    printf("fill: %" PRId64 " at %" PRId64 "\n", quantity, price);
    hf_hold_post_args pay, deliver;
    hf_hold_post_init(&pay, &bid->hold);
    pay.take = quantity * (price + FEE);
    pay.free = quantity * (bid->limit - price); /* the better price is given back */
    hf_hold_post_init(&deliver, &ask->hold);
    deliver.take = quantity;
    const hf_move_args shares = move(EXCHANGE, bid->trader, bid->instrument, quantity);
    const hf_move_args cash = move(EXCHANGE, ask->trader, EUR, quantity * (price - FEE));
    const hf_op chain[] = {{.type = HF_OP_HOLD_POST, .flags = HF_OP_LINKED, .args = &pay},
                           {.type = HF_OP_HOLD_POST, .flags = HF_OP_LINKED, .args = &deliver},
                           {.type = HF_OP_ACCOUNT_TRANSFER, .flags = HF_OP_LINKED, .args = &shares},
                           {.type = HF_OP_ACCOUNT_TRANSFER, .args = &cash}};
    perform(chain, 4);
}

static void bust(const limit_order *bid, const limit_order *ask, int64_t quantity, int64_t price)
{
    printf("bust: %" PRId64 " at %" PRId64 "\n", quantity, price);
    const hf_move_args shares = move(bid->trader, EXCHANGE, bid->instrument, quantity);
    const hf_move_args cash = move(ask->trader, EXCHANGE, EUR, quantity * (price - FEE));
    hf_hold_amount_args repay, give_back;
    hf_hold_amount_init(&repay, &bid->hold);
    repay.amount = quantity * (price + FEE);
    hf_hold_amount_init(&give_back, &ask->hold); /* all it took */
    const hf_op chain[] = {{.type = HF_OP_ACCOUNT_TRANSFER, .flags = HF_OP_LINKED, .args = &shares},
                           {.type = HF_OP_ACCOUNT_TRANSFER, .flags = HF_OP_LINKED, .args = &cash},
                           {.type = HF_OP_HOLD_REVERSE, .flags = HF_OP_LINKED, .args = &repay},
                           {.type = HF_OP_HOLD_REVERSE, .args = &give_back}};
    perform(chain, 4);
}

static void cancel(const limit_order *order)
{
    printf("%s: cancel the rest\n", holders[order->trader]);
    hf_hold_amount_args args;
    hf_hold_amount_init(&args, &order->hold);
    const hf_op op = {.type = HF_OP_HOLD_RELEASE, .args = &args};
    perform(&op, 1);
}

static void verified(void *what, int status, const hf_verify_result *result)
{
    check(what, status, "");
    printf("verify: %" PRIu64 " findings\n", result->findings_total);
    check(what, result->findings_total == 0 ? 0 : HF_E_CORRUPT, "");
    check("hf_engine_close", hf_engine_close(engine, NULL, NULL), "");
}

int main(int argc, char **argv) /* an argument names the store; else a temporary one is used */
{
    char folder[] = "/tmp/trading-XXXXXX";
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:trading.db";
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    show();
    limit_order bid = place(ADA, BUY, ACME, 100, 5000);
    limit_order ask = place(BEN, SELL, ACME, 60, 4900);
    fill(&bid, &ask, 60, 4950);
    limit_order more = place(CEM, SELL, ACME, 30, 5000);
    fill(&bid, &more, 30, 5000);
    show();
    cancel(&bid);
    place(BEN, BUY, BOLT, 200, 2000);
    limit_order wish = place(CEM, BUY, BOLT, 50, 2100);
    limit_order gone = place(ADA, SELL, BOLT, 50, 2000);
    fill(&wish, &gone, 50, 2050);
    bust(&bid, &more, 30, 5000);
    show();
    char what[] = "hf_verify";
    check(what, hf_verify(engine, NULL, verified, what), "");
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return argc == 1 && (remove("trading.db") || remove("trading.db.lock") || rmdir(folder));
}
