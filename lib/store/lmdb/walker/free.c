/*
 * The free list of an LMDB file: records of transaction id -> count and page numbers.
 *
 * Why: LMDB hands these pages out on the next write without a look at them. A number that is in use
 * elsewhere overwrites live data, one out of range or out of order breaks its merge of lists.
 *
 * Happy path: the value is read in pieces, from the leaf or from overflow pages, and each number is
 * claimed like any other page.
 *
 * Failure modes: a key that is no past transaction id, a count larger than the value, numbers not
 * descending, out of range or taken; a failed read.
 */
#include "store/lmdb/walker/state.h"

#define ID_BYTES ((uint32_t)sizeof(uint64_t))

/* A value in pieces, wherever it lies. */
struct value {
    const uint8_t *bytes; /* in its leaf, or NULL */
    uint64_t page;        /* first page of the run, or the leaf */
    uint32_t at;          /* offset of the value in it */
};

/* Points at n bytes of the value; n is at most a page. */
static int value_piece(struct hf__walk *walk, const struct value *value, uint64_t from, size_t n,
                       const uint8_t **piece)
{
    if (value->bytes != NULL) {
        *piece = value->bytes + from;
        return HF__WALK_SOUND;
    }
    *piece = walk->scratch;
    return hf__walk_read(walk, walk->scratch, n, value->page, value->at + from);
}

/* The page numbers of one piece. */
static int claim_ids(struct hf__walk *walk, const struct hf__walk_tree *tree,
                     const struct value *value, const uint8_t *ids, size_t n, uint64_t *last)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t id = hf__load64(ids + i * ID_BYTES);
        if (id >= *last)
            return hf__walk_fail(walk, tree, HF__WALK_FREE_ORDER, value->page, value->at);
        *last = id;
        if (id < 2 || id >= walk->pages)
            return hf__walk_fail(walk, tree, HF__WALK_PAGE_RANGE, value->page, value->at);
        int rc = hf__walk_claim(walk, tree, id, 1);
        if (rc != HF__WALK_SOUND)
            return rc;
    }
    walk->report->pages_free += n;
    return HF__WALK_SOUND;
}

static int claim_list(struct hf__walk *walk, const struct hf__walk_tree *tree,
                      const struct value *value, uint64_t count)
{
    uint64_t last = UINT64_MAX;
    size_t step = walk->page_size / ID_BYTES;
    for (uint64_t done = 0; done < count;) {
        size_t n = count - done < step ? (size_t)(count - done) : step;
        const uint8_t *ids = NULL;
        int rc = value_piece(walk, value, (1 + done) * ID_BYTES, n * ID_BYTES, &ids);
        if (rc != HF__WALK_SOUND)
            return rc;
        rc = claim_ids(walk, tree, value, ids, n, &last);
        if (rc != HF__WALK_SOUND)
            return rc;
        done += n;
    }
    return HF__WALK_SOUND;
}

int hf__walk_free_record(struct hf__walk *walk, const struct hf__walk_tree *tree,
                         const struct hf__node *node, uint64_t page)
{
    uint64_t txnid = hf__load64(node->key);
    if (txnid == 0 || txnid > walk->meta.txnid)
        return hf__walk_fail(walk, tree, HF__WALK_FREE_KEY, page, node->at);
    if (node->value_size < ID_BYTES || node->value_size % ID_BYTES != 0)
        return hf__walk_fail(walk, tree, HF__WALK_VALUE_SIZE, page, node->at);
    struct value value = {.bytes = node->value, .page = page, .at = node->at};
    if ((node->flags & HF__NODE_BIG) != 0)
        value = (struct value){.page = hf__load64(node->value), .at = HF__PAGE_HEADER};
    const uint8_t *head = NULL;
    int rc = value_piece(walk, &value, 0, ID_BYTES, &head);
    if (rc != HF__WALK_SOUND)
        return rc;
    /* The value may be longer than its list: LMDB reserves space before it knows the count. */
    uint64_t count = hf__load64(head);
    if (count > node->value_size / ID_BYTES - 1)
        return hf__walk_fail(walk, tree, HF__WALK_FREE_COUNT, value.page, value.at);
    return claim_list(walk, tree, &value, count);
}
