/*
 * The LMDB page walker refuses each kind of damage, and for the reason it has: a field of a sound
 * file is changed, everything else left as it is. Each reason of the walker has a case here.
 */
#include "lmdb_image.h"
#include "support/check_main.h"

#define SEED 20240607U

/* Files that have the place a damage needs: "named" has several named databases in one leaf of the
 * main one, "big_values" overflow pages. */
enum { NAMED = 2, BIG = 3 };

static uint8_t *free_leaf(const struct image *image)
{
    return leftmost_leaf(image, meta_at(image) + AT_META_FREE);
}

static uint8_t *rows_leaf(const struct image *image)
{
    return leftmost_leaf(image, named_record(image, 0));
}

static uint8_t *rows_root(const struct image *image)
{
    return page_at(image, get(named_record(image, 0) + DB_ROOT, 8));
}

/* The first list of free pages with at least two of them, which lies in its leaf. */
static uint8_t *free_value(const struct image *image)
{
    uint8_t *leaf = free_leaf(image);
    for (unsigned i = 0; i < page_keys(leaf); i++) {
        uint8_t *node = node_at(leaf, i);
        if (get(node + NODE_FLAGS, 2) == 0 && get(node_value(node), 8) >= 2)
            return node_value(node);
    }
    ck_abort_msg("no list of free pages");
    return NULL;
}

/* The first node of a value on overflow pages. */
static uint8_t *big_node(const struct image *image)
{
    for (unsigned db = 0; db < recipes[BIG].dbs; db++) {
        uint8_t *leaf = leftmost_leaf(image, named_record(image, db));
        for (unsigned i = 0; i < page_keys(leaf); i++) {
            if (get(node_at(leaf, i) + NODE_FLAGS, 2) == 1)
                return node_at(leaf, i);
        }
    }
    ck_abort_msg("no big value");
    return NULL;
}

static uint8_t *big_page(const struct image *image)
{
    return page_at(image, get(node_value(big_node(image)), 8));
}

static void cut_to_a_page(struct image *image)
{
    image->size = PAGE;
}

static void cut_most(struct image *image)
{
    image->size = PAGE * 3;
}

static void empty_file(struct image *image)
{
    image->size = 0;
}

static void meta_type(struct image *image)
{
    set(page_at(image, 1) + AT_FLAGS, 2, META | 0x10);
}

static void meta_number(struct image *image)
{
    set(page_at(image, 1) + AT_PGNO, 8, 3);
}

static void magic(struct image *image)
{
    image->bytes[16] ^= 1;
}

static void version(struct image *image)
{
    set(page_at(image, 1) + 20, 4, 2);
}

static void page_size_odd(struct image *image)
{
    set(page_at(image, 0) + AT_META_FREE + DB_PAD, 4, 4097);
}

static void page_size_large(struct image *image)
{
    set(page_at(image, 0) + AT_META_FREE + DB_PAD, 4, 0x10000);
}

static void meta_flags(struct image *image)
{
    set(page_at(image, 0) + AT_META_FREE + DB_FLAGS, 2, 0x08 | 0x04);
}

static void txnid_gap(struct image *image)
{
    uint8_t *meta = meta_at(image);
    set(meta + AT_META_TXNID, 8, get(meta + AT_META_TXNID, 8) + 2);
}

static void txnid_parity(struct image *image)
{
    set(meta_at(image) + AT_META_TXNID, 8, get(meta_at(image) + AT_META_TXNID, 8) + 1);
}

static void map_size(struct image *image)
{
    set(page_at(image, 0) + 32, 8, (uint64_t)1 << 50);
}

static void last_page_huge(struct image *image)
{
    set(meta_at(image) + AT_META_LAST, 8, UINT64_MAX);
}

static void last_page_zero(struct image *image)
{
    set(meta_at(image) + AT_META_LAST, 8, 0);
}

static void last_page_more(struct image *image)
{
    set(meta_at(image) + AT_META_LAST, 8, image->size / PAGE + 3);
}

static void main_dupsort(struct image *image)
{
    set(meta_at(image) + AT_META_MAIN + DB_FLAGS, 2, 0x04);
}

static void named_dupsort(struct image *image)
{
    set(named_record(image, 1) + DB_FLAGS, 2, 0x04);
}

static void depth_zero(struct image *image)
{
    set(named_record(image, 0) + DB_DEPTH, 2, 0);
}

static void depth_huge(struct image *image)
{
    set(named_record(image, 0) + DB_DEPTH, 2, 40);
}

static void depth_less(struct image *image)
{
    uint8_t *record = named_record(image, 0);
    set(record + DB_DEPTH, 2, get(record + DB_DEPTH, 2) - 1);
}

