/*
 * Operations of one batch whose rows are not in memory ask the store together: how often it is
 * asked grows with what one of them reads one after the other, not with their number. What they do
 * is the same, also where the batch's memory is little.
 */
#include "engine/state.h"
#include "support/bare.h"

#include <stdio.h>

#define TASKS      256u
#define WALLETS    400u
#define OPENING    1000

#define META_BYTES 12288u /* of a large one */

typedef struct wallet_name {
    char text[16];
} wallet_name;

static wallet_name name_of(uint32_t number)
{
    wallet_name name;
    (void)snprintf(name.text, sizeof name.text, "w%u", number);
    return name;
}

static void use_memory(uint32_t tasks, uint64_t bytes)
{
    hf__batch_fini(&batch, &env);
    ck_assert_int_eq(hf__batch_init(&batch, &env, tasks, 1u << 20, bytes), 0);
}

/* Each with so many bytes outside of its row. */
static void open_wallets(uint64_t meta_bytes)
{
    static hf_account_put_args args[TASKS];
    static wallet_name names[TASKS];
    static uint8_t meta[META_BYTES];
    for (uint32_t i = 0; i < WALLETS; i++) {
        names[batch.count] = name_of(i);
        hf_account_put_args *put = &args[batch.count];
        hf_account_put_init(put, HF_KIND_MONEY, names[batch.count].text, "EUR");
        put->key.place = "";
        put->opening = OPENING;
        put->unit_scale = 2;
        put->head.meta = meta;
        put->head.meta_bytes = meta_bytes;
        (void)add(HF_OP_ACCOUNT_PUT, &put->head);
        if (batch.count < TASKS && i + 1 < WALLETS)
            continue;
        run();
        for (uint32_t k = 0; k < batch.count; k++)
            ck_assert_msg(batch.tasks[k].done.status == 0, "%s", batch.tasks[k].done.detail);
        hf__batch_reset(&batch);
    }
}

/* Wallets that no batch has read: the engine has forgotten what it kept. */
static void begin_with(uint64_t meta_bytes)
{
    setup();
    use_memory(TASKS, 8u << 20);
    open_wallets(meta_bytes);
    reopen();
}

static void begin(void)
{
    begin_with(0);
}

static void add_transfer(uint32_t from, uint32_t to, int64_t amount)
{
    static hf_move_args args[TASKS];
    static wallet_name names[TASKS][2];
    hf_move_args *move = &args[batch.count];
    wallet_name *of = names[batch.count];
    of[0] = name_of(from);
    of[1] = name_of(to);
    hf_move_init(move);
    move->from = hf_key_of(HF_KIND_MONEY, of[0].text, "", "EUR");
    move->to = hf_key_of(HF_KIND_MONEY, of[1].text, "", "EUR");
    move->amount = amount;
    (void)add(HF_OP_ACCOUNT_TRANSFER, &move->head);
}

