/*
 * Readers beside the writer and the checkpoint's thread: every snapshot sees all of a batch or
 * nothing of it, never less than what was acknowledged before it began, and never less than the one
 * before. A store that takes nothing for a while stops the writer and nobody else.
 *
 * HF_TEST_BATCHES makes it longer.
 */
#include "journal/state.h"
#include "support/check_main.h"
#include "support/fault.h"

#include <holdfast/error.h>
#include <holdfast/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCHES     1500u
#define KEYS        24u
#define READERS     3u
#define BYTES_MAX   ((uint64_t)32 << 10)
#define ARENA_BYTES ((size_t)64 << 10)

static struct {
    hf_env env;
    hf__fault fault;
    hf_store_driver driver; /* the fault's, but for `full` */
    atomic_bool full;       /* its commits find no space: set here, as other threads use it */
    hf__journal *journal;
    atomic_uint_fast64_t acked;
    atomic_bool done;
    atomic_uint_fast64_t looks;
} at;

/* What one thread needs to call with; the arena is reset with each transaction. */
typedef struct hand {
    hf_store_error error;
    hf_store_caller caller;
    size_t used;
    char broken[200];
    uint8_t arena[ARENA_BYTES];
} hand;

static void *alloc(void *context, uint64_t bytes)
{
    hand *of = context;
    size_t from = of->used;
    of->used += (size_t)((bytes + 15) & ~(uint64_t)15);
    return of->used <= ARENA_BYTES ? of->arena + from : NULL;
}

static hand *make_hand(void)
{
    hand *of = calloc(1, sizeof *of);
    of->caller = (hf_store_caller){.alloc = alloc, .context = of, .error = &of->error};
    return of;
}

static uint32_t table_of(const char *name)
{
    uint32_t i = 0;
    while (strcmp(hf_store_schema()->tables[i]->name, name) != 0)
        i++;
    return i;
}

static void open_journal(const hf_store_driver *inner)
{
    static hf_store_error error;
    const hf_store_config store = {
        .size = sizeof store,
        .location = "store",
        .schema = hf_store_schema(),
        .allocator = &at.env.allocator,
        .log = at.env.log,
        .error = &error,
    };
    const hf__journal_config config = {
        .env = &at.env, .inner = inner, .store = &store, .bytes_max = BYTES_MAX};
    ck_assert_int_eq(hf__journal_open(&config, &at.journal), 0);
}

static int commit_unless_full(void *txn, const hf_store_mark *mark)
{
    if (!atomic_load(&at.full))
        return at.fault.driver.commit(txn, mark);
    at.fault.driver.rollback(txn);
    return HF_E_NO_SPACE;
}

static void setup(void)
{
    memset(&at, 0, sizeof at);
    hf__env_init(&at.env);
    ck_assert_int_eq(hf__fault_init(&at.fault, hf_store_builtin("memory"), &at.env.allocator), 0);
    at.driver = at.fault.driver;
    at.driver.commit = commit_unless_full;
    open_journal(&at.driver);
}

static void teardown(void)
{
    hf__journal_driver.close(at.journal);
    hf__fault_fini(&at.fault);
}

static void make_cursor(hf_cursor *row, uint32_t key, uint64_t value)
{
    memset(row, 0, sizeof *row);
    (void)snprintf(row->consumer.text, sizeof row->consumer.text, "key-%02u", key);
    row->seq = value;
}

static int commit(void *txn, int error, uint64_t batch)
{
    const hf_store_mark mark = {.batch = batch, .time_ms = (int64_t)batch};
    if (error == 0)
        return hf__journal_driver.commit(txn, &mark);
    hf__journal_driver.rollback(txn);
    return error;
}

