/*
 * Keys and rows as bytes: order, round trips, exactly one encoding, and nothing read or written
 * beyond the ends (under the address sanitizer every buffer is as long as it says).
 */
#include "base/text.h"
#include "model/codec.h"
#include "model/records.h"
#include "support/check_main.h"
#include "support/rows.h"
#include <holdfast/error.h>

enum { ROUNDS = 100, DAMAGED_ROUNDS = 6 };

static hf_test_memory memory;
static hf_test_random chance;

static void setup(void)
{
    chance = hf_test_seed();
}

static void teardown(void)
{
    hf_test_free_all(&memory);
}

static const hf_table *table_of(int position)
{
    const hf_table *table = hf_store_schema()->tables[position];
    ck_assert_uint_le(table->row_bytes, HF_TEST_ROW_MAX);
    return table;
}

typedef struct row {
    _Alignas(16) uint8_t bytes[HF_TEST_ROW_MAX];
} row;

/* Bytes in a block of their own, so that one byte too far is seen. */
static uint8_t *exact(const void *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes == 0 ? 1 : bytes);
    ck_assert_ptr_nonnull(copy);
    if (bytes != 0)
        memcpy(copy, data, bytes);
    return copy;
}

static uint8_t *encoded(const hf_table *table, const row *from, size_t *bytes)
{
    size_t max = hf__row_bytes_max(table, from);
    uint8_t *capacity = malloc(max);
    ck_assert_ptr_nonnull(capacity);
    *bytes = hf__row_encode(table, from, capacity, max);
    ck_assert_uint_gt(*bytes, 0);
    uint8_t *out = exact(capacity, *bytes);
    free(capacity);
    return out;
}

static int decoded(const hf_table *table, const row *keys, const uint8_t *bytes, size_t count,
                   row *out)
{
    hf_store_caller caller = {.alloc = hf_test_alloc, .context = &memory};
    memset(out, 0xa5, sizeof *out);
    for (uint32_t i = 0; i < table->key_count; i++) {
        const hf_column *column = &table->columns[table->key[i]];
        memcpy(out->bytes + column->offset, keys->bytes + column->offset,
               hf_test_column_bytes(column));
    }
    return hf__row_decode(table, bytes, count, out, &caller);
}

START_TEST(a_row_reads_back_as_it_was_written)
{
    const hf_table *table = table_of(_i);
    row before, after;
    for (int round = 0; round < ROUNDS; round++) {
        hf_test_row(&chance, table, &before, &memory);
        size_t bytes;
        uint8_t *code = encoded(table, &before, &bytes);
        ck_assert_int_eq(decoded(table, &before, code, bytes, &after), 0);
        ck_assert(hf_test_same_row(table, &before, &after));
        free(code);
    }
}
END_TEST

START_TEST(an_empty_row_costs_its_flags_and_hashes)
{
    const hf_table *table = table_of(_i);
    row before = {0}, after;
    size_t bytes;
    uint8_t *code = encoded(table, &before, &bytes);
    ck_assert_uint_le(bytes, 8 + 16);
    ck_assert_int_eq(decoded(table, &before, code, bytes, &after), 0);
    ck_assert(hf_test_same_row(table, &before, &after));
    free(code);
}
END_TEST

START_TEST(flags_of_a_row_fit_eight_bytes)
{
    const hf_table *table = table_of(_i);
    uint32_t flags = 0;
    ck_assert_uint_le(table->column_count, 64);
    for (uint32_t i = 0; i < table->column_count; i++) {
        uint32_t type = table->columns[i].type;
        flags += type == HF_COLUMN_NAME || type == HF_COLUMN_ID ? 2 : 1;
    }
    ck_assert_uint_le(flags, 64);
}
END_TEST

START_TEST(a_row_is_written_into_exactly_its_length_and_no_less)
{
    const hf_table *table = table_of(_i);
    row before;
    for (int round = 0; round < DAMAGED_ROUNDS; round++) {
        hf_test_row(&chance, table, &before, &memory);
        size_t bytes;
        uint8_t *code = encoded(table, &before, &bytes);
        for (size_t capacity = bytes > 300 ? bytes - 300 : 0; capacity <= bytes; capacity++) {
            uint8_t *out = exact(code, capacity);
            size_t written = hf__row_encode(table, &before, out, capacity);
            ck_assert_uint_eq(written, capacity == bytes ? bytes : 0);
            ck_assert(capacity != bytes || memcmp(out, code, bytes) == 0);
            free(out);
        }
        free(code);
    }
}
END_TEST

