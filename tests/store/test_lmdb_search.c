/*
 * Keys that are searched for side by side are found where LMDB finds them, and a file that is
 * damaged is read within its pages.
 */
#include "lmdb_items.h"
#include "store/lmdb/state.h"
#include "store/lmdb/walker/descend.h"
#include "support/random.h"

#define ITEMS  20000u
#define ROUNDS 400u

static hf_test_random drawn;

static void start(void)
{
    own_folder();
    drawn = hf_test_seed();
}

/* Some items have bodies on pages of their own, and every fifth item was removed. */
static void *open_items(void)
{
    void *store;
    items_make("items.lmdb", ITEMS);
    good(items_open("items.lmdb", &schema_1, &store));
    void *txn = begin(store, HF_TXN_WRITE);
    for (uint64_t id = 1; id <= ITEMS; id += 5)
        good(item_del(txn, id, 1));
    good(item_commit(txn, 2));
    return store;
}

static void draw_keys(const hf__lmdb_tree *tree, MDB_val *keys, uint8_t bytes[][HF__KEY_MAX],
                      uint32_t count)
{
    static uint8_t body[9000];
    for (uint32_t i = 0; i < count; i++) {
        const item row = item_make(1 + hf_test_below(&drawn, ITEMS + 100), 1, body);
        keys[i].mv_data = bytes[i];
        keys[i].mv_size = hf__key_encode(tree->table, tree->index, &row, HF__KEY_ALL, bytes[i]);
    }
}

/* The number of keys that were found with their value, which must be what LMDB finds. */
static uint32_t compare(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *keys,
                        const hf__lmdb_found *found, uint32_t count)
{
    uint32_t exact = 0;
    for (uint32_t i = 0; i < count; i++) {
        MDB_cursor *cursor;
        MDB_val key = keys[i];
        MDB_val value;
        ck_assert_int_eq(hf__lmdb_cursor(txn, tree, &cursor), 0);
        const int native = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (found[i].key.mv_data == NULL)
            continue;
        ck_assert_int_eq(native, 0);
        ck_assert_ptr_eq(found[i].key.mv_data, key.mv_data);
        ck_assert_uint_eq(found[i].key.mv_size, key.mv_size);
        if (found[i].value.mv_data == NULL)
            continue;
        ck_assert_ptr_eq(found[i].value.mv_data, value.mv_data);
        ck_assert_uint_eq(found[i].value.mv_size, value.mv_size);
        exact += hf__lmdb_has_found(&found[i], &keys[i]);
    }
    return exact;
}

START_TEST(keys_are_found_where_lmdb_finds_them)
{
    static uint8_t bytes[HF__LMDB_TOGETHER][HF__KEY_MAX];
    MDB_val keys[HF__LMDB_TOGETHER];
    hf__lmdb_found found[HF__LMDB_TOGETHER];
    void *store = open_items();
    hf__lmdb_txn *txn = begin(store, HF_TXN_SNAPSHOT);
    for (uint32_t index = 0; index < 3; index++) {
        const hf__lmdb_tree *tree = &txn->store->trees[txn->store->first[0] + index];
        uint32_t exact = 0;
        for (uint32_t round = 0; round < ROUNDS; round++) {
            const uint32_t count = 4 + hf_test_below(&drawn, HF__LMDB_TOGETHER - 3);
            draw_keys(tree, keys, bytes, HF__LMDB_TOGETHER);
            hf__lmdb_search(txn, tree, keys, HF__LMDB_TOGETHER, found);
            (void)compare(txn, tree, keys, found, HF__LMDB_TOGETHER);
            hf__lmdb_search(txn, tree, keys, count, found);
            exact += compare(txn, tree, keys, found, count) * 100 / count;
        }
        /* four of five are there, and one in a hundred has its value elsewhere */
        ck_assert_uint_gt(exact / ROUNDS, index == 2 ? 20 : 70);
    }
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

START_TEST(within_a_transaction_that_writes_lmdb_is_asked)
{
    static uint8_t bytes[HF__LMDB_TOGETHER][HF__KEY_MAX];
    MDB_val keys[HF__LMDB_TOGETHER];
    hf__lmdb_found found[HF__LMDB_TOGETHER];
    void *store = open_items();
    hf__lmdb_txn *txn = begin(store, HF_TXN_WRITE);
    draw_keys(txn->store->trees, keys, bytes, HF__LMDB_TOGETHER);
    hf__lmdb_search(txn, txn->store->trees, keys, HF__LMDB_TOGETHER, found);
    for (uint32_t i = 0; i < HF__LMDB_TOGETHER; i++)
        ck_assert_ptr_null(found[i].key.mv_data);
    lmdb->rollback(txn);
    lmdb->close(store);
}
END_TEST

/* ---- Damage ---------------------------------------------------------------------------------- */

static int file_of(const hf__lmdb_store *store)
{
    mdb_filehandle_t fd;
    ck_assert_int_eq(mdb_env_get_fd(store->env, &fd), 0);
    return fd;
}

/* The tree of the items, in a copy of the file that ends where its memory ends. */
static hf__tree_in_memory copy_tree(void *store, uint8_t **copy, size_t *bytes)
{
    hf__lmdb_txn *txn = begin(store, HF_TXN_SNAPSHOT);
    MDB_val key = {.mv_size = strlen("items"), .mv_data = (char[]){"items"}};
    MDB_val record;
    hf__tree_in_memory tree;
    MDB_envinfo info;
    ck_assert_int_eq(mdb_get(txn->handle, 1, &key, &record), 0);
    ck_assert_int_eq(mdb_env_info(txn->store->env, &info), 0);
    ck_assert(hf__tree_in_memory_load(&tree, record.mv_data, record.mv_size));
    tree.pages = info.me_last_pgno + 1;
    tree.page_bytes = txn->store->page_bytes;
    *bytes = tree.pages * tree.page_bytes;
    *copy = malloc(*bytes);
    ck_assert_ptr_nonnull(*copy);
    ck_assert_int_eq(pread(file_of(store), *copy, *bytes, 0), (ssize_t)*bytes);
    tree.map = *copy;
    lmdb->rollback(txn);
    return tree;
}

START_TEST(a_damaged_file_is_read_within_its_pages)
{
    static uint8_t bytes[HF__LMDB_TOGETHER][HF__KEY_MAX];
    MDB_val keys[HF__LMDB_TOGETHER];
    hf__descent all[HF__LMDB_TOGETHER];
    size_t file_bytes;
    uint8_t *copy;
    uint32_t lost = 0;
    void *store = open_items();
    const hf__tree_in_memory tree = copy_tree(store, &copy, &file_bytes);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < 200; i++) { /* headers and offsets of nodes more often */
            const size_t page = hf_test_below(&drawn, (uint32_t)tree.pages);
            const uint32_t most = hf_test_below(&drawn, 2) == 0 ? 64 : tree.page_bytes;
            copy[page * tree.page_bytes + hf_test_below(&drawn, most)] =
                (uint8_t)hf_test_below(&drawn, 256);
        }
        draw_keys(((hf__lmdb_store *)store)->trees, keys, bytes, HF__LMDB_TOGETHER);
        for (uint32_t i = 0; i < HF__LMDB_TOGETHER; i++)
            all[i] = (hf__descent){.key = keys[i].mv_data, .key_bytes = keys[i].mv_size};
        hf__descend(&tree, all, HF__LMDB_TOGETHER);
        for (uint32_t i = 0; i < HF__LMDB_TOGETHER; i++) {
            lost += all[i].found == NULL;
            ck_assert(
                all[i].found == NULL ||
                (all[i].found >= copy && all[i].found + all[i].found_bytes <= copy + file_bytes));
            ck_assert(
                all[i].value == NULL ||
                (all[i].value >= copy && all[i].value + all[i].value_bytes <= copy + file_bytes));
        }
    }
    ck_assert_uint_gt(lost, ROUNDS);
    free(copy);
    lmdb->close(store);
}
END_TEST