static void root_lost(struct image *image)
{
    set(named_record(image, 0) + DB_ROOT, 8, UINT64_MAX);
}

static void root_past_last(struct image *image)
{
    set(named_record(image, 0) + DB_ROOT, 8, get(meta_at(image) + AT_META_LAST, 8) + 1);
}

static void root_is_meta(struct image *image)
{
    set(named_record(image, 0) + DB_ROOT, 8, 1);
}

static void roots_same(struct image *image)
{
    memcpy(named_record(image, 1), named_record(image, 0), 48);
}

static void entries_more(struct image *image)
{
    uint8_t *record = named_record(image, 0);
    set(record + DB_ENTRIES, 8, get(record + DB_ENTRIES, 8) + 1);
}

static void leafs_less(struct image *image)
{
    uint8_t *record = named_record(image, 0);
    set(record + DB_LEAFS, 8, get(record + DB_LEAFS, 8) - 1);
}

static void child_is_root(struct image *image)
{
    uint8_t *root = rows_root(image);
    set(node_at(root, 1), 6, get(root + AT_PGNO, 8));
}

static void child_far(struct image *image)
{
    set(node_at(rows_root(image), 1), 6, (uint64_t)1 << 47);
}

static void page_number(struct image *image)
{
    rows_leaf(image)[AT_PGNO] ^= 1;
}

static void page_dirty(struct image *image)
{
    rows_leaf(image)[AT_FLAGS] |= 0x10;
}

static void page_leaf2(struct image *image)
{
    rows_leaf(image)[AT_FLAGS] |= 0x20;
}

static void branch_of_one(struct image *image)
{
    set(rows_root(image) + AT_LOWER, 2, AT_PTRS + 2);
}

static void lower_above_upper(struct image *image)
{
    uint8_t *leaf = rows_leaf(image);
    set(leaf + AT_UPPER, 2, get(leaf + AT_LOWER, 2) - 2);
}

static void upper_is_end(struct image *image)
{
    set(rows_leaf(image) + AT_UPPER, 2, PAGE);
}

static void offset_odd(struct image *image)
{
    rows_leaf(image)[AT_PTRS] ^= 1;
}

static void offset_in_header(struct image *image)
{
    set(rows_leaf(image) + AT_PTRS, 2, 8);
}

static void offset_at_end(struct image *image)
{
    set(rows_leaf(image) + AT_PTRS, 2, PAGE - 4);
}

static void value_past_page(struct image *image)
{
    set(node_at(rows_leaf(image), 0) + NODE_DATA_SIZE, 4, 0xffffffff);
}

static void value_past_share(struct image *image)
{
    /* Fits the page, but a value of this size belongs on overflow pages. */
    uint8_t *leaf = rows_leaf(image);
    set(leaf + AT_LOWER, 2, AT_PTRS + 2);
    set(leaf + AT_UPPER, 2, 1000);
    set(leaf + AT_PTRS, 2, 1000);
    set(leaf + 1000 + NODE_FLAGS, 2, 0);
    set(leaf + 1000 + NODE_KEY_SIZE, 2, 4);
    set(leaf + 1000 + NODE_DATA_SIZE, 4, PAGE - 1000 - NODE_KEY - 4);
}

static void offsets_same(struct image *image)
{
    uint8_t *leaf = rows_leaf(image);
    memcpy(leaf + AT_PTRS, leaf + AT_PTRS + 2, 2);
}

static void value_shorter(struct image *image)
{
    uint8_t *leaf = rows_leaf(image);
    for (unsigned i = 0; i < page_keys(leaf); i++) {
        uint8_t *size = node_at(leaf, i) + NODE_DATA_SIZE;
        if (get(size, 2) > 4) {
            set(size, 2, get(size, 2) - 4);
            return;
        }
    }
}

static void node_dup(struct image *image)
{
    set(node_at(rows_leaf(image), 0) + NODE_FLAGS, 2, 4);
}

static void node_tree_in_tree(struct image *image)
{
    /* A database record's size, so that only its place is wrong. */
    uint8_t *leaf = rows_leaf(image);
    set(leaf + AT_LOWER, 2, AT_PTRS + 2);
    size_t place = PAGE - NODE_KEY - 4 - 48;
    set(leaf + AT_UPPER, 2, place);
    set(leaf + AT_PTRS, 2, place);
    set(leaf + place + NODE_DATA_SIZE, 4, 48);
    set(leaf + place + NODE_FLAGS, 2, 2);
    set(leaf + place + NODE_KEY_SIZE, 2, 4);
}

