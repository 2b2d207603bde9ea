/*
 * decide.c - one table of operations, and what all of them have in common around their handlers.
 *
 *     repeat?  --yes-->  the first answer, as the record is now; no event
 *        | no
 *     id too old?  --yes-->  HF_E_ID_TOO_OLD
 *        | no
 *     expected version?  --moved-->  HF_E_VERSION_MOVED
 *        | fits
 *     handler  --refused-->  out
 *        | done
 *     operation key, event
 *
 * The rows are named and there before all of this, and so are those that answer a repeat. Before
 * the handler, HF__SWEEP says what the engine has to do first (shortage.h).
 *
 * Why ids here: that a key acts once is the one promise a caller builds on after a timeout, so no
 * handler may forget it. An operation that makes a record is recognised by that record, which keeps
 * the fingerprint of the request; the others leave an operation key, and so does one whose record
 * has another id. An id belongs to one of them, whatever it was used for (ids.h). A refusal leaves
 * nothing, and neither does an operation that changed nothing: both may be tried again.
 *
 * Failure modes: the ones drawn above, HF_E_ID_REUSED, HF_E_UNSUPPORTED for what is no write.
 */
#include "domain/decide.h"

#include "base/id.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/ids.h"
#include "domain/core/load.h"
#include "domain/core/target.h"
#include "domain/lifecycle/expire.h"
#include "domain/lifecycle/load.h"
#include "domain/order/view.h"
#include "domain/txn/node.h"
#include "domain/txn/work.h"
#include "domain/upkeep/aside.h"
#include "domain/upkeep/clock.h"
#include "domain/upkeep/purge.h"

#include <holdfast.h>
#include <string.h>

/* What a repeated operation answers. */
typedef enum answer {
    NO_ANSWER = 0, /* no result struct */
    ROW_ANSWER,    /* the record it names */
    ORDER_ANSWER,  /* the order it names, with all that belongs to it */
    TXN_ANSWER,    /* the transaction it names, with its branches */
    ERASE_ANSWER,  /* what is left to erase */
} answer;

/* How an operation is treated. */
typedef struct rule {
    int (*handler)(const hf__operation *op, hf__draft *draft);
    /* names the rows that the handler reads, which then are there; NULL: it reads none */
    hf__load_fn load;
    hf__target_by by;    /* the record whose version is checked */
    uint32_t at;         /* offset of its key in the arguments */
    hf__target_by makes; /* the record that has the operation's id; BY_NOTHING: none */
    answer answer;       /* to a repeat */
    bool keyed;          /* leaves an operation key when its id was given */
} rule;

