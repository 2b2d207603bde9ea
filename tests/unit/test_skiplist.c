/* The skip list, against a sorted array. */
#include "base/invariant.h"
#include "base/structures/skiplist.h"
#include "support/broken.h"
#include "support/check_main.h"
#include "support/random.h"

#include <string.h>

#define KEYS      400
#define KEY_BYTES 4

/* What the test believes: a key of up to four bytes, and its node while it is in the list. */
typedef struct entry {
    uint8_t key[KEY_BYTES];
    uint32_t key_bytes;
    hf__skip_node *node;
} entry;

static hf__skip_node *make_node(hf__skiplist *list, const void *key, uint32_t key_bytes)
{
    uint32_t levels = hf__skip_levels(list);
    hf__skip_node *node = calloc(1, hf__skip_node_bytes(levels));
    ck_assert_ptr_nonnull(node);
    node->key = key;
    node->key_bytes = key_bytes;
    node->levels = levels;
    return node;
}

static hf__skip_node *insert(hf__skiplist *list, const char *key)
{
    hf__skip_node *node = make_node(list, key, (uint32_t)strlen(key));
    hf__skip_insert(list, node);
    return node;
}

static void free_all(hf__skiplist *list)
{
    hf__skip_node *node = list->head[0];
    while (node != NULL) {
        hf__skip_node *next = node->next[0];
        free(node);
        node = next;
    }
}

START_TEST(keys_come_in_order_and_shorter_first)
{
    static const char *const sorted[] = {"", "a", "a\x01", "ab", "b", "\x7f", "\x80", "\xff\xff"};
    static const int order[] = {4, 7, 1, 0, 3, 6, 2, 5};
    hf__skiplist list;
    hf__skip_init(&list);
    for (int i = 0; i < 8; i++)
        (void)insert(&list, sorted[order[i]]);
    hf__skip_node *node = list.head[0];
    for (int i = 0; i < 8; i++, node = node->next[0])
        ck_assert_str_eq(node->key, sorted[i]);
    ck_assert_ptr_null(node);
    node = list.last;
    for (int i = 7; i >= 0; i--, node = node->prev)
        ck_assert_str_eq(node->key, sorted[i]);
    ck_assert_ptr_null(node);
    ck_assert_uint_eq(list.count, 8);
    free_all(&list);
}
END_TEST

START_TEST(an_empty_list_has_nothing)
{
    hf__skiplist list;
    hf__skip_init(&list);
    ck_assert_ptr_null(hf__skip_find(&list, "a", 1));
    ck_assert_ptr_null(hf__skip_seek(&list, NULL, 0));
    ck_assert_ptr_null(hf__skip_before(&list, "a", 1));
    ck_assert_ptr_null(list.last);
}
END_TEST

START_TEST(seek_and_before_meet_at_the_key)
{
    hf__skiplist list;
    hf__skip_init(&list);
    hf__skip_node *b = insert(&list, "b");
    hf__skip_node *d = insert(&list, "d");
    ck_assert_ptr_eq(hf__skip_seek(&list, NULL, 0), b);
    ck_assert_ptr_eq(hf__skip_seek(&list, "b", 1), b);
    ck_assert_ptr_eq(hf__skip_seek(&list, "b\0", 2), d);
    ck_assert_ptr_eq(hf__skip_seek(&list, "c", 1), d);
    ck_assert_ptr_null(hf__skip_seek(&list, "e", 1));
    ck_assert_ptr_null(hf__skip_before(&list, "b", 1));
    ck_assert_ptr_eq(hf__skip_before(&list, "c", 1), b);
    ck_assert_ptr_eq(hf__skip_before(&list, "d", 1), b);
    ck_assert_ptr_eq(hf__skip_before(&list, "e", 1), d);
    ck_assert_ptr_eq(hf__skip_find(&list, "d", 1), d);
    ck_assert_ptr_null(hf__skip_find(&list, "c", 1));
    free_all(&list);
}
END_TEST

START_TEST(levels_are_the_same_for_the_same_inserts)
{
    hf__skiplist a;
    hf__skiplist b;
    hf__skip_init(&a);
    hf__skip_init(&b);
    for (int i = 0; i < 1000; i++)
        ck_assert_uint_eq(hf__skip_levels(&a), hf__skip_levels(&b));
}
END_TEST

START_TEST(about_one_node_in_four_goes_higher)
{
    hf__skiplist list;
    hf__skip_init(&list);
    int reached[HF__SKIP_LEVELS + 1] = {0};
    for (int i = 0; i < 100000; i++) {
        uint32_t levels = hf__skip_levels(&list);
        ck_assert_uint_ge(levels, 1);
        ck_assert_uint_le(levels, HF__SKIP_LEVELS);
        for (uint32_t level = 1; level <= levels; level++)
            reached[level]++;
    }
    ck_assert_int_eq(reached[1], 100000);
    ck_assert(reached[2] > 24000 && reached[2] < 26000);
    ck_assert(reached[3] > 5800 && reached[3] < 6700);
    ck_assert(reached[4] > 1300 && reached[4] < 1850);
}
END_TEST

static int by_key(const void *left, const void *right)
{
    const entry *a = left;
    const entry *b = right;
    uint32_t common = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
    int order = memcmp(a->key, b->key, common);
    return order != 0 ? order : (int)a->key_bytes - (int)b->key_bytes;
}

