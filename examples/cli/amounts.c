/*
 * amounts.c - the units of a store and their scales.
 *
 * Happy path: the list of units is read page by page when a listing begins; it is in the order of
 * the codes, so a unit is found by bisection. Failure modes: a list that cannot be read is
 * reported.
 */
#include "amounts.h"
#include "common/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS_PAGE = 256 };

struct amounts {
    hf_unit *units; /* by code */
    size_t count, capacity;
    hf_id order; /* whose currency is remembered */
    hf_name currency;
};

static void add_page(amounts *all, const hf_unit_page *page)
{
    all->units = grow_memory(all->units, &all->capacity, all->count + page->count, sizeof(hf_unit));
    for (uint32_t i = 0; i < page->count; i++)
        all->units[all->count++] = *page->rows[i];
}

int amounts_read(session *s, const options *opt, amounts **out)
{
    hf_unit_list_args args;
    hf_completion done;
    *out = NULL;
    if (opt->json)
        return EXIT_DONE;
    amounts *all = *out = take_memory(1, sizeof(*all));
    hf_unit_list_init(&args);
    args.limit = UNITS_PAGE;
    uint32_t got = UNITS_PAGE;
    while (got == UNITS_PAGE) {
        session_call(s, HF_OP_UNIT_LIST, &args, &done);
        if (done.status != 0)
            return fail_with("units", done.status, done.detail);
        const hf_unit_page *page = done.result;
        got = page->count;
        add_page(all, page);
        args.after = all->count == 0 ? NULL : all->units[all->count - 1].code.text;
    }
    return EXIT_DONE;
}

void amounts_free(amounts *all)
{
    if (all != NULL)
        free(all->units);
    free(all);
}

static int by_code(const void *code, const void *unit)
{
    return strcmp(code, ((const hf_unit *)unit)->code.text);
}

const char *amount_text(const amounts *all, int64_t value, const char *unit, bool limit,
                        char text[AMOUNT_BYTES])
{
    char number[HF_AMOUNT_TEXT];
    const hf_unit *found = NULL;
    if (all != NULL && limit && (value == INT64_MAX || value == INT64_MIN))
        return "no limit";
    if (all != NULL && all->count > 0 && unit != NULL)
        found = bsearch(unit, all->units, all->count, sizeof(hf_unit), by_code);
    if (found == NULL)
        (void)snprintf(text, AMOUNT_BYTES, "%" PRId64, value);
    else
        (void)snprintf(text, AMOUNT_BYTES, "%s %s", hf_amount_format(value, found->scale, number),
                       unit);
    return text;
}

const char *amounts_currency(amounts *all, session *s, const hf_id *order)
{
    hf_order_get_args args;
    hf_completion done;
    if (memcmp(&all->order, order, sizeof(*order)) == 0)
        return all->currency.text;
    hf_order_get_init(&args, order);
    session_call(s, HF_OP_ORDER_GET, &args, &done);
    if (done.status != 0)
        return "";
    all->order = *order;
    all->currency = ((const hf_order_view *)done.result)->order->currency;
    return all->currency.text;
}