/* clang-format off */
#define HF__WRITE(NAME, name, args, last, result, handler, load, by, member, makes, answer, keyed) \
    [HF_OP_##NAME] = { hf__decide_##handler, load, HF__BY_##by, offsetof(args, member), HF__BY_##makes, answer, keyed },

static const rule rules[] = {
#include "model/operations.def"
};

/* What the engine does by itself, numbered from HF_EVENT_EXPIRE. */
static const rule own_rules[] = {
    [HF_EVENT_EXPIRE - HF_EVENT_EXPIRE] = { .handler = hf__decide_expire, .load = hf__load_expire },
    [HF_EVENT_PROMOTE - HF_EVENT_EXPIRE] = { .handler = hf__decide_promote, .load = hf__load_promote },
    [HF_EVENT_DRIVE - HF_EVENT_EXPIRE] = { .handler = hf__decide_txn_drive, .load = hf__load_txn_drive },
    [HF_EVENT_LEASE - HF_EVENT_EXPIRE] = { .handler = hf__decide_lease, .load = hf__load_leases },
    [HF_EVENT_SET_ASIDE - HF_EVENT_EXPIRE] = { .handler = hf__decide_set_aside, .load = hf__load_set_aside },
    [HF_EVENT_RESUME - HF_EVENT_EXPIRE] = { .handler = hf__decide_resume, .load = hf__load_resume },
    [HF_EVENT_CLOCK - HF_EVENT_EXPIRE] = { .handler = hf__decide_clock },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* NULL for what is no write. */
static const rule *find_rule(uint32_t type)
{
    const rule *found = NULL;
    if (type < COUNT(rules))
        found = &rules[type];
    else if (type >= HF_EVENT_EXPIRE && type - HF_EVENT_EXPIRE < COUNT(own_rules))
        found = &own_rules[type - HF_EVENT_EXPIRE];
    if (found != NULL && found->handler != NULL)
        return found;
    return NULL;
}

/* The id of the record that an operation makes. A payment may have one of its own. */
static const hf_id *made_id(const hf__operation *op)
{
    if (op->type == HF_OP_PAYMENT_ADD) {
        const hf_payment_add_args *args = HF__ARGS(op, hf_payment_add_args);
        if (!hf__id_zero(&args->payment.id))
            return &args->payment.id;
    }
    return &op->id;
}

/* What was found under the ids of an operation. */
typedef struct first_time {
    bool found;
    uint64_t seq;
} first_time;

/* True when the operation is remembered by a key: it makes no record, or one with another id. */
static bool leaves_key(const rule *r, const hf__operation *op)
{
    if (!op->id_given || r->makes == HF__BY_NOTHING)
        return op->id_given && r->keyed;
    return !hf__id_equal(made_id(op), &op->id);
}

/* Where what an operation makes is stored. */
static const uint32_t made_tables[] = {
    [HF__BY_HOLD] = HF__HOLDS,
    [HF__BY_ORDER] = HF__ORDERS,
    [HF__BY_PAYMENT] = HF__PAYMENTS,
    [HF__BY_TXN] = HF__TXNS,
};

/* Looks for what has an id. Anything but the first run of this operation is a refusal. */
static int look(const hf__operation *op, hf__draft *draft, uint32_t table, const hf_id *id,
                first_time *first)
{
    hf__id_user user;
    int error = hf__id_find(draft, table, id, &user);
    if (error != 0 || user.row == NULL)
        return error;
    if (user.table != table)
        return hf__id_refuse_used(draft, "id", id, &user);
    bool same = memcmp(user.fingerprint, op->fingerprint, sizeof op->fingerprint) == 0;
    if (table == HF__OP_KEYS) {
        same = same && ((const hf__op_key *)user.row)->type == op->type;
        first->seq = ((const hf__op_key *)user.row)->event_seq;
    } else if (table == HF__ORDERS) {
        first->seq = ((const hf_order *)user.row)->placed_seq;
    }
    first->found = true;
    return same ? 0
                : hf__refuse_id(draft, HF_E_ID_REUSED, "id", id, "used before with other content");
}

/* Looks for the record that the operation makes and for the key that it leaves. */
static int find_first(const rule *r, const hf__operation *op, hf__draft *draft, first_time *first)
{
    *first = (first_time){.found = false};
    int made = 0;
    if (r->makes != HF__BY_NOTHING)
        made = look(op, draft, made_tables[r->makes], made_id(op), first);
    if (made < 0 || !leaves_key(r, op))
        return made;
    int key = look(op, draft, HF__OP_KEYS, &op->id, first);
    return key != 0 ? key : made;
}

/* ---- The first answer again, as the record is now -------------------------------------------- */

#define ANSWERED 0u /* in hf__draft.loaded */

/* The record that the operation names, or has made. */
static void set_answered(const rule *r, const hf__operation *op, hf__target *target)
{
    if (r->by != HF__BY_NOTHING) {
        hf__target_set(target, op, r->by, r->at);
        return;
    }
    hf__target_set(target, op, HF__BY_NOTHING, 0);
    target->table = made_tables[r->makes];
    target->key.id = op->id;
}

static void load_txn(hf__draft *draft, const hf_id *id)
{
    hf__txn_work *work;
    int error = hf__txn_read(draft, id, &work);
    if (error < 0)
        draft->load_error = error;
}

/* Names what the answer reads. */
static void load_answer(const rule *r, const hf__operation *op, hf__draft *draft)
{
    hf__target target;
    set_answered(r, op, &target);
    if (r->answer == ERASE_ANSWER)
        hf__load_erase_again(op, draft);
    else if (r->answer == TXN_ANSWER)
        load_txn(draft, &target.key.id);
    else if (r->answer == ORDER_ANSWER)
        (void)hf__load_parts(draft, &target.key.id, NULL);
    else if (r->answer == ROW_ANSWER)
        draft->loaded[ANSWERED] = hf__draft_load(draft, target.table, &target.key);
}

static int answer_order(hf__draft *draft)
{
    hf__order *order;
    const hf_order_view *view;
    int error = hf__order_loaded(draft, &order);
    if (error == 0)
        error = hf__order_view(draft, order, &view);
    if (error == 0)
        draft->result = view;
    return error;
}

static int answer_row(hf__draft *draft, const hf__target *target)
{
    const void *row = hf__loaded(draft, draft->loaded[ANSWERED]);
    if (row == NULL)
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "%s %s: removed since", target->what,
                          target->text);
    /* A row of the working set changes with the next batch, the answer must not. */
    draft->result = hf__arena_copy(draft->arena, row, hf__schema.tables[target->table]->row_bytes);
    return draft->result == NULL ? HF_E_NOMEM : 0;
}

static int answer_again(const rule *r, const hf__operation *op, hf__draft *draft)
{
    hf__target target;
    set_answered(r, op, &target);
    draft->quiet = 1;
    if (r->answer == NO_ANSWER)
        return 0;
    if (r->answer == ERASE_ANSWER)
        return hf__decide_erase(op, draft);
    if (r->answer == TXN_ANSWER)
        return hf__txn_answer_again(draft, &target.key.id);
    if (r->answer == ORDER_ANSWER)
        return answer_order(draft);
    return answer_row(draft, &target);
}

/* ---- Checks ---------------------------------------------------------------------------------- */

/* The engine removes ended transactions by itself, but none that is younger. */
static bool is_old_txn(const hf__operation *op, const hf__draft *draft)
{
    return hf_id_time(&op->id) <= draft->now_ms - HF_TXN_KEEP_MIN_MS;
}

static int check_txn_age(const hf__operation *op, hf__draft *draft)
{
    if (!is_old_txn(op, draft))
        return 0;
    const hf__purge key = hf__purge_txns_key();
    const void *row;
    int error = hf__draft_get(draft, HF__PURGES, &key, &row);
    if (error != 0 || row == NULL || hf_id_time(&op->id) >= ((const hf__purge *)row)->until_ms)
        return error;
    return hf__refuse_id(draft, HF_E_ID_TOO_OLD, "id", &op->id, "older than what is kept");
}

/* Refuses ids that retention may have removed; one that was made here is of now. */
static int check_age(const rule *r, const hf__operation *op, hf__draft *draft)
{
    int error = 0;
    bool made = r->makes != HF__BY_NOTHING && (op->id_given || made_id(op) != &op->id);
    if (made)
        error = hf__id_check_age(draft, "id", made_id(op));
    if (error == 0 && made && r->makes == HF__BY_TXN)
        error = check_txn_age(op, draft);
    if (error == 0 && leaves_key(r, op))
        error = hf__id_check_age(draft, "id", &op->id);
    return error;
}

/* *again: this operation was done before and has been answered. */
static int check_id(const rule *r, const hf__operation *op, hf__draft *draft,
                    const first_time *first, bool *again)
{
    *again = first->found;
    if (!first->found)
        return check_age(r, op, draft);
    draft->answered_seq = first->seq;
    return answer_again(r, op, draft);
}

static int check_version(const rule *r, const hf__operation *op, hf__draft *draft)
{
    uint64_t expected = op->args->expected_version;
    if (expected == 0 || r->by == HF__BY_NOTHING)
        return 0;
    hf__target target;
    hf__target_set(&target, op, r->by, r->at);
    if (!target.given || target.table == HF__FACTS)
        return 0;
    const void *row;
    int error = hf__draft_get(draft, target.table, &target.key, &row);
    if (error != 0)
        return error;
    if (row == NULL)
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "%s %s: no such record", target.what,
                          target.text);
    uint64_t version = hf__target_version(&target, row);
    if (version == expected)
        return 0;
    return hf__refuse(draft->detail, HF_E_VERSION_MOVED, "%s %s: version %llu expected, is %llu",
                      target.what, target.text, (unsigned long long)expected,
                      (unsigned long long)version);
}

