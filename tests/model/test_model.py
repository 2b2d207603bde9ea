"""Random operations on every store against a plain sequential model, answer by answer.

Usage: test_model.py STORE ...        e.g. memory lmdb sqlite
HF_TEST_SEED is the first seed (any number); HOLDFAST_MODEL_OPERATIONS says how many operations each
store gets. The stores must also end with the same digest. What fails is shrunk before it is
printed. The negative control breaks rules of the model, one at a time, which must be noticed.
"""
import glob
import itertools
import multiprocessing
import os
import sys
from collections import Counter

from compare import draw_steps, run_library
from shrink import in_words, shrunk

ROUND = 250  # operations of one seed: what fails stays small
FIRST_SEED, SEEDS = 70, 38  # of a run that names none
CONTROL_SEEDS = 400  # tried at most until a wrong rule is noticed; some rules are met rarely
# Each breaks one rule; the numbers are cases of the design.
WRONG = {
    "hold": "an account may promise one more than it has",
    "queue": "who came last is served first",
    "version": "versions do not matter",
    "fact": "a fact that is repeated with another amount is the same",
    "erase": "a page of an erasure has one order more than its limit",
    "smaller": "payments of an order that waits stay as they are when it becomes smaller",
    "deadline": "O1: a payment's deadline ends with its order's confirmation",
    "anew": "O4: the lines of a revived order are not counted anew",
    "refused": "O5: what a provider refused to capture still covers the order",
    "manual": "O6: what is not needed of a MANUAL payment is not voided",
    "refund": "O7: money of an order that ended stays where it is",
    "unpaid": "O10: goods leave although nothing covers them",
    "reversal": "O13: a won dispute changes nothing",
    "unpayable": "O15: a promoted order that nobody can pay stays",
    "movement": "O18: an answer and a report of one capture count twice",
    "cancelled": "O24: an order that ended leaves its units open",
    "kept": "O28: what a host does not refund is not kept",
}


def url_of(store, seed):
    if store == "memory":
        return "memory:"
    remove(store, seed)
    return f"{store}:model-{store}-{seed}"


def remove(store, seed):
    """Deletes the files of this store alone: a million operations leave no full disk behind."""
    for name in glob.glob(f"model-{store}-{seed}*"):
        if not name.removeprefix(f"model-{store}-{seed}")[:1].isdigit():
            os.remove(name)


def run_seed(work):
    """(problems, what was met) of one seed on all stores."""
    stores, seed = work
    steps, names = draw_steps(seed, ROUND)
    met, digests = Counter(), {}
    for store in stores:
        found, _, digests[store] = run_library(url_of(store, seed), steps, "", met)
        if found:
            return small(store, seed, steps, names), met
        remove(store, seed)
    if len(set(digests.values())) != 1:
        return [f"the stores differ: {digests}"], met
    return [], met


def small(store, seed, steps, names):
    numbers = itertools.count()
    steps, problems = shrunk(lambda: url_of(store, f"{seed}-{next(numbers)}"), steps)
    return [f"{store}: HF_TEST_SEED={seed} HOLDFAST_MODEL_OPERATIONS=1 meson test model",
            *(in_words(step, names) for step in steps),
            *(in_words(problem, names) for problem in problems)]


def test_seeds(pool, stores, first):
    wanted = int(os.environ.get("HOLDFAST_MODEL_OPERATIONS", SEEDS * ROUND))
    count = max(1, wanted // ROUND)
    met, problems = Counter(), []
    work = [(stores, seed) for seed in range(first, first + count)]
    for found, seen in pool.imap_unordered(run_seed, work):
        met += seen
        problems += found
        if found:
            break
    return problems, met


def unnoticed(work):
    first, wrong = work
    for seed in range(first, first + CONTROL_SEEDS):
        steps, _ = draw_steps(seed, ROUND)
        if run_library("memory:", steps, wrong)[0]:
            return ""
    return f"a model that is wrong agreed with the library: {wrong}: {WRONG[wrong]}"


def test_control(pool, first):
    return list(filter(None, pool.imap_unordered(unnoticed, [(first, one) for one in WRONG])))


def report(number, title, problems):
    print(*problems, sep="\n", file=sys.stderr)
    print(f"{'not ok' if problems else 'ok'} {number} {title}", flush=True)
    return bool(problems)


def main():
    stores = sys.argv[1:]
    first = int(os.environ.get("HF_TEST_SEED", FIRST_SEED))
    print(f"# HF_TEST_SEED={first}\n1..2", flush=True)
    with multiprocessing.Pool() as pool:
        problems, met = test_seeds(pool, stores, first)
        for name, count in sorted(met.items()):
            print(f"# {count} {name}")
        operations = sum(n for name, n in met.items() if "HF_" in name)
        title = f"{operations} operations answer as the model on {', '.join(stores)}"
        failed = report(1, title, problems)
        failed |= report(2, "a wrong rule of the model is noticed", test_control(pool, first))
        pool.terminate()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
