/*
 * Whole folders of stores in the hands of an operator: files of a killed store are swapped,
 * dropped, doubled, cut, zeroed, renamed, replaced by older ones or by those of another store, one
 * to three such things at a time, at random. Opening it ends in the right state, or in a refusal
 * that names a file and leaves every byte as it was; never in another state, and never by a signal.
 *
 * Three things leave no trace (see holdfast/journal.h): what is newest in the journal is older, or
 * zeros, or everything is older. Then the state is an earlier one that was acknowledged, and clean.
 *
 * HF_FOLDERS_SEED and HF_FOLDERS_MUTANTS (for each store) change the run, a long one has 10,000:
 *
 *     HF_FOLDERS_MUTANTS=10000 meson test -C build folders -t 0
 *
 * What goes wrong names the mutant; HF_FOLDERS_ONLY=number tries it alone, HF_FOLDERS_STORE=lmdb on
 * that store alone.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): MAP_ANONYMOUS */
#include "journal/segments/format.h"
#include "store/folders.h"
#include "support/bells.h"
#include "support/random.h"

#include <inttypes.h>
#include <sys/mman.h>

#define SEED     20261130u
#define MUTANTS  40u
#define FIRST    30 /* receipts before the store was copied as the older one */
#define ALL      90 /* receipts of the store as it is */
#define WORLDS   3u /* killed stores of a kind: with more and more in the journal */
#define ACTS_MAX 3u
#define CLEAN    0
#define DIRTY    77

/* What a process found that opened the folder. */
typedef struct result {
    int error;
    int64_t bells;
    uint64_t findings;
    uint8_t digest[16];
    char detail[480];
} result;

typedef struct world {
    folder now;
    folder older;
    folder other; /* another store */
    result right;
} world;

static world worlds[WORLDS];
static result *shared; /* with the process that opens */
static int scheme;
static char acts[400]; /* of the mutant that is tried, in words */

static uint64_t env_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int open_full(const char *store, uint32_t without)
{
    hf_options options;
    hf_options_init(&options);
    options.store = store;
    options.threads = 0;
    options.check = HF_CHECK_FULL;
    options.journal_bytes_max = 1 << 20;
    options.without_journal = without;
    options.log_level = HF_LOG_ERROR;
    options.error = shared->detail;
    options.error_bytes = sizeof shared->detail;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    return hf_engine_open(shop.loop, &options, &shop.engine);
}

/* The balance; -1: there is no such item, as in a new store. */
static int64_t count_or_none(void)
{
    hf_account_get_args get;
    hf_item_get_init(&get, "bell");
    int status = shop_run(HF_OP_ITEM_GET, &get);
    return status == HF_E_NOT_FOUND ? -1 : status == 0 ? count_bells() : -2;
}

static void look(uint32_t without)
{
    shared->error = open_full(url(scheme, "in/store"), without);
    if (shared->error != 0)
        _exit(CLEAN);
    shared->bells = count_or_none();
    if (hf_verify(shop.engine, NULL, shop_on_verify, NULL) != 0)
        _exit(DIRTY);
    shop_wait();
    shared->findings = shop.status == 0 ? shop.verified.findings_total : 1;
    memcpy(shared->digest, shop.verified.digest, sizeof shared->digest);
    stop();
    _exit(CLEAN);
}

