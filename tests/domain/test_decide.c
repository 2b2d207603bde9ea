/* What all operations have in common: ids, versions, events, plans. */
#include "base/id.h"
#include "domain/lifecycle/expire.h"
#include "support/check_main.h"
#include "support/view.h"

#include <holdfast/engine.h>
#include <holdfast/item.h>
#include <stdio.h>
#include <string.h>

static hf_test_fixture fixture;
static const hf_account_key tea = {.kind = HF_KIND_ITEM, .name = "tea", .unit = "pcs"};

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
    hf_test_open(&fixture, HF_KIND_ITEM, "tea", "pcs", 10);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static const hf_account *stored(void)
{
    return hf_test_account(&fixture, HF_KIND_ITEM, "tea", "pcs");
}

static hf_move_args receive(int64_t amount)
{
    hf_move_args args;
    hf_item_receive_init(&args, "tea", amount);
    return args;
}

static hf_hold_place_args hold(int64_t amount)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.from = tea;
    args.amount = amount;
    return args;
}

START_TEST(an_operation_with_an_id_acts_once)
{
    hf_move_args args = receive(5);
    args.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    uint64_t seq = fixture.event_seq;
    hf_move_args more = receive(1);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &more);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    ck_assert_int_eq(stored()->balance, 16);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    ck_assert_uint_eq(fixture.draft.answered_seq, seq);
    ck_assert_int_eq(((const hf_account *)fixture.draft.result)->balance, 16);
}
END_TEST

START_TEST(an_operation_without_an_id_acts_each_time)
{
    hf_move_args args = receive(5);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    ck_assert_int_eq(stored()->balance, 20);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__OP_KEYS), 0);
}
END_TEST

START_TEST(an_id_with_other_content_is_refused)
{
    hf_move_args args = receive(5);
    args.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    args.amount = 6;
    hf_test_expect(&fixture, HF_E_ID_REUSED, HF_OP_ITEM_RECEIVE, &args);
    char text[37];
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, hf_id_format(&args.head.id, text)));
    args.amount = 5;
    hf_test_expect(&fixture, HF_E_ID_REUSED, HF_OP_ACCOUNT_DEPOSIT, &args);
}
END_TEST

START_TEST(a_record_is_recognised_by_its_id)
{
    hf_hold_place_args args = hold(4);
    args.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    ck_assert_int_eq(stored()->held_out, 4);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    ck_assert(hf__id_equal(&((const hf_hold *)fixture.draft.result)->id, &args.head.id));
    args.amount = 3;
    hf_test_expect(&fixture, HF_E_ID_REUSED, HF_OP_HOLD_PLACE, &args);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__OP_KEYS), 0);
}
END_TEST

START_TEST(a_refusal_leaves_its_id_unused)
{
    hf_hold_place_args args = hold(11);
    args.head.id = hf_test_id(&fixture);
    size_t rows = fixture.count;
    hf_test_expect(&fixture, HF_E_STOCK_SHORT, HF_OP_HOLD_PLACE, &args);
    ck_assert_uint_eq(fixture.count, rows);
    hf_move_args more = receive(1);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &more);
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
}
END_TEST

START_TEST(an_id_older_than_what_is_kept_is_refused_when_it_was_given)
{
    hf__purge ids = {.kind = HF__PURGE_IDS, .until_ms = fixture.now_ms + 1};
    hf_test_put(&fixture, HF__PURGES, &ids);
    fixture.purged_until_ms = ids.until_ms;
    hf_move_args args = receive(5);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    args.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, HF_E_ID_TOO_OLD, HF_OP_ITEM_RECEIVE, &args);
    hf_hold_place_args place = hold(1);
    place.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, HF_E_ID_TOO_OLD, HF_OP_HOLD_PLACE, &place);
    fixture.now_ms += 1;
    place.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &place);
}
END_TEST

START_TEST(an_expected_version_must_be_the_one_that_is_there)
{
    hf_move_args args = receive(1);
    args.head.expected_version = stored()->version + 1;
    hf_test_expect(&fixture, HF_E_VERSION_MOVED, HF_OP_ITEM_RECEIVE, &args);
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "account ITEM tea [pcs]: version %llu expected, is %llu",
                   (unsigned long long)args.head.expected_version,
                   (unsigned long long)stored()->version);
    ck_assert_str_eq(fixture.detail.text, wanted);
    args.head.expected_version = stored()->version;
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    hf_test_expect(&fixture, HF_E_VERSION_MOVED, HF_OP_ITEM_RECEIVE, &args);
}
END_TEST

START_TEST(a_repeat_is_answered_though_the_version_has_moved)
{
    hf_move_args args = receive(1);
    args.head.id = hf_test_id(&fixture);
    args.head.expected_version = stored()->version;
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
    hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &args);
}
END_TEST

