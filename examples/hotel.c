/*
 * hotel.c - the reservation book of a year: a stay is one order, with a leg for each night.
 *
 *   account       kind   name          place       unit, limits
 *   room-nights   ITEM   City Hotel/A  2016-07-15  pcs, OVERBOOKING percent more may be promised
 *   guests' bank  MONEY  guests                    EUR (cents)
 *
 *   step          operation        from --> to
 *   booking       order place      a room-night of each night --> guest: held, all or none
 *   wait-list     ... with QUEUE   the same, as soon as others release what is missing
 *   arrival       order fulfil     moved; when a room is missing, the guest is walked: cancelled
 *   cancellation  order cancel     back; the deposit too, unless it is Non Refund
 *   no-show       order cancel     back; a deposit is kept
 * What guests ask for is made up, or read from a CSV file, in hotel_demand.c: no holdfast there.
 */
#include "hotel_demand.h"

#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

enum { BOOKINGS = 120000, OVERBOOKING = 20, PERCENT = 100, CENTS = 100, TEN = 10 };
enum { DAY_S = 86400, MONTHS = 12, MONTHS_MAX = 201 * MONTHS, DATE = 16, YEAR_0 = 1900 };
enum { WALKED = OUTCOMES, MADE, REFUSED, WAITED, SLEPT, NIGHTS, REVENUE, REFUNDS, COUNTS };
static const int64_t day_ms = 86400000, bank_opening = 1000000000000;
static const demand *asked;
static hf_id orders[BOOKINGS_MAX]; /* of the bookings */
static int walked[BOOKINGS_MAX];
static int64_t counts[MONTHS_MAX][COUNTS]; /* by month of arrival; nights by their own */
static hf_engine *engine;
static hf_completion done; /* the last one */

static void check(const char *what, int code, const char *detail)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(code), detail);
    exit(EXIT_FAILURE);
}

/* Writes the date of a day; returns its month, counted from 1900. */
static long date_of(long day, char text[DATE])
{
    const time_t midnight = day * DAY_S;
    struct tm date;
    strftime(text, DATE, "%Y-%m-%d", gmtime_r(&midnight, &date));
    return date.tm_year * MONTHS + date.tm_mon;
}

/* Waits for the answers of all that was submitted, and counts their outcomes. */
static void take_all(void)
{
    while (hf_wait(engine, &done, 1) == 1) {
        const booking *b = &asked->bookings[done.user_data];
        char date[DATE];
        int64_t *month = counts[date_of(b->arrival, date)];
        const hf_order_view *stay = done.result;
        const int full = done.status == HF_E_STOCK_SHORT || done.status == HF_E_QUEUED_AHEAD;
        const int absent = done.status == HF_E_NOT_FOUND || done.status == HF_E_ORDER_STATE ||
                           done.status == HF_E_EXPIRED;
        check(hf_op_name(done.type), full || absent ? 0 : done.status, done.detail);
        if (done.type == HF_OP_ORDER_PLACE) {
            month[MADE]++;
            month[REFUSED] += full;
            month[WAITED] += !full && stay->order->state == HF_ORDER_WAITING;
        } else if (done.type == HF_OP_ORDER_FULFIL && full) {
            walked[done.user_data] = 1;
        } else if (done.type != HF_OP_ITEM_PUT && !absent) { /* an order has ended */
            month[walked[done.user_data] ? WALKED : b->outcome]++;
            month[REVENUE] += stay->captured;
            month[REFUNDS] += stay->refunded;
            for (long i = 0; done.type == HF_OP_ORDER_FULFIL && i < b->nights; i++)
                counts[date_of(b->arrival + i, date)][SLEPT]++;
        } /* absent: a guest who was refused, or waited without success, does not come */
    }
}

static void submit(uint32_t type, const void *args, size_t number)
{
    const hf_op op = {.type = type, .args = args, .user_data = number};
    int accepted;
    while ((accepted = hf_submit(engine, &op, 1, NULL)) == HF_E_OVERLOADED)
        take_all();
    check("hf_submit", accepted, hf_engine_detail(engine));
}

static void open_accounts(void)
{
    hf_account_put_args put;
    hf_account_put_init(&put, HF_KIND_MONEY, "guests", "EUR");
    put.unit_scale = 2; /* amounts are cents */
    put.opening = bank_opening;
    hf_run(engine, HF_OP_ACCOUNT_PUT, &put, &done);
    check("account_put", done.status, done.detail);
    for (const room_kind *kind = asked->kinds; kind < asked->kinds + asked->kind_count; kind++)
        for (long night = asked->first_night; night <= asked->last_night; night++) {
            char date[DATE];
            counts[date_of(night, date)][NIGHTS] += kind->rooms;
            hf_item_put_init(&put, kind->name);
            put.key.place = date;
            put.opening = kind->rooms;
            put.min_available = -(kind->rooms * OVERBOOKING / PERCENT);
            submit(HF_OP_ITEM_PUT, &put, 0);
        }
}

