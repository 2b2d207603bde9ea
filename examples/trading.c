/*
 * trading.c - limit orders are holds, fills are linked chains, and nothing is ever made or lost.
 *
 *   account                                  kind   name      unit
 *   cash of a trader; the exchange's fees    MONEY  ada, ...  EUR (cents)
 *   position of a trader; the exchange's: 0  ITEM   ada, ...  ACME, BOLT: the instrument
 *
 *   step    operation    amount                     from --> to
 *   buy     hold         quantity * (limit + FEE)   buyer's cash --> exchange
 *   sell    hold         quantity                   seller's position --> exchange
 *   fill    two posts    q * (price + FEE), and q * (limit - price) is released; q
 *           transfers    q, q * (price - FEE)       exchange --> position, cash
 *   cancel  release      what remains of the hold
 *   bust    both transfers back, then both holds reversed
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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
static hf_completion done; /* the last one */
static hf_account accounts[HOLDERS][UNITS];

static void check(const char *what, int code, const char *detail)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(code), detail);
    exit(EXIT_FAILURE);
}

static hf_account_key account(int holder, int unit)
{
    return hf_key_of(unit == EUR ? HF_KIND_MONEY : HF_KIND_ITEM, holders[holder], "", units[unit]);
}

/* Reads the accounts, opened the first time, and checks that each sum is what it always was. */
static void audit(void)
{
    int64_t sums[UNITS] = {0};
    for (int unit = 0; unit < UNITS; unit++) {
        for (int holder = 0; holder < HOLDERS; holder++) {
            const hf_account_key key = account(holder, unit);
            hf_account_put_args put;
            hf_account_put_init(&put, key.kind, key.name, key.unit);
            put.mode = HF_PUT_OPEN_IF_ABSENT;
            put.unit_scale = unit == EUR ? 2 : 0; /* cents; whole shares */
            put.opening = opening[holder][unit];
            hf_completion found;
            hf_run(engine, HF_OP_ACCOUNT_PUT, &put, &found);
            check("account_put", found.status, found.detail);
            const hf_account *row = found.result;
            accounts[holder][unit] = *row;
            sums[unit] += row->balance;
        }
        check("a sum", sums[unit] == total[unit] ? 0 : HF_E_EXPECT, "has changed");
    }
    printf("  sums: %" PRId64 " EUR, %" PRId64 " ACME, %" PRId64 " BOLT\n", sums[EUR], sums[ACME],
           sums[BOLT]);
}

static void show(void)
{
    printf("\n%-10s%8s%8s%8s%8s%8s%8s\n", "", "EUR", "held", "ACME", "held", "BOLT", "held");
    for (int holder = 0; holder < HOLDERS; holder++) {
        printf("%-10s", holders[holder]);
        for (int unit = 0; unit < UNITS; unit++)
            printf("%8" PRId64 "%8" PRId64, accounts[holder][unit].balance,
                   accounts[holder][unit].held_out);
        printf("\n");
    }
    printf("\n");
}

/* Runs one operation, or one chain, to its end; prints what was refused. Nothing changes a sum. */
static void perform(const hf_op *ops, uint32_t count)
{
    check("hf_submit", hf_submit(engine, ops, count, NULL), hf_engine_detail(engine));
    while (hf_wait(engine, &done, 1) == 1)
        if (done.status != 0 && done.status != HF_E_CHAIN) /* CHAIN: another one is the culprit */
            printf("  refused: %s: %s\n", hf_error_name(done.status), done.detail);
    audit();
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
    pay.post = quantity * (price + FEE);
    pay.release = quantity * (bid->limit - price); /* the price was better than the limit */
    hf_hold_post_init(&deliver, &ask->hold);
    deliver.post = quantity;
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
    hf_hold_amount_args repay, return_all;
    hf_hold_amount_init(&repay, &bid->hold);
    repay.amount = quantity * (price + FEE);
    hf_hold_amount_init(&return_all, &ask->hold); /* all it took */
    const hf_op chain[] = {{.type = HF_OP_ACCOUNT_TRANSFER, .flags = HF_OP_LINKED, .args = &shares},
                           {.type = HF_OP_ACCOUNT_TRANSFER, .flags = HF_OP_LINKED, .args = &cash},
                           {.type = HF_OP_HOLD_REVERSE, .flags = HF_OP_LINKED, .args = &repay},
                           {.type = HF_OP_HOLD_REVERSE, .args = &return_all}};
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

int main(int argc, char **argv) /* an argument names the store; else a temporary one is used */
{
    char folder[] = "/tmp/trading-XXXXXX";
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:trading.db";
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    audit();
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
    hf_verify_result books = {.size = sizeof(books)};
    check("hf_run_verify", hf_run_verify(engine, &books), hf_engine_detail(engine));
    printf("verify: %" PRIu64 " findings\n", books.findings_total);
    check("hf_run_close", hf_run_close(engine), "");
    int left = argc == 1 && (remove("trading.db") || rmdir(folder));
    return books.findings_total != 0 || left;
}
