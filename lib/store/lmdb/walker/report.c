/*
 * report.c - what all parts of the walk use: reading a page, claiming it, and reporting damage.
 */
#include "store/lmdb/walker/state.h"

#include <stdio.h>

static const char *const reason_names[HF__WALK_REASON_COUNT] = {
#define REASON_NAME(name, text) [HF__WALK_##name] = #name,
    HF__WALK_REASONS(REASON_NAME)
#undef REASON_NAME
};

static const char *const reason_texts[HF__WALK_REASON_COUNT] = {
#define REASON_TEXT(name, text) [HF__WALK_##name] = (text),
    HF__WALK_REASONS(REASON_TEXT)
#undef REASON_TEXT
};

const char *hf__walk_reason_name(enum hf__walk_reason reason)
{
    return (unsigned)reason < HF__WALK_REASON_COUNT ? reason_names[reason] : "?";
}

int hf__walk_fail(struct hf__walk *walk, const struct hf__walk_tree *tree,
                  enum hf__walk_reason reason, uint64_t page, uint32_t at)
{
    struct hf__walk_report *report = walk->report;
    report->reason = reason;
    report->page = page;
    report->offset = page * walk->page_size + at;
    if (tree == NULL)
        snprintf(report->what, sizeof report->what, "%s", reason_texts[reason]);
    else
        snprintf(report->what, sizeof report->what, "%s, in %s", reason_texts[reason], tree->name);
    return HF__WALK_DAMAGED;
}

int hf__walk_read(struct hf__walk *walk, void *buf, size_t n, uint64_t page, uint64_t at)
{
    const struct hf__walk_params *params = walk->params;
    uint64_t offset = page * walk->page_size + at;
    if (params->read_at(params->read_ctx, buf, n, offset) == 0)
        return HF__WALK_SOUND;
    walk->report->page = page;
    walk->report->offset = offset;
    snprintf(walk->report->what, sizeof walk->report->what, "reading a page failed");
    return HF__WALK_READ_FAILED;
}

int hf__walk_claim(struct hf__walk *walk, const struct hf__walk_tree *tree, uint64_t first,
                   uint64_t count)
{
    for (uint64_t number = first; number < first + count; number++) {
        uint64_t bit = (uint64_t)1 << (number % 64);
        if ((walk->seen[number / 64] & bit) != 0)
            return hf__walk_fail(walk, tree, HF__WALK_PAGE_TWICE, number, 0);
        walk->seen[number / 64] |= bit;
    }
    return HF__WALK_SOUND;
}
