/*
 * When erased bytes are gone from the disk, as erase.h says: looked for in the bytes of every file
 * that belongs to the store. The first look is the control: before the erasure the text is there.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): memmem */
#include "support/check_main.h"
#include "support/one_shop.h"
#include "support/orders.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#if HF_HAVE_LMDB
#include <lmdb.h>
#endif

#define ORDERS 40
#define LARGE  6000 /* bytes of meta that do not fit into a page with others */

static const struct {
    const char *url;
    const char *path;
} stores[] = {
#if HF_HAVE_LMDB
    {"lmdb:shop.mdb", "shop.mdb"},
#endif
#if HF_HAVE_SQLITE
    {"sqlite:shop.db", "shop.db"},
#endif
    {"memory:", NULL},
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

static const char address[] = "12 Saint James Square";
static const char customer[] = "ada-lovelace-1815";

/* ---- The bytes of files ---------------------------------------------------------------------- */

static int has_text(const char *path, const char *text)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fstat(fileno(file), &info), 0);
    char *bytes = malloc((size_t)info.st_size + 1);
    ck_assert_ptr_nonnull(bytes);
    size_t count = fread(bytes, 1, (size_t)info.st_size, file);
    ck_assert_int_eq(fclose(file), 0);
    int found = memmem(bytes, count, text, strlen(text)) != NULL;
    free(bytes);
    return found;
}

/* How many files have the text whose names begin like `path`: the store, its log, its journal. */
static int files_with(const char *path, const char *text)
{
    int count = 0;
    const char *folders[] = {".", NULL};
    char journal[64];
    (void)snprintf(journal, sizeof journal, "%s.journal", path);
    folders[1] = journal;
    for (int i = 0; i < 2; i++) {
        DIR *folder = opendir(folders[i]);
        for (struct dirent *one; folder != NULL && (one = readdir(folder)) != NULL;) {
            char name[384];
            struct stat info;
            (void)snprintf(name, sizeof name, "%s/%s", folders[i], one->d_name);
            bool belongs = i == 1 || strncmp(one->d_name, path, strlen(path)) == 0;
            if (belongs && stat(name, &info) == 0 && S_ISREG(info.st_mode))
                count += has_text(name, text);
        }
        if (folder != NULL)
            (void)closedir(folder);
    }
    return count;
}

/* ---- A shop ---------------------------------------------------------------------------------- */

static void open_shop(const char *url)
{
    hf_options options;
    hf_options_init(&options);
    options.store = url;
    options.threads = 0;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    int error = hf_engine_open(shop.loop, &options, &shop.engine);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
}

static void good(uint32_t type, const void *args)
{
    int error = shop_run(type, args);
    ck_assert_msg(error == 0, "%s: %s: %s", hf_op_name(type), hf_error_name(error), shop.detail);
}

static hf_id place(int number, const char *of, const char *text)
{
    static char meta[LARGE];
    hf_order_place_args args;
    hf_line_args line;
    hf_order_place_init(&args, "EUR");
    hf_line_init(&line, "tea", 1, 0);
    line.untracked = 1;
    ck_assert_int_eq(hf_id_make(shop.engine, &args.head.id), 0);
    for (size_t at = 0, length = strlen(text); at < sizeof meta; at++)
        meta[at] = at % (length + 1) == length ? ' ' : text[at % (length + 1)];
    args.head.meta = meta;
    args.head.meta_bytes = number % 2 == 0 ? 100 : LARGE;
    args.customer = of;
    args.lines = &line;
    args.line_count = 1;
    args.policy = HF_ORDER_PAY_LATER;
    good(HF_OP_ORDER_PLACE, &args);
    return args.head.id;
}

static hf_id fill(void)
{
    hf_account_put_args till;
    hf_account_put_init(&till, HF_KIND_MONEY, "till", "EUR");
    till.unit_scale = 2;
    good(HF_OP_ACCOUNT_PUT, &till);
    hf_id last = {.bytes = {0}};
    for (int i = 0; i < ORDERS; i++)
        last = place(i, customer, address);
    (void)place(0, "somebody else", "a text that stays");
    return last;
}

