/* The event's body: what is written is read again, and nothing else is ever read. */
#include "domain/core/body.h"
#include "support/broken.h"
#include "support/check_main.h"
#include "support/random.h"
#include "support/view.h"

#include <string.h>

#define TYPES 13 /* HF_CHANGE_MOVE .. HF_CHANGE_CLOCK */

static hf_test_fixture fixture;

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static void random_name(hf_test_random *random, hf_name *name)
{
    memset(name, 0, sizeof *name);
    uint32_t bytes = hf_test_below(random, HF_NAME_MAX + 1);
    for (uint32_t i = 0; i < bytes; i++)
        name->text[i] = (char)('!' + hf_test_below(random, 90));
}

static void random_account(hf_test_random *random, hf_account_ref *account)
{
    memset(account, 0, sizeof *account);
    account->kind = hf_test_below(random, HF_KIND_LIMIT + 1);
    if (account->kind == HF_KIND_WORLD)
        return;
    random_name(random, &account->name);
    random_name(random, &account->place);
    random_name(random, &account->unit);
}

static int64_t random_number(hf_test_random *random)
{
    static const int64_t extremes[] = {0, 1, -1, INT64_MAX, INT64_MIN};
    uint32_t pick = hf_test_below(random, 8);
    return pick < 5 ? extremes[pick] : (int64_t)(hf_test_next(random) >> hf_test_below(random, 64));
}

/* A change with every field that its type has, others zero. */
static hf_change random_change(hf_test_random *random, uint32_t type)
{
    hf_change c = {.type = type};
    bool note = type == HF_CHANGE_NOTE;
    bool moves = type == HF_CHANGE_MOVE || type == HF_CHANGE_HOLD;
    bool counts = type == HF_CHANGE_PAYMENT || type == HF_CHANGE_POSTED;
    bool line = type == HF_CHANGE_LINE || type == HF_CHANGE_QUANTITY;
    bool unit = type == HF_CHANGE_UNIT;
    bool erased = type == HF_CHANGE_ERASED;
    bool pair = type == HF_CHANGE_ORDER || type == HF_CHANGE_CLOCK;
    bool about_all = unit || type == HF_CHANGE_CLOCK || type == HF_CHANGE_LIMITS;
    if (moves || note || erased || type == HF_CHANGE_LIMITS)
        random_account(random, &c.from);
    if (moves)
        random_account(random, &c.to);
    if (moves || note)
        c.amount = random_number(random);
    if (!moves && !about_all && hf_test_below(random, 4) != 0)
        c.id = hf_test_id(&fixture);
    if (note || erased || type == HF_CHANGE_STATE)
        c.subject_kind = hf_test_below(random, HF_SUBJECT_UNIT + 1);
    if (type == HF_CHANGE_STATE)
        c.state = (uint32_t)hf_test_next(random);
    bool branch = type == HF_CHANGE_STATE && c.subject_kind == HF_SUBJECT_BRANCH;
    if (line || branch)
        c.no = (uint32_t)hf_test_next(random);
    if (counts || line || pair || unit || type == HF_CHANGE_LIMITS)
        c.a = random_number(random);
    if (pair)
        c.b = random_number(random);
    if (counts || type == HF_CHANGE_LINE || type == HF_CHANGE_LIMITS) {
        c.b = random_number(random);
        c.c = random_number(random);
    }
    if (counts)
        c.d = random_number(random);
    if (note || unit)
        random_name(random, &c.text);
    return c;
}

/* The same to be written. */
static int add(hf__draft *draft, const hf_change *c)
{
    return hf__body_add(draft, &(hf__change){.type = c->type,
                                             .subject_kind = c->subject_kind,
                                             .no = c->no,
                                             .state = c->state,
                                             .id = &c->id,
                                             .from = &c->from,
                                             .to = &c->to,
                                             .text = &c->text,
                                             .amount = c->amount,
                                             .a = c->a,
                                             .b = c->b,
                                             .c = c->c,
                                             .d = c->d});
}

START_TEST(every_change_is_read_as_it_was_written)
{
    hf_test_random random = hf_test_seed();
    hf__draft *draft = hf_test_draft(&fixture);
    static hf_change written[2000];
    for (uint32_t i = 0; i < 2000; i++) {
        written[i] = random_change(&random, 1 + i % TYPES);
        ck_assert_int_eq(add(draft, &written[i]), 0);
    }
    uint64_t position = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        hf_change read;
        memset(&read, 0xa5, sizeof read);
        ck_assert_int_eq(hf__body_next(draft->body, draft->body_bytes, &position, &read), 1);
        ck_assert_mem_eq(&read, &written[i], sizeof read);
    }
    hf_change read;
    ck_assert_int_eq(hf__body_next(draft->body, draft->body_bytes, &position, &read), 0);
}
END_TEST

