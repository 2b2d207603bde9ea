/*
 * The direct functions, each called once: an operation is submitted under the type that its
 * function is named after, and its callback gets the completion of this request.
 */
#include "support/check_main.h"
#include "support/fill.h"
#include "support/host.h"
#include "support/ops.h"

#define OPS ((uint32_t)HF_TEST_LAST_OP)

/* clang-format off */
#define EACH(X)                                                                                    \
    X(ITEM_PUT, hf_item_put) X(ITEM_RECEIVE, hf_item_receive) X(ITEM_ADJUST, hf_item_adjust)       \
    X(ITEM_GET, hf_item_get) X(ITEM_LIST, hf_item_list) X(ACCOUNT_PUT, hf_account_put)             \
    X(ACCOUNT_DEPOSIT, hf_account_deposit) X(ACCOUNT_WITHDRAW, hf_account_withdraw)                \
    X(ACCOUNT_TRANSFER, hf_account_transfer) X(ACCOUNT_GET, hf_account_get)                        \
    X(ACCOUNT_LIST, hf_account_list) X(HOLD_PLACE, hf_hold_place) X(HOLD_POST, hf_hold_post)       \
    X(HOLD_RELEASE, hf_hold_release) X(HOLD_ADJUST, hf_hold_adjust)                                \
    X(HOLD_REVERSE, hf_hold_reverse) X(HOLD_GET, hf_hold_get) X(ORDER_PLACE, hf_order_place)       \
    X(ORDER_AMEND, hf_order_amend) X(ORDER_CANCEL, hf_order_cancel)                                \
    X(ORDER_FULFIL, hf_order_fulfil) X(ORDER_RETURN, hf_order_return) X(ORDER_GET, hf_order_get)   \
    X(ORDER_LIST, hf_order_list) X(PAYMENT_ADD, hf_payment_add)                                    \
    X(PAYMENT_CAPTURE, hf_payment_capture) X(PAYMENT_VOID, hf_payment_void)                        \
    X(PAYMENT_REFUND, hf_payment_refund) X(PAYMENT_REPORT, hf_payment_report)                      \
    X(PAYMENT_GET, hf_payment_get) X(PAYMENT_FIND, hf_payment_find)                                \
    X(PAYMENT_LIST, hf_payment_list) X(ATTENTION_LIST, hf_attention_list)                          \
    X(ATTENTION_CLEAR, hf_attention_clear) X(EXPECT, hf_expect) X(EVENTS_READ, hf_events_read)     \
    X(CURSOR_PUT, hf_cursor_put) X(CURSOR_GET, hf_cursor_get) X(RETENTION, hf_retention)           \
    X(STATEMENT, hf_statement) X(TXN_SUBMIT, hf_txn_submit) X(TXN_BEGIN, hf_txn_begin)             \
    X(TXN_BRANCH, hf_txn_branch) X(TXN_SEAL, hf_txn_seal) X(TXN_ABORT, hf_txn_abort)               \
    X(TXN_GET, hf_txn_get) X(TXN_LIST, hf_txn_list) X(TXN_HISTORY, hf_txn_history)                 \
    X(TXN_RETRY_NOW, hf_txn_retry_now) X(TXN_PARK, hf_txn_park) X(TXN_UNPARK, hf_txn_unpark)       \
    X(TXN_RESOLVE_BRANCH, hf_txn_resolve_branch) X(NODES_LIST, hf_nodes_list)                      \
    X(NODE_DRAIN, hf_node_drain) X(ACCOUNT_ADJUST, hf_account_adjust) X(UNIT_PUT, hf_unit_put)     \
    X(ERASE, hf_erase) X(UNIT_LIST, hf_unit_list) X(CURSOR_LIST, hf_cursor_list)                   \
    X(CURSOR_RESET, hf_cursor_reset) X(CURSOR_REMOVE, hf_cursor_remove) X(UNIT_GET, hf_unit_get)
/* clang-format on */

/* They differ in the type of their arguments. */
#define CALL(type, function)                                                                       \
    static int call_##function(hf_engine *engine, hf_req *req, const void *args, hf_done_cb cb)    \
    {                                                                                              \
        return function(engine, req, args, cb);                                                    \
    }
EACH(CALL)

#define ROW(type, function) {HF_OP_##type, #function, call_##function},

static const struct {
    uint32_t type;
    const char *name;
    int (*call)(hf_engine *engine, hf_req *req, const void *args, hf_done_cb cb);
} functions[] = {EACH(ROW)};
#define FUNCTIONS ((int)(sizeof functions / sizeof functions[0]))

/* ---- Arguments ------------------------------------------------------------------------------- */

static void withdraw(void *args)
{
    hf_move_args *move = args;
    move->from = hf_key_of(HF_KIND_ITEM, "tea", "", "pcs");
}

