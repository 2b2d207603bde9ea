"""Which fast tests are related to a file of the library: the first row that fits its path.

A name is that of a test, "suite x" all tests whose first suite is x. The nearest come first: the
first failure ends the look at a mutant.
"""
JOURNAL = ["journal_segments", "journal_replay", "journal_format", "journal_segment_walk",
           "journal_trouble", "belongs", "journaled", "flushed", "journal_crash"]
ENGINE = ["engine", "flushed", "pending_commit", "lease", "clock_set", "same_id", "deep", "overtake",
          "queues", "harmless", "bug", "aside", "backlog", "mixed", "cursors", "lists"]
TXN = ["txn_runtime", "txn_submit", "txn_answers", "txn_limits", "txn_cases", "txn_bounds",
       "txn_queued", "txn_cleanup", "txn_register", "txn_provider", "txn_known_failures",
       "txn_known_fences", "txn_known_takeovers", "txn_operators", "txn_restart",
       "txn_shared", "txn_epoch", "txn_declared", "txn_poison", "txn_bug"]
RELATED = [
    ("lib/txn/heap.c", ["txn_heap"]),
    ("lib/engine/reads/txn", ["query_txn", "lists", "rows"]),
    ("lib/engine/reads/event", ["cursors", "lists", "rows"]),
    ("lib/engine/reads/node", ["txn_shared", "open"]),
    ("lib/engine/reads/", ["lists", "rows", "cursors", "unit_list", "query_txn", "bug"]),
    ("lib/engine/verify", ["verify", "verify_money", "verify_txns", "lists"]),
    ("lib/engine/clock", ["engine", "clock_set", "erase_files"]),
    ("lib/engine/open/stored_time", ["engine", "clock_set", "erase_files"]),
    ("lib/engine/open/journaled", ["journaled", "belongs", "lists"]),
    ("lib/engine/", ENGINE),
    ("lib/txn/", TXN),
    ("lib/journal/", JOURNAL),
    ("lib/store/sqlite", ["sqlite", "sqlite_faults", "sqlite_file", "sqlite_scan", "sqlite_damage",
                          "sqlite_backup", "sqlite_migrate", "flushed", "conformance", "moves",
                          "places"]),
    ("lib/store/lmdb", ["lmdb", "lmdb_damage", "lmdb_snapshot", "lmdb_migrate", "walker_damage",
                        "walker", "flushed", "conformance", "moves", "places",
                        "bad_place"]),
    ("lib/store/memory", ["memory", "conformance", "fault"]),
    ("lib/store/", ["flushed", "places", "moves", "conformance", "open", "os_place",
                    "bad_place"]),
    ("lib/domain/", ["suite unit"]),
    ("lib/", ["suite unit"]),
]


def tests_of(path):
    return next((tests for start, tests in RELATED if path.startswith(start)), [])