static int write_key(const hf__operation *op, hf__draft *draft)
{
    void *row;
    int error = hf__draft_add(draft, HF__OP_KEYS, &(hf__op_key){.id = op->id}, &row);
    if (error != 0)
        return error;
    hf__op_key *key = row;
    memcpy(key->fingerprint, op->fingerprint, sizeof key->fingerprint);
    key->event_seq = draft->event_seq;
    key->type = op->type;
    return 0;
}

static int write_event(const hf__operation *op, hf__draft *draft)
{
    void *row;
    int error = hf__draft_add(draft, HF__EVENTS, &(hf_event){.seq = draft->event_seq}, &row);
    if (error != 0)
        return error;
    hf_event *event = row;
    event->at_ms = draft->now_ms;
    event->type = op->type;
    event->op = op->id;
    event->actor = *op->actor;
    event->subject_kind = draft->subject_kind;
    event->subject = draft->subject;
    event->subject_version = draft->subject_version;
    return hf__body_keep(draft, &event->body, &event->body_bytes);
}

/* Runs the handler, then writes what every operation leaves that is done. */
static int act(const rule *r, const hf__operation *op, hf__draft *draft)
{
    int error = r->handler(op, draft);
    if (error != 0 || draft->quiet)
        return error;
    if (leaves_key(r, op))
        error = write_key(op, draft);
    return error != 0 ? error : write_event(op, draft);
}

