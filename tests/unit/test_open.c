/*
 * Options and opening: what is refused, with which words, and that nothing is left behind.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <stdatomic.h>
#include <stdlib.h>

static hf_test_host host;

static void setup(void)
{
    hf_test_options(&host, 1);
    ck_assert_int_eq(hf_loop_create(&host.loop), 0);
}

static void teardown(void)
{
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0); /* no handle is left on it */
}

static hf_store_driver odd;
static hf_allocator half;

/* The memory store, to which a test does something. */
static hf_store_driver *lacking(void)
{
    static hf_store_driver driver;
    driver = *hf_store_builtin("memory");
    host.options.driver = &driver;
    return &driver;
}

/* clang-format off */
#define BREAK(name, ...) static void break_##name(void) { __VA_ARGS__; }
BREAK(threads, host.options.threads = 2)
BREAK(queue_ops, host.options.queue_ops_max = 0)
BREAK(queue_bytes, host.options.queue_bytes_max = 100)
BREAK(batch_ops, host.options.batch_ops_max = 0)
BREAK(batch_bytes, host.options.batch_bytes_max = UINT64_MAX)
BREAK(completions, host.options.completions_max = 0)
BREAK(durability, host.options.durability = 3)
BREAK(txn_keep, host.options.txn_keep_ms = HF_TXN_KEEP_MIN_MS - 1)
BREAK(check, host.options.check = 2)
BREAK(log_level, host.options.log_level = 4)
BREAK(time, host.options.virtual_time_ms = -1)
BREAK(keep_negative, host.options.txn_keep_ms = -1)
BREAK(driver_open, lacking()->open = NULL)
BREAK(driver_close, lacking()->close = NULL)
BREAK(driver_begin, lacking()->begin = NULL)
BREAK(driver_get, lacking()->get = NULL)
BREAK(driver_put, lacking()->put = NULL)
BREAK(driver_del, lacking()->del = NULL)
BREAK(driver_scan, lacking()->scan = NULL)
BREAK(driver_commit, lacking()->commit = NULL)
BREAK(driver_rollback, lacking()->rollback = NULL)
BREAK(driver_stat, lacking()->stat = NULL)
BREAK(driver_check, lacking()->check = NULL)
BREAK(memory_path, host.options.driver = NULL; host.options.store = "memory:shop.db")
BREAK(allocator, host.options.allocator = &half)
BREAK(driver, host.options.driver = &odd)
BREAK(store, host.options.driver = NULL)
BREAK(url, host.options.driver = NULL; host.options.store = "nothing")
BREAK(scheme, host.options.driver = NULL; host.options.store = "oracle:x")
BREAK(long_scheme, host.options.driver = NULL; host.options.store = "abcdefghijklmnopqrstuvwxyz:x")
BREAK(postgres, host.options.driver = NULL; host.options.store = "postgresql://x")
#if HF_HAVE_SQLITE
BREAK(host, host.options.driver = NULL; host.options.store = "sqlite://shop.db")
BREAK(in_memory, host.options.driver = NULL; host.options.store = "sqlite::memory:")
BREAK(file_url, host.options.driver = NULL; host.options.store = "sqlite:file:A.db")
BREAK(root, host.options.driver = NULL; host.options.store = "sqlite:///srv/shop.db")
#endif
#if HF_HAVE_LMDB
BREAK(lmdb_host, host.options.driver = NULL; host.options.store = "lmdb://shop")
#endif
BREAK(lease, host.options.lease_ms = 299)
BREAK(node_name, host.options.node_name =
    "0123456789012345678901234567890123456789012345678901234567890123")
BREAK(node_address, host.options.node_address = "\xff")
BREAK(node_role, host.options.node_role = "b\n")
BREAK(card_numbers, host.options.refuse_card_numbers = 2)
BREAK(without_journal, host.options.without_journal = 2)
BREAK(clock_behind, host.options.clock_behind = 3)
BREAK(admission, host.options.admission = 2)
BREAK(reserved, host.options.reserved = 1)
BREAK(clock_actor, host.options.clock_behind = HF_CLOCK_SET_BACK)
BREAK(read_only, host.options.read_only = 2)
BREAK(read_only_without, host.options.read_only = host.options.without_journal = 1)
BREAK(read_only_memory, host.options.read_only = 1)
BREAK(size, host.options.size += 8192)

