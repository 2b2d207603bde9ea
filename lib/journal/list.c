/*
 * list.c - reports a journal segment by segment, without its store.
 *
 * Happy path: one walk over all segments, whose results are kept; then every one is reported.
 *
 * An engine may write to it meanwhile. A record that was only partly written when it was read, and
 * was followed by another a moment later, looks like damage; so does a segment that was used again,
 * or linked to the next one, after its header was read. So damage is reported when the headers are
 * the same after the walk as before it, and two walks in a row find it at the same offset.
 */
#include "journal/journal.h"
#include "journal/segments/segment_walk.h"

#include <holdfast/error.h>
#include <string.h>

#define WALKS_MAX 8u

typedef struct listing {
    hf__segments segments;
    hf_segment reports[HF__SEGMENTS_MAX]; /* by the indexes in `segments` */
    bool found;                           /* the headers could be read */
} listing;

static hf_segment *report_of(listing *of, const hf__segment *segment)
{
    return &of->reports[segment - of->segments.all];
}

static int on_record(void *context, const hf__record *record, const hf__segment *segment)
{
    hf_segment *reports = report_of(context, segment);
    reports->first_batch = reports->records == 0 ? record->head.batch : reports->first_batch;
    reports->last_batch = record->head.batch;
    reports->records++;
    reports->changes += record->head.count;
    return 0;
}

static int on_segment(void *context, const hf__segment_summary *about)
{
    report_of(context, about->segment)->state = HF_SEGMENT_WHOLE;
    return 0;
}

/* The first segment that the walk did not get through is the one with the damage. */
static void find_damaged(listing *of)
{
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count = hf__segments_ordered(&of->segments, ordered);
    for (uint32_t i = 0; i < count; i++) {
        hf_segment *reports = report_of(of, ordered[i]);
        if (reports->state != HF_SEGMENT_NOT_READ)
            continue;
        reports->state = HF_SEGMENT_DAMAGED;
        return;
    }
}

/* Begins `of` anew; it is to be ended with hf__segments_fini also when this fails. */
static int walk(listing *of, hf_env *env, const char *location, hf_store_error *error)
{
    memset(of->reports, 0, sizeof of->reports);
    of->found = false;
    int code = hf__segments_init(&of->segments, env, location, 0, 0);
    of->segments.read_only = true;
    of->segments.error = error;
    if (code == 0)
        code = hf__segments_find(&of->segments);
    if (code != 0)
        return code;
    of->found = true;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++)
        of->reports[i].state =
            of->segments.all[i].head.seq == 0 ? HF_SEGMENT_UNUSED : HF_SEGMENT_NOT_READ;
    hf__segment_walk walk = {.segments = &of->segments,
                             .stored = UINT64_MAX,
                             .record = on_record,
                             .segment = on_segment,
                             .context = of};
    code = hf__segment_walk_all(&walk);
    if (code == HF_E_CORRUPT)
        find_damaged(of);
    return code;
}

static int report(listing *of, const hf__segment *segment, hf_segment_cb cb, void *data)
{
    hf_segment *reports = report_of(of, segment);
    reports->path = hf__segment_name(&of->segments, segment);
    reports->sequence = segment->head.seq;
    reports->bytes = segment->head.bytes;
    reports->bytes_used = segment->used;
    reports->schema = segment->head.schema;
    reports->store = segment->head.owner.store;
    reports->incarnation = segment->head.owner.incarnation;
    reports->journal = segment->head.owner.journal;
    reports->next_sequence = segment->link.seq;
    return cb(data, reports) == 0 ? 0 : HF_E_CANCELLED;
}

static int report_all(listing *of, hf_segment_cb cb, void *data)
{
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count = hf__segments_ordered(&of->segments, ordered);
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++)
        if (of->segments.all[i].made && of->segments.all[i].head.seq == 0)
            ordered[count++] = &of->segments.all[i];
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < count; i++)
        code = report(of, ordered[i], cb, data);
    return code;
}

/* What a file that is used or removed meanwhile looks like, among others. */
static bool may_be_motion(int code)
{
    return code == HF_E_CORRUPT || code == HF_E_PATH || code == HF_E_NOT_FOUND;
}

static bool is_same(const hf__segment *before, const hf__segment *now)
{
    return before->made == now->made && before->head.seq == now->head.seq &&
           memcmp(&before->link, &now->link, sizeof now->link) == 0;
}

/*
 * True when no segment was used again since the walk found it: its records were its own. Of damage,
 * when no header is another one: nothing was linked or made behind the look at it.
 */
static bool stands_still(const listing *of, hf_env *env, const char *location, int code)
{
    hf__segments now;
    bool same = hf__segments_init(&now, env, location, 0, 0) == 0;
    now.read_only = true;
    same = same && hf__segments_find(&now) == 0;
    for (uint32_t i = 0; same && i < HF__SEGMENTS_MAX; i++) {
        const hf__segment *before = &of->segments.all[i];
        same = code == 0 ? !before->made || now.all[i].head.seq == before->head.seq
                         : is_same(before, &now.all[i]);
    }
    hf__segments_fini(&now, false);
    return same;
}

int hf__journal_list(hf_env *env, const char *location, hf_segment_cb cb, void *data,
                     hf_store_error *error)
{
    listing of;
    char before[sizeof error->text] = "";
    for (uint32_t walks = 0; walks < WALKS_MAX; walks++) {
        int code = walk(&of, env, location, error);
        bool looked = code == 0 || (code == HF_E_CORRUPT && of.found);
        bool moved = looked && !stands_still(&of, env, location, code);
        bool settled = !moved && (!may_be_motion(code) || strcmp(before, error->text) == 0);
        if (settled && cb != NULL && (code == 0 || code == HF_E_CORRUPT)) {
            int reports = report_all(&of, cb, data);
            code = code == 0 ? reports : code;
        }
        hf__segments_fini(&of.segments, false);
        if (settled)
            return code;
        memcpy(before, error->text, sizeof before);
    }
    return hf__store_fail(error, HF_E_BUSY, 0,
                          "%s: its segments are used again faster than they can be read",
                          hf__path_end(location));
}
