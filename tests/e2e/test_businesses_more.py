"""The businesses of examples/: trading, game items and hotels, each with one outcome on every store.

Usage: test_businesses_more.py TRADING ROOT GAME_ITEMS HOTEL [--valgrind]
"""
import os
import shutil
import sqlite3
import subprocess
import sys

from harness import ROOT, TOOL, Skip, contains, equal, run

TRADING, GAME_ITEMS, HOTEL = TOOL, os.path.abspath(sys.argv[3]), os.path.abspath(sys.argv[4])
STORES = ["memory:", "lmdb:{}.lmdb", "sqlite:{}.db"]


def example(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=600,
                          check=False)


def one_outcome(name, program, *arguments):
    """What the program prints, which must be the same on every store."""
    outputs = []
    for store in STORES:
        done = example(program, store.format(name), *arguments)
        equal((done.returncode, done.stderr), (0, ""), store + done.stdout)
        contains(done.stdout, "verify: 0 findings\n")
        outputs.append(done.stdout)
    equal(outputs[1:], outputs[:1] * 2, name)
    return outputs[0]


def row(text, name, which=0):
    """The words behind a name: of its first line, or of another one."""
    return [line.split() for line in text.splitlines() if line.split()[:1] == [name]][which][1:]


def scalar(database, query):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    answer = connection.execute(query).fetchone()
    connection.close()
    return answer


def trades():
    """Trading: a better price is given back, a busted trade is undone, and nothing is lost."""
    out = one_outcome("trading", TRADING)
    equal(out.count("held"), 9, "three tables with three columns of what is held")
    sums = [line for line in out.splitlines() if line.startswith("  sums: ")]
    equal(sums, ["  sums: 1250000 EUR, 160 ACME, 50 BOLT"] * 12, "after every step")
    equal(row(out, "ada", 1), ["552820", "50020", "90", "0", "50", "0"])
    equal(row(out, "ada", 2), ["805280", "0", "60", "0", "0", "0"])
    equal(row(out, "cem", 2), ["97400", "0", "60", "0", "50", "0"])
    equal(row(out, "exchange", 2), ["440", "0", "0", "0", "0", "0"])
    contains(out, "refused: HF_E_FUNDS_SHORT: MONEY ben [EUR]: 400400 wanted, 346880 available")


def items():
    """Game items: 100 crowns are sold 100 times, and a refund takes a wallet below zero."""
    out = one_outcome("game", GAME_ITEMS, "5000")
    contains(out, "  sold                   100\n")
    contains(out, "  refused: has one      1000\n")
    contains(out, "  refused: sold out     4900\n")
    contains(out, "- her bank takes 500 back      HF_OK            -300 gems, attention\n")
    crowns = "SELECT count(*), max(balance) FROM accounts WHERE name = 'crown' AND place <> ''"
    equal(scalar("game.db", crowns), (100, 1), "owners, and how many one has")
    wallet = "SELECT kind, unit, balance FROM accounts WHERE name = 'mia'"
    equal(scalar("game.db", wallet), ("MONEY", "gem", 200))


def crowd():
    """Game items: 100,000 players at once."""
    done = example(GAME_ITEMS, "memory:")
    equal((done.returncode, done.stderr), (0, ""))
    contains(done.stdout, "  refused: sold out    99900\n")


def stays():
    """Hotel: 3,000 bookings made up, the same books on every store, and no night over its limit."""
    out = one_outcome("hotel", HOTEL, "3000")
    total = row(out, "sum")
    equal(total[4], "3000", "bookings")
    equal(all(int(n) > 0 for n in total[:7]), True, "everything happens at least once")
    over = "SELECT count(*) FROM accounts WHERE kind = 'ITEM' AND "
    equal(scalar("hotel.db", over + "(balance < 0 OR balance - held_out < min_available)"), (0,))
    equal(scalar("hotel.db", over + "held_out <> 0"), (0,), "all stays have ended")
    paid = scalar("hotel.db", "SELECT 1000000000000 - balance FROM accounts WHERE name = 'guests'")
    booked = scalar("hotel.db", "SELECT sum(captured - refunded) FROM payments")
    equal(paid, booked, "what the guests paid is what their payments say")
    equal(abs(paid[0] / 100 - int(total[8]) + int(total[9])) < 2, True, "and what the table says")


COLUMNS = ("hotel,is_canceled,lead_time,arrival_date_year,arrival_date_month,"
           "arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,deposit_type,"
           "days_in_waiting_list,adr,reservation_status,reservation_status_date,reserved_room_type")