static void book(size_t number)
{
    const booking *b = &asked->bookings[number];
    char dates[NIGHTS_MAX][DATE];
    hf_leg_args legs[NIGHTS_MAX] = {{.per_unit = 1}};
    hf_line_args line;
    hf_line_init(&line, asked->kinds[b->kind].name, 1, b->rate * b->nights);
    line.settle_on = HF_SETTLE_FULFIL;
    line.untracked = b->nights == 0; /* a day room: nobody stays the night */
    line.legs = legs;
    for (long i = 0; i < b->nights; i++) {
        date_of(b->arrival + i, dates[i]);
        legs[i].from = hf_key_of(HF_KIND_ITEM, line.sku, dates[i], "pcs");
        legs[i].per_unit = 1;
        line.leg_count++;
    }
    hf_payment_args payment;
    hf_payment_init(&payment, "guests", "EUR", line.unit_price);
    payment.settle_on = b->deposit == NO_DEPOSIT ? HF_SETTLE_FULFIL : HF_SETTLE_CONFIRM;
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    check("hf_id_make", hf_id_make(engine, &order.head.id), "");
    orders[number] = order.head.id;
    order.total = line.unit_price;
    order.lines = &line;
    order.line_count = 1;
    order.payments = &payment;
    order.payment_count = order.total > 0;
    if (b->waits && b->arrival > b->booked) {
        order.policy = HF_ORDER_QUEUE;
        order.deadline_ms = b->arrival * day_ms;
    }
    submit(HF_OP_ORDER_PLACE, &order, number);
}

/* The guest arrives, cancels, does not come, or was walked on the day before. */
static void end(size_t number)
{
    const booking *b = &asked->bookings[number];
    const int kept = b->outcome == NO_SHOW || (b->outcome == CANCELED && b->deposit == NON_REFUND);
    hf_order_units_args all;
    hf_order_units_init(&all, &orders[number]);
    all.refund_mode = kept ? HF_REFUND_NONE : HF_REFUND_SHARE;
    const int comes = b->outcome == CHECK_OUT && !walked[number];
    submit(comes ? HF_OP_ORDER_FULFIL : HF_OP_ORDER_CANCEL, &all, number);
}

static void play(void)
{
    hf_account_get_args guests;
    hf_account_get_init(&guests, HF_KIND_MONEY, "guests", "EUR");
    for (long day = asked->first_day; day <= asked->last_night + 1; day++) {
        for (size_t i = 0; i < asked->booking_count; i++) {
            const booking *b = &asked->bookings[i];
            if (b->booked == day)
                book(i);
            if (b->ended == day || (b->ended == day - 1 && walked[i]))
                end(i);
        }
        take_all();
        check("hf_clock_advance", hf_clock_advance(engine, day_ms), hf_engine_detail(engine));
        hf_run(engine, HF_OP_ACCOUNT_GET, &guests, &done); /* waits for all that became due */
    }
}

/* A row for each month; the last one is the sum of all. */
static void report(void)
{
    printf("%-8s%9s%9s%9s%9s%9s%9s%9s%10s%10s%10s\n", "month", "canceled", "stays", "no-shows",
           "walked", "bookings", "refused", "waited", "occupied", "revenue", "refunds");
    char date[DATE];
    const long end = date_of(asked->last_night, date) + 1;
    for (long month = date_of(asked->first_night, date); month <= end; month++) {
        const int64_t *in = counts[month];
        if (month < end)
            printf("%ld-%02ld ", YEAR_0 + month / MONTHS, month % MONTHS + 1);
        else
            printf("%-8s", "sum");
        for (int i = 0; i < SLEPT; i++)
            printf("%9" PRId64, in[i]);
        const int64_t occupied = in[NIGHTS] == 0 ? 0 : in[SLEPT] * PERCENT / in[NIGHTS];
        printf("%9" PRId64 "%%%10" PRId64 "%10" PRId64 "\n", occupied, in[REVENUE] / CENTS,
               in[REFUNDS] / CENTS);
        for (int i = 0; i < COUNTS && month < end; i++)
            counts[end][i] += in[i];
    }
    const hf_account *guests = done.result; /* as read on the last day */
    printf("the guests' bank paid %" PRId64 "\n", (bank_opening - guests->balance) / CENTS);
}

int main(int argc, char **argv) /* [STORE-URL [BOOKINGS | FILE.csv]]; without: a temporary store */
{
    setenv("TZ", "UTC0", 1); /* dates are UTC */
    char *rest = "", folder[] = "/tmp/hotel-XXXXXX";
    const long made_up = argc > 2 ? strtol(argv[2], &rest, TEN) : BOOKINGS;
    asked = *rest == '\0' ? demand_made_up(made_up) : demand_of_file(argv[2]);
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:hotel.db";
    options.virtual_time_ms = asked->first_day * day_ms;
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    open_accounts();
    play();
    report();
    hf_verify_result books = {.size = sizeof(books)};
    check("hf_run_verify", hf_run_verify(engine, &books), hf_engine_detail(engine));
    printf("verify: %" PRIu64 " findings\n", books.findings_total);
    check("hf_run_close", hf_run_close(engine), "");
    int left = argc == 1 && (remove("hotel.db") || rmdir(folder));
    return books.findings_total != 0 || left;
}
