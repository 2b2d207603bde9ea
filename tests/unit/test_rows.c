/*
 * Each record that is read by itself has the row that its list has, on every store; what is not
 * there is not found. Movements are compared with the bodies of the events, and the history of a
 * transaction with what was done to it.
 */
#include "base/id.h"
#include "support/check_main.h"
#include "support/lists.h"
#include "support/walk.h"

/* ---- One by one ------------------------------------------------------------------------------ */

static const list lists[] = {
    {HF_OP_ACCOUNT_LIST, HF__ACCOUNTS, offsetof(hf_account_list_args, limit), false, false, NULL},
    {HF_OP_UNIT_LIST, HF__UNITS, offsetof(hf_unit_list_args, limit), false, false, NULL},
    {HF_OP_ORDER_LIST, HF__ORDERS, offsetof(hf_order_list_args, limit), false, false, NULL},
    {HF_OP_PAYMENT_LIST, HF__PAYMENTS, offsetof(hf_payment_list_args, limit), false, false, NULL},
    {HF_OP_TXN_LIST, HF__TXNS, offsetof(hf_txn_list_args, limit), true, true, NULL},
    {HF_OP_CURSOR_LIST, HF__CURSORS, offsetof(hf_cursor_list_args, limit), false, false, NULL},
};

typedef union get_args {
    hf_op_head head;
    hf_account_get_args account;
    hf_unit_get_args unit;
    hf_order_get_args order;
    hf_payment_get_args payment;
    hf_payment_find_args find;
    hf_txn_get_args txn;
    hf_cursor_get_args cursor;
} get_args;

static void name_account(const row *of, get_args *args)
{
    const hf_account_ref *key = &of->account.key;
    hf_account_get_init(&args->account, key->kind, key->name.text, key->unit.text);
    args->account.key.place = key->place.text;
}

static void name_unit(const row *of, get_args *args)
{
    hf_unit_get_init(&args->unit, of->unit.code.text);
}

static void name_order(const row *of, get_args *args)
{
    hf_order_get_init(&args->order, &of->order.id);
}

static void name_payment(const row *of, get_args *args)
{
    hf_payment_get_init(&args->payment, &of->payment.id);
}

static void name_reference(const row *of, get_args *args)
{
    hf_payment_find_init(&args->find, of->payment.provider.text, of->payment.provider_ref.text);
}

static void name_txn(const row *of, get_args *args)
{
    hf_txn_get_init(&args->txn, &of->txn.id);
}

static void name_cursor(const row *of, get_args *args)
{
    hf_cursor_get_init(&args->cursor, of->cursor.consumer.text);
}

static const void *row_itself(const void *result)
{
    return result;
}

static const void *row_of_order(const void *result)
{
    return ((const hf_order_view *)result)->order;
}

static const void *row_of_txn(const void *result)
{
    return ((const hf_txn_view *)result)->txn;
}

static bool is_any(const row *of)
{
    (void)of;
    return true;
}

static bool is_item(const row *of)
{
    return of->account.key.kind == HF_KIND_ITEM;
}

static bool has_reference(const row *of)
{
    return of->payment.provider_ref.text[0] != '\0';
}

/* How a record is read, and of which list its row is. */
static const struct {
    uint32_t type;
    uint32_t list;
    bool (*covers)(const row *of);
    void (*name)(const row *of, get_args *args);
    const void *(*row)(const void *result);
} gets[] = {
    {HF_OP_ACCOUNT_GET, HF_OP_ACCOUNT_LIST, is_any, name_account, row_itself},
    {HF_OP_ITEM_GET, HF_OP_ACCOUNT_LIST, is_item, name_account, row_itself},
    {HF_OP_UNIT_GET, HF_OP_UNIT_LIST, is_any, name_unit, row_itself},
    {HF_OP_ORDER_GET, HF_OP_ORDER_LIST, is_any, name_order, row_of_order},
    {HF_OP_PAYMENT_GET, HF_OP_PAYMENT_LIST, is_any, name_payment, row_itself},
    {HF_OP_PAYMENT_FIND, HF_OP_PAYMENT_LIST, has_reference, name_reference, row_itself},
    {HF_OP_TXN_GET, HF_OP_TXN_LIST, is_any, name_txn, row_of_txn},
    {HF_OP_CURSOR_GET, HF_OP_CURSOR_LIST, is_any, name_cursor, row_itself},
};
#define GETS (sizeof gets / sizeof gets[0])

