"""Stores written by the library of schema 3 are opened, read and written by this one.

Usage: test_migrate.py DUMP_ROWS STORE ...    e.g. dump_rows lmdb sqlite
The archives in schema_3 hold a store and what its rows were, see make_fixture.py.
"""
import ctypes as c
import os
import sqlite3
import subprocess
import sys
import tarfile
import traceback

from holdfast import WORLD, Engine, error_name, id_of, lib

NOW_MS = 1700000002500  # when the fixtures were left
HERE = os.path.dirname(os.path.abspath(__file__))
ADA, TILL = (2, "ada", "", "EUR"), (2, "till", "", "EUR")
PARTIAL, PLACED = 2, 12  # a state of holds, a type of events


def unpacked(name, folder):
    """The folder with the store of a fixture in it, and the rows that it had."""
    with tarfile.open(f"{HERE}/schema_3/{name}.tar.xz") as archive:
        # the argument of extractall came with Python 3.11.4
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(folder)
    with open(f"{folder}/rows", encoding="utf-8") as file:
        return file.read().splitlines()


def opened(scheme, path):
    return Engine(f"{scheme}:{path}", virtual_time_ms=NOW_MS, journal_bytes_max=1 << 20)


def rows_of(dump, scheme, path):
    return subprocess.run([dump, scheme, path], check=True, capture_output=True,
                          text=True).stdout.splitlines()


def same_rows(found, wanted):
    for one, other in zip(found, wanted):
        assert one == other, f"\n{one}\ninstead of\n{other}"
    assert len(found) == len(wanted), (len(found), len(wanted))


def done(engine, name, **values):
    answer = engine.do([(name, values)])[0]
    assert answer.status == 0, (name, error_name(answer.status), answer.detail)
    return answer.result


def sound(engine):
    verdict = engine.verify()
    assert verdict.status == 0 and not verdict.findings, verdict


def every_row_reads_as_it_was(dump, scheme, name):
    wanted = unpacked(name, "rows-" + name)
    if name.endswith("journal"):  # its rows come out of the journal at open
        opened(scheme, f"rows-{name}/store").close()
    same_rows(rows_of(dump, scheme, f"rows-{name}/store"), wanted)
    same_rows(rows_of(dump, scheme, f"rows-{name}/store"), wanted)  # and stays so


def the_books_are_right_and_new_operations_work(_, scheme, name):
    rows = unpacked(name, "write-" + name)
    engine = opened(scheme, f"write-{name}/store")
    sound(engine)
    part = next(line.split("|") for line in rows if line.startswith("holds|") and
                line.split("|")[15] == str(PARTIAL))
    hold = done(engine, "hold_get", hold=bytes.fromhex(part[1]))
    assert hold["state"] == PARTIAL and hold["posted"] == int(part[12]) > 0
    hold = done(engine, "hold_post", hold=hold["id"], post=2**63 - 1, id=id_of(NOW_MS, "post"))
    assert hold["posted"] + hold["released"] == hold["amount"]
    place = {"from": ADA, "to": TILL, "amount": 5, "id": id_of(NOW_MS, "hold")}
    placed = done(engine, "hold_place", **place)
    assert done(engine, "hold_place", **place) == placed
    done(engine, "account_deposit", **{"from": WORLD, "to": ADA, "amount": 5,
                                       "id": id_of(NOW_MS, "deposit")})
    order = next(line.split("|")[1] for line in rows if line.startswith("orders|"))
    assert done(engine, "order_get", order=bytes.fromhex(order))["lines"]
    page = done(engine, "events_read", limit=256)
    assert page["rows"][-1]["type"] and any(row["type"] == PLACED for row in page["rows"])
    sound(engine)
    engine.close()
    engine = opened(scheme, f"write-{name}/store")
    assert done(engine, "hold_get", hold=placed["id"])["posted"] == 0
    sound(engine)
    engine.close()


def a_copy_is_restored_and_migrated(dump, scheme, name):
    wanted = unpacked(name, "copy-" + name)
    detail = c.create_string_buffer(256)
    error = lib.hf_restore(f"copy-{name}/store".encode(), f"{scheme}:restored-{name}".encode(),
                           detail, c.c_size_t(256))
    assert error == 0, detail.value
    same_rows(rows_of(dump, scheme, f"restored-{name}"), wanted)
    engine = opened(scheme, f"restored-{name}")
    sound(engine)
    engine.close()


def reading_migrates_nothing_and_says_so(_, scheme, name):
    unpacked(name, "read-" + name)
    with open(f"read-{name}/store", "rb") as file:
        before = file.read(), sorted(os.listdir(f"read-{name}"))
    detail = ""
    try:
        Engine(f"{scheme}:read-{name}/store", read_only=1).close()
    except OSError as refused:
        detail = str(refused)
    assert "HF_E_SCHEMA" in detail and "open it once for writing" in detail, detail
    with open(f"read-{name}/store", "rb") as file:
        assert (file.read(), sorted(os.listdir(f"read-{name}"))) == before
    opened(scheme, f"read-{name}/store").close()
    Engine(f"{scheme}:read-{name}/store", read_only=1).close()


def sql_has_the_names_of_this_version(_, scheme, name):
    rows = [line.split("|") for line in unpacked(name, "names-" + name)]
    opened(scheme, f"names-{name}/store").close()
    file = sqlite3.connect(f"names-{name}/store")
    held = file.execute("SELECT sum(posted), sum(released), sum(state = 'PARTIAL') FROM holds")
    holds = [row for row in rows if row[0] == "holds"]
    assert held.fetchone() == (sum(int(row[12]) for row in holds),
                               sum(int(row[13]) for row in holds),
                               sum(row[15] == str(PARTIAL) for row in holds))
    types = dict(file.execute("SELECT type, count(*) FROM events GROUP BY type"))
    assert types["HOLD_PLACE"] == sum(row[0] == "events" and row[2] == str(PLACED) for row in rows)
    assert types["EXPIRE"] > 0 and types["DRIVE"] > 0
    file.close()


def cases(stores):
    plain = [(store, store) for store in stores]
    killed = {"lmdb": "journal", "sqlite": "sqlite_journal"}  # without an identity
    journals = [(store, killed[store]) for store in stores]
    table = [(every_row_reads_as_it_was, plain + journals),
             (the_books_are_right_and_new_operations_work, plain + journals),
             (a_copy_is_restored_and_migrated, plain),
             (reading_migrates_nothing_and_says_so, plain + journals),
             (sql_has_the_names_of_this_version, [one for one in plain if one[0] == "sqlite"])]
    return [(check, scheme, name) for check, fixtures in table for scheme, name in fixtures]


def main():
    dump, wanted = sys.argv[1], cases(sys.argv[2:])
    failed = False
    print(f"1..{len(wanted)}", flush=True)
    for number, (check, scheme, name) in enumerate(wanted, 1):
        try:
            check(dump, scheme, name)
            answer = "ok"
        except (AssertionError, OSError, subprocess.CalledProcessError, KeyError):
            traceback.print_exc()
            answer, failed = "not ok", True
        print(f"{answer} {number} {check.__name__.replace('_', ' ')}: {name}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