/* A copy of a table is not the schema's: its rows are written column by column. */
START_TEST(a_table_is_written_by_its_encoder_as_by_a_walk_over_its_columns)
{
    const hf_table *table = table_of(_i);
    const hf_table copy = *table;
    row before;
    for (int round = 0; round < ROUNDS; round++) {
        hf_test_row(&chance, table, &before, &memory);
        size_t bytes;
        uint8_t *code = encoded(table, &before, &bytes);
        size_t walked;
        uint8_t *other = encoded(&copy, &before, &walked);
        ck_assert_uint_eq(walked, bytes);
        ck_assert_mem_eq(other, code, bytes);
        free(other);
        free(code);
    }
}
END_TEST

/* What damage made of a row is refused, also by a walk over its columns, or is written the same. */
static void check_damaged(const hf_table *table, const row *keys, const uint8_t *data, size_t bytes)
{
    const hf_table copy = *table;
    row after, walked;
    uint8_t *code = exact(data, bytes);
    int error = decoded(table, keys, code, bytes, &after);
    ck_assert_int_eq(decoded(&copy, keys, code, bytes, &walked), error);
    ck_assert(error == 0 || error == HF_E_CORRUPT);
    if (error == 0) {
        ck_assert(hf_test_same_row(table, &walked, &after));
        size_t again_bytes;
        uint8_t *again = encoded(table, &after, &again_bytes);
        ck_assert(again_bytes == bytes && memcmp(again, code, bytes) == 0);
        free(again);
    }
    free(code);
}

/* A row without long BYTES: what is damaged bit by bit. */
static void short_row(const hf_table *table, row *out)
{
    do {
        hf_test_free_all(&memory);
        hf_test_row(&chance, table, out, &memory);
    } while (hf__row_bytes_max(table, out) > 2 * (size_t)table->row_bytes + 200);
}

START_TEST(every_cut_of_a_row_is_refused)
{
    const hf_table *table = table_of(_i);
    row before, after;
    for (int round = 0; round < DAMAGED_ROUNDS; round++) {
        short_row(table, &before);
        size_t bytes;
        uint8_t *code = encoded(table, &before, &bytes);
        for (size_t cut = 0; cut < bytes; cut++) {
            uint8_t *part = exact(code, cut);
            ck_assert_int_eq(decoded(table, &before, part, cut, &after), HF_E_CORRUPT);
            free(part);
        }
        free(code);
    }
}
END_TEST