static const list *list_of(uint32_t type)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (lists[i].type == type)
            return &lists[i];
    ck_abort_msg("no list %u", type);
}

static void read_all(const list *of)
{
    list_args args;
    hf_op_shape(of->type)->init(&args);
    if (of->type == HF_OP_TXN_LIST)
        args.txns.which = HF_TXN_WHICH_ALL;
    walked = hf_op_name(of->type);
    read_whole(of, args);
}

static void put_cursors(void)
{
    static const char *const names[] = {"mail", "mailer", "shipping"};
    for (uint32_t i = 0; i < 3; i++) {
        hf_cursor_put_args put;
        hf_cursor_put_init(&put, names[i], i + 1);
        lists_do(HF_OP_CURSOR_PUT, &put);
    }
}

static void check_get(size_t i, const row *of, uint32_t table)
{
    static row found;
    get_args args;
    hf_completion done;
    gets[i].name(of, &args);
    int error = hf_run(shop.engine, gets[i].type, &args, &done);
    ck_assert_msg(error == 0, "%s: %s", hf_op_name(gets[i].type), done.detail);
    copy_row(table, gets[i].row(done.result), &found);
    ck_assert_msg(memcmp((const uint8_t *)&found, (const uint8_t *)of, sizeof(row)) == 0, "%s",
                  hf_op_name(gets[i].type));
}

START_TEST(a_record_that_is_read_by_itself_has_the_row_of_the_list)
{
    lists_open(_i);
    put_cursors();
    for (size_t i = 0; i < GETS; i++) {
        const list *of = list_of(gets[i].list);
        uint32_t read = 0;
        read_all(of);
        for (uint32_t k = 0; k < whole.count; k++) {
            if (!gets[i].covers(&whole.at[k]))
                continue;
            check_get(i, &whole.at[k], of->table);
            read++;
        }
        ck_assert_msg(read > 2, "%s: %u", hf_op_name(gets[i].type), read);
    }
    shop_close();
}
END_TEST

/* What is behind the text of a stored name is zero. */
static void lengthen(hf_name *name)
{
    name->text[strlen(name->text)] = 'x';
}

/* A record that differs from a stored one by the end of its name or id. */
static void name_another(row *of, uint32_t list_type)
{
    switch (list_type) {
    case HF_OP_ACCOUNT_LIST:
        lengthen(&of->account.key.name);
        break;
    case HF_OP_UNIT_LIST:
        lengthen(&of->unit.code);
        break;
    case HF_OP_ORDER_LIST:
        of->order.id.bytes[15] ^= 1;
        break;
    case HF_OP_PAYMENT_LIST:
        of->payment.id.bytes[15] ^= 1;
        lengthen(&of->payment.provider_ref);
        break;
    case HF_OP_TXN_LIST:
        of->txn.id.bytes[15] ^= 1;
        break;
    default:
        lengthen(&of->cursor.consumer);
    }
}

START_TEST(a_record_that_is_not_there_is_not_found)
{
    lists_open(_i);
    put_cursors();
    for (size_t i = 0; i < GETS; i++) {
        get_args args;
        hf_completion done;
        read_all(list_of(gets[i].list));
        uint32_t at = 0;
        while (!gets[i].covers(&whole.at[at]))
            at++;
        name_another(&whole.at[at], gets[i].list);
        gets[i].name(&whole.at[at], &args);
        ck_assert_msg(hf_run(shop.engine, gets[i].type, &args, &done) == HF_E_NOT_FOUND, "%s",
                      hf_op_name(gets[i].type));
        ck_assert_ptr_null(done.result);
        ck_assert_uint_gt(strlen(done.detail), 0);
    }
    shop_close();
}
END_TEST

/* ---- Payments by reference ------------------------------------------------------------------- */

START_TEST(a_payment_is_found_by_the_reference_of_its_own_provider)
{
    lists_open(_i);
    read_all(list_of(HF_OP_PAYMENT_LIST));
    uint32_t refused = 0;
    for (uint32_t i = 0; i < whole.count; i++) {
        hf_payment *payment = &whole.at[i].payment;
        if (!has_reference(&whole.at[i]))
            continue;
        hf_payment_find_args args;
        hf_completion done;
        hf_payment_find_init(&args, strcmp(payment->provider.text, "psp") == 0 ? "bank" : "psp",
                             payment->provider_ref.text);
        refused += hf_run(shop.engine, HF_OP_PAYMENT_FIND, &args, &done) == HF_E_NOT_FOUND;
    }
    ck_assert_uint_gt(refused, 2);
    shop_close();
}
END_TEST

