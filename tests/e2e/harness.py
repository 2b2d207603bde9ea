"""Runs sentences as tests, reports them as TAP, and runs the command-line tool for them."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "support"))

from ports import free_port, free_ports  # noqa: E402,F401  pylint: disable=C0413,W0611

TOOL = os.path.abspath(sys.argv[1])
ROOT = os.path.abspath(sys.argv[2])


class Skip(Exception):
    """What the test needs is not there."""


class Answer:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


def holdfast(*arguments, store=None, text=None, stdin=None):
    """Runs the tool; `text` or the open file `stdin` is its standard input."""
    environment = {k: v for k, v in os.environ.items() if k != "HOLDFAST_STORE"}
    if store is not None:
        environment["HOLDFAST_STORE"] = store
    if stdin is None:
        text = (text or "").encode() if not isinstance(text, bytes) else text
    return Answer(subprocess.run([TOOL, *map(str, arguments)], input=text, stdin=stdin,
                                 capture_output=True, env=environment, timeout=600, check=False))


def lines_of(operations):
    """Operations as a file's bytes; bytes and texts among them stay as they are."""
    texts = [op if isinstance(op, (bytes, str)) else json.dumps(op) for op in operations]
    return b"".join((t if isinstance(t, bytes) else t.encode()) + b"\n" for t in texts)


def replay(store, *operations, options=()):
    return holdfast("replay", *options, "-", store=store, text=lines_of(operations))


def equal(got, wanted, what=""):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def retail_data():
    """The path of the compressed Online Retail data, or Skip."""
    named = os.environ.get("HOLDFAST_RETAIL_DATA")
    beside = os.path.join(os.path.dirname(ROOT), "shared", "data", "online-retail.csv.xz")
    path = named or beside
    if not os.path.exists(path):
        raise Skip("the Online Retail data is not there; HOLDFAST_RETAIL_DATA names it")
    return path


def run(cases):
    """`cases`: functions; the first line of its text is a test's name."""
    print(f"1..{len(cases)}")
    failed = False
    for number, case in enumerate(cases, 1):
        title = case.__doc__.splitlines()[0].rstrip(".")
        try:
            case()
        except Skip as reason:
            print(f"ok {number} {title} # SKIP {reason}", flush=True)
            continue
        except Exception as error:  # a test must not hide those behind it
            failed = True
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            print(f"not ok {number} {title}", flush=True)
            continue
        print(f"ok {number} {title}", flush=True)
    sys.exit(1 if failed else 0)
