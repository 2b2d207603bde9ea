/*
 * The LMDB store over damaged files and a full disk: nothing wrong is served, nothing ends the
 * process, and what was committed is there again when the cause has gone.
 *
 * 500 mutants of a store are opened, read by every way and written to. What the walk refuses is
 * refused at open; what only spoils keys and values is caught by checksums. The negative control
 * counts how many mutants were caught by nothing but a row's checksum: without it they would have
 * been served.
 *
 * One damage cannot be seen in a row: a whole page as an earlier commit wrote it, which is what a
 * lost write leaves. Its rows are true rows of an earlier state. Reading one by its key serves it;
 * the check finds it, by the table's XOR or an index.
 *
 * HF_LMDB_SEED and HF_LMDB_MUTANTS change the run; HF_LMDB_ONLY=n runs the n-th mutant alone.
 */
#define _GNU_SOURCE
#include "lmdb_items.h"
#include "lmdb_mutate.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PATH    "store.mdb"
#define SEED    20240611u
#define MUTANTS 500u
#define ITEMS   600u
#define LAST    6u /* commit of the source */

/* ---- Single damages ---------------------------------------------------------------------- */

/* Item 7's name once in the file: in its row, not in the index. */
static void spoil_row(const char *path)
{
    static uint8_t body[9000];
    item row = item_make(7, 1, body);
    struct image image;
    image_load(&image, path);
    uint8_t *at = memmem(image.bytes, image.size, row.body, (size_t)row.body_bytes);
    ck_assert_ptr_nonnull(at);
    at[3] ^= 0x10;
    image_save(&image, path);
    image_free(&image);
}

