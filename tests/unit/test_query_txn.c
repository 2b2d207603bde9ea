/*
 * Reads of transactions over a store with some hundred of them, against a plain look at each.
 */
#include "support/bare.h"

#include "model/records.h"
#include "model/tables.h"

#define TXNS 300u

static hf_txn txns[TXNS];
static const char *const names[] = {"bank", "courier", "stock"};
static hf_branch branches[TXNS][3];

/* What has happened to the transaction `i`: every state, some parked, one to three branches. */
static void make(uint32_t i)
{
    hf_txn *txn = &txns[i];
    *txn = (hf_txn){.state = 1 + i * 7 % 5, .branch_count = i % 4, .shard = i % HF_SHARDS};
    bool over = txn->state == HF_TXN_CONFIRMED || txn->state == HF_TXN_CANCELLED;
    txn->id.bytes[4] = (uint8_t)(1 + i / 256);
    txn->id.bytes[5] = (uint8_t)i;
    txn->id.bytes[6] = 0x70;
    txn->id.bytes[8] = 0x80;
    txn->version = 1;
    txn->created_at_ms = HF_BARE_NOW + i * 11 % TXNS;
    txn->parked = !over && i % 6 == 0;
    txn->due_ms = over || txn->parked ? 0 : HF_BARE_NOW + i * 13 % 50;
    txn->attempts = i % 5;
    for (uint32_t k = 0; k < txn->branch_count; k++) {
        hf_branch *branch = &branches[i][k];
        *branch = (hf_branch){.txn = txn->id, .no = k + 1, .participant_version = 1};
        memcpy(branch->participant.text, names[(i + k / 2) % 3], strlen(names[(i + k / 2) % 3]));
        branch->state = over || (i + k) % 5 == 0 ? HF_BRANCH_CANCELLED : HF_BRANCH_TRYING;
        branch->payload = "payload";
        branch->payload_bytes = (uint64_t)k * 3;
    }
}

static void put(void *txn, uint32_t table, const void *row)
{
    const void *olds[] = {NULL};
    ck_assert_int_eq(hf__memory_driver.put(txn, table, &row, olds, 1), 0);
}

static void fill(void)
{
    setup();
    hf_store_caller caller = {.error = &error};
    hf_store_mark mark = {.batch = 1000, .time_ms = HF_BARE_NOW};
    void *txn;
    ck_assert_int_eq(hf__memory_driver.begin(fault.store, HF_TXN_WRITE, &caller, &txn), 0);
    for (uint32_t i = 0; i < TXNS; i++) {
        make(i);
        put(txn, HF__TXNS, &txns[i]);
        for (uint32_t k = 0; k < txns[i].branch_count; k++)
            put(txn, HF__BRANCHES, &branches[i][k]);
        for (uint32_t no = 1; no <= txns[i].attempts; no++)
            put(txn, HF__ATTEMPTS, &(hf_attempt){.txn = txns[i].id, .no = no, .branch = 1});
    }
    ck_assert_int_eq(hf__memory_driver.commit(txn, &mark), 0);
}

static const hf_completion *ask(uint32_t type, hf_op_head *args)
{
    hf__batch_reset(&batch);
    hf__task *task = add(type, args);
    hf__engine_read(engine, &batch);
    return &task->done;
}

/* ---- One ------------------------------------------------------------------------------------- */

START_TEST(a_transaction_is_read_with_its_branches)
{
    for (uint32_t i = 0; i < TXNS; i += 17) {
        hf_txn_get_args args;
        hf_txn_get_init(&args, &txns[i].id);
        const hf_completion *done = ask(HF_OP_TXN_GET, &args.head);
        ck_assert_msg(done->status == 0, "%s", done->detail);
        const hf_txn_view *view = done->result;
        ck_assert_mem_eq(view->txn, &txns[i], sizeof txns[i]);
        ck_assert_uint_eq(view->branch_count, txns[i].branch_count);
        for (uint32_t k = 0; k < view->branch_count; k++) {
            ck_assert_uint_eq(view->branches[k]->no, k + 1);
            ck_assert_uint_eq(view->branches[k]->payload_bytes, (uint64_t)k * 3);
            if (k > 0)
                ck_assert_mem_eq(view->branches[k]->payload, "payload", (size_t)k * 3);
        }
    }
}
END_TEST

START_TEST(history_comes_in_pages)
{
    hf_txn_history_args args;
    hf_txn_history_init(&args, &txns[4].id);
    args.limit = 3;
    const hf_attempt_page *page = ask(HF_OP_TXN_HISTORY, &args.head)->result;
    ck_assert_uint_eq(page->count, 3);
    ck_assert_uint_eq(page->rows[2]->no, 3);
    args.after_no = 3;
    page = ask(HF_OP_TXN_HISTORY, &args.head)->result;
    ck_assert_uint_eq(page->count, 1);
    ck_assert_uint_eq(page->rows[0]->no, 4);
    hf_txn_history_init(&args, &txns[5].id);
    page = ask(HF_OP_TXN_HISTORY, &args.head)->result;
    ck_assert_uint_eq(page->count, 0);
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    hf_id nobody = txns[3].id;
    nobody.bytes[15] = 9;
    hf_txn_get_args get;
    hf_txn_get_init(&get, &nobody);
    const hf_completion *done = ask(HF_OP_TXN_GET, &get.head);
    ck_assert_int_eq(done->status, HF_E_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(done->detail, "no transaction 00000000-0103-7000"));
    hf_txn_history_args history;
    hf_txn_history_init(&history, &nobody);
    ck_assert_int_eq(ask(HF_OP_TXN_HISTORY, &history.head)->status, HF_E_NOT_FOUND);
}
END_TEST

