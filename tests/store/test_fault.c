/*
 * The store that fails on purpose: each fault does what it says and nothing else, and a sweep over
 * a scenario leaves all of a commit or none, also over what a "process" that died has left.
 */
#include "store/conformance.h"
#include "store/plain_store.h"
#include "support/fault.h"

static void *plain_alloc(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void plain_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static const hf_allocator allocator = {.alloc = plain_alloc, .free = plain_free};

/* A wrapped memory store. */
typedef struct fixture {
    hf__fault fault;
    hf_test_subject subject;
    hf_test_store store;
} fixture;

static void make(fixture *of, const hf_allocator *keep)
{
    memset(of, 0, sizeof *of);
    ck_assert_int_eq(hf__fault_init(&of->fault, hf_store_builtin("memory"), keep), 0);
    of->subject = (hf_test_subject){.driver = &of->fault.driver, .checksums = true};
    of->store.subject = &of->subject;
    of->store.driver = of->subject.driver;
    of->store.caller = (hf_store_caller){hf_test_alloc, &of->store.memory, &of->store.error};
}

static void unmake(fixture *of)
{
    if (of->fault.open)
        hf_test_store_close(&of->store);
    hf__fault_fini(&of->fault);
}

static int open_it(fixture *of)
{
    hf_store_config config = hf_test_config(&of->store.error, "");
    return of->store.driver->open(&config, &of->store.opened);
}

/* One commit: cursor "a" gets seq, and is made when seq is 1. */
static int write_seq(fixture *of, uint64_t seq)
{
    const hf_store_driver *driver = of->store.driver;
    uint32_t table = hf_test_table("cursors");
    hf_cursor row = {.consumer = {"a"}, .seq = seq}, old = {.consumer = {"a"}};
    const void *rows[1] = {&row}, *olds[1] = {NULL};
    void *place[1] = {&old};
    uint8_t found = 0;
    void *txn;
    int error = driver->begin(of->store.opened, HF_TXN_WRITE, &of->store.caller, &txn);
    if (error != 0)
        return error;
    error = driver->get(txn, table, place, &found, 1);
    olds[0] = found != 0 ? &old : NULL;
    if (error == 0)
        error = driver->put(txn, table, rows, olds, 1);
    if (error != 0) {
        driver->rollback(txn);
        return error;
    }
    hf_store_mark mark = {.batch = seq};
    return driver->commit(txn, &mark);
}

/* What the inner store has, whatever the wrapper says; 0: nothing. */
static uint64_t stored(fixture *of)
{
    const hf_store_driver *inner = of->fault.inner;
    hf_cursor row = {.consumer = {"a"}};
    void *place[1] = {&row}, *txn;
    uint8_t found = 0;
    hf_test_good(&of->store,
                 inner->begin(of->fault.store, HF_TXN_SNAPSHOT, &of->store.caller, &txn));
    hf_test_good(&of->store, inner->get(txn, hf_test_table("cursors"), place, &found, 1));
    hf_test_good(&of->store, inner->check(txn, NULL, NULL));
    inner->rollback(txn);
    return found != 0 ? row.seq : 0;
}

START_TEST(without_a_plan_all_calls_pass_and_are_counted)
{
    fixture of;
    make(&of, NULL);
    hf__fault_arm(&of.fault, &(hf__fault_plan){0});
    ck_assert_int_eq(open_it(&of), 0);
    ck_assert_int_eq(write_seq(&of, 1), 0);
    ck_assert_uint_eq(hf__fault_calls(&of.fault), 5); /* open, begin, get, put, commit */
    ck_assert_uint_eq(hf__fault_hits(&of.fault), 0);
    ck_assert_uint_eq(stored(&of), 1);
    unmake(&of);
}
END_TEST

START_TEST(the_named_call_fails_once_with_the_named_error)
{
    fixture of;
    make(&of, NULL);
    ck_assert_int_eq(open_it(&of), 0);
    for (uint64_t at = 1; at <= 4; at++) {
        hf__fault_arm(&of.fault,
                      &(hf__fault_plan){.at = at, .kind = HF__FAULT_FAIL, .error = HF_E_NO_SPACE});
        ck_assert_int_eq(write_seq(&of, at), HF_E_NO_SPACE);
        ck_assert_int_eq(of.store.error.code, HF_E_NO_SPACE);
        ck_assert_ptr_nonnull(strstr(of.store.error.text, "on purpose"));
        ck_assert_uint_eq(hf__fault_hits(&of.fault), 1);
        ck_assert_uint_eq(stored(&of), at - 1);
        ck_assert_int_eq(write_seq(&of, at), 0);
        ck_assert_uint_eq(stored(&of), at);
    }
    unmake(&of);
}
END_TEST

START_TEST(a_lost_acknowledgement_is_committed_all_the_same)
{
    fixture of;
    make(&of, NULL);
    ck_assert_int_eq(open_it(&of), 0);
    hf__fault_arm(
        &of.fault,
        &(hf__fault_plan){.at = 2, .kind = HF__FAULT_LOSE_ACK, .calls = 1u << HF__FAULT_COMMIT});
    ck_assert_int_eq(write_seq(&of, 1), 0);
    ck_assert_int_eq(write_seq(&of, 2), HF_E_UNKNOWN);
    ck_assert_uint_eq(stored(&of), 2);
    ck_assert_int_eq(write_seq(&of, 3), 0);
    ck_assert_uint_eq(hf__fault_calls(&of.fault), 3);
    unmake(&of);
}
END_TEST

START_TEST(after_a_crash_nothing_works_until_it_is_armed_again)
{
    for (uint32_t kind = HF__FAULT_CRASH; kind <= HF__FAULT_CRASH_DONE; kind++) {
        fixture of;
        make(&of, &allocator);
        ck_assert_int_eq(open_it(&of), 0);
        ck_assert_int_eq(write_seq(&of, 1), 0);
        hf__fault_arm(&of.fault,
                      &(hf__fault_plan){.at = 1, .kind = kind, .calls = 1u << HF__FAULT_COMMIT});
        ck_assert_int_eq(write_seq(&of, 2), HF_E_IO);
        ck_assert_int_eq(write_seq(&of, 3), HF_E_IO);
        hf_test_store_close(&of.store);
        ck_assert_int_eq(open_it(&of), HF_E_IO);
        hf__fault_arm(&of.fault, &(hf__fault_plan){0});
        ck_assert_int_eq(open_it(&of), 0);
        ck_assert_uint_eq(stored(&of), kind == HF__FAULT_CRASH ? 1 : 2);
        ck_assert_int_eq(write_seq(&of, 4), 0);
        unmake(&of);
    }
}
END_TEST

START_TEST(faults_come_in_rows_of_the_named_length)
{
    fixture of;
    make(&of, NULL);
    ck_assert_int_eq(open_it(&of), 0);
    hf__fault_arm(&of.fault,
                  &(hf__fault_plan){
                      .at = 2, .count = 3, .kind = HF__FAULT_FAIL, .calls = 1u << HF__FAULT_BEGIN});
    static const int want[] = {0, HF_E_IO, HF_E_IO, HF_E_IO, 0};
    for (uint64_t i = 0; i < 5; i++)
        ck_assert_int_eq(write_seq(&of, i + 1), want[i]);
    ck_assert_uint_eq(hf__fault_hits(&of.fault), 3);
    unmake(&of);
}
END_TEST

static void note(void *context, uint32_t call, uint64_t number)
{
    uint32_t *calls = context;
    calls[number] = call;
}

START_TEST(a_hook_is_called_before_every_counted_call)
{
    static const uint32_t want[] = {HF__FAULT_BEGIN, HF__FAULT_GET, HF__FAULT_PUT,
                                    HF__FAULT_COMMIT};
    fixture of;
    uint32_t calls[8] = {0};
    make(&of, NULL);
    ck_assert_int_eq(open_it(&of), 0);
    hf__fault_arm(&of.fault, &(hf__fault_plan){.before = note, .context = calls});
    ck_assert_int_eq(write_seq(&of, 1), 0);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(calls[i + 1], want[i]);
        ck_assert_ptr_nonnull(hf__fault_call_name(want[i]));
    }
    ck_assert_ptr_null(hf__fault_call_name(HF__FAULT_CALLS));
    unmake(&of);
}
END_TEST