static const struct {
    void (*apply)(void);
    int error;
    const char *detail;
} broken[] = {
    {break_threads, HF_E_ARGUMENT, "threads: 2 is not in 0..1"},
    {break_txn_keep, HF_E_ARGUMENT, "txn_keep_ms: 59999 is neither 0 nor in 60000..4398046511104"},
    {break_keep_negative, HF_E_ARGUMENT, "txn_keep_ms: -1 is not in 0..4398046511104"},
    {break_driver_open, HF_E_ARGUMENT, "driver.open: is NULL"},
    {break_driver_close, HF_E_ARGUMENT, "driver.close: is NULL"},
    {break_driver_begin, HF_E_ARGUMENT, "driver.begin: is NULL"},
    {break_driver_get, HF_E_ARGUMENT, "driver.get: is NULL"},
    {break_driver_put, HF_E_ARGUMENT, "driver.put: is NULL"},
    {break_driver_del, HF_E_ARGUMENT, "driver.del: is NULL"},
    {break_driver_scan, HF_E_ARGUMENT, "driver.scan: is NULL"},
    {break_driver_commit, HF_E_ARGUMENT, "driver.commit: is NULL"},
    {break_driver_rollback, HF_E_ARGUMENT, "driver.rollback: is NULL"},
    {break_driver_stat, HF_E_ARGUMENT, "driver.stat: is NULL"},
    {break_driver_check, HF_E_ARGUMENT, "driver.check: is NULL"},
    {break_memory_path, HF_E_URL, "memory: takes no path"},
    {break_lease, HF_E_ARGUMENT, "lease_ms: 299 is not in 300..3600000"},
    {break_node_name, HF_E_TEXT_LONG, "node_name: "},
    {break_node_address, HF_E_TEXT_UTF8, "node_address: "},
    {break_node_role, HF_E_TEXT_CONTROL, "node_role: "},
    {break_queue_ops, HF_E_ARGUMENT, "queue_ops_max: 0 is not in "},
    {break_queue_bytes, HF_E_ARGUMENT, "queue_bytes_max: 100 is not in "},
    {break_batch_ops, HF_E_ARGUMENT, "batch_ops_max: "},
    {break_batch_bytes, HF_E_ARGUMENT, "batch_bytes_max: "},
    {break_completions, HF_E_ARGUMENT, "completions_max: "},
    {break_durability, HF_E_ARGUMENT, "durability: 3 is not in 0..2"},
    {break_check, HF_E_ARGUMENT, "check: 2 is not in 0..1"},
    {break_log_level, HF_E_ARGUMENT, "log_level: 4 is not in 0..3"},
    {break_time, HF_E_ARGUMENT, "virtual_time_ms: -1 is not in 0..9223372036854"},
    {break_allocator, HF_E_ARGUMENT, "allocator: "},
    {break_driver, HF_E_ABI, "driver: "},
    {break_store, HF_E_URL, "store: is NULL"},
    {break_url, HF_E_URL, "a store is named as \"lmdb:PATH\", \"sqlite:PATH\""},
    {break_scheme, HF_E_URL, "oracle: no such kind of store"},
    {break_long_scheme, HF_E_URL, "a store is named as "},
    {break_postgres, HF_E_UNSUPPORTED, "postgresql: not built into this library"},
#if HF_HAVE_SQLITE
    {break_host, HF_E_URL, "no // behind \"sqlite:\": write \"sqlite:shop\" for a file"},
    {break_in_memory, HF_E_URL, "sqlite::memory: is not the path of a file"},
    {break_file_url, HF_E_URL, "sqlite:file:A.db is not the path of a file"},
    {break_root, HF_E_URL, "no // behind \"sqlite:\": write \"sqlite:shop\" for a file"},
#endif
#if HF_HAVE_LMDB
    {break_lmdb_host, HF_E_URL, "no // behind \"lmdb:\""},
#endif
    {break_card_numbers, HF_E_ARGUMENT, "refuse_card_numbers: 2 is not in 0..1"},
    {break_without_journal, HF_E_ARGUMENT, "without_journal: 2 is not in 0..1"},
    {break_clock_behind, HF_E_ARGUMENT, "clock_behind: 3 is not in 0..2"},
    {break_admission, HF_E_ARGUMENT, "admission: 2 is not in 0..1"},
    {break_reserved, HF_E_ARGUMENT, "reserved: 1 is not in 0..0"},
    {break_clock_actor, HF_E_TEXT_MISSING, "clock_actor: "},
    {break_read_only, HF_E_ARGUMENT, "read_only: 2 is not in 0..1"},
    {break_read_only_without, HF_E_ARGUMENT, "read_only: not together with without_journal"},
    {break_read_only_memory, HF_E_UNSUPPORTED, "memory: cannot be opened read-only"},
    {break_size, HF_E_ABI, "size: "},
};
/* clang-format on */

