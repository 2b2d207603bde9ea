"""Metrics: the figures of an engine, the table that documents them, and the Prometheus text."""
import asyncio
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Dict, List

import tap
from tap import Skip

import headers
import words
import holdfast
from holdfast import (Answer, Call, HealthState, MetricKind, MetricOf, MetricUnit, item, line, money,
                      payment)


async def filled(hf: holdfast.Engine) -> None:
    """A shop with two orders: one is paid and closed, one is refused."""
    await hf.items.put(item("tea"), opening=100, unit_scale=0)
    await hf.accounts.put(money("ada", "EUR"), opening=5000, unit_scale=2)
    await hf.orders.place("EUR", total=900, lines=[line("tea", 2, unit_price=450)],
                          payments=[payment(account=money("ada", "EUR"), amount=900)])
    try:
        await hf.orders.place("EUR", lines=[line("tea", 2000)])
    except holdfast.StockShortError:
        return
    raise AssertionError("an order took more than there is")


async def test_figures(driver: str) -> None:
    """Every figure is there: operations, errors by class, orders by outcome, latencies."""
    async with holdfast.open("memory:", driver) as hf:
        await filled(hf)
        found = hf.metrics()
        assert found.state is HealthState.OK and found.availability_ppm == 1_000_000
        assert found.accepted == found.completed == 4 and found.in_flight == 0
        assert found.errors_rejected == 1 and found.errors_fatal == 0
        assert found.write_latency_ns.count == 4
        assert found.write_latency_ns.least <= found.write_latency_ns.p50 <= \
            found.write_latency_ns.p99 <= found.write_latency_ns.most
        assert sum(getattr(found, f"orders_{name}") for name in (
            "waiting", "pending", "confirmed", "closed", "cancelled", "expired")) == 1
        by_name = {one.name: one for one in found.operations}
        assert by_name["ORDER_PLACE"].completed == 2 and by_name["ORDER_PLACE"].refused == 1
        assert by_name["ORDER_PLACE"].type == holdfast.EventType.ORDER_PLACE


async def test_callees(driver: str) -> None:
    """A participant has figures of its own, by name and version."""
    class Stock:
        """Says yes to everything."""

        async def attempt(self, call: Call) -> Answer:
            """Nothing is to be done."""
            return Answer.OK

        confirm = cancel = query = attempt

    async with holdfast.open("memory:", driver) as hf:
        hf.register_participant('a "stock"', Stock())
        await hf.transactions.submit(branches=[holdfast.branch('a "stock"')],
                                     wait=holdfast.TxnWait.FINISHED)
        one, = hf.metrics().callees
        assert one.name == 'a "stock"' and one.version == 1 and not one.provider
        assert one.calls == 2 and one.failures == 0 and one.breaker_state == 0
        assert hf.metrics().participant_call_ns.count == 2
        labels = 'callee="a \\"stock\\"",kind="participant",version="1"'
        assert f"holdfast_callee_calls_total{{{labels}}} 2\n" in hf.metrics_text()


def test_table() -> None:
    """The table describes every field, and the docstrings of the records come from it."""
    classes: Dict[MetricOf, Any] = {MetricOf.ENGINE: holdfast.MetricsInfo,
                                    MetricOf.OPERATION: holdfast.OperationFigures,
                                    MetricOf.CALLEE: holdfast.CalleeFigures}
    say = words.Words(headers.folder(), headers.read(headers.folder())).say
    for metric in holdfast.METRICS:
        cls = classes[metric.of]
        assert metric.field in cls.__slots__, metric
        doc = " ".join((cls.__doc__ or "").split())
        at = doc.index(f" {metric.field}: ")
        told = re.sub(r"^HealthState: ", "", say(metric.help))
        assert told.lower() in doc[at:at + 250].lower(), metric
        assert metric.name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
        assert (metric.unit is MetricUnit.NS) == metric.field.endswith("_ns")
    names = {metric.field for metric in holdfast.METRICS}
    missing = set(classes[MetricOf.ENGINE].__slots__) - names
    assert missing == {"operations", "callees"}, missing


async def text_of(driver: str) -> str:
    """The text of an engine that has done something of most kinds."""
    async with holdfast.open("lmdb:shop", driver) as hf:
        await filled(hf)
        [order async for order in hf.orders.list()]
        return hf.metrics_text()


async def test_text(driver: str) -> None:
    """The text has a sample for each metric of the table, under its own HELP and TYPE."""
    text = await text_of(driver)
    for metric in holdfast.METRICS:
        assert f"# HELP {metric.name} {metric.help}\n" in text, metric
        assert f"# TYPE {metric.name} {metric.kind.name.lower()}\n" in text, metric
        if metric.of is not MetricOf.CALLEE:
            assert re.search(rf"^{metric.name}(_count)?(\{{.*\}})? [0-9.]+$", text, re.M), metric
    heads = re.findall(r"^# TYPE (\S+)", text, re.M)
    assert len(heads) == len(set(heads))


async def test_promtool(driver: str) -> None:
    """Promtool has nothing to say about the text."""
    promtool = shutil.which("promtool")
    if promtool is None:
        raise Skip("promtool (package prometheus) is not installed")
    text = await text_of(driver)
    for given, good in ((text, True), (text.replace("_total", "_count"), False)):
        done = subprocess.run([promtool, "check", "metrics"], input=given, text=True,
                              capture_output=True, check=False)
        found = done.stdout + done.stderr
        assert (done.returncode == 0 and not found) == good, found


async def test_file(driver: str) -> None:
    """The engine writes its figures into a file that it is given, and removes it in the end."""
    path = Path("figures.prom")
    async with holdfast.open("memory:", driver, metrics_file=str(path)):
        text = path.read_text(encoding="utf-8")
        assert "\nholdfast_state 0\n" in text
        assert f'\nholdfast_process_info{{pid="{os.getpid()}"}} 1\n' in text
        try:
            async with holdfast.open("memory:", driver, metrics_file=str(path)):
                pass
        except holdfast.LockedError as problem:
            assert "another engine" in problem.detail
        else:
            raise AssertionError("two engines write one file")
    assert not path.exists()


def test_sync() -> None:
    """The synchronous twin has the same figures, also for other threads."""
    with holdfast.sync.open("memory:") as hf:
        hf.items.put(item("tea"), opening=1, unit_scale=0)
        seen: List[holdfast.MetricsInfo] = []
        thread = threading.Thread(target=lambda: seen.append(hf.metrics()))
        thread.start()
        thread.join()
        assert seen[0].completed == 1
        assert "holdfast_operations_completed_total 1\n" in hf.metrics_text()


def test_closed() -> None:
    """An engine that is closed has no figures."""
    async def close() -> None:
        async with holdfast.open("memory:") as hf:
            pass
        try:
            hf.metrics()
        except holdfast.ClosedError:
            return
        raise AssertionError("a closed engine answered")

    asyncio.run(close())


if __name__ == "__main__":
    assert os.environ["HOLDFAST_LIBRARY"]
    tap.run(__name__, [("queue",), ("loop",)])