/* Until nothing is left; a page is smaller than the customer's orders. */
static void erase_customer(void)
{
    hf_erase_args args;
    hf_completion done;
    uint32_t pages = 0;
    uint64_t orders = 0;
    hf_erase_init(&args, NULL);
    args.by = HF_ERASE_BY_CUSTOMER;
    args.customer = customer;
    args.replacement = "erased-1";
    args.limit = 16;
    for (uint32_t more = 1; more != 0; pages++) {
        ck_assert_int_eq(hf_run(shop.engine, HF_OP_ERASE, &args, &done), 0);
        const hf_erase_result *result = done.result;
        ck_assert_uint_ne(done.event_seq, 0);
        orders += result->orders;
        more = result->more;
    }
    ck_assert_uint_eq(orders, ORDERS);
    ck_assert_uint_eq(pages, 3);
}

/* How many orders a customer has, as the index says; none of them has meta. */
static uint32_t count_orders(const char *of)
{
    hf_order_list_args args;
    hf_completion done;
    hf_order_list_init(&args);
    args.by = HF_ORDERS_BY_CUSTOMER;
    args.text = of;
    args.limit = 256;
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_ORDER_LIST, &args, &done), 0);
    const hf_order_page *page = done.result;
    for (uint32_t i = 0; i < page->count; i++)
        ck_assert_uint_eq(page->rows[i]->meta_bytes, 0);
    return page->count;
}

static void check_shop(void)
{
    shop_verify();
    ck_assert_uint_eq(count_orders("erased-1"), ORDERS);
    ck_assert_uint_eq(count_orders(customer), 0);
}

static void on_backup(void *data, int status, const char *detail)
{
    (void)data;
    shop.ended++;
    shop.status = status;
    (void)snprintf(shop.detail, sizeof shop.detail, "%s", detail);
}

static void backup(const char *path)
{
    ck_assert_int_eq(hf_backup(shop.engine, path, NULL, on_backup, NULL), 0);
    shop_wait();
    ck_assert_msg(shop.status == 0, "%s: %s", hf_error_name(shop.status), shop.detail);
}

/* A folder of its own for each test. */
static void set_up(void)
{
    char folder[] = "erase-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
}

static void tear_down(void)
{
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

/* Filled, closed and opened again: the store itself has the texts. */
static hf_id begin(const char *url, const char *path)
{
    open_shop(url);
    const hf_id order = fill();
    if (path == NULL)
        return order;
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
    ck_assert_int_gt(files_with(path, address), 0);
    ck_assert_int_gt(files_with(path, customer), 0);
    open_shop(url);
    return order;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

START_TEST(a_customer_is_erased_page_by_page_on_every_store)
{
    (void)begin(stores[_i].url, stores[_i].path);
    erase_customer();
    check_shop();
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
    if (stores[_i].path == NULL)
        return;
    open_shop(stores[_i].url);
    check_shop();
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
}
END_TEST

START_TEST(a_chain_erases_all_or_nothing)
{
    const hf_id order = begin(stores[_i].url, stores[_i].path);
    hf_erase_args erase;
    hf_move_args withdraw;
    hf_completion done[2];
    hf_erase_init(&erase, &order);
    hf_move_init(&withdraw);
    withdraw.from = hf_test_key(HF_KIND_MONEY, "till", "EUR");
    withdraw.amount = 1;
    const hf_op ops[] = {{.type = HF_OP_ERASE, .flags = HF_OP_LINKED, .args = &erase},
                         {.type = HF_OP_ACCOUNT_WITHDRAW, .args = &withdraw}};
    ck_assert_int_eq(hf_submit(shop.engine, ops, 2, NULL), 2);
    ck_assert_int_eq(hf_wait(shop.engine, done, 2), 2);
    ck_assert_int_eq(done[0].status, HF_E_CHAIN);
    ck_assert_int_eq(done[1].status, HF_E_FUNDS_SHORT);
    hf_order_get_args get;
    hf_order_get_init(&get, &order);
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_ORDER_GET, &get, done), 0);
    const hf_order_view *view = done[0].result;
    ck_assert_str_eq(view->order->customer.text, customer);
    ck_assert_uint_eq(view->order->meta_bytes, LARGE);
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
}
END_TEST

