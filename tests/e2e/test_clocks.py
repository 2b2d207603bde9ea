"""A store that was used once by a clock that is a year ahead, in the hands of an operator."""
import os
import time

from harness import contains, equal, holdfast, replay, run
from holdfast import Engine

TEA = {"op": "item_put", "args": {"key": {"name": "tea"}, "opening": 10}}
CUP = {"op": "item_put", "args": {"key": {"name": "cup"}, "opening": 10}}
YEAR_MS = 365 * 24 * 3600 * 1000


def used_ahead(store):
    """Something happens in the store at a time that is a year ahead."""
    engine = Engine(store, virtual_time_ms=int(time.time() * 1000) + YEAR_MS)
    done, = engine.do([("account_put", {"key": (2, b"till", b"", b"EUR"), "unit_scale": 2})])
    equal(done.status, 0, done.detail)
    engine.close()


def events(store, *options):
    answer = holdfast("list", "events", "--json", *options, store=store)
    equal(answer.code, 0, answer.err)
    return answer.json()["events"]


def looked_at():
    """Listing, verify and backup work; a write is refused, and says why."""
    for store in ("lmdb:look.mdb", "sqlite:look.db"):
        used_ahead(store)
        for command in (["list", "accounts"], ["verify"], ["backup", store.split(":")[1] + "-copy"]):
            answer = holdfast(*command, store=store)
            equal(answer.code, 0, answer.err)
            equal(answer.err, "", "nothing is written")
        refused = replay(store, TEA)
        contains(refused.err, "behind the stored time")
        equal(refused.code == 0, False, "a write")
        contains(refused.err, "HF_E_CLOCK")
        equal(len(events(store)), 1, store)


def continued():
    """Told to, the store goes on from its own time, as often as it is opened so."""
    for store in ("lmdb:on.mdb", "sqlite:on.db"):
        used_ahead(store)
        for more in (TEA, CUP):
            answer = replay(store, more, options=("--clock-continue",))
            equal(answer.code, 0, answer.err)
        first, second, _ = events(store, "--clock-continue")
        equal(second["at"] >= first["at"], True, "the times")
        contains(replay(store, TEA).err, "HF_E_CLOCK")
        equal(holdfast("verify", "--clock-continue", store=store).code, 0)


def set_back():
    """Set back once, by somebody who is named, the store is as others are."""
    for store in ("lmdb:back.mdb", "sqlite:back.db"):
        used_ahead(store)
        answer = replay(store, TEA, options=("--clock-set-back", "ops"))
        equal(answer.code, 0, answer.err)
        contains(answer.err, "by ops")
        ahead, act, put = events(store)
        equal((act["type"], act["actor"]), ("CLOCK", "ops"))
        equal(act["at"] < ahead["at"], True, "the times")
        equal(put["at"] >= act["at"], True, "the times after it")
        plain = replay(store, TEA)
        equal(plain.code, 0, plain.err)
        equal(plain.err, "", "nothing is to be said any more")
        equal(holdfast("verify", store=store).code, 0)
        copy = store.split(":")[1] + "-copy"
        equal(holdfast("backup", copy, store=store).code, 0)
        equal(os.path.exists(copy), True)


def misuse():
    """Both switches at once, and a switch without a name, are wrong usage."""
    store = "sqlite:misuse.db"
    equal(replay(store, TEA, options=("--clock-continue", "--clock-set-back", "ops")).code, 2)
    equal(replay(store, TEA, options=("--clock-set-back", "")).code == 0, False)
    equal(holdfast("journal", "--clock-continue", store=store).code, 2)


if __name__ == "__main__":
    run([looked_at, continued, set_back, misuse])
