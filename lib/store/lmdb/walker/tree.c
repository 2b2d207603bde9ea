/*
 * The trees of an LMDB file, page by page.
 *
 * Why: a page that is sound by itself is still fatal in the wrong place. So the walk follows every
 * reference LMDB would follow, in key order, and compares what it finds with what the database
 * record says.
 *
 * Happy path: down the leftmost path, along the leaf, up and down again, with an explicit stack of
 * as many levels as the record names; a database record in the main database starts the same walk
 * on a second stack, so there is no recursion. At the end the counts are compared.
 *
 * Failure modes: the first damage ends the walk with a report. A page is claimed before it is read,
 * so no cycle is followed.
 */
#include "store/lmdb/walker/state.h"

#include <string.h>

static enum hf__page_type type_of_level(const struct hf__walk_tree *tree, unsigned level)
{
    return level + 1 == tree->record.depth ? HF__PAGE_LEAF : HF__PAGE_BRANCH;
}

/* ---- Keys -------------------------------------------------------------------------------- */

static int key_compare(const struct hf__walk_tree *tree, const struct hf__node *node)
{
    if (tree->kind == HF__TREE_FREE) {
        uint64_t key = hf__load64(node->key);
        uint64_t bound = hf__load64(tree->bound);
        return (key > bound) - (key < bound);
    }
    size_t shorter = node->key_size < tree->bound_size ? node->key_size : tree->bound_size;
    int order = memcmp(node->key, tree->bound, shorter);
    return order != 0 ? order : (int)node->key_size - (int)tree->bound_size;
}

/* Takes the next key in order. A branch's key lies between the subtrees beside it and may be the
 * lowest key of the one after it. */
static int take_key(struct hf__walk *walk, struct hf__walk_tree *tree, const struct hf__node *node,
                    bool of_branch)
{
    uint64_t page = tree->frames[tree->height - 1].number;
    if (tree->kind == HF__TREE_FREE && node->key_size != sizeof(uint64_t))
        return hf__walk_fail(walk, tree, HF__WALK_KEY_SIZE, page, node->at);
    if (tree->bound_size != 0) {
        int order = key_compare(tree, node);
        bool may_recur = tree->bound_may_recur && !of_branch;
        if (order < 0 || (order == 0 && !may_recur))
            return hf__walk_fail(walk, tree, HF__WALK_KEY_ORDER, page, node->at);
    }
    memcpy(tree->bound, node->key, node->key_size);
    tree->bound_size = node->key_size;
    tree->bound_may_recur = of_branch;
    return HF__WALK_SOUND;
}

/* ---- Pages ------------------------------------------------------------------------------- */

/* Claims pages that a page at the top of the stack refers to, and that LMDB will read. */
static int claim_used(struct hf__walk *walk, const struct hf__walk_tree *tree, uint64_t first,
                      uint64_t count)
{
    uint64_t page = tree->height == 0 ? tree->record_page : tree->frames[tree->height - 1].number;
    uint32_t at = tree->height == 0 ? tree->record_at : 0;
    if (first < 2 || first >= walk->pages || count > walk->pages - first)
        return hf__walk_fail(walk, tree, HF__WALK_PAGE_RANGE, page, at);
    if (first + count > walk->file_pages)
        return hf__walk_fail(walk, tree, HF__WALK_PAGE_CUT, first, 0);
    walk->report->pages_used += count;
    return hf__walk_claim(walk, tree, first, count);
}

static int push(struct hf__walk *walk, struct hf__walk_tree *tree, uint64_t number)
{
    int rc = claim_used(walk, tree, number, 1);
    if (rc != HF__WALK_SOUND)
        return rc;
    struct hf__walk_frame *frame = &tree->frames[tree->height];
    rc = hf__walk_read(walk, frame->page, walk->page_size, number, 0);
    if (rc != HF__WALK_SOUND)
        return rc;
    enum hf__page_type type = type_of_level(tree, tree->height);
    uint32_t at = 0;
    enum hf__walk_reason reason = hf__page_check(frame->page, walk->page_size, number, type, &at);
    if (reason != HF__WALK_NONE)
        return hf__walk_fail(walk, tree, reason, number, at);
    frame->number = number;
    frame->keys = hf__page_keys(frame->page);
    frame->next = 0;
    tree->height++;
    if (type == HF__PAGE_LEAF)
        tree->leaf_pages++;
    else
        tree->branch_pages++;
    return HF__WALK_SOUND;
}