static void deposit(void *args)
{
    hf_move_args *move = args;
    move->to = hf_key_of(HF_KIND_ITEM, "tea", "", "pcs");
}

static void transfer(void *args)
{
    withdraw(args);
    deposit(args);
}

static void hold(void *args)
{
    ((hf_hold_place_args *)args)->from = hf_key_of(HF_KIND_ITEM, "tea", "", "pcs");
}

static void place(void *args)
{
    static hf_line_args line;
    hf_line_init(&line, "tea", 1, 0);
    ((hf_order_place_args *)args)->lines = &line;
    ((hf_order_place_args *)args)->line_count = 1;
}

static void pay(void *args)
{
    hf_payment_init(&((hf_payment_add_args *)args)->payment, "ada", "EUR", 1);
}

static void report(void *args)
{
    ((hf_payment_report_args *)args)->amount = 1;
}

static void clear(void *args)
{
    hf_attention_clear_args *of = args;
    of->bits = HF_ATTENTION_BEYOND_LIMIT;
    of->account = hf_key_of(HF_KIND_ITEM, "tea", "", "pcs");
}

static void expect(void *args)
{
    ((hf_expect_args *)args)->key = hf_key_of(HF_KIND_ITEM, "tea", "", "pcs");
}

static void submit(void *args)
{
    static hf_branch_args branch;
    hf_branch_init(&branch, "stock");
    ((hf_txn_args *)args)->branches = &branch;
    ((hf_txn_args *)args)->branch_count = 1;
    ((hf_txn_args *)args)->wait = HF_TXN_ACCEPTED;
}

static void resolve(void *args)
{
    ((hf_txn_act_args *)args)->branch = 1;
    ((hf_txn_act_args *)args)->answer = HF_ANSWER_OK;
}

static void erase(void *args)
{
    (void)hf_id_from_key(1, "order", &((hf_erase_args *)args)->record);
}

/* What an operation wants beyond the fields that its shape requires. */
static const struct {
    uint32_t type;
    void (*apply)(void *args);
} additions[] = {
    {HF_OP_ITEM_RECEIVE, deposit},
    {HF_OP_ACCOUNT_DEPOSIT, deposit},
    {HF_OP_ACCOUNT_WITHDRAW, withdraw},
    {HF_OP_ACCOUNT_TRANSFER, transfer},
    {HF_OP_HOLD_PLACE, hold},
    {HF_OP_ORDER_PLACE, place},
    {HF_OP_PAYMENT_ADD, pay},
    {HF_OP_PAYMENT_REPORT, report},
    {HF_OP_ATTENTION_CLEAR, clear},
    {HF_OP_EXPECT, expect},
    {HF_OP_TXN_SUBMIT, submit},
    {HF_OP_TXN_RESOLVE_BRANCH, resolve},
    {HF_OP_ERASE, erase},
};

static void add(uint32_t type, void *args)
{
    for (size_t i = 0; i < sizeof additions / sizeof additions[0]; i++)
        if (additions[i].type == type)
            additions[i].apply(args);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static hf_test_host host;
static uint64_t memory[8192];

static struct {
    hf_req req;
    int calls;
    uint32_t type;
} called;

static void on_done(hf_req *req, const hf_completion *done)
{
    ck_assert_ptr_eq(req, &called.req);
    called.calls++;
    called.type = done->type;
}

START_TEST(a_direct_function_submits_the_operation_that_it_is_named_after)
{
    const uint32_t type = functions[_i].type;
    fill to = {.target = FILL_NONE};
    void *args = fill_args(&to, type, memory, sizeof memory);
    add(type, args);
    hf_test_start(&host, 0);
    int error = functions[_i].call(host.engine, &called.req, args, on_done);
    ck_assert_msg(error == 0, "%s: %s", functions[_i].name, hf_engine_detail(host.engine));
    hf_test_run(&host, &called.calls, 1);
    ck_assert_int_eq(called.calls, 1);
    ck_assert_msg(called.type == type, "%s: %s", functions[_i].name, hf_op_name(called.type));
    hf_test_stop(&host);
}
END_TEST

START_TEST(every_operation_has_a_direct_function_of_its_name)
{
    uint32_t count[OPS + 1] = {0};
    for (int i = 0; i < FUNCTIONS; i++) {
        ck_assert_uint_le(functions[i].type, OPS);
        count[functions[i].type]++;
        ck_assert_str_eq(functions[i].name + strlen("hf_"), hf_op_name(functions[i].type));
    }
    for (uint32_t type = 1; type <= OPS; type++)
        ck_assert_msg(count[type] == 1, "%s", hf_op_name(type));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("direct");
    TCase *core = tcase_create("core");
    tcase_add_test(core, every_operation_has_a_direct_function_of_its_name);
    tcase_add_loop_test(core, a_direct_function_submits_the_operation_that_it_is_named_after, 0,
                        FUNCTIONS);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
