"""`holdfast journal`: what a killed seller leaves behind, and that the next open takes it in."""
import os
import signal
import subprocess
import sys

from harness import contains, equal, holdfast, lines_of, replay, run

TEA = {"op": "item_put", "args": {"key": {"name": "tea"}, "opening": 1000000}}
EURO = {"op": "account_put", "args": {
    "key": {"kind": "MONEY", "name": "till", "unit": "EUR"}, "unit_scale": 2}}
ORDER = {"op": "order_place", "args": {
    "currency": "EUR", "total": 0, "lines": [{"sku": "tea", "quantity": 1, "unit_price": 0}]}}
REFUSED = {"op": "item_receive", "args": {
    "to": {"kind": "ITEM", "name": "tea", "unit": "pcs"}, "amount": 0}}
SETUP = [TEA, EURO]
SELLS = 500
TRIES = 20


def journal(store, *options):
    return holdfast("journal", *options, store=store)


def segments(store):
    answer = journal(store, "--json")
    equal(answer.code, 0, answer.err)
    return answer.json()["journal"]


def sell_until_killed(store, look=None):
    """Sells SELLS orders one by one, all acknowledged, calls `look`, and is killed."""
    lines = lines_of(SETUP + [ORDER] * SELLS + [REFUSED])
    command = [sys.argv[1], "--store", store, "replay", "--window", "1", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as child:
        child.stdin.write(lines)
        child.stdin.flush()
        # one at a time: when the last one is answered, all before it are
        contains(child.stderr.readline().decode(), f"-:{len(lines.splitlines())}: item_receive")
        if look is not None:
            look()
        child.send_signal(signal.SIGKILL)
        child.wait()


def orders(store):
    return len(holdfast("list", "orders", "--limit", 0, "--json", store=store).json()["orders"])


def recovers(scheme, number):
    """A killed seller and what comes after; whether the store lacked something of the journal."""
    path = f"killed-{number}.{scheme}"
    store = f"{scheme}:{path}"
    alive = []
    sell_until_killed(store, lambda: alive.extend(segments(store)))
    equal([row["state"] for row in alive], ["WHOLE"], "beside a living engine")
    left = segments(store)
    equal(sum(row["records"] for row in left), SELLS + len(SETUP), scheme)
    equal((left[0]["store"], left[0]["incarnation"]), (alive[0]["store"], 1), "whose it is")
    equal(left[-1]["next"], 0, "the newest names none")
    equal(left[0]["last"] - left[0]["first"], SELLS + len(SETUP) - 1, "batches")
    equal(0 < left[0]["used"] <= left[0]["bytes"], True, left)
    contains(journal(store).out, f"{path}.journal/segment-01")
    equal(orders(store), SELLS, "orders in the store and its journal")
    equal(segments(store), left, "read, and nothing is written")
    told = replay(store, options=("--log", "info"))
    contains(told.err, "closed: the store has everything")
    equal(orders(store), SELLS, "orders after opening it again")
    equal(segments(store), [], "after it was closed")
    equal(os.path.exists(f"{path}.journal"), False, "the folder")
    contains(journal(store).out, "journal: none")
    equal(holdfast("verify", store=store).code, 0)
    return "recovery: " in told.err and f"/{path}.journal: " in told.err


def killed_seller():
    """A seller that was killed leaves its records, the next open takes them in, nothing is left."""
    for scheme in ("lmdb", "sqlite"):
        # an idle moment before the kill may have given the store everything
        equal(any(recovers(scheme, number) for number in range(TRIES)), True, "a recovery")


def foreign():
    """A journal that is not the store's, or whose store is gone, is told by the command too."""
    for scheme in ("lmdb", "sqlite"):
        for name in ("one", "two"):
            sell_until_killed(f"{scheme}:{scheme}-{name}")
        one, two = (segments(f"{scheme}:{scheme}-{name}")[0] for name in ("one", "two"))
        equal(one["store"] == two["store"], False, "identities")
        for old, new in (("one", "aside"), ("two", "one"), ("aside", "two")):
            os.rename(f"{scheme}-{old}.journal", f"{scheme}-{new}.journal")
        for name, other in (("one", two), ("two", one)):
            answer = journal(f"{scheme}:{scheme}-{name}", "--json")
            equal(answer.code, 1, answer.err)
            equal(answer.json()["journal"][0]["store"], other["store"], "whose it is")
            contains(answer.err, "another store's journal")
        os.rename(f"{scheme}-one", f"{scheme}-gone")
        gone = journal(f"{scheme}:{scheme}-one")
        equal(gone.code, 1, gone.err)
        contains(gone.err, "the journal of a store that no longer exists")


def state_of(folder):
    """Names, times and bytes of all files."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[path] = (os.stat(path).st_mtime_ns, os.stat(path).st_ctime_ns, file.read())
    return found


def only_read():
    """Commands that read run beside a seller, and leave a killed store as it is."""
    for scheme in ("lmdb", "sqlite"):
        os.mkdir(scheme)
        store = f"{scheme}:{scheme}/read"
        reads = (["verify"], ["list", "orders"], ["show", "item", "tea"], ["journal"], ["nodes"],
                 ["backup", f"{scheme}-early"])
        beside = []
        sell_until_killed(store, lambda: beside.extend(holdfast(*read, store=store)
                                                       for read in reads))
        for read, answer in zip(reads, beside):
            equal(answer.code, 0, (read, answer.err))
        equal(len(beside), len(reads), "commands beside a seller")
        equal(holdfast("verify", store=f"{scheme}:{scheme}-early").code, 0, "the early copy")
        before = state_of(scheme)
        for command in (["list", "orders"], ["list", "events"], ["show", "item", "tea"], ["nodes"],
                        ["verify"], ["transactions", "list"], ["backup", f"{scheme}-copy"]):
            answer = holdfast(*command, store=store)
            equal(answer.code, 0, answer.err)
            equal(state_of(scheme) == before, True, command)
        equal(orders(f"{scheme}:{scheme}-copy"), SELLS, "orders of the copy")
        equal(holdfast("verify", "--json", store=f"{scheme}:{scheme}-copy").json(),
              holdfast("verify", "--json", store=store).json(), "copy and store")
        equal(replay(store).code, 0)
        equal(state_of(scheme) == before, False, "the control: it was opened for writing")


def damaged():
    """Damage is told with its place and is exit code 1; opening refuses it with the same words."""
    store = "sqlite:damaged.db"
    sell_until_killed(store)
    path = "damaged.db.journal/segment-01"
    with open(path, "r+b") as file:
        file.seek(4096 + 20)
        byte = file.read(1)
        file.seek(4096 + 20)
        file.write(bytes([byte[0] ^ 1]))
    answer = journal(store, "--json")
    equal(answer.code, 1)
    contains(answer.err, f"{path}: byte 4096: a record is damaged that has others behind it")
    equal([(row["state"], row["records"]) for row in answer.json()["journal"]], [("DAMAGED", 0)])
    opened = holdfast("verify", store=store)
    equal(opened.code, 4)
    contains(opened.err, "HF_E_CORRUPT")
    contains(opened.err, f"{path}: byte 4096")
    equal(journal(store).code, 1, "opening changed nothing")


def torn():
    """A last record that is cut off is no damage, and the next open leaves it out."""
    store = "lmdb:torn.lmdb"
    sell_until_killed(store)
    left = segments(store)[0]
    with open("torn.lmdb.journal/segment-01", "r+b") as file:
        file.seek(left["used"] - 8)
        file.write(b"\xa5" * 8)
    cut = segments(store)[0]
    equal((cut["state"], cut["records"]), ("WHOLE", left["records"] - 1))
    equal(cut["last"], left["last"] - 1)


def absent():
    """No journal is none; no store, and a store that can have none, are told."""
    equal(replay("sqlite:closed.db", TEA).code, 0)
    equal(segments("sqlite:closed.db"), [])
    for store, code, part in (("sqlite:absent.db", 4, "there is no store"),
                              ("memory:", 4, "HF_E_UNSUPPORTED"), ("nope:x", 4, "HF_E_URL"),
                              (None, 2, "no store")):
        answer = journal(store)
        equal(answer.code, code, store)
        contains(answer.err, part)
    equal(os.path.exists("absent.db"), False)


def restores():
    """Nothing is restored over a journal, or from a store that has one."""
    store = "sqlite:source.db"
    sell_until_killed(store)
    refused = holdfast("restore", "source.db", store="sqlite:copy.db")
    equal(refused.code, 4)
    contains(refused.err, "HF_E_BUSY")
    equal(os.path.exists("copy.db"), False)
    equal(holdfast("backup", "backup.db", store=store).code, 0)
    sell_until_killed("sqlite:gone.db")
    os.remove("gone.db")
    refused = holdfast("restore", "backup.db", store="sqlite:gone.db")
    equal(refused.code, 4)
    contains(refused.err, "HF_E_EXISTS")
    contains(refused.err, "gone.db.journal")
    equal(holdfast("restore", "backup.db", store="sqlite:copy.db").code, 0)
    equal(orders("sqlite:copy.db"), SELLS)


def without():
    """A store whose journal is lost goes on when it is told to, and only then."""
    for scheme in ("lmdb", "sqlite"):
        store = f"{scheme}:lost.{scheme}"
        sell_until_killed(store)
        whole = holdfast("verify", "--without-journal", store=store)
        equal(whole.code, 4, "the journal is whole")
        contains(whole.err, "HF_E_EXISTS")
        os.rename(f"lost.{scheme}.journal", f"elsewhere.{scheme}")
        lost = holdfast("verify", store=store)
        equal(lost.code, 4, lost.err)
        contains(lost.err, "HF_E_CORRUPT")
        contains(lost.err, f"lost.{scheme}.journal")
        without = holdfast("verify", "--without-journal", store=store)
        equal(without.code, 0, without.err)
        contains(without.err, "nothing is known from batch")
        equal(holdfast("verify", store=store).code, 0, "afterwards")
        os.rename(f"elsewhere.{scheme}", f"lost.{scheme}.journal")
        equal(holdfast("verify", store=store).code, 4, "the old journal is foreign now")


if __name__ == "__main__":
    run([killed_seller, only_read, foreign, damaged, torn, absent, restores, without])
