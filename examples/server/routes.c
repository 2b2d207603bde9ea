/*
 * routes.c - the table of resources.
 *
 * Every write is a POST with an Idempotency-Key, which is the id of the operation, and of the
 * record that it makes. A write of an order names its version with If-Match. A webhook needs no
 * key, because its fact has one; a backup is not written over; a verify changes nothing; a call of
 * a branch acts once for each transaction, branch and phase; a dead letter is named by its event,
 * so what is done to it twice is done once.
 */
#include "auth.h"
#include "console.h"
#include "events.h"
#include "health.h"
#include "key.h"
#include "maintenance.h"
#include "metrics.h"
#include "openapi.h"
#include "operation.h"
#include "problem.h"
#include "relay_routes.h"
#include "route.h"
#include "services/branch.h"
#include "services/calls.h"
#include "services/checkout.h"
#include "webhook.h"

/* clang-format off */
#define SHOP      (ROLE_SHOP | ROLE_OPERATOR)
#define WAREHOUSE (ROLE_WAREHOUSE | ROLE_OPERATOR)
#define BOTH      (ROLE_SHOP | ROLE_WAREHOUSE | ROLE_OPERATOR)
#define OPERATOR  ROLE_OPERATOR
#define SERVICE   ROLE_SERVICE

/* Which roles of the server have a resource. */
#define EVERY    (IN_ALL | IN_PAYMENT | IN_INVENTORY | IN_ORDER)
#define ORDERS   (IN_ALL | IN_ORDER)
#define MONEY    (IN_ALL | IN_PAYMENT)
#define STOCK    (IN_ALL | IN_INVENTORY)
#define HOLDS    (IN_ALL | IN_PAYMENT | IN_INVENTORY)
#define BRANCHES (IN_PAYMENT | IN_INVENTORY)

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
static const page_key consumer_key[] = { { "consumer", "after" }, { NULL, NULL } };
static const page_key due_key[] = { { "id", "after" }, { "due", "after_ms" }, { NULL, NULL } };

static const paging orders_page = { "orders", id_key };
static const paging payments_page = { "payments", id_key };
static const paging accounts_page = { "accounts", account_key };
static const paging units_page = { "units", code_key };
static const paging letters_page = { "cursors", consumer_key };
static const paging txns_page = { "txns", due_key };

/* ---- Resources ------------------------------------------------------------------------------- */

#define OP(name) operation_begin, HF_OP_##name

