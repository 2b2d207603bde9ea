"""Orders paid through a provider over HTTP: the story is right, and the provider's truth agrees."""
import json
import os
import re
import subprocess
import sys
import urllib.request

from harness import ROOT, TOOL, equal, run

FOLDER = os.path.join(ROOT, "examples", "provider")
STORY = [
    ("the provider works", "CLOSED", 900, 900, 0),
    ("it refuses", "CANCELLED", 900, 0, 0),
    ("it charges, and never answers", "CLOSED", 900, 900, 0),
    ("it answers garbage", "CLOSED", 900, 900, 0),
    ("gift card and card", "CLOSED", 900, 900, 0),
    ("the first one is returned", "CLOSED", 900, 900, 900),
]


class Provider:
    """The fake provider in a process of its own."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-B", os.path.join(FOLDER, "fake_provider.py")],
            stdout=subprocess.PIPE, text=True)
        self.url = "http://127.0.0.1:" + self.process.stdout.readline().split()[-1]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def truth(self):
        with urllib.request.urlopen(self.url + "/truth", timeout=600) as answer:
            return json.load(answer)


def told(out):
    """The rows of the table that the program prints."""
    rows = []
    for line in out.splitlines()[1:7]:
        name, rest = line[:34].rstrip(), line[34:].split()
        rows.append((name, rest[0], *map(int, rest[1:])))
    return rows


def each_store_tells_the_same_story():
    """Each order ends as it should, and the provider has charged exactly once."""
    for store in ("memory:", "lmdb:cards", "sqlite:cards.db"):
        with Provider() as provider:
            done = subprocess.run([TOOL, store, provider.url], capture_output=True, text=True,
                                  timeout=600, check=False)
            equal((done.returncode, done.stderr), (0, ""), store)
            equal(told(done.stdout), STORY, store)
            equal(done.stdout.splitlines()[7:], ["tea: 94 on hand, 0 held", "verify: 0 findings"])
            payments = provider.truth()["payments"].values()
            equal(sorted(p["captured"] for p in payments), [400, 900, 900, 900], store)
            equal(sum(p["refunded"] for p in payments), 900, store)
            equal([p for p in payments if p["captured"] > p["authorized"]], [], store)


def the_readme_shows_what_is_printed():
    """Every line of the README's table is a line of the program's."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as readme:
        shown = next(text for text in re.findall(r"```text\n(.*?)```", readme.read(), re.S)
                     if "the provider works" in text)
    with Provider() as provider:
        done = subprocess.run([TOOL, "memory:", provider.url], capture_output=True, text=True,
                              timeout=600, check=True)
    for line in shown.splitlines():
        equal(line in done.stdout.splitlines(), True, line)


def it_says_how_it_is_used():
    """Without a provider it says how it is used."""
    done = subprocess.run([TOOL, "memory:"], capture_output=True, text=True, timeout=600,
                          check=False)
    equal(done.returncode, 1)
    equal(done.stderr, "usage: payments STORE-URL PROVIDER-URL\n")


if __name__ == "__main__":
    run([each_store_tells_the_same_story, the_readme_shows_what_is_printed,
         it_says_how_it_is_used])
