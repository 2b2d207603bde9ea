"""The first program a newcomer reads: short, right, and clear when a step fails."""
import os
import subprocess

from harness import ROOT, TOOL, contains, equal, run


def quickstart(*arguments):
    done = subprocess.run([TOOL, *arguments], capture_output=True, text=True, timeout=600,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def places_orders():
    """It places an order on every store, and the next one when it is run again."""
    for store in ("memory:", "lmdb:shop", "sqlite:other.db"):
        for number in (1, 1 if store == "memory:" else 2):
            code, out, err = quickstart(store)
            equal((code, err), (0, ""), store)
            contains(out, f"order {number}: paid 2100 cents")
    equal(quickstart()[0], 0)
    equal(os.path.exists("shop.db"), True, "the default store")


def tells_errors():
    """A failed step names the function, the error, its text and the detail."""
    code, _, err = quickstart("sqlite:absent/shop.db")
    equal(code, 1)
    contains(err, "hf_engine_open: HF_E_PATH: ")
    contains(err, "absent")


def is_short():
    """It has at most 60 lines."""
    with open(os.path.join(ROOT, "examples", "quickstart.c"), encoding="utf-8") as source:
        equal(len(source.readlines()) <= 60, True)


if __name__ == "__main__":
    run([places_orders, tells_errors, is_short])
