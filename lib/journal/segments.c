/*
 * segments.c - making, finding, appending to and using again the files of a journal.
 */
#include "journal/segments.h"
#include "base/checksum.h"

#include <holdfast/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES  32u /* of "/segment-NN" */
#define AHEAD_BYTES ((size_t)256 << 10)

/* Where it cannot be resolved it is used as it is: opening the store says why. */
static void resolve(hf__segments *segments, const char *location)
{
    hf__place *place = &segments->place;
    if (segments->env->files->place(location, place, NULL) == 0)
        return;
    (void)snprintf(place->path, sizeof place->path, "%s", location);
    (void)snprintf(place->shown, sizeof place->shown, "%s", location);
}

static char *folder_at(hf__segments *segments, const char *location)
{
    size_t bytes = strlen(location) + sizeof HF__SEGMENT_SUFFIX;
    char *made = hf__alloc(segments->env, bytes);
    if (made != NULL)
        (void)snprintf(made, bytes, "%s%s", location, HF__SEGMENT_SUFFIX);
    if (bytes + NAME_BYTES > segments->path_bytes)
        segments->path_bytes = bytes + NAME_BYTES;
    return made;
}

int hf__segments_init(hf__segments *segments, hf_env *env, const char *location, uint64_t bytes,
                      uint32_t schema)
{
    *segments = (hf__segments){.env = env, .bytes = bytes, .schema = schema, .next_seq = 1};
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++)
        segments->all[i].fd = -1;
    resolve(segments, location);
    segments->folder = folder_at(segments, segments->place.shown);
    segments->at = folder_at(segments, segments->place.path);
    segments->name = hf__alloc(env, segments->path_bytes);
    segments->path = hf__alloc(env, segments->path_bytes);
    bool all = segments->folder != NULL && segments->at != NULL && segments->name != NULL &&
               segments->path != NULL;
    return all ? 0 : HF_E_NOMEM;
}

static const char *segment_in(const hf__segments *segments, const char *folder, char *out,
                              const hf__segment *segment)
{
    (void)snprintf(out, segments->path_bytes, "%s/segment-%02u", folder,
                   (unsigned)(segment - segments->all) + 1);
    return out;
}

const char *hf__segment_name(hf__segments *segments, const hf__segment *segment)
{
    return segment_in(segments, segments->folder, segments->name, segment);
}

const char *hf__segment_path(hf__segments *segments, const hf__segment *segment)
{
    return segment_in(segments, segments->at, segments->path, segment);
}

static int failed_at(hf__segments *segments, const hf__segment *segment, const char *doing,
                     int code, int native)
{
    return hf__store_fail(segments->error, code, native, "%s: %s: %s",
                          hf__segment_name(segments, segment), doing, hf__os_text(native, code));
}

/* ---- Finding --------------------------------------------------------------------------------- */

int hf__segment_open(hf__segments *segments, hf__segment *segment)
{
    if (segment->fd >= 0)
        return 0;
    int native = 0;
    int error = segments->env->files->open(hf__segment_path(segments, segment),
                                           segments->reads_only ? HF__OPEN_READ : HF__OPEN_WRITE,
                                           &segment->fd, &native);
    return error == 0 ? 0 : failed_at(segments, segment, "opening it", error, native);
}

/* False when no record ever stood in it. */
static bool has_records(const hf__segments *segments, const hf__segment *segment)
{
    uint8_t head[HF__RECORD_HEAD] = {0};
    size_t got = 0;
    if (segments->env->files->read_at(segment->fd, head, sizeof head, HF__SEGMENT_HEAD, &got,
                                      NULL) != 0)
        return true;
    for (size_t i = 0; i < got; i++)
        if (head[i] != 0)
            return true;
    return false;
}

