/*
 * commands.c - the tables of commands and options.
 *
 * Parsing, --help, the completion of three shells and the manual page are made of them, so a
 * command or an option is added in one place.
 */
#include "commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Which options a command takes: bits by position in the table. */
#define O_BIT(position) (UINT64_C(1) << (position))
/* clang-format off */
#define O_HELP        O_BIT(0)
#define O_STORE       O_BIT(1)
#define O_JSON        O_BIT(2)
#define O_VERBOSE     O_BIT(3)
#define O_STOP        O_BIT(4)
#define O_WINDOW      O_BIT(5)
#define O_PERCENT     O_BIT(6)
#define O_CUSTOMER    O_BIT(7)
#define O_STATE       O_BIT(8)
#define O_REF         O_BIT(9)
#define O_AFTER       O_BIT(10)
#define O_LIMIT       O_BIT(11)
#define O_NEWEST      O_BIT(12)
#define O_KIND        O_BIT(13)
#define O_PLACE       O_BIT(14)
#define O_UNIT        O_BIT(15)
#define O_VERIFY      O_BIT(16)
#define O_WHICH       O_BIT(17)
#define O_PARTICIPANT O_BIT(18)
#define O_ACTOR       O_BIT(19)
#define O_REASON      O_BIT(20)
#define O_BRANCH      O_BIT(21)
#define O_ANSWER      O_BIT(22)
#define O_OLDER       O_BIT(23)
#define O_VERSION     O_BIT(24)
#define O_SECONDS     O_BIT(25)
#define O_ORDERS      O_BIT(26)
#define O_RATE        O_BIT(27)
#define O_SPREAD      O_BIT(28)
#define O_FORM        O_BIT(29)
#define O_DURABILITY  O_BIT(30)
#define O_CLOCK       O_BIT(31)
#define O_REPLACEMENT O_BIT(32)
#define O_WITH_REF    O_BIT(33)
#define O_PROVIDER    O_BIT(34)
#define O_ORDER       O_BIT(35)
#define O_FROM        O_BIT(36)
#define O_UNTIL       O_BIT(37)
#define O_SEQ         O_BIT(38)
#define O_LOG         O_BIT(39)
#define O_CONTINUE    O_BIT(40)
#define O_SET_BACK    O_BIT(41)
#define O_WITHOUT     O_BIT(42)
#define O_ENTRIES     O_BIT(43)
#define O_METRICS     O_BIT(44)
#define O_ROUNDS      O_BIT(45)
#define O_FOLLOW      O_BIT(46)
/* Of commands that open an engine. */
#define O_OPEN        (O_STORE | O_LOG | O_CONTINUE | O_SET_BACK | O_WITHOUT)
/* clang-format on */

#define FIELD(member) .offset = offsetof(options, member)