/* Opens "in/store" in a process of its own; its exit status. */
static int try_to_open(uint32_t without)
{
    memset(shared, 0, sizeof *shared);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        look(without);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

/* ---- Worlds ---------------------------------------------------------------------------------- */

/* Receives until there are so many; the process is killed then. */
static void receive_and_die(int from, int to, uint32_t meta)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(url(scheme, "in/store"), HF_DURABILITY_JOURNAL);
        if (from == 0)
            begin_bells();
        for (int i = from; i < to; i++) {
            bells_meta_bytes = meta; /* of the last ones all: several segments */
            receive(1);
        }
        (void)raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static void make_world(world *of, uint32_t which)
{
    const folder nothing = {.count = 0};
    const uint32_t meta = which == 0 ? 0 : which == 1 ? 1000 : sizeof bells_meta;
    put(&nothing);
    receive_and_die(0, ALL, meta);
    load(&of->other, "in");
    put(&nothing);
    receive_and_die(0, FIRST, meta);
    load(&of->older, "in");
    receive_and_die(FIRST, ALL, meta);
    load(&of->now, "in");
    ck_assert_int_eq(try_to_open(0), CLEAN);
    ck_assert_msg(shared->error == 0, "%s", shared->detail);
    ck_assert_int_eq(shared->bells, ALL);
    ck_assert_uint_eq(shared->findings, 0);
    of->right = *shared;
}

/* ---- What an operator does --------------------------------------------------------------------
 */

static hf_test_random dice;

static file *any_file(folder *of)
{
    file *found = NULL;
    while (found == NULL || found->path[0] == '\0')
        found = &of->files[hf_test_below(&dice, of->count)];
    return found;
}

static void replace(file *of, const file *by)
{
    of->bytes = by->bytes; /* never freed here, never written in place */
    of->length = by->length;
}

static uint8_t *copies[ACTS_MAX]; /* of the mutant that is tried */
static uint32_t copy_count;

static void free_copies(void)
{
    while (copy_count > 0)
        free(copies[--copy_count]);
}

static uint8_t *copy_of(const file *of, size_t length)
{
    uint8_t *bytes = calloc(1, length + 1);
    ck_assert_ptr_nonnull(bytes);
    copies[copy_count++] = bytes;
    memcpy(bytes, of->bytes, length < of->length ? length : of->length);
    return bytes;
}

static void act_drop(const world *of, folder *m, file *one)
{
    (void)of;
    (void)m;
    one->path[0] = '\0';
}

static void act_swap(const world *of, folder *m, file *one)
{
    (void)of;
    file *two = any_file(m);
    const file kept = *one;
    replace(one, two);
    replace(two, &kept);
}

static const char *other_name(const file *one)
{
    static char name[FOLDER_PATH];
    static const char *const names[] = {"store", "store-wal", "store.old", "store.journal/old"};
    if (is_segment(one) || hf_test_below(&dice, 4) == 0)
        (void)snprintf(name, sizeof name, "store.journal/segment-%02u%s",
                       (unsigned)hf_test_below(&dice, 9) + 1,
                       hf_test_below(&dice, 4) == 0 ? ".new" : "");
    else
        (void)snprintf(name, sizeof name, "%s", names[hf_test_below(&dice, 4)]);
    return name;
}

static void set_path(folder *m, file *one, const char *name)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (strcmp(m->files[i].path, name) == 0)
            m->files[i].path[0] = '\0';
    (void)snprintf(one->path, sizeof one->path, "%s", name);
}

static void act_rename(const world *of, folder *m, file *one)
{
    (void)of;
    set_path(m, one, other_name(one));
}

static void act_double(const world *of, folder *m, file *one)
{
    (void)of;
    if (m->count == FILES_MAX)
        return;
    file *made = &m->files[m->count++];
    *made = *one;
    made->path[0] = '\0';
    set_path(m, made, other_name(one));
}

static size_t any_length(const file *one)
{
    const size_t whole = one->length;
    if (whole < 2)
        return 0;
    switch (hf_test_below(&dice, 4)) {
    case 0:
        return 0;
    case 1:
        return (size_t)hf_test_below(&dice, (uint32_t)(whole / 512 + 1)) * 512;
    case 2:
        return (size_t)hf_test_below(&dice, (uint32_t)(whole / 4096 + 1)) * 4096;
    default:
        return hf_test_below(&dice, (uint32_t)whole);
    }
}

static void act_cut(const world *of, folder *m, file *one)
{
    (void)of;
    (void)m;
    size_t length = any_length(one);
    one->bytes = copy_of(one, length);
    one->length = length;
}

static void act_zero(const world *of, folder *m, file *one)
{
    (void)of;
    (void)m;
    size_t from = any_length(one);
    size_t to = hf_test_below(&dice, 2) == 0 ? one->length : any_length(one);
    one->bytes = copy_of(one, one->length);
    if (from < to)
        memset(one->bytes + from, 0, to - from);
}

static void act_older(const world *of, folder *m, file *one)
{
    (void)m;
    const file *older = find(&of->older, one->path);
    if (older != NULL)
        replace(one, older);
    else
        one->path[0] = '\0';
}

static void act_foreign(const world *of, folder *m, file *one)
{
    (void)m;
    const file *other = find(&of->other, one->path);
    if (other != NULL)
        replace(one, other);
}

/* All segments, or everything. */
static void act_all_older(const world *of, folder *m, file *one)
{
    (void)one;
    bool journal_alone = hf_test_below(&dice, 2) == 0;
    for (uint32_t i = 0; i < m->count; i++)
        if (!journal_alone || is_segment(&m->files[i]))
            act_older(of, m, &m->files[i]);
}

