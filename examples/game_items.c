/*
 * game_items.c - 100,000 players want one of 100 crowns; a bundle; a purchase that is refunded.
 *
 *   account           kind   name           place   unit, limits
 *   wallet            MONEY  player                 gem, not below 0: only a fact goes there
 *   the shop's stock  ITEM   crown, sword           pcs
 *   a player's bag    ITEM   crown, sword   player  pcs, at most 1 crown; 20 of other things
 *
 *   step                 operation                      from --> to
 *   gems are bought      deposit                        world --> wallet
 *   an offer is bought   puts (of bags), linked order   stock --> bag; payment: wallet --> the game
 *   the bank takes back  adjust, a fact                 wallet --> world, also what is spent
 * already
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

enum { PLAYERS = 100000, CROWNS = 100, PRESSES = 1000, GEMS = 500, STOCK = 100 };
enum { THINGS_MAX = 2 };
typedef struct offer {
    const char *name;
    int64_t gems;
    int64_t most; /* of a thing in one bag */
    uint32_t thing_count;
    const char *things[THINGS_MAX];
    int64_t pieces[THINGS_MAX];
} offer;
static const int64_t purchase_ms = 1767225600000; /* 2026-01-01 */
static const offer crown = {"crown", 250, 1, 1, {"crown"}, {1}};
static const offer bundle = {"starter", 300, 20, 2, {"sword", "potion"}, {1, 5}};
static hf_engine *engine;
static hf_completion done; /* the last one */
static int sold, had_one, too_late;

static void check(const char *what, int code, const char *detail)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(code), detail);
    exit(EXIT_FAILURE);
}

/* Runs one operation that nothing can refuse here. */
static void perform(uint32_t type, const void *args)
{
    hf_run(engine, type, args, &done);
    check(hf_op_name(type), done.status, done.detail);
}

/* Waits for the answers of all that was submitted, and counts them. */
static void take_all(void)
{
    while (hf_wait(engine, &done, 1) == 1) {
        sold += done.type == HF_OP_ORDER_PLACE && done.status == 0;
        had_one += done.status == HF_E_MAX_BALANCE;
        too_late += done.status == HF_E_STOCK_SHORT;
    }
}

static void open_account(uint32_t kind, const char *name, const char *unit, int64_t opening)
{
    hf_account_put_args put;
    hf_account_put_init(&put, kind, name, unit);
    put.unit_scale = 0; /* nobody has half a gem */
    put.opening = opening;
    perform(HF_OP_ACCOUNT_PUT, &put);
}

/* Submits one operation or one chain; while the queue is full, what is in flight comes first. */
static void submit(const hf_op *ops, uint32_t count)
{
    int accepted;
    while ((accepted = hf_submit(engine, ops, count, NULL)) == HF_E_OVERLOADED)
        take_all();
    check("hf_submit", accepted, hf_engine_detail(engine));
}

/* Buys an offer: one order fills the bags and takes the gems, or nothing happens at all. */
static void buy(const offer *what, const char *player)
{
    hf_account_put_args bags[THINGS_MAX];
    hf_leg_args legs[THINGS_MAX];
    hf_op chain[THINGS_MAX + 1];
    for (uint32_t i = 0; i < what->thing_count; i++) {
        hf_item_put_init(&bags[i], what->things[i]);
        bags[i].key.place = player;
        bags[i].max_balance = what->most;
        legs[i].from = hf_key_of(HF_KIND_ITEM, what->things[i], "", "pcs");
        legs[i].to = bags[i].key;
        legs[i].per_unit = what->pieces[i];
        const hf_op put = {.type = HF_OP_ITEM_PUT, .flags = HF_OP_LINKED, .args = &bags[i]};
        chain[i] = put;
    }
    hf_line_args line;
    hf_line_init(&line, what->name, 1, what->gems);
    line.legs = legs;
    line.leg_count = what->thing_count;
    hf_payment_args payment;
    hf_payment_init(&payment, player, "gem", what->gems);
    hf_order_place_args order;
    hf_order_place_init(&order, "gem");
    order.customer = player;
    order.total = what->gems;
    order.lines = &line;
    order.line_count = 1;
    order.payments = &payment;
    order.payment_count = 1;
    const hf_op place = {.type = HF_OP_ORDER_PLACE, .args = &order};
    chain[what->thing_count] = place; /* all before it are linked to what follows */
    submit(chain, what->thing_count + 1);
}

