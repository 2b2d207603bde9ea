/*
 * load.c - the rows of one order side by side, in order of their numbers.
 *
 * Why: every order operation needs lines, legs, adjustments and payments together, edits few of
 * them and answers with all. So they are read once, in one wave (further legs in a second, since
 * only lines show whether there are any), and copied row by row when something changes.
 *
 * Happy path: load, check, edit, finish. The counts in the order's row say how many rows there
 * must be; a range that gives fewer is damage.
 *
 * Failure modes: a row is missing (view.h), HF_E_NOMEM (the arena is full), HF_E_NOT_FOUND,
 * HF_E_CORRUPT.
 */
#include "domain/order/load.h"
#include "base/id.h"
#include "base/invariant.h"
#include "domain/core/body.h"

#include <string.h>

#define FEW_LINES 8u /* are got by their keys, which costs less than a range of changed rows */

static int allocate(hf__draft *draft, hf__order *order, const hf__order_added *counts)
{
    order->lines = hf__draft_alloc(draft, counts->lines * sizeof *order->lines);
    order->adjustments = hf__draft_alloc(draft, counts->adjustments * sizeof(void *));
    order->payments = hf__draft_alloc(draft, counts->payments * sizeof *order->payments);
    bool full = order->lines == NULL || order->adjustments == NULL || order->payments == NULL;
    return full ? HF_E_NOMEM : 0;
}

static int allocate_legs(hf__draft *draft, hf__order *order, uint32_t count)
{
    order->legs = hf__draft_alloc(draft, count * sizeof *order->legs);
    return order->legs == NULL ? HF_E_NOMEM : 0;
}

_Static_assert(offsetof(hf_order, id) == 0 && offsetof(hf_payment, id) == 0,
               "orders and payments are looked up by their ids alone");

int hf__order_new(hf__draft *draft, const hf_id *id, const hf__order_added *added, hf__order **out)
{
    hf__order *order = hf__draft_alloc(draft, sizeof *order);
    if (order == NULL)
        return HF_E_NOMEM;
    int error = allocate(draft, order, added);
    if (error == 0)
        error = allocate_legs(draft, order, added->legs);
    if (error != 0)
        return error;
    void *row = NULL;
    error = hf__draft_add(draft, HF__ORDERS, id, &row);
    if (error != 0)
        return error;
    order->edit = row;
    order->row = row;
    order->edit->version = 1;
    *out = order;
    return 0;
}

/* A range of rows that all begin with the same key columns. */
typedef struct range {
    uint32_t table;
    uint32_t index;
    const void *prefix;
    uint32_t columns;  /* of a whole key */
    uint32_t expected; /* rows */
    const char *what;
} range;

/* Reads the range into `rows`, page by page, until all that are expected are there. */
static int read_range(hf__draft *draft, const range *whole, const void **rows)
{
    hf_scan scan = {
        .table = whole->table,
        .index = whole->index,
        .low = whole->prefix,
        .high = whole->prefix,
        .low_columns = 1,
        .high_columns = 1,
    };
    uint32_t count = 0;
    while (count < whole->expected) {
        hf__rows page;
        int error = hf__draft_scan(draft, &scan, whole->expected - count, &page);
        if (error != 0)
            return error;
        if (page.count == 0)
            return hf__refuse(draft->detail, HF_E_CORRUPT, "%u of %u %s of an order are missing",
                              whole->expected - count, whole->expected, whole->what);
        memcpy(&rows[count], page.rows, page.count * sizeof *rows);
        count += page.count;
        scan.low = rows[count - 1];
        scan.low_columns = whole->columns;
        scan.low_exclusive = 1;
    }
    return 0;
}

/* Lines are numbered without a gap. */
static int name_lines(hf__draft *draft, hf__order *order)
{
    hf_order_line key = {.order = order->row->id};
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        key.no = i + 1;
        const uint32_t at = hf__draft_load(draft, HF__ORDER_LINES, &key);
        if (at == 0)
            continue;
        order->lines[i].row = hf__loaded(draft, at);
        if (order->lines[i].row == NULL)
            return hf__refuse(draft->detail, HF_E_CORRUPT, "line %u of %u of an order is missing",
                              key.no, order->row->line_count);
    }
    return 0;
}

static int load_lines(hf__draft *draft, hf__order *order)
{
    if (order->row->line_count <= FEW_LINES)
        return name_lines(draft, order);
    const hf_order_line key = {.order = order->row->id};
    const range whole = {HF__ORDER_LINES, HF__PRIMARY, &key, 2, order->row->line_count, "lines"};
    const void **rows = hf__draft_alloc(draft, whole.expected * sizeof *rows);
    if (rows == NULL)
        return HF_E_NOMEM;
    int error = read_range(draft, &whole, rows);
    for (uint32_t i = 0; error == 0 && i < whole.expected; i++)
        order->lines[i].row = rows[i];
    return error;
}

