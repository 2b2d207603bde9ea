/*
 * columns.c - what the columns of stored records mean as text: times, attention, tables by name.
 */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_SECONDS = 86400, ERA_DAYS = 146097 };

const hf_table *record_table_of(const char *name)
{
    const hf_schema *schema = hf_store_schema();
    for (uint32_t i = 0; i < schema->table_count; i++)
        if (strcmp(schema->tables[i]->name, name) == 0)
            return schema->tables[i];
    abort(); /* callers name tables that are promised to be there */
}

/* Writes `digits` decimal digits of `value` at `at`. */
static char *put_digits(char *at, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + digits;
}

/*
 * The date of a day since 1970, from year 1 to 9999. Source: Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms", civil_from_days; years begin in March there.
 */
static char *put_date(char *at, int64_t days)
{
    const int64_t z = days + 719468;
    const int64_t era = z / ERA_DAYS, of_era = z % ERA_DAYS;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * of_year + 2) / 153;
    const int64_t real_month = month < 10 ? month + 3 : month - 9;
    at = put_digits(at, year + era * 400 + (real_month <= 2), 4);
    *at++ = '-';
    at = put_digits(at, real_month, 2);
    *at++ = '-';
    return put_digits(at, of_year - (153 * month + 2) / 5 + 1, 2);
}

const char *time_text(int64_t ms, char text[TIME_TEXT])
{
    if (ms == 0 || ms < TIME_TEXT_MIN_MS || ms > TIME_TEXT_MAX_MS)
        return NULL;
    const int64_t within = ms % 1000 < 0 ? ms % 1000 + 1000 : ms % 1000;
    const int64_t seconds = (ms - within) / 1000;
    const int64_t of_day =
        seconds % DAY_SECONDS < 0 ? seconds % DAY_SECONDS + DAY_SECONDS : seconds % DAY_SECONDS;
    char *at = put_date(text, (seconds - of_day) / DAY_SECONDS);
    *at++ = 'T';
    at = put_digits(at, of_day / 3600, 2);
    *at++ = ':';
    at = put_digits(at, of_day / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, of_day % 60, 2);
    *at++ = '.';
    at = put_digits(at, within, 3);
    *at++ = 'Z';
    *at = '\0';
    return text;
}

void attention_text(uint32_t bits, char *text, size_t bytes)
{
    const hf_shape *clear = hf_op_shape(HF_OP_ATTENTION_CLEAR);
    const char *const *names = NULL;
    for (uint32_t i = 0; i < clear->field_count; i++)
        if (strcmp(clear->fields[i].name, "bits") == 0)
            names = clear->fields[i].names;
    text[0] = '\0';
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        size_t used = strlen(text);
        if ((bits >> i & 1) != 0)
            (void)snprintf(text + used, bytes - used, "%s%s", used == 0 ? "" : ",", names[i]);
    }
}
