/*
 * routes.c - the table of resources.
 *
 * Every write is a POST with an Idempotency-Key, which is the id of the operation, and of the
 * record that it makes. A write of an order names its version with If-Match. A webhook needs no
 * key, because its fact has one; a backup is not written over; a verify changes nothing.
 */
#include "auth.h"
#include "care.h"
#include "console.h"
#include "events.h"
#include "health.h"
#include "key.h"
#include "metrics.h"
#include "openapi.h"
#include "operation.h"
#include "problem.h"
#include "route.h"
#include "webhook.h"

/* clang-format off */
#define SHOP      (ROLE_SHOP | ROLE_OPERATOR)
#define WAREHOUSE (ROLE_WAREHOUSE | ROLE_OPERATOR)
#define BOTH      (ROLE_SHOP | ROLE_WAREHOUSE | ROLE_OPERATOR)
#define OPERATOR  ROLE_OPERATOR

/* ---- Queries and pages ----------------------------------------------------------------------- */

#define PAGE_NAMES { "limit", "limit", NULL, NULL }

static const query_name order_query[] = {
    { "customer", "text", "by", "CUSTOMER" }, { "ref", "text", "by", "REF" }, { "state", "state", "by", "STATE" },
    { "from_ms", "from_ms", NULL, NULL }, { "until_ms", "until_ms", NULL, NULL }, { "newest_first", "newest_first", NULL, NULL },
    PAGE_NAMES, { NULL, NULL, NULL, NULL },
};
static const query_name payment_query[] = {
    { "provider", "provider", "by", "PROVIDER" }, { "state", "state", NULL, NULL }, { "newest_first", "newest_first", NULL, NULL },
    PAGE_NAMES, { NULL, NULL, NULL, NULL },
};
static const query_name account_query[] = {
    { "kind", "kind", NULL, NULL }, PAGE_NAMES, { NULL, NULL, NULL, NULL },
};
static const query_name txn_query[] = {
    { "which", "which", NULL, NULL }, { "state", "state", NULL, NULL }, { "participant", "participant", NULL, NULL },
    { "created_to_ms", "created_to_ms", NULL, NULL }, PAGE_NAMES, { NULL, NULL, NULL, NULL },
};
static const query_name event_query[] = {
    { "after", "after_seq", NULL, NULL }, { "subject", "subject", NULL, NULL }, PAGE_NAMES, { NULL, NULL, NULL, NULL },
};
static const query_name stream_query[] = {
    { "after", "after_seq", NULL, NULL }, { "subject", "subject", NULL, NULL }, { NULL, NULL, NULL, NULL },
};
static const query_name page_query[] = { PAGE_NAMES, { NULL, NULL, NULL, NULL } };
static const query_name key_query[] = {
    { "place", "key.place", NULL, NULL }, { "unit", "key.unit", NULL, NULL }, { NULL, NULL, NULL, NULL },
};
static const query_name attention_query[] = { { "subject", "subject", NULL, NULL }, PAGE_NAMES, { NULL, NULL, NULL, NULL } };

static const page_key id_key[] = { { "id", "after" }, { NULL, NULL } };
static const page_key account_key[] = {
    { "kind", "after.kind" }, { "name", "after.name" }, { "place", "after.place" }, { "unit", "after.unit" }, { NULL, NULL },
};
static const page_key code_key[] = { { "code", "after" }, { NULL, NULL } };
static const page_key due_key[] = { { "id", "after" }, { "due", "after_ms" }, { NULL, NULL } };

static const paging orders_page = { "orders", id_key };
static const paging payments_page = { "payments", id_key };
static const paging accounts_page = { "accounts", account_key };
static const paging units_page = { "units", code_key };
static const paging txns_page = { "txns", due_key };

/* ---- Resources ------------------------------------------------------------------------------- */

#define OP(name) operation_begin, HF_OP_##name