static int load_adjustments(hf__draft *draft, hf__order *order)
{
    const hf_adjustment key = {.order = order->row->id};
    const range whole = {HF__ADJUSTMENTS, HF__PRIMARY, &key, 2, order->row->adjustment_count,
                         "adjustments"};
    return read_range(draft, &whole, (const void **)order->adjustments);
}

static int load_payments(hf__draft *draft, hf__order *order)
{
    const hf_payment key = {.order = order->row->id};
    const range whole = {HF__PAYMENTS, HF__PAYMENTS_ORDER, &key, 2, order->row->payment_count,
                         "payments"};
    const void *rows[HF_PAYMENTS_MAX] = {NULL};
    if (whole.expected > HF_PAYMENTS_MAX)
        return hf__refuse(draft->detail, HF_E_CORRUPT, "an order with %u payments", whole.expected);
    int error = read_range(draft, &whole, rows);
    for (uint32_t i = 0; error == 0 && i < whole.expected; i++)
        order->payments[i].row = rows[i];
    return error;
}

static int load_legs(hf__draft *draft, hf__order *order, uint32_t added)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        uint32_t legs = order->lines[i].row->leg_count;
        order->lines[i].first = count;
        count += legs > 1 ? legs - 1 : 0;
    }
    int error = allocate_legs(draft, order, count + added);
    if (error != 0 || count == 0)
        return error;
    const hf_order_leg key = {.order = order->row->id};
    const range whole = {HF__ORDER_LEGS, HF__PRIMARY, &key, 3, count, "legs"};
    const void **rows = hf__draft_alloc(draft, count * sizeof *rows);
    if (rows == NULL)
        return HF_E_NOMEM;
    error = read_range(draft, &whole, rows);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        order->legs[i].row = rows[i];
    order->leg_count = count;
    return error;
}

static int load_parts(hf__draft *draft, hf__order *order, const hf__order_added *added)
{
    const hf__order_added counts = {
        .lines = order->row->line_count + added->lines,
        .adjustments = order->row->adjustment_count + added->adjustments,
        .payments = order->row->payment_count + added->payments,
    };
    int error = allocate(draft, order, &counts);
    if (error != 0)
        return error;
    int (*const loads[])(hf__draft *, hf__order *) = {load_lines, load_adjustments, load_payments};
    const uint32_t missing_before = draft->missing;
    for (uint32_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        error = loads[i](draft, order);
        if (error < 0)
            return error;
    }
    if (draft->missing != missing_before || draft->load_error != 0)
        return hf__draft_missing(draft);
    return load_legs(draft, order, added->legs);
}

int hf__order_load(hf__draft *draft, const hf_id *id, const hf__order_added *added, hf__order **out)
{
    static const hf__order_added nothing;
    const void *row = NULL;
    int error = hf__draft_get(draft, HF__ORDERS, id, &row);
    if (error != 0)
        return error;
    if (row == NULL) {
        char text[37];
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "order %s", hf_id_format(id, text));
    }
    hf__order *order = hf__draft_alloc(draft, sizeof *order);
    if (order == NULL)
        return HF_E_NOMEM;
    order->row = row;
    order->state_before = order->row->state;
    *out = order;
    return load_parts(draft, order, added != NULL ? added : &nothing);
}

int hf__order_in_time(const hf__draft *draft, const hf_order *order)
{
    if (order->state == HF_ORDER_EXPIRED)
        return hf__refuse(draft->detail, HF_E_EXPIRED, "the order expired %lld ms ago",
                          (long long)(draft->now_ms - order->closed_at_ms));
    if (order->deadline_ms == 0 || draft->now_ms < order->deadline_ms)
        return 0;
    return hf__refuse(draft->detail, HF_E_EXPIRED, "the order's deadline was %lld ms ago",
                      (long long)(draft->now_ms - order->deadline_ms));
}

int hf__order_edit(hf__draft *draft, hf__order *order)
{
    if (order->edit != NULL)
        return 0;
    void *row = NULL;
    int error = hf__draft_edit_known(draft, HF__ORDERS, order->row, &row);
    if (error != 0)
        return error;
    order->edit = row;
    order->row = row;
    order->edit->version++;
    return 0;
}

int hf__order_line_edit(hf__draft *draft, hf__order *order, uint32_t line, hf_order_line **out)
{
    hf__line *part = &order->lines[line];
    if (part->edit == NULL) {
        void *row = NULL;
        int error = hf__draft_edit_known(draft, HF__ORDER_LINES, part->row, &row);
        if (error != 0)
            return error;
        part->edit = row;
        part->row = row;
    }
    *out = part->edit;
    return 0;
}

