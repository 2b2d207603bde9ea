/*
 * Places in LMDB's table of readers that killed processes leave: how often the store lets LMDB look
 * for them, which takes memory each time. That they are cleared: test_read_beside.c.
 */
#include "lmdb_items.h"

#include <lmdb.h>

#define WRITES 640u
#define LOOKS  10u /* the first write, and each 64th after it */

static unsigned looks;

/* In the place of LMDB's. */
int mdb_reader_check(MDB_env *env, int *dead)
{
    (void)env;
    if (dead != NULL)
        *dead = 0;
    looks++;
    return 0;
}

START_TEST(they_are_looked_for_at_the_first_write_and_at_few_others)
{
    void *store;
    good(items_open("store.mdb", &schema_1, &store));
    looks = 0;
    for (uint64_t i = 1; i <= WRITES; i++) {
        void *txn = begin(store, HF_TXN_WRITE);
        good(item_put(txn, 1, i, i - 1));
        good(item_commit(txn, i));
        ck_assert_uint_le(looks, 1 + i / (WRITES / LOOKS));
    }
    ck_assert_uint_eq(looks, LOOKS);
    lmdb->close(store);
}
END_TEST

START_TEST(snapshots_look_for_none_while_the_table_has_places)
{
    void *store;
    good(items_open("store.mdb", &schema_1, &store));
    looks = 0;
    for (int i = 0; i < 200; i++) {
        lmdb->rollback(begin(store, HF_TXN_SNAPSHOT));
    }
    ck_assert_uint_eq(looks, 0);
    lmdb->close(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lmdb_places");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, own_folder, NULL);
    tcase_add_test(core, they_are_looked_for_at_the_first_write_and_at_few_others);
    tcase_add_test(core, snapshots_look_for_none_while_the_table_has_places);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