START_TEST(an_event_says_who_did_what_to_which_record)
{
    hf_hold_place_args args = hold(4);
    args.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    const hf_event *event =
        hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
    ck_assert_uint_eq(event->type, HF_OP_HOLD_PLACE);
    ck_assert_uint_eq(event->subject_kind, HF_SUBJECT_HOLD);
    ck_assert(hf__id_equal(&event->subject, &args.head.id));
    ck_assert(hf__id_equal(&event->op, &args.head.id));
    ck_assert_uint_eq(event->subject_version, 1);
    ck_assert_int_eq(event->at_ms, fixture.now_ms);
    ck_assert_str_eq(event->actor.text, "tester");
    static const uint32_t expected[] = {HF_CHANGE_HOLD, HF_CHANGE_POSTED, HF_CHANGE_STATE};
    uint64_t position = 0;
    hf_change change;
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(hf_event_next(event, &position, &change), 1);
        ck_assert_uint_eq(change.type, expected[i]);
    }
    ck_assert_int_eq(hf_event_next(event, &position, &change), 0);
}
END_TEST

START_TEST(what_is_no_write_is_refused)
{
    hf_account_get_args args;
    hf_item_get_init(&args, "tea");
    hf_test_expect(&fixture, HF_E_UNSUPPORTED, HF_OP_ITEM_GET, &args);
    hf_test_expect(&fixture, HF_E_UNSUPPORTED, HF_OP_NONE, &args);
    hf_test_expect(&fixture, HF_E_UNSUPPORTED, 199, &args);
    hf_test_expect(&fixture, HF_E_UNSUPPORTED, UINT32_MAX, &args);
}
END_TEST

static uint32_t asked;

static int count_get(void *context, const hf__key *key, const void **row)
{
    (void)context;
    (void)key;
    (void)row;
    asked++;
    return HF__MISSING;
}

START_TEST(a_load_names_everything_that_the_arguments_name)
{
    hf_move_args args;
    hf_move_init(&args);
    args.head.id = hf_test_id(&fixture);
    args.from = tea;
    args.to = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bag", .unit = "pcs"};
    hf__operation op = {.type = HF_OP_ACCOUNT_TRANSFER,
                        .id = args.head.id,
                        .id_given = true,
                        .args = &args.head,
                        .actor = &fixture.actor};
    hf__draft *draft = hf_test_draft(&fixture);
    fixture.view.get = count_get;
    asked = 0;
    ck_assert_int_eq(hf__name_rows(&op, draft), HF__MISSING);
    ck_assert_uint_ge(asked, 3); /* the key of the operation and both accounts */
    ck_assert_uint_eq(draft->missing, asked);
}
END_TEST

START_TEST(a_guard_looks_and_writes_nothing)
{
    hf_expect_args args;
    hf_expect_init(&args);
    args.subject = HF_SUBJECT_ACCOUNT;
    args.key = tea;
    args.available_min = 10;
    args.head.expected_version = stored()->version;
    hf_test_expect(&fixture, 0, HF_OP_EXPECT, &args);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    args.available_min = 11;
    hf_test_expect(&fixture, HF_E_EXPECT, HF_OP_EXPECT, &args);
    ck_assert_str_eq(fixture.detail.text, "ITEM tea [pcs]: 11 available expected, is 10");
    args.head.expected_version++;
    hf_test_expect(&fixture, HF_E_VERSION_MOVED, HF_OP_EXPECT, &args);
    args.key.name = "coffee";
    hf_test_expect(&fixture, HF_E_NOT_FOUND, HF_OP_EXPECT, &args);
    args.subject = HF_SUBJECT_CURSOR;
    hf_test_expect(&fixture, HF_E_ENUM, HF_OP_EXPECT, &args);
}
END_TEST

START_TEST(a_guard_knows_states)
{
    hf_hold_place_args place = hold(4);
    place.head.id = hf_test_id(&fixture);
    hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &place);
    hf_expect_args args;
    hf_expect_init(&args);
    args.subject = HF_SUBJECT_HOLD;
    args.id = place.head.id;
    args.state = HF_HOLD_HELD;
    hf_test_expect(&fixture, 0, HF_OP_EXPECT, &args);
    args.state = HF_HOLD_DONE;
    hf_test_expect(&fixture, HF_E_EXPECT, HF_OP_EXPECT, &args);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "DONE expected, is HELD"));
    args.subject = HF_SUBJECT_ORDER;
    hf_test_expect(&fixture, HF_E_NOT_FOUND, HF_OP_EXPECT, &args);
}
END_TEST