static int read_head(hf__segments *segments, hf__segment *segment, uint64_t bytes)
{
    uint8_t page[HF__SEGMENT_HEAD] = {0};
    size_t got = 0;
    int native = 0;
    int error = hf__segment_open(segments, segment);
    if (error != 0)
        return error;
    error = segments->env->files->read_at(segment->fd, page, sizeof page, 0, &got, &native);
    if (error != 0)
        return failed_at(segments, segment, "reading its header", error, native);
    segment->made = true;
    hf__segment_look look = hf__segment_head_read(page, &segment->head);
    if (look == HF__SEGMENT_DAMAGED && !has_records(segments, segment))
        look = HF__SEGMENT_UNUSED; /* torn when it was made */
    switch (look) {
    case HF__SEGMENT_GOOD:
        segment->used = HF__SEGMENT_HEAD;
        segment->needed = true;
        break;
    case HF__SEGMENT_UNUSED:
        segment->head.seq = 0;
        break;
    case HF__SEGMENT_DAMAGED:
        return hf__store_fail(segments->error, HF_E_CORRUPT, 0, "%s: byte 0: its header is damaged",
                              hf__segment_name(segments, segment));
    case HF__SEGMENT_FOREIGN:
        return hf__store_fail(segments->error, HF_E_CORRUPT, 0,
                              "%s: byte 0: not a segment of a journal this version knows",
                              hf__segment_name(segments, segment));
    }
    segment->head.bytes = bytes;
    segment->blank = bytes; /* or not: it only costs time */
    (void)atomic_fetch_add(&segments->total, bytes);
    if (segment->head.seq >= segments->next_seq)
        segments->next_seq = segment->head.seq + 1;
    return 0;
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
                              segments->folder);
    segments->made = true;
    for (uint32_t i = 0; error == 0 && i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        error = files->info(hf__segment_path(segments, segment), &info, &native);
        if (error == HF_E_NOT_FOUND)
            error = 0;
        else if (error == 0)
            error = read_head(segments, segment, info.bytes);
        else
            error = failed_at(segments, segment, "looking for it", error, native);
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

/* ---- Appending ------------------------------------------------------------------------------- */

static int make_folder(hf__segments *segments)
{
    const hf__files *files = segments->env->files;
    int native = 0;
    if (segments->made)
        return 0;
    int error = files->make_folder(segments->at, &native);
    if (error == 0)
        error = files->sync_folder(segments->at, &native);
    if (error != 0) {
        /* The next try makes a new name: a flush of this one must not be repeated. */
        (void)files->remove(segments->at, NULL);
        return hf__store_fail(segments->error, error, native, "%s: making the journal's folder: %s",
                              segments->folder, hf__os_text(native, error));
    }
    segments->made = true;
    return 0;
}

/*
 * The oldest file that nobody needs, else a place for a new one. Oldest first: so those that are
 * there always hold batches without a gap.
 */
static hf__segment *free_segment(hf__segments *segments)
{
    hf__segment *best = NULL;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        if (segment->needed)
            continue;
        bool older =
            best != NULL && segment->made && (!best->made || segment->head.seq < best->head.seq);
        if (best == NULL || older)
            best = segment;
    }
    return best;
}

/*
 * Removes a file that has no record yet, and whose making failed. A flush must not be repeated
 * after it failed, so the next try makes a new file.
 */
static void abandon(hf__segments *segments, hf__segment *segment)
{
    const hf__files *files = segments->env->files;
    if (segment->fd >= 0)
        files->close(segment->fd);
    (void)files->remove(hf__segment_path(segments, segment), NULL);
    if (segment->made)
        (void)atomic_fetch_sub(&segments->total, segment->head.bytes);
    *segment = (hf__segment){.fd = -1};
}

/* Makes the file, or makes it longer: its blocks are taken here, where a full disk is an error. */
static int reserve(hf__segments *segments, hf__segment *segment, uint64_t bytes)
{
    const hf__files *files = segments->env->files;
    int native = 0;
    bool is_new = segment->head.seq == 0;
    int error = make_folder(segments);
    if (error != 0)
        return error;
    if (segment->fd < 0)
        error = files->open(hf__segment_path(segments, segment), HF__OPEN_CREATE, &segment->fd,
                            &native);
    if (error != 0)
        return failed_at(segments, segment, "opening it", error, native);
    if (segment->head.bytes < bytes)
        error = files->reserve(segment->fd, bytes, &native);
    if (error == 0 && is_new)
        error = files->sync_folder(hf__segment_path(segments, segment), &native);
    if (error == 0) {
        uint64_t added = segment->head.bytes < bytes ? bytes - segment->head.bytes : 0;
        segment->made = true;
        segment->head.bytes += added;
        (void)atomic_fetch_add(&segments->total, added);
        return 0;
    }
    (void)failed_at(segments, segment, "reserving its space", error, native);
    if (is_new)
        abandon(segments, segment);
    return error;
}

static int write_head(hf__segments *segments, hf__segment *segment, uint64_t after)
{
    uint8_t page[HF__SEGMENT_HEAD];
    int native = 0;
    hf__segment_head head = {
        .seq = segments->next_seq,
        .after = after,
        .bytes = segment->head.bytes,
        .schema = segments->schema,
    };
    int error = segments->env->random(segments->env->random_source, &head.salt, sizeof head.salt);
    if (error != 0)
        return failed_at(segments, segment, "making its salt", error, 0);
    hf__segment_head_write(&head, page);
    error = segments->env->files->write_at(segment->fd, page, sizeof page, 0, &native);
    if (error != 0)
        return failed_at(segments, segment, "writing its header", error, native);
    error = segments->env->files->sync(segment->fd, &native);
    if (error != 0)
        return failed_at(segments, segment, "flushing its header", error, native);
    segment->head = head;
    return 0;
}

