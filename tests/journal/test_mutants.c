/*
 * Journals damaged at random. Opening one gives the rows of a batch as they were written, or an
 * error; never rows that nobody wrote. With checksums made to fit, as somebody who means harm
 * would, it may give any rows, but everything ends by itself.
 *
 * HF_JOURNAL_SEED and HF_JOURNAL_MUTANTS change the run; what goes wrong names the mutant's own
 * seed: HF_JOURNAL_ONLY=seed replays it.
 */
#include "base/checksum.h"
#include "journal/journal_world.h"
#include "journal/segments/segment_walk.h"
#include "support/check_main.h"
#include "support/endless.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED        20261128u
#define MUTANTS     1500u
#define BATCHES     60u
#define WORLDS      16u /* different journals that are damaged */
#define PAGES_MAX   2000u
#define PAGE_ROWS   7u
#define RECORDS_MAX 4096u

static uint64_t env_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* Prints which mutant it was, and ends as it would have. */
static char last_words[80];

static void print_seed(int number)
{
    (void)signal(number, SIG_DFL);
    if (write(2, last_words, strlen(last_words)) >= 0)
        (void)raise(number);
}

static void remember(uint64_t seed)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, ENDLESS_SIGNAL};
    (void)snprintf(last_words, sizeof last_words, "# HF_JOURNAL_ONLY=%" PRIu64 "\n", seed);
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        (void)signal(deadly[i], print_seed);
    endless_after(60);
}

static const char *segment_path(uint32_t number)
{
    static char path[64];
    (void)snprintf(path, sizeof path, "disk/store.journal/segment-%02u", number);
    return path;
}

static uint32_t segment_count(void)
{
    uint32_t count = 0;
    while (disk_bytes(segment_path(count + 1)) != 0)
        count++;
    return count;
}

/* A journal that was left behind by a crash after some batches. */
static void leave_journal(uint64_t seed)
{
    world_init(SEED + seed % WORLDS, WORLD_SOUND);
    ck_assert_int_eq(world_open(), 0);
    for (uint32_t i = 0; i < BATCHES; i++)
        ck_assert_int_eq(world_batch(), 0);
    world_crash(true);
    ck_assert_uint_gt(segment_count(), 0);
}

/* ---- Damage ---------------------------------------------------------------------------------- */

typedef struct found {
    uint64_t salt;
    uint32_t segment;
    uint64_t at;
    hf__record_head head;
} found;

static found records[RECORDS_MAX];
static uint32_t record_count;

static void read_disk(uint32_t segment, uint64_t offset, void *out, size_t bytes)
{
    int fd;
    size_t got = 0;
    memset(out, 0, bytes);
    if (disk_files.open(segment_path(segment), HF__OPEN_READ, &fd, NULL) == 0)
        (void)disk_files.read_at(fd, out, bytes, offset, &got, NULL);
}

static void write_disk(uint32_t segment, uint64_t offset, const void *in, size_t bytes)
{
    int fd;
    ck_assert_int_eq(disk_files.open(segment_path(segment), HF__OPEN_WRITE, &fd, NULL), 0);
    ck_assert_int_eq(disk_files.write_at(fd, in, bytes, offset, NULL), 0);
    ck_assert_int_eq(disk_files.sync(fd, NULL), 0);
}

/* Finds the records of all segments, whichever the store has. */
static void find_records(void)
{
    record_count = 0;
    for (uint32_t s = 1; s <= segment_count(); s++) {
        uint8_t page[HF__SEGMENT_HEAD];
        uint8_t bytes[HF__RECORD_HEAD];
        hf__segment_head head;
        hf__segment_link link;
        read_disk(s, 0, page, sizeof page);
        if (hf__segment_head_read(page, &head, &link) != HF__SEGMENT_GOOD)
            continue;
        uint64_t at = HF__SEGMENT_HEAD;
        for (;;) {
            found *of = &records[record_count];
            uint32_t crc;
            read_disk(s, at, bytes, sizeof bytes);
            if (!hf__record_head_read(bytes, &of->head, &crc) || record_count + 1 == RECORDS_MAX)
                break;
            of->salt = head.salt;
            of->segment = s;
            of->at = at;
            at += hf__record_span(&of->head);
            record_count++;
        }
    }
}

static void flip_bits(hf_test_random *random)
{
    uint32_t segment = 1 + hf_test_below(random, segment_count());
    uint32_t count = 1 + hf_test_below(random, 6);
    bool in_head = hf_test_below(random, 8) == 0;
    uint32_t range = in_head ? 600 : (uint32_t)disk_bytes(segment_path(segment));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = hf_test_below(random, range);
        (void)disk_damage(segment_path(segment), at, (uint8_t)(1u << hf_test_below(random, 8)));
    }
}