/* One batch of rows that are new. */
static int write_new(hand *of, uint64_t batch)
{
    void *txn = NULL;
    of->used = 0;
    int error = hf__journal_driver.begin(at.journal, HF_TXN_WRITE, &of->caller, &txn);
    for (uint32_t key = 0; error == 0 && key < KEYS; key++) {
        hf_cursor row;
        make_cursor(&row, (uint32_t)batch * KEYS + key, batch);
        const void *rows[] = {&row};
        const void *olds[] = {NULL};
        error = hf__journal_driver.put(txn, table_of("cursors"), rows, olds, 1);
    }
    return txn == NULL ? error : commit(txn, error, batch);
}

/* One batch: every row has its number. 0 or HF_E_*. */
static int write_batch(hand *of, uint64_t batch)
{
    void *txn = NULL;
    of->used = 0;
    int error = hf__journal_driver.begin(at.journal, HF_TXN_WRITE, &of->caller, &txn);
    if (error != 0)
        return error;
    for (uint32_t key = 0; error == 0 && key < KEYS; key++) {
        hf_cursor old;
        hf_cursor row;
        make_cursor(&old, key, batch - 1);
        make_cursor(&row, key, batch);
        const void *rows[] = {&row};
        const void *olds[] = {batch == 1 ? NULL : &old};
        error = hf__journal_driver.put(txn, table_of("cursors"), rows, olds, 1);
    }
    error = commit(txn, error, batch);
    if (error == 0)
        atomic_store(&at.acked, batch);
    return error;
}

static void broken(hand *of, const char *what, uint64_t found, uint64_t wanted)
{
    if (of->broken[0] == '\0')
        (void)snprintf(of->broken, sizeof of->broken, "%s: %llu, should be %llu", what,
                       (unsigned long long)found, (unsigned long long)wanted);
}

static void read_by_key(hand *of, void *txn, uint64_t batch)
{
    for (uint32_t key = 0; key < KEYS; key++) {
        hf_cursor row;
        void *place = &row;
        uint8_t found = 0;
        make_cursor(&row, key, 0);
        if (hf__journal_driver.get(txn, table_of("cursors"), &place, &found, 1) != 0)
            broken(of, "a read failed", 0, 0);
        uint64_t value = found == 0 ? 0 : row.seq;
        if (value != batch)
            broken(of, "a row by its key", value, batch);
    }
}

static void read_by_scan(hand *of, void *txn, uint64_t batch)
{
    hf_cursor rows[KEYS + 1];
    void *places[KEYS + 1];
    uint32_t count = KEYS + 1;
    const hf_scan scan = {.table = table_of("cursors")};
    memset(rows, 0, sizeof rows);
    for (uint32_t i = 0; i <= KEYS; i++)
        places[i] = &rows[i];
    if (hf__journal_driver.scan(txn, &scan, places, &count) != 0)
        broken(of, "a scan failed", 0, 0);
    if (count != (batch == 0 ? 0 : KEYS))
        broken(of, "rows scanned", count, KEYS);
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].seq != batch)
            broken(of, "a row scanned", rows[i].seq, batch);
}

/* One snapshot; the batch it stands at, which is none below `least`. */
static uint64_t look(hand *of, uint64_t least, void **keep)
{
    hf_store_stat stat = {0};
    void *txn = NULL;
    of->used = 0;
    if (hf__journal_driver.begin(at.journal, HF_TXN_SNAPSHOT, &of->caller, &txn) != 0 ||
        hf__journal_driver.stat(txn, &stat) != 0) {
        broken(of, "no snapshot", 0, 0);
        return least;
    }
    uint64_t batch = stat.mark.batch;
    if (batch < least)
        broken(of, "a snapshot of the past", batch, least);
    read_by_key(of, txn, batch);
    read_by_scan(of, txn, batch);
    atomic_fetch_add(&at.looks, 1);
    if (keep != NULL)
        *keep = txn;
    else
        hf__journal_driver.rollback(txn);
    return batch;
}

static void *read_on(void *context)
{
    hand *of = context;
    uint64_t before = 0;
    while (!atomic_load(&at.done) && of->broken[0] == '\0') {
        uint64_t acked = atomic_load(&at.acked);
        before = look(of, acked > before ? acked : before, NULL);
    }
    return NULL;
}

