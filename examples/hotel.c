/*
 * hotel.c - the reservation book of a year: a stay is one order, with a leg for each night.
 *
 *   account       kind   name          place       limits
 *   room-nights   ITEM   City Hotel/A  2016-07-15  OVERBOOKING more than there are may be promised
 *   guests' bank  MONEY  guests
 *
 *   step          operation          what happens
 *   booking       order place        a room-night of each night is held, or nothing
 *   wait-list     ... with QUEUE     held as soon as others give back what is missing
 *   arrival       order fulfil       room-nights --> world; none is left: the guest is walked
 *   cancellation  order cancel       No Deposit: nothing was paid. Refundable: all goes back.
 *   no-show       order cancel       Refundable: kept. Non Refund: kept in either case.
 *
 * usage: hotel [STORE-URL [BOOKINGS | FILE.csv]]     without: a temporary SQLite store, made up
 * A file has the columns of the "Hotel booking demand" data; every row is a booking of its own.
 */
#define _XOPEN_SOURCE 700 /* strptime */
#include <holdfast.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

enum { BOOKINGS = 120000, BOOKINGS_MAX = 1000000, KINDS_MAX = 64, NAME = 64, DATE = 16 };
enum { DAY_S = 86400, DAY_MS = 1000 * DAY_S, YEAR = 365, DAYS_MAX = 10 * YEAR, MONTHS = 12 };
enum { ROOMS = 150, OVERBOOKING = 10, PERCENT = 100, CENTS = 100, FIELDS = 64, NOWHERE = -1 };
enum { CANCELED, CHECK_OUT, NO_SHOW, OUTCOMES };
enum { NO_DEPOSIT, REFUNDABLE, NON_REFUND, DEPOSITS };
enum { CANCELS, STAYS, NO_SHOWS, WALKED, MADE, REFUSED, WAITED, NIGHTS, SLEPT }; /* counts */
enum { REVENUE = SLEPT + 1, REFUNDS, COUNTS };

static const char *const outcomes[] = {"Canceled", "Check-Out", "No-Show"};
static const char *const deposits[] = {"No Deposit", "Refundable", "Non Refund"};
static const uint32_t settles[] = {HF_SETTLE_FULFIL, HF_SETTLE_CONFIRM, HF_SETTLE_CONFIRM};
static const uint32_t refunds[DEPOSITS][OUTCOMES] = {
    [REFUNDABLE] = {[NO_SHOW] = HF_REFUND_NONE},
    [NON_REFUND] = {[CANCELED] = HF_REFUND_NONE, [NO_SHOW] = HF_REFUND_NONE}}; /* else: SHARE */
static const int64_t bank_opening = INT64_C(1000000000000);

static struct booking {
    long kind, outcome, deposit, waits, walked;
    long booked, arrival, nights, ended; /* days since 1970 */
    int64_t rate;                        /* cents a night */
} bookings[BOOKINGS_MAX];
typedef struct booking booking;
static char kinds[KINDS_MAX][NAME];
static int64_t rooms[KINDS_MAX]; /* of each kind */
static char dates[DAYS_MAX][DATE];
static long month_at[DAYS_MAX];
static int64_t counts[DAYS_MAX][COUNTS]; /* by month */
static uint64_t booking_count;
static long kind_count, month_count, free_rates;
static long first_day = LONG_MAX, first_night = LONG_MAX, last_night;
static hf_engine *engine;
static hf_completion done; /* the last one */
static int64_t bank_balance;
static long in_flight;
static const char *heads[FIELDS], *fields[FIELDS]; /* of the file, and of its row */
static long width;

static void check(const char *what, int code, const char *detail)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(code), detail);
    exit(EXIT_FAILURE);
}

static long kind_of(const char *hotel, const char *type)
{
    char name[NAME];
    snprintf(name, sizeof(name), "%.40s/%.20s", hotel, type);
    for (long i = 0; i < kind_count; i++)
        if (strcmp(kinds[i], name) == 0)
            return i;
    check(name, kind_count < KINDS_MAX ? 0 : HF_E_TOO_MANY, "kinds of rooms");
    memcpy(kinds[kind_count], name, NAME);
    return kind_count++;
}

