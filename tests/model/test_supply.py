"""Supply reaches everybody who waits for it, also when nothing else happens, also after a restart.

Usage: test_supply.py STORE ...        e.g. memory lmdb sqlite
More orders wait than one step of the engine promotes, so it has to go on by itself.
"""
import sys

from holdfast import WORLD, Engine, id_of

START_MS, WAITING, TURNS = 1700000000000, 1, 200
TEA, CUP = ((1, sku, "", "pcs") for sku in ("tea", "cup"))


def open_engine(url, **options):
    return Engine(url, virtual_time_ms=START_MS, random_seed=1, **options)


def opened(url, **options):
    engine = open_engine(url, **options)
    engine.do([("item_put", {"key": key, "unit_scale": 0}) for key in (TEA, CUP)])
    return engine


def wait_for(engine, wanted):
    """Orders that wait: for one piece of each sku that is named."""
    ids = [id_of(START_MS, f"order {i}") for i in range(len(wanted))]
    placed = engine.do([("order_place", {
        "id": ident, "currency": "pcs", "total": 0, "policy": 3,
        "lines": [{"sku": sku, "quantity": 1, "unit_price": 0} for sku in skus]})
        for ident, skus in zip(ids, wanted)])
    assert all(done.result["order"]["state"] == WAITING for done in placed)
    return ids


def receive(engine, key, amount):
    done = engine.do([("item_receive", {"from": WORLD, "to": key, "amount": amount})])
    assert done[0].status == 0, done


def still_waiting(engine, ids):
    """How many, after as much of the loop as it wants; reads only, so nothing pushes it."""
    for _ in range(TURNS):
        views = engine.do([("order_get", {"order": ident}) for ident in ids])
        count = sum(view.result["order"]["state"] == WAITING for view in views)
        if count == 0:
            break
    return count


def one_supply_serves_all(url):
    engine = opened(url)
    ids = wait_for(engine, [["tea"]] * 100)
    receive(engine, TEA, 100)
    left = still_waiting(engine, ids[:40]) + still_waiting(engine, ids[40:])
    engine.close()
    return left


def those_behind_one_that_moved_are_served(url):
    engine = opened(url)
    ids = wait_for(engine, [["tea", "cup"], ["tea"], ["tea"]])
    receive(engine, TEA, 3)  # the first one goes on waiting for a cup only
    left = still_waiting(engine, ids[1:])
    engine.close()
    return left


def a_restart_in_between_forgets_nobody(url):
    if url == "memory:":
        return 0
    engine = opened(url, batch_ops_max=1)
    ids = wait_for(engine, [["tea"]] * 100)
    receive(engine, TEA, 100)
    engine.close()
    engine = open_engine(url)
    left = still_waiting(engine, ids)
    engine.close()
    return left


TESTS = (one_supply_serves_all, those_behind_one_that_moved_are_served,
         a_restart_in_between_forgets_nobody)


def main():
    stores, number, failed = sys.argv[1:], 0, False
    print(f"1..{len(stores) * len(TESTS)}", flush=True)
    for store in stores:
        for test in TESTS:
            number += 1
            url = "memory:" if store == "memory" else f"{store}:{test.__name__}-{store}"
            left = test(url)
            failed |= left > 0
            print(f"{'not ok' if left else 'ok'} {number} {store}: {test.__name__}: "
                  f"{left} still wait", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
