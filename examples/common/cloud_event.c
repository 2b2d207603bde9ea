/*
 * cloud_event.c - CloudEvents out of events, led by a table of what each change has.
 */
#include "cloud_event.h"

#include "columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What a change has besides its numbers. */
enum { FROM = 1, TO = 2, SUBJECT = 4, NO = 8, STATE = 16, TEXT = 32, AMOUNT = 64 };

enum { NUMBERS = 4 };

/* clang-format off */
static const struct {
    const char *name;
    uint32_t parts;
    const char *numbers[NUMBERS]; /* hf_change.a to d; NULL: not used */
} forms[] = {
    [HF_CHANGE_MOVE] = {"MOVE", FROM | TO | AMOUNT, {NULL}},
    [HF_CHANGE_HOLD] = {"HOLD", FROM | TO | AMOUNT, {NULL}},
    [HF_CHANGE_STATE] = {"STATE", SUBJECT | NO | STATE, {NULL}},
    [HF_CHANGE_LINE] = {"LINE", SUBJECT | NO, {"fulfilled", "cancelled", "returned"}},
    [HF_CHANGE_PAYMENT] = {"PAYMENT", SUBJECT, {"authorized", "captured", "voided", "refunded"}},
    [HF_CHANGE_POSTED] = {"POSTED", SUBJECT, {"posted", "released", "reversed", "amount"}},
    [HF_CHANGE_LIMITS] = {"LIMITS", FROM, {"min_balance", "min_available", "max_balance"}},
    [HF_CHANGE_NOTE] = {"NOTE", FROM | SUBJECT | TEXT | AMOUNT, {NULL}},
    [HF_CHANGE_QUANTITY] = {"QUANTITY", SUBJECT | NO, {"quantity"}},
    [HF_CHANGE_UNIT] = {"UNIT", TEXT, {"scale"}},
    [HF_CHANGE_ERASED] = {"ERASED", FROM | SUBJECT, {NULL}},
    [HF_CHANGE_ORDER] = {"ORDER", SUBJECT, {"kept", "given_away"}},
    [HF_CHANGE_CLOCK] = {"CLOCK", 0, {"was_ms", "is_ms"}},
};

static const char *const subjects[] = {
    [HF_SUBJECT_ACCOUNT] = "ACCOUNT", [HF_SUBJECT_ORDER] = "ORDER", [HF_SUBJECT_PAYMENT] = "PAYMENT",
    [HF_SUBJECT_HOLD] = "HOLD", [HF_SUBJECT_FACT] = "FACT", [HF_SUBJECT_CURSOR] = "CURSOR",
    [HF_SUBJECT_TXN] = "TXN", [HF_SUBJECT_BRANCH] = "BRANCH", [HF_SUBJECT_UNIT] = "UNIT",
};

