"""Makes a failing run small: steps, chains and operations are dropped while it still differs."""
import re
import time

from compare import run_library

SECONDS = 60


def shrunk(fresh_url, steps):
    """(steps, problems) of a run that differs likewise, as short as a minute of trying makes it.

    The first step opens the accounts, and stays.
    """
    until = time.monotonic() + SECONDS
    problems, at, _ = run_library(fresh_url(), steps)
    best = [steps[1:at + 1], problems]
    kind = kind_of(problems)

    def differs(some):
        if time.monotonic() > until:
            return False
        found, number, _ = run_library(fresh_url(), steps[:1] + some)
        if kind_of(found) == kind:
            best[:] = some[:number], found
        return kind_of(found) == kind

    differs(single(best[0], lambda chains: [[chain] for chain in chains]))
    shorten(best, differs)
    differs(single(best[0], lambda chains: [[[op]] for chain in chains for op in chain]))
    shorten(best, differs)
    return best


def shorten(best, differs):
    """Drops runs of steps, long ones first."""
    size = max(1, len(best[0]) // 2)
    while size >= 1:
        at = 0
        while at < len(best[0]):
            if not differs(best[0][:at] + best[0][at + size:]):
                at += size
        size //= 2


def kind_of(problems):
    """What stays the same while a run is shrunk: the first problem without its numbers."""
    return re.sub("b['\"].*?['\"]:|[0-9]+", "#", problems[0])[:90] if problems else ""


def single(steps, parts_of):
    """Each part of a step with operations as a step of its own."""
    out = []
    for step in steps:
        out += [("ops", part) for part in parts_of(step[1])] if step[0] == "ops" else [step]
    return out


def in_words(value, names):
    """A text for people: ids by the names that they were made from, and nothing that is empty."""
    text = value if isinstance(value, str) else step_in_words(value)
    for ident, name in names.items():
        text = text.replace(repr(ident), name.replace(" ", "-"))
    return text


def step_in_words(step):
    if step[0] != "ops":
        return " ".join(str(part) for part in step)
    return "\n".join(" + ".join(f"{name} {plain(values)}" for name, values in chain)
                     for chain in step[1])


def plain(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {plain(one)}" for key, one in value.items()
                               if one not in (0, "", [], b"\0" * 16)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(plain(one) for one in value) + "]"
    return repr(value)