/* Lets the next segment be the current one. */
static int begin_next(hf__segments *segments, uint64_t after, uint64_t span)
{
    uint64_t bytes = HF__SEGMENT_HEAD + span;
    hf__segment *segment = free_segment(segments);
    if (segment == NULL)
        return hf__store_fail(segments->error, HF_E_NO_SPACE, 0,
                              "%s: all %u segments are in use until the store has what is in "
                              "them",
                              segments->folder, HF__SEGMENTS_MAX);
    int error = reserve(segments, segment, bytes < segments->bytes ? segments->bytes : bytes);
    if (error != 0)
        return error;
    error = write_head(segments, segment, after);
    segments->next_seq++; /* a header that failed may be on disk */
    if (error != 0) {
        abandon(segments, segment);
        return error;
    }
    segment->used = HF__SEGMENT_HEAD;
    segment->last = after;
    segment->needed = true;
    segments->current = segment;
    return 0;
}

static bool fits(const hf__segments *segments, uint64_t span)
{
    const hf__segment *current = segments->current;
    return current != NULL && current->head.bytes - current->used >= span;
}

/* Writes what lies behind `end`, when a record up to there is the first to use its blocks. */
static int write_ahead(hf__segments *segments, hf__segment *segment, uint64_t end)
{
    static uint8_t zeros[AHEAD_BYTES]; /* not const: so it takes no room in the library */
    if (end <= segment->blank)
        return 0;
    int native = 0;
    uint64_t left = segment->head.bytes - end;
    size_t bytes = left < sizeof zeros ? (size_t)left : sizeof zeros;
    int error =
        bytes == 0 ? 0 : segments->env->files->write_at(segment->fd, zeros, bytes, end, &native);
    if (error != 0)
        return failed_at(segments, segment, "writing ahead in it", error, native);
    segment->blank = end + bytes;
    return 0;
}

static int write_record(hf__segments *segments, const hf__record_head *head,
                        const hf__record_piece *pieces, uint32_t count)
{
    hf__segment *segment = segments->current;
    uint32_t crc = hf__record_crc(segment->head.salt, head);
    for (uint32_t i = 0; i < count; i++) {
        size_t skip = i == 0 ? HF__RECORD_HEAD : 0;
        crc = hf__crc32c(crc, pieces[i].data + skip, pieces[i].bytes - skip);
    }
    hf__record_head_write(head, crc, pieces[0].data);
    uint64_t at = segment->used;
    int native = 0;
    int failed = write_ahead(segments, segment, at + hf__record_span(head));
    if (failed != 0)
        return failed;
    for (uint32_t i = 0; i < count; i++) {
        int error = segments->env->files->write_at(segment->fd, pieces[i].data, pieces[i].bytes, at,
                                                   &native);
        if (error != 0)
            return failed_at(segments, segment, "appending to it", error, native);
        at += pieces[i].bytes;
    }
    return 0;
}

int hf__segments_flush(hf__segments *segments)
{
    int native = 0;
    const hf__segment *segment = segments->current;
    int error = segments->env->files->sync(segment->fd, &native);
    if (error == 0)
        return 0;
    segments->failed = true;
    return failed_at(segments, segment, "flushing it", HF_E_IO, native);
}

/*
 * The error of an append that left no whole record: nothing has happened, whatever the cause is,
 * and the same batch may be appended later.
 */
static int not_appended(hf__segments *segments, int error)
{
    if (hf_error_class(error) == HF_CLASS_RETRYABLE || error == HF_E_READ_ONLY)
        return error;
    if (segments->error != NULL)
        segments->error->code = HF_E_DEGRADED;
    return HF_E_DEGRADED;
}

int hf__segments_append(hf__segments *segments, const hf__record_head *head,
                        const hf__record_piece *pieces, uint32_t count)
{
    uint64_t span = hf__record_span(head);
    if (segments->failed)
        return hf__store_fail(segments->error, HF_E_POISONED, 0,
                              "%s: an earlier flush failed; close and open the store",
                              segments->folder);
    int error = fits(segments, span) ? 0 : begin_next(segments, head->after, span);
    if (error == 0)
        error = write_record(segments, head, pieces, count);
    if (error != 0)
        return not_appended(segments, error);
    segments->current->used += span;
    segments->current->last = head->batch;
    return 0;
}

/* ---- Using again ----------------------------------------------------------------------------- */

void hf__segments_release(hf__segments *segments, uint64_t batch)
{
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        if (segment != segments->current && segment->needed && segment->last <= batch)
            segment->needed = false;
    }
}

void hf__segments_fini(hf__segments *segments, bool remove)
{
    const hf__files *files = segments->env->files;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        if (segment->fd >= 0)
            files->close(segment->fd);
        if (remove && segment->made)
            (void)files->remove(hf__segment_path(segments, segment), NULL);
    }
    if (remove && segments->made) {
        (void)files->remove(segments->at, NULL);
        (void)files->sync_folder(segments->at, NULL);
    }
    hf__place_end(files, &segments->place);
    hf__free(segments->env, segments->folder);
    hf__free(segments->env, segments->at);
    hf__free(segments->env, segments->name);
    hf__free(segments->env, segments->path);
}