/* ---- Holds ----------------------------------------------------------------------------------- */

START_TEST(a_hold_that_is_read_has_the_row_that_its_operation_answered)
{
    static row placed[6];
    lists_open(_i);
    for (uint32_t i = 0; i < 6; i++) {
        hf_hold_place_args args;
        hf_completion done;
        hf_hold_place_init(&args);
        args.head.id = lists_id(LISTS_MS, "hold", i);
        args.head.meta = "a hold";
        args.head.meta_bytes = i;
        args.from = hf_key_of(HF_KIND_ITEM, "tea", "", "pcs");
        args.amount = 1 + i;
        ck_assert_int_eq(hf_run(shop.engine, HF_OP_HOLD_PLACE, &args, &done), 0);
        copy_row(HF__HOLDS, done.result, &placed[i]);
        ck_assert_int_eq(((const hf_hold *)done.result)->amount, 1 + i);
    }
    for (uint32_t i = 0; i < 12; i++) {
        static row found;
        hf_hold_get_args args;
        hf_completion done;
        const hf_id id = lists_id(LISTS_MS, "hold", i);
        hf_hold_get_init(&args, &id);
        int error = hf_run(shop.engine, HF_OP_HOLD_GET, &args, &done);
        ck_assert_int_eq(error, i < 6 ? 0 : HF_E_NOT_FOUND);
        if (error != 0)
            continue;
        copy_row(HF__HOLDS, done.result, &found);
        ck_assert_mem_eq(&found, &placed[i], sizeof found);
    }
    shop_close();
}
END_TEST

/* ---- Movements ------------------------------------------------------------------------------- */

static bool same_ref(const hf_account_ref *ref, const hf_account_key *key)
{
    return ref->kind == key->kind && strcmp(ref->name.text, key->name) == 0 &&
           strcmp(ref->place.text, key->place) == 0 && strcmp(ref->unit.text, key->unit) == 0;
}

/* The movements of an account as the bodies of the events have them, into `missing`. */
static void want_movements(const hf_account_key *key)
{
    hf_events_read_args args;
    hf_completion done;
    hf_events_read_init(&args);
    args.limit = 256;
    wanted.count = 0;
    do {
        ck_assert_int_eq(hf_run(shop.engine, HF_OP_EVENTS_READ, &args, &done), 0);
        const hf_event_page *read = done.result;
        for (uint32_t i = 0; i < read->count; i++) {
            uint64_t position = 0;
            hf_change change;
            while (hf_event_next(read->rows[i], &position, &change) == 1) {
                bool into = same_ref(&change.to, key);
                if (change.type != HF_CHANGE_MOVE || (!into && !same_ref(&change.from, key)))
                    continue;
                row *to = &wanted.at[wanted.count++];
                memset(to, 0, sizeof *to);
                to->movement.seq = read->rows[i]->seq;
                to->movement.at_ms = read->rows[i]->at_ms;
                to->movement.subject = read->rows[i]->subject;
                to->movement.amount = into ? change.amount : -change.amount;
                to->movement.other = into ? change.from : change.to;
                to->movement.type = read->rows[i]->type;
                to->movement.subject_kind = read->rows[i]->subject_kind;
            }
        }
        args.after_seq = read->next_seq;
    } while (((const hf_event_page *)done.result)->at_end == 0);
}

static void advance_statement(list_args *args, const row *last, const void *result)
{
    (void)last;
    args->statement.after_seq = ((const hf_statement_page *)result)->next_seq;
    args->statement.after_no = ((const hf_statement_page *)result)->next_no;
}

