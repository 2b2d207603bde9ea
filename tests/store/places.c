/*
 * places.c - state and functions of places.h, one of each test program.
 */
#include "places.h"

hf_test_subject subjects[2 + HF_TEST_JOURNALS];
int store_count;
int subject_count;

const char *beside(const hf_test_store *store, const char *name)
{
    static char paths[4][400];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%.*s/%s", (int)(strrchr(store->path, '/') - store->path),
                   store->path, name);
    return path;
}
