/*
 * appointments.c - a doctor and a room by quarters of an hour, held while the patient confirms.
 *
 *   account                             kind   name              place  unit, opened with
 *   slots, opened when first asked for  ITEM   dr weber, room 1  10:15  slots, 1
 *   visits a patient may book           LIMIT  ada, ...                 visits, 2
 *   wallet of a patient                 MONEY  ada, ...                 EUR (cents)
 *
 *   an appointment is an order of one line; from --> to
 *   one of the patient's visits, each slot of the doctor, each slot of the room --> taken
 *   payment: the patient's wallet --> the practice, a deposit that confirms the order
 *
 * The order expires after 8 minutes. Who cancels in the last 24 hours pays a fee of the deposit.
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

enum { DEPOSIT = 5000, LATE_FEE = 2000, WALLET = 20000, VISITS_MAX = 2 }; /* money in cents */
enum { AT_9_30, AT_9_45, AT_10_00, AT_10_15, AT_10_30, AT_10_45, SLOTS };
enum { PATIENTS = 3, RESOURCES = 2, VISIT_SLOTS_MAX = 4, APPOINTMENTS_MAX = 8 };
static const int64_t slot_ms = 900000; /* 15 minutes */
static const int64_t hold_ms = 480000; /* 8 minutes */
static const int64_t day_ms = 86400000;
static const int64_t monday_ms = 1772443800000; /* 2026-03-02 09:30, the first slot */
static const char *const slots[SLOTS] = {"09:30", "09:45", "10:00", "10:15", "10:30", "10:45"};
static const char *const patients[PATIENTS] = {"ada", "ben", "cem"};
static const char *const resources[RESOURCES] = {"dr weber", "room 1"};
static struct appointment {
    const char *patient;
    int slot;
    hf_id order;
} appointments[APPOINTMENTS_MAX];
static int appointment_count;
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

/* Runs one operation that a patient asks for: 0, or why it is refused. */
static int attempt(uint32_t type, const void *args)
{
    if (hf_run(engine, type, args, &done) != 0)
        printf("  refused: %s: %s\n", hf_error_name(done.status), done.detail);
    return done.status;
}

/* Opens an account the first time; later it stays as it is. */
static void open_account(uint32_t kind, const char *name, const char *place, const char *unit,
                         int64_t opening)
{
    hf_account_put_args put;
    hf_account_put_init(&put, kind, name, unit);
    put.key.place = place;
    put.mode = HF_PUT_OPEN_IF_ABSENT;
    put.unit_scale = kind == HF_KIND_MONEY ? 2 : 0; /* amounts of money are cents */
    put.opening = opening;
    perform(HF_OP_ACCOUNT_PUT, &put);
}

/* Holds all that is needed, or nothing. */
static void ask(const char *patient, int slot, int length) /* in slots */
{
    printf("%s asks for %s\n", patient, slots[slot]);
    hf_leg_args legs[RESOURCES * VISIT_SLOTS_MAX + 1] = {
        {.from = hf_key_of(HF_KIND_LIMIT, patient, "", "visits"), .per_unit = 1}};
    hf_line_args line;
    hf_line_init(&line, "visit", 1, DEPOSIT);
    line.settle_on = HF_SETTLE_FULFIL;
    line.legs = legs;
    line.leg_count = 1;
    for (int at = slot; at < slot + length; at++)
        for (int i = 0; i < RESOURCES; i++) {
            hf_leg_args *leg = &legs[line.leg_count++];
            leg->from = hf_key_of(HF_KIND_ITEM, resources[i], slots[at], "slots");
            leg->per_unit = 1;
            open_account(HF_KIND_ITEM, resources[i], slots[at], "slots", 1);
        }
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    order.customer = patient;
    order.total = DEPOSIT;
    order.deadline_ms = now_ms + hold_ms;
    order.lines = &line;
    order.line_count = 1;
    if (attempt(HF_OP_ORDER_PLACE, &order) != 0)
        return;
    const struct appointment asked = {patient, slot, done.id};
    appointments[appointment_count++] = asked;
}

static void confirm(const struct appointment *asked)
{
    printf("%s confirms %s\n", asked->patient, slots[asked->slot]);
    hf_payment_add_args deposit;
    hf_payment_add_init(&deposit, &asked->order);
    hf_payment_init(&deposit.payment, asked->patient, "EUR", DEPOSIT);
    attempt(HF_OP_PAYMENT_ADD, &deposit);
}

static const hf_order_view *look_up(const hf_id *order)
{
    hf_order_get_args get;
    hf_order_get_init(&get, order);
    perform(HF_OP_ORDER_GET, &get);
    return done.result;
}

/* The whole deposit goes back; in the last day before the visit all but the fee. */
static void cancel(const struct appointment *booked)
{
    printf("%s cancels %s\n", booked->patient, slots[booked->slot]);
    const hf_payment_amount rest = {look_up(&booked->order)->payments[0]->id, DEPOSIT - LATE_FEE};
    hf_order_units_args args;
    hf_order_units_init(&args, &booked->order);
    if (monday_ms + booked->slot * slot_ms - now_ms < day_ms) {
        args.refund_mode = HF_REFUND_NAMED;
        args.refunds = &rest;
        args.refund_count = 1;
    }
    perform(HF_OP_ORDER_CANCEL, &args);
}

static void show(void)
{
    printf("\n  %-8s%-8s%-12s%8s%10s\n", "patient", "time", "is", "paid", "refunded");
    for (int i = 0; i < appointment_count; i++) {
        const hf_order_view *view = look_up(&appointments[i].order);
        printf("  %-8s%-8s%-12s%8" PRId64 "%10" PRId64 "\n", appointments[i].patient,
               slots[appointments[i].slot], hf_order_state_name(view->order->state), view->captured,
               view->refunded);
    }
}

static void pass(const char *title, int64_t ms)
{
    printf("\n%s\n", title);
    now_ms += ms;
    check("hf_clock_advance", hf_clock_advance(engine, ms), hf_engine_detail(engine));
}

int main(int argc, char **argv) /* an argument names a new store; else a temporary one is used */
{
    char folder[] = "/tmp/appointments-XXXXXX";
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:practice.db";
    options.virtual_time_ms = now_ms = monday_ms - 2 * day_ms;
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    for (int i = 0; i < PATIENTS; i++) {
        open_account(HF_KIND_LIMIT, patients[i], "", "visits", VISITS_MAX);
        open_account(HF_KIND_MONEY, patients[i], "", "EUR", WALLET);
    }
    ask("ada", AT_10_15, 2);
    pass("8 minutes less a millisecond later", hold_ms - 1);
    ask("ben", AT_10_30, 1);
    pass("a millisecond later", 1);
    ask("ben", AT_10_30, 1);
    confirm(&appointments[0]);
    confirm(&appointments[1]);
    ask("cem", AT_9_30, 1);
    ask("cem", AT_9_45, 2);
    ask("cem", AT_10_45, 1);
    confirm(&appointments[2]);
    confirm(&appointments[3]);
    cancel(&appointments[2]);
    show();
    pass("on sunday evening", day_ms + day_ms / 2);
    cancel(&appointments[3]);
    show();
    hf_verify_result books = {.size = sizeof(books)};
    check("hf_run_verify", hf_run_verify(engine, &books), hf_engine_detail(engine));
    printf("\nverify: %" PRIu64 " findings\n", books.findings_total);
    check("hf_run_close", hf_run_close(engine), "");
    int left = argc == 1 && (remove("practice.db") || rmdir(folder));
    return books.findings_total != 0 || left;
}