/* Names what check_age reads. */
static void load_age(const rule *r, const hf__operation *op, hf__draft *draft)
{
    const hf__purge key = hf__purge_txns_key();
    if (r->makes == HF__BY_TXN && is_old_txn(op, draft))
        (void)hf__draft_load(draft, HF__PURGES, &key);
}

/* Names every row, also where others are missing. HF__MISSING until all are there, HF_E_NOMEM. */
static int load(const rule *r, const hf__operation *op, hf__draft *draft, first_time *first)
{
    int error = find_first(r, op, draft, first);
    if (error < 0)
        return error;
    load_age(r, op, draft);
    if (first->found)
        load_answer(r, op, draft);
    else if (r->load != NULL)
        r->load(op, draft);
    if (draft->load_error != 0)
        return draft->load_error;
    return draft->missing != 0 ? HF__MISSING : 0;
}

static int decide(const rule *r, const hf__operation *op, hf__draft *draft, const first_time *first)
{
    bool again;
    int error = check_id(r, op, draft, first, &again);
    if (error != 0 || again)
        return error;
    error = check_version(r, op, draft);
    if (error != 0)
        return error;
    return draft->sweep_type != 0 ? HF__SWEEP : act(r, op, draft);
}

int hf__decide(const hf__operation *op, hf__draft *draft)
{
    const rule *r = find_rule(op->type);
    if (r == NULL)
        return hf__refuse(draft->detail, HF_E_UNSUPPORTED, "operation %u is no write", op->type);
    first_time first;
    int error = load(r, op, draft, &first);
    if (error != 0)
        return error;
    draft->deciding = 1;
    return decide(r, op, draft, &first);
}

int hf__name_rows(const hf__operation *op, hf__draft *draft)
{
    const rule *r = find_rule(op->type);
    first_time first;
    return r == NULL ? 0 : load(r, op, draft, &first);
}
