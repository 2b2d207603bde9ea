/*
 * fail.c - a text that is too long is cut.
 */
#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>

int hf__store_fail(hf_store_error *error, int code, int native, const char *format, ...)
{
    if (error == NULL)
        return code;
    error->code = code;
    error->native = native;
    va_list values;
    va_start(values, format);
    (void)vsnprintf(error->text, sizeof error->text, format, values);
    va_end(values);
    return code;
}