static void act_all_segments_dropped(const world *of, folder *m, file *one)
{
    (void)of;
    (void)one;
    for (uint32_t i = 0; i < m->count; i++)
        if (is_segment(&m->files[i]))
            m->files[i].path[0] = '\0';
}

static const struct {
    const char *name;
    void (*act)(const world *of, folder *m, file *one);
} all_acts[] = {
    {"drop", act_drop},
    {"swap", act_swap},
    {"rename", act_rename},
    {"double", act_double},
    {"cut", act_cut},
    {"zero", act_zero},
    {"older", act_older},
    {"foreign", act_foreign},
    {"all older", act_all_older},
    {"no segments", act_all_segments_dropped},
};
#define ACTS ((uint32_t)(sizeof all_acts / sizeof all_acts[0]))

static bool is_empty(const folder *of)
{
    for (uint32_t i = 0; i < of->count; i++)
        if (of->files[i].path[0] != '\0')
            return false;
    return true;
}

static void mutate(const world *of, folder *m)
{
    const uint32_t count = 1 + hf_test_below(&dice, ACTS_MAX);
    *m = of->now;
    acts[0] = '\0';
    for (uint32_t i = 0; i < count && !is_empty(m); i++) {
        const uint32_t which = hf_test_below(&dice, ACTS);
        file *one = any_file(m);
        size_t used = strlen(acts);
        (void)snprintf(acts + used, sizeof acts - used, "%s %s; ", all_acts[which].name, one->path);
        all_acts[which].act(of, m, one);
    }
}

/* ---- What may come of it ----------------------------------------------------------------------
 */

/* The number of the last batch whose record begins in a range of a segment; 0: there is none. */
static uint64_t last_batch(const file *of, size_t from, size_t to)
{
    uint64_t last = 0;
    for (size_t at = from; at < to && at + HF__RECORD_HEAD <= of->length; at++) {
        hf__record_head head;
        uint32_t crc;
        if (hf__record_head_read(of->bytes + at, &head, &crc) && head.batch > last)
            last = head.batch;
    }
    return last;
}

/*
 * From some byte on zeros, and before it as the file was. A rest of the last record may be left
 * behind them, and what the segment had when it was used before: no record of a later batch begins
 * there.
 */
static bool is_zeroed_at_end(const file *found, const file *was)
{
    size_t begin = 0;
    if (found->length != was->length)
        return false;
    while (begin < was->length && found->bytes[begin] == was->bytes[begin])
        begin++;
    size_t end = begin;
    while (end < was->length && found->bytes[end] == 0)
        end++;
    return memcmp(found->bytes + end, was->bytes + end, was->length - end) == 0 &&
           last_batch(was, end, was->length) <= last_batch(was, 0, begin);
}

static bool is_in(const file *found, const folder *of)
{
    for (uint32_t i = 0; i < of->count; i++)
        if (is_segment(&of->files[i]) && same(found, &of->files[i]))
            return true;
    return false;
}

/* One of the three things that leave no trace, whatever the names of the segments are now. */
static bool may_be_earlier(const world *of, const folder *m)
{
    const file *now = newest_of(&of->now);
    const file *older = newest_of(&of->older);
    const file *itself = find(&of->older, now->path); /* the newest as it was */
    uint32_t segments = 0;
    uint32_t older_ones = 0;
    bool lost = false;
    for (uint32_t i = 0; i < m->count; i++) {
        const file *one = &m->files[i];
        if (!is_segment(one))
            continue;
        segments++;
        older_ones += is_in(one, &of->older) || is_zeroed_at_end(one, older);
        lost = lost || (is_zeroed_at_end(one, now) && !same(one, now)) ||
               (itself != NULL && is_zeroed_at_end(one, itself));
    }
    return lost || (segments != 0 && segments == older_ones);
}

/* All of it is the other store, which is as good as any. */
static bool is_other(const world *of, const folder *m)
{
    const file *store = find(m, "store");
    bool all = store != NULL && same(store, find(&of->other, "store"));
    for (uint32_t i = 0; i < m->count; i++)
        all = all && (!is_segment(&m->files[i]) || is_in(&m->files[i], &of->other));
    return all;
}

/* Nothing is left of the store that anybody could miss. */
static bool may_be_new(const folder *m)
{
    bool any = find(m, "store") != NULL;
    for (uint32_t i = 0; i < m->count; i++)
        any = any || is_segment(&m->files[i]);
    return !any;
}