START_TEST(a_cursor_only_moves_forward_and_writes_no_event)
{
    hf_cursor_put_args args;
    const hf_move_args move = receive(1);
    for (uint32_t i = 0; i < 7; i++)
        hf_test_expect(&fixture, 0, HF_OP_ITEM_RECEIVE, &move);
    hf_cursor_put_init(&args, "mailer", 7);
    uint64_t seq = fixture.event_seq;
    ck_assert_uint_ge(seq, 7);
    hf_test_expect(&fixture, 0, HF_OP_CURSOR_PUT, &args);
    hf_test_expect(&fixture, 0, HF_OP_CURSOR_PUT, &args);
    ck_assert_uint_eq(fixture.event_seq, seq);
    args.seq = 6;
    hf_test_expect(&fixture, HF_E_CURSOR_BACK, HF_OP_CURSOR_PUT, &args);
    ck_assert_str_eq(fixture.detail.text, "cursor mailer: at 7, not back to 6");
    args.seq = seq + 1;
    hf_test_expect(&fixture, HF_E_SEQ_AHEAD, HF_OP_CURSOR_PUT, &args);
    hf_cursor key = {.seq = 0};
    hf__name_set(&key.consumer, "mailer");
    const hf_cursor *cursor = hf_test_row_of(&fixture, HF__CURSORS, &key);
    ck_assert_uint_eq(cursor->seq, 7);
}
END_TEST

static const hf__sweep_result *sweep(uint32_t limit)
{
    hf__sweep_args args = {.head.size = sizeof args, .limit = limit};
    hf_test_expect(&fixture, 0, HF_EVENT_EXPIRE, &args);
    return fixture.draft.result;
}

START_TEST(a_sweep_expires_what_is_due_a_bounded_number_at_a_time)
{
    for (int64_t i = 0; i < 5; i++) {
        hf_hold_place_args args = hold(1);
        args.deadline_ms = fixture.now_ms + 10 + i;
        hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    }
    ck_assert_uint_eq(sweep(10)->count, 0);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    fixture.now_ms += 13;
    ck_assert_uint_eq(sweep(3)->count, 3);
    ck_assert_uint_eq(((const hf__sweep_result *)fixture.draft.result)->more, 1);
    ck_assert_int_eq(stored()->held_out, 2);
    ck_assert_uint_eq(sweep(3)->count, 1);
    ck_assert_uint_eq(((const hf__sweep_result *)fixture.draft.result)->more, 0);
    const hf_event *event =
        hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
    ck_assert_uint_eq(event->type, HF_EVENT_EXPIRE);
    ck_assert_int_eq(stored()->held_out, 1);
}
END_TEST

START_TEST(a_backlog_of_hundreds_expires_in_as_many_sweeps_as_it_takes)
{
    fixture.eager = 1;
    for (int64_t i = 0; i < 150; i++) {
        hf_hold_place_args args = hold(1);
        args.from = (hf_account_key){.kind = HF_KIND_WORLD};
        args.to = tea;
        args.deadline_ms = fixture.now_ms + 1;
        hf_test_expect(&fixture, 0, HF_OP_HOLD_PLACE, &args);
    }
    fixture.now_ms += 1;
    for (uint32_t left = 150; left > HF__SWEEP_MOST; left -= HF__SWEEP_MOST) {
        ck_assert_uint_eq(sweep(HF__SWEEP_MOST)->count, HF__SWEEP_MOST);
        ck_assert_uint_eq(((const hf__sweep_result *)fixture.draft.result)->more, 1);
    }
    ck_assert_uint_eq(sweep(HF__SWEEP_MOST)->count, 150 % HF__SWEEP_MOST);
    ck_assert_uint_eq(((const hf__sweep_result *)fixture.draft.result)->more, 0);
    ck_assert_int_eq(stored()->held_in, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decide");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, an_operation_with_an_id_acts_once);
    tcase_add_test(core, an_operation_without_an_id_acts_each_time);
    tcase_add_test(core, an_id_with_other_content_is_refused);
    tcase_add_test(core, a_record_is_recognised_by_its_id);
    tcase_add_test(core, a_refusal_leaves_its_id_unused);
    tcase_add_test(core, an_id_older_than_what_is_kept_is_refused_when_it_was_given);
    tcase_add_test(core, an_expected_version_must_be_the_one_that_is_there);
    tcase_add_test(core, a_repeat_is_answered_though_the_version_has_moved);
    tcase_add_test(core, an_event_says_who_did_what_to_which_record);
    tcase_add_test(core, what_is_no_write_is_refused);
    tcase_add_test(core, a_load_names_everything_that_the_arguments_name);
    tcase_add_test(core, a_guard_looks_and_writes_nothing);
    tcase_add_test(core, a_guard_knows_states);
    tcase_add_test(core, a_cursor_only_moves_forward_and_writes_no_event);
    tcase_add_test(core, a_sweep_expires_what_is_due_a_bounded_number_at_a_time);
    tcase_add_test(core, a_backlog_of_hundreds_expires_in_as_many_sweeps_as_it_takes);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