START_TEST(a_statement_has_the_movements_of_the_events_with_their_signs)
{
    static const hf_account_key keys[] = {
        {.kind = HF_KIND_MONEY, .name = "ada", .place = "", .unit = "EUR"},
        {.kind = HF_KIND_ITEM, .name = "tea", .place = "", .unit = "pcs"},
        {.kind = HF_KIND_ITEM, .name = "rare", .place = "", .unit = "pcs"},
    };
    static const list statement = {
        HF_OP_STATEMENT, MOVEMENTS,        offsetof(hf_statement_args, limit), true,
        false,           advance_statement};
    lists_open(_i);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        list_args args;
        hf_statement_init(&args.statement, keys[i].kind, keys[i].name, keys[i].unit);
        want_movements(&keys[i]);
        walk(&statement, &args, keys[i].name);
    }
    shop_close();
}
END_TEST

#define OTHERS 5000u /* events of other accounts, more than one page looks at */

/* Deposits to `name`, many in a batch. */
static void deposit(const char *name, uint32_t count)
{
    hf_move_args moves[100];
    hf_op ops[100];
    hf_completion done[100];
    for (uint32_t i = 0; i < 100; i++) {
        hf_move_init(&moves[i]);
        moves[i].to = hf_key_of(HF_KIND_MONEY, name, "", "EUR");
        moves[i].amount = 1 + i;
        ops[i] = (hf_op){.type = HF_OP_ACCOUNT_DEPOSIT, .args = &moves[i]};
    }
    for (uint32_t sent = 0; sent < count; sent += 100) {
        ck_assert_int_eq(hf_submit(shop.engine, ops, 100, NULL), 100);
        for (int got = 0; got < 100;) {
            int more = hf_completions(shop.engine, done, 100);
            for (int i = 0; i < more; i++)
                ck_assert_int_eq(done[i].status, 0);
            got += more;
            (void)hf_loop_run_once(shop.loop, more == 0);
        }
    }
}

START_TEST(a_statement_continues_behind_many_events_of_other_accounts)
{
    hf_statement_args args;
    hf_completion done;
    lists_open(0);
    hf_statement_init(&args, HF_KIND_MONEY, "eve", "EUR");
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_STATEMENT, &args, &done), 0);
    ck_assert_uint_eq(((const hf_statement_page *)done.result)->at_end, 1);
    args.after_seq = ((const hf_statement_page *)done.result)->next_seq;
    deposit("bob", OTHERS);
    deposit("eve", 100);
    int64_t sum = 0;
    uint32_t pages = 0;
    uint32_t movements = 0;
    uint32_t at_end = 0;
    for (; at_end == 0; pages++) {
        const uint64_t before = args.after_seq;
        ck_assert_int_eq(hf_run(shop.engine, HF_OP_STATEMENT, &args, &done), 0);
        const hf_statement_page *read = done.result;
        for (uint32_t i = 0; i < read->count; i++)
            sum += read->rows[i]->amount;
        movements += read->count;
        ck_assert_msg(pages > 0 || read->count == 0, "%u movements", read->count);
        ck_assert_uint_gt(read->next_seq, before);
        args.after_seq = read->next_seq;
        args.after_no = read->next_no;
        at_end = read->at_end;
    }
    ck_assert_uint_eq(movements, 100);
    ck_assert_int_eq(sum, 5050);
    ck_assert_uint_eq(pages, 2);
    shop_close();
}
END_TEST

/* ---- Transactions ---------------------------------------------------------------------------- */

#define ACTS 7u

static void advance_history(list_args *args, const row *last, const void *result)
{
    (void)result;
    args->history.after_no = last->attempt.no;
}

static const list history = {
    HF_OP_TXN_HISTORY, HF__ATTEMPTS, offsetof(hf_txn_history_args, limit), false, false,
    advance_history};

/* A service that has not answered yet. */
static void stay_silent(void *data, const hf_call *call)
{
    (void)data;
    (void)call;
}

static void register_stock(void)
{
    hf_participant about;
    hf_participant_init(&about, "stock");
    about.attempt = about.confirm = about.cancel = stay_silent;
    ck_assert_int_eq(hf_participant_register(shop.engine, &about), 0);
}

