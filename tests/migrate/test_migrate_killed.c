/*
 * A killed store of schema 3, whose journal has no identity, is opened by this version, and that
 * process is killed at a system call: the next open finds every row, and verify finds nothing.
 *
 * Usage: test_migrate_killed FIXTURES; HF_KILL_STEP=1 in the environment kills at each call, else
 * it is each 41st.
 */
#include "support/bells.h"
#include "support/kill_each.h"

#define STEP 41u

static char fixtures[400];

typedef struct killed_store {
    const char *scheme;
    const char *archive;
} killed_store;

static const killed_store stores[] = {
#if HF_HAVE_LMDB
    {"lmdb", "journal"},
#endif
#if HF_HAVE_SQLITE
    {"sqlite", "sqlite_journal"},
#endif
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command); /* NOLINT(cert-env33-c) */
}

static void unpack(const killed_store *store)
{
    char command[600];
    (void)snprintf(command, sizeof command, "rm -rf in && mkdir in && tar -C in -xJf %s/%s.tar.xz",
                   fixtures, store->archive);
    run(command);
}

/* At the time of the store's last batch nothing more is due. */
static void open_fixture(const killed_store *store)
{
    hf_options options;
    char name[64];
    (void)snprintf(name, sizeof name, "%s:in/store", store->scheme);
    hf_options_init(&options);
    options.store = name;
    options.threads = 0;
    options.virtual_time_ms = 1;
    options.txn_keep_ms = 0;
    options.queue_bytes_max = 4 << 20;
    options.batch_bytes_max = 16 << 20;
    options.cache_bytes_max = 1 << 20;
    options.journal_bytes_max = 1 << 20;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    const int error = hf_engine_open(shop.loop, &options, &shop.engine);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
}

static int open_and_close(void *data)
{
    kill_from_here();
    open_fixture(data);
    stop();
    return 0;
}

static void look(const killed_store *store, hf_verify_result *result, uint64_t *events)
{
    hf_health_info health = {.size = sizeof health};
    open_fixture(store);
    ck_assert_int_eq(hf_health(shop.engine, &health), 0);
    *events = health.event_seq;
    shop_verify();
    *result = shop.verified;
    stop();
}

static uint32_t step_of(void)
{
    const char *text = getenv("HF_KILL_STEP");
    const long step = text == NULL ? 0 : strtol(text, NULL, 10);
    return step > 0 ? (uint32_t)step : STEP;
}

START_TEST(a_store_of_schema_3_that_is_killed_while_it_is_opened_is_whole_at_the_next_open)
{
    killed_store store = stores[_i];
    hf_verify_result wanted;
    uint64_t events = 0;
    uint32_t killed = 0;
    in_a_folder();
    unpack(&store);
    look(&store, &wanted, &events);
    ck_assert_uint_gt(events, 0);
    for (uint32_t n = 1;; n += step_of()) {
        hf_verify_result found;
        uint64_t last = 0;
        int status = 0;
        unpack(&store);
        const pid_t child = kill_start(open_and_close, &store);
        const bool stands = kill_run_to(child, n, &status);
        if (stands) {
            (void)kill(child, SIGKILL);
            ck_assert_int_eq(waitpid(child, &status, 0), child);
            killed++;
        } else if (WIFEXITED(status) && WEXITSTATUS(status) == 99) {
            (void)fprintf(stderr, "# skipped: no right to trace a child\n");
            return;
        }
        look(&store, &found, &last);
        ck_assert_uint_eq(last, events);
        ck_assert_uint_eq(found.rows, wanted.rows);
        ck_assert_mem_eq(found.digest, wanted.digest, sizeof found.digest);
        if (!stands)
            break;
    }
    ck_assert_uint_gt(killed, 4);
    hf_verify_result less;
    unpack(&store);
    run("rm -r in/store.journal");
    look(&store, &less, &events); /* the control: what the journal has is missed */
    ck_assert_mem_ne(less.digest, wanted.digest, sizeof less.digest);
    (void)fprintf(stderr, "# %s: killed at %u calls\n", store.scheme, (unsigned)killed);
}
END_TEST

int main(int count, char **texts)
{
    if (count != 2)
        return 2;
    (void)snprintf(fixtures, sizeof fixtures, "%s", texts[1]);
    Suite *suite = suite_create("migrate_killed");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, a_store_of_schema_3_that_is_killed_while_it_is_opened_is_whole_at_the_next_open, 0,
        STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
