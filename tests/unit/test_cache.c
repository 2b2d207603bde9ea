/*
 * The working set: what a batch sees is the store with its own changes put over it, a savepoint
 * undoes exactly what came after it, a flush writes what changed, and hot rows outlive their batch.
 *
 * The random test compares every answer with a plain array of what should be there.
 */
#include "base/os.h"
#include "cache/cache.h"
#include "model/records.h"
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/random.h"
#include <string.h>

#define WORK_BYTES (32u << 20)
#define ORDERS     40u
#define CUSTOMERS  3u

static hf_env env;
static hf__cache cache;
static hf__arena work;
static void *store;
static void *txn;
static hf_store_error error;
static hf_store_caller caller;
static uint64_t batch;

static void silent(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

static void *alloc_back(void *context, uint64_t bytes)
{
    return hf__cache_alloc_back(context, bytes);
}

static const hf__hot_table hot[] = {
    {HF__ACCOUNTS, HF__PRIMARY},
    {HF__TXNS, HF__TXNS_OPEN},
};

static void open_all(uint64_t kept_bytes)
{
    hf__env_init(&env);
    hf_store_config config = {
        .size = sizeof config,
        .location = "",
        .schema = hf_store_schema(),
        .allocator = &env.allocator,
        .log = silent,
        .error = &error,
    };
    ck_assert_int_eq(hf__memory_driver.open(&config, &store), 0);
    hf__cache_config sizes = {
        .env = &env,
        .schema = hf_store_schema(),
        .driver = &hf__memory_driver,
        .bytes = kept_bytes,
        .batch_max = 4096,
        .hot = hot,
        .hot_count = sizeof hot / sizeof hot[0],
    };
    ck_assert_int_eq(hf__cache_init(&cache, &sizes), 0);
    hf__arena_init(&work, hf__alloc(&env, WORK_BYTES), WORK_BYTES);
    caller = (hf_store_caller){.alloc = alloc_back, .context = &work, .error = &error};
    batch = 0;
}

static void setup(void)
{
    open_all(1u << 20);
}

static void teardown(void)
{
    hf__cache_fini(&cache);
    hf__memory_driver.close(store);
    hf__free(&env, work.memory);
}

static void begin(void)
{
    work.used = 0;
    work.capacity = WORK_BYTES;
    ck_assert_int_eq(hf__memory_driver.begin(store, HF_TXN_WRITE, &caller, &txn), 0);
    hf__cache_begin(&cache, &work, txn);
}

static void end(bool commit)
{
    batch++;
    hf_store_mark mark = {.batch = batch, .time_ms = (int64_t)batch};
    if (commit) {
        ck_assert_int_eq(hf__cache_flush(&cache), 0);
        ck_assert_int_eq(hf__memory_driver.commit(txn, &mark), 0);
    } else {
        hf__memory_driver.rollback(txn);
    }
    hf__cache_end(&cache, commit);
}

static hf__key key_of(uint32_t table, const void *row)
{
    uint8_t *bytes = hf__arena_alloc(&work, HF__KEY_MAX);
    hf__key key = {.table = table, .bytes = bytes};
    key.byte_count =
        hf__key_encode(hf_store_schema()->tables[table], HF__PRIMARY, row, HF__KEY_ALL, bytes);
    key.hash = hf__key_hash(table, bytes, key.byte_count);
    return key;
}

/* The row as the working set has it, loaded when it must be. */
static const void *look(uint32_t table, const void *row)
{
    hf__key key = key_of(table, row);
    const void *found;
    if (hf__cache_get(&cache, &key, &found) == 0)
        return found;
    bool all;
    ck_assert_int_eq(hf__cache_load(&cache, cache.load_list.count, &all), 0);
    ck_assert(all);
    ck_assert_int_eq(hf__cache_get(&cache, &key, &found), 0);
    return found;
}

static void change(uint32_t table, const void *row, const void *to, size_t bytes)
{
    const void *old = look(table, row);
    hf__key key = key_of(table, row);
    const void *kept = to == NULL ? NULL : hf__arena_copy(&work, to, bytes);
    ck_assert_int_eq(hf__cache_apply(&cache, &key, old, kept), 0);
}

static hf_order order_row(uint32_t number, uint32_t customer, int64_t total)
{
    hf_order order = {.total = total, .state = HF_ORDER_PENDING};
    order.id.bytes[6] = 0x70;
    order.id.bytes[8] = 0x80;
    order.id.bytes[15] = (uint8_t)number;
    (void)snprintf(order.customer.text, sizeof order.customer.text, "c%u", customer);
    (void)snprintf(order.currency.text, sizeof order.currency.text, "EUR");
    return order;
}

static hf_account account_row(uint32_t number, int64_t balance)
{
    hf_account account = {.balance = balance, .max_balance = INT64_MAX};
    account.key.kind = HF_KIND_ITEM;
    (void)snprintf(account.key.name.text, sizeof account.key.name.text, "item-%u", number);
    (void)snprintf(account.key.unit.text, sizeof account.key.unit.text, "pcs");
    return account;
}

/* ---- Against a plain array ------------------------------------------------------------------- */

typedef struct plain {
    bool there[ORDERS];
    hf_order rows[ORDERS];
} plain;

static uint32_t expect_scan(const plain *model, uint32_t customer, bool descending, uint32_t *out)
{
    char name[8];
    uint32_t count = 0;
    (void)snprintf(name, sizeof name, "c%u", customer);
    for (uint32_t i = 0; i < ORDERS; i++) {
        uint32_t at = descending ? ORDERS - 1 - i : i;
        if (model->there[at] && strcmp(model->rows[at].customer.text, name) == 0)
            out[count++] = at;
    }
    return count;
}

static void compare_scan(const plain *model, hf_test_random *random)
{
    uint32_t customer = hf_test_below(random, CUSTOMERS);
    bool descending = hf_test_below(random, 2) == 1;
    uint32_t limit = 1 + hf_test_below(random, ORDERS);
    hf_order bound = order_row(0, customer, 0);
    hf_scan scan = {
        .table = HF__ORDERS,
        .index = HF__ORDERS_CUSTOMER,
        .low = &bound,
        .high = &bound,
        .low_columns = 1,
        .high_columns = 1,
        .descending = descending,
    };
    uint32_t expected[ORDERS];
    uint32_t all = expect_scan(model, customer, descending, expected);
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    ck_assert_int_eq(hf__cache_scan(&cache, &scan, limit, &rows, &count, &more), 0);
    ck_assert_uint_eq(count, all < limit ? all : limit);
    ck_assert_uint_eq(more, all > limit);
    for (uint32_t i = 0; i < count; i++) {
        const hf_order *row = rows[i];
        ck_assert_uint_eq(row->id.bytes[15], expected[i]);
        ck_assert_int_eq(row->total, model->rows[expected[i]].total);
    }
}

static void compare_get(const plain *model, hf_test_random *random)
{
    uint32_t number = hf_test_below(random, ORDERS);
    hf_order key = order_row(number, 0, 0);
    const hf_order *row = look(HF__ORDERS, &key);
    ck_assert_int_eq(row != NULL, model->there[number]);
    if (row != NULL)
        ck_assert_int_eq(row->total, model->rows[number].total);
}

static void change_one(plain *model, hf_test_random *random)
{
    uint32_t number = hf_test_below(random, ORDERS);
    hf_order row =
        order_row(number, hf_test_below(random, CUSTOMERS), (int64_t)hf_test_below(random, 1000));
    if (model->there[number] && hf_test_below(random, 3) == 0) {
        change(HF__ORDERS, &row, NULL, 0);
        model->there[number] = false;
        return;
    }
    change(HF__ORDERS, &row, &row, sizeof row);
    model->there[number] = true;
    model->rows[number] = row;
}

static void random_batch(plain *model, hf_test_random *random)
{
    plain before = *model;
    plain at_savepoint = *model;
    hf__log_record *savepoint = NULL;
    begin();
    for (uint32_t step = 0; step < 40; step++) {
        uint32_t dice = hf_test_below(random, 10);
        if (dice == 0) {
            savepoint = hf__cache_savepoint(&cache);
            at_savepoint = *model;
        } else if (dice == 1) {
            hf__cache_rollback(&cache, savepoint);
            *model = at_savepoint;
        } else if (dice < 5) {
            change_one(model, random);
        } else if (dice < 8) {
            compare_scan(model, random);
        } else {
            compare_get(model, random);
        }
    }
    bool commit = hf_test_below(random, 4) != 0;
    end(commit);
    if (!commit)
        *model = before;
}

START_TEST(a_batch_sees_the_store_with_its_own_changes_over_it)
{
    hf_test_random random = hf_test_seed();
    plain model = {.there = {false}};
    for (uint32_t i = 0; i < 500; i++)
        random_batch(&model, &random);
}
END_TEST

START_TEST(a_range_of_many_pages_comes_whole_and_in_order)
{
    begin();
    for (uint32_t i = 0; i < 200; i += 2) {
        hf_order row = order_row(i, 0, i);
        change(HF__ORDERS, &row, &row, sizeof row);
    }
    end(true);
    begin();
    for (uint32_t i = 1; i < 200; i += 2) {
        hf_order row = order_row(i, 0, i);
        change(HF__ORDERS, &row, &row, sizeof row);
    }
    hf_scan scan = {.table = HF__ORDERS};
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    ck_assert_int_eq(hf__cache_scan(&cache, &scan, 1000, &rows, &count, &more), 0);
    ck_assert_uint_eq(count, 200);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(((const hf_order *)rows[i])->id.bytes[15], i);
    end(false);
}
END_TEST

/* The pages that are read grow as long as the batch has removed all that is in them. */
START_TEST(a_range_whose_first_rows_the_batch_removed_comes_with_any_limit)
{
    const uint32_t last = 255;
    begin();
    for (uint32_t i = 0; i <= last; i++) {
        hf_order row = order_row(i, 0, i);
        change(HF__ORDERS, &row, &row, sizeof row);
    }
    end(true);
    for (uint32_t limit = 1; limit <= 300; limit++) {
        begin();
        for (uint32_t i = 0; i < last; i++) {
            hf_order row = order_row(i, 0, i);
            change(HF__ORDERS, &row, NULL, 0);
        }
        hf_scan scan = {.table = HF__ORDERS};
        const void *const *rows;
        uint32_t count;
        uint32_t more;
        ck_assert_int_eq(hf__cache_scan(&cache, &scan, limit, &rows, &count, &more), 0);
        ck_assert_uint_eq(count, 1);
        ck_assert_uint_eq(more, 0);
        ck_assert_uint_eq(((const hf_order *)rows[0])->id.bytes[15], last);
        end(false);
    }
}
END_TEST

/* ---- Hot rows -------------------------------------------------------------------------------- */

START_TEST(a_hot_row_is_there_in_the_next_batch_without_a_load)
{
    hf_account row = account_row(1, 7);
    begin();
    change(HF__ACCOUNTS, &row, &row, sizeof row);
    end(true);
    begin();
    hf__key key = key_of(HF__ACCOUNTS, &row);
    const void *found;
    ck_assert_int_eq(hf__cache_get(&cache, &key, &found), 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(((const hf_account *)found)->balance, 7);
    end(false);
}
END_TEST

START_TEST(a_batch_that_failed_leaves_hot_rows_as_they_were)
{
    hf_account row = account_row(1, 7);
    hf_account other = account_row(1, 8);
    begin();
    change(HF__ACCOUNTS, &row, &row, sizeof row);
    end(true);
    begin();
    change(HF__ACCOUNTS, &other, &other, sizeof other);
    end(false);
    begin();
    ck_assert_int_eq(((const hf_account *)look(HF__ACCOUNTS, &row))->balance, 7);
    end(false);
}
END_TEST

START_TEST(more_hot_rows_than_slots_are_evicted_and_loaded_again)
{
    teardown();
    open_all(0); /* the least number of slots */
    uint32_t rows = 4 * cache.slot_count;
    for (uint32_t i = 0; i < rows; i++) {
        hf_account row = account_row(i, (int64_t)i);
        begin();
        change(HF__ACCOUNTS, &row, &row, sizeof row);
        end(true);
    }
    for (uint32_t i = 0; i < rows; i++) {
        hf_account row = account_row(i, 0);
        begin();
        const hf_account *found = look(HF__ACCOUNTS, &row);
        ck_assert_ptr_nonnull(found);
        ck_assert_int_eq(found->balance, (int64_t)i);
        end(false);
    }
}
END_TEST

START_TEST(a_row_with_meta_is_not_kept_but_loaded_whole)
{
    static const char meta[] = "red";
    hf_account row = account_row(1, 7);
    row.meta = meta;
    row.meta_bytes = sizeof meta;
    begin();
    change(HF__ACCOUNTS, &row, &row, sizeof row);
    end(true);
    begin();
    const hf_account *found = look(HF__ACCOUNTS, &row);
    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->meta_bytes, sizeof meta);
    ck_assert_mem_eq(found->meta, meta, sizeof meta);
    end(false);
}
END_TEST

/* Its meta would be lost with the memory of the batch, if the row stayed. */
START_TEST(a_kept_row_that_gets_meta_is_not_kept_any_more)
{
    char meta[] = "red";
    hf_account row = account_row(1, 7);
    begin();
    change(HF__ACCOUNTS, &row, &row, sizeof row);
    end(true);
    begin();
    (void)look(HF__ACCOUNTS, &row);
    row.meta = meta;
    row.meta_bytes = sizeof meta;
    change(HF__ACCOUNTS, &row, &row, sizeof row);
    end(true);
    memset(meta, 'x', sizeof meta);
    memset(work.memory, 0xa5, work.capacity);
    begin();
    const hf_account *found = look(HF__ACCOUNTS, &row);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(found->balance, 7);
    ck_assert_uint_eq(found->meta_bytes, sizeof meta);
    ck_assert_str_eq(found->meta, "red");
    end(false);
}
END_TEST

/* True when the row is there without a load. */
static bool is_kept(uint32_t table, const void *row)
{
    begin();
    hf__key key = key_of(table, row);
    const void *found;
    const bool kept = hf__cache_get(&cache, &key, &found) == 0 && found != NULL;
    end(false);
    return kept;
}

START_TEST(a_transaction_is_kept_until_it_has_ended)
{
    hf_txn row = {.state = HF_TXN_TRYING};
    row.id.bytes[15] = 1;
    begin();
    change(HF__TXNS, &row, &row, sizeof row);
    end(true);
    ck_assert(is_kept(HF__TXNS, &row));
    row.state = HF_TXN_CONFIRMING;
    begin();
    change(HF__TXNS, &row, &row, sizeof row);
    end(true);
    ck_assert(is_kept(HF__TXNS, &row));
    row.state = HF_TXN_CONFIRMED;
    begin();
    change(HF__TXNS, &row, &row, sizeof row);
    end(true);
    ck_assert(!is_kept(HF__TXNS, &row));
    begin();
    ck_assert_uint_eq(((const hf_txn *)look(HF__TXNS, &row))->state, HF_TXN_CONFIRMED);
    end(true);
    ck_assert_msg(!is_kept(HF__TXNS, &row), "one that ended is not kept because it was read");
}
END_TEST

/* ---- Limits ---------------------------------------------------------------------------------- */

START_TEST(a_full_working_set_refuses_and_stays_usable)
{
    hf_order row = order_row(1, 0, 1);
    begin();
    work.capacity = work.used + 600; /* room for the key, not for the entry and its log */
    hf__key key = key_of(HF__ORDERS, &row);
    ck_assert_int_eq(hf__cache_apply(&cache, &key, NULL, &row), HF_E_NOMEM);
    end(false);
    begin();
    change(HF__ORDERS, &row, &row, sizeof row);
    end(true);
    begin();
    ck_assert_ptr_nonnull(look(HF__ORDERS, &row));
    end(false);
}
END_TEST

/* ---- New ids --------------------------------------------------------------------------------- */

/* True when the working set answers for an order without asking the store. */
static bool answers_at_once(uint32_t number)
{
    hf_order row = order_row(number, 0, 1);
    hf__key key = key_of(HF__ORDERS, &row);
    const void *found;
    bool at_once = hf__cache_get(&cache, &key, &found) == 0;
    ck_assert_ptr_null(found);
    cache.load_list.count = 0;
    return at_once;
}

static bool lacks(uint32_t number)
{
    hf_order row = order_row(number, 0, 1);
    return hf__cache_is_new_id(&cache, &row.id);
}

static void store_orders(uint32_t first, uint32_t count)
{
    begin();
    for (uint32_t i = first; i < first + count; i++) {
        hf_order row = order_row(i, 0, i);
        change(HF__ORDERS, &row, &row, sizeof row);
    }
    end(true);
}

START_TEST(a_new_id_needs_no_look_up_in_whatever_order_ids_come)
{
    store_orders(5, 1);
    begin();
    ck_assert(answers_at_once(6));
    ck_assert(answers_at_once(4));
    ck_assert(!answers_at_once(5));
    ck_assert(lacks(6) && lacks(4) && !lacks(5));
    end(false);
}
END_TEST

START_TEST(an_id_of_one_table_is_lacking_in_none)
{
    hf_order order = order_row(7, 0, 1);
    hf_hold hold = {.id = order.id, .amount = 1, .state = HF_HOLD_HELD};
    begin();
    change(HF__HOLDS, &hold, &hold, sizeof hold);
    ck_assert(!lacks(7));
    end(false); /* taken back: it may be asked for, which does no harm */
    begin();
    ck_assert_ptr_null(look(HF__ORDERS, &order));
    ck_assert_ptr_null(look(HF__HOLDS, &hold));
    end(false);
}
END_TEST

START_TEST(after_a_new_start_the_greatest_ids_are_known_and_the_others_looked_up)
{
    store_orders(1, 40);
    hf__cache_fini(&cache);
    hf__cache_config sizes = {
        .env = &env, .schema = hf_store_schema(), .driver = &hf__memory_driver, .batch_max = 64};
    ck_assert_int_eq(hf__cache_init(&cache, &sizes), 0);
    begin();
    ck_assert_int_eq(hf__cache_prime(&cache, txn), 0);
    for (uint32_t i = 0; i <= 40; i++)
        ck_assert(!lacks(i)); /* 0 is below all that was read: it might be there */
    ck_assert(lacks(41));
    hf_order row = order_row(3, 0, 0);
    ck_assert_ptr_nonnull(look(HF__ORDERS, &row));
    row = order_row(40, 0, 0);
    ck_assert_ptr_nonnull(look(HF__ORDERS, &row));
    end(false);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cache");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, a_batch_sees_the_store_with_its_own_changes_over_it);
    tcase_add_test(core, a_range_of_many_pages_comes_whole_and_in_order);
    tcase_add_test(core, a_range_whose_first_rows_the_batch_removed_comes_with_any_limit);
    tcase_add_test(core, a_hot_row_is_there_in_the_next_batch_without_a_load);
    tcase_add_test(core, a_batch_that_failed_leaves_hot_rows_as_they_were);
    tcase_add_test(core, more_hot_rows_than_slots_are_evicted_and_loaded_again);
    tcase_add_test(core, a_kept_row_that_gets_meta_is_not_kept_any_more);
    tcase_add_test(core, a_transaction_is_kept_until_it_has_ended);
    tcase_add_test(core, a_row_with_meta_is_not_kept_but_loaded_whole);
    tcase_add_test(core, a_full_working_set_refuses_and_stays_usable);
    tcase_add_test(core, a_new_id_needs_no_look_up_in_whatever_order_ids_come);
    tcase_add_test(core, an_id_of_one_table_is_lacking_in_none);
    tcase_add_test(core, after_a_new_start_the_greatest_ids_are_known_and_the_others_looked_up);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