static long day_of(const char *text, const char *format)
{
    struct tm date = {.tm_mday = 1};
    const char *end = strptime(text, format, &date);
    check(text, end != NULL && *end == '\0' ? 0 : HF_E_ARGUMENT, "is no date");
    return mktime(&date) / DAY_S;
}

static void add(const booking *b)
{
    check("nights", b->nights >= 0 && b->nights <= HF_LEGS_MAX ? 0 : HF_E_TOO_MANY, "of a stay");
    check("bookings", booking_count < BOOKINGS_MAX ? 0 : HF_E_TOO_MANY, "");
    bookings[booking_count++] = *b;
}

static long pick(long count)
{
    static unsigned short seed[3];
    return nrand48(seed) % count;
}

/* Bookings like those of the data: most stay a few nights, many book late, summers are full. */
static void make_up(long count)
{
    static const long nights[] = {1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 7, 7};
    static const long season[] = {4, 5, 7, 8, 9, 9, 10, 12, 9, 8, 5, 5}; /* of 12, by month */
    static const char *const hotels[] = {"City Hotel", "City Hotel", "Resort Hotel"};
    static const char *const types[] = {"A", "A", "A", "A", "D", "D", "E"};
    enum { CANCELLED = 37, GONE = 1, WAITERS = 5, PREPAID = 12 }; /* percent */
    enum { LEAD_MAX = 2 * YEAR, NIGHTS_MAX = 30, RATE_MAX = 20000 };
    enum { USUAL = 16, HOTELS = 3, TYPES = 7 };
    long start = day_of("2016-01-01", "%Y-%m-%d");
    for (long i = 0; i < count; i++) {
        booking b = {.deposit = pick(PERCENT) < PREPAID ? NON_REFUND : NO_DEPOSIT};
        if (pick(PERCENT) == 0)
            b.deposit = REFUNDABLE;
        b.kind = kind_of(hotels[pick(HOTELS)], types[pick(TYPES)]);
        long day = pick(YEAR);
        while (season[day * MONTHS / YEAR] <= pick(MONTHS))
            day = pick(YEAR);
        long lead = pick(LEAD_MAX + 1) * pick(PERCENT) / PERCENT * pick(PERCENT) / PERCENT;
        b.arrival = start + day;
        b.booked = b.arrival - lead;
        b.nights = pick(PERCENT) == 0 ? pick(NIGHTS_MAX + 1) : nights[pick(USUAL)];
        long fate = pick(PERCENT);
        b.outcome = fate < CANCELLED ? CANCELED : fate < CANCELLED + GONE ? NO_SHOW : CHECK_OUT;
        b.ended = b.booked + pick(lead + 1);
        b.waits = pick(PERCENT) < WAITERS;
        b.rate = pick(PERCENT) == 0 ? 0 : pick(RATE_MAX);
        add(&b);
    }
}

/* Cuts a line into its fields, without the quotes and blanks around them. Returns how many. */
static long split(char *line, const char **parts)
{
    static const char around[] = "\" \t\r\n";
    long count = 0;
    for (char *next = line; next != NULL && count < FIELDS; count++) {
        char *part = next + strspn(next, around);
        next = strchr(part, ',');
        if (next != NULL)
            *next++ = '\0';
        for (size_t n = strlen(part); n > 0 && strchr(around, part[n - 1]) != NULL; n--)
            part[n - 1] = '\0';
        parts[count] = part;
    }
    return count;
}

static long number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    check(text, end != text && *end == '\0' ? 0 : HF_E_ARGUMENT, "is no whole number");
    return value;
}