static const route table[] = {
    { "POST", "/v1/orders", IN_ALL, OP(ORDER_PLACE), SHOP, 201, ROUTE_KEY, "/v1/orders/", NULL, NULL, NULL, "Place an order" },
    { "POST", "/v1/orders", IN_ORDER, checkout_begin, HF_OP_ORDER_PLACE, SHOP, 201, ROUTE_KEY, "/v1/orders/", NULL, NULL, NULL, "Place an order whose stock and money other services have" },
    { "GET", "/v1/orders", ORDERS, OP(ORDER_LIST), BOTH, 200, 0, NULL, NULL, order_query, &orders_page, "List orders" },
    { "GET", "/v1/orders/{order}", ORDERS, OP(ORDER_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read an order with its lines and payments" },
    { "POST", "/v1/orders/{order}/amend", IN_ALL, OP(ORDER_AMEND), SHOP, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Change lines, prices, payments or the deadline of an order" },
    { "POST", "/v1/orders/{order}/exchange", IN_ALL, OP(ORDER_AMEND), BOTH, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Take units back and add lines in one step" },
    { "POST", "/v1/orders/{order}/cancel", IN_ALL, OP(ORDER_CANCEL), SHOP, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Cancel unfulfilled units, or the order" },
    { "POST", "/v1/orders/{order}/fulfil", ORDERS, OP(ORDER_FULFIL), WAREHOUSE, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Fulfil units" },
    { "POST", "/v1/orders/{order}/return", IN_ALL, OP(ORDER_RETURN), BOTH, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Take fulfilled units back" },
    { "POST", "/v1/orders/{order}/payments", IN_ALL, OP(PAYMENT_ADD), SHOP, 200, ROUTE_KEY | ROUTE_MATCH, NULL, NULL, NULL, NULL, "Add a payment to an order" },
    { "GET", "/v1/orders/{order}/payments", ORDERS, OP(PAYMENT_LIST), BOTH, 200, 0, NULL, "{\"by\":\"ORDER\"}", NULL, NULL, "List the payments of an order" },
    { "GET", "/v1/operations/{key}", EVERY, key_lookup, HF_OP_NONE, BOTH, 200, 0, NULL, NULL, NULL, NULL, "What became of the request with this idempotency key" },
    { "GET", "/openapi.json", EVERY, openapi_answer, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "This description" },
    { "GET", "/console", EVERY, console_answer, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "A page for people" },
    { "GET", "/v1/problems", EVERY, problem_list, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "All problems that an answer may name" },
    { "GET", "/livez", EVERY, health_live, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "Whether the process runs" },
    { "GET", "/readyz", EVERY, health_ready, HF_OP_NONE, ROLES_ANYONE, 200, 0, NULL, NULL, NULL, NULL, "Whether the server takes work" },
    { "GET", "/metrics", EVERY, metrics_answer, HF_OP_NONE, OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Figures as Prometheus text" },

    { "GET", "/v1/payments", ORDERS, OP(PAYMENT_LIST), BOTH, 200, 0, NULL, NULL, payment_query, &payments_page, "List payments" },
    { "GET", "/v1/payments/{payment}", ORDERS, OP(PAYMENT_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a payment" },
    { "GET", "/v1/providers/{provider}/payments/{provider_ref}", ORDERS, OP(PAYMENT_FIND), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Find a payment by the provider's reference" },
    { "POST", "/v1/payments/{payment}/capture", IN_ALL, OP(PAYMENT_CAPTURE), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Capture authorized money" },
    { "POST", "/v1/payments/{payment}/void", IN_ALL, OP(PAYMENT_VOID), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Release authorized money" },
    { "POST", "/v1/payments/{payment}/refund", IN_ALL, OP(PAYMENT_REFUND), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Refund captured money" },
    { "POST", "/v1/facts", IN_ALL, OP(PAYMENT_REPORT), OPERATOR, 201, ROUTE_KEY, NULL, NULL, NULL, NULL, "Report what a payment provider says happened" },

    { "POST", "/webhooks/{provider}", IN_ALL, webhook_take, HF_OP_PAYMENT_REPORT, ROLES_SIGNED, 200, 0, NULL, NULL, NULL, NULL, "A signed message of a payment provider" },

    { "POST", "/v1/items", STOCK, OP(ITEM_PUT), WAREHOUSE, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Open an item or change its limits" },
    { "GET", "/v1/items", STOCK, OP(ITEM_LIST), BOTH, 200, 0, NULL, NULL, page_query, &accounts_page, "List items" },
    { "GET", "/v1/items/{key.name}", STOCK, OP(ITEM_GET), BOTH, 200, 0, NULL, NULL, key_query, NULL, "Read an item" },
    { "POST", "/v1/items/{to.name}/receive", STOCK, OP(ITEM_RECEIVE), WAREHOUSE, 200, ROUTE_KEY, NULL, "{\"to\":{\"kind\":\"ITEM\"}}", NULL, NULL, "Take goods in" },
    { "POST", "/v1/items/{key.name}/adjust", STOCK, OP(ITEM_ADJUST), WAREHOUSE, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Record a stock-take" },

    { "POST", "/v1/units", EVERY, OP(UNIT_PUT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Declare a unit" },
    { "GET", "/v1/units", EVERY, OP(UNIT_LIST), BOTH, 200, 0, NULL, NULL, page_query, &units_page, "List units" },
    { "GET", "/v1/units/{code}", EVERY, OP(UNIT_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a unit" },

    { "POST", "/v1/accounts", MONEY, OP(ACCOUNT_PUT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Open an account or change its limits" },
    { "GET", "/v1/accounts", MONEY, OP(ACCOUNT_LIST), BOTH, 200, 0, NULL, NULL, account_query, &accounts_page, "List accounts" },
    { "GET", "/v1/accounts/{key.kind}/{key.unit}/{key.name}", MONEY, OP(ACCOUNT_GET), BOTH, 200, 0, NULL, NULL, key_query, NULL, "Read an account" },
    { "POST", "/v1/deposits", MONEY, OP(ACCOUNT_DEPOSIT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move an amount from the world into an account" },
    { "POST", "/v1/withdrawals", MONEY, OP(ACCOUNT_WITHDRAW), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move an amount from an account to the world" },
    { "POST", "/v1/transfers", MONEY, OP(ACCOUNT_TRANSFER), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move an amount between two accounts" },
    { "POST", "/v1/adjustments", MONEY, OP(ACCOUNT_ADJUST), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Set what an account has to what was counted" },

    { "POST", "/v1/holds", IN_ALL, OP(HOLD_PLACE), SHOP, 201, ROUTE_KEY, "/v1/holds/", NULL, NULL, NULL, "Hold an amount" },
    { "GET", "/v1/holds/{hold}", HOLDS, OP(HOLD_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a hold" },
    { "POST", "/v1/holds/{hold}/post", IN_ALL, OP(HOLD_POST), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Post a held amount" },
    { "POST", "/v1/holds/{hold}/release", IN_ALL, OP(HOLD_RELEASE), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Release a held amount" },
    { "POST", "/v1/holds/{hold}/adjust", IN_ALL, OP(HOLD_ADJUST), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Make a hold larger or change its deadline" },
    { "POST", "/v1/holds/{hold}/reverse", IN_ALL, OP(HOLD_REVERSE), SHOP, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move what a hold posted back" },

    { "POST", "/v1/transactions", IN_ALL, OP(TXN_SUBMIT), SHOP, 201, ROUTE_KEY, "/v1/transactions/", NULL, NULL, NULL, "Submit a transaction" },
    { "GET", "/v1/transactions", EVERY, OP(TXN_LIST), OPERATOR, 200, 0, NULL, NULL, txn_query, &txns_page, "List transactions" },
    { "GET", "/v1/transactions/{txn}", EVERY, OP(TXN_GET), BOTH, 200, 0, NULL, NULL, NULL, NULL, "Read a transaction with its branches" },
    { "GET", "/v1/transactions/{txn}/history", EVERY, OP(TXN_HISTORY), OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Attempts and acts of a transaction" },
    { "POST", "/v1/transactions/{txn}/retry", EVERY, OP(TXN_RETRY_NOW), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Call now what is due later" },
    { "POST", "/v1/transactions/{txn}/park", EVERY, OP(TXN_PARK), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Set a transaction aside for a person" },
    { "POST", "/v1/transactions/{txn}/unpark", EVERY, OP(TXN_UNPARK), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Continue a parked transaction" },
    { "POST", "/v1/transactions/{txn}/abort", EVERY, OP(TXN_ABORT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Cancel a transaction that is not decided" },
    { "POST", "/v1/transactions/{txn}/resolve", EVERY, OP(TXN_RESOLVE_BRANCH), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Say how a branch ended at its participant" },

    { "POST", "/v1/branches/try", BRANCHES, calls_try, HF_OP_NONE, SERVICE, 200, 0, NULL, NULL, NULL, NULL, "Try several branches" },
    { "POST", "/v1/branches/confirm", BRANCHES, calls_confirm, HF_OP_NONE, SERVICE, 200, 0, NULL, NULL, NULL, NULL, "Confirm several branches" },
    { "POST", "/v1/branches/cancel", BRANCHES, calls_cancel, HF_OP_NONE, SERVICE, 200, 0, NULL, NULL, NULL, NULL, "Cancel several branches" },
    { "POST", "/v1/branches/{txn}/{branch}/try", BRANCHES, branch_try, HF_OP_NONE, SERVICE, 200, 0, NULL, NULL, NULL, NULL, "Hold what a transaction of another service takes" },
    { "POST", "/v1/branches/{txn}/{branch}/confirm", BRANCHES, branch_confirm, HF_OP_NONE, SERVICE, 200, 0, NULL, NULL, NULL, NULL, "Post what the try of a branch held" },
    { "POST", "/v1/branches/{txn}/{branch}/cancel", BRANCHES, branch_cancel, HF_OP_NONE, SERVICE, 200, 0, NULL, NULL, NULL, NULL, "Release what the try of a branch held, or refuse a try that comes later" },

    { "GET", "/v1/events", EVERY, events_page, HF_OP_EVENTS_READ, BOTH, 200, 0, NULL, NULL, event_query, NULL, "List events, oldest first, as CloudEvents" },
    { "GET", "/v1/events/stream", EVERY, events_stream, HF_OP_EVENTS_READ, BOTH, 200, 0, NULL, NULL, stream_query, NULL, "Follow events as server-sent events, behind Last-Event-ID" },
    { "GET", "/v1/cursors", EVERY, OP(CURSOR_LIST), OPERATOR, 200, 0, NULL, NULL, page_query, NULL, "List how far consumers of events have come" },
    { "POST", "/v1/cursors/{consumer}", EVERY, OP(CURSOR_PUT), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Store how far a consumer has come" },
    { "GET", "/v1/cursors/{consumer}", EVERY, OP(CURSOR_GET), OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Read how far a consumer has come" },
    { "POST", "/v1/cursors/{consumer}/reset", EVERY, OP(CURSOR_RESET), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Move a cursor to another event" },
    { "POST", "/v1/cursors/{consumer}/remove", EVERY, OP(CURSOR_REMOVE), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Remove the cursor of a consumer that is gone" },

    { "GET", "/v1/webhooks", EVERY, relay_list, HF_OP_NONE, OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "List the endpoints that events are posted to" },
    { "GET", "/v1/webhooks/dead", EVERY, letter_list, HF_OP_CURSOR_LIST, OPERATOR, 200, 0, NULL, NULL, page_query, &letters_page, "List messages that an endpoint did not take" },
    { "POST", "/v1/webhooks/dead/{endpoint}/{event}/retry", EVERY, letter_retry, HF_OP_NONE, OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Post such a message once more" },
    { "POST", "/v1/webhooks/dead/{endpoint}/{event}/drop", EVERY, letter_drop, HF_OP_NONE, OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Drop such a message" },

    { "GET", "/v1/attention", EVERY, OP(ATTENTION_LIST), OPERATOR, 200, 0, NULL, NULL, attention_query, NULL, "List records that a person should look at" },
    { "POST", "/v1/attention/clear", EVERY, OP(ATTENTION_CLEAR), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Clear attention with a reason" },
    { "GET", "/v1/nodes", EVERY, OP(NODES_LIST), OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "List the engines of the store" },
    { "POST", "/v1/verify", EVERY, maintenance_verify, HF_OP_NONE, OPERATOR, 200, 0, NULL, NULL, NULL, NULL, "Check the books of the whole store" },
    { "POST", "/v1/backups", EVERY, maintenance_backup, HF_OP_NONE, OPERATOR, 201, 0, NULL, NULL, NULL, NULL, "Write a copy of the store into the folder of backups" },
    { "POST", "/v1/retention", EVERY, OP(RETENTION), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Remove what ended before a time" },
    { "POST", "/v1/erasures", EVERY, OP(ERASE), OPERATOR, 200, ROUTE_KEY, NULL, NULL, NULL, NULL, "Erase what is said about a person" },
};
/* clang-format on */

const route *route_at(size_t index)
{
    return index < sizeof(table) / sizeof(table[0]) ? &table[index] : NULL;
}
