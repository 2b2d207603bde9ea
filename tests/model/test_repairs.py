"""Takes repairs of the library back, one at a time, and expects the random model to notice each.

Usage: test_repairs.py ROOT [CASE ...]

The sources are copied, and the library is built from the copy with one repair replaced by what
stood there before, or by what would be wrong in the same way. Each case is a row of the table below:
where the repair is, its text, and the text that takes it back. A text that is not found exactly once
fails the test, so that the table cannot fall behind the code.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SEEDS, SECONDS = 400, 120
IGNORED = shutil.ignore_patterns("build", ".git", "__pycache__", "*.xz")
DOMAIN = "lib/domain/"
# name, what is wrong without it, file, repair, without it
REPAIRS = [
    ("O1", "a payment's deadline may stay when its order is confirmed", "order/view.c",
     "bool awaited = !ours && payment->state != HF_PAYMENT_AUTHORIZED;", "bool awaited = false;"),
    ("O4", "the units of a revived order count anew", "lifecycle/follow.c",
     "error = hf__line_renew(draft, order, i);", "error = 0;"),
    ("O5", "what a provider refused to capture is not asked again", "lifecycle/answered.c",
     "if (effect->refused_at != 0) {", "if (effect->refused_at == UINT32_MAX) {"),
    ("O6", "what a MANUAL payment has beyond what is owed is voided", "lifecycle/refund.c",
     "if (!hf__payment_is_live(order, payment))",
     "if (!hf__payment_is_live(order, payment) || payment->settle_on == HF_SETTLE_MANUAL)"),
    ("O7", "an order that ended sends back what it does not owe", "lifecycle/close.c",
     "int64_t remaining = hf__beyond(now->in_hand, now->owed);", "int64_t remaining = 0;"),
    ("O10", "goods do not leave when nothing covers them", "lifecycle/units.c",
     "if (error != 0 || later || now.due <= now.covered)",
     "if (error != 0 || later || now.due >= 0)"),
    ("O13", "a dispute that was won is no chargeback any more", "payment/dispute.c",
     "payment->charged_back -= by;", "payment->charged_back -= 0;"),
    ("O18", "a movement counts once whoever reports it", "payment/fact_movement.c",
     "of->known = true;", "of->known = false;"),
    ("O24", "an order that ended has no open units", "order/stock.c",
     "    row->cancelled += open;\n    return open == 0 ?", "    return open >= 0 ?"),
]
RUN = """
import sys
from collections import Counter
from compare import draw_steps, run_library
from test_model import ROUND
for seed in range(int(sys.argv[1]), int(sys.argv[2])):
    if run_library("memory:", draw_steps(seed, ROUND)[0], "", Counter())[0]:
        print(seed)
        sys.exit(3)
"""
AGREES, DIFFERS = 0, 3


def build(copy):
    folder = copy / "build"
    if not folder.exists():
        options = ["--buildtype=debug", "-Doptimization=1", "-Dtests=disabled",
                   "-Dexamples=disabled", "-Dbench=disabled", "-Dwerror=false"]
        subprocess.run(["meson", "setup", folder, copy, *options], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", folder], check=True, stdout=subprocess.DEVNULL)
    return folder / "libholdfast.so"


def first_difference(root, library, seeds):
    """The first of the seeds on which library and model differ, or None."""
    paths = [str(root / "tests/model"), str(root / "tests/support")]
    env = {**os.environ, "HOLDFAST_LIBRARY": str(library), "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([sys.executable, "-B", "-c", RUN, *map(str, seeds)], env=env, text=True,
                          capture_output=True, timeout=SECONDS)
    if done.returncode not in (AGREES, DIFFERS):
        raise RuntimeError(done.stderr)
    return int(done.stdout) if done.returncode == DIFFERS else None


def without_repair(root, copy, whole, row):
    """What is wrong with the control, or ""."""
    name, title = row[:2]
    begun, library, seed, agrees = time.monotonic(), build(copy), 0, False
    while not agrees:  # seeds on which it differs from the repaired library, too, say nothing
        try:
            seed = first_difference(root, library, (seed + 1, SEEDS))
        except subprocess.TimeoutExpired:
            return f"{name}: nothing was noticed in {SECONDS} s"
        if seed is None:
            return f"{name}: the model agrees with a library without the repair: {title}"
        agrees = first_difference(root, whole, (seed, seed + 1)) is None
    print(f"# {name}: seed {seed}, {time.monotonic() - begun:.0f} s", flush=True)
    return ""


def try_one(root, copy, whole, row):
    name, _, file, repair, without = row
    path = copy / DOMAIN / file
    text = path.read_text()
    if text.count(repair) != 1:
        return f"{name}: {file} has the repair {text.count(repair)} times: {repair}"
    path.write_text(text.replace(repair, without))
    try:
        return without_repair(root, copy, whole, row)
    finally:
        path.write_text(text)


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    rows = [row for row in REPAIRS if not sys.argv[2:] or row[0] in sys.argv[2:]]
    print(f"1..{len(rows)}", flush=True)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "copy"
        shutil.copytree(root, copy, ignore=IGNORED)
        whole = pathlib.Path(shutil.copy(build(copy), folder))
        for number, row in enumerate(rows, 1):
            problem = try_one(root, copy, whole, row)
            if problem:
                print(problem, file=sys.stderr)
            failed = failed or bool(problem)
            print(f"{'not ok' if problem else 'ok'} {number} {row[0]} is noticed: {row[1]}",
                  flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