/* Pages of one batch: each sees what the one before has erased. */
START_TEST(pages_that_are_submitted_together_erase_each_order_once)
{
    (void)begin(stores[_i].url, stores[_i].path);
    hf_erase_args args;
    hf_op ops[4];
    hf_completion done;
    hf_erase_init(&args, NULL);
    args.by = HF_ERASE_BY_CUSTOMER;
    args.customer = customer;
    args.replacement = "erased-1";
    args.limit = 16;
    for (uint32_t i = 0; i < 4; i++)
        ops[i] = (hf_op){.type = HF_OP_ERASE, .args = &args};
    ck_assert_int_eq(hf_submit(shop.engine, ops, 4, NULL), 4);
    static const uint32_t pages[] = {16, 16, ORDERS - 32, 0};
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_int_eq(hf_wait(shop.engine, &done, 1), 1);
        ck_assert_int_eq(done.status, 0);
        const hf_erase_result *result = done.result;
        ck_assert_uint_eq(result->orders, pages[i]);
        ck_assert_uint_eq(result->more, i < 2 ? 1 : 0);
    }
    check_shop();
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
}
END_TEST

#if HF_HAVE_SQLITE
START_TEST(an_sqlite_store_that_is_closed_has_no_erased_byte)
{
    const char *path = "shop.db";
    (void)begin("sqlite:shop.db", path);
    erase_customer();
    backup("copy.db");
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
    ck_assert_int_eq(files_with(path, "a text that stays"), 1);
    ck_assert_int_eq(files_with(path, address), 0);
    ck_assert_int_eq(files_with(path, customer), 0);
    ck_assert_int_ne(access("shop.db.journal", F_OK), 0);
    ck_assert_int_ne(access("shop.db-wal", F_OK), 0);
    ck_assert_int_eq(files_with("copy.db", address), 0);
    ck_assert_int_eq(files_with("copy.db", customer), 0);
    ck_assert_int_eq(hf_restore("copy.db", "sqlite:back.db", shop.detail, sizeof shop.detail), 0);
    ck_assert_int_eq(files_with("back.db", customer), 0);
    open_shop("sqlite:back.db");
    check_shop();
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
}
END_TEST
#endif

#if HF_HAVE_LMDB
/* What mdb_copy -c does. */
static void compact(const char *from, const char *to)
{
    MDB_env *env = NULL;
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_open(env, from, MDB_NOSUBDIR | MDB_RDONLY, 0600), 0);
    ck_assert_int_eq(mdb_env_copy2(env, to, MDB_CP_COMPACT), 0);
    mdb_env_close(env);
}

START_TEST(a_compacting_copy_of_an_lmdb_store_has_no_erased_byte)
{
    const char *path = "shop.mdb";
    (void)begin("lmdb:shop.mdb", path);
    erase_customer();
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
    ck_assert_int_ne(access("shop.mdb.journal", F_OK), 0);
    ck_assert_int_gt(files_with(path, customer), 0); /* in free pages */
    compact(path, "copy.mdb");
    ck_assert_int_eq(files_with("copy.mdb", "a text that stays"), 1);
    ck_assert_int_eq(files_with("copy.mdb", address), 0);
    ck_assert_int_eq(files_with("copy.mdb", customer), 0);
    open_shop("lmdb:copy.mdb");
    check_shop();
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
    ck_assert_int_eq(files_with("copy.mdb", customer), 0);
}
END_TEST
#endif

int main(void)
{
    Suite *suite = suite_create("erase_files");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_loop_test(core, a_customer_is_erased_page_by_page_on_every_store, 0, STORES);
    tcase_add_loop_test(core, pages_that_are_submitted_together_erase_each_order_once, 0, STORES);
    tcase_add_loop_test(core, a_chain_erases_all_or_nothing, 0, STORES);
#if HF_HAVE_SQLITE
    tcase_add_test(core, an_sqlite_store_that_is_closed_has_no_erased_byte);
#endif
#if HF_HAVE_LMDB
    tcase_add_test(core, a_compacting_copy_of_an_lmdb_store_has_no_erased_byte);
#endif
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
