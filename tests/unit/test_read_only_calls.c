/*
 * Every exported call on an engine that was opened to be read only: what writes is HF_E_READ_ONLY,
 * what reads is answered, and afterwards neither the time of the engine nor a byte of the store has
 * changed. The store has holds whose deadline has passed, which an engine that writes expires.
 */
#include "engine/engine.h"
#include "support/bells.h"
#include "support/folder.h"
#include "support/ops.h"

#define RECEIPTS   5
#define ARGS_BYTES 1024
#define TURNS      50

/* ---- A store that has something to do -------------------------------------------------------- */

static int64_t time_of_engine(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    return info.time_ms;
}

/* Killed with a hold that is due in the next millisecond. */
static void leave_due(const char *store)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(store, HF_DURABILITY_JOURNAL);
        begin_bells();
        for (int i = 0; i < RECEIPTS; i++)
            receive(1);
        hf_hold_place_args args;
        do { /* the clock may pass the deadline before the batch */
            hf_hold_place_init(&args);
            args.from = hf_key_of(HF_KIND_ITEM, "bell", "", "pcs");
            args.amount = 1;
            args.deadline_ms = time_of_engine() + 20;
        } while (shop_run(HF_OP_HOLD_PLACE, &args) != 0);
        (void)raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static void turn(void)
{
    for (int i = 0; i < TURNS; i++)
        (void)hf_loop_run_once(shop.loop, 0);
}

/* ---- Arguments of any operation -------------------------------------------------------------- */

static union {
    uint8_t bytes[ARGS_BYTES];
    int64_t aligned;
} arguments;

static hf_id some_id(void)
{
    hf_id id;
    ck_assert_int_eq(hf_id_parse("018bcfe5-6800-7000-8000-000000000001", &id), 0);
    return id;
}

static void set_field(const hf_field *field)
{
    void *at = arguments.bytes + field->offset;
    const hf_account_key key = hf_key_of(HF_KIND_ITEM, "bell", "", "pcs");
    static const char *const name[] = {"bell"};
    const hf_id id = some_id();
    int64_t number = 0;
    int32_t small = 0;
    if (field->kind == HF_FIELD_NAME)
        memcpy(at, (const void *)name, sizeof name);
    else if (field->kind == HF_FIELD_ID)
        memcpy(at, &id, sizeof id);
    else if (field->kind == HF_FIELD_KEY)
        memcpy(at, &key, sizeof key);
    else if (field->kind == HF_FIELD_I64 || field->kind == HF_FIELD_TIME) {
        memcpy(&number, at, sizeof number);
        number = number < field->min ? field->min : number;
        memcpy(at, &number, sizeof number);
    } else if (field->kind == HF_FIELD_U32 || field->kind == HF_FIELD_I32 ||
               field->kind == HF_FIELD_ENUM) {
        memcpy(&small, at, sizeof small);
        small = small < field->min ? (int32_t)field->min : small;
        memcpy(at, &small, sizeof small);
    }
}

/* ---- What the rules of an operation ask for beyond its shape --------------------------------- */

static void complete_move(void *args)
{
    hf_move_args *move = args;
    move->from = hf_key_of(HF_KIND_MONEY, "ada", "", "EUR");
    move->to = hf_key_of(HF_KIND_MONEY, "bob", "", "EUR");
    move->amount = 1;
}

static void complete_deposit(void *args)
{
    complete_move(args);
    ((hf_move_args *)args)->from = (hf_account_key){0};
}

static void complete_withdraw(void *args)
{
    complete_move(args);
    ((hf_move_args *)args)->to = (hf_account_key){0};
}

static void complete_receive(void *args)
{
    hf_item_receive_init(args, "bell", 1);
}

static void complete_hold(void *args)
{
    ((hf_hold_place_args *)args)->from = hf_key_of(HF_KIND_ITEM, "bell", "", "pcs");
}

static void complete_report(void *args)
{
    hf_payment_report_args *report = args;
    report->amount = 1;
}

static void complete_clear(void *args)
{
    hf_attention_clear_args *clear = args;
    clear->account = hf_key_of(HF_KIND_ITEM, "bell", "", "pcs");
    clear->bits = 1;
}

static void complete_expect(void *args)
{
    hf_expect_args *expect = args;
    expect->subject = HF_SUBJECT_ACCOUNT;
    expect->key = hf_key_of(HF_KIND_ITEM, "bell", "", "pcs");
}

static void complete_place(void *args)
{
    static hf_line_args line;
    hf_order_place_args *place = args;
    hf_line_init(&line, "bell", 1, 0);
    place->lines = &line;
    place->line_count = 1;
}

static void complete_payment(void *args)
{
    hf_payment_init(&((hf_payment_add_args *)args)->payment, "ada", "EUR", 1);
}

static void complete_resolve(void *args)
{
    hf_txn_act_args *act = args;
    act->branch = 1;
    act->answer = HF_ANSWER_OK;
}

static void complete_txn(void *args)
{
    static hf_branch_args branch;
    hf_txn_args *txn = args;
    hf_branch_init(&branch, "bell");
    txn->branches = &branch;
    txn->branch_count = 1;
}

static void complete_erase(void *args)
{
    const hf_id id = some_id();
    hf_erase_init(args, &id);
}

static const struct {
    uint32_t type;
    void (*complete)(void *args);
} completed[] = {
    {HF_OP_ITEM_RECEIVE, complete_receive},
    {HF_OP_ACCOUNT_DEPOSIT, complete_deposit},
    {HF_OP_ACCOUNT_TRANSFER, complete_move},
    {HF_OP_ACCOUNT_WITHDRAW, complete_withdraw},
    {HF_OP_HOLD_PLACE, complete_hold},
    {HF_OP_PAYMENT_REPORT, complete_report},
    {HF_OP_ATTENTION_CLEAR, complete_clear},
    {HF_OP_TXN_SUBMIT, complete_txn},
    {HF_OP_ERASE, complete_erase},
    {HF_OP_EXPECT, complete_expect},
    {HF_OP_ORDER_PLACE, complete_place},
    {HF_OP_PAYMENT_ADD, complete_payment},
    {HF_OP_TXN_RESOLVE_BRANCH, complete_resolve},
};