static uint64_t batch_count(void)
{
    const char *text = getenv("HF_TEST_BATCHES");
    return text == NULL ? BATCHES : strtoull(text, NULL, 10);
}

static void start_readers(pthread_t threads[READERS], hand *hands[READERS])
{
    for (uint32_t i = 0; i < READERS; i++) {
        hands[i] = make_hand();
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, hands[i]), 0);
    }
}

static void end_readers(pthread_t threads[READERS], hand *hands[READERS])
{
    atomic_store(&at.done, true);
    for (uint32_t i = 0; i < READERS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_msg(hands[i]->broken[0] == '\0', "%s", hands[i]->broken);
        free(hands[i]);
    }
}

START_TEST(snapshots_see_whole_batches_while_checkpoints_run)
{
    pthread_t threads[READERS];
    hand *hands[READERS];
    hand *writer = make_hand();
    start_readers(threads, hands);
    for (uint64_t batch = 1; batch <= batch_count(); batch++)
        ck_assert_int_eq(write_batch(writer, batch), 0);
    end_readers(threads, hands);
    ck_assert_uint_gt(hf__journal_look(at.journal).checkpoints, 5);
    ck_assert_uint_eq(look(writer, batch_count(), NULL), batch_count());
    ck_assert_msg(writer->broken[0] == '\0', "%s", writer->broken);
    (void)fprintf(stderr, "# %llu snapshots, %llu checkpoints\n",
                  (unsigned long long)atomic_load(&at.looks),
                  (unsigned long long)hf__journal_look(at.journal).checkpoints);
    free(writer);
}
END_TEST

START_TEST(a_long_snapshot_sees_its_batch_while_everything_continues)
{
    hand *writer = make_hand();
    hand *reader = make_hand();
    void *txn = NULL;
    for (uint64_t batch = 1; batch <= 10; batch++)
        ck_assert_int_eq(write_batch(writer, batch), 0);
    ck_assert_uint_eq(look(reader, 10, &txn), 10);
    for (uint64_t batch = 11; batch <= 1000; batch++)
        ck_assert_int_eq(write_batch(writer, batch), 0);
    ck_assert_uint_gt(hf__journal_look(at.journal).checkpoints, 5);
    read_by_key(reader, txn, 10);
    read_by_scan(reader, txn, 10);
    ck_assert_msg(reader->broken[0] == '\0', "%s", reader->broken);
    hf__journal_driver.rollback(txn);
    free(reader);
    free(writer);
}
END_TEST

START_TEST(a_store_that_takes_nothing_stops_the_writer_alone)
{
    pthread_t threads[READERS];
    hand *hands[READERS];
    hand *writer = make_hand();
    uint64_t batch = 2;
    int error;
    ck_assert_int_eq(write_batch(writer, 1), 0); /* records in the store that it has a journal */
    ck_assert_int_eq(hf__journal_checkpoint(at.journal, NULL), 0);
    atomic_store(&at.full, true);
    start_readers(threads, hands);
    while ((error = write_batch(writer, batch)) == 0)
        batch++;
    ck_assert_int_eq(error, HF_E_NO_SPACE);
    ck_assert_uint_gt(batch, 10);
    uint64_t looks = atomic_load(&at.looks);
    while (atomic_load(&at.looks) < looks + 10) /* readers continue, and the writer is refused */
        ck_assert_int_eq(write_batch(writer, batch), HF_E_NO_SPACE);
    end_readers(threads, hands);
    atomic_store(&at.full, false);
    while ((error = write_batch(writer, batch)) == HF_E_NO_SPACE) /* returned once more, or not */
        continue;
    ck_assert_int_eq(error, 0);
    for (uint64_t more = batch + 1; more <= batch + 300; more++)
        ck_assert_int_eq(write_batch(writer, more), 0);
    ck_assert_int_eq(hf__journal_checkpoint(at.journal, NULL), 0);
    ck_assert_uint_eq(look(writer, batch + 300, NULL), batch + 300);
    ck_assert_msg(writer->broken[0] == '\0', "%s", writer->broken);
    free(writer);
}
END_TEST