/* Cents of "75.5"; a rate below zero is free. */
static int64_t rate_of(const char *text)
{
    char *end;
    char decimals[] = "00";
    int64_t whole = strtol(text, &end, 10);
    check(text, end != text && (*end == '.' || *end == '\0') ? 0 : HF_E_ARGUMENT, "is no rate");
    for (size_t i = 0; *end != '\0' && end[i + 1] != '\0' && decimals[i] != '\0'; i++)
        decimals[i] = end[i + 1];
    free_rates += *text == '-';
    return *text == '-' ? 0 : whole * CENTS + number(decimals);
}

static long find(const char *text, const char *const *list, long count)
{
    for (long i = 0; i < count; i++)
        if (strcmp(text, list[i]) == 0)
            return i;
    check(text, HF_E_NOT_FOUND, "is missing or not known");
    return NOWHERE;
}

static const char *field(const char *name)
{
    return fields[find(name, heads, width)];
}

static void read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    check(path, file != NULL ? 0 : HF_E_PATH, "cannot be read");
    char *head = NULL, *line = NULL;
    size_t head_space = 0, line_space = 0;
    width = getline(&head, &head_space, file) > 0 ? split(head, heads) : 0;
    while (getline(&line, &line_space, file) > 0) {
        check(path, split(line, fields) == width ? 0 : HF_E_ARGUMENT, "a row has another length");
        char date[NAME];
        snprintf(date, sizeof(date), "%s-%s-%s", field("arrival_date_year"),
                 field("arrival_date_month"), field("arrival_date_day_of_month"));
        booking b = {.kind = kind_of(field("hotel"), field("reserved_room_type"))};
        b.arrival = day_of(date, "%Y-%B-%d");
        b.booked = b.arrival - number(field("lead_time"));
        b.nights = number(field("stays_in_weekend_nights")) + number(field("stays_in_week_nights"));
        b.waits = number(field("days_in_waiting_list")) > 0;
        b.rate = rate_of(field("adr"));
        b.deposit = find(field("deposit_type"), deposits, DEPOSITS);
        b.outcome = find(field("reservation_status"), outcomes, OUTCOMES);
        b.ended = day_of(field("reservation_status_date"), "%Y-%m-%d");
        add(&b);
    }
    free(head);
    free(line);
    fclose(file);
}

/* When bookings end, and how many rooms there are: the data do not tell. */
static void plan(void)
{
    for (booking *b = bookings; b < bookings + booking_count; b++) {
        if (b->outcome != CANCELED || b->ended < b->booked)
            b->ended = b->outcome == CANCELED ? b->booked : b->arrival;
        first_day = b->booked < first_day ? b->booked : first_day;
        first_night = b->arrival < first_night ? b->arrival : first_night;
        last_night = b->arrival + b->nights > last_night ? b->arrival + b->nights : last_night;
        rooms[b->kind] += b->outcome == CHECK_OUT ? b->nights : 0;
    }
    check("days", last_night - first_day < DAYS_MAX ? 0 : HF_E_TOO_MANY, "ten years at most");
    for (long i = 0; i < kind_count; i++)
        rooms[i] = 1 + rooms[i] * ROOMS / (PERCENT * (last_night - first_night + 1));
    for (long day = 0; day <= last_night - first_day; day++) {
        const time_t midnight = (first_day + day) * DAY_S;
        struct tm date;
        strftime(dates[day], DATE, "%Y-%m-%d", gmtime_r(&midnight, &date));
        month_count += date.tm_mday == 1;
        month_at[day] = month_count;
    }
}

