/*
 * Rows that operations of one batch load together, on every store: what is wrong with the row of
 * one, or has no capacity, is the business of that operation alone.
 */
#include "support/check_main.h"
#include "support/disk_schemes.h"

#include <holdfast.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WALLETS  120u
#define DAMAGED  41u /* of them, the one whose row is spoiled */
#define OPENING  1000
#define START_MS INT64_C(1700000000000)

typedef struct wallet_name {
    char text[24];
} wallet_name;

static struct {
    struct uv_loop_s *loop;
    hf_engine *engine;
    char path[32];
} shop;

/* ---- The shop -------------------------------------------------------------------------------- */

static wallet_name name_of(uint32_t number)
{
    wallet_name name;
    (void)snprintf(name.text, sizeof name.text, "w%u", number);
    return name;
}

/* What stands in the row of a wallet, and in no other row. */
static wallet_name mark_of(uint32_t number)
{
    wallet_name mark;
    (void)snprintf(mark.text, sizeof mark.text, "mark %03u of a row", number);
    return mark;
}

static void open_shop(int i)
{
    char error[480] = "";
    hf_options options;
    hf_options_init(&options);
    char store[48];
    (void)snprintf(shop.path, sizeof shop.path, "%s-%d.db", schemes[i], (int)getpid());
    (void)snprintf(store, sizeof store, "%s:%s", schemes[i], shop.path);
    options.store = store;
    options.threads = 0;
    options.batch_bytes_max = 4 << 20;
    options.cache_bytes_max = 1 << 20;
    options.durability = HF_DURABILITY_STORE;
    options.virtual_time_ms = START_MS;
    options.error = error;
    options.error_bytes = sizeof error;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_msg(hf_engine_open(shop.loop, &options, &shop.engine) == 0, "%s", error);
}

static void close_shop(void)
{
    ck_assert_int_eq(hf_run_close(shop.engine), 0);
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

static void open_wallets(void)
{
    for (uint32_t i = 0; i < WALLETS; i++) {
        const wallet_name name = name_of(i);
        const wallet_name mark = mark_of(i);
        hf_account_put_args put;
        hf_completion done;
        hf_account_put_init(&put, HF_KIND_MONEY, name.text, "EUR");
        put.key.place = "";
        put.opening = OPENING;
        put.unit_scale = 2;
        put.head.meta = mark.text;
        put.head.meta_bytes = strlen(mark.text);
        ck_assert_msg(hf_run(shop.engine, HF_OP_ACCOUNT_PUT, &put, &done) == 0, "%s", done.detail);
    }
}

/* Transfers between two wallets each, in one batch; their codes. */
static void transfer_all(int codes[WALLETS / 2])
{
    static hf_move_args args[WALLETS / 2];
    static wallet_name names[WALLETS / 2][2];
    static hf_op ops[WALLETS / 2];
    static hf_completion done[WALLETS / 2];
    for (uint32_t i = 0; i < WALLETS / 2; i++) {
        wallet_name *of = names[i];
        of[0] = name_of(2 * i);
        of[1] = name_of(2 * i + 1);
        hf_move_init(&args[i]);
        args[i].from = hf_key_of(HF_KIND_MONEY, of[0].text, "", "EUR");
        args[i].to = hf_key_of(HF_KIND_MONEY, of[1].text, "", "EUR");
        args[i].amount = 1;
        ops[i] = (hf_op){.type = HF_OP_ACCOUNT_TRANSFER, .args = &args[i], .user_data = i};
    }
    ck_assert_int_eq(hf_submit(shop.engine, ops, WALLETS / 2, NULL), WALLETS / 2);
    for (uint32_t had = 0; had < WALLETS / 2;) {
        const int got = hf_completions(shop.engine, done, WALLETS / 2);
        ck_assert_int_ge(got, 0);
        for (int k = 0; k < got; k++)
            codes[done[k].user_data] = done[k].status;
        had += (uint32_t)got;
        if (got == 0)
            (void)hf_loop_run_once(shop.loop, 1);
    }
}

/* ---- A row that is damaged ------------------------------------------------------------------- */

/* Changes a byte of it wherever the file has it. */
static uint32_t spoil(const char *path, const char *mark)
{
    static uint8_t bytes[8 << 20];
    uint32_t places = 0;
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    ck_assert_uint_lt(size, sizeof bytes);
    const size_t length = strlen(mark);
    for (size_t at = 0; at + length <= size; at++) {
        if (memcmp(bytes + at, mark, length) != 0)
            continue;
        ck_assert_int_eq(fseek(file, (long)at, SEEK_SET), 0);
        ck_assert_int_eq(fputc('M', file), 'M');
        places++;
    }
    ck_assert_int_eq(fclose(file), 0);
    return places;
}

START_TEST(a_damaged_row_stops_the_operation_that_needs_it_alone)
{
    int codes[WALLETS / 2];
    open_shop(_i);
    open_wallets();
    close_shop();
    ck_assert_uint_gt(spoil(shop.path, mark_of(DAMAGED).text), 0);
    open_shop(_i);
    transfer_all(codes);
    for (uint32_t i = 0; i < WALLETS / 2; i++)
        ck_assert_msg(codes[i] == (i == DAMAGED / 2 ? HF_E_CORRUPT : 0), "transfer %u: %s", i,
                      hf_error_name(codes[i]));
    close_shop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wave_damage");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_damaged_row_stops_the_operation_that_needs_it_alone, 0, SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