START_TEST(a_damaged_row_is_refused_with_its_place)
{
    items_make(PATH, 20);
    spoil_row(PATH);
    void *store;
    item row;
    uint8_t found;
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    refused(item_get(txn, 7, &row, &found), HF_E_CORRUPT, PATH, "table items", "key \\x07",
            "checksum");
    good(item_get(txn, 8, &row, &found));
    ck_assert_int_eq(items_count(txn, 0), HF_E_CORRUPT);
    ck_assert_int_eq(items_count(txn, ITEMS_NAME), HF_E_CORRUPT);
    refused(lmdb->check(txn, NULL, NULL), HF_E_CORRUPT, "table items", "key \\x07");
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

/* Another program that knows LMDB takes one key out of a tree, or puts one in. */
static void meddle(const char *tree, uint8_t *key, size_t bytes, bool puts)
{
    MDB_env *env = env_open(PATH, 0);
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_val at = {bytes, key};
    MDB_val nothing = {0, key};
    must(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    must(mdb_dbi_open(txn, tree, 0, &dbi) == 0);
    must((puts ? mdb_put(txn, dbi, &at, &nothing, 0) : mdb_del(txn, dbi, &at, NULL)) == 0);
    must(mdb_txn_commit(txn) == 0);
    mdb_env_close(env);
}

static uint32_t key_of(uint64_t id, uint32_t index, uint8_t *key)
{
    static uint8_t body[9000];
    item row = item_make(id, 1, body);
    return hf__key_encode(&items_1, index, &row, HF__KEY_ALL, key);
}

static void ck_meddled(int64_t by_key, int64_t by_index, const char *place, const char *cause)
{
    void *store;
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    ck_assert_int_eq(items_count(txn, 0), by_key);
    ck_assert_int_eq(items_count(txn, ITEMS_NAME), by_index);
    ck_assert_int_eq(lmdb->check(txn, NULL, NULL), HF_E_CORRUPT);
    ck_assert_msg(strstr(item_error.text, place) && strstr(item_error.text, cause), "%s",
                  item_error.text);
    lmdb->rollback(txn);
    lmdb->close(store);
}

START_TEST(an_entry_without_its_row_is_refused)
{
    uint8_t key[HF__KEY_MAX];
    items_make(PATH, 20);
    meddle("items", key, key_of(7, 0, key), false);
    ck_meddled(19, HF_E_CORRUPT, "table items", "19 entries, there should be 20");
}
END_TEST

START_TEST(an_entry_under_a_wrong_key_is_refused)
{
    uint8_t key[HF__KEY_MAX];
    items_make(PATH, 20);
    uint32_t bytes = key_of(7, ITEMS_NAME, key);
    key[0] ^= 1;
    meddle("items_name", key, bytes, true);
    ck_meddled(20, HF_E_CORRUPT, "index items_name", "does not have that key");
}
END_TEST

START_TEST(a_missing_entry_is_found_by_the_check)
{
    uint8_t key[HF__KEY_MAX];
    items_make(PATH, 20);
    meddle("items_name", key, key_of(7, ITEMS_NAME, key), false);
    ck_meddled(20, 19, "table items, key \\x07", "no entry in index items_name");
}
END_TEST

START_TEST(a_row_lost_with_its_entries_is_found_by_the_check)
{
    uint8_t key[HF__KEY_MAX];
    items_make(PATH, 20);
    meddle("items", key, key_of(6, 0, key), false); /* state 1: in both indexes */
    meddle("items_name", key, key_of(6, ITEMS_NAME, key), false);
    meddle("items_open", key, key_of(6, ITEMS_OPEN, key), false);
    ck_meddled(19, 19, "table items", "19 entries, there should be 20");
}
END_TEST

/* Item 7's page in an image: where its body of a generation stands. */
static uint8_t *page_of_body(const struct image *image, uint64_t generation)
{
    static uint8_t body[9000];
    item row = item_make(7, generation, body);
    uint8_t *at = memmem(image->bytes, image->size, row.body, (size_t)row.body_bytes);
    ck_assert_ptr_nonnull(at);
    return image->bytes + (size_t)(at - image->bytes) / PAGE * PAGE;
}

START_TEST(a_page_of_an_earlier_commit_is_found_by_the_check)
{
    struct image before;
    struct image after;
    void *store;
    items_make(PATH, 20);
    image_load(&before, PATH);
    good(items_open(PATH, &schema_1, &store));
    void *txn = begin(store, HF_TXN_WRITE);
    good(item_put(txn, 7, 4, 1));
    good(item_commit(txn, 2));
    lmdb->close(store);
    image_load(&after, PATH);
    uint8_t *page = page_of_body(&after, 4);
    uint64_t number = get(page + AT_PGNO, 8);
    memcpy(page, page_of_body(&before, 1), PAGE);
    set(page + AT_PGNO, 8, number);
    image_save(&after, PATH);
    image_free(&before);
    image_free(&after);

    item row;
    uint8_t found;
    good(items_open(PATH, &schema_1, &store));
    txn = begin(store, HF_TXN_SNAPSHOT);
    good(item_get(txn, 7, &row, &found));
    ck_assert_uint_eq(row.generation, 1); /* the limit of what a row's checksum can detect */
    ck_assert_int_eq(items_count(txn, ITEMS_NAME), HF_E_CORRUPT);
    refused(lmdb->check(txn, NULL, NULL), HF_E_CORRUPT, "table items");
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

START_TEST(a_lost_tree_is_found_at_open)
{
    items_make(PATH, 20);
    MDB_env *env = env_open(PATH, 0);
    MDB_txn *txn;
    MDB_dbi dbi;
    must(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    must(mdb_dbi_open(txn, "items_open", 0, &dbi) == 0);
    must(mdb_drop(txn, dbi, 1) == 0);
    must(mdb_txn_commit(txn) == 0);
    mdb_env_close(env);
    void *store;
    refused(items_open(PATH, &schema_1, &store), HF_E_CORRUPT, "items_open", "missing");
}
END_TEST

/* ---- Mutants ----------------------------------------------------------------------------- */

/* Item `id` is rewritten by every third commit from 2 on, those of 13 are gone since commit 2. */
static uint64_t generation_at(uint64_t id, uint64_t batch)
{
    uint64_t generation = 1;
    for (uint64_t b = 2; b <= batch; b++) {
        if (id % 3 == b % 3)
            generation = b;
    }
    return generation;
}

static bool is_gone(uint64_t id)
{
    return id % 13 == 0;
}

static void make_source(struct image *source)
{
    items_make(PATH, ITEMS);
    void *store;
    good(items_open(PATH, &schema_1, &store));
    for (uint64_t batch = 2; batch <= LAST; batch++) {
        void *txn = begin(store, HF_TXN_WRITE);
        for (uint64_t id = 1; id <= ITEMS; id++) {
            uint64_t before = generation_at(id, batch - 1);
            if (is_gone(id) && batch == 2)
                good(item_del(txn, id, 1));
            else if (!is_gone(id) && generation_at(id, batch) != before)
                good(item_put(txn, id, batch, before));
        }
        good(item_commit(txn, batch));
    }
    lmdb->close(store);
    image_load(source, PATH);
}

/* What became of the mutants; shared with the child that opens them. */
struct tally {
    uint32_t now; /* the mutant being looked at */
    uint32_t wrong;
    uint32_t refused_at_open;
    uint32_t refused_by_checksum;
    uint32_t refused_otherwise;
    uint32_t stale; /* rows of an earlier commit were read, and the check found it */
    uint32_t unharmed;
};

enum { WRONG = 1, STALE = 2 };

/* Whether an item is what one of the commits up to `batch` wrote. */
static bool was_written(const item *row, uint64_t batch)
{
    static uint8_t body[9000];
    item wanted = item_make(row->id, row->generation, body);
    if (row->id < 1 || row->id > ITEMS || row->generation < 1 || row->generation > batch)
        return false;
    return generation_at(row->id, row->generation) == row->generation && item_is(row, &wanted);
}

/* 0: right; HF_E_*: refused; STALE: a row of an earlier commit was served; WRONG: any other. */
static int read_all(void *txn, uint64_t batch)
{
    int first = 0;
    for (uint64_t id = 1; id <= ITEMS; id++) {
        item row;
        uint8_t found = 0;
        int error = item_get(txn, id, &row, &found);
        if (error == 0 && found && (row.id != id || !was_written(&row, batch)))
            return WRONG;
        if (error == 0 && found && (is_gone(id) || row.generation != generation_at(id, batch)))
            error = STALE;
        if (first == 0 || error == STALE)
            first = error;
    }
    for (uint32_t index = 0; index <= 2; index++) {
        int64_t count = items_count(txn, index);
        if (first == 0 && count < 0)
            first = (int)count;
    }
    return first;
}

/* Every live item is there and the indexes have what they must: only asked when check says 0. */
static bool is_complete(void *txn)
{
    int64_t rows = 0;
    for (uint64_t id = 1; id <= ITEMS; id++)
        rows += !is_gone(id);
    return items_count(txn, 0) == rows && items_count(txn, ITEMS_NAME) == rows;
}

static void write_some(void *store)
{
    void *txn;
    if (lmdb->begin(store, HF_TXN_WRITE, &item_caller, &txn) != 0)
        return;
    for (uint64_t id = 1; id <= 40; id++) {
        if (item_put(txn, ITEMS + id, 9, 0) != 0)
            break;
    }
    (void)item_commit(txn, 9);
}

static void judge(void *txn, struct tally *tally)
{
    hf_store_stat stat = {0};
    int read = lmdb->stat(txn, &stat);
    if (read == 0)
        read = read_all(txn, stat.mark.batch);
    bool by_checksum = strstr(item_error.text, "checksum") != NULL;
    int checked = lmdb->check(txn, NULL, NULL);
    if (read == WRONG ||
        (checked == 0 && (read != 0 || stat.mark.batch < LAST - 1 || !is_complete(txn))))
        tally->wrong++;
    else if (checked == 0)
        tally->unharmed++;
    else if (read == STALE)
        tally->stale++;
    else if (by_checksum)
        tally->refused_by_checksum++;
    else
        tally->refused_otherwise++;
}

static void look_at(struct tally *tally)
{
    void *store;
    void *txn;
    if (items_open(PATH, &schema_1, &store) != 0) {
        tally->refused_at_open++;
        return;
    }
    if (lmdb->begin(store, HF_TXN_SNAPSHOT, &item_caller, &txn) == 0) {
        judge(txn, tally);
        lmdb->rollback(txn);
        write_some(store);
    }
    lmdb->close(store);
}

static void look_at_mutants(const struct image *source, struct tally *tally, uint64_t seed)
{
    uint64_t only = env_number("HF_LMDB_ONLY", UINT64_MAX);
    uint64_t count = env_number("HF_LMDB_MUTANTS", MUTANTS);
    for (uint64_t n = 0; n < count && tally->wrong == 0; n++) {
        char names[128];
        if (only != UINT64_MAX && n != only)
            continue;
        struct image mutant;
        image_copy(&mutant, source);
        mutate(&mutant, seed + n, names, sizeof names);
        image_save(&mutant, PATH);
        image_free(&mutant);
        tally->now = (uint32_t)n;
        look_at(tally);
    }
}

START_TEST(no_mutant_ends_the_process_or_serves_a_wrong_row)
{
    struct image source;
    make_source(&source);
    uint64_t seed = env_number("HF_LMDB_SEED", SEED);
    fprintf(stderr, "HF_LMDB_SEED=%llu\n", (unsigned long long)seed);
    struct tally *tally =
        mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(tally, MAP_FAILED);
    pid_t child = fork();
    if (child == 0) {
        look_at_mutants(&source, tally, seed);
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "mutant %u: status %d", tally->now,
                  status);
    ck_assert_msg(tally->wrong == 0, "mutant %u: a wrong row was served", tally->now);
    fprintf(stderr,
            "%u mutants: %u refused at open, %u by a checksum, %u otherwise, %u stale, found by "
            "the check, %u unharmed\n",
            tally->now + 1, tally->refused_at_open, tally->refused_by_checksum,
            tally->refused_otherwise, tally->stale, tally->unharmed);
    if (getenv("HF_LMDB_ONLY") == NULL)
        ck_assert_uint_gt(tally->refused_by_checksum, 0);
    munmap(tally, sizeof *tally);
    image_free(&source);
}
END_TEST

/* ---- A full disk ------------------------------------------------------------------------- */

static bool mount_small(void)
{
    ck_assert_int_eq(mkdir("disk", 0700), 0);
    if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
        mount("tmpfs", "disk", "tmpfs", 0, "size=1m") == 0)
        return true;
    fprintf(stderr, "skipped: mounting is not permitted here\n");
    return false;
}

/* Commits items after `id` until the disk is full; the last one that is there then. */
static uint64_t fill_disk(void *store, uint64_t id)
{
    for (;; id += 20) {
        void *txn = begin(store, HF_TXN_WRITE);
        int error = 0;
        for (uint64_t i = 1; error == 0 && i <= 20; i++)
            error = item_put(txn, id + i, 1, 0);
        if (error == 0)
            error = item_commit(txn, id + 20);
        else
            lmdb->rollback(txn);
        if (error == 0)
            continue;
        ck_assert_msg(error == HF_E_NO_SPACE, "%d %s", error, item_error.text);
        return id;
    }
}

static void ck_items(void *store, uint64_t count)
{
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    ck_assert_uint_eq(item_stat(txn, NULL).mark.batch, count);
    ck_assert_int_eq(items_count(txn, 0), (int64_t)count);
    good(lmdb->check(txn, NULL, NULL));
    lmdb->rollback(txn);
}

START_TEST(a_full_disk_heals_when_there_is_space_again)
{
    void *store;
    if (!mount_small())
        return;
    good(items_open("disk/" PATH, &schema_1, &store));
    uint64_t count = fill_disk(store, 0);
    ck_assert_uint_gt(count, 0);
    count = fill_disk(store, count); /* again: nothing was half done, nothing is poisoned */
    ck_items(store, count);
    refused(lmdb->backup(store, "disk/copy.mdb", NULL, NULL, &item_error), HF_E_NO_SPACE, "");
    ck_assert_int_ne(access("disk/copy.mdb", F_OK), 0);
    ck_assert_int_eq(mount("tmpfs", "disk", "tmpfs", MS_REMOUNT, "size=8m"), 0);
    void *txn = begin(store, HF_TXN_WRITE);
    for (uint64_t id = count + 1; id <= count + 100; id++)
        good(item_put(txn, id, 1, 0));
    good(item_commit(txn, count + 100));
    ck_items(store, count + 100);
    lmdb->close(store);
    good(items_open("disk/" PATH, &schema_1, &store));
    ck_items(store, count + 100);
    lmdb->close(store);
}
END_TEST

/* Leaves so many bytes on the disk. */
static void leave(size_t bytes)
{
    static const char block[512];
    FILE *full = fopen("disk/full", "w");
    while (fwrite(block, sizeof block, 1, full) == 1 && fflush(full) == 0) {
    }
    ck_assert_int_eq(fclose(full), 0);
    struct stat info;
    ck_assert_int_eq(stat("disk/full", &info), 0);
    ck_assert_int_eq(truncate("disk/full", info.st_size - (off_t)bytes), 0);
}

START_TEST(a_store_is_not_made_by_halves_on_a_full_disk)
{
    void *store;
    if (!mount_small())
        return;
    for (size_t pages = 0; pages < 16; pages++) {
        leave(pages * PAGE);
        int error = items_open("disk/" PATH, &schema_1, &store);
        ck_assert_msg(error == HF_E_NO_SPACE || error == 0, "%d %s", error, item_error.text);
        if (error == 0)
            lmdb->close(store);
        ck_assert_int_ne(access("disk/" PATH ".creating", F_OK), 0);
        ck_assert_int_eq(unlink("disk/full"), 0);
    }
    good(items_open("disk/" PATH, &schema_1, &store));
    ck_items(store, 0);
    lmdb->close(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lmdb_damage");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, own_folder, NULL);
    tcase_add_test(core, a_damaged_row_is_refused_with_its_place);
    tcase_add_test(core, an_entry_without_its_row_is_refused);
    tcase_add_test(core, an_entry_under_a_wrong_key_is_refused);
    tcase_add_test(core, a_missing_entry_is_found_by_the_check);
    tcase_add_test(core, a_row_lost_with_its_entries_is_found_by_the_check);
    tcase_add_test(core, a_page_of_an_earlier_commit_is_found_by_the_check);
    tcase_add_test(core, a_lost_tree_is_found_at_open);
    tcase_add_test(core, no_mutant_ends_the_process_or_serves_a_wrong_row);
    tcase_add_test(core, a_full_disk_heals_when_there_is_space_again);
    tcase_add_test(core, a_store_is_not_made_by_halves_on_a_full_disk);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