/* ---- Pages ----------------------------------------------------------------------------------- */

static bool over(const hf_txn *txn)
{
    return txn->state == HF_TXN_CONFIRMED || txn->state == HF_TXN_CANCELLED;
}

static bool has_branch(uint32_t i, const char *participant)
{
    for (uint32_t k = 0; k < txns[i].branch_count; k++)
        if (branches[i][k].state == HF_BRANCH_TRYING &&
            strcmp(branches[i][k].participant.text, participant) == 0)
            return true;
    return false;
}

static bool wanted(uint32_t i, const hf_txn_list_args *args)
{
    const hf_txn *txn = &txns[i];
    return (args->state == 0 || args->state == txn->state) &&
           (args->created_to_ms == 0 || txn->created_at_ms < args->created_to_ms) &&
           (args->participant[0] == '\0' || has_branch(i, args->participant)) &&
           (args->which != HF_TXN_WHICH_OPEN || !over(txn)) &&
           (args->which != HF_TXN_WHICH_PARKED || txn->parked) &&
           (args->which != HF_TXN_WHICH_DUE || txn->due_ms != 0);
}

/* Reads all pages: each one that is wanted comes once, in order. */
static void check_list(hf_txn_list_args *args)
{
    uint32_t count = 0;
    uint32_t pages = 0;
    bool seen[TXNS] = {false};
    hf_txn last = {.version = 0};
    for (bool at_end = false; !at_end; pages++) {
        const hf_completion *done = ask(HF_OP_TXN_LIST, &args->head);
        ck_assert_msg(done->status == 0, "%s", done->detail);
        const hf_txn_page *page = done->result;
        ck_assert_uint_le(page->count, args->limit);
        for (uint32_t i = 0; i < page->count; i++) {
            const hf_txn *txn = page->rows[i];
            uint32_t at = (txn->id.bytes[4] - 1u) * 256 + txn->id.bytes[5];
            ck_assert_mem_eq(txn, &txns[at], sizeof *txn);
            ck_assert(wanted(at, args) && !seen[at]);
            bool by_due = args->which == HF_TXN_WHICH_DUE && txn->due_ms != last.due_ms;
            ck_assert(by_due ? txn->due_ms > last.due_ms
                             : memcmp(&txn->id, &last.id, sizeof(hf_id)) > 0);
            seen[at] = true;
            last = *txn;
            count++;
        }
        at_end = page->at_end != 0;
        args->after = page->next;
        args->after_ms = page->next_ms;
        ck_assert_uint_lt(pages, 2 * TXNS + 2);
    }
    uint32_t all = 0;
    for (uint32_t i = 0; i < TXNS; i++)
        all += wanted(i, args);
    ck_assert_uint_eq(count, all);
}

static const uint32_t limits[] = {1, 7, 100, 256};

START_TEST(pages_bring_each_transaction_that_is_wanted_once_and_in_order)
{
    static const char *const participants[] = {"", "bank", "courier", "stock", "nobody"};
    uint32_t limit = limits[_i % 4];
    const char *participant = participants[_i / 4];
    for (uint32_t which = 0; which <= HF_TXN_WHICH_DUE; which++) {
        for (uint32_t state = 0; state <= HF_TXN_CANCELLED; state++) {
            hf_txn_list_args args;
            hf_txn_list_init(&args);
            args.participant = participant;
            args.which = which;
            args.state = state;
            args.limit = limit;
            args.created_to_ms = state % 2 == 0 ? 0 : HF_BARE_NOW + 100;
            check_list(&args);
        }
    }
}
END_TEST

START_TEST(a_page_of_an_empty_store_is_the_last)
{
    teardown();
    setup();
    for (uint32_t which = 0; which <= HF_TXN_WHICH_DUE; which++) {
        hf_txn_list_args args;
        hf_txn_list_init(&args);
        args.participant = which % 2 == 0 ? "" : "bank";
        args.which = which;
        const hf_txn_page *page = ask(HF_OP_TXN_LIST, &args.head)->result;
        ck_assert_uint_eq(page->count, 0);
        ck_assert_uint_eq(page->at_end, 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query_txn");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, fill, teardown);
    tcase_add_test(core, a_transaction_is_read_with_its_branches);
    tcase_add_test(core, history_comes_in_pages);
    tcase_add_test(core, what_is_not_there_is_not_found);
    tcase_add_loop_test(core, pages_bring_each_transaction_that_is_wanted_once_and_in_order, 0, 20);
    tcase_add_test(core, a_page_of_an_empty_store_is_the_last);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