/* Zeros, or noise, over some bytes. */
static void overwrite(hf_test_random *random)
{
    static uint8_t bytes[3000];
    uint32_t segment = 1 + hf_test_below(random, segment_count());
    uint32_t count = 1 + hf_test_below(random, sizeof bytes);
    bool noise = hf_test_below(random, 2) == 0;
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = noise ? (uint8_t)hf_test_next(random) : 0;
    uint64_t offset = hf_test_below(random, (uint32_t)disk_bytes(segment_path(segment)) - count);
    write_disk(segment, offset, bytes, count);
}

/* Bytes of one place at another: whole records too. */
static void copy_over(hf_test_random *random)
{
    static uint8_t bytes[8192];
    const found *from = &records[hf_test_below(random, record_count)];
    const found *to = &records[hf_test_below(random, record_count)];
    uint64_t count = hf__record_span(&from->head);
    if (count > sizeof bytes || to->at + count > disk_bytes(segment_path(to->segment)))
        return;
    read_disk(from->segment, from->at, bytes, (size_t)count);
    write_disk(to->segment, to->at, bytes, (size_t)count);
}

static void lose_segment(hf_test_random *random)
{
    uint32_t segment = 1 + hf_test_below(random, segment_count());
    (void)disk_files.remove(segment_path(segment), NULL);
}

static void swap_segments(hf_test_random *random)
{
    char a[64];
    char b[64];
    (void)snprintf(a, sizeof a, "%s", segment_path(1 + hf_test_below(random, segment_count())));
    (void)snprintf(b, sizeof b, "%s", segment_path(1 + hf_test_below(random, segment_count())));
    (void)disk_files.rename(a, "disk/aside", NULL);
    (void)disk_files.rename(b, a, NULL);
    (void)disk_files.rename("disk/aside", strcmp(a, b) == 0 ? a : b, NULL);
}

static void damage(hf_test_random *random)
{
    static void (*const ways[])(hf_test_random *) = {flip_bits, flip_bits,    overwrite,
                                                     copy_over, lose_segment, swap_segments};
    find_records();
    uint32_t count = 1 + hf_test_below(random, 3);
    for (uint32_t i = 0; i < count && segment_count() != 0; i++)
        ways[hf_test_below(random, sizeof ways / sizeof ways[0])](random);
}

/* Changes what a record says, and makes its checksum fit. */
static void forge(hf_test_random *random)
{
    static uint8_t bytes[8192];
    find_records();
    for (uint32_t i = 1 + hf_test_below(random, 4); i > 0; i--) {
        found *of = &records[hf_test_below(random, record_count)];
        uint32_t count = of->head.bytes;
        if (count == 0 || count > sizeof bytes - HF__RECORD_HEAD)
            continue;
        read_disk(of->segment, of->at, bytes, HF__RECORD_HEAD + count);
        for (uint32_t b = 1 + hf_test_below(random, 4); b > 0; b--)
            bytes[HF__RECORD_HEAD + hf_test_below(random, count)] = (uint8_t)hf_test_next(random);
        if (hf_test_below(random, 8) == 0)
            of->head.count += hf_test_below(random, 3);
        uint32_t crc = hf__record_crc(of->salt, &of->head);
        hf__record_head_write(&of->head, hf__crc32c(crc, bytes + HF__RECORD_HEAD, count), bytes);
        write_disk(of->segment, of->at, bytes, HF__RECORD_HEAD + count);
    }
}

/* ---- Looking --------------------------------------------------------------------------------- */

typedef struct tally {
    uint64_t mutants;
    uint64_t refused;
    uint64_t shorter; /* the end was damaged, which looks like torn */
    uint64_t whole;
} tally;

static void is_documented(int error, uint64_t seed)
{
    ck_assert_msg(error == HF_E_CORRUPT || error == HF_E_SCHEMA, "HF_JOURNAL_ONLY=%" PRIu64 ": %s",
                  seed, hf_error_name(error));
    ck_assert_msg(strstr(the_world.error.text, "disk/store.journal") != NULL, "%s",
                  the_world.error.text);
}

static void try_damaged(uint64_t seed, tally *of)
{
    world *w = &the_world;
    hf_test_random random = {.state = seed};
    remember(seed);
    leave_journal(seed);
    damage(&random);
    int error = world_open();
    of->mutants++;
    if (error != 0) {
        is_documented(error, seed);
        of->refused++;
    } else {
        uint64_t batch = w->journal->committed.batch;
        ck_assert_uint_le(batch, w->acked);
        ck_assert_uint_ge(batch, w->journal->stored.batch);
        of->shorter += batch < w->acked;
        of->whole += batch == w->acked;
        w->acked = batch;
        w->tried = batch;
        ck_assert(world_judge());
        ck_assert_msg(w->broken[0] == '\0', "HF_JOURNAL_ONLY=%" PRIu64 ": %s", seed, w->broken);
    }
    world_fini();
}