/* clang-format off */
const option_row option_rows[] = {
    { "help", NULL, "print this help", FIELD(help), .kind = SWITCH, .letter = 'h' },
    { "store", "URL", "lmdb:PATH, sqlite:PATH or memory: (default: $HOLDFAST_STORE)", FIELD(store), .kind = TEXT, .letter = 's', .values = "lmdb: sqlite: memory:" },
    { "json", NULL, "print JSON instead of tables", FIELD(json), .kind = SWITCH, .letter = 'j' },
    { "verbose", NULL, "print every answer", FIELD(verbose), .kind = SWITCH, .letter = 'v' },
    { "stop-on-refusal", NULL, "one at a time; nothing behind a refused line is executed", FIELD(stop_on_refusal), .kind = SWITCH },
    { "window", "N", "operations in flight, 1..16384 (default 1024)", FIELD(window), 1, 16384, NUMBER, 0 },
    { "stock-percent", "N", "opening stock, in percent of the sales in the file, 0..1000 (default 98)", FIELD(stock_percent), 0, 1000, NUMBER, 0 },
    { "customer", "TEXT", "orders of this customer", FIELD(customer), .kind = TEXT },
    { "state", "STATE", "orders, payments or transactions in this state: PENDING, CLOSED, ...", FIELD(state), .kind = TEXT, .values = "STATES" },
    { "ref", "TEXT", "orders with this external reference", FIELD(reference), .kind = TEXT },
    { "after", "KEY", "start behind this id, name or event number", FIELD(after), .kind = TEXT },
    { "limit", "N", "at most so many rows; 0 = all (default 100)", FIELD(limit), 0, INT64_MAX, NUMBER, 0 },
    { "newest", NULL, "newest first", FIELD(newest), .kind = SWITCH },
    { "kind", "KIND", "MONEY (default), ITEM or LIMIT", FIELD(kind), .kind = TEXT, .values = "MONEY ITEM LIMIT" },
    { "place", "TEXT", "the account's place (default: none)", FIELD(place), .kind = TEXT },
    { "unit", "TEXT", "the account's unit (items: pcs)", FIELD(unit), .kind = TEXT },
    { "verify", NULL, "verify the store afterwards", FIELD(verify), .kind = SWITCH },
    { "which", "WHICH", "transactions: ALL (default), OPEN, PARKED or DUE", FIELD(which), .kind = TEXT, .values = "ALL OPEN PARKED DUE" },
    { "participant", "TEXT", "transactions with a branch of it that has not ended", FIELD(participant), .kind = TEXT },
    { "actor", "TEXT", "who does it; stays in the history", FIELD(actor), .kind = TEXT },
    { "reason", "TEXT", "why; stays in the history", FIELD(reason), .kind = TEXT },
    { "branch", "N", "resolve: the branch, 1..64", FIELD(branch), 1, HF_BRANCHES_MAX, NUMBER, 0 },
    { "answer", "ANSWER", "resolve: OK, or REJECTED for a try", FIELD(answer), .kind = TEXT, .values = "OK REJECTED" },
    { "older-than", "N", "transactions begun more than N seconds ago", FIELD(older_than), 1, 1 << 30, NUMBER, 0 },
    { "if-version", "N", "only when the transaction still has this version", FIELD(version), 1, INT64_MAX, NUMBER, 0 },
    { "seconds", "N", "bench: at most so long, 0..86400; 0 = not by time (default 5)", FIELD(seconds), 0, 86400, NUMBER, 0 },
    { "orders", "N", "bench: at most so many operations; 0 = not by their number (default 0)", FIELD(orders), 0, INT64_MAX, NUMBER, 0 },
    { "rate", "N", "bench: so many a second, whatever has ended; 0 = as many as --window allows (default 0)", FIELD(rate), 0, 100000000, NUMBER, 0 },
    { "spread", "SPREAD", "bench: how orders spread over items: uniform (default), zipf or hot", FIELD(spread), .kind = TEXT, .values = "uniform zipf hot" },
    { "form", "FORM", "bench: checkout (default), two-phase, get, list, peek or peek-many", FIELD(form), .kind = TEXT, .values = "checkout two-phase get list peek peek-many" },
    { "durability", "NAME", "bench: default, journal, store or none", FIELD(durability), .kind = TEXT, .values = "default journal store none" },
    { "clock", NULL, "the time of the store is that of the lines (at_ms), for imports", FIELD(clock), .kind = SWITCH },
    { "replacement", "TEXT", "erase: the pseudonym that takes the customer's place (default: none)", FIELD(replacement), .kind = TEXT },
    { "with-ref", NULL, "erase: the external reference of orders too", FIELD(with_ref), .kind = SWITCH },
    { "provider", "TEXT", "payments of this provider", FIELD(provider), .kind = TEXT },
    { "order", "ID", "payments of this order", FIELD(order), .kind = TEXT },
    { "from", "TIME", "orders of this time or later: 2026-01-31 or 2026-01-31T09:30:15, UTC", FIELD(from), .kind = TEXT },
    { "until", "TIME", "orders before this time", FIELD(until), .kind = TEXT },
    { "seq", "N", "cursor reset: the last event that counts as handled; 0 = none", FIELD(seq), 0, INT64_MAX, NUMBER, 0 },
    { "log", "LEVEL", "the engine's log, on standard error: error, warn (default), info or debug", FIELD(log), .kind = TEXT, .values = "error warn info debug" },
    { "clock-continue", NULL, "when the clock is behind the stored time: time continues from the stored time", FIELD(clock_continue), .kind = SWITCH },
    { "clock-set-back", "ACTOR", "when the clock is behind: the stored time is set back to it, with an event that names ACTOR", FIELD(clock_set_back), .kind = TEXT },
    { "without-journal", NULL, "open the store although its journal is missing, damaged or another store's: what only the journal had is lost", FIELD(without_journal), .kind = SWITCH },
    { "entries", "N", "cache-sim: how many entries fit (default: 1, 5, 10 and 25 % of the keys)", FIELD(entries), 1, 1 << 30, NUMBER, 0 },
    { "metrics", "FILE", "the file into which the engine writes its figures (status, top: default PATH.metrics of the store)", FIELD(metrics), .kind = TEXT, .values = "FILE" },
    { "rounds", "N", "top, events: look so often, then end; 0 = until it is interrupted or the engine ends (default 0)", FIELD(rounds), 0, INT64_MAX, NUMBER, 0 },
    { "follow", NULL, "events: continue with new ones; begins with the next one, or behind --after", FIELD(follow), .kind = SWITCH },
};
/* clang-format on */

