"""Random operations on every store against a plain sequential model, answer by answer.

Usage: test_model.py STORE ...        e.g. memory lmdb sqlite
HF_TEST_SEED repeats one seed; HOLDFAST_MODEL_OPERATIONS (20,000) says how many operations.
The stores must also end with the same digest. The negative control breaks rules of the model, one
at a time, which must be noticed.
"""
import os
import sys
import time
from collections import Counter

from compare import draw_steps, run_library

ROUND = 2500  # operations of one seed
# An account may promise one more than it has; who came last is served first; versions do not
# matter; a fact that is repeated with another amount is taken for the same; a page of an erasure has
# one order more than its limit.
WRONG = ("hold", "queue", "version", "fact", "erase")


def report(number, title, problems):
    print(*problems[:5], sep="\n", file=sys.stderr)
    print(f"{'not ok' if problems else 'ok'} {number} {title}", flush=True)
    return bool(problems)


def run_seed(stores, seed):
    steps, model = draw_steps(seed, ROUND)
    problems, digests = [], {}
    for store in stores:
        url = "memory:" if store == "memory" else f"{store}:model-{store}-{seed}"
        found, digests[store] = run_library(url, steps, model)
        problems += found
    if not problems and len(set(digests.values())) != 1:
        problems.append(f"the stores differ: {digests}")
    answers = Counter(answer[0] for _, _, expected in steps for answer in expected)
    return problems, answers


def test_seeds(stores, first):
    wanted = int(os.environ.get("HOLDFAST_MODEL_OPERATIONS", 20000))
    answers = Counter()
    seed = first
    while answers.total() < wanted:
        problems, found = run_seed(stores, seed)
        answers += found
        if problems:
            return problems + [f"again: HF_TEST_SEED={seed} HOLDFAST_MODEL_OPERATIONS=1 "
                               "meson test model"], answers
        seed += 1
    return [], answers


def unnoticed(first, wrong):
    for seed in range(first, first + 20):
        steps, model = draw_steps(seed, ROUND, wrong=wrong)
        if run_library("memory:", steps, model)[0]:
            return False
    return True


def test_control(first):
    return [f"a model that is wrong agreed with the library: {wrong}" for wrong in WRONG
            if unnoticed(first, wrong)]


def main():
    stores = sys.argv[1:]
    first = int(os.environ.get("HF_TEST_SEED", time.time_ns() % 10**9))
    print(f"# HF_TEST_SEED={first}\n1..2", flush=True)
    problems, answers = test_seeds(stores, first)
    for name, count in answers.most_common():
        print(f"# {count} {name}")
    title = f"{answers.total()} operations answer as the model on {', '.join(stores)}"
    failed = report(1, title, problems)
    failed |= report(2, "a wrong rule of the model is noticed", test_control(first))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