static uint32_t key_columns(const hf_table *table, uint32_t index)
{
    uint32_t count = table->key_count;
    for (uint32_t c = 0; index != 0 && c < table->indexes[index - 1].column_count; c++)
        count += memchr(table->key, table->indexes[index - 1].columns[c], table->key_count) == NULL;
    return count;
}

/* Reads an index from end to end; whatever comes, it comes to an end. */
static void read_index(void *txn, uint32_t table, uint32_t index, bool descending)
{
    static uint8_t rows[PAGE_ROWS + 1][HF__JOURNAL_ROW_MAX];
    const hf_table *of = hf_store_schema()->tables[table];
    hf_scan scan = {.table = table, .index = index, .descending = descending};
    uint32_t count = PAGE_ROWS;
    uint32_t pages = 0;
    void *places[PAGE_ROWS];
    for (uint32_t i = 0; i < PAGE_ROWS; i++)
        places[i] = rows[i];
    while (count == PAGE_ROWS) {
        ck_assert_msg(++pages < PAGES_MAX, "%s table %s, index %u has no end", last_words, of->name,
                      index);
        memset(rows, 0, (size_t)PAGE_ROWS * HF__JOURNAL_ROW_MAX);
        int error = hf__journal_driver.scan(txn, &scan, places, &count);
        if (error != 0 || count == 0)
            return;
        memcpy(rows[PAGE_ROWS], rows[count - 1], HF__JOURNAL_ROW_MAX);
        scan.low = descending ? NULL : rows[PAGE_ROWS];
        scan.high = descending ? rows[PAGE_ROWS] : NULL;
        scan.low_columns = descending ? 0 : key_columns(of, index);
        scan.high_columns = descending ? key_columns(of, index) : 0;
        scan.low_exclusive = 1;
        scan.high_exclusive = 1;
    }
}

static void read_everything(void)
{
    world *w = &the_world;
    void *txn = NULL;
    if (hf__journal_driver.begin(w->journal, HF_TXN_SNAPSHOT, &w->caller, &txn) != 0)
        return;
    for (uint32_t t = 0; t < hf_store_schema()->table_count; t++)
        for (uint32_t i = 0; i <= hf_store_schema()->tables[t]->index_count; i++)
            for (int down = 0; down < 2; down++)
                read_index(txn, t, i, down == 1);
    hf__journal_driver.rollback(txn);
}

static void try_forged(uint64_t seed, tally *of)
{
    world *w = &the_world;
    hf_test_random random = {.state = seed};
    remember(seed);
    leave_journal(seed);
    forge(&random);
    int error = world_open();
    of->mutants++;
    if (error != 0) {
        is_documented(error, seed);
        of->refused++;
    } else {
        read_everything();
        error = hf__journal_checkpoint(w->journal, NULL);
        of->whole += error == 0;
        read_everything();
    }
    world_fini();
}

static void run(void (*attempt)(uint64_t seed, tally *of), const char *what)
{
    tally of = {0};
    uint64_t only = env_number("HF_JOURNAL_ONLY", 0);
    uint64_t count = only != 0 ? 1 : env_number("HF_JOURNAL_MUTANTS", MUTANTS);
    hf_test_random random = {.state = env_number("HF_JOURNAL_SEED", SEED)};
    (void)fprintf(stderr, "# HF_JOURNAL_SEED=%" PRIu64 "\n", random.state);
    for (uint64_t i = 0; i < count; i++)
        attempt(only != 0 ? only : hf_test_next(&random) >> 1, &of);
    (void)fprintf(stderr,
                  "# %s: %" PRIu64 " journals, %" PRIu64 " refused, %" PRIu64
                  " with a shorter end, %" PRIu64 " whole\n",
                  what, of.mutants, of.refused, of.shorter, of.whole);
    ck_assert(count < MUTANTS || (of.refused != 0 && of.whole != 0));
}

START_TEST(a_damaged_journal_gives_what_was_written_or_an_error)
{
    run(try_damaged, "damaged");
}
END_TEST

START_TEST(a_forged_journal_ends_nothing_but_itself)
{
    run(try_forged, "forged");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_mutants");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_damaged_journal_gives_what_was_written_or_an_error);
    tcase_add_test(core, a_forged_journal_ends_nothing_but_itself);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