/* ---- A slow store ---------------------------------------------------------------------------- */

/* A store that takes so many puts, then waits until it may take more. */
static struct {
    hf_store_driver driver;
    hf__lock lock;
    hf__signal moved;
    uint64_t puts;
    bool waits; /* for more */
} slow;

static int put_slowly(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                      uint32_t count)
{
    hf__lock_take(&slow.lock);
    while (slow.puts == 0) {
        slow.waits = true;
        hf__signal_raise(&slow.moved);
        hf__signal_wait(&slow.moved, &slow.lock);
    }
    slow.puts--;
    hf__lock_give(&slow.lock);
    return at.fault.driver.put(txn, table, rows, olds, count);
}

/* Waits until it has taken that many. */
static void let_take(uint64_t puts)
{
    hf__lock_take(&slow.lock);
    slow.puts = puts;
    slow.waits = false;
    hf__signal_raise(&slow.moved);
    while (!slow.waits)
        hf__signal_wait(&slow.moved, &slow.lock);
    hf__lock_give(&slow.lock);
}

static void setup_slow(void)
{
    setup();
    hf__journal_driver.close(at.journal);
    slow.driver = at.driver;
    slow.driver.put = put_slowly;
    slow.puts = 0;
    slow.waits = false;
    hf__lock_init(&slow.lock);
    hf__signal_init(&slow.moved);
    open_journal(&slow.driver);
}

static void let_take_all(void)
{
    hf__lock_take(&slow.lock);
    slow.puts = UINT64_MAX;
    hf__signal_raise(&slow.moved);
    hf__lock_give(&slow.lock);
}

static _Atomic uint64_t used; /* bytes of the memtable that takes changes, after the last batch */

/* Writes rows that are all new until it has to stop. */
static void *write_on(void *context)
{
    hand *of = context;
    for (uint64_t batch = 1; !atomic_load(&at.done); batch++) {
        if (write_new(of, batch) != 0)
            broken(of, "a write failed", 0, 0);
        hf__lock_take(&at.journal->lock);
        atomic_store(&used, at.journal->active->bytes.used);
        hf__lock_give(&at.journal->lock);
    }
    return NULL;
}

/* Bytes of the memtable that takes changes: more than `least`, and what it has a while later. */
static uint64_t filled(uint64_t least)
{
    static const struct timespec a_while = {.tv_nsec = 50000000};
    do
        (void)nanosleep(&a_while, NULL);
    while (atomic_load(&used) < least);
    (void)nanosleep(&a_while, NULL);
    return atomic_load(&used);
}

START_TEST(batches_wait_a_little_each_for_a_slow_store)
{
    pthread_t thread;
    hand *writer = make_hand();
    const uint64_t half = BYTES_MAX / 2 / 2; /* of a memtable */
    const uint64_t batch = half / 8;         /* more than one has */
    ck_assert_int_eq(pthread_create(&thread, NULL, write_on, writer), 0);
    let_take(0);
    uint64_t at_first = filled(half);
    ck_assert_uint_lt(at_first, half + batch);
    let_take(2);
    ck_assert_uint_lt(filled(at_first + 1), 2 * half - batch);
    atomic_store(&at.done, true);
    let_take_all();
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_msg(writer->broken[0] == '\0', "%s", writer->broken);
    free(writer);
}
END_TEST