START_TEST(a_bad_option_is_refused_by_name)
{
    broken[_i].apply();
    hf_engine *engine = (hf_engine *)&host;
    ck_assert_int_eq(hf_engine_open(host.loop, &host.options, &engine), broken[_i].error);
    ck_assert_msg(strncmp(host.error, broken[_i].detail, strlen(broken[_i].detail)) == 0, "%s",
                  host.error);
    ck_assert_ptr_null(engine);
}
END_TEST

START_TEST(a_store_without_backup_and_restore_is_taken)
{
    hf_store_driver *driver = lacking();
    driver->backup = NULL;
    driver->restore = NULL;
    hf_test_open(&host);
    ck_assert_int_eq(hf_engine_close(host.engine, NULL, NULL), 0);
    while (hf_loop_run_once(host.loop, 1) == 1)
        ;
}
END_TEST

static bool boasting; /* the store says that it has filled in a row more than it was given */

static int boast(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count)
{
    int error = hf_store_builtin("memory")->scan(txn, scan, rows, count);
    *count += boasting ? 1 : 0;
    return error;
}

static int units_status;

static void on_units(hf_req *req, const hf_completion *done)
{
    ((hf_test_call *)(void *)req)->calls++;
    units_status = done->status;
}

/* A page that is not full has room for a row that nobody filled in: only a full one shows it. */
START_TEST(more_rows_than_were_asked_for_are_an_error)
{
    host.options.threads = 0;
    lacking()->scan = boast;
    boasting = false;
    hf_test_open(&host);
    hf_test_stock(&host);
    boasting = true;
    hf_test_call call = {.calls = 0};
    hf_unit_list_args args;
    hf_unit_list_init(&args);
    args.limit = 1;
    ck_assert_int_eq(hf_unit_list(host.engine, &call.req, &args, on_units), 0);
    hf_test_run(&host, &call.calls, 1);
    ck_assert_int_eq(units_status, HF_E_CORRUPT);
    boasting = false;
    ck_assert_int_eq(hf_unit_list(host.engine, &call.req, &args, on_units), 0);
    hf_test_run(&host, &call.calls, 2);
    ck_assert_int_eq(units_status, 0);
    ck_assert_int_eq(hf_engine_close(host.engine, NULL, NULL), 0);
    while (hf_loop_run_once(host.loop, 1) == 1)
        ;
}
END_TEST

START_TEST(missing_arguments_are_refused)
{
    hf_engine *engine;
    ck_assert_int_eq(hf_engine_open(NULL, &host.options, &engine), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_engine_open(host.loop, NULL, &engine), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_engine_open(host.loop, &host.options, NULL), HF_E_ARGUMENT);
    host.options.size = 0;
    ck_assert_int_eq(hf_engine_open(host.loop, &host.options, &engine), HF_E_ABI);
    hf_options_init(NULL);
}
END_TEST