/* Its branches are read in pages that grow. */
START_TEST(a_transaction_is_read_with_all_its_branches)
{
    static const uint32_t counts[] = {1, 7, 8, 9, 23, 24, 25, HF_BRANCHES_MAX};
    static hf_branch_args branches[HF_BRANCHES_MAX];
    lists_open(_i);
    register_stock();
    for (uint32_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        hf_txn_args args;
        hf_txn_get_args get;
        hf_completion done;
        hf_txn_init(&args);
        for (uint32_t k = 0; k < counts[i]; k++) {
            hf_branch_init(&branches[k], "stock");
            branches[k].payload = &counts[i];
            branches[k].payload_bytes = 1 + k % sizeof counts[i];
        }
        args.head.id = lists_id(LISTS_MS + LISTS_LATE_MS, "branches", i);
        args.branches = branches;
        args.branch_count = counts[i];
        lists_do(HF_OP_TXN_BEGIN, &args);
        hf_txn_get_init(&get, &args.head.id);
        ck_assert_int_eq(hf_run(shop.engine, HF_OP_TXN_GET, &get, &done), 0);
        const hf_txn_view *view = done.result;
        ck_assert_uint_eq(view->txn->branch_count, counts[i]);
        ck_assert_uint_eq(view->branch_count, counts[i]);
        for (uint32_t k = 0; k < counts[i]; k++) {
            ck_assert_uint_eq(view->branches[k]->no, k + 1);
            ck_assert_uint_eq(view->branches[k]->payload_bytes, 1 + k % sizeof counts[i]);
            ck_assert_mem_eq(view->branches[k]->payload, &counts[i], 1 + k % sizeof counts[i]);
        }
    }
    shop_close();
}
END_TEST

/* A transaction that operators park and unpark, in turn. */
static hf_id make_history(const char *name, uint32_t acts)
{
    hf_txn_args args;
    hf_branch_args branch;
    hf_txn_init(&args);
    hf_branch_init(&branch, "stock");
    args.head.id = lists_id(LISTS_MS + LISTS_LATE_MS, name, 0);
    args.branches = &branch;
    args.branch_count = 1;
    lists_do(HF_OP_TXN_BEGIN, &args);
    for (uint32_t i = 0; i < acts; i++) {
        char reason[32];
        hf_txn_act_args act;
        (void)snprintf(reason, sizeof reason, "%s %u", name, i);
        hf_txn_act_init(&act, &args.head.id);
        act.reason = reason;
        act.head.actor = name;
        lists_do(i % 2 == 0 ? HF_OP_TXN_PARK : HF_OP_TXN_UNPARK, &act);
    }
    return args.head.id;
}

START_TEST(the_history_of_a_transaction_comes_in_pages)
{
    static const char names[][8] = {"one", "two", "three"};
    lists_open(_i);
    register_stock();
    for (uint32_t i = 0; i < 3; i++) {
        const hf_id id = make_history(names[i], ACTS);
        list_args args;
        hf_txn_history_init(&args.history, &id);
        walked = names[i];
        read_whole(&history, args);
        ck_assert_uint_eq(whole.count, ACTS);
        for (uint32_t k = 0; k < ACTS; k++) {
            char reason[32];
            (void)snprintf(reason, sizeof reason, "%s %u", names[i], k);
            ck_assert_uint_eq(whole.at[k].attempt.no, k + 1);
            ck_assert_str_eq(whole.at[k].attempt.detail.text, reason);
            ck_assert_str_eq(whole.at[k].attempt.actor.text, names[i]);
        }
        for (uint32_t after = 0; after <= ACTS + 1; after++) {
            wanted.count = 0;
            for (uint32_t k = after; k < ACTS; k++)
                wanted.at[wanted.count++] = whole.at[k];
            args.history.after_no = after;
            walk(&history, &args, names[i]);
        }
    }
    shop_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_record_that_is_read_by_itself_has_the_row_of_the_list, 0,
                        LISTS_STORES);
    tcase_add_loop_test(core, a_record_that_is_not_there_is_not_found, 0, LISTS_STORES);
    tcase_add_loop_test(core, a_payment_is_found_by_the_reference_of_its_own_provider, 0,
                        LISTS_STORES);
    tcase_add_loop_test(core, a_hold_that_is_read_has_the_row_that_its_operation_answered, 0,
                        LISTS_STORES);
    tcase_add_loop_test(core, a_statement_has_the_movements_of_the_events_with_their_signs, 0,
                        LISTS_STORES);
    tcase_add_test(core, a_statement_continues_behind_many_events_of_other_accounts);
    tcase_add_loop_test(core, a_transaction_is_read_with_all_its_branches, 0, LISTS_STORES);
    tcase_add_loop_test(core, the_history_of_a_transaction_comes_in_pages, 0, LISTS_STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
