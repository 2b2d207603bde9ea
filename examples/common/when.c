/*
 * when.c - times as people write them.
 *
 * Happy path: the text is compared with a pattern, its numbers are read, and the parts that are
 * missing at the end are 0. Failure modes: another length, another character, a number out of its
 * range.
 */
#include "when.h"

#include <ctype.h>
#include <string.h>

/* Source: H. Hinnant, days_from_civil. */
int64_t when_days(int year, int month, int day)
{
    year -= month <= 2;
    int era = year / 400;
    int of_era = year - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return days;
}

/* Whether a text of `length` has a digit where the pattern has 0, else the same character. */
static bool fits(const char *text, size_t length)
{
    static const char pattern[] = "0000-00-00T00:00:00.000";
    bool whole = length == 10 || length == 16 || length == 19 || length == sizeof(pattern) - 1;
    for (size_t i = 0; whole && i < length; i++)
        whole = pattern[i] == '0' ? isdigit((unsigned char)text[i]) != 0 : text[i] == pattern[i];
    return whole;
}

/* The number of `digits` digits at `at`; 0 where the text of `length` has ended before. */
static int number(const char *text, size_t length, size_t at, size_t digits)
{
    int value = 0;
    for (size_t i = at; i < at + digits && at < length; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool when_read(const char *text, int64_t *out)
{
    size_t length = strlen(text);
    length -= length > 0 && text[length - 1] == 'Z';
    if (!fits(text, length))
        return false;
    const int year = number(text, length, 0, 4);
    const int month = number(text, length, 5, 2);
    const int day = number(text, length, 8, 2);
    const int hour = number(text, length, 11, 2);
    const int minute = number(text, length, 14, 2);
    const int second = number(text, length, 17, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    *out = ((when_days(year, month, day) * 24 + hour) * 60 + minute) * 60000 +
           (int64_t)second * 1000 + number(text, length, 20, 3);
    return true;
}