/* Different keys in order, from few letters, so that many are the beginning of others. */
static uint32_t make_entries(hf_test_random *random, entry *entries)
{
    for (int i = 0; i < KEYS; i++) {
        entries[i] = (entry){.key_bytes = hf_test_below(random, KEY_BYTES + 1)};
        for (uint32_t k = 0; k < entries[i].key_bytes; k++)
            entries[i].key[k] = (uint8_t)(hf_test_below(random, 5) * 63);
    }
    qsort(entries, KEYS, sizeof *entries, by_key);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < KEYS; i++) {
        if (by_key(&entries[kept - 1], &entries[i]) != 0)
            entries[kept++] = entries[i];
    }
    return kept;
}

static void check_links(const hf__skiplist *list, const entry *entries, uint32_t count)
{
    const hf__skip_node *at = list->head[0];
    const hf__skip_node *before = NULL;
    uint64_t present = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].node == NULL)
            continue;
        ck_assert_ptr_eq(at, entries[i].node);
        ck_assert_ptr_eq(at->prev, before);
        before = at;
        at = at->next[0];
        present++;
    }
    ck_assert_ptr_null(at);
    ck_assert_ptr_eq(list->last, before);
    ck_assert_uint_eq(list->count, present);
    for (uint32_t level = 1; level < HF__SKIP_LEVELS; level++) {
        const hf__skip_node *low = list->head[0];
        for (at = list->head[level]; at != NULL; at = at->next[level]) {
            while (low != NULL && low != at)
                low = low->next[0];
            ck_assert_ptr_eq(low, at);
            ck_assert_uint_gt(at->levels, level);
        }
    }
}

static void check_around(const hf__skiplist *list, const entry *entries, uint32_t count, uint32_t i)
{
    uint32_t after = i;
    while (after < count && entries[after].node == NULL)
        after++;
    uint32_t before = i;
    while (before > 0 && entries[before - 1].node == NULL)
        before--;
    const entry *e = &entries[i];
    ck_assert_ptr_eq(hf__skip_find(list, e->key, e->key_bytes), e->node);
    ck_assert_ptr_eq(hf__skip_seek(list, e->key, e->key_bytes),
                     after == count ? NULL : entries[after].node);
    ck_assert_ptr_eq(hf__skip_before(list, e->key, e->key_bytes),
                     before == 0 ? NULL : entries[before - 1].node);
}

/* Half of them by a search, half beside the node that comes next. */
static void insert_entry(hf_test_random *random, hf__skiplist *list, entry *e,
                         const entry *somebody)
{
    hf__skip_node *next = hf__skip_seek(list, e->key, e->key_bytes);
    if (somebody->node != NULL)
        ck_assert(hf__skip_precedes(somebody->node, e->key, e->key_bytes) ==
                  (somebody->node == next));
    e->node = make_node(list, e->key, e->key_bytes);
    if (next != NULL && hf_test_below(random, 2) == 0)
        hf__skip_insert_before(list, e->node, next);
    else
        hf__skip_insert(list, e->node);
}

START_TEST(random_work_agrees_with_a_sorted_array)
{
    hf_test_random random = hf_test_seed();
    static entry entries[KEYS];
    hf__skiplist list;
    hf__skip_init(&list);
    uint32_t count = make_entries(&random, entries);
    for (int step = 0; step < 20000; step++) {
        entry *e = &entries[hf_test_below(&random, count)];
        if (e->node == NULL) {
            insert_entry(&random, &list, e, &entries[hf_test_below(&random, count)]);
        } else {
            hf__skip_remove(&list, e->node);
            free(e->node);
            e->node = NULL;
        }
        check_around(&list, entries, count, hf_test_below(&random, count));
        if (step % 500 == 0)
            check_links(&list, entries, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].node != NULL)
            hf__skip_remove(&list, entries[i].node);
        free(entries[i].node);
        entries[i].node = NULL;
    }
    check_links(&list, entries, count);
}
END_TEST

START_TEST(inserting_a_key_twice_breaks_an_invariant)
{
    hf__skiplist list;
    hf__skip_init(&list);
    hf__skip_node *first = insert(&list, "a");
    hf__skip_node *second = insert(&list, "a");
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_SHARED));
    ck_assert_ptr_eq(list.head[0], first);
    ck_assert_ptr_null(first->next[0]);
    ck_assert_uint_eq(list.count, 1);
    free(second);
    free_all(&list);
}
END_TEST

START_TEST(removing_a_foreign_node_breaks_an_invariant)
{
    hf__skiplist list;
    hf__skip_init(&list);
    (void)insert(&list, "a");
    hf__skip_node *foreign = make_node(&list, "a", 1);
    hf__skip_remove(&list, foreign);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_SHARED));
    ck_assert_uint_eq(list.count, 1);
    free(foreign);
    free_all(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("skiplist");
    TCase *core = tcase_create("core");
    tcase_add_test(core, keys_come_in_order_and_shorter_first);
    tcase_add_test(core, an_empty_list_has_nothing);
    tcase_add_test(core, seek_and_before_meet_at_the_key);
    tcase_add_test(core, levels_are_the_same_for_the_same_inserts);
    tcase_add_test(core, about_one_node_in_four_goes_higher);
    tcase_add_test(core, random_work_agrees_with_a_sorted_array);
    hf_test_add_breaking(core, inserting_a_key_twice_breaks_an_invariant);
    hf_test_add_breaking(core, removing_a_foreign_node_breaks_an_invariant);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
