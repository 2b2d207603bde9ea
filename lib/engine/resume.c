/*
 * resume.c - the search for records that an older version of the library has set aside.
 *
 * The search begins at open and after a commit that failed. It never goes back; run/aside.c takes
 * up what it finds.
 */
#include "base/version.h"
#include "domain/upkeep/aside.h"
#include "engine/state.h"
#include "model/column.h"

int hf__resume_next(hf__engine *engine, const hf__set_aside **found)
{
    const hf__set_aside own = {.library = HF__VERSION_NUMBER};
    const hf_scan scan = {
        .table = HF__SET_ASIDES,
        .index = HF__SET_ASIDES_LIBRARY,
        .low = &engine->resume.last,
        .high = &own,
        .low_columns = engine->resume.last.kind == HF_SUBJECT_NONE ? 0 : 3,
        .high_columns = 1,
        .low_exclusive = 1,
        .high_exclusive = 1,
    };
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    int error = hf__cache_scan(&engine->cache, &scan, 1, &rows, &count, &more);
    *found = error == 0 && count == 1 ? rows[0] : NULL;
    return error;
}

void hf__resume_search(hf__engine *engine)
{
    engine->resume.going = true;
    engine->resume.last = (hf__set_aside){.kind = HF_SUBJECT_NONE};
}

int hf__resume_find(hf__engine *engine)
{
    const hf__set_aside *found;
    int error = hf__resume_next(engine, &found);
    if (found == NULL)
        return error;
    hf__resume_search(engine);
    hf__due_soon(engine);
    return 0;
}

void hf__resume_took(hf__engine *engine, const hf__set_aside *found)
{
    engine->resume.going = found != NULL;
    if (found != NULL)
        engine->resume.last = *found;
}
