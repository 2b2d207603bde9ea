"""Limit orders are holds, fills are chains, and nothing is ever made or lost.

The story of examples/trading.c: it prints the same lines. An argument names a new store.
"""
import asyncio
import sys
from typing import Dict, NamedTuple
from uuid import UUID

import holdfast
from holdfast import Account, Key, Op, PutMode, accounts, holds, item, money

FEE = 2  # cents a share, of the buyer and of the seller
UNITS = ["EUR", "ACME", "BOLT"]
OPENING = {"ada": (1_000_000, 0, 50), "ben": (50_000, 100, 0), "cem": (200_000, 60, 0),
           "exchange": (0, 0, 0)}
TOTAL = {"EUR": 1_250_000, "ACME": 160, "BOLT": 50}  # for ever


class LimitOrder(NamedTuple):
    """A limit order, which is a hold."""

    trader: str
    instrument: str
    limit: int
    hold: UUID


def account(holder: str, unit: str) -> Key:
    return money(holder, unit) if unit == "EUR" else item(holder, unit=unit)


class Exchange:
    """Traders with cash and positions; each sum is what it always was."""

    def __init__(self, hf: holdfast.Engine) -> None:
        self.hf = hf
        self.rows: Dict[Key, Account] = {}

    async def audit(self) -> None:
        """Reads the accounts, opened the first time, and checks the sums."""
        for holder, opening in OPENING.items():
            for unit, amount in zip(UNITS, opening):
                key = account(holder, unit)
                self.rows[key] = await self.hf.accounts.put(
                    key, mode=PutMode.OPEN_IF_ABSENT, opening=amount,
                    unit_scale=2 if unit == "EUR" else 0)
        sums = {unit: sum(row.balance for key, row in self.rows.items() if key.unit == unit)
                for unit in UNITS}
        assert sums == TOTAL, sums
        print("  sums: " + ", ".join(f"{amount} {unit}" for unit, amount in sums.items()))

    def show(self) -> None:
        """Prints all accounts."""
        print(f"\n{'':10}" + "".join(f"{unit:>8}{'held':>8}" for unit in UNITS))
        for holder in OPENING:
            rows = [self.rows[account(holder, unit)] for unit in UNITS]
            print(f"{holder:10}" + "".join(f"{r.balance:8}{r.held_out:8}" for r in rows))
        print()

    async def perform(self, *ops: Op) -> None:
        """Does all of the operations or none of them; prints what was refused."""
        try:
            await self.hf.chain(*ops)
        except holdfast.Rejected as refused:
            print(f"  refused: {refused}")
        await self.audit()

    async def place(self, trader: str, side: str, quantity: int, instrument: str,
                    limit: int) -> LimitOrder:
        """Holds what the order may cost: cash of a buyer, the position of a seller."""
        print(f"{trader}: {side} {quantity} {instrument} at {limit}")
        unit = "EUR" if side == "buy" else instrument
        amount = quantity * (limit + FEE) if side == "buy" else quantity
        hold = self.hf.new_id()
        await self.perform(holds.place(amount, from_=account(trader, unit),
                                       to=account("exchange", unit), id=hold))
        return LimitOrder(trader, instrument, limit, hold)

    async def fill(self, bid: LimitOrder, ask: LimitOrder, quantity: int, price: int) -> None:
        """Both holds are posted, and shares and cash change hands."""
        print(f"fill: {quantity} at {price}")
        unit = bid.instrument
        await self.perform(
            holds.post(bid.hold, post=quantity * (price + FEE),
                       release=quantity * (bid.limit - price)),  # the price was better
            holds.post(ask.hold, post=quantity),
            accounts.transfer(quantity, from_=account("exchange", unit),
                              to=account(bid.trader, unit)),
            accounts.transfer(quantity * (price - FEE), from_=account("exchange", "EUR"),
                              to=account(ask.trader, "EUR")))

    async def bust(self, bid: LimitOrder, ask: LimitOrder, quantity: int, price: int) -> None:
        """The trade is undone."""
        print(f"bust: {quantity} at {price}")
        unit = bid.instrument
        await self.perform(
            accounts.transfer(quantity, from_=account(bid.trader, unit),
                              to=account("exchange", unit)),
            accounts.transfer(quantity * (price - FEE), from_=account(ask.trader, "EUR"),
                              to=account("exchange", "EUR")),
            holds.reverse(bid.hold, amount=quantity * (price + FEE)),
            holds.reverse(ask.hold))

    async def cancel(self, order: LimitOrder) -> None:
        """What remains of the hold is released."""
        print(f"{order.trader}: cancel the rest")
        await self.perform(holds.release(order.hold))


async def main(store: str) -> int:
    async with holdfast.open(store) as hf:
        market = Exchange(hf)
        await market.audit()
        market.show()
        bid = await market.place("ada", "buy", 100, "ACME", 5000)
        ask = await market.place("ben", "sell", 60, "ACME", 4900)
        await market.fill(bid, ask, 60, 4950)
        more = await market.place("cem", "sell", 30, "ACME", 5000)
        await market.fill(bid, more, 30, 5000)
        market.show()
        await market.cancel(bid)
        await market.place("ben", "buy", 200, "BOLT", 2000)
        wish = await market.place("cem", "buy", 50, "BOLT", 2100)
        gone = await market.place("ada", "sell", 50, "BOLT", 2000)
        await market.fill(wish, gone, 50, 2050)
        await market.bust(bid, more, 30, 5000)
        market.show()
        books = await hf.verify()
        print(f"verify: {books.findings_total} findings")
        return books.findings_total


sys.exit(asyncio.run(main(*sys.argv[1:] or ["memory:"])))