START_TEST(a_newer_hosts_unknown_option_must_be_zero)
{
    struct {
        hf_options options;
        uint64_t tail;
    } newer = {.options = host.options};
    newer.options.size = sizeof newer;
    newer.tail = 1;
    hf_engine *engine;
    ck_assert_int_eq(hf_engine_open(host.loop, &newer.options, &engine), HF_E_ABI);
    newer.tail = 0;
    ck_assert_int_eq(hf_engine_open(host.loop, &newer.options, &engine), 0);
    ck_assert_int_eq(hf_engine_close(engine, NULL, NULL), 0);
    while (hf_loop_run_once(host.loop, 1) == 1)
        ;
}
END_TEST

/* ---- Memory ---------------------------------------------------------------------------------- */

static atomic_int left;   /* allocations that still succeed */
static atomic_int living; /* blocks not freed */
static atomic_size_t asked;

static void *scarce_alloc(void *context, size_t bytes)
{
    (void)context;
    if (atomic_fetch_sub(&left, 1) <= 0)
        return NULL;
    atomic_fetch_add(&living, 1);
    atomic_fetch_add(&asked, bytes);
    return malloc(bytes);
}

static void scarce_free(void *context, void *memory)
{
    (void)context;
    if (memory != NULL)
        atomic_fetch_sub(&living, 1);
    free(memory);
}

static const hf_allocator scarce = {.alloc = scarce_alloc, .free = scarce_free};

START_TEST(each_allocation_of_an_open_may_fail)
{
    host.options.allocator = &scarce;
    host.options.threads = (uint32_t)_i;
    int error = HF_E_NOMEM;
    int steps = 0;
    while (error != 0) {
        hf_engine *engine;
        atomic_store(&left, steps++);
        error = hf_engine_open(host.loop, &host.options, &engine);
        if (error != 0) {
            ck_assert_int_eq(error, HF_E_NOMEM);
            ck_assert_ptr_null(engine);
            ck_assert_int_eq(atomic_load(&living), 0);
            continue;
        }
        atomic_store(&left, 1000);
        ck_assert_int_eq(hf_engine_close(engine, NULL, NULL), 0);
        while (hf_loop_run_once(host.loop, 1) == 1)
            ;
    }
    ck_assert_int_gt(steps, 10);
    ck_assert_int_eq(atomic_load(&living), 0);
}
END_TEST

/* What an engine asks for beside the memory of its six batches. */
static size_t asked_beside_batches(uint64_t batch_bytes)
{
    host.options.allocator = &scarce;
    host.options.batch_bytes_max = batch_bytes;
    atomic_store(&left, 1000);
    atomic_store(&asked, 0);
    hf_test_open(&host);
    size_t bytes = atomic_load(&asked) - 6 * batch_bytes;
    host.closed = 0;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
    return bytes;
}

START_TEST(an_engine_of_small_batches_takes_little_memory_beside_them)
{
    size_t small = asked_beside_batches(65536);
    ck_assert_uint_lt(small + (8u << 20), asked_beside_batches(64u << 20));
}
END_TEST

/* ---- Clock, ids and seeds -------------------------------------------------------------------- */

static void two_ids(hf_id out[2])
{
    hf_test_open(&host);
    ck_assert_int_eq(hf_id_make(host.engine, &out[0]), 0);
    ck_assert_int_eq(hf_id_make(host.engine, &out[1]), 0);
    host.closed = 0;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
}

START_TEST(a_seed_and_a_virtual_clock_make_the_same_ids)
{
    hf_id first[2];
    hf_id second[2];
    host.options.virtual_time_ms = 1700000000000;
    host.options.random_seed = 42;
    two_ids(first);
    two_ids(second);
    ck_assert_mem_eq(first, second, sizeof first);
    ck_assert_int_eq(hf_id_time(&first[0]), 1700000000000);
    ck_assert_int_lt(memcmp(&first[0], &first[1], sizeof first[0]), 0);
    host.options.random_seed = 43;
    two_ids(second);
    ck_assert_mem_ne(first, second, sizeof first);
}
END_TEST

START_TEST(only_a_virtual_clock_can_be_advanced)
{
    hf_test_open(&host);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1), HF_E_UNSUPPORTED);
    ck_assert_int_eq(hf_time_accept(host.engine), 0);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
    host.closed = 0;
    host.options.virtual_time_ms = 1000;
    hf_test_open(&host);
    ck_assert_int_eq(hf_clock_advance(host.engine, -1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_clock_advance(host.engine, 500), 0);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_health(&host).time_ms, 1500);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
}
END_TEST

