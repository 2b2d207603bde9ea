/*
 * game_items.c - 100,000 players want one of 100 crowns; a bundle; a purchase that is refunded.
 *
 *   account           kind  name   place   limits
 *   gems of a player  ITEM  gem    player  not below 0; only a fact goes there
 *   the shop's stock  ITEM  crown
 *   a player's bag    ITEM  crown  player  at most 1; of swords and potions 20 each
 *
 *   step                 operation                      what moves
 *   gems are bought      receive                        world --> gems of the player
 *   an offer is bought   puts (of bags), linked order   legs: stock --> bag, gems --> world
 *   the bank takes back  adjust, a fact                 gems --> world, below 0 if they are spent
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

enum { PARTS = 2, PLAYERS = 100000, CROWNS = 100, PRESSES = 1000, GEMS = 500 };
typedef struct offer {
    const char *name;
    int64_t gems;
    int64_t most; /* of a thing in one bag */
    uint32_t parts;
    const char *things[PARTS];
    int64_t pieces[PARTS];
} offer;
static const int64_t purchase_ms = 1767225600000; /* 2026-01-01 */
static const offer crown = {"crown", 250, 1, 1, {"crown"}, {1}};
static const offer bundle = {"starter", 300, 20, 2, {"sword", "potion"}, {1, 5}};
static hf_engine *engine;
static hf_completion done; /* the last one */
static int in_flight, sold, had_one, too_late;

static void check(const char *what, int code, const char *detail)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(code), detail);
    exit(EXIT_FAILURE);
}

static void take(void)
{
    while (hf_completions(engine, &done, 1) == 0)
        uv_run(uv_default_loop(), UV_RUN_ONCE);
    in_flight--;
    sold += done.type == HF_OP_ORDER_PLACE && done.status == 0;
    had_one += done.status == HF_E_MAX_BALANCE;
    too_late += done.status == HF_E_STOCK_SHORT;
}

/* Submits one operation or one chain; while the queue is full, what is in flight comes first. */
static void submit(const hf_op *ops, uint32_t count)
{
    int accepted;
    while ((accepted = hf_submit(engine, ops, count, NULL)) == HF_E_OVERLOADED)
        take();
    check("hf_submit", accepted, hf_engine_detail(engine));
    in_flight += accepted;
}

static void submit_one(uint32_t type, const void *args)
{
    const hf_op op = {.type = type, .args = args};
    submit(&op, 1);
}

static hf_account_key key_of(const char *sku, const char *place)
{
    const hf_account_key key = {HF_KIND_ITEM, 0, sku, place, "pcs"};
    return key;
}

static void open_item(const char *sku, const char *place, int64_t pieces)
{
    hf_account_put_args put;
    hf_item_put_init(&put, sku);
    put.key.place = place;
    put.opening = pieces;
    submit_one(HF_OP_ITEM_PUT, &put);
}

/* Buys an offer: one order fills the bags and takes the gems, or nothing happens at all. */
static void buy(const offer *what, const char *player)
{
    hf_account_put_args bags[PARTS];
    hf_leg_args legs[PARTS + 1];
    hf_op chain[PARTS + 1];
    for (uint32_t i = 0; i < what->parts; i++) {
        hf_item_put_init(&bags[i], what->things[i]);
        bags[i].key.place = player;
        bags[i].max_balance = what->most;
        const hf_op put = {.type = HF_OP_ITEM_PUT, .flags = HF_OP_LINKED, .args = &bags[i]};
        chain[i] = put;
        const hf_leg_args leg = {key_of(what->things[i], ""), bags[i].key, what->pieces[i]};
        legs[i] = leg;
    }
    const hf_leg_args spent = {.from = key_of("gem", player), .per_unit = what->gems};
    legs[what->parts] = spent;
    hf_line_args line;
    hf_line_init(&line, what->name, 1, 0);
    line.legs = legs;
    line.leg_count = what->parts + 1;
    hf_order_place_args order;
    hf_order_place_init(&order, "pcs"); /* nothing is to pay in money */
    order.customer = player;
    order.lines = &line;
    order.line_count = 1;
    const hf_op place = {.type = HF_OP_ORDER_PLACE, .args = &order};
    chain[what->parts] = place;
    submit(chain, what->parts + 1);
}

/* All press at once, and one of them PRESSES times before the others. */
static void sell_crowns(long players)
{
    open_item("crown", "", CROWNS);
    for (long i = -PRESSES; i < players; i++) {
        char name[32];
        snprintf(name, sizeof(name), "player-%06ld", i < 0 ? 0 : i);
        open_item("gem", name, GEMS);
        buy(&crown, name);
    }
    while (in_flight > 0)
        take();
    printf("%d crowns, %ld players, of whom one presses %d times before the others\n"
           "  sold               %7d\n  refused: has one   %7d\n  refused: sold out  %7d\n\n",
           CROWNS, players, PRESSES, sold, had_one, too_late);
}

/* Waits for what mia did, and prints how she stands after it. */
static void mia(const char *what)
{
    while (in_flight > 0)
        take();
    printf("mia %-30s %-15s", what, hf_error_name(done.status));
    hf_account_get_args get;
    hf_item_get_init(&get, "gem");
    get.key.place = "mia";
    submit_one(HF_OP_ITEM_GET, &get);
    take();
    const hf_account *gems = done.result;
    printf("%6" PRId64 " gems%s\n", gems->balance, gems->attention != 0 ? ", attention" : "");
}

/* The payment's id makes sure that a message that comes twice acts once. */
static void receive_gems(const char *payment)
{
    hf_move_args args;
    hf_item_receive_init(&args, "gem", GEMS);
    check("hf_id_from_key", hf_id_from_key(purchase_ms, payment, &args.head.id), payment);
    args.to.place = "mia";
    submit_one(HF_OP_ITEM_RECEIVE, &args);
}

static void verified(void *what, int status, const hf_verify_result *result)
{
    check(what, status, "");
    printf("verify: %" PRIu64 " findings\n", result->findings_total);
    check(what, result->findings_total == 0 ? 0 : HF_E_CORRUPT, "");
    check("hf_engine_close", hf_engine_close(engine, NULL, NULL), "");
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
    open_item("sword", "", CROWNS);
    open_item("potion", "", CROWNS);
    open_item("gem", "mia", 0);
    receive_gems("payment 1");
    mia("buys 500 gems");
    receive_gems("payment 1");
    mia("- the same message again");
    buy(&bundle, "mia");
    mia("buys the bundle for 300");
    hf_account_adjust_args refund;
    hf_item_adjust_init(&refund, "gem");
    refund.key.place = "mia";
    refund.quantity = -GEMS;
    submit_one(HF_OP_ITEM_ADJUST, &refund);
    mia("- her bank takes 500 back");
    buy(&bundle, "mia");
    mia("wants another bundle");
    receive_gems("payment 2");
    mia("buys 500 gems again");
    char what[] = "hf_verify";
    check(what, hf_verify(engine, NULL, verified, what), "");
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return argc == 1 && (remove("game.db") || remove("game.db.lock") || rmdir(folder));
}
