/*
 * payments.c - orders paid by card: a provider that works, refuses, and fails after charging.
 *
 *     account        kind   leg or payment
 *     tea            ITEM   each line: one unit to the customer
 *     gift-7         MONEY  pays a part of the last order
 *     card           -      the provider: authorized, then captured when the order is confirmed
 *
 * usage: payments STORE-URL PROVIDER-URL     (run.sh starts the fake provider and both)
 */
#include "card.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRICE = 450 };

typedef struct shop {
    uv_loop_t *loop;
    hf_engine *engine;
    const char *provider_url;
    uint64_t news; /* pages of events that came: what an order waits for is among them */
} shop;

static void check(const char *what, int code, const char *detail)
{
    if (code == 0)
        return;
    fprintf(stderr, "%s: %s: %s (%s)\n", what, hf_error_name(code), hf_error_text(code), detail);
    exit(EXIT_FAILURE);
}

/* Runs one operation to its end; its result lives until the next one. */
static const void *run(shop *s, uint32_t type, const void *args)
{
    hf_completion done;
    (void)hf_run(s->engine, type, args, &done);
    check(hf_op_name(type), done.status, done.detail);
    return done.result;
}

static size_t ignore(char *data, size_t size, size_t count, void *nobody)
{
    (void)data;
    (void)nobody;
    return size * count;
}

/* Sets how the provider treats the next request to `path`. */
static void behave(const shop *s, const char *mode, const char *path)
{
    char url[300];
    char body[128];
    (void)snprintf(url, sizeof url, "%s/behave", s->provider_url);
    (void)snprintf(body, sizeof body, "{\"mode\":\"%s\",\"path\":\"%s\"}", mode, path);
    CURL *easy = curl_easy_init();
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    CURLcode result = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    if (result == CURLE_OK)
        return;
    fprintf(stderr, "%s: %s\n", url, curl_easy_strerror(result));
    exit(EXIT_FAILURE);
}

static bool settled(const hf_order_view *view)
{
    bool open = view->order->state == HF_ORDER_PENDING;
    for (uint32_t i = 0; i < view->payment_count; i++) {
        const hf_payment *p = view->payments[i];
        open = open || p->pending_authorize + p->pending_capture + p->pending_void > 0 ||
               p->pending_refund > 0;
    }
    return !open;
}

static void on_events(void *data, int status, const hf_event_page *page)
{
    shop *s = data;
    (void)page;
    s->news += status == 0 ? 1 : 0;
}

/* Reads the order after each event until the provider has answered everything it was asked. */
static const hf_order_view *await(shop *s, const hf_id *order)
{
    hf_order_get_args get;
    hf_order_get_init(&get, order);
    for (;;) {
        uint64_t seen = s->news;
        const hf_order_view *view = run(s, HF_OP_ORDER_GET, &get);
        if (settled(view))
            return view;
        while (s->news == seen)
            (void)uv_run(s->loop, UV_RUN_ONCE);
    }
}

static void show(const char *what, const hf_order_view *view)
{
    printf("%-34s %-10s %8" PRId64 " %8" PRId64 " %8" PRId64 "\n", what,
           hf_order_state_name(view->order->state), view->order->total, view->captured,
           view->refunded);
}

/* One order: `gift` cents from the gift card, the rest by card. */
static hf_id order(shop *s, const char *what, int64_t quantity, int64_t gift)
{
    int64_t total = quantity * PRICE;
    hf_line_args line;
    hf_line_init(&line, "tea", quantity, PRICE);
    hf_payment_args payments[2];
    hf_payment_provider_init(&payments[0], "card", total - gift);
    hf_payment_init(&payments[1], "gift-7", "EUR", gift);
    hf_order_place_args args;
    hf_order_place_init(&args, "EUR");
    check("hf_id_make", hf_id_make(s->engine, &args.head.id), "");
    args.customer = "ada";
    args.total = total;
    args.lines = &line;
    args.line_count = 1;
    args.payments = payments;
    args.payment_count = gift > 0 ? 2 : 1;
    hf_id id = args.head.id;
    (void)run(s, HF_OP_ORDER_PLACE, &args);
    show(what, await(s, &id));
    return id;
}

static void stock(shop *s)
{
    hf_account_put_args tea;
    hf_item_put_init(&tea, "tea");
    tea.opening = 100;
    (void)run(s, HF_OP_ITEM_PUT, &tea);
    hf_account_put_args gift;
    hf_account_put_init(&gift, HF_KIND_MONEY, "gift-7", "EUR");
    gift.unit_scale = 2;
    gift.opening = 500;
    (void)run(s, HF_OP_ACCOUNT_PUT, &gift);
}

static void story(shop *s)
{
    printf("%-34s %-10s %8s %8s %8s\n", "", "state", "total", "captured", "refunded");
    hf_id first = order(s, "the provider works", 2, 0);
    behave(s, "refuse", "authorize");
    (void)order(s, "it refuses", 2, 0);
    behave(s, "timeout", "authorize");
    (void)order(s, "it charges, and never answers", 2, 0);
    behave(s, "garbage", "capture");
    (void)order(s, "it answers garbage", 2, 0);
    (void)order(s, "gift card and card", 2, 500);
    hf_order_units_args back;
    hf_order_units_init(&back, &first);
    (void)run(s, HF_OP_ORDER_RETURN, &back);
    show("the first one is returned", await(s, &first));
    hf_account_get_args get;
    hf_item_get_init(&get, "tea");
    const hf_account *tea = run(s, HF_OP_ITEM_GET, &get);
    printf("tea: %" PRId64 " on hand, %" PRId64 " held\n", tea->balance, tea->held_out);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: payments STORE-URL PROVIDER-URL\n");
        return EXIT_FAILURE;
    }
    char detail[480] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = argv[1];
    options.error = detail;
    options.error_bytes = sizeof detail;
    shop s = {.loop = uv_default_loop(), .provider_url = argv[2]};
    check("open", hf_engine_open(s.loop, &options, &s.engine), detail);
    card *provider = card_open(s.loop, s.engine, "card", argv[2]);
    check("card", provider == NULL ? HF_E_ARGUMENT : 0, hf_engine_detail(s.engine));
    hf_subscription *events; /* ends with the engine */
    check("events", hf_events_subscribe(s.engine, 0, on_events, &s, &events), "");
    stock(&s);
    story(&s);
    hf_verify_result books = {.size = sizeof books};
    check("hf_run_verify", hf_run_verify(s.engine, &books), hf_engine_detail(s.engine));
    printf("verify: %" PRIu64 " findings\n", books.findings_total);
    check("hf_run_close", hf_run_close(s.engine), "");
    card_close(provider);
    return uv_run(s.loop, UV_RUN_DEFAULT);
}