static void key_empty(struct image *image)
{
    set(node_at(rows_leaf(image), 0) + NODE_KEY_SIZE, 2, 0);
}

static void key_long(struct image *image)
{
    set(node_at(rows_leaf(image), 0) + NODE_KEY_SIZE, 2, 512);
}

static void keys_swapped(struct image *image)
{
    uint8_t *leaf = rows_leaf(image);
    uint64_t first = get(leaf + AT_PTRS, 2);
    memcpy(leaf + AT_PTRS, leaf + AT_PTRS + 2, 2);
    set(leaf + AT_PTRS + 2, 2, first);
}

static void leafs_swapped(struct image *image)
{
    /* In the branch, so that every page is sound by itself. */
    uint8_t *root = rows_root(image);
    uint64_t first = node_child(node_at(root, 0));
    set(node_at(root, 0), 6, node_child(node_at(root, 1)));
    set(node_at(root, 1), 6, first);
}

static void record_size(struct image *image)
{
    uint8_t *leaf = leftmost_leaf(image, meta_at(image) + AT_META_MAIN);
    set(node_at(leaf, 0) + NODE_DATA_SIZE, 4, 44);
}

static void list_size(struct image *image)
{
    uint8_t *leaf = free_leaf(image);
    /* One byte less still tiles the page, since nodes are rounded up to even sizes. */
    set(node_at(leaf, 0) + NODE_DATA_SIZE, 4, get(node_at(leaf, 0), 4) - 1);
}

static void overflow_type(struct image *image)
{
    set(big_page(image) + AT_FLAGS, 2, LEAF);
}

static void overflow_number(struct image *image)
{
    set(big_page(image) + AT_PGNO, 8, 2);
}

static void overflow_none(struct image *image)
{
    set(big_page(image) + AT_PAGES, 4, 0);
}

static void overflow_endless(struct image *image)
{
    set(big_page(image) + AT_PAGES, 4, 0xffffffff);
}

static void overflow_value_long(struct image *image)
{
    set(big_node(image) + NODE_DATA_SIZE, 4, 0x7fffffff);
}

static void overflow_far(struct image *image)
{
    set(node_value(big_node(image)), 8, UINT64_MAX - 1);
}

static void free_key_zero(struct image *image)
{
    set(node_at(free_leaf(image), 0) + NODE_KEY, 8, 0);
}

static void free_key_future(struct image *image)
{
    uint8_t *leaf = free_leaf(image);
    set(node_at(leaf, page_keys(leaf) - 1) + NODE_KEY, 8,
        get(meta_at(image) + AT_META_TXNID, 8) + 1);
}

static void free_count(struct image *image)
{
    set(free_value(image), 8, 0x10000);
}

static void free_order(struct image *image)
{
    uint8_t *ids = free_value(image) + 8;
    uint64_t first = get(ids, 8);
    set(ids, 8, get(ids + 8, 8));
    set(ids + 8, 8, first);
}

static void free_page_used(struct image *image)
{
    /* The root of the main database, somewhere it keeps the order. */
    uint8_t *value = free_value(image);
    uint64_t count = get(value, 8);
    uint64_t root = get(meta_at(image) + AT_META_MAIN + DB_ROOT, 8);
    uint64_t i = 1;
    while (i < count && get(value + 8 * i, 8) > root)
        i++;
    set(value + 8 * i, 8, root);
    set(value, 8, i);
}

static void free_page_past_last(struct image *image)
{
    set(free_value(image) + 8, 8, get(meta_at(image) + AT_META_LAST, 8) + 1);
}

static void free_page_meta(struct image *image)
{
    uint8_t *value = free_value(image);
    set(value + 8 * get(value, 8), 8, 1);
}

