"""The businesses of examples/: shop, enrolment and appointments, each with one story on every store.

Usage: test_businesses.py SHOP ROOT ENROLMENT APPOINTMENTS [--valgrind]
"""
import os
import shutil
import subprocess
import sys
import tempfile

from harness import ROOT, TOOL, Skip, contains, equal, run

PROGRAMS = {"shop": TOOL, "enrolment": os.path.abspath(sys.argv[3]),
            "appointments": os.path.abspath(sys.argv[4])}
STORES = ["memory:", "lmdb:{}/business.lmdb", "sqlite:{}/business.db"]


def program(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def one_story(name):
    """What the program prints, which must be the same on every store, and on its own."""
    stories = []
    with tempfile.TemporaryDirectory() as folder:
        for store in STORES + [None]:
            arguments = [] if store is None else [store.format(folder)]
            done = program(PROGRAMS[name], *arguments)
            equal((done.returncode, done.stderr), (0, ""), f"{store}: {done.stdout}")
            stories.append(done.stdout)
    equal(stories[1:], stories[:1] * 3, name)
    equal(stories[0].splitlines()[-1], "verify: 0 findings")
    return stories[0]


def tells(name, *wanted):
    """The words of each wanted line stand in the story, in this order."""
    lines = iter([line.split() for line in one_story(name).splitlines()])
    for line in wanted:
        if line.split() not in lines:  # goes on behind the line that was found before
            raise AssertionError(f"{name}: not there, or not in its place: {line}")


def shop():
    """Shop: split, kit, coupon, gift card, partial shipping, return and backorder."""
    tells("shop",
          "ada orders: order 1 is CONFIRMED",
          "ada 12845 held 0 captured 0 refunded",
          "gift card 5000 held 0 captured 0 refunded",
          "cup berlin 5 5 pcs", "cup hamburg 10 3 pcs",
          "pot berlin 300 1 pcs", "tea berlin 500 4 pcs", "tin berlin 300 2 pcs",
          "SPRING 100 1 uses",
          "some cups are shipped: order 1 is CONFIRMED",
          "cup 8 ordered 5 shipped 0 returned", "ada 12845 held 7384 captured 0 refunded",
          "the rest is shipped: order 1 is CLOSED",
          "ada 12845 held 12845 captured 0 refunded",
          "gift card 5000 held 5000 captured 0 refunded",
          "bob wants more cups than there are: order 2 is WAITING",
          "ada sends cups back: order 1 is CLOSED",
          "cup 8 ordered 8 shipped 3 returned",
          "gift card 5000 held 5000 captured 4431 refunded",
          "cups arrive in hamburg: order 2 is CONFIRMED",
          "bob 17726 held 0 captured 0 refunded",
          "bob orders 99 tea sets; the next one is refused: "
          "line 1: LIMIT SPRING [uses]: 1 wanted, 0 available",
          "cup berlin 0 0 pcs", "cup hamburg 20 12 pcs", "SPRING 99 99 uses")


def enrolment():
    """Enrolment: seats, credit hours, a wait-list in order, drops in time and late."""
    tells("enrolment",
          "refused: HF_E_LIMIT_SHORT: line 1: LIMIT ada [hours]: 3 wanted, 2 available",
          "day 0, two seats for four students",
          "ada databases A CLOSED 40000 0", "ben databases A CLOSED 40000 0",
          "cem databases A WAITING 0 0", "dee databases A WAITING 0 0",
          "day 10, ada drops in time",
          "ada databases A dropped 40000 40000",
          "cem databases A CLOSED 40000 0", "dee databases A WAITING 0 0",
          "day 20, ben drops too late",
          "ben databases A dropped 40000 0", "dee databases A CLOSED 40000 0",
          "ada logic A CLOSED 30000 0",
          "databases A 0 seats", "logic A 29 seats", "ada 70000 EUR", "ben 60000 EUR",
          "ada 3 hours", "ben 6 hours")


def appointments():
    """Appointments: a slot is free exactly when a hold expires, and a late cancel costs a fee."""
    short = "refused: HF_E_STOCK_SHORT: line 1: ITEM dr weber @10:30 [slots]: 1 wanted, 0 available"
    tells("appointments",
          "ada asks for 10:15", "8 minutes less a millisecond later", "ben asks for 10:30", short,
          "a millisecond later", "ben asks for 10:30", "ada confirms 10:15",
          "refused: HF_E_EXPIRED: the order expired 0 ms ago",
          "ben confirms 10:30", "cem asks for 10:45",
          "refused: HF_E_LIMIT_SHORT: line 1: LIMIT cem [visits]: 1 wanted, 0 available",
          "ada 10:15 EXPIRED 0 0", "ben 10:30 CONFIRMED 5000 0",
          "cem 09:30 CANCELLED 5000 5000", "cem 09:45 CONFIRMED 5000 0",
          "on sunday evening", "cem cancels 09:45",
          "cem 09:30 CANCELLED 5000 5000", "cem 09:45 CANCELLED 5000 3000")


def are_short():
    """Each is one file of at most 200 lines that says what its accounts and legs are."""
    for name in PROGRAMS:
        with open(os.path.join(ROOT, "examples", name + ".c"), encoding="utf-8") as source:
            text = source.read()
        equal(len(text.splitlines()) <= 200, True, name)
        comment = text.split("*/")[0]
        contains(comment, "from --> to")
        contains(comment, "kind   name")


def leak_nothing():
    """Under valgrind they tell the same story, without an error or a leak."""
    if "--valgrind" not in sys.argv:
        raise Skip("built with a sanitizer, which checks memory itself")
    if shutil.which("valgrind") is None:
        raise Skip("valgrind is not installed")
    for name, path in PROGRAMS.items():
        story = program(path, "memory:").stdout
        with tempfile.TemporaryDirectory() as folder:
            for store in STORES:
                done = program("valgrind", "--quiet", "--leak-check=full", "--error-exitcode=9", path,
                               store.format(folder))
                equal((done.returncode, done.stderr), (0, ""), f"{name} {store}")
                equal(done.stdout, story, name)


if __name__ == "__main__":
    run([shop, enrolment, appointments, are_short, leak_nothing])
