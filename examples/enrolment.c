/*
 * enrolment.c - seats of sections, credit hours of students, a wait-list, drops in time and late.
 *
 *   account                         kind   name              unit, opened with
 *   seats of a course's section     ITEM   databases A, ...  seats, 2 and 30
 *   hours a student may still take  LIMIT  ada, ...          hours, 6
 *   wallet of a student             MONEY  ada, ...          EUR (cents)
 *
 *   an enrolment is an order of one line; from --> to
 *   the student's hours --> used, as many as the course has
 *   a seat of the section --> taken
 *   payment: the student's wallet --> the school, captured at once
 *
 * Paid and done, it is CLOSED; who waits for a seat is WAITING. A drop is a return: seat and hours
 * come back, the fee only until the date. The first who waits gets the seat in the same commit.
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

enum { HOURS_MAX = 6, FEE_PER_HOUR = 10000, WALLET = 100000 }; /* money in cents */
enum { ADA, BEN, CEM, DEE, STUDENTS };
enum { DATABASES, LOGIC, SECTIONS };
enum { ENROLMENTS_MAX = 16, LEGS = 2 };

static const int64_t registration_ms = 1788220800000; /* 2026-09-01 */
static const int64_t last_drop_ms = 1789516800000;    /* 2026-09-16 */
static const int64_t day_ms = 86400000;
static const char *const students[] = {"ada", "ben", "cem", "dee"};
static const struct section {
    const char *name;
    int64_t seats, hours;
} sections[] = {{"databases A", 2, 4}, {"logic A", 30, 3}};

static struct enrolment {
    int student, section;
    hf_id order;
} enrolments[ENROLMENTS_MAX];
static int enrolment_count;
static int64_t now_ms;
static hf_engine *engine;
static hf_completion done; /* of the last operation; its result lives until the next one */

static void check(const char *what, int code, const char *detail)
{
    if (code == 0)
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

static void open_account(uint32_t kind, const char *name, const char *unit, int64_t opening)
{
    hf_account_put_args put;
    hf_account_put_init(&put, kind, name, unit);
    put.unit_scale = kind == HF_KIND_MONEY ? 2 : 0; /* amounts of money are cents */
    put.opening = opening;
    perform(HF_OP_ACCOUNT_PUT, &put);
}

static void open_school(void)
{
    for (int i = 0; i < SECTIONS; i++)
        open_account(HF_KIND_ITEM, sections[i].name, "seats", sections[i].seats);
    for (int i = 0; i < STUDENTS; i++) {
        open_account(HF_KIND_LIMIT, students[i], "hours", HOURS_MAX);
        open_account(HF_KIND_MONEY, students[i], "EUR", WALLET);
    }
}

static void show_accounts(const char *title)
{
    hf_account_list_args list;
    hf_account_list_init(&list);
    perform(HF_OP_ACCOUNT_LIST, &list);
    const hf_account_page *page = done.result;
    printf("\n%s\n", title);
    for (uint32_t i = 0; i < page->count; i++)
        printf("  %-12s%8" PRId64 " %s\n", page->rows[i]->key.name.text, page->rows[i]->balance,
               page->rows[i]->key.unit.text);
}

static void show_enrolments(const char *title)
{
    printf("\nday %" PRId64 ", %s\n", (now_ms - registration_ms) / day_ms, title);
    printf("  %-8s%-12s%-10s%8s%10s\n", "student", "section", "is", "paid", "refunded");
    for (int i = 0; i < enrolment_count; i++) {
        hf_order_get_args get;
        hf_order_get_init(&get, &enrolments[i].order);
        perform(HF_OP_ORDER_GET, &get);
        const hf_order_view *view = done.result;
        int dropped = view->return_state == HF_PROGRESS_FULL;
        printf("  %-8s%-12s%-10s%8" PRId64 "%10" PRId64 "\n", students[enrolments[i].student],
               sections[enrolments[i].section].name,
               dropped ? "dropped" : hf_order_state_name(view->order->state), view->captured,
               view->refunded);
    }
}

/* When no seat is free the student goes to the end of the wait-list, but only with hours left. */
static void enrol(int student, int section)
{
    const int64_t hours = sections[section].hours;
    const hf_leg_args legs[LEGS] = {
        {.from = hf_key_of(HF_KIND_LIMIT, students[student], "", "hours"), .per_unit = hours},
        {.from = hf_key_of(HF_KIND_ITEM, sections[section].name, "", "seats"), .per_unit = 1}};
    hf_line_args line;
    hf_line_init(&line, sections[section].name, 1, hours * FEE_PER_HOUR);
    line.legs = legs;
    line.leg_count = LEGS;
    hf_payment_args fee;
    hf_payment_init(&fee, students[student], "EUR", line.unit_price);
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    order.customer = students[student];
    order.total = line.unit_price;
    order.lines = &line;
    order.line_count = 1;
    order.payments = &fee;
    order.payment_count = 1;
    int refused = hf_run(engine, HF_OP_ORDER_PLACE, &order, &done);
    if (refused == HF_E_STOCK_SHORT || refused == HF_E_QUEUED_AHEAD) {
        order.policy = HF_ORDER_QUEUE;
        refused = hf_run(engine, HF_OP_ORDER_PLACE, &order, &done);
    }
    const struct enrolment enrolled = {student, section, done.id};
    if (refused == 0)
        enrolments[enrolment_count++] = enrolled;
    else
        printf("\nrefused: %s: %s\n", hf_error_name(refused), done.detail);
}

static void drop(int number)
{
    hf_order_units_args args;
    hf_order_units_init(&args, &enrolments[number].order);
    args.refund_mode = now_ms < last_drop_ms ? HF_REFUND_SHARE : HF_REFUND_NONE;
    perform(HF_OP_ORDER_RETURN, &args);
}

static void pass_days(int64_t days)
{
    now_ms += days * day_ms;
    check("hf_clock_advance", hf_clock_advance(engine, days * day_ms), hf_engine_detail(engine));
}

int main(int argc, char **argv) /* an argument names a new store; else a temporary one is used */
{
    char folder[] = "/tmp/enrolment-XXXXXX";
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:enrolment.db";
    options.virtual_time_ms = now_ms = registration_ms;
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    open_school();
    for (int student = ADA; student <= DEE; student++)
        enrol(student, DATABASES);
    enrol(ADA, LOGIC);
    show_enrolments("two seats for four students");
    pass_days(10);
    drop(0); /* the first enrolment is ada's */
    show_enrolments("ada drops in time");
    enrol(ADA, LOGIC);
    pass_days(10);
    drop(1); /* and ben's is the second */
    show_enrolments("ben drops too late");
    show_accounts("in the end");
    hf_verify_result books = {.size = sizeof(books)};
    check("hf_run_verify", hf_run_verify(engine, &books), hf_engine_detail(engine));
    printf("\nverify: %" PRIu64 " findings\n", books.findings_total);
    check("hf_run_close", hf_run_close(engine), "");
    int left = argc == 1 && (remove("enrolment.db") || rmdir(folder));
    return books.findings_total != 0 || left;
}
