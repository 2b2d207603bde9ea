/*
 * The walk over an LMDB file: both meta pages, the trees, the sum (see walker.h).
 *
 * Why this order: the meta pages say how large a page is and how many there are, the free list and
 * the trees then claim each page number once, and what lies past the end of the file must have been
 * claimed by the free list, since LMDB leaves unwritten only what it has freed.
 *
 * Happy path: meta_read, prepare (one allocation), two runs of tree.c, check_tail.
 *
 * Failure modes: see walker.h. Everything is freed on every way out.
 */
#include "store/lmdb/walker/walker.h"

#include "store/lmdb/walker/state.h"

#include <stdio.h>
#include <string.h>

/* ---- Meta pages -------------------------------------------------------------------------- */

static int meta_read(struct hf__walk *walk, struct hf__meta *meta, uint64_t number)
{
    uint64_t needed = number * walk->page_size + HF__META_BYTES;
    if (walk->params->file_size < needed)
        return hf__walk_fail(walk, NULL, HF__WALK_SHORT, number, 0);
    uint8_t bytes[HF__META_BYTES];
    int rc = hf__walk_read(walk, bytes, sizeof bytes, number, 0);
    if (rc != HF__WALK_SOUND)
        return rc;
    enum hf__walk_reason reason = hf__meta_check(meta, bytes, number);
    if (reason != HF__WALK_NONE)
        return hf__walk_fail(walk, NULL, reason, number, HF__PAGE_HEADER);
    return HF__WALK_SOUND;
}

static int metas_read(struct hf__walk *walk)
{
    struct hf__meta metas[2] = {{.txnid = 0}};
    int rc = meta_read(walk, &metas[0], 0);
    if (rc != HF__WALK_SOUND)
        return rc;
    walk->page_size = metas[0].free_list.pad;
    walk->report->page_size = walk->page_size;
    rc = meta_read(walk, &metas[1], 1);
    if (rc != HF__WALK_SOUND)
        return rc;
    if (metas[1].free_list.pad != walk->page_size)
        return hf__walk_fail(walk, NULL, HF__WALK_PAGE_SIZE, 1, HF__PAGE_HEADER);
    if (metas[1].free_list.flags != metas[0].free_list.flags)
        return hf__walk_fail(walk, NULL, HF__WALK_META_FLAGS, 1, HF__PAGE_HEADER);
    unsigned newer = metas[1].txnid > metas[0].txnid;
    uint64_t older_txnid = metas[1 - newer].txnid;
    walk->meta = metas[newer];
    walk->report->txnid = walk->meta.txnid;
    /* The pages are written in turn, so the ids follow each other, but for a new file's 0 and 0. */
    if (walk->meta.txnid != 0 && walk->meta.txnid != older_txnid + 1)
        return hf__walk_fail(walk, NULL, HF__WALK_TXNID, newer, HF__PAGE_HEADER);
    return HF__WALK_SOUND;
}

/* ---- Before and after the trees ---------------------------------------------------------- */

/* The last page may lie past the end of the file if what lies there is free. The free list's own
 * pages bound how much that can be, which bounds the memory needed before anything else is known.
 */
static int check_last_page(struct hf__walk *walk)
{
    const struct hf__tree_record *list = &walk->meta.free_list;
    walk->file_pages = walk->params->file_size / walk->page_size;
    uint64_t list_pages = walk->file_pages;
    if (list->leaf_pages <= list_pages && list->overflow_pages <= list_pages)
        list_pages = list->leaf_pages + list->overflow_pages;
    uint64_t limit = walk->file_pages + list_pages * (walk->page_size / sizeof(uint64_t));
    if (walk->file_pages < 2)
        return hf__walk_fail(walk, NULL, HF__WALK_SHORT, 1, 0);
    if (walk->meta.last_page < 1 || walk->meta.last_page >= limit)
        return hf__walk_fail(walk, NULL, HF__WALK_LAST_PAGE, walk->meta.txnid % 2, HF__PAGE_HEADER);
    walk->pages = walk->meta.last_page + 1;
    walk->report->pages = walk->pages;
    return HF__WALK_SOUND;
}

/* A tree of n levels has at least 2^n - 1 pages. */
static unsigned levels_of(uint64_t pages)
{
    unsigned levels = 0;
    while (levels < HF__TREE_LEVELS && ((uint64_t)2 << levels) - 1 <= pages)
        levels++;
    return levels;
}

static int prepare(struct hf__walk *walk)
{
    walk->levels = levels_of(walk->file_pages);
    size_t seen_bytes = (size_t)(walk->pages / 64 + 1) * sizeof(uint64_t);
    size_t buffers = 1 + 2 * (size_t)walk->levels;
    size_t bytes = seen_bytes + buffers * walk->page_size;
    walk->block = walk->params->alloc(walk->params->alloc_ctx, bytes);
    if (walk->block == NULL)
        return HF__WALK_NO_MEMORY;
    walk->seen = (uint64_t *)(void *)walk->block;
    memset(walk->seen, 0, seen_bytes);
    uint8_t *buffer = walk->block + seen_bytes;
    walk->scratch = buffer;
    for (unsigned i = 0; i < walk->levels; i++) {
        buffer += walk->page_size;
        walk->outer.frames[i].page = buffer;
        buffer += walk->page_size;
        walk->inner.frames[i].page = buffer;
    }
    return HF__WALK_SOUND;
}

static int check_tail(struct hf__walk *walk)
{
    for (uint64_t number = walk->file_pages; number < walk->pages; number++) {
        if ((walk->seen[number / 64] >> (number % 64) & 1) == 0)
            return hf__walk_fail(walk, NULL, HF__WALK_FREE_MISSING, number, 0);
    }
    return HF__WALK_SOUND;
}

static int walk_all(struct hf__walk *walk)
{
    int rc = metas_read(walk);
    if (rc == HF__WALK_SOUND)
        rc = check_last_page(walk);
    if (rc == HF__WALK_SOUND)
        rc = prepare(walk);
    if (rc == HF__WALK_SOUND)
        rc = hf__walk_tree_run(walk, HF__TREE_FREE);
    if (rc == HF__WALK_SOUND)
        rc = hf__walk_tree_run(walk, HF__TREE_MAIN);
    if (rc == HF__WALK_SOUND)
        rc = check_tail(walk);
    return rc;
}

int hf__walk(const struct hf__walk_params *params, struct hf__walk_report *report)
{
    *report = (struct hf__walk_report){.what = "sound"};
    struct hf__walk walk = {.params = params, .report = report};
    int rc = walk_all(&walk);
    if (rc == HF__WALK_NO_MEMORY)
        snprintf(report->what, sizeof report->what, "no memory to check the file");
    if (walk.block != NULL)
        params->free(params->alloc_ctx, walk.block);
    return rc;
}
