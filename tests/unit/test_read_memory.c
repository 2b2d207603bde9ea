/*
 * Reads whose batch has little memory. A read that does not get a piece of memory, whichever it is,
 * is refused with HF_E_OVERLOADED, and the same read has its whole result again as soon as the
 * batch has the memory for it.
 */
#include "base/env.h"
#include "engine/engine.h"
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/lists.h"

#define WORK_BYTES ((size_t)8 << 20)
#define SIZES      600u /* of memory that is not enough, for each read */
#define TOGETHER   3u   /* orders that one batch reads */

static hf_env env;
static hf__engine *engine;
static hf__batch batch;
static hf_store_error error;

/* ---- A store with something of everything ---------------------------------------------------- */

typedef struct stored_in {
    const char *url;
    const hf_store_driver *driver;
    int number; /* in lists_stores */
} stored_in;

static const stored_in subjects[] = {
#if HF_HAVE_LMDB
    {"lmdb:", &hf__lmdb_driver, 1},
#endif
#if HF_HAVE_SQLITE
    {"sqlite:", &hf__sqlite_driver, 1 + 2 * HF_HAVE_LMDB},
#endif
    {NULL, NULL, 0},
};
#define SUBJECTS ((int)(sizeof subjects / sizeof subjects[0]) - 1)

static void open_filled(int subject)
{
    char path[64];
    const stored_in *in = &subjects[subject];
    lists_open(in->number);
    shop_close();
    (void)snprintf(path, sizeof path, "%s%d", lists_stores[in->number].url, (int)getpid());
    hf__env_init(&env);
    const hf__engine_config config = {
        .env = &env,
        .driver = in->driver,
        .location = path + strlen(in->url),
        .cache_bytes = 1u << 20,
        .commit_ops_max = 1000,
        .virtual_time_ms = LISTS_MS + LISTS_LATE_MS,
        .error = &error,
    };
    ck_assert_msg(hf__engine_open(&config, &engine) == 0, "%s", error.text);
    ck_assert_int_eq(hf__batch_init(&batch, &env, 64, 1u << 16, WORK_BYTES), 0);
}

static void close_filled(void)
{
    batch.work.capacity = WORK_BYTES;
    hf__batch_fini(&batch, &env);
    hf__engine_close(engine);
}

/* ---- The reads ------------------------------------------------------------------------------- */

typedef union read_args {
    hf_op_head head;
    hf_account_get_args account;
    hf_account_list_args accounts;
    hf_attention_list_args attention;
    hf_cursor_list_args cursors;
    hf_events_read_args events;
    hf_nodes_list_args nodes;
    hf_order_get_args order;
    hf_order_list_args orders;
    hf_payment_find_args found;
    hf_payment_get_args payment;
    hf_payment_list_args payments;
    hf_statement_args statement;
    hf_txn_list_args txns;
    hf_unit_get_args unit;
    hf_unit_list_args units;
} read_args;

/* Sets the arguments of a read, of which there are `count` in a batch. */
typedef struct read_case {
    const char *name;
    uint32_t type;
    uint32_t count;
    void (*set)(read_args *args, uint32_t i);
} read_case;

#define SET(name, ...)                                                                             \
    static void name(read_args *args, uint32_t i)                                                  \
    {                                                                                              \
        (void)i;                                                                                   \
        __VA_ARGS__;                                                                               \
    }

SET(account, hf_account_get_init(&args->account, HF_KIND_MONEY, "ada", "EUR");
    args->account.key.place = "")
SET(accounts, hf_account_list_init(&args->accounts))
SET(attention, hf_attention_list_init(&args->attention))
SET(cursors, hf_cursor_list_init(&args->cursors))
SET(events, hf_events_read_init(&args->events))
SET(nodes, hf_nodes_list_init(&args->nodes))
SET(orders, hf_order_list_init(&args->orders))
SET(of_ada, hf_order_list_init(&args->orders); args->orders.by = HF_ORDERS_BY_CUSTOMER;
    args->orders.text = "ada"; args->orders.state = HF_ORDER_CANCELLED)
SET(payment, const hf_id id = lists_payment_id(LISTS_PENDING, 2);
    hf_payment_get_init(&args->payment, &id))