/* Where the main tree's leaf is in the file; its header begins with its number. */
static off_t main_leaf(void *store)
{
    hf__lmdb_txn *txn = begin(store, HF_TXN_SNAPSHOT);
    MDB_val key = {.mv_size = strlen("items"), .mv_data = (char[]){"items"}};
    MDB_val record;
    uint64_t number;
    ck_assert_int_eq(mdb_get(txn->handle, 1, &key, &record), 0);
    const uint8_t *value = record.mv_data;
    memcpy(&number, value - (uintptr_t)value % txn->store->page_bytes, sizeof number);
    lmdb->rollback(txn);
    return (off_t)(number * txn->store->page_bytes);
}

static void read_together(void *store)
{
    static uint8_t body[9000];
    item rows[HF__LMDB_TOGETHER];
    void *places[HF__LMDB_TOGETHER];
    uint8_t found[HF__LMDB_TOGETHER];
    void *txn = begin(store, HF_TXN_SNAPSHOT);
    for (uint32_t i = 0; i < HF__LMDB_TOGETHER; i++) {
        rows[i] = (item){.id = 1 + hf_test_below(&drawn, ITEMS)};
        places[i] = &rows[i];
    }
    good(lmdb->get(txn, 0, places, found, HF__LMDB_TOGETHER));
    for (uint32_t i = 0; i < HF__LMDB_TOGETHER; i++) {
        const item wanted = item_make(rows[i].id, 1, body);
        ck_assert_uint_eq(found[i], rows[i].id % 5 != 1);
        ck_assert(!found[i] || item_is(&rows[i], &wanted));
    }
    lmdb->rollback(txn);
}

/* What the number says of where the map begins would be wrong. */
START_TEST(a_page_with_a_wrong_number_does_not_move_the_map)
{
    static const uint64_t numbers[] = {0, 1, 7, 200, 100000000};
    const uint64_t number = numbers[_i];
    void *store = open_items();
    const off_t leaf = main_leaf(store);
    read_together(store);
    ck_assert_uint_ne(number, (uint64_t)leaf / ((hf__lmdb_store *)store)->page_bytes);
    ck_assert_int_eq(pwrite(file_of(store), &number, sizeof number, leaf), sizeof number);
    read_together(store);
    lmdb->close(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lmdb_search");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, start, NULL);
    tcase_add_test(core, keys_are_found_where_lmdb_finds_them);
    tcase_add_test(core, within_a_transaction_that_writes_lmdb_is_asked);
    tcase_add_test(core, a_damaged_file_is_read_within_its_pages);
    tcase_add_loop_test(core, a_page_with_a_wrong_number_does_not_move_the_map, 0, 5);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
