/*
 * names.c - the names of segments, and the errors that name one.
 */
#include "journal/segments/segments.h"

#include <holdfast/error.h>
#include <stdio.h>

#define NEW_SUFFIX ".new"

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

const char *hf__segment_text(hf__segments *segments, const hf__segment *segment)
{
    return hf__path_end(hf__segment_name(segments, segment));
}

const char *hf__segment_path(hf__segments *segments, const hf__segment *segment)
{
    return segment_in(segments, segments->at, segments->path, segment);
}

const char *hf__segment_new_path(hf__segments *segments, const hf__segment *segment)
{
    (void)snprintf(segments->making, segments->path_bytes, "%s%s",
                   hf__segment_path(segments, segment), NEW_SUFFIX);
    return segments->making;
}

int hf__segment_failed(hf__segments *segments, const hf__segment *segment, const char *doing,
                       int code, int native)
{
    return hf__store_fail(segments->error, code, native, "%s: %s: %s",
                          hf__segment_text(segments, segment), doing, hf__os_text(native, code));
}

int hf__segment_open(hf__segments *segments, hf__segment *segment)
{
    if (segment->fd >= 0)
        return 0;
    int native = 0;
    int error = segments->env->files->open(hf__segment_path(segments, segment),
                                           segments->read_only ? HF__OPEN_READ : HF__OPEN_WRITE,
                                           &segment->fd, &native);
    return error == 0 ? 0 : hf__segment_failed(segments, segment, "opening it", error, native);
}
