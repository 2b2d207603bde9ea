/*
 * segments.c - opening, appending to and using again the files of a journal.
 */
#include "journal/segments/segments.h"
#include "base/checksum.h"

#include <holdfast/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES  32u /* of "/segment-NN.new" */
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
    segments->text = segments->folder == NULL ? "" : hf__path_end(segments->folder);
    segments->at = folder_at(segments, segments->place.path);
    segments->name = hf__alloc(env, segments->path_bytes);
    segments->path = hf__alloc(env, segments->path_bytes);
    segments->making = hf__alloc(env, segments->path_bytes);
    bool all = segments->folder != NULL && segments->at != NULL && segments->name != NULL &&
               segments->path != NULL && segments->making != NULL;
    return all ? 0 : HF_E_NOMEM;
}

void hf__segments_continue(hf__segments *segments, hf__segment *newest)
{
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count = hf__segments_ordered(segments, ordered);
    bool is_empty = newest != NULL && newest->used == HF__SEGMENT_HEAD;
    segments->current = is_empty ? newest : NULL;
    segments->before = newest;
    if (is_empty)
        segments->before = count > 1 ? ordered[count - 2] : NULL;
}

/* ---- Appending ------------------------------------------------------------------------------- */

/*
 * Lets the segment before the current one say durably that this one comes next. When its flush
 * fails the next try writes the link again, so that no flush is repeated.
 */
static int link_before(hf__segments *segments)
{
    const hf__files *files = segments->env->files;
    uint8_t bytes[HF__SEGMENT_LINK_BYTES];
    hf__segment *before = segments->before;
    const hf__segment_head *head = &segments->current->head;
    int native = 0;
    if (before == NULL)
        return 0;
    const hf__segment_link link = {.seq = head->seq, .after = head->after, .salt = head->salt};
    hf__segment_link_write(before->head.salt, &link, bytes);
    int error = hf__segment_open(segments, before);
    if (error != 0)
        return error;
    error = files->write_at(before->fd, bytes, sizeof bytes, HF__SEGMENT_LINK_AT, &native);
    if (error == 0)
        error = files->sync(before->fd, &native);
    if (error != 0)
        return hf__segment_failed(segments, before, "naming the next one in it", error, native);
    before->link = link;
    segments->before = NULL;
    return 0;
}

/* Lets the next segment be the current one. */
static int begin_next(hf__segments *segments, uint64_t after, uint64_t span)
{
    uint64_t bytes = HF__SEGMENT_HEAD + span;
    hf__segments_trim(segments);
    hf__segment *segment = hf__segment_unused(segments);
    if (segment == NULL)
        return hf__store_fail(segments->error, HF_E_NO_SPACE, 0,
                              "%s: all %u segments are in use until the store has what is in "
                              "them",
                              segments->text, HF__SEGMENTS_MAX);
    int error = segments->current != NULL ? link_before(segments) : 0;
    if (error == 0)
        error = hf__segment_make(segments, segment, bytes, after);
    if (error != 0)
        return error;
    segments->next_seq++;
    segment->used = HF__SEGMENT_HEAD;
    segment->last = after;
    segment->needed = true;
    if (segments->current != NULL)
        segments->before = segments->current;
    segments->current = segment;
    return 0;
}

static int refuse_failed(const hf__segments *segments)
{
    return hf__store_fail(segments->error, HF_E_POISONED, 0,
                          "%s: an earlier flush failed; close and open the store", segments->text);
}

int hf__segments_begin(hf__segments *segments, uint64_t after, uint64_t span)
{
    if (segments->failed)
        return refuse_failed(segments);
    return segments->current != NULL ? 0 : begin_next(segments, after, span);
}

static bool fits(const hf__segments *segments, uint64_t span)
{
    const hf__segment *current = segments->current;
    return current != NULL && current->bytes - current->used >= span;
}

/* Writes what lies behind `end`, when a record up to there is the first to use its blocks. */
static int write_ahead(hf__segments *segments, hf__segment *segment, uint64_t end)
{
    static uint8_t zeros[AHEAD_BYTES]; /* not const: so it takes no bytes of the library */
    if (end <= segment->blank)
        return 0;
    int native = 0;
    uint64_t left = segment->bytes - end;
    size_t bytes = left < sizeof zeros ? (size_t)left : sizeof zeros;
    int error =
        bytes == 0 ? 0 : segments->env->files->write_at(segment->fd, zeros, bytes, end, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "writing ahead in it", error, native);
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
            return hf__segment_failed(segments, segment, "appending to it", error, native);
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
    return hf__segment_failed(segments, segment, "flushing it", HF_E_IO, native);
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
        return refuse_failed(segments);
    int error = fits(segments, span) ? 0 : begin_next(segments, head->after, span);
    if (error == 0)
        error = link_before(segments);
    if (error == 0)
        error = write_record(segments, head, pieces, count);
    if (error != 0)
        return not_appended(segments, error);
    segments->current->used += span;
    segments->current->last = head->batch;
    return 0;
}

/* ---- Using again ----------------------------------------------------------------------------- */

void hf__segments_release(hf__segments *segments, uint64_t batch, bool tight)
{
    bool any = tight;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        bool is_end = segment == segments->current || segment == segments->before;
        if (is_end || !segment->needed || segment->last > batch)
            continue;
        segment->needed = false;
        any = true;
    }
    if (any)
        hf__segments_trim(segments);
}

void hf__segments_forget(hf__segments *segments)
{
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++)
        hf__segment_forget(segments, &segments->all[i]);
    segments->current = NULL;
    segments->before = NULL;
    segments->next_seq = 1;
    segments->made = false;
    segments->is_durable = false;
}

int hf__segments_clear(hf__segments *segments)
{
    const hf__files *files = segments->env->files;
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count = 0;
    int native = 0;
    int error = 0;
    /* Blank ones of format 1 first: an open accepts them only beside numbered ones. */
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++)
        if (segments->all[i].made && segments->all[i].head.seq == 0)
            ordered[count++] = &segments->all[i];
    count += hf__segments_ordered(segments, ordered + count);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        error = files->remove(hf__segment_path(segments, ordered[i]), &native);
        if (error != 0)
            return hf__segment_failed(segments, ordered[i], "removing it", error, native);
        hf__segment_forget(segments, ordered[i]);
    }
    if (count != 0)
        error = files->sync_folder(hf__segment_path(segments, &segments->all[0]), &native);
    segments->current = NULL;
    segments->before = NULL;
    segments->next_seq = 1;
    return error == 0 ? 0
                      : hf__store_fail(segments->error, error, native, "%s: flushing it: %s",
                                       segments->text, hf_error_text(error));
}

void hf__segments_fini(hf__segments *segments, bool remove)
{
    const hf__files *files = segments->env->files;
    remove = remove && segments->made && hf__segments_clear(segments) == 0;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        if (segment->fd >= 0)
            files->close(segment->fd);
        if (remove) /* left by an attempt to make one; mostly there is none */
            (void)files->remove(hf__segment_new_path(segments, segment), NULL);
    }
    if (remove) {
        (void)files->remove(segments->at, NULL);
        (void)files->sync_folder(segments->at, NULL);
    }
    hf__place_end(files, &segments->place);
    hf__free(segments->env, segments->folder);
    hf__free(segments->env, segments->at);
    hf__free(segments->env, segments->name);
    hf__free(segments->env, segments->path);
    hf__free(segments->env, segments->making);
}