static int64_t balance_of(uint32_t number)
{
    hf_account_get_args get;
    const wallet_name name = name_of(number);
    hf_account_get_init(&get, HF_KIND_MONEY, name.text, "EUR");
    get.key.place = "";
    hf__task *task = add(HF_OP_ACCOUNT_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    const int64_t found = ((const hf_account *)task->done.result)->balance;
    hf__batch_reset(&batch);
    return found;
}

static void count_gets(void)
{
    hf__fault_arm(&fault, &(hf__fault_plan){.calls = 1u << HF__FAULT_GET});
}

static void check_done(void)
{
    for (uint32_t i = 0; i < batch.count; i++)
        ck_assert_msg(batch.tasks[i].done.status == 0, "transfer %u: %s", i,
                      batch.tasks[i].done.detail);
    hf__batch_reset(&batch);
}

/* How often the store is asked for the rows of `count` transfers in batches of `together`. */
static uint64_t gets_of(uint32_t count, uint32_t together)
{
    count_gets();
    for (uint32_t i = 0; i < count; i++) {
        add_transfer(2 * i, 2 * i + 1, 1);
        if (batch.count < together && i + 1 < count)
            continue;
        run();
        check_done();
    }
    return hf__fault_calls(&fault);
}

START_TEST(operations_of_a_batch_ask_the_store_together)
{
    begin();
    const uint64_t together = gets_of(WALLETS / 2, TASKS);
    reopen();
    const uint64_t alone = gets_of(WALLETS / 2, 1);
    ck_assert_msg(together < 20, "the store was asked %llu times", (unsigned long long)together);
    ck_assert_msg(alone >= WALLETS / 2, "the control: %llu times", (unsigned long long)alone);
    for (uint32_t i = 0; i < WALLETS; i++)
        ck_assert_int_eq(balance_of(i), i % 2 == 0 ? OPENING - 2 : OPENING + 2);
    teardown();
}
END_TEST

/* What rows of operations to come may take is free again when it was their turn. */
START_TEST(operations_of_a_batch_ask_the_store_together_to_its_end)
{
    begin();
    use_memory(TASKS, 2u << 20);
    const uint64_t together = gets_of(WALLETS / 2, TASKS);
    ck_assert_msg(together < 20, "the store was asked %llu times", (unsigned long long)together);
    teardown();
}
END_TEST

/* All of it from one wallet, which each of them misses. */
START_TEST(a_row_that_many_operations_miss_is_loaded_once)
{
    begin();
    const uint64_t before = engine->cache.misses;
    add_transfer(0, 1, 1);
    run();
    check_done();
    const uint64_t one = engine->figures.misses - before;
    reopen();
    for (uint32_t i = 1; i < 101; i++)
        add_transfer(0, i, 1);
    run();
    check_done();
    ck_assert_uint_le(engine->figures.misses, one + 99);
    ck_assert_int_eq(balance_of(0), OPENING - 101);
    teardown();
}
END_TEST

/* Each takes what the one before it has brought, which was not there when it named its rows. */
START_TEST(what_was_loaded_before_its_turn_is_as_the_operations_before_it_left_it)
{
    begin();
    for (uint32_t i = 0; i < 200; i++)
        add_transfer(i, i + 1, (int64_t)OPENING * (i + 1));
    run();
    check_done();
    ck_assert_int_eq(balance_of(0), 0);
    ck_assert_int_eq(balance_of(199), 0);
    ck_assert_int_eq(balance_of(200), (int64_t)OPENING * 201);
    teardown();
}
END_TEST

/* Without memory for them all, some are refused as overload; those that follow may not be. */
START_TEST(rows_of_operations_to_come_take_no_memory_from_the_one_that_is_decided)
{
    begin();
    uint32_t done = 0;
    for (uint64_t bytes = 8u << 10; bytes <= 1u << 20; bytes *= 2) {
        use_memory(TASKS, bytes);
        reopen();
        for (uint32_t i = 0; i < WALLETS / 2; i++)
            add_transfer(2 * i, 2 * i + 1, 1);
        run();
        ck_assert_msg(bytes < 1u << 14 || batch.tasks[0].done.status == 0, "%llu bytes: %s",
                      (unsigned long long)bytes, batch.tasks[0].done.detail);
        for (uint32_t i = 0; i < batch.count; i++) {
            const hf_completion *of = &batch.tasks[i].done;
            ck_assert_msg(of->status == 0 || of->status == HF_E_OVERLOADED, "%llu bytes: %s",
                          (unsigned long long)bytes, of->detail);
            done += of->status == 0;
        }
        hf__batch_reset(&batch);
    }
    ck_assert_uint_ge(done, WALLETS / 2);
    teardown();
}
END_TEST

/* What their rows take besides is only known when they are read. */
START_TEST(large_rows_of_operations_to_come_take_no_memory_from_the_one_that_is_decided)
{
    begin_with(META_BYTES);
    for (uint64_t bytes = 48u << 10; bytes <= 1u << 20; bytes += 16u << 10) {
        use_memory(TASKS, bytes);
        reopen();
        for (uint32_t i = 0; i < 50; i++)
            add_transfer(2 * i, 2 * i + 1, 1);
        run();
        ck_assert_msg(batch.tasks[0].done.status == 0, "%llu bytes: %s", (unsigned long long)bytes,
                      batch.tasks[0].done.detail);
        uint32_t done = 0;
        while (done < batch.count && batch.tasks[done].done.status == 0)
            done++;
        ck_assert_msg(done == batch.count || (done + 2) * UINT64_C(4) * META_BYTES >= bytes,
                      "%u done with %llu bytes", done, (unsigned long long)bytes);
        hf__batch_reset(&batch);
    }
    teardown();
}
END_TEST

/* How the first of so many transfers ends. */
static int first_of(uint32_t count, uint64_t bytes)
{
    use_memory(TASKS, bytes);
    reopen();
    for (uint32_t i = 0; i < count; i++)
        add_transfer(2 * i, 2 * i + 1, 1);
    run();
    const int status = batch.tasks[0].done.status;
    hf__batch_reset(&batch);
    return status;
}

START_TEST(the_first_operation_of_a_batch_has_the_memory_that_it_has_alone)
{
    uint32_t refused = 0;
    begin_with(META_BYTES);
    for (uint64_t bytes = 24u << 10; bytes <= 56u << 10; bytes += 256) {
        const int alone = first_of(1, bytes);
        ck_assert(alone == 0 || alone == HF_E_TOO_MANY);
        refused += alone != 0;
        ck_assert_msg(first_of(50, bytes) == alone, "%llu bytes", (unsigned long long)bytes);
    }
    ck_assert_uint_gt(refused, 0);
    teardown();
}
END_TEST

static uint32_t noted; /* keys, when the store was asked first */

static void look_at_noted(void *context, uint32_t call, uint64_t number)
{
    (void)context;
    (void)call;
    if (number == 1)
        noted = engine->cache.load_list.count;
}

/* A hold of a wallet, which falls due. */
static void hold(uint32_t number)
{
    const wallet_name name = name_of(number);
    hf_hold_place_args place;
    hf_hold_place_init(&place);
    place.from = hf_key_of(HF_KIND_MONEY, name.text, "", "EUR");
    place.to.name = place.to.place = place.to.unit = "";
    place.amount = 1;
    place.deadline_ms = wall + 1000;
    (void)add(HF_OP_HOLD_PLACE, &place.head);
    run();
    check_done();
    wall += 2000;
    boot += 2000;
    reopen();
}

/* Keys that are noted first by a batch which begins with the hold's end. */
static uint32_t noted_by_expiry(uint32_t transfers)
{
    hold(0);
    for (uint32_t i = 1; i <= transfers; i++)
        add_transfer(2 * i, 2 * i + 1, 1);
    noted = 0;
    const uint64_t before = engine->next_seq;
    hf__fault_arm(&fault, &(hf__fault_plan){.calls = 1u << HF__FAULT_GET, .before = look_at_noted});
    run();
    check_done();
    ck_assert_uint_eq(engine->next_seq, before + transfers + 1);
    return noted;
}

START_TEST(what_the_engine_does_by_itself_loads_no_rows_of_operations_to_come)
{
    begin();
    const uint32_t alone = noted_by_expiry(0);
    ck_assert_uint_gt(alone, 0);
    ck_assert_uint_eq(noted_by_expiry(40), alone);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wave");
    TCase *core = tcase_create("core");
    tcase_add_test(core, operations_of_a_batch_ask_the_store_together);
    tcase_add_test(core, operations_of_a_batch_ask_the_store_together_to_its_end);
    tcase_add_test(core, a_row_that_many_operations_miss_is_loaded_once);
    tcase_add_test(core, what_was_loaded_before_its_turn_is_as_the_operations_before_it_left_it);
    tcase_add_test(core, rows_of_operations_to_come_take_no_memory_from_the_one_that_is_decided);
    tcase_add_test(core,
                   large_rows_of_operations_to_come_take_no_memory_from_the_one_that_is_decided);
    tcase_add_test(core, the_first_operation_of_a_batch_has_the_memory_that_it_has_alone);
    tcase_add_test(core, what_the_engine_does_by_itself_loads_no_rows_of_operations_to_come);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
