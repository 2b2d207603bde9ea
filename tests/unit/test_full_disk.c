/*
 * Before a disk is full an engine warns, in hf_health and with one line of the log; while the disk
 * is full writes are refused at once and reads are answered; everything heals by itself. A file
 * system that says what the test wants stands below the journal; one that is really small, below
 * the whole store.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): umount2 */
#include "support/small_disk.h"
#include "support/space.h"

/* ---- Before it is full ----------------------------------------------------------------------- */

static char logged[1024]; /* what the log says of the disk and of checkpoints */
static int64_t boot;

static void keep_log(void *data, uint32_t level, const char *text)
{
    const size_t used = strlen(logged);
    (void)data;
    (void)level;
    if (strstr(text, "disk of the store") != NULL)
        (void)snprintf(logged + used, sizeof logged - used, "%s\n", text);
}

static int64_t read_boot(void *clock)
{
    (void)clock;
    return boot;
}

static hf_health_info look(void)
{
    hf_health_info info = {.size = sizeof info};
    boot += 1000; /* it looks once a second */
    hf__engine_look_at_disk(engine);
    hf__engine_health(engine, &info);
    return info;
}

static void begin_with_log(uint64_t bytes)
{
    begin(bytes);
    logged[0] = '\0';
    boot = 1000;
    env.boot_ms = read_boot;
    env.log = keep_log;
    env.log_level = HF_LOG_INFO;
}

/* Behind a journal, and without one. */
START_TEST(an_engine_warns_once_before_its_disk_is_full_and_ceases_when_there_is_space)
{
    begin_with_log(64 * MIB);
    durability = _i / SCHEMES == 0 ? HF_DURABILITY_JOURNAL : HF_DURABILITY_STORE;
    ck_assert_int_eq(open_store(_i % SCHEMES, 16 * MIB), 0);
    ck_assert_int_eq(put_item(), 0);
    ck_assert_uint_eq(look().warnings, 0);
    ck_assert_uint_eq(look().disk_free, 64 * MIB - journal_bytes());
    small.bytes = journal_bytes() + 16 * MIB;
    ck_assert_uint_eq(look().warnings, 0);
    small.bytes -= KIB;
    for (int i = 0; i < 3; i++) {
        boot += 1000;
        receive_many(1, KIB);
        ck_assert_uint_eq(look().warnings, HF_WARNING_DISK);
    }
    ck_assert_str_eq(logged, "the disk of the store is nearly full: 16383 KiB are free, less than "
                             "journal_bytes_max (16384 KiB)\n");
    ck_assert_uint_eq(look().state, HF_HEALTH_OK);
    ck_assert_uint_eq(look().retry_ms, 0);
    small.bytes = journal_bytes() + 20 * MIB - KIB;
    ck_assert_uint_eq(look().warnings, HF_WARNING_DISK);
    logged[0] = '\0';
    small.bytes += KIB;
    ck_assert_uint_eq(look().warnings, 0);
    ck_assert_str_eq(logged, "the disk of the store has 20480 KiB free again\n");
    finish();
}
END_TEST

START_TEST(free_space_is_looked_at_once_a_second_at_most)
{
    hf_health_info info = {.size = sizeof info};
    begin_with_log(64 * MIB);
    ck_assert_int_eq(open_store(_i, 16 * MIB), 0);
    ck_assert_uint_eq(look().warnings, 0);
    small.bytes = MIB;
    boot += 999;
    ck_assert(!hf__engine_disk_is_due(engine));
    hf__engine_look_at_disk(engine);
    hf__engine_health(engine, &info);
    ck_assert_uint_eq(info.warnings, 0);
    boot += 1;
    ck_assert(hf__engine_disk_is_due(engine));
    hf__engine_look_at_disk(engine);
    hf__engine_health(engine, &info);
    ck_assert_uint_eq(info.warnings, HF_WARNING_DISK);
    ck_assert_uint_eq(info.disk_free, MIB);
    small.bytes = UINT64_MAX; /* the system does not say */
    info = look();
    ck_assert_uint_eq(info.warnings, 0);
    ck_assert_uint_eq(info.disk_free, UINT64_MAX);
    finish();
}
END_TEST

