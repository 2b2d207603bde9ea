/*
 * find.c - looks for the files of a journal and reads their headers.
 *
 * Failure modes: a header that is damaged or not of a journal: HF_E_CORRUPT, and nothing is
 * changed.
 */
#include "journal/segments/segments.h"

#include <holdfast/error.h>

/* True when every byte of a file is zero: format 1 left such a file when it was being made. */
static bool is_blank(const hf__segments *segments, const hf__segment *segment)
{
    uint8_t page[HF__SEGMENT_HEAD];
    for (uint64_t at = 0; at < segment->bytes; at += sizeof page) {
        size_t got = 0;
        if (segments->env->files->read_at(segment->fd, page, sizeof page, at, &got, NULL) != 0)
            return false;
        for (size_t i = 0; i < got; i++)
            if (page[i] != 0)
                return false;
    }
    return true;
}

static int damaged_head(hf__segments *segments, const hf__segment *segment, uint64_t at,
                        const char *what)
{
    return hf__store_fail(segments->error, HF_E_CORRUPT, 0,
                          "%s: byte %llu: %s; put back the file that belongs here, or open the "
                          "store without its journal",
                          hf__segment_text(segments, segment), (unsigned long long)at, what);
}

static int check_length(hf__segments *segments, const hf__segment *segment)
{
    const hf__segment_head *head = &segment->head;
    bool longer_is_good = head->format == HF__SEGMENT_FORMAT_1; /* when a crash came between */
    if (segment->bytes == head->bytes || (longer_is_good && segment->bytes > head->bytes))
        return 0;
    return damaged_head(segments, segment, segment->bytes,
                        segment->bytes < head->bytes
                            ? "the file ends before the length that its header says"
                            : "the file is longer than its header says");
}

/* What a header without any whole copy comes to. Format 1 may have been torn when it was made. */
static int no_head(hf__segments *segments, hf__segment *segment, hf__segment_look look)
{
    segment->head = (hf__segment_head){.bytes = segment->bytes};
    if (look == HF__SEGMENT_FOREIGN)
        return damaged_head(segments, segment, 0, "not a segment of a journal this version knows");
    if (look == HF__SEGMENT_UNUSED && is_blank(segments, segment))
        return 0;
    return damaged_head(segments, segment, 0, "its header is damaged");
}

static int read_head(hf__segments *segments, hf__segment *segment, uint64_t bytes)
{
    uint8_t page[HF__SEGMENT_HEAD] = {0};
    size_t got = 0;
    int native = 0;
    segment->bytes = bytes;
    int error = hf__segment_open(segments, segment);
    if (error != 0)
        return error;
    error = segments->env->files->read_at(segment->fd, page, sizeof page, 0, &got, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "reading its header", error, native);
    segment->made = true;
    segment->blank = segment->bytes; /* or not: it only costs time */
    (void)atomic_fetch_add(&segments->total, segment->bytes);
    hf__segment_look look = hf__segment_head_read(page, &segment->head, &segment->link);
    if (look != HF__SEGMENT_GOOD)
        return no_head(segments, segment, look);
    segment->used = HF__SEGMENT_HEAD;
    segment->needed = true;
    error = check_length(segments, segment);
    segment->head.bytes = segment->bytes;
    if (segment->head.seq >= segments->next_seq)
        segments->next_seq = segment->head.seq + 1;
    return error;
}

int hf__segments_find(hf__segments *segments)
{
    const hf__files *files = segments->env->files;
    hf__file_info info;
    int native = 0;
    int error = files->info(segments->at, &info, &native);
    if (error == HF_E_NOT_FOUND)
        return 0;
    if (error != 0 || info.is_folder == 0)
        return hf__store_fail(segments->error, error != 0 ? error : HF_E_PATH, native,
                              "%s: is not a folder, and the journal needs its place",
                              segments->text);
    segments->made = true;
    for (uint32_t i = 0; error == 0 && i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        error = files->info(hf__segment_path(segments, segment), &info, &native);
        if (error == HF_E_NOT_FOUND)
            error = 0;
        else if (error != 0)
            error = hf__segment_failed(segments, segment, "looking for it", error, native);
        else
            error = read_head(segments, segment, info.bytes);
    }
    return error;
}

uint32_t hf__segments_ordered(hf__segments *segments, hf__segment *out[HF__SEGMENTS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        if (segments->all[i].head.seq == 0)
            continue;
        uint32_t at = count++;
        for (; at > 0 && out[at - 1]->head.seq > segments->all[i].head.seq; at--)
            out[at] = out[at - 1];
        out[at] = &segments->all[i];
    }
    return count;
}

hf__segment *hf__segments_newest(hf__segments *segments)
{
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count = hf__segments_ordered(segments, ordered);
    return count == 0 ? NULL : ordered[count - 1];
}
