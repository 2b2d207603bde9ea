/*
 * walk.c - state and functions of walk.h, one of each test program.
 */
#include "support/walk.h"

rows whole;
rows wanted;
const char *walked;

void walk_by(const list *of, list_args args, uint32_t limit)
{
    static rows found;
    uint32_t pages = 0;
    found.count = 0;
    set_limit(of, &args, limit);
    for (bool at_end = false; !at_end;) {
        const void *result;
        page got = read_page(of, &args, &result);
        ck_assert_msg(pages++ <= ROWS_MAX, "%s: pages by %u do not end", walked, limit);
        uint32_t left = wanted.count - found.count;
        uint32_t most = left < limit ? left : limit;
        ck_assert_msg(of->looks ? got.count <= most : got.count == most,
                      "%s: %u rows by %u, %u left", walked, got.count, limit, left);
        add_rows(of->table, got.rows, got.count, &found);
        at_end = of->says_end ? got.at_end != 0 : got.count < limit;
        if (!at_end)
            of->advance(&args, found.count == 0 ? NULL : &found.at[found.count - 1], result);
    }
    ck_assert_msg(found.count == wanted.count, "%s: %u rows of %u by %u", walked, found.count,
                  wanted.count, limit);
    for (uint32_t i = 0; i < found.count; i++)
        ck_assert_msg(
            memcmp((const uint8_t *)&found.at[i], (const uint8_t *)&wanted.at[i], sizeof(row)) == 0,
            "%s: row %u by %u", walked, i, limit);
}