STAY = "Resort Hotel,0,7,2015,July,1,0,2,No Deposit,0,75.5,Check-Out,2015-07-03,C"
ROWS = [
    STAY, STAY, STAY, STAY,  # the same row again is another booking
    "Resort Hotel,0,737,2015,July,1,0,0,No Deposit,0,107.0,Check-Out,2015-07-01,C",
    "Resort Hotel,1,7,2015,July,1,0,2,Refundable      ,0,80,Canceled,2015-06-28,C",
    "Resort Hotel,1,7,2015,August,31,1,1,Non Refund,0,80.25,Canceled,2015-08-28,C",
    "City Hotel,1,5,2015,August,31,1,1,Refundable,0,10,No-Show,2015-08-31,A",
    '"City Hotel","0","1","2015","August","31","2","28","No Deposit","0","-6.38","Check-Out",'
    '"2015-09-30","A               "',
    "City Hotel,0,1,2015,August,31,0,1,No Deposit,0,0,Check-Out,2015-09-01,A\r",
]


def reads_csv():
    """Hotel: a file with the oddities of the published data."""
    with open("stays.csv", "w", encoding="utf-8") as file:
        file.write("\n".join([COLUMNS, *ROWS]) + "\n")
    out = one_outcome("stays", HOTEL, "stays.csv")
    total = row(out, "sum")
    equal(total[4], str(len(ROWS)), "bookings")
    equal(sum(int(total[i]) for i in (0, 1, 2, 3, 5)), len(ROWS), "every row ends once")
    july, august = row(out, "2015-07"), row(out, "2015-08")
    equal(july[4], "6", "bookings in July")
    equal(int(july[8]) % 151, int(july[9]) % 151, "stays of 151.00, and what a refund gives back")
    equal(int(august[8]), 180, "two nights at 80.25 are kept, and two at 10: 160.50 + 20")


def names_what_is_wrong():
    """Hotel: what a file lacks is named."""
    cases = [("", "bookings"), (COLUMNS.replace("adr", "price") + "\n" + STAY, "adr"),
             (COLUMNS + "\n" + STAY.replace("July", "Juli"), "Juli"),
             (COLUMNS + "\n" + STAY.replace("No Deposit", "Cash"), "Cash"),
             (COLUMNS + "\n" + STAY.replace("75.5", "cheap"), "cheap"),
             (COLUMNS + "\n" + STAY + ",", "length")]
    for text, culprit in cases:
        with open("wrong.csv", "w", encoding="utf-8") as file:
            file.write(text)
        done = example(HOTEL, "memory:", "wrong.csv")
        equal(done.returncode, 1, text)
        contains(done.stderr, culprit)


def temporary():
    """Without arguments each runs on a store that is gone afterwards."""
    for program, name in ((TRADING, "trading"), (GAME_ITEMS, "game")):
        before = set(os.listdir("/tmp"))
        done = example(program)
        equal((done.returncode, done.stderr), (0, ""), name)
        left = [f for f in set(os.listdir("/tmp")) - before if f.startswith(name + "-")]
        equal(left, [], name)


def short():
    """Each is a short file that says what its accounts and legs are; the hotel's input is another."""
    for name, most in (("trading", 200), ("game_items", 200), ("hotel", 225)):
        with open(os.path.join(ROOT, "examples", name + ".c"), encoding="utf-8") as source:
            text = source.read()
        equal(len(text.splitlines()) <= most, True, name)
        contains(text.split("*/")[0], "from --> to")
        contains(text.split("*/")[0], "account  ")
    with open(os.path.join(ROOT, "examples", "hotel_demand.c"), encoding="utf-8") as source:
        text = source.read()
    equal((len(text.splitlines()) <= 200, "holdfast.h" in text), (True, False))


def leaks():
    """Valgrind finds no leak and no error."""
    if "--valgrind" not in sys.argv:
        raise Skip("valgrind does not run sanitized programs")
    if shutil.which("valgrind") is None:
        raise Skip("valgrind is not installed")
    with open("stays.csv", "w", encoding="utf-8") as file:
        file.write("\n".join([COLUMNS, *ROWS]) + "\n")
    for command in ([TRADING, "sqlite:v.db"], [TRADING, "lmdb:v.mdb"],
                    [GAME_ITEMS, "sqlite:w.db", "200"], [GAME_ITEMS, "lmdb:w.mdb", "200"],
                    [HOTEL, "sqlite:x.db", "100"], [HOTEL, "lmdb:x.mdb", "100"],
                    [HOTEL, "memory:", "stays.csv"]):
        done = subprocess.run(["valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
                               "--show-leak-kinds=definite,indirect", "--error-exitcode=9", *command],
                              capture_output=True, text=True, timeout=600, check=False)
        equal((done.returncode, done.stderr), (0, ""), " ".join(command))


if __name__ == "__main__":
    run([trades, items, crowd, stays, reads_csv, names_what_is_wrong, temporary, short, leaks])
