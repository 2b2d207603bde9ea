/*
 * quantity.c - units that a request fulfils, cancels or returns, line by line.
 *
 * Why one file: the requests that name units (fulfil, cancel, return, an exchange) differ only in
 * the counters that move and in the name of the refusal. A table holds what differs.
 *
 * Happy path, which is also the order of the checks: the line exists, it has the place that is
 * named, enough units are left there, then the accounts of its legs.
 *
 * Failure modes: those of the header. The draft is discarded then.
 */
#include "domain/order/quantity.h"

/* How a way of moving units is refused. */
typedef struct refusal {
    int over;         /* more than is left */
    const char *left; /* what is left */
} refusal;

static const refusal refusals[] = {
    [HF__LINE_FULFIL] = {HF_E_OVER_FULFIL, "open"},
    [HF__LINE_CANCEL] = {HF_E_OVER_CANCEL, "unfulfilled"},
    [HF__LINE_RETURN] = {HF_E_OVER_RETURN, "fulfilled and not returned"},
};

/* One quantity of the request, checked against what is left at its place. */
static int move_one(hf__draft *draft, hf__order *order, hf__line_way way,
                    const hf_line_quantity *named)
{
    if (named->line == 0 || named->line > order->row->line_count)
        return hf__refuse(draft->detail, HF_E_LINE_UNKNOWN, "line %u of %u", named->line,
                          order->row->line_count);
    uint32_t line = named->line - 1;
    int error = hf__line_check_place(draft, order, line, named);
    if (error != 0)
        return error;
    int64_t possible = hf__line_possible(order, line, way, named);
    hf_line_quantity units = *named;
    if (named->quantity == HF_ALL)
        units.quantity = possible > 0 ? possible : 1; /* all of nothing is refused as one unit */
    char text[112];
    if (units.quantity > possible)
        return hf__refuse(draft->detail, refusals[way].over, "%s: %lld wanted, %lld %s",
                          hf__line_place_text(named, line, text), (long long)units.quantity,
                          (long long)possible, refusals[way].left);
    return hf__line_move(draft, order, line, way, &units);
}

/* No quantity named: everything that is possible, at least one unit. */
static int move_all(hf__draft *draft, hf__order *order, hf__line_way way)
{
    bool some = false;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        const hf_line_quantity all = {.line = i + 1, .quantity = HF_ALL};
        if (hf__line_possible(order, i, way, &all) == 0)
            continue;
        some = true;
        int error = move_one(draft, order, way, &all);
        if (error != 0)
            return error;
    }
    if (!some)
        return hf__refuse(draft->detail, refusals[way].over, "no unit of the order is %s",
                          refusals[way].left);
    return 0;
}

int hf__order_move_units(hf__draft *draft, hf__order *order, hf__line_way way,
                         const hf__quantities *lines)
{
    if (lines->count == 0)
        return move_all(draft, order, way);
    for (uint32_t i = 0; i < lines->count; i++) {
        const hf_line_quantity *one = hf__element(lines->first, lines->bytes, i);
        int error = move_one(draft, order, way, one);
        if (error != 0)
            return error;
    }
    return 0;
}