/* Opens and writes 1, 2, 3; returns the last that was acknowledged, *error what stopped it. */
static uint64_t scenario(fixture *of, int *error)
{
    uint64_t reported = 0;
    *error = open_it(of);
    for (uint64_t seq = 1; seq <= 3 && *error == 0; seq++) {
        *error = write_seq(of, seq);
        reported = *error == 0 ? seq : reported;
    }
    return reported;
}

START_TEST(a_sweep_over_every_call_keeps_what_was_acknowledged)
{
    fixture of;
    make(&of, &allocator);
    hf__fault_arm(&of.fault, &(hf__fault_plan){0});
    int error;
    ck_assert_uint_eq(scenario(&of, &error), 3);
    uint64_t calls = hf__fault_calls(&of.fault);
    ck_assert_uint_eq(calls, 1 + 3 * 4);
    unmake(&of);
    uint64_t lost = 0;
    for (uint32_t kind = HF__FAULT_FAIL; kind <= HF__FAULT_CRASH_DONE; kind++) {
        for (uint64_t at = 1; at <= calls; at++) {
            make(&of, &allocator);
            hf__fault_arm(&of.fault, &(hf__fault_plan){.at = at, .kind = kind});
            uint64_t reported = scenario(&of, &error);
            ck_assert_int_ne(error, 0);
            ck_assert_uint_eq(hf__fault_hits(&of.fault), 1);
            if (of.fault.open)
                hf_test_store_close(&of.store);
            hf__fault_arm(&of.fault, &(hf__fault_plan){0});
            ck_assert_int_eq(open_it(&of), 0);
            uint64_t has = stored(&of);
            ck_assert(has == reported || has == reported + 1);
            ck_assert(has == reported || kind == HF__FAULT_LOSE_ACK ||
                      kind == HF__FAULT_CRASH_DONE);
            lost += has != reported;
            unmake(&of);
        }
    }
    ck_assert_uint_eq(lost, 6u); /* each commit's answer, by both kinds that lose one */
}
END_TEST