#define MANY 1000000

/* clang-format off */
const command commands[] = {
    { "replay", "FILE|-", "execute operations, one JSON object a line (see FORMAT.md)", command_replay,
      O_OPEN | O_JSON | O_VERBOSE | O_STOP | O_WINDOW | O_VERIFY | O_CLOCK | O_METRICS, 1, 1 },
    { "import-retail", "FILE.csv|-", "turn the Online Retail CSV into operations for replay", command_import_retail,
      O_PERCENT | O_JSON, 1, 1 },
    { "show", "order|item|account|payment|hold|txn ID...", "print records; an order also by its number, or SERIES/NUMBER", command_show,
      O_OPEN | O_JSON | O_KIND | O_PLACE | O_UNIT, 2, MANY },
    { "list", "orders|items|accounts|units|payments|txns|attention|events|cursors", "print many records", command_list,
      O_OPEN | O_JSON | O_CUSTOMER | O_STATE | O_REF | O_AFTER | O_LIMIT | O_NEWEST | O_KIND | O_UNIT | O_WHICH | O_PARTICIPANT | O_OLDER | O_PROVIDER | O_ORDER | O_FROM | O_UNTIL, 1, 1 },
    { "events", "", "print every event, a line each; with --follow also each new one, once a second", command_events,
      O_OPEN | O_JSON | O_AFTER | O_FOLLOW | O_ROUNDS, 0, 0 },
    { "transactions", "list | show|retry|park|unpark|abort|resolve ID...", "look at transactions, and do what operators do", command_transactions,
      O_OPEN | O_JSON | O_STATE | O_AFTER | O_LIMIT | O_WHICH | O_PARTICIPANT | O_ACTOR | O_REASON | O_BRANCH | O_ANSWER | O_OLDER | O_VERSION, 1, MANY },
    { "cursor", "reset|remove CONSUMER...", "move the cursor of a consumer of events, also back, or remove it", command_cursor,
      O_OPEN | O_JSON | O_ACTOR | O_SEQ, 2, MANY },
    { "erase", "customer|order|account|hold|txn NAME...", "remove what is said about a person: meta, customer, texts of transactions", command_erase,
      O_OPEN | O_JSON | O_ACTOR | O_KIND | O_PLACE | O_UNIT | O_REPLACEMENT | O_WITH_REF, 2, MANY },
    { "nodes", "", "list the engines of a store: who is alive, and the shards each drives", command_nodes,
      O_OPEN | O_JSON, 0, 0 },
    { "verify", "", "check everything that must hold, and print a digest of the state", command_verify,
      O_OPEN | O_JSON, 0, 0 },
    { "backup", "PATH", "copy the store to PATH", command_backup, O_OPEN, 1, 1 },
    { "restore", "PATH", "make the store from a backup; it must not exist yet", command_restore, O_STORE, 1, 1 },
    { "bench", "", "measure a new store: throughput, latency, memory", command_bench,
      O_STORE | O_LOG | O_JSON | O_WINDOW | O_SECONDS | O_ORDERS | O_RATE | O_SPREAD | O_FORM | O_DURABILITY | O_METRICS, 0, 0 },
    { "cache-sim", "FILE|-", "replay a trace of keys, one a line, through each policy of a cache", command_cache_sim,
      O_JSON | O_ENTRIES, 1, 1 },
    { "status", "", "what a running engine did in the last minute, or what is stored", command_status,
      O_OPEN | O_JSON | O_METRICS, 0, 0 },
    { "top", "", "the same of a running engine, once a second", command_top,
      O_STORE | O_JSON | O_METRICS | O_ROUNDS, 0, 0 },
    { "journal", "", "list the segments of the journal beside the store, and check them", command_journal,
      O_STORE | O_JSON, 0, 0 },
    { "completion", "bash|zsh|fish|scdoc", "print the completion of a shell, or commands and options for the manual page", command_completion,
      0, 1, 1 },
};
/* clang-format on */

const size_t option_row_count = COUNT(option_rows);
const size_t command_count = COUNT(commands);
const uint64_t options_before_command = O_OPEN | O_JSON | O_HELP;

const char exit_codes[] =
    "\nExit codes: 0 done; 1 operations refused, records not found, verify has findings, or the\n"
    "journal is damaged; 2 wrong usage; 3 wrong input (line and column are named); 4 the store or\n"
    "engine failed; 5 the output could not be written; 130 interrupted (replay ends\n"
    "what is in flight, and names the line to continue from).\n";

bool command_takes(const command *cmd, size_t row)
{
    return ((cmd->takes | O_HELP) >> row & 1) != 0;
}