/* The pages behind a value that does not fit its leaf. LMDB may have kept a longer run than the
 * value needs now, if it was written twice in one transaction. */
static int take_overflow(struct hf__walk *walk, struct hf__walk_tree *tree,
                         const struct hf__node *node)
{
    uint64_t number = hf__load64(node->value);
    int rc = claim_used(walk, tree, number, 1);
    if (rc != HF__WALK_SOUND)
        return rc;
    uint8_t header[HF__PAGE_HEADER];
    rc = hf__walk_read(walk, header, sizeof header, number, 0);
    if (rc != HF__WALK_SOUND)
        return rc;
    struct hf__overflow overflow;
    hf__overflow_load(&overflow, header);
    if (overflow.number != number)
        return hf__walk_fail(walk, tree, HF__WALK_PAGE_NUMBER, number, 0);
    if (overflow.type != HF__PAGE_OVERFLOW)
        return hf__walk_fail(walk, tree, HF__WALK_PAGE_TYPE, number, 0);
    uint64_t capacity = (uint64_t)overflow.pages * walk->page_size;
    if (overflow.pages == 0 || capacity < (uint64_t)HF__PAGE_HEADER + node->value_size)
        return hf__walk_fail(walk, tree, HF__WALK_OVERFLOW_SIZE, number, 0);
    tree->overflow_pages += overflow.pages;
    if (overflow.pages == 1)
        return HF__WALK_SOUND;
    return claim_used(walk, tree, number + 1, overflow.pages - 1);
}

/* ---- A tree from its record to its counts ------------------------------------------------ */

static int check_record(struct hf__walk *walk, struct hf__walk_tree *tree)
{
    const struct hf__tree_record *record = &tree->record;
    /* The free list's flags and page size were checked with the meta page. */
    if (tree->kind != HF__TREE_FREE && (record->flags != 0 || record->pad != 0))
        return hf__walk_fail(walk, tree, HF__WALK_TREE_FLAGS, tree->record_page, tree->record_at);
    uint64_t limit = walk->file_pages;
    bool fits = record->branch_pages <= limit && record->leaf_pages <= limit &&
                record->overflow_pages <= limit && record->depth <= walk->levels;
    bool empty = record->depth == 0 && record->branch_pages == 0 && record->leaf_pages == 0 &&
                 record->overflow_pages == 0 && record->entries == 0;
    if (!fits || (record->root == HF__NO_PAGE) != empty || (record->depth == 0) != empty)
        return hf__walk_fail(walk, tree, HF__WALK_TREE_RECORD, tree->record_page, tree->record_at);
    return HF__WALK_SOUND;
}

static int tree_open(struct hf__walk *walk, struct hf__walk_tree *tree)
{
    tree->branch_pages = tree->leaf_pages = tree->overflow_pages = tree->entries = 0;
    tree->height = 0;
    tree->bound_size = 0;
    tree->bound_may_recur = false;
    int rc = check_record(walk, tree);
    if (rc != HF__WALK_SOUND || tree->record.root == HF__NO_PAGE)
        return rc;
    return push(walk, tree, tree->record.root);
}

static int tree_close(struct hf__walk *walk, const struct hf__walk_tree *tree)
{
    const struct hf__tree_record *record = &tree->record;
    if (record->branch_pages != tree->branch_pages || record->leaf_pages != tree->leaf_pages ||
        record->overflow_pages != tree->overflow_pages || record->entries != tree->entries)
        return hf__walk_fail(walk, tree, HF__WALK_TREE_COUNTS, tree->record_page, tree->record_at);
    if (tree->kind != HF__TREE_FREE)
        walk->report->entries += tree->entries;
    return HF__WALK_SOUND;
}