/* One memtable and most of another are read back; the store takes nothing of them for now. */
START_TEST(the_first_batch_after_a_crash_does_not_wait_for_a_slow_store)
{
    hand *writer = make_hand();
    uint64_t batch = 0;
    hf__journal_driver.close(at.journal);
    open_journal(&at.driver);
    ck_assert_int_eq(write_new(writer, ++batch), 0); /* records in the store that it has a
                                                        journal */
    atomic_store(&at.full, true);
    while (hf__journal_look(at.journal).dirty_bytes < BYTES_MAX / 8 * 7)
        ck_assert_int_eq(write_new(writer, ++batch), 0);
    hf__journal_driver.close(at.journal);
    atomic_store(&at.full, false);
    open_journal(&slow.driver);
    ck_assert_uint_ge(hf__journal_look(at.journal).dirty_bytes, BYTES_MAX / 8 * 7);
    ck_assert_int_eq(write_new(writer, ++batch), 0);
    let_take_all();
    free(writer);
}
END_TEST

/* ---- Listing --------------------------------------------------------------------------------- */

/* What one listing reported: segments have batches without a gap. */
typedef struct listing {
    uint64_t last; /* batch of the segments so far; 0: none */
    char broken[200];
} listing;

static int on_segment(void *data, const hf_segment *segment)
{
    listing *of = data;
    bool follows = segment->records == 0 || of->last == 0 || segment->first_batch == of->last + 1;
    bool adds_up =
        segment->records == 0 || segment->last_batch - segment->first_batch + 1 == segment->records;
    if (!follows || !adds_up || segment->state == HF_SEGMENT_DAMAGED)
        (void)snprintf(of->broken, sizeof of->broken, "%s: batches %llu to %llu behind %llu",
                       segment->path, (unsigned long long)segment->first_batch,
                       (unsigned long long)segment->last_batch, (unsigned long long)of->last);
    of->last = segment->records == 0 ? of->last : segment->last_batch;
    return 0;
}

static void *list_on(void *context)
{
    hand *of = context;
    while (!atomic_load(&at.done) && of->broken[0] == '\0') {
        listing reported = {.last = 0};
        uint64_t acked = atomic_load(&at.acked);
        int error = hf__journal_list(&at.env, "store", on_segment, &reported, &of->error);
        if (error != 0 && error != HF_E_BUSY)
            (void)snprintf(of->broken, sizeof of->broken, "%s: %.150s", hf_error_name(error),
                           of->error.text);
        if (error == 0 && reported.last < acked)
            broken(of, "the end of the journal", reported.last, acked);
        if (reported.broken[0] != '\0')
            memcpy(of->broken, reported.broken, sizeof of->broken);
        atomic_fetch_add(&at.looks, error == 0);
    }
    return NULL;
}

START_TEST(a_listing_beside_the_writer_finds_whole_segments_and_every_batch)
{
    pthread_t thread;
    hand *writer = make_hand();
    hand *lister = make_hand();
    ck_assert_int_eq(pthread_create(&thread, NULL, list_on, lister), 0);
    uint64_t batch = 0;
    while (batch < batch_count() || atomic_load(&at.looks) < 3)
        ck_assert_int_eq(write_batch(writer, ++batch), 0);
    atomic_store(&at.done, true);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_msg(lister->broken[0] == '\0', "%s", lister->broken);
    (void)fprintf(stderr, "# %llu listings\n", (unsigned long long)atomic_load(&at.looks));
    free(lister);
    free(writer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_threads");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, snapshots_see_whole_batches_while_checkpoints_run);
    tcase_add_test(core, a_long_snapshot_sees_its_batch_while_everything_continues);
    tcase_add_test(core, a_store_that_takes_nothing_stops_the_writer_alone);
    tcase_add_test(core, a_listing_beside_the_writer_finds_whole_segments_and_every_batch);
    suite_add_tcase(suite, core);
    TCase *behind = tcase_create("slow store");
    tcase_add_checked_fixture(behind, setup_slow, teardown);
    tcase_add_test(behind, batches_wait_a_little_each_for_a_slow_store);
    tcase_add_test(behind, the_first_batch_after_a_crash_does_not_wait_for_a_slow_store);
    suite_add_tcase(suite, behind);
    return hf_test_main(suite);
}