START_TEST(health_asks_for_its_size)
{
    hf_health_info info = {.size = 8};
    hf_test_open(&host);
    ck_assert_int_eq(hf_health(host.engine, &info), HF_E_ABI);
    ck_assert_int_eq(hf_health(host.engine, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
}
END_TEST

START_TEST(a_loop_of_ones_own_answers_misuse)
{
    ck_assert_int_eq(hf_loop_create(NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_loop_fd(NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_loop_timeout(NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_loop_run_once(NULL, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_loop_destroy(NULL), 0);
    ck_assert_int_eq(hf_loop_run_once(host.loop, 0), 0);
    ck_assert_int_ge(hf_loop_fd(host.loop), 0);
}
END_TEST

/* Urls of the stores in files that are built in. */
static const char *const files[] = {
#if HF_HAVE_SQLITE
    "sqlite:old.db",
#endif
#if HF_HAVE_LMDB
    "lmdb:old.mdb",
#endif
    NULL,
};

static void log_nothing(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

/* As an engine left it that knew the first `tables` tables only. */
static void make_old(const char *url, uint32_t version, uint32_t tables)
{
    const hf_schema old = {
        .version = version, .table_count = tables, .tables = hf_store_schema()->tables};
    char scheme[16];
    hf_store_error error = {0};
    void *store;
    const char *location = strchr(url, ':') + 1;
    (void)snprintf(scheme, sizeof scheme, "%.*s", (int)(location - url - 1), url);
    const hf_store_config config = {
        .size = sizeof config,
        .location = location,
        .schema = &old,
        .allocator = &scarce,
        .log = log_nothing,
        .error = &error,
    };
    const hf_store_driver *driver = hf_store_builtin(scheme);
    atomic_store(&left, INT32_MAX);
    ck_assert_msg(driver->open(&config, &store) == 0, "%s", error.text);
    driver->close(store);
}

static uint32_t nodes;

static void on_nodes(hf_req *req, const hf_completion *done)
{
    hf_test_call *call = (hf_test_call *)(void *)req;
    call->calls++;
    ck_assert_int_eq(done->status, 0);
    nodes = ((const hf_node_page *)done->result)->count;
}

START_TEST(a_store_of_schema_2_gets_the_table_of_nodes)
{
    if (files[_i] == NULL)
        return;
    make_old(files[_i], 2, 20);
    host.options.driver = NULL;
    host.options.store = files[_i];
    host.options.node_name = "till";
    hf_test_open(&host);
    while (nodes == 0) { /* until it was written */
        hf_test_call call = {.calls = 0};
        hf_nodes_list_args args;
        hf_nodes_list_init(&args);
        ck_assert_int_eq(hf_nodes_list(host.engine, &call.req, &args, on_nodes), 0);
        hf_test_run(&host, &call.calls, 1);
    }
    ck_assert_uint_eq(nodes, 1);
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("open");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_loop_test(core, a_bad_option_is_refused_by_name, 0,
                        (int)(sizeof broken / sizeof broken[0]));
    tcase_add_test(core, a_store_without_backup_and_restore_is_taken);
    tcase_add_test(core, more_rows_than_were_asked_for_are_an_error);
    tcase_add_test(core, missing_arguments_are_refused);
    tcase_add_test(core, a_newer_hosts_unknown_option_must_be_zero);
    tcase_add_loop_test(core, each_allocation_of_an_open_may_fail, 0, 2);
    tcase_add_test(core, an_engine_of_small_batches_takes_little_memory_beside_them);
    tcase_add_test(core, a_seed_and_a_virtual_clock_make_the_same_ids);
    tcase_add_test(core, only_a_virtual_clock_can_be_advanced);
    tcase_add_test(core, health_asks_for_its_size);
    tcase_add_test(core, a_loop_of_ones_own_answers_misuse);
    tcase_add_loop_test(core, a_store_of_schema_2_gets_the_table_of_nodes, 0,
                        (int)(sizeof files / sizeof files[0]) - 1);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