/* A database's name is any bytes; a report is text. */
static void name_copy(char *name, size_t size, const struct hf__node *node)
{
    size_t n = node->key_size < size - 1 ? node->key_size : size - 1;
    for (size_t i = 0; i < n; i++)
        name[i] = node->key[i] > ' ' && node->key[i] < 0x7f ? (char)node->key[i] : '?';
    name[n] = '\0';
}

static int open_named(struct hf__walk *walk, const struct hf__node *node)
{
    struct hf__walk_tree *tree = &walk->inner;
    tree->kind = HF__TREE_NAMED;
    tree->record_page = walk->outer.frames[walk->outer.height - 1].number;
    tree->record_at = node->at;
    hf__tree_record_load(&tree->record, node->value);
    name_copy(tree->name, sizeof tree->name, node);
    return tree_open(walk, tree);
}

/* ---- Steps ------------------------------------------------------------------------------- */

static int step_branch(struct hf__walk *walk, struct hf__walk_tree *tree)
{
    struct hf__walk_frame *frame = &tree->frames[tree->height - 1];
    struct hf__node node;
    hf__page_node(&node, frame->page, HF__PAGE_BRANCH, frame->next);
    if (frame->next > 0) {
        int rc = take_key(walk, tree, &node, true);
        if (rc != HF__WALK_SOUND)
            return rc;
    }
    frame->next++;
    return push(walk, tree, node.child);
}

static int step_leaf(struct hf__walk *walk, struct hf__walk_tree *tree)
{
    struct hf__walk_frame *frame = &tree->frames[tree->height - 1];
    struct hf__node node;
    hf__page_node(&node, frame->page, HF__PAGE_LEAF, frame->next);
    frame->next++;
    tree->entries++;
    int rc = take_key(walk, tree, &node, false);
    if (rc == HF__WALK_SOUND && (node.flags & HF__NODE_BIG) != 0)
        rc = take_overflow(walk, tree, &node);
    if (rc != HF__WALK_SOUND)
        return rc;
    if ((node.flags & HF__NODE_TREE) != 0 && tree->kind != HF__TREE_MAIN)
        return hf__walk_fail(walk, tree, HF__WALK_NODE_FLAGS, frame->number, node.at);
    if ((node.flags & HF__NODE_TREE) != 0)
        return open_named(walk, &node);
    if (tree->kind == HF__TREE_FREE)
        return hf__walk_free_record(walk, tree, &node, frame->number);
    return HF__WALK_SOUND;
}

/* Moves a tree with a page on its stack on by one node, or leaves a page that is done. */
static int step(struct hf__walk *walk, struct hf__walk_tree *tree)
{
    const struct hf__walk_frame *frame = &tree->frames[tree->height - 1];
    if (frame->next == frame->keys) {
        tree->height--;
        return tree->height == 0 ? tree_close(walk, tree) : HF__WALK_SOUND;
    }
    if (type_of_level(tree, tree->height - 1) == HF__PAGE_BRANCH)
        return step_branch(walk, tree);
    return step_leaf(walk, tree);
}

int hf__walk_tree_run(struct hf__walk *walk, enum hf__tree_kind kind)
{
    bool is_free = kind == HF__TREE_FREE;
    struct hf__walk_tree *tree = &walk->outer;
    tree->kind = kind;
    tree->record = is_free ? walk->meta.free_list : walk->meta.main_tree;
    tree->record_page = walk->meta.txnid % 2;
    tree->record_at = HF__PAGE_HEADER;
    memcpy(tree->name, is_free ? "free list" : "main",
           is_free ? sizeof "free list" : sizeof "main");
    walk->inner.height = 0;
    int rc = tree_open(walk, tree);
    while (rc == HF__WALK_SOUND && tree->height > 0)
        rc = step(walk, walk->inner.height > 0 ? &walk->inner : tree);
    return rc;
}
