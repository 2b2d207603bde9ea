/*
 * refusal.c - answers why a service has refused an order.
 *
 * Failure mode: a text that names no move, or a move that the order has not, is answered as it is.
 */
#include "refusal.h"
#include "problem.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 200 };

/* ---- Reading --------------------------------------------------------------------------------- */

/* The branch that was refused; NULL: the transaction was cancelled for another reason. */
static const hf_branch *refused(const hf_txn_view *view)
{
    for (uint32_t i = 0; i < view->branch_count; i++)
        if (view->branches[i]->state == HF_BRANCH_REFUSED)
            return view->branches[i];
    return NULL;
}

static uint32_t service_of(const exchange *x, const char *name)
{
    for (uint32_t i = 0; i < SERVICES; i++)
        if (strcmp(name, x->server->coordinator->services[i].name) == 0)
            return i;
    return SERVICES;
}

void refusal_read(const exchange *x, const hf_txn_view *view, refusal *out)
{
    const hf_branch *branch = refused(view);
    if (branch == NULL) {
        *out = (refusal){.service = SERVICES, .text = view->txn->reason.text};
        return;
    }
    const char *text = branch->detail.text;
    *out = (refusal){.service = service_of(x, branch->participant.text),
                     .error = problem_find(text),
                     .text = text};
    if (out->error == 0)
        return;
    out->text += strlen(problem_code(out->error));
    out->text += out->text[0] == ' ' ? 1 : 0;
}

bool refusal_is_short(const refusal *r)
{
    return r->error == HF_E_STOCK_SHORT || r->error == HF_E_FUNDS_SHORT;
}

/* Each instance has accounts of its own, and declares the units of its own. */
bool refusal_lacks(const refusal *r)
{
    return r->service != SERVICES &&
           (refusal_is_short(r) || r->error == HF_E_NOT_FOUND || r->error == HF_E_UNIT_UNKNOWN);
}

void refusal_asked(uint32_t service_no, uint32_t asked, uint32_t count, char out[ASKED_TEXT])
{
    static const char *const things[] = {
        [SERVICE_INVENTORY] = "stock", [SERVICE_PAYMENT] = "money"};
    (void)snprintf(out, ASKED_TEXT, "no instance has the %s, %u of %u were asked",
                   things[service_no], asked, count);
}

/* ---- Answering ------------------------------------------------------------------------------- */

/* The number of the line or payment that a move is of; 0: the order has no such move. */
static uint32_t number_of(const draft *order, uint32_t of, unsigned long move)
{
    if (of == SERVICE_INVENTORY)
        return move <= order->tracked_count ? order->tracked[move - 1] : 0;
    return move <= order->payment_count ? (uint32_t)move : 0;
}

/* Writes the text with the line or payment of the order in place of the move. */
static void name_part(const draft *order, const refusal *r, char out[TEXT_BYTES])
{
    static const char *const words[] = {
        [SERVICE_INVENTORY] = "line", [SERVICE_PAYMENT] = "payment"};
    static const char move[] = "move ";
    char *rest = NULL;
    uint32_t number = 0;
    if (r->service != SERVICES && strncmp(r->text, move, sizeof(move) - 1) == 0) {
        const unsigned long at = strtoul(r->text + sizeof(move) - 1, &rest, 10);
        number = at == 0 ? 0 : number_of(order, r->service, at);
    }
    if (number == 0)
        (void)snprintf(out, TEXT_BYTES, "%s", r->text);
    else
        (void)snprintf(out, TEXT_BYTES, "%s %u%s", words[r->service], number, rest);
}

/* Answers that every instance of the service has refused. */
static void answer_lacking(exchange *x, const refusal *r, const asking *by, const char *text)
{
    char detail[TEXT_BYTES + ASKED_TEXT], asked[ASKED_TEXT];
    int culprit = 0;
    for (const char *next = strstr(text, ": "); next != NULL; next = strstr(next + 2, ": "))
        culprit = (int)(next - text) + 2;
    refusal_asked(r->service, by->asked, by->count, asked);
    (void)snprintf(detail, sizeof(detail), "%.*s%s", culprit, text, asked);
    problem_error(x, by->shortest != 0 ? by->shortest : r->error, detail);
}

void refusal_answer(exchange *x, const draft *order, const refusal *r, const asking *by)
{
    char text[TEXT_BYTES];
    name_part(order, r, text);
    if (r->error == 0)
        problem_error(x, HF_E_TXN_ABORTED, text);
    else if (r->error == HF_E_ID_REUSED)
        problem_error(x, r->error, "Idempotency-Key: another order instance has a request with it");
    else if (refusal_lacks(r) && by->count > 1)
        answer_lacking(x, r, by, text);
    else
        problem_error(x, r->error, text);
}