/* NULL: it is as it should be; else what is wrong. */
static const char *judge(const world *of, const folder *m, int status, bool changed)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status) != CLEAN)
        return "the process did not end well";
    if (shared->error != 0) {
        if (changed)
            return "a refusal changed the folder";
        return strstr(shared->detail, "in/store") != NULL ? NULL : "the refusal names no file";
    }
    if (shared->findings != 0)
        return "verify has findings";
    if (shared->bells == ALL && memcmp(shared->digest, of->right.digest, 16) == 0)
        return NULL;
    if (shared->bells == -1 && may_be_new(m))
        return NULL;
    bool earlier = shared->bells <= ALL; /* -1: before the item was there */
    return earlier && (may_be_earlier(of, m) || is_other(of, m)) ? NULL : "another state";
}

typedef struct score {
    uint32_t right;
    uint32_t refused;
    uint32_t earlier;
    uint32_t wrong;
    char first[1000]; /* that was wrong */
} score;

static void try_mutant(uint64_t number, uint32_t without, score *of)
{
    const world *from = &worlds[number % WORLDS];
    folder m;
    dice.state = env_number("HF_FOLDERS_SEED", SEED) * 1000003u + number * 31 + (uint32_t)scheme;
    mutate(from, &m);
    put(&m);
    const uint64_t before = folder_sum("in");
    const int status = try_to_open(without);
    const char *wrong = judge(from, &m, status, folder_sum("in") != before);
    free_copies();
    of->refused += shared->error != 0;
    of->right += shared->error == 0 && shared->bells == ALL;
    of->earlier += shared->error == 0 && shared->bells != ALL;
    of->wrong += wrong != NULL;
    if (wrong == NULL)
        return;
    char said[1000];
    (void)snprintf(said, sizeof said,
                   "HF_FOLDERS_ONLY=%" PRIu64 " %s: %s: %s%s, status %d, %" PRId64
                   " bells, %" PRIu64 " findings: %s",
                   number, schemes[scheme], wrong, acts,
                   shared->error == 0 ? "opened" : hf_error_name(shared->error), status,
                   shared->bells, shared->findings, shared->detail);
    if (without == 0)
        (void)fprintf(stderr, "# %s\n", said);
    if (of->first[0] == '\0')
        memcpy(of->first, said, sizeof said);
}

static score run(uint64_t mutants, uint32_t without)
{
    score of = {.wrong = 0};
    const uint64_t only = env_number("HF_FOLDERS_ONLY", UINT64_MAX);
    for (uint64_t i = 0; i < mutants && only == UINT64_MAX; i++)
        try_mutant(i, without, &of);
    if (only != UINT64_MAX)
        try_mutant(only, without, &of);
    (void)fprintf(stderr, "# %s: %u right, %u refused, %u earlier, %u wrong\n", schemes[scheme],
                  of.right, of.refused, of.earlier, of.wrong);
    return of;
}

static void prepare(int which)
{
    scheme = which;
    in_a_folder();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(shared != MAP_FAILED);
    for (uint32_t i = 0; i < WORLDS; i++)
        make_world(&worlds[i], i);
}

START_TEST(a_folder_that_was_changed_opens_right_or_is_refused_untouched)
{
    const char *store = getenv("HF_FOLDERS_STORE");
    if (store != NULL && strcmp(store, schemes[_i]) != 0)
        return;
    prepare(_i);
    const score of = run(env_number("HF_FOLDERS_MUTANTS", MUTANTS), 0);
    ck_assert_msg(of.wrong == 0, "%u wrong, first: %s", of.wrong, of.first);
}
END_TEST

/* The control: an engine that continues without its journal whatever that is. */
START_TEST(an_engine_that_passes_over_its_journal_is_found_out)
{
    prepare(_i);
    const score of = run(MUTANTS, 1);
    ck_assert_uint_gt(of.wrong, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("folders");
    TCase *mutants = tcase_create("mutants");
    tcase_add_loop_test(mutants, a_folder_that_was_changed_opens_right_or_is_refused_untouched, 0,
                        SCHEMES);
    suite_add_tcase(suite, mutants);
    TCase *control = tcase_create("control");
    tcase_add_loop_test(control, an_engine_that_passes_over_its_journal_is_found_out, 0, SCHEMES);
    suite_add_tcase(suite, control);
    return hf_test_main(suite);
}
