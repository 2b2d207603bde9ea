"""A doctor and a room by quarters of an hour, held for 8 minutes while the patient confirms.

The story of examples/appointments.c: it prints the same lines. An argument names a new store.
"""
import asyncio
import sys
from datetime import datetime, timedelta, timezone
from typing import List, NamedTuple
from uuid import UUID

import holdfast
from holdfast import (Key, PutMode, RefundMode, Settle, item, leg, limit, line, money, payment,
                      payment_amount)

DEPOSIT, LATE_FEE, WALLET, VISITS_MAX = 5000, 2000, 20_000, 2  # money in cents
SLOT, HOLD = timedelta(minutes=15), timedelta(minutes=8)
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)  # the first slot
RESOURCES = ["dr weber", "room 1"]


class Appointment(NamedTuple):
    """What a patient asked for."""

    patient: str
    at: datetime
    order: UUID


class Practice:
    """The doctor's calendar."""

    def __init__(self, hf: holdfast.Engine) -> None:
        self.hf, self.now = hf, MONDAY - timedelta(days=2)
        self.appointments: List[Appointment] = []

    async def open_account(self, key: Key, opening: int) -> None:
        """Opens an account the first time; later it stays as it is."""
        await self.hf.accounts.put(key, mode=PutMode.OPEN_IF_ABSENT, opening=opening,
                                   unit_scale=2 if key.unit == "EUR" else 0)

    async def ask(self, patient: str, slot: int, length: int) -> None:
        """Holds all that is needed, or nothing."""
        start = MONDAY + slot * SLOT
        print(f"{patient} asks for {start:%H:%M}")
        needed = [item(resource, f"{start + n * SLOT:%H:%M}", "slots")
                  for n in range(length) for resource in RESOURCES]
        for key in needed:
            await self.open_account(key, 1)
        legs = [leg(1, from_=key) for key in [limit(patient, "visits"), *needed]]
        try:
            view = await self.hf.orders.place(
                "EUR", customer=patient, total=DEPOSIT, deadline=self.now + HOLD,
                lines=[line("visit", 1, unit_price=DEPOSIT, settle_on=Settle.FULFIL, legs=legs)])
            self.appointments.append(Appointment(patient, start, view.order.id))
        except holdfast.Rejected as refused:
            print(f"  refused: {refused}")

    async def confirm(self, number: int) -> None:
        """Takes the deposit, which confirms the order."""
        asked = self.appointments[number]
        print(f"{asked.patient} confirms {asked.at:%H:%M}")
        deposit = payment(account=money(asked.patient, "EUR"), amount=DEPOSIT)
        try:
            await self.hf.payments.add(asked.order, deposit)
        except holdfast.Rejected as refused:
            print(f"  refused: {refused}")

    async def cancel(self, number: int) -> None:
        """Gives the deposit back; in the last day before the visit all but the fee."""
        booked = self.appointments[number]
        print(f"{booked.patient} cancels {booked.at:%H:%M}")
        if booked.at - self.now >= timedelta(days=1):
            await self.hf.orders.cancel(booked.order)
            return
        view = await self.hf.orders.get(booked.order)
        await self.hf.orders.cancel(
            booked.order, refund_mode=RefundMode.NAMED,
            refunds=[payment_amount(view.payments[0].id, DEPOSIT - LATE_FEE)])

    async def show(self) -> None:
        """Prints every appointment."""
        print(f"\n  {'patient':8}{'time':8}{'is':12}{'paid':>8}{'refunded':>10}")
        for one in self.appointments:
            view = await self.hf.orders.get(one.order)
            print(f"  {one.patient:8}{one.at:%H:%M}   {view.order.state.name:12}{view.captured:8}"
                  f"{view.refunded:10}")

    def pass_time(self, title: str, step: timedelta) -> None:
        """Lets some time pass."""
        print(f"\n{title}")
        self.now += step
        self.hf.clock_advance(step // timedelta(milliseconds=1))


async def story(practice: Practice) -> None:
    for patient in ("ada", "ben", "cem"):
        await practice.open_account(limit(patient, "visits"), VISITS_MAX)
        await practice.open_account(money(patient, "EUR"), WALLET)
    await practice.ask("ada", 3, 2)
    practice.pass_time("8 minutes less a millisecond later", HOLD - timedelta(milliseconds=1))
    await practice.ask("ben", 4, 1)
    practice.pass_time("a millisecond later", timedelta(milliseconds=1))
    await practice.ask("ben", 4, 1)
    await practice.confirm(0)
    await practice.confirm(1)
    await practice.ask("cem", 0, 1)
    await practice.ask("cem", 1, 2)
    await practice.ask("cem", 5, 1)
    await practice.confirm(2)
    await practice.confirm(3)
    await practice.cancel(2)
    await practice.show()
    practice.pass_time("on sunday evening", timedelta(days=1.5))
    await practice.cancel(3)
    await practice.show()


async def main(store: str) -> int:
    async with holdfast.open(store, virtual_time=MONDAY - timedelta(days=2)) as hf:
        await story(Practice(hf))
        books = await hf.verify()
        print(f"\nverify: {books.findings_total} findings")
        return books.findings_total


sys.exit(asyncio.run(main(*sys.argv[1:] or ["memory:"])))