START_TEST(more_than_the_slots_are_refused)
{
    enum { TAKEN = 2, LEFT = 8 - TAKEN }; /* main wraps two */
    static hf__fault faults[LEFT + 1];
    const hf_store_driver *memory = hf_store_builtin("memory");
    for (int i = 0; i < LEFT; i++)
        ck_assert_int_eq(hf__fault_init(&faults[i], memory, NULL), 0);
    ck_assert_int_eq(hf__fault_init(&faults[LEFT], memory, NULL), HF_E_TOO_MANY);
    hf__fault_fini(&faults[LEFT]);
    hf__fault_fini(&faults[3]);
    ck_assert_int_eq(hf__fault_init(&faults[LEFT], memory, NULL), 0);
    for (int i = 0; i <= LEFT; i++) {
        if (i != 3)
            hf__fault_fini(&faults[i]);
    }
}
END_TEST

int main(void)
{
    /* Without a fault the wrapper is a store like any other: the whole contract holds. */
    static hf__fault around_memory, around_plain;
    static hf_test_subject subjects[3];
    if (hf__fault_init(&around_memory, hf_store_builtin("memory"), NULL) != 0 ||
        hf__fault_init(&around_plain, &hf_test_plain_driver, NULL) != 0)
        return EXIT_FAILURE;
    /* The first is opened next to others, for comparison: a wrapper has one store only. */
    subjects[0] = (hf_test_subject){.driver = hf_store_builtin("memory"), .checksums = true};
    subjects[1] = (hf_test_subject){.driver = &around_memory.driver, .checksums = true};
    subjects[2] = (hf_test_subject){.driver = &around_plain.driver};
    Suite *suite = suite_create("fault");
    hf_test_conformance(suite, subjects, 3);
    TCase *own = tcase_create("own");
    tcase_add_test(own, without_a_plan_all_calls_pass_and_are_counted);
    tcase_add_test(own, the_named_call_fails_once_with_the_named_error);
    tcase_add_test(own, a_lost_acknowledgement_is_committed_all_the_same);
    tcase_add_test(own, after_a_crash_nothing_works_until_it_is_armed_again);
    tcase_add_test(own, faults_come_in_rows_of_the_named_length);
    tcase_add_test(own, a_hook_is_called_before_every_counted_call);
    tcase_add_test(own, a_sweep_over_every_call_keeps_what_was_acknowledged);
    tcase_add_test(own, more_than_the_slots_are_refused);
    suite_add_tcase(suite, own);
    return hf_test_main(suite);
}