START_TEST(every_flipped_bit_is_refused_or_another_row)
{
    const hf_table *table = table_of(_i);
    row before;
    for (int round = 0; round < DAMAGED_ROUNDS; round++) {
        short_row(table, &before);
        size_t bytes;
        uint8_t *code = encoded(table, &before, &bytes);
        for (size_t bit = 0; bit < bytes * 8; bit++) {
            code[bit / 8] ^= (uint8_t)(1u << bit % 8);
            check_damaged(table, &before, code, bytes);
            code[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(code);
    }
}
END_TEST

START_TEST(random_bytes_are_refused_or_a_row)
{
    const hf_table *table = table_of(_i);
    row keys;
    uint8_t noise[96];
    for (int round = 0; round < 20 * ROUNDS; round++) {
        short_row(table, &keys);
        uint32_t bytes = hf_test_below(&chance, sizeof noise);
        for (uint32_t i = 0; i < bytes; i++)
            noise[i] = hf_test_below(&chance, 2) == 0 ? 0 : (uint8_t)hf_test_next(&chance);
        check_damaged(table, &keys, noise, bytes);
    }
}
END_TEST

static void *no_memory(void *context, uint64_t bytes)
{
    (void)context;
    (void)bytes;
    return NULL;
}

START_TEST(memory_that_is_out_is_said)
{
    const hf_table *table = table_of(HF__EVENTS);
    hf_event before = {.body = "12345", .body_bytes = 5}, after = {0};
    uint8_t code[2048];
    size_t bytes = hf__row_encode(table, &before, code, sizeof code);
    hf_store_caller caller = {.alloc = no_memory};
    ck_assert_int_eq(hf__row_decode(table, code, bytes, &after, &caller), HF_E_NOMEM);
}
END_TEST

static int order_of(const uint8_t *a, uint32_t a_bytes, const uint8_t *b, uint32_t b_bytes)
{
    int order = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);
    return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

START_TEST(keys_are_ordered_as_their_values)
{
    const hf_table *table = table_of(_i);
    row a, b;
    uint8_t left[HF__KEY_MAX], right[HF__KEY_MAX];
    for (int round = 0; round < ROUNDS; round++) {
        hf_test_row(&chance, table, &a, &memory);
        hf_test_row(&chance, table, &b, &memory);
        for (uint32_t index = 0; index <= table->index_count; index++) {
            uint32_t left_bytes = hf__key_encode(table, index, &a, HF__KEY_ALL, left);
            uint32_t right_bytes = hf__key_encode(table, index, &b, HF__KEY_ALL, right);
            ck_assert_int_eq(sign(order_of(left, left_bytes, right, right_bytes)),
                             sign(hf_test_compare_key(table, index, &a, &b, UINT32_MAX)));
        }
    }
}
END_TEST

/* A table of one key column, for the types that no table has in a key. */
static const hf_column one_columns[] = {
    {.name = "a", .type = HF_COLUMN_I64, .offset = 0},
    {.name = "b", .type = HF_COLUMN_U64, .offset = 0},
    {.name = "c", .type = HF_COLUMN_U32, .offset = 0},
    {.name = "d", .type = HF_COLUMN_BOOL, .offset = 0},
    {.name = "e", .type = HF_COLUMN_TIME, .offset = 0},
    {.name = "f", .type = HF_COLUMN_ID, .offset = 0},
    {.name = "g", .type = HF_COLUMN_HASH, .offset = 0},
    {.name = "h", .type = HF_COLUMN_NAME, .offset = 0},
};

START_TEST(every_type_is_ordered_in_a_key)
{
    const uint8_t key[] = {0};
    hf_table table = {.name = "one", .id = 99, .row_bytes = 64, .column_count = 1, .key_count = 1};
    table.columns = &one_columns[_i];
    table.key = key;
    row a, b, back;
    uint8_t left[HF__KEY_MAX], right[HF__KEY_MAX];
    for (int round = 0; round < 20 * ROUNDS; round++) {
        hf_test_row(&chance, &table, &a, &memory);
        hf_test_row(&chance, &table, &b, &memory);
        uint32_t left_bytes = hf__key_encode(&table, 0, &a, HF__KEY_ALL, left);
        uint32_t right_bytes = hf__key_encode(&table, 0, &b, HF__KEY_ALL, right);
        ck_assert_int_eq(sign(order_of(left, left_bytes, right, right_bytes)),
                         sign(hf_test_compare_key(&table, 0, &a, &b, 1)));
        ck_assert(hf__key_decode(&table, left, left_bytes, &back));
        ck_assert(hf_test_same_row(&table, &a, &back));
    }
}
END_TEST

START_TEST(a_key_gives_its_columns_back)
{
    const hf_table *table = table_of(_i);
    row before, after;
    uint8_t key[HF__KEY_MAX], list[64];
    for (int round = 0; round < ROUNDS; round++) {
        hf_test_row(&chance, table, &before, &memory);
        for (uint32_t index = 0; index <= table->index_count; index++) {
            uint32_t bytes = hf__key_encode(table, index, &before, HF__KEY_ALL, key);
            uint8_t *code = exact(key, bytes);
            memset(&after, 0xa5, sizeof after);
            ck_assert(hf__index_key_decode(table, index, code, bytes, &after));
            ck_assert_int_eq(hf_test_compare_key(table, index, &before, &after, UINT32_MAX), 0);
            uint32_t count = hf_test_key_columns(table, index, list);
            uint32_t part = 0;
            for (uint32_t columns = 0; columns <= count; columns++) {
                uint8_t prefix[HF__KEY_MAX];
                part = hf__key_encode(table, index, &before, columns, prefix);
                ck_assert_uint_le(part, bytes);
                ck_assert(memcmp(prefix, key, part) == 0);
            }
            ck_assert_uint_eq(part, bytes);
            free(code);
        }
    }
}
END_TEST

static void check_damaged_key(const hf_table *table, uint32_t index, const uint8_t *key,
                              uint32_t bytes)
{
    row after = {0};
    uint8_t again[HF__KEY_MAX];
    uint8_t *code = exact(key, bytes);
    if (hf__index_key_decode(table, index, code, bytes, &after)) {
        ck_assert_uint_eq(hf__key_encode(table, index, &after, HF__KEY_ALL, again), bytes);
        ck_assert(memcmp(again, code, bytes) == 0);
    }
    free(code);
}

START_TEST(a_damaged_key_is_refused_or_another_key)
{
    const hf_table *table = table_of(_i);
    row before, after;
    uint8_t key[HF__KEY_MAX + 1];
    for (int round = 0; round < DAMAGED_ROUNDS; round++) {
        hf_test_row(&chance, table, &before, &memory);
        for (uint32_t index = 0; index <= table->index_count; index++) {
            uint32_t bytes = hf__key_encode(table, index, &before, HF__KEY_ALL, key);
            for (uint32_t cut = 0; cut < bytes; cut++) {
                uint8_t *part = exact(key, cut);
                ck_assert(!hf__index_key_decode(table, index, part, cut, &after));
                free(part);
            }
            for (uint32_t bit = 0; bit < bytes * 8; bit++) {
                key[bit / 8] ^= (uint8_t)(1u << bit % 8);
                check_damaged_key(table, index, key, bytes);
                key[bit / 8] ^= (uint8_t)(1u << bit % 8);
            }
            key[bytes] = 0;
            ck_assert(!hf__index_key_decode(table, index, key, bytes + 1, &after));
        }
    }
}
END_TEST

START_TEST(the_longest_key_fits)
{
    const hf_table *table = table_of(_i);
    row longest;
    uint8_t key[HF__KEY_MAX];
    memset(&longest, 0x7f, sizeof longest);
    for (uint32_t index = 0; index <= table->index_count; index++)
        ck_assert_uint_le(hf__key_encode(table, index, &longest, HF__KEY_ALL, key), HF__KEY_MAX);
}
END_TEST

START_TEST(partial_indexes_leave_rows_out)
{
    const hf_table *orders = table_of(HF__ORDERS), *accounts = table_of(HF__ACCOUNTS);
    hf_order order = {.state = HF_ORDER_CLOSED};
    ck_assert(hf__index_has(orders, 0, &order));
    ck_assert(!hf__index_has(orders, HF__ORDERS_CUSTOMER, &order));
    ck_assert(hf__index_has(orders, HF__ORDERS_STATE, &order));
    ck_assert(!hf__index_has(orders, HF__ORDERS_DUE, &order));
    order.customer.text[0] = 'c';
    order.state = HF_ORDER_PENDING;
    order.deadline_ms = 1;
    ck_assert(hf__index_has(orders, HF__ORDERS_CUSTOMER, &order));
    ck_assert(hf__index_has(orders, HF__ORDERS_DUE, &order));
    hf_account account = {0};
    ck_assert(!hf__index_has(accounts, HF__ACCOUNTS_ATTENTION, &account));
    account.attention = 1;
    ck_assert(hf__index_has(accounts, HF__ACCOUNTS_ATTENTION, &account));
    hf_fact fact = {0};
    ck_assert(!hf__index_has(table_of(HF__FACTS), HF__FACTS_PAYMENT, &fact));
    fact.payment.bytes[15] = 1;
    ck_assert(hf__index_has(table_of(HF__FACTS), HF__FACTS_PAYMENT, &fact));
}
END_TEST

START_TEST(a_row_of_the_first_schema_becomes_one_of_this)
{
    static const int grown[] = {HF__HOLDS, HF__PAYMENTS};
    for (size_t i = 0; i < sizeof grown / sizeof grown[0]; i++) {
        const hf_table *table = table_of(grown[i]);
        hf_table first = *table;
        first.column_count = hf__columns_at(table, 1);
        ck_assert_uint_lt(first.column_count, table->column_count);
        ck_assert_uint_eq(hf__columns_at(table, 4), table->column_count);
        static const hf_store_caller caller;
        uint8_t given[1024] = {0};
        uint8_t read[1024];
        uint8_t old[2048];
        uint8_t now[2048];
        uint8_t wanted[2048];
        ck_assert_uint_le(table->row_bytes, sizeof given);
        memset(given, 1, 16); /* the id */
        size_t bytes = hf__row_encode(&first, given, old, sizeof old);
        size_t all = hf__row_encode(table, given, wanted, sizeof wanted);
        ck_assert_uint_eq(hf__row_grow(table, first.column_count, old, bytes, now), all);
        ck_assert_mem_eq(now, wanted, all);
        memset(read, 0xa5, sizeof read);
        memcpy(read, given, 16);
        ck_assert_int_eq(hf__row_decode_older(table, first.column_count, old, bytes, read, &caller),
                         0);
        ck_assert_uint_eq(hf__row_encode(table, read, now, sizeof now), all);
        ck_assert_mem_eq(now, wanted, all);
        ck_assert_uint_eq(hf__row_grow(table, first.column_count, old, 1, now), 0);
    }
}
END_TEST

START_TEST(columns_that_came_later_stand_at_the_end_of_their_table)
{
    for (int t = 0; t < HF__TABLE_COUNT; t++) {
        const hf_table *table = table_of(t);
        for (uint32_t c = 1; c < table->column_count; c++) {
            ck_assert_uint_ge(table->columns[c].since, table->columns[c - 1].since);
            ck_assert_uint_le(table->columns[c].since, hf__schema.version);
            ck_assert(table->columns[c].since == 0 || table->columns[c].type != HF_COLUMN_HASH);
        }
    }
}
END_TEST

START_TEST(the_stored_form_stays_as_it_is)
{
    /* A change here is a change of what is on disk: it needs a new schema version. */
    const hf_table *table = table_of(HF__EVENTS);
    hf_event event = {.seq = 300, .at_ms = 0x018fc6000005, .type = 18, .subject_version = 1};
    event.subject_kind = HF_SUBJECT_ORDER;
    static const uint8_t id[] = {0x01, 0x8f, 0xc6, 0, 0, 0, 0x70, 1, 0x80, 0, 0, 0, 0, 0, 0, 9};
    memcpy(event.subject.bytes, id, 16);
    event.op = event.subject;
    memcpy(event.actor.text, "ann", 3);
    event.body = "xyz";
    event.body_bytes = 3;
    static const uint8_t key[] = {249, 1, 44};
    static const uint8_t code[] = {0xf7, 0x06, 17 << 1, 2,   0x01, 0x8f,    0xc6,   0,   0,   0,
                                   0x70, 1,    0x80,    0,   0,    0,       0,      0,   0,   9,
                                   0,    3,    'a',     'n', 'n',  10 << 1, 2 << 1, 'x', 'y', 'z'};
    uint8_t out[2048];
    ck_assert_uint_eq(hf__key_encode(table, 0, &event, HF__KEY_ALL, out), sizeof key);
    ck_assert_mem_eq(out, key, sizeof key);
    ck_assert_uint_eq(hf__row_encode(table, &event, out, sizeof out), sizeof code);
    ck_assert_mem_eq(out, code, sizeof code);
}
END_TEST

/* Rows as a checkout makes them; what they take is the larger part of what is stored. */
static const hf_id sample_id = {{0x01, 0x8f, 0xc6, 1, 2, 3, 0x71, 4, 0x85, 6, 7, 8, 9, 10, 11, 12}};
enum { SAMPLE_HASH = 7 };
static const int64_t sample_ms = 0x018fc6010203;

static void check_budget(const hf_table *table, const void *from, size_t budget)
{
    uint8_t out[4096];
    ck_assert_uint_eq(hf__row_encode(table, from, out, sizeof out), budget);
}

START_TEST(rows_of_a_checkout_keep_to_their_bytes)
{
    hf_order order = {.id = sample_id, .customer = {"customer-12345"}, .currency = {"EUR"}};
    memset(order.fingerprint, SAMPLE_HASH, sizeof order.fingerprint);
    order.state = HF_ORDER_PENDING;
    order.total = 4990;
    order.line_count = 2;
    order.payment_count = 1;
    order.placed_seq = 123456;
    order.version = 1;
    order.deadline_ms = sample_ms + 900000;
    order.created_at_ms = sample_ms + 3;
    check_budget(&hf__orders_table, &order, 52);

    hf_order_line line = {.order = sample_id, .no = 1, .sku = {"shirt-red-xl"}, .quantity = 2};
    line.unit_price = 1990;
    line.price_per = 1;
    line.total = 3980;
    line.settle_on = HF_SETTLE_FULFIL;
    line.leg_count = 1;
    line.leg.from = (hf_account_ref){{"shirt-red-xl"}, {"main"}, {"pcs"}, HF_KIND_ITEM, 0};
    line.leg.per_unit = 1;
    line.leg.units = 2;
    line.leg.deadline_ms = sample_ms + 900000;
    check_budget(&hf__order_lines_table, &line, 40);

    hf_account account = {.key = line.leg.from, .balance = 1000, .held_out = 12, .version = 99};
    account.max_balance = INT64_MAX;
    account.created_at_ms = sample_ms;
    account.updated_at_ms = sample_ms + 50000000;
    check_budget(&hf__accounts_table, &account, 17);
}
END_TEST

START_TEST(checksums_distinguish_table_key_and_row)
{
    const hf_table *orders = table_of(HF__ORDERS), *holds = table_of(HF__HOLDS);
    const uint8_t a[] = {1, 2, 3}, b[] = {1, 2, 4};
    uint32_t checksum = hf__row_checksum(orders, a, 3, b, 3);
    ck_assert_uint_eq(checksum, hf__row_checksum(orders, a, 3, b, 3));
    ck_assert_uint_ne(checksum, hf__row_checksum(holds, a, 3, b, 3));
    ck_assert_uint_ne(checksum, hf__row_checksum(orders, b, 3, b, 3));
    ck_assert_uint_ne(checksum, hf__row_checksum(orders, a, 3, a, 3));
}
END_TEST

START_TEST(the_key_of_an_account_in_arguments_is_that_of_its_row)
{
    static const char longest[] = "123456789 123456789 123456789 123456789 123456789 123456789 123";
    static const hf_account_key all[] = {
        {.kind = HF_KIND_ITEM, .name = "item-00042", .place = NULL, .unit = "pcs"},
        {.kind = HF_KIND_MONEY, .name = "w", .place = longest, .unit = "EUR"},
        {.kind = HF_KIND_LIMIT, .name = "12345678", .place = "", .unit = "1234567"},
        {.kind = HF_KIND_ITEM, .name = longest, .place = longest, .unit = longest},
        {.kind = HF_KIND_WORLD},
    };
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        hf_account account = {.key.kind = all[i].kind};
        hf__name_set(&account.key.name, all[i].name);
        hf__name_set(&account.key.place, all[i].place);
        hf__name_set(&account.key.unit, all[i].unit);
        uint8_t expected[HF__KEY_MAX];
        uint8_t key[HF__KEY_MAX];
        uint32_t bytes =
            hf__key_encode(&hf__accounts_table, HF__PRIMARY, &account, HF__KEY_ALL, expected);
        ck_assert_uint_eq(hf__account_key_encode(&all[i], key), bytes);
        ck_assert_mem_eq(key, expected, bytes);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("codec");
    TCase *tables = tcase_create("every table");
    tcase_add_checked_fixture(tables, setup, teardown);
    int last = HF__TABLE_COUNT;
    tcase_add_loop_test(tables, a_row_reads_back_as_it_was_written, 0, last);
    tcase_add_loop_test(tables, an_empty_row_costs_its_flags_and_hashes, 0, last);
    tcase_add_loop_test(tables, flags_of_a_row_fit_eight_bytes, 0, last);
    tcase_add_loop_test(tables, a_row_is_written_into_exactly_its_length_and_no_less, 0, last);
    tcase_add_loop_test(tables, a_table_is_written_by_its_encoder_as_by_a_walk_over_its_columns, 0,
                        last);
    tcase_add_loop_test(tables, every_cut_of_a_row_is_refused, 0, last);
    tcase_add_loop_test(tables, every_flipped_bit_is_refused_or_another_row, 0, last);
    tcase_add_loop_test(tables, random_bytes_are_refused_or_a_row, 0, last);
    tcase_add_loop_test(tables, keys_are_ordered_as_their_values, 0, last);
    tcase_add_loop_test(tables, a_key_gives_its_columns_back, 0, last);
    tcase_add_loop_test(tables, a_damaged_key_is_refused_or_another_key, 0, last);
    tcase_add_loop_test(tables, the_longest_key_fits, 0, last);
    suite_add_tcase(suite, tables);
    TCase *single = tcase_create("single");
    tcase_add_checked_fixture(single, setup, teardown);
    tcase_add_loop_test(single, every_type_is_ordered_in_a_key, 0,
                        sizeof one_columns / sizeof *one_columns);
    tcase_add_test(single, memory_that_is_out_is_said);
    tcase_add_test(single, partial_indexes_leave_rows_out);
    tcase_add_test(single, a_row_of_the_first_schema_becomes_one_of_this);
    tcase_add_test(single, columns_that_came_later_stand_at_the_end_of_their_table);
    tcase_add_test(single, the_stored_form_stays_as_it_is);
    tcase_add_test(single, rows_of_a_checkout_keep_to_their_bytes);
    tcase_add_test(single, checksums_distinguish_table_key_and_row);
    tcase_add_test(single, the_key_of_an_account_in_arguments_is_that_of_its_row);
    suite_add_tcase(suite, single);
    return hf_test_main(suite);
}