/* All press at once, and one of them PRESSES times before the others. */
static void sell_crowns(long players)
{
    open_account(HF_KIND_ITEM, "crown", "pcs", CROWNS);
    open_account(HF_KIND_MONEY, "mia", "gem", 0);
    for (long i = -PRESSES; i < players; i++) {
        char name[HF_NAME_MAX + 1];
        snprintf(name, sizeof(name), "player-%06ld", i < 0 ? 0 : i);
        hf_account_put_args wallet;
        hf_account_put_init(&wallet, HF_KIND_MONEY, name, "gem");
        wallet.opening = GEMS;
        const hf_op put = {.type = HF_OP_ACCOUNT_PUT, .args = &wallet};
        submit(&put, 1);
        buy(&crown, name);
    }
    take_all();
    printf("%d crowns, %ld players, of whom one presses %d times before the others\n"
           "  sold               %7d\n  refused: has one   %7d\n  refused: sold out  %7d\n\n",
           CROWNS, players, PRESSES, sold, had_one, too_late);
}

/* Prints what mia did, how it ended, and how she stands after it. */
static void mia(const char *what)
{
    take_all();
    printf("mia %-30s %-15s", what, hf_error_name(done.status));
    hf_account_get_args get;
    hf_account_get_init(&get, HF_KIND_MONEY, "mia", "gem");
    perform(HF_OP_ACCOUNT_GET, &get);
    const hf_account *wallet = done.result;
    printf("%6" PRId64 " gems%s\n", wallet->balance, wallet->attention != 0 ? ", attention" : "");
}

/* The payment's id makes sure that a message that comes twice acts once. */
static void buy_gems(const char *payment)
{
    hf_move_args args;
    hf_move_init(&args); /* from the world */
    check("hf_id_from_key", hf_id_from_key(purchase_ms, payment, &args.head.id), payment);
    args.to = hf_key_of(HF_KIND_MONEY, "mia", "", "gem");
    args.amount = GEMS;
    perform(HF_OP_ACCOUNT_DEPOSIT, &args);
}

/* That the bank took the money back is a fact, whatever mia has left. */
static void take_gems_back(void)
{
    hf_account_adjust_args refund;
    hf_account_adjust_init(&refund, HF_KIND_MONEY, "mia", "gem");
    refund.quantity = -GEMS;
    perform(HF_OP_ACCOUNT_ADJUST, &refund);
}

int main(int argc, char **argv) /* [STORE-URL [PLAYERS]]; without: a temporary SQLite store */
{
    char folder[] = "/tmp/game-XXXXXX";
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:game.db";
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    sell_crowns(argc > 2 ? strtol(argv[2], NULL, 10) : PLAYERS);
    open_account(HF_KIND_ITEM, "sword", "pcs", STOCK);
    open_account(HF_KIND_ITEM, "potion", "pcs", STOCK);
    buy_gems("payment 1");
    mia("buys 500 gems");
    buy_gems("payment 1");
    mia("- the same message again");
    buy(&bundle, "mia");
    mia("buys the bundle for 300");
    take_gems_back();
    mia("- her bank takes 500 back");
    buy(&bundle, "mia");
    mia("wants another bundle");
    buy_gems("payment 2");
    mia("buys 500 gems again");
    hf_verify_result books = {.size = sizeof(books)};
    check("hf_run_verify", hf_run_verify(engine, &books), hf_engine_detail(engine));
    printf("verify: %" PRIu64 " findings\n", books.findings_total);
    check("hf_run_close", hf_run_close(engine), "");
    int left = argc == 1 && (remove("game.db") || rmdir(folder));
    return books.findings_total != 0 || left;
}