/* The bytes are stored for ever, so they stand here. */
START_TEST(the_bytes_of_a_move_are_what_they_always_were)
{
    static const uint8_t expected[] = {1, 1, 3, 't', 'e', 'a', 0, 3, 'p', 'c', 's', 0, 0x80, 0x02};
    hf__draft *draft = hf_test_draft(&fixture);
    hf_change change = {
        .type = HF_CHANGE_MOVE, .from = hf_test_ref(HF_KIND_ITEM, "tea", "pcs"), .amount = 128};
    ck_assert_int_eq(add(draft, &change), 0);
    ck_assert_uint_eq(draft->body_bytes, sizeof expected);
    ck_assert_mem_eq(draft->body, expected, sizeof expected);
}
END_TEST

/* A cut body is a shorter body or a damaged one; it is never read past its end. */
START_TEST(a_body_cut_anywhere_is_read_up_to_there_or_refused)
{
    hf_test_random random = hf_test_seed();
    hf__draft *draft = hf_test_draft(&fixture);
    for (uint32_t i = 0; i < 40; i++) {
        hf_change change = random_change(&random, 1 + i % TYPES);
        ck_assert_int_eq(add(draft, &change), 0);
    }
    uint64_t refused = 0;
    for (uint64_t bytes = 0; bytes < draft->body_bytes; bytes++) {
        uint8_t *exact = malloc(bytes + 1); /* a sanitizer sees a byte too many */
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, draft->body, bytes);
        uint64_t position = 0;
        hf_change read;
        int more;
        while ((more = hf__body_next(exact, bytes, &position, &read)) == 1)
            ck_assert_uint_le(position, bytes);
        ck_assert(more == 0 || more == HF_E_CORRUPT);
        refused += more != 0 ? 1 : 0;
        free(exact);
    }
    ck_assert_uint_eq(refused, draft->body_bytes - 40);
}
END_TEST

START_TEST(random_bytes_are_read_within_their_bounds)
{
    hf_test_random random = hf_test_seed();
    for (uint32_t i = 0; i < 20000; i++) {
        uint8_t bytes[64];
        for (uint32_t j = 0; j < sizeof bytes; j++)
            bytes[j] = (uint8_t)hf_test_below(&random, j % 3 == 0 ? 12 : 256);
        uint64_t position = 0;
        hf_change read;
        int more;
        while ((more = hf__body_next(bytes, sizeof bytes, &position, &read)) == 1)
            ck_assert_uint_le(position, sizeof bytes);
        ck_assert(more == 0 || more == HF_E_CORRUPT);
    }
}
END_TEST

START_TEST(damage_leaves_position_and_output_alone)
{
    static const uint8_t bytes[] = {99};
    uint64_t position = 0;
    hf_change read;
    hf_change before;
    memset(&read, 0x5a, sizeof read);
    memset(&before, 0x5a, sizeof before);
    ck_assert_int_eq(hf__body_next(bytes, sizeof bytes, &position, &read), HF_E_CORRUPT);
    ck_assert_uint_eq(position, 0);
    ck_assert_mem_eq(&read, &before, sizeof read);
    position = 2;
    ck_assert_int_eq(hf__body_next(bytes, sizeof bytes, &position, &read), HF_E_CORRUPT);
}
END_TEST

START_TEST(the_public_reader_wants_its_arguments)
{
    hf_event event = {.body = NULL};
    uint64_t position = 0;
    hf_change read;
    ck_assert_int_eq(hf_event_next(&event, &position, &read), 0);
    ck_assert_int_eq(hf_event_next(NULL, &position, &read), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_event_next(&event, NULL, &read), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_event_next(&event, &position, NULL), HF_E_ARGUMENT);
    event.body_bytes = 1;
    ck_assert_int_eq(hf_event_next(&event, &position, &read), HF_E_ARGUMENT);
}
END_TEST

START_TEST(a_change_without_a_type_breaks_an_invariant)
{
    hf__draft *draft = hf_test_draft(&fixture);
    ck_assert_int_eq(hf__body_add(draft, &(hf__change){.type = HF_CHANGE_END}), HF_E_INVARIANT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("body");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, every_change_is_read_as_it_was_written);
    tcase_add_test(core, the_bytes_of_a_move_are_what_they_always_were);
    tcase_add_test(core, a_body_cut_anywhere_is_read_up_to_there_or_refused);
    tcase_add_test(core, random_bytes_are_read_within_their_bounds);
    tcase_add_test(core, damage_leaves_position_and_output_alone);
    tcase_add_test(core, the_public_reader_wants_its_arguments);
    hf_test_add_breaking(core, a_change_without_a_type_breaks_an_invariant);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
