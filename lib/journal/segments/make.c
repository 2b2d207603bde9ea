/*
 * make.c - a segment gets its name when it is whole.
 *
 * Happy path: PATH.journal/segment-NN.new is opened, its blocks are reserved, its header is written
 * and flushed, it is renamed, and the folder is flushed. A segment that is used again loses its
 * name first, durably.
 *
 * Where less is free than that, a smaller segment is made.
 *
 * Failure modes: any step may fail; then the file is removed, so that no flush is repeated after it
 * failed, and the next try makes a new one. A file that a process left when it died is used.
 */
#include "journal/segments/segments.h"

#include <holdfast/error.h>

/* Also one that is there: a process that was killed may have made it and not flushed its name. */
static int make_folder(hf__segments *segments)
{
    const hf__files *files = segments->env->files;
    int native = 0;
    if (segments->is_durable)
        return 0;
    int error = files->make_folder(segments->at, &native);
    if (error == 0)
        error = files->sync_folder(segments->at, &native);
    if (error != 0) {
        /* The next try makes a new name: a flush of this one must not be repeated. */
        if (!segments->made)
            (void)files->remove(segments->at, NULL);
        return hf__store_fail(segments->error, error, native, "%s: making the journal's folder: %s",
                              segments->text, hf__os_text(native, error));
    }
    segments->made = true;
    segments->is_durable = true;
    return 0;
}

static int sync_names(hf__segments *segments, const hf__segment *segment)
{
    int native = 0;
    int error = segments->env->files->sync_folder(hf__segment_path(segments, segment), &native);
    if (error == 0)
        return 0;
    return hf__segment_failed(segments, segment, "flushing its folder", error, native);
}

/*
 * Takes the name from a segment that is used again, durably: else a crash could leave under it what
 * is written next.
 */
static int lose_name(hf__segments *segments, hf__segment *segment)
{
    const char *making = hf__segment_new_path(segments, segment);
    int native = 0;
    int error = segments->env->files->rename(hf__segment_path(segments, segment), making, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "using it again", error, native);
    segment->made = false;
    segment->head = (hf__segment_head){.bytes = segment->bytes};
    segment->link = (hf__segment_link){0};
    return sync_names(segments, segment);
}

static int give_name(hf__segments *segments, hf__segment *segment)
{
    const char *making = hf__segment_new_path(segments, segment);
    int native = 0;
    int error = segments->env->files->rename(making, hf__segment_path(segments, segment), &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "giving it its name", error, native);
    segment->made = true;
    return sync_names(segments, segment);
}

/* Opens the file that is to become the segment; what an earlier attempt left of it is used. */
static int open_new(hf__segments *segments, hf__segment *segment)
{
    const hf__files *files = segments->env->files;
    hf__file_info info = {0};
    int native = 0;
    int error = segment->fd >= 0 ? 0
                                 : files->open(hf__segment_new_path(segments, segment),
                                               HF__OPEN_CREATE, &segment->fd, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "opening it", error, native);
    if (segment->bytes != 0)
        return 0;
    error = files->info(hf__segment_new_path(segments, segment), &info, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "looking at it", error, native);
    segment->bytes = info.bytes;
    segment->blank = info.bytes;
    (void)atomic_fetch_add(&segments->total, info.bytes);
    return 0;
}

/* A reservation that failed may have made the file longer all the same. */
static int note_length(hf__segments *segments, hf__segment *segment)
{
    hf__file_info info = {0};
    int native = 0;
    int error = segments->env->files->info(hf__segment_new_path(segments, segment), &info, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "looking at it", error, native);
    (void)atomic_fetch_add(&segments->total, info.bytes - segment->bytes);
    segment->bytes = info.bytes;
    return 0;
}

/*
 * Makes the file long enough: its blocks are taken here, where a full disk is an error. A file that
 * is used again stays as it is when there is no space for more.
 */
static int reserve(hf__segments *segments, hf__segment *segment, uint64_t least)
{
    const hf__files *files = segments->env->files;
    uint64_t bytes = hf__segments_size(segments, least);
    int native = 0;
    int error = 0;
    if (segment->bytes >= bytes)
        return 0;
    while ((error = files->reserve(segment->fd, bytes, &native)) == HF_E_NO_SPACE &&
           bytes > least) {
        bytes = bytes / 2 < least ? least : bytes / 2;
        if (bytes <= segment->bytes)
            return note_length(segments, segment);
    }
    return error == 0 ? note_length(segments, segment)
                      : hf__segment_failed(segments, segment, "reserving its space", error, native);
}

static int write_head(hf__segments *segments, hf__segment *segment, uint64_t after)
{
    uint8_t page[HF__SEGMENT_HEAD];
    int native = 0;
    hf__segment_head head = {
        .owner = segments->owner,
        .seq = segments->next_seq,
        .after = after,
        .bytes = segment->bytes,
        .schema = segments->schema,
        .format = HF__SEGMENT_FORMAT,
    };
    int error = segments->env->random(segments->env->random_source, &head.salt, sizeof head.salt);
    if (error != 0)
        return hf__segment_failed(segments, segment, "making its salt", error, 0);
    hf__segment_head_write(&head, page);
    error = segments->env->files->write_at(segment->fd, page, sizeof page, 0, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "writing its header", error, native);
    error = segments->env->files->sync(segment->fd, &native);
    if (error != 0)
        return hf__segment_failed(segments, segment, "flushing its header", error, native);
    segment->head = head;
    return 0;
}

/*
 * Removes a file that has no record yet, and whose making failed. A flush must not be repeated
 * after it failed, so the next try makes a new file.
 */
static void abandon(hf__segments *segments, hf__segment *segment)
{
    const hf__files *files = segments->env->files;
    const bool made = segment->made;
    hf__segment_forget(segments, segment);
    (void)files->remove(hf__segment_new_path(segments, segment), NULL);
    if (made)
        (void)files->remove(hf__segment_path(segments, segment), NULL);
}

int hf__segment_make(hf__segments *segments, hf__segment *segment, uint64_t least, uint64_t after)
{
    int error = make_folder(segments);
    if (error == 0 && segment->made && (error = lose_name(segments, segment)) != 0 && segment->made)
        return error; /* it keeps its name and what is in it */
    if (error == 0)
        error = open_new(segments, segment);
    if (error == 0)
        error = reserve(segments, segment, least);
    if (error == 0)
        error = write_head(segments, segment, after);
    if (error == 0)
        error = give_name(segments, segment);
    if (error != 0)
        abandon(segments, segment);
    return error;
}