/* Takes one completion and counts what it tells, in the month of the arrival. */
static void take(void)
{
    while (hf_completions(engine, &done, 1) == 0)
        uv_run(uv_default_loop(), UV_RUN_ONCE);
    in_flight--;
    booking *b = &bookings[done.user_data];
    int64_t *in = counts[month_at[b->arrival - first_day]];
    const int full = done.status == HF_E_STOCK_SHORT || done.status == HF_E_QUEUED_AHEAD;
    const int absent = done.status == HF_E_NOT_FOUND || done.status == HF_E_ORDER_STATE;
    const int order = done.type >= HF_OP_ORDER_PLACE && done.type <= HF_OP_ORDER_FULFIL;
    const hf_order_view *stay = done.result;
    if (done.type == HF_OP_ORDER_PLACE) {
        in[MADE]++;
        in[REFUSED] += full;
        in[WAITED] += done.status == 0 && stay->order->state == HF_ORDER_WAITING;
    } else if (done.type == HF_OP_ORDER_FULFIL && full) {
        b->walked = 1;
    } else if (order && done.status == 0) {
        in[b->walked ? WALKED : b->outcome]++;
        in[REVENUE] += stay->captured;
        in[REFUNDS] += stay->refunded;
        for (long i = 0; done.type == HF_OP_ORDER_FULFIL && i < b->nights; i++)
            counts[month_at[b->arrival - first_day + i]][SLEPT]++;
    }
    if (!full && !absent) /* who was refused, or waited in vain, does not come */
        check(hf_op_name(done.type), done.status, done.detail);
}

static void submit(uint32_t type, const void *args, uint64_t of_booking)
{
    const hf_op op = {.type = type, .args = args, .user_data = of_booking};
    int accepted;
    while ((accepted = hf_submit(engine, &op, 1, NULL)) == HF_E_OVERLOADED)
        take();
    check("hf_submit", accepted, hf_engine_detail(engine));
    in_flight++;
}

static void settle(void)
{
    while (in_flight > 0)
        take();
}

static hf_account_key night_of(long kind, long day)
{
    const hf_account_key key = {HF_KIND_ITEM, 0, kinds[kind], dates[day - first_day], "pcs"};
    return key;
}

static void open_accounts(void)
{
    hf_account_put_args put;
    hf_account_put_init(&put, HF_KIND_MONEY, "guests", "EUR");
    put.unit_scale = 2;
    put.opening = bank_opening;
    submit(HF_OP_ACCOUNT_PUT, &put, 0);
    for (long kind = 0; kind < kind_count; kind++)
        for (long day = first_night; day <= last_night; day++) {
            hf_item_put_init(&put, kinds[kind]);
            put.key = night_of(kind, day);
            put.opening = rooms[kind];
            put.min_available = -(rooms[kind] * OVERBOOKING / PERCENT);
            submit(HF_OP_ITEM_PUT, &put, 0);
            counts[month_at[day - first_day]][NIGHTS] += rooms[kind];
        }
}

/* The id of a booking's order comes from its row: the data have no other. */
static hf_id id_of(uint64_t row)
{
    char text[NAME];
    snprintf(text, sizeof(text), "row %" PRIu64, row + 1);
    hf_id id;
    check(text, hf_id_from_key(bookings[row].booked * DAY_MS, text, &id), "");
    return id;
}

static void book(uint64_t row)
{
    const booking *b = &bookings[row];
    hf_leg_args legs[HF_LEGS_MAX];
    hf_line_args line;
    hf_line_init(&line, kinds[b->kind], 1, b->rate * b->nights);
    line.settle_on = HF_SETTLE_FULFIL;
    line.untracked = b->nights == 0; /* a day room: nobody stays the night */
    line.legs = legs;
    for (long night = 0; night < b->nights; night++) {
        const hf_leg_args leg = {.from = night_of(b->kind, b->arrival + night), .per_unit = 1};
        legs[line.leg_count++] = leg;
    }
    hf_payment_args payment;
    hf_payment_init(&payment, "guests", "EUR", line.unit_price);
    payment.settle_on = settles[b->deposit];
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    order.head.id = id_of(row);
    order.total = line.unit_price;
    order.lines = &line;
    order.line_count = 1;
    order.payments = &payment;
    order.payment_count = line.unit_price > 0;
    if (b->waits && b->arrival > b->booked) {
        order.policy = HF_ORDER_QUEUE;
        order.deadline_ms = b->arrival * DAY_MS;
    }
    submit(HF_OP_ORDER_PLACE, &order, row);
}