SET(payments, hf_payment_list_init(&args->payments))
SET(of_provider, hf_payment_list_init(&args->payments); args->payments.provider = "psp";
    args->payments.by = HF_PAYMENTS_BY_PROVIDER; args->payments.state = HF_PAYMENT_AUTHORIZED)
SET(found, hf_payment_find_init(&args->found, "psp", "payment 2"))
SET(statement, hf_statement_init(&args->statement, HF_KIND_ITEM, "tea", "pcs");
    args->statement.account.place = "")
SET(txns, hf_txn_list_init(&args->txns); args->txns.participant = "")
SET(unit, hf_unit_get_init(&args->unit, "kg"))
SET(units, hf_unit_list_init(&args->units))

static void order(read_args *args, uint32_t i)
{
    const hf_id id = lists_order_id(1 + 6 * i);
    hf_order_get_init(&args->order, &id);
}

static const read_case reads[] = {
    {"an account", HF_OP_ACCOUNT_GET, 1, account},
    {"accounts", HF_OP_ACCOUNT_LIST, 1, accounts},
    {"attention", HF_OP_ATTENTION_LIST, 1, attention},
    {"cursors", HF_OP_CURSOR_LIST, 1, cursors},
    {"events", HF_OP_EVENTS_READ, 1, events},
    {"nodes", HF_OP_NODES_LIST, 1, nodes},
    {"an order", HF_OP_ORDER_GET, 1, order},
    {"several orders", HF_OP_ORDER_GET, TOGETHER, order},
    {"orders", HF_OP_ORDER_LIST, 1, orders},
    {"orders of a customer in a state", HF_OP_ORDER_LIST, 1, of_ada},
    {"a payment", HF_OP_PAYMENT_GET, 1, payment},
    {"a payment by its reference", HF_OP_PAYMENT_FIND, 1, found},
    {"payments", HF_OP_PAYMENT_LIST, 1, payments},
    {"payments of a provider in a state", HF_OP_PAYMENT_LIST, 1, of_provider},
    {"a statement", HF_OP_STATEMENT, 1, statement},
    {"transactions", HF_OP_TXN_LIST, 1, txns},
    {"a unit", HF_OP_UNIT_GET, 1, unit},
    {"units", HF_OP_UNIT_LIST, 1, units},
};
#define READS ((int)(sizeof reads / sizeof reads[0]))

/* ---- With little memory ---------------------------------------------------------------------- */

/* Runs the case in a batch with so many bytes; how many of its reads have a result. */
static uint32_t read_with(const read_case *of, size_t bytes)
{
    static read_args args[TOGETHER];
    uint32_t done = 0;
    hf__batch_reset(&batch);
    batch.work.capacity = bytes;
    for (uint32_t i = 0; i < of->count; i++) {
        hf__task *task = &batch.tasks[batch.count++];
        memset(task, 0, sizeof *task);
        of->set(&args[i], i);
        task->op.type = of->type;
        task->op.args = &args[i].head;
        task->op.actor = &task->actor;
    }
    hf__engine_read(engine, &batch);
    for (uint32_t i = 0; i < of->count; i++) {
        const int status = batch.tasks[i].done.status;
        ck_assert_msg(status == 0 || status == HF_E_OVERLOADED || status == HF_E_NOMEM,
                      "%s with %zu bytes: %s", of->name, bytes, hf_error_name(status));
        ck_assert_msg((status == 0) == (batch.tasks[i].done.result != NULL), "%s", of->name);
        done += status == 0;
    }
    return done;
}

START_TEST(a_read_that_lacks_any_memory_is_refused_and_is_whole_with_enough)
{
    open_filled(_i / READS);
    const read_case *of = &reads[_i % READS];
    ck_assert_msg(read_with(of, WORK_BYTES) == of->count, "%s: %s", of->name,
                  batch.tasks[0].done.detail);
    const size_t needed = batch.work.used;
    const size_t step = needed / SIZES / 16 * 16 + 16;
    uint32_t refused = 0;
    for (size_t bytes = 0; bytes < needed; bytes += step)
        refused += of->count - read_with(of, bytes);
    ck_assert_msg(refused > 0, "%s needs no memory", of->name);
    ck_assert_uint_eq(read_with(of, WORK_BYTES), of->count);
    ck_assert_uint_eq(batch.work.used, needed);
    close_filled();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read_memory");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_read_that_lacks_any_memory_is_refused_and_is_whole_with_enough, 0,
                        SUBJECTS * READS);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
