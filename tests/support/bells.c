/*
 * bells.c - state and functions of bells.h, one of each test program.
 */
#include "support/bells.h"

char bells_meta[4096];
uint32_t bells_meta_bytes;
hf_options bells;

const char *url(int scheme, const char *path)
{
    static char text[64];
    (void)snprintf(text, sizeof text, "%s:%s", schemes[scheme], path);
    return text;
}