static void complete(uint32_t type)
{
    for (size_t i = 0; i < sizeof completed / sizeof completed[0]; i++)
        if (completed[i].type == type)
            completed[i].complete(&arguments);
}

static const void *arguments_of(uint32_t type)
{
    const hf_shape *shape = hf_op_shape(type);
    ck_assert_uint_le(shape->size, sizeof arguments);
    memset(&arguments, 0, sizeof arguments);
    shape->init(&arguments);
    for (uint32_t i = 0; i < shape->field_count; i++)
        set_field(&shape->fields[i]);
    complete(type);
    return &arguments;
}

/* ---- The other calls ------------------------------------------------------------------------- */

static int move_clock(void)
{
    return hf_clock_advance(shop.engine, 3600000);
}

static int accept_time(void)
{
    return hf_time_accept(shop.engine);
}

static void on_call(void *data, const hf_call *call)
{
    (void)call;
    (*(int *)data)++;
}

static int calls; /* of participants and providers */

static int add_participant(void)
{
    hf_participant made;
    hf_participant_init(&made, "bell");
    made.attempt = on_call;
    made.confirm = on_call;
    made.cancel = on_call;
    made.data = &calls;
    return hf_participant_register(shop.engine, &made);
}

static int add_provider(void)
{
    hf_provider made;
    hf_provider_init(&made, "bell");
    made.authorize = on_call;
    made.capture = on_call;
    made.void_ = on_call;
    made.refund = on_call;
    made.query = on_call;
    made.data = &calls;
    return hf_provider_register(shop.engine, &made);
}

static int answer_call(void)
{
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_OK);
    return hf_call_done(shop.engine, 1, &answer);
}

static uint64_t events_seen;

static void on_events(void *data, int status, const hf_event_page *page)
{
    (void)data;
    if (status == 0)
        events_seen += page->count;
}

static int subscribe(void)
{
    hf_subscription *made;
    const int error = hf_events_subscribe(shop.engine, 0, on_events, NULL, &made);
    turn();
    return error != 0 || events_seen != 0 ? error : HF_E_NOT_FOUND;
}

static int verify(void)
{
    shop_verify();
    return 0;
}

static void on_admission(hf_req *req, const hf_completion *done)
{
    (void)req;
    (void)done;
}

static int wait_for_admission(void)
{
    static hf_req req;
    const int error = hf_admission_wait(shop.engine, &req, on_admission);
    turn();
    return error;
}

static const struct {
    const char *name;
    int (*call)(void);
    int result;
} others[] = {
    {"hf_clock_advance", move_clock, HF_E_READ_ONLY},
    {"hf_time_accept", accept_time, HF_E_READ_ONLY},
    {"hf_participant_register", add_participant, 0},
    {"hf_provider_register", add_provider, 0},
    {"hf_call_done", answer_call, HF_E_NOT_FOUND},
    {"hf_events_subscribe", subscribe, 0},
    {"hf_verify", verify, 0},
    {"hf_admission_wait", wait_for_admission, 0},
};

/* ---- All of them ----------------------------------------------------------------------------- */

static int open_virtual(const char *store, int64_t virtual_ms)
{
    hf_options options;
    hf_options_init(&options);
    options.store = store;
    options.threads = 0;
    options.read_only = 1;
    options.virtual_time_ms = virtual_ms;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    return hf_engine_open(shop.loop, &options, &shop.engine);
}

static void call_all(void)
{
    for (uint32_t type = 1; type <= HF_TEST_LAST_OP; type++) {
        const int error = shop_run(type, arguments_of(type));
        if (hf__engine_reads(type))
            ck_assert_msg(error == 0 || error == HF_E_NOT_FOUND, "%s: %s: %s", hf_op_name(type),
                          hf_error_name(error), shop.detail);
        else
            ck_assert_msg(error == HF_E_READ_ONLY &&
                              strstr(shop.detail, "hf_options.read_only") != NULL,
                          "%s: %s: %s", hf_op_name(type), hf_error_name(error), shop.detail);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const int error = others[i].call();
        ck_assert_msg(error == others[i].result, "%s: %s: %s", others[i].name, hf_error_name(error),
                      hf_engine_detail(shop.engine));
        turn();
    }
}

START_TEST(no_call_writes_or_lets_time_pass)
{
    in_a_folder();
    ck_assert_int_eq(mkdir("in", 0700), 0);
    leave_due(url(_i / 2, "in/one"));
    const uint64_t before = folder_sum("in");
    const int error = open_virtual(url(_i / 2, "in/one"), _i % 2);
    ck_assert_msg(error == 0, "%s", shop.detail);
    const int64_t time_ms = time_of_engine();
    ck_assert_int_gt(time_ms, 0);
    call_all();
    has_bells(RECEIPTS);
    ck_assert_int_eq(time_of_engine(), time_ms);
    ck_assert_int_eq(calls, 0);
    stop();
    ck_assert_uint_eq(folder_sum("in"), before);
    start(url(_i / 2, "in/one"), HF_DURABILITY_JOURNAL); /* the control: there is something to do */
    while (time_of_engine() == time_ms)
        (void)hf_loop_run_once(shop.loop, 1);
    stop();
    ck_assert_uint_ne(folder_sum("in"), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read_only_calls");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, no_call_writes_or_lets_time_pass, 0, 2 * SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