static void end(uint64_t row)
{
    const booking *b = &bookings[row];
    const hf_id id = id_of(row);
    hf_order_units_args all;
    hf_order_units_init(&all, &id);
    all.refund_mode = refunds[b->deposit][b->outcome];
    int arrives = b->outcome == CHECK_OUT && !b->walked;
    submit(arrives ? HF_OP_ORDER_FULFIL : HF_OP_ORDER_CANCEL, &all, row);
}

/* Day by day. Who is walked is cancelled on the next day, with all that was paid given back. */
static void play(void)
{
    hf_account_get_args bank;
    hf_account_get_init(&bank, HF_KIND_MONEY, "guests", "EUR");
    for (long day = first_day; day <= last_night + 1; day++) {
        for (uint64_t row = 0; row < booking_count; row++) {
            const booking *b = &bookings[row];
            if (b->booked == day)
                book(row);
            if (b->ended == day || (b->ended == day - 1 && b->walked))
                end(row);
        }
        settle();
        check("hf_clock_advance", hf_clock_advance(engine, DAY_MS), "");
        submit(HF_OP_ACCOUNT_GET, &bank, 0); /* a read waits for all that became due */
        settle();
        const hf_account *guests = done.result;
        bank_balance = guests->balance;
    }
}

static void print_counts(const char *name, const int64_t *in)
{
    printf("%-8.7s", name);
    for (int i = 0; i < NIGHTS; i++)
        printf("%9" PRId64, in[i]);
    printf("%9" PRId64 "%%%10" PRId64 "%10" PRId64 "\n",
           in[NIGHTS] == 0 ? 0 : in[SLEPT] * PERCENT / in[NIGHTS], in[REVENUE] / CENTS,
           in[REFUNDS] / CENTS);
}

static void report(void)
{
    printf("%-8s%9s%9s%9s%9s%9s%9s%9s%10s%10s%10s\n", "month", "canceled", "stays", "no-shows",
           "walked", "bookings", "refused", "waited", "occupied", "revenue", "refunds");
    int64_t sum[COUNTS] = {0};
    for (long day = first_night - first_day; day <= last_night - first_day; day++) {
        const int64_t *in = counts[month_at[day]];
        if (day > first_night - first_day && month_at[day] == month_at[day - 1])
            continue;
        print_counts(dates[day], in);
        for (int i = 0; i < COUNTS; i++)
            sum[i] += in[i];
    }
    print_counts("sum", sum);
    int64_t paid = bank_opening - bank_balance;
    printf("the guests' bank paid %" PRId64 "; %ld rates were below zero\n", paid / CENTS,
           free_rates);
    check("the bank", paid == sum[REVENUE] - sum[REFUNDS] ? 0 : HF_E_EXPECT, "paid another sum");
}

static void verified(void *what, int status, const hf_verify_result *result)
{
    check(what, status, "");
    printf("verify: %" PRIu64 " findings\n", result->findings_total);
    check(what, result->findings_total == 0 ? 0 : HF_E_CORRUPT, "");
    check("hf_engine_close", hf_engine_close(engine, NULL, NULL), "");
}

int main(int argc, char **argv)
{
    setenv("TZ", "UTC0", 1);
    char *rest = "";
    long count = argc > 2 ? strtol(argv[2], &rest, 10) : BOOKINGS;
    if (*rest == '\0')
        make_up(count);
    else
        read_file(argv[2]);
    check("bookings", booking_count > 0 ? 0 : HF_E_NOT_FOUND, "none");
    plan();
    char folder[] = "/tmp/hotel-XXXXXX";
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:hotel.db";
    options.virtual_time_ms = first_day * DAY_MS;
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    open_accounts();
    play();
    report();
    char what[] = "hf_verify";
    check(what, hf_verify(engine, NULL, verified, what), "");
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return argc == 1 && (remove("hotel.db") || remove("hotel.db.lock") || rmdir(folder));
}