static const char *(*const states[])(uint32_t state) = {
    [HF_SUBJECT_ORDER] = hf_order_state_name, [HF_SUBJECT_PAYMENT] = hf_payment_state_name,
    [HF_SUBJECT_HOLD] = hf_hold_state_name, [HF_SUBJECT_TXN] = hf_txn_state_name,
    [HF_SUBJECT_BRANCH] = hf_branch_state_name,
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *cloud_event_subject(uint32_t kind)
{
    return kind < COUNT(subjects) ? subjects[kind] : NULL;
}

static bool id_is_set(const hf_id *id)
{
    static const hf_id none;
    return memcmp(id, &none, sizeof(none)) != 0;
}

static void put_text(json_text *out, const char *name, const hf_name *text)
{
    if (text->text[0] != '\0')
        json_text_member(out, name, text->text);
}

static void put_id(json_text *out, const char *name, const hf_id *id)
{
    char text[37];
    if (id_is_set(id))
        json_text_member(out, name, hf_id_format(id, text));
}

static void put_account(json_text *out, const char *name, const hf_account_ref *account)
{
    if (account->name.text[0] == '\0')
        return;
    json_text_name(out, name);
    json_text_open(out, '{');
    json_text_member(out, "kind", hf_kind_name(account->kind));
    json_text_member(out, "name", account->name.text);
    put_text(out, "place", &account->place);
    json_text_member(out, "unit", account->unit.text);
    json_text_close(out, '}');
}

static void put_subject(json_text *out, const hf_change *change)
{
    if (cloud_event_subject(change->subject_kind) != NULL)
        json_text_member(out, "subject_kind", cloud_event_subject(change->subject_kind));
    put_id(out, "id", &change->id);
}

static void put_state(json_text *out, const hf_change *change)
{
    const uint32_t kind = change->subject_kind;
    if (kind < COUNT(states) && states[kind] != NULL)
        json_text_member(out, "state", states[kind](change->state));
    else
        json_text_number(out, "state", change->state);
}

static void put_change(json_text *out, const hf_change *change)
{
    const uint32_t type = change->type < COUNT(forms) ? change->type : HF_CHANGE_END;
    const uint32_t parts = forms[type].parts;
    const int64_t numbers[NUMBERS] = {change->a, change->b, change->c, change->d};
    if (forms[type].name == NULL)
        return; /* of a newer version */
    json_text_open(out, '{');
    json_text_member(out, "change", forms[type].name);
    if ((parts & SUBJECT) != 0)
        put_subject(out, change);
    if ((parts & NO) != 0 && change->no != 0)
        json_text_number(out, "no", change->no);
    if ((parts & STATE) != 0)
        put_state(out, change);
    if ((parts & FROM) != 0)
        put_account(out, (parts & TO) != 0 ? "from" : "account", &change->from);
    if ((parts & TO) != 0)
        put_account(out, "to", &change->to);
    if ((parts & AMOUNT) != 0)
        json_text_number(out, "amount", change->amount);
    if ((parts & TEXT) != 0)
        put_text(out, "text", &change->text);
    for (uint32_t i = 0; i < NUMBERS && forms[type].numbers[i] != NULL; i++)
        json_text_number(out, forms[type].numbers[i], numbers[i]);
    json_text_close(out, '}');
}

static bool put_changes(json_text *out, const hf_event *event)
{
    uint64_t position = 0;
    hf_change change;
    int more;
    json_text_name(out, "changes");
    json_text_open(out, '[');
    while ((more = hf_event_next(event, &position, &change)) == 1)
        put_change(out, &change);
    json_text_close(out, ']');
    return more == 0;
}

static bool put_data(json_text *out, const hf_event *event)
{
    json_text_name(out, "data");
    json_text_open(out, '{');
    if (cloud_event_subject(event->subject_kind) != NULL)
        json_text_member(out, "subject_kind", cloud_event_subject(event->subject_kind));
    if (event->subject_version != 0)
        json_text_number(out, "subject_version", (int64_t)event->subject_version);
    put_id(out, "op", &event->op);
    put_text(out, "actor", &event->actor);
    bool whole = put_changes(out, event);
    json_text_close(out, '}');
    return whole;
}

bool cloud_event_write(json_text *out, const cloud_source *from, const hf_event *event)
{
    const size_t used = out->used;
    char text[64];
    char id[37];
    json_text_open(out, '{');
    json_text_member(out, "specversion", "1.0");
    (void)snprintf(text, sizeof(text), "%" PRIu64 "-%" PRIu64, from->incarnation, event->seq);
    json_text_member(out, "id", text);
    (void)snprintf(text, sizeof(text), "urn:uuid:%s", hf_id_format(&from->store, id));
    json_text_member(out, "source", text);
    (void)snprintf(text, sizeof(text), "holdfast.%s", hf_event_type_name(event->type));
    json_text_member(out, "type", text);
    put_id(out, "subject", &event->subject);
    if (time_text(event->at_ms, text) != NULL)
        json_text_member(out, "time", text);
    (void)snprintf(text, sizeof(text), "%020" PRIu64, event->seq);
    json_text_member(out, "sequence", text);
    json_text_member(out, "datacontenttype", "application/json");
    bool whole = put_data(out, event);
    json_text_close(out, '}');
    if (!whole)
        out->used = used;
    return whole;
}
