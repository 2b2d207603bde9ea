/*
 * survive.c - places orders until it is killed in the middle, then shows that nothing was lost.
 *
 *   child:  opens the store, keeps 64 orders in flight, prints the id of each order for its parent
 *           that was acknowledged
 *   parent: kills the child (SIGKILL) when it has heard of enough, opens the same store, looks
 *           every acknowledged order up, and lets the store verify itself
 *
 * usage: survive [STORE-URL [ORDERS]]      exit code 0 when no acknowledged order is missing
 */
#include <holdfast.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

enum { IN_FLIGHT = 64, ORDERS = 20000, PRICE_TEA = 450, PRICE_CUP = 1200 };

#define STOCK INT64_C(1000000000)

static struct shop {
    uv_loop_t *loop;
    hf_engine *engine;
    hf_req requests[IN_FLIGHT];
    int report;  /* the child's pipe to its parent */
    hf_id *acks; /* the parent's ledger */
    size_t ack_count;
    size_t next;
    size_t found;
    size_t missing;
} shop;

static void stop_on(const char *what, int error, const char *detail)
{
    if (error == 0)
        return;
    (void)fprintf(stderr, "%s: %s: %s (%s)\n", what, hf_error_name(error), hf_error_text(error),
                  detail);
    exit(EXIT_FAILURE);
}

static void open_shop(const char *url)
{
    char detail[480] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.error = detail;
    options.error_bytes = sizeof(detail);
    shop.loop = uv_default_loop();
    stop_on("open", hf_engine_open(shop.loop, &options, &shop.engine), detail);
}

/* The child */

static void must_succeed(hf_req *request, const hf_completion *done)
{
    (void)request;
    stop_on(hf_op_name(done->type), done->status, done->detail);
}

static void fill_shop(void)
{
    static hf_req setup[3];
    static const char *const skus[] = {"tea", "cup"};
    for (int i = 0; i < 2; i++) {
        hf_account_put_args item;
        hf_item_put_init(&item, skus[i]);
        item.opening = STOCK;
        stop_on("item", hf_item_put(shop.engine, &setup[i], &item, must_succeed),
                hf_engine_detail(shop.engine));
    }
    hf_account_put_args wallet;
    hf_account_put_init(&wallet, HF_KIND_MONEY, "ada", "EUR");
    wallet.unit_scale = 2;
    wallet.opening = STOCK * PRICE_CUP;
    stop_on("wallet", hf_account_put(shop.engine, &setup[2], &wallet, must_succeed),
            hf_engine_detail(shop.engine));
}

static void place_next(hf_req *request);

static void placed(hf_req *request, const hf_completion *done)
{
    stop_on("order", done->status, done->detail);
    if (write(shop.report, &done->id, sizeof(done->id)) != (ssize_t)sizeof(done->id))
        exit(EXIT_FAILURE);
    place_next(request);
}

static void place_next(hf_req *request)
{
    hf_line_args lines[2];
    hf_line_init(&lines[0], "tea", 2, PRICE_TEA);
    hf_line_init(&lines[1], "cup", 1, PRICE_CUP);
    hf_payment_args payment;
    hf_payment_init(&payment, "ada", "EUR", 2 * PRICE_TEA + PRICE_CUP);
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    order.customer = "ada";
    order.lines = lines;
    order.line_count = 2;
    order.payments = &payment;
    order.payment_count = 1;
    order.total = payment.amount;
    stop_on("order", hf_order_place(shop.engine, request, &order, placed),
            hf_engine_detail(shop.engine));
}

/* Sells until it is killed. Operations run in the order of submission: the shop is filled first. */
static void sell(const char *url, int report)
{
    shop.report = report;
    open_shop(url);
    fill_shop();
    for (int i = 0; i < IN_FLIGHT; i++)
        place_next(&shop.requests[i]);
    (void)uv_run(shop.loop, UV_RUN_DEFAULT);
    exit(EXIT_FAILURE);
}

/* The parent */

static void verified(void *data, int status, const hf_verify_result *result)
{
    (void)data;
    stop_on("verify", status, "");
    printf("store: %" PRIu64 " orders, %" PRIu64 " events, %" PRIu64 " rows; verify: %" PRIu64
           " findings\n",
           result->orders, result->events, result->rows, result->findings_total);
    for (uint32_t i = 0; i < result->finding_count; i++)
        printf("  %s\n", result->findings[i].text);
    shop.missing += result->findings_total;
    (void)hf_engine_close(shop.engine, NULL, NULL);
}

static void look_up_next(hf_req *request);

static void looked_up(hf_req *request, const hf_completion *done)
{
    if (done->status == 0)
        shop.found++;
    else
        shop.missing++;
    if (shop.found + shop.missing == shop.ack_count)
        stop_on("verify", hf_verify(shop.engine, NULL, verified, NULL), "");
    look_up_next(request);
}

static void look_up_next(hf_req *request)
{
    if (shop.next == shop.ack_count)
        return;
    hf_order_get_args get;
    hf_order_get_init(&get, &shop.acks[shop.next++]);
    stop_on("get", hf_order_get(shop.engine, request, &get, looked_up),
            hf_engine_detail(shop.engine));
}

static void show_stock(hf_req *request, const hf_completion *done)
{
    (void)request;
    stop_on("item", done->status, done->detail);
    const hf_account *tea = done->result;
    printf("tea:  %" PRId64 " on hand, %" PRId64 " held, %" PRId64 " sold\n", tea->balance,
           tea->held_out, STOCK - tea->balance);
}

/* Keeps every acknowledgement, kills the child after `orders` of them, and reads what it still
 * said before it died. */
static void listen_and_kill(pid_t child, int pipe_end, size_t orders)
{
    size_t capacity = orders + 1000000;
    shop.acks = calloc(capacity, sizeof(hf_id));
    while (shop.acks != NULL && shop.ack_count < capacity &&
           read(pipe_end, &shop.acks[shop.ack_count], sizeof(hf_id)) == (ssize_t)sizeof(hf_id))
        if (++shop.ack_count == orders)
            (void)kill(child, SIGKILL);
    int status = 0;
    (void)waitpid(child, &status, 0);
    if (!WIFSIGNALED(status))
        exit(EXIT_FAILURE); /* it has said why */
}

int main(int argc, char **argv)
{
    const char *url = argc > 1 ? argv[1] : "sqlite:survive.db";
    size_t orders = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : ORDERS;
    int ends[2];
    if (pipe(ends) != 0)
        return EXIT_FAILURE;
    printf("selling on %s, %d orders in flight ...\n", url, IN_FLIGHT);
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        sell(url, ends[1]);
    (void)close(ends[1]);
    listen_and_kill(child, ends[0], orders);
    printf("killed in the middle: %zu orders were acknowledged\n", shop.ack_count);

    open_shop(url);
    hf_account_get_args tea;
    hf_item_get_init(&tea, "tea");
    stop_on("get", hf_item_get(shop.engine, &shop.requests[0], &tea, show_stock), "");
    for (int i = 1; i < IN_FLIGHT; i++)
        look_up_next(&shop.requests[i]);
    (void)uv_run(shop.loop, UV_RUN_DEFAULT);
    printf("acknowledged orders found: %zu, lost: %zu\n", shop.found, shop.ack_count - shop.found);
    free(shop.acks);
    return shop.found == shop.ack_count && shop.missing == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