static const struct damage {
    enum hf__walk_reason reason;
    unsigned recipe;
    void (*apply)(struct image *image);
    const char *name;
} damages[] = {
/* clang-format off */
#define D(reason, recipe, apply) {HF__WALK_##reason, recipe, apply, #apply}
    D(SHORT, NAMED, empty_file),            D(SHORT, NAMED, cut_to_a_page),
    D(META_HEADER, NAMED, meta_type),       D(META_HEADER, NAMED, meta_number),
    D(MAGIC, NAMED, magic),                 D(VERSION, NAMED, version),
    D(PAGE_SIZE, NAMED, page_size_odd),     D(PAGE_SIZE, NAMED, page_size_large),
    D(META_FLAGS, NAMED, meta_flags),       D(TXNID, NAMED, txnid_gap),
    D(TXNID, NAMED, txnid_parity),          D(MAP_SIZE, NAMED, map_size),
    D(LAST_PAGE, NAMED, last_page_huge),    D(LAST_PAGE, NAMED, last_page_zero),
    D(FREE_MISSING, NAMED, last_page_more),
    D(TREE_FLAGS, NAMED, main_dupsort),     D(TREE_FLAGS, NAMED, named_dupsort),
    D(TREE_RECORD, NAMED, depth_zero),      D(TREE_RECORD, NAMED, depth_huge),
    D(TREE_RECORD, NAMED, root_lost),       D(PAGE_TYPE, NAMED, depth_less),
    D(TREE_COUNTS, NAMED, entries_more),    D(TREE_COUNTS, NAMED, leafs_less),
    D(PAGE_RANGE, NAMED, root_past_last),   D(PAGE_RANGE, NAMED, root_is_meta),
    D(PAGE_RANGE, NAMED, child_far),        D(PAGE_RANGE, BIG, overflow_far),
    D(PAGE_RANGE, NAMED, free_page_past_last), D(PAGE_RANGE, NAMED, free_page_meta),
    D(PAGE_RANGE, BIG, overflow_endless),   D(PAGE_CUT, NAMED, cut_most),
    D(PAGE_TWICE, NAMED, roots_same),       D(PAGE_TWICE, NAMED, child_is_root),
    D(PAGE_TWICE, NAMED, free_page_used),   D(PAGE_NUMBER, NAMED, page_number),
    D(PAGE_NUMBER, BIG, overflow_number),   D(PAGE_TYPE, NAMED, page_dirty),
    D(PAGE_TYPE, NAMED, page_leaf2),        D(PAGE_TYPE, BIG, overflow_type),
    D(PAGE_BOUNDS, NAMED, branch_of_one),   D(PAGE_BOUNDS, NAMED, lower_above_upper),
    D(PAGE_BOUNDS, NAMED, upper_is_end),    D(NODE_OFFSET, NAMED, offset_odd),
    D(NODE_OFFSET, NAMED, offset_in_header), D(NODE_OFFSET, NAMED, offset_at_end),
    D(NODE_SIZE, NAMED, value_past_page),   D(NODE_SIZE, NAMED, value_past_share),
    D(NODE_OVERLAP, NAMED, offsets_same),   D(NODE_OVERLAP, NAMED, value_shorter),
    D(NODE_FLAGS, NAMED, node_dup),         D(NODE_FLAGS, NAMED, node_tree_in_tree),
    D(KEY_SIZE, NAMED, key_empty),          D(KEY_SIZE, NAMED, key_long),
    D(KEY_ORDER, NAMED, keys_swapped),      D(KEY_ORDER, NAMED, leafs_swapped),
    D(VALUE_SIZE, NAMED, record_size),      D(VALUE_SIZE, NAMED, list_size),
    D(OVERFLOW_SIZE, BIG, overflow_none),   D(OVERFLOW_SIZE, BIG, overflow_value_long),
    D(FREE_KEY, NAMED, free_key_zero),      D(FREE_KEY, NAMED, free_key_future),
    D(FREE_COUNT, NAMED, free_count),       D(FREE_ORDER, NAMED, free_order),
#undef D
    /* clang-format on */
};
#define DAMAGES ((int)(sizeof damages / sizeof damages[0]))

START_TEST(each_damage_is_refused_for_its_reason)
{
    const struct damage *damage = &damages[_i];
    struct image image;
    struct hf__walk_report report;
    image_make(&image, &recipes[damage->recipe], SEED);
    ck_assert_int_eq(image_walk(&image, &report), HF__WALK_SOUND);
    damage->apply(&image);
    int rc = image_walk(&image, &report);
    ck_assert_msg(rc == HF__WALK_DAMAGED && report.reason == damage->reason, "%s: %d, %s (%s)",
                  damage->name, rc, hf__walk_reason_name(report.reason), report.what);
    ck_assert_uint_gt(strlen(report.what), 10);
    image_free(&image);
}
END_TEST

START_TEST(each_reason_has_a_damage)
{
    for (unsigned reason = 1; reason < HF__WALK_REASON_COUNT; reason++) {
        bool found = false;
        for (int i = 0; i < DAMAGES; i++)
            found = found || damages[i].reason == (enum hf__walk_reason)reason;
        ck_assert_msg(found, "%s", hf__walk_reason_name((enum hf__walk_reason)reason));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walker_damage");
    TCase *damaged = tcase_create("damaged");
    tcase_add_loop_test(damaged, each_damage_is_refused_for_its_reason, 0, DAMAGES);
    tcase_add_test(damaged, each_reason_has_a_damage);
    suite_add_tcase(suite, damaged);
    return hf_test_main(suite);
}