/* ---- A small file system --------------------------------------------------------------------- */

#define RECEIPTS 8000 /* of 4 KiB each: more than the file system has */

static void fill_small(const char *store)
{
    hf_options options;
    hf_options_init(&options); /* with the default of journal_bytes_max */
    options.store = store;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    const int opened = hf_engine_open(shop.loop, &options, &shop.engine);
    ck_assert_msg(opened == 0, "%s", shop.detail);
    begin_bells();
    bells_meta_bytes = sizeof bells_meta;
    for (int i = 0; i < RECEIPTS; i++)
        receive(1);
    has_bells(RECEIPTS);
    stop();
    start(store, HF_DURABILITY_JOURNAL);
    has_bells(RECEIPTS);
    shop_verify();
    stop();
}

static int receive_again(void)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", 1);
    args.head.meta = bells_meta;
    args.head.meta_bytes = bells_meta_bytes;
    return shop_run(HF_OP_ITEM_RECEIVE, &args);
}

static hf_health_info health(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    return info;
}

/* Takes what is free but for so many bytes, a block at a time. */
static void take_space(uint64_t left)
{
    static const char block[4096];
    const int fd = open("small/other", O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    uint64_t bytes = UINT64_MAX;
    ck_assert_int_ge(fd, 0);
    while (hf__os_files.space("small/other", &bytes, NULL) == 0 && bytes > left)
        ck_assert_int_eq(write(fd, block, sizeof block), sizeof block);
    ck_assert_int_eq(close(fd), 0);
}

/* Another program fills the disk; when it has gone, everything works as before. */
static void fill_and_warn(const char *store)
{
    start(store, HF_DURABILITY_JOURNAL);
    begin_bells();
    bells_meta_bytes = sizeof bells_meta;
    int64_t received = 0;
    for (; received < 500; received++)
        receive(1);
    ck_assert_uint_eq(health().warnings, 0);
    take_space(MIB / 2);
    while ((health().warnings & HF_WARNING_DISK) == 0)
        ck_assert_int_eq(hf_loop_run_once(shop.loop, 0) >= 0, 1);
    ck_assert_uint_eq(health().state, HF_HEALTH_OK);
    receive(1);
    received++;
    take_space(0);
    while (receive_again() == 0)
        ck_assert_int_lt(++received, RECEIPTS);
    while (health().state == HF_HEALTH_OK) /* one that was refused had no effect */
        received += receive_again() == 0;
    ck_assert_uint_eq(health().state, HF_HEALTH_DEGRADED);
    ck_assert_uint_eq(health().retry_ms, 1000);
    const int status = receive_again();
    ck_assert_msg(status == HF_E_DEGRADED || status == HF_E_NO_SPACE, "%s", hf_error_name(status));
    if (status == HF_E_DEGRADED)
        ck_assert_msg(strstr(shop.detail, "; try again in a second") != NULL, "%s", shop.detail);
    has_bells(received);
    ck_assert_int_eq(unlink("small/other"), 0);
    while (health().state != HF_HEALTH_OK || health().warnings != 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_uint_eq(health().retry_ms, 0);
    receive(1);
    has_bells(received + 1);
    shop_verify();
    stop();
    start(store, HF_DURABILITY_JOURNAL);
    has_bells(received + 1);
    shop_verify();
    stop();
}

START_TEST(an_engine_warns_refuses_at_once_while_its_disk_is_full_and_heals)
{
    in_a_folder();
    on_a_small_disk("size=22m", fill_and_warn, url(_i, "small/one"));
}
END_TEST

START_TEST(a_store_works_on_a_small_file_system)
{
    in_a_folder();
    on_a_small_disk("size=22m", fill_small, url(_i, "small/one"));
}
END_TEST
int main(void)
{
    Suite *suite = suite_create("full_disk");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core,
                        an_engine_warns_once_before_its_disk_is_full_and_ceases_when_there_is_space,
                        0, 2 * SCHEMES);
    tcase_add_loop_test(core, free_space_is_looked_at_once_a_second_at_most, 0, SCHEMES);
    tcase_add_loop_test(core, an_engine_warns_refuses_at_once_while_its_disk_is_full_and_heals, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_store_works_on_a_small_file_system, 0, SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