static const route table[] = {
    { "POST", "/v1/orders", OP(ORDER_PLACE), SHOP, 201, ROUTE_KEY, "/v1/orders/", NULL, NULL, NULL, "Place an order" },
    { "GET", "/v1/orders", OP(ORDER_LIST), BOTH, 200, 0, NULL, NULL, order_query, &orders_page, "List orders" },
    { "GET", "/v1/orders/{order}", OP(ORDER_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read an order with its lines and payments" },
    { "POST", "/v1/orders/{order}/amend", OP(ORDER_AMEND), SHOP, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Change lines, prices, payments or the deadline of an order" },
    { "POST", "/v1/orders/{order}/exchange", OP(ORDER_AMEND), BOTH, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Take units back and add lines in one step" },
    { "POST", "/v1/orders/{order}/cancel", OP(ORDER_CANCEL), SHOP, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Cancel unfulfilled units, or the order" },
    { "POST", "/v1/orders/{order}/fulfil", OP(ORDER_FULFIL), WAREHOUSE, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Fulfil units" },
    { "POST", "/v1/orders/{order}/return", OP(ORDER_RETURN), BOTH, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Take fulfilled units back" },
    { "POST", "/v1/orders/{order}/payments", OP(PAYMENT_ADD), SHOP, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Add a payment to an order" },
    { "GET", "/v1/orders/{order}/payments", OP(PAYMENT_LIST), BOTH, 200, 0, NULL, "{\"by\":\"ORDER\"}", NULL, NULL, "List the payments of an order" },
    { "GET", "/v1/operations/{key}", key_lookup, HF_OP_NONE, BOTH, 200, 0, NULL, NULL, NULL, NULL, "What became of the request with this idempotency key" },
    { "GET", "/openapi.json", openapi_answer, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "This description" },
    { "GET", "/console", console_answer, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "A page for people" },
    { "GET", "/v1/problems", problem_list, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "All problems that an answer may name" },
    { "GET", "/livez", health_live, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "Whether the process runs" },
    { "GET", "/readyz", health_ready, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "Whether the server takes work" },
    { "GET", "/metrics", metrics_answer, HF_OP_NONE, OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Figures as Prometheus text" },

    { "GET", "/v1/payments", OP(PAYMENT_LIST), BOTH, 200, 0, NULL, NULL, payment_query, &payments_page, "List payments" },
    { "GET", "/v1/payments/{payment}", OP(PAYMENT_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a payment" },
    { "GET", "/v1/providers/{provider}/payments/{provider_ref}", OP(PAYMENT_FIND), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Find a payment by the provider's reference" },
    { "POST", "/v1/payments/{payment}/capture", OP(PAYMENT_CAPTURE), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Capture authorized money" },
    { "POST", "/v1/payments/{payment}/void", OP(PAYMENT_VOID), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Release authorized money" },
    { "POST", "/v1/payments/{payment}/refund", OP(PAYMENT_REFUND), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Refund captured money" },
    { "POST", "/v1/facts", OP(PAYMENT_REPORT), OPERATOR, 201, ROUTE_KEY, NULL, NULL, NULL, NULL, "Report what a payment provider says happened" },

    { "POST", "/webhooks/{provider}", webhook_take, HF_OP_PAYMENT_REPORT, ROLES_SIGNED, 200, 0, NULL, NULL, NULL, NULL, "A signed message of a payment provider" },

    { "POST", "/v1/items", OP(ITEM_PUT), WAREHOUSE, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Open an item or change its limits" },
    { "GET", "/v1/items", OP(ITEM_LIST), BOTH, 200, 0, NULL, NULL, page_query, &accounts_page, "List items" },
    { "GET", "/v1/items/{key.name}", OP(ITEM_GET), BOTH, 200, 0, NULL, NULL, key_query, NULL, "Read an item" },
    { "POST", "/v1/items/{to.name}/receive", OP(ITEM_RECEIVE), WAREHOUSE, 200, ROUTE_KEY, NULL, "{\"to\":{\"kind\":\"ITEM\"}}", NULL, NULL, "Take goods in" },
    { "POST", "/v1/items/{key.name}/adjust", OP(ITEM_ADJUST), WAREHOUSE, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Record a stock-take" },

    { "POST", "/v1/units", OP(UNIT_PUT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Declare a unit" },
    { "GET", "/v1/units", OP(UNIT_LIST), BOTH, 200, 0, NULL, NULL, page_query, &units_page, "List units" },
    { "GET", "/v1/units/{code}", OP(UNIT_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a unit" },

    { "POST", "/v1/accounts", OP(ACCOUNT_PUT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Open an account or change its limits" },
    { "GET", "/v1/accounts", OP(ACCOUNT_LIST), BOTH, 200, 0, NULL, NULL, account_query, &accounts_page, "List accounts" },
    { "GET", "/v1/accounts/{key.kind}/{key.unit}/{key.name}", OP(ACCOUNT_GET), BOTH, 200, 0, NULL, NULL, key_query, NULL, "Read an account" },
    { "POST", "/v1/deposits", OP(ACCOUNT_DEPOSIT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move an amount from the world into an account" },
    { "POST", "/v1/withdrawals", OP(ACCOUNT_WITHDRAW), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move an amount from an account to the world" },
    { "POST", "/v1/transfers", OP(ACCOUNT_TRANSFER), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move an amount between two accounts" },
    { "POST", "/v1/adjustments", OP(ACCOUNT_ADJUST), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Set what an account has to what was counted" },

    { "POST", "/v1/holds", OP(HOLD_PLACE), SHOP, 201, ROUTE_KEY, "/v1/holds/", NULL, NULL, NULL, "Hold an amount" },
    { "GET", "/v1/holds/{hold}", OP(HOLD_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a hold" },
    { "POST", "/v1/holds/{hold}/post", OP(HOLD_POST), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Post a held amount" },
    { "POST", "/v1/holds/{hold}/release", OP(HOLD_RELEASE), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Release a held amount" },
    { "POST", "/v1/holds/{hold}/adjust", OP(HOLD_ADJUST), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Make a hold larger or change its deadline" },
    { "POST", "/v1/holds/{hold}/reverse", OP(HOLD_REVERSE), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move what a hold posted back" },

    { "POST", "/v1/transactions", OP(TXN_SUBMIT), SHOP, 201, ROUTE_KEY, "/v1/transactions/", NULL, NULL, NULL, "Submit a transaction" },
    { "GET", "/v1/transactions", OP(TXN_LIST), OPERATOR, 200, 0, NULL, NULL, txn_query, &txns_page, "List transactions" },
    { "GET", "/v1/transactions/{txn}", OP(TXN_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a transaction with its branches" },
    { "GET", "/v1/transactions/{txn}/history", OP(TXN_HISTORY), OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Attempts and acts of a transaction" },
    { "POST", "/v1/transactions/{txn}/retry", OP(TXN_RETRY_NOW), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Call now what is due later" },
    { "POST", "/v1/transactions/{txn}/park", OP(TXN_PARK), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Set a transaction aside for a person" },
    { "POST", "/v1/transactions/{txn}/unpark", OP(TXN_UNPARK), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Let a parked transaction go on" },
    { "POST", "/v1/transactions/{txn}/abort", OP(TXN_ABORT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Cancel a transaction that is not decided" },
    { "POST", "/v1/transactions/{txn}/resolve", OP(TXN_RESOLVE_BRANCH), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Say how a branch ended at its participant" },

    { "GET", "/v1/events", events_page, HF_OP_EVENTS_READ, BOTH, 200, 0, NULL, NULL, event_query, NULL, "List events, oldest first, as CloudEvents" },
    { "GET", "/v1/events/stream", events_stream, HF_OP_EVENTS_READ, BOTH, 200, 0, NULL, NULL, stream_query, NULL, "Follow events as server-sent events, behind Last-Event-ID" },
    { "GET", "/v1/cursors", OP(CURSOR_LIST), OPERATOR, 200, 0, NULL, NULL, page_query, NULL, "List how far consumers of events have come" },
    { "POST", "/v1/cursors/{consumer}", OP(CURSOR_PUT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Store how far a consumer has come" },
    { "GET", "/v1/cursors/{consumer}", OP(CURSOR_GET), OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Read how far a consumer has come" },
    { "POST", "/v1/cursors/{consumer}/reset", OP(CURSOR_RESET), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move a cursor to another event" },
    { "POST", "/v1/cursors/{consumer}/remove", OP(CURSOR_REMOVE), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Remove the cursor of a consumer that is gone" },

    { "GET", "/v1/attention", OP(ATTENTION_LIST), OPERATOR, 200, 0, NULL, NULL, attention_query, NULL, "List records that a person should look at" },
    { "POST", "/v1/attention/clear", OP(ATTENTION_CLEAR), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Clear attention with a reason" },
    { "GET", "/v1/nodes", OP(NODES_LIST), OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "List the engines of the store" },
    { "POST", "/v1/verify", care_verify, HF_OP_NONE, OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Check the books of the whole store" },
    { "POST", "/v1/backups", care_backup, HF_OP_NONE, OPERATOR, 201, 0, NULL, NULL, NULL, NULL, "Write a copy of the store into the folder of backups" },
    { "POST", "/v1/erasures", OP(ERASE), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Erase what is said about a person" },
};
/* clang-format on */

const route *route_at(size_t index)
{
    return index < sizeof(table) / sizeof(table[0]) ? &table[index] : NULL;
}