int hf__order_leg_edit(hf__draft *draft, hf__order *order, uint32_t line, uint32_t leg,
                       hf_leg **out)
{
    if (leg == 0) {
        hf_order_line *row;
        int error = hf__order_line_edit(draft, order, line, &row);
        if (error == 0)
            *out = &row->leg;
        return error;
    }
    hf__leg *part = &order->legs[order->lines[line].first + leg - 1];
    if (part->edit == NULL) {
        void *row = NULL;
        int error = hf__draft_edit_known(draft, HF__ORDER_LEGS, part->row, &row);
        if (error != 0)
            return error;
        part->edit = row;
        part->row = row;
    }
    *out = &part->edit->leg;
    return 0;
}

int hf__order_payment_edit(hf__draft *draft, hf__order *order, uint32_t payment, hf_payment **out)
{
    hf__payment *part = &order->payments[payment];
    if (part->edit == NULL) {
        void *row = NULL;
        int error = hf__draft_edit_known(draft, HF__PAYMENTS, part->row, &row);
        if (error != 0)
            return error;
        part->edit = row;
        part->row = row;
        part->edit->version++;
        part->edit->updated_at_ms = draft->now_ms;
    }
    *out = part->edit;
    return 0;
}

int hf__order_line_add(hf__draft *draft, hf__order *order, hf_order_line **out)
{
    hf__line *part = &order->lines[order->row->line_count];
    const hf_order_line key = {.order = order->row->id, .no = order->row->line_count + 1};
    void *row = NULL;
    int error = hf__draft_add(draft, HF__ORDER_LINES, &key, &row);
    if (error != 0)
        return error;
    order->edit->line_count++;
    part->edit = row;
    part->row = row;
    *out = row;
    return 0;
}

int hf__order_leg_add(hf__draft *draft, hf__order *order, uint32_t line, hf_leg **out)
{
    hf_order_line *row = order->lines[line].edit;
    if (row->leg_count++ == 0) {
        order->lines[line].first = order->leg_count;
        *out = &row->leg;
        return 0;
    }
    hf__leg *part = &order->legs[order->leg_count++];
    const hf_order_leg key = {.order = row->order, .line_no = row->no, .no = row->leg_count - 1};
    void *added = NULL;
    int error = hf__draft_add(draft, HF__ORDER_LEGS, &key, &added);
    if (error != 0)
        return error;
    part->edit = added;
    part->row = added;
    *out = &part->edit->leg;
    return 0;
}

int hf__order_adjustment_add(hf__draft *draft, hf__order *order, const hf_adjustment_args *args)
{
    const hf_adjustment key = {.order = order->row->id, .no = order->row->adjustment_count + 1};
    void *row = NULL;
    int error = hf__draft_add(draft, HF__ADJUSTMENTS, &key, &row);
    if (error != 0)
        return error;
    hf_adjustment *adjustment = row;
    adjustment->line = args->line;
    adjustment->kind = args->kind;
    adjustment->amount = args->amount;
    order->adjustments[order->edit->adjustment_count++] = adjustment;
    return 0;
}

int hf__order_payment_add(hf__draft *draft, hf__order *order, const hf_id *id, hf_payment **out)
{
    void *row = NULL;
    int error = hf__draft_add(draft, HF__PAYMENTS, id, &row);
    if (error != 0)
        return error;
    hf__payment *part = &order->payments[order->edit->payment_count++];
    part->edit = row;
    part->row = row;
    part->edit->order = order->row->id;
    part->edit->no = order->row->payment_count;
    part->edit->version = 1;
    part->edit->created_at_ms = draft->now_ms;
    part->edit->updated_at_ms = draft->now_ms;
    *out = part->edit;
    return 0;
}

const hf_leg *hf__order_leg(const hf__order *order, uint32_t line, uint32_t leg)
{
    const hf__line *part = &order->lines[line];
    return leg == 0 ? &part->row->leg : &order->legs[part->first + leg - 1].row->leg;
}

int hf__line_changed(hf__draft *draft, const hf_order_line *line, int64_t fulfilled,
                     int64_t cancelled, int64_t returned)
{
    const hf__change change = {
        .type = HF_CHANGE_LINE,
        .id = &line->order,
        .no = line->no,
        .a = fulfilled,
        .b = cancelled,
        .c = returned,
    };
    return hf__body_add(draft, &change);
}

int hf__line_quantity_changed(hf__draft *draft, const hf_order_line *line, int64_t by)
{
    const hf__change change = {
        .type = HF_CHANGE_QUANTITY, .id = &line->order, .no = line->no, .a = by};
    return hf__body_add(draft, &change);
}
