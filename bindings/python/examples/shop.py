"""Two warehouses, a kit, a coupon, a gift card, partial shipping, a return, a backorder.

The story of examples/shop.c: it prints the same lines. An argument names a new store.
"""
import asyncio
import sys
from typing import Sequence
from uuid import UUID

import holdfast
from holdfast import (AdjustmentKind, LineArgs, OrderFlags, Settle, adjustment, item, leg,
                      limit, line, line_quantity, money, payment)

CUP, TEA_SET, SHIPPING, TAX_PERCENT = 1200, 4900, 590, 19  # prices in cents
GIFT_CARD, WALLET = 5000, 1_000_000
OPENED = [(item("cup", "berlin"), 5), (item("cup", "hamburg"), 10), (item("pot", "berlin"), 300),
          (item("tin", "berlin"), 300), (item("tea", "berlin"), 500), (limit("SPRING"), 100),
          (money("gift card", "EUR"), GIFT_CARD), (money("ada", "EUR"), WALLET),
          (money("bob", "EUR"), WALLET)]


async def show_accounts(hf: holdfast.Engine, title: str) -> None:
    print(f"\n{title:22}{'balance':>10}{'held':>10}")
    async for row in hf.accounts.list():
        print(f"  {row.key.name:10}{row.key.place:10}{row.balance:10}{row.held_out:10} "
              f"{row.key.unit}")


async def show_order(hf: holdfast.Engine, title: str, order: UUID) -> None:
    view = await hf.orders.get(order)
    print(f"\n{title}: order {view.order.number} is {view.order.state.name}")
    for one in view.lines:
        print(f"  {one.sku:10}{one.quantity:7} ordered {one.fulfilled:7} shipped  "
              f"{one.returned:7} returned")
    for paid in view.payments:
        print(f"  {paid.account.name:10}{paid.authorized:7} held    {paid.captured:7} captured "
              f"{paid.refunded:7} refunded")


async def place(hf: holdfast.Engine, lines: Sequence[LineArgs], wallet: str, from_card: int = 0,
                policy: OrderFlags = OrderFlags(0)) -> UUID:
    """Adds tax and shipping; the wallet pays what the gift card does not."""
    goods = sum(one.quantity * one.unit_price for one in lines)
    tax = holdfast.muldiv(goods, TAX_PERCENT, 100)
    total = goods + tax + SHIPPING
    payments = [payment(account=money(wallet, "EUR"), amount=total - from_card,
                        settle_on=Settle.FULFIL)]
    if from_card:
        payments.append(payment(account=money("gift card", "EUR"), amount=from_card,
                                settle_on=Settle.FULFIL))
    view = await hf.orders.place(
        "EUR", total=total, policy=policy, lines=lines, payments=payments,
        adjustments=[adjustment(kind=AdjustmentKind.TAX, amount=tax),
                     adjustment(kind=AdjustmentKind.SHIPPING, amount=SHIPPING)])
    return view.order.id


async def story(hf: holdfast.Engine) -> int:
    for key, opening in OPENED:
        await hf.accounts.put(key, opening=opening, unit_scale=2 if key.unit == "EUR" else 0)
    parts = [leg(1, from_=item("pot", "berlin")), leg(2, from_=item("tin", "berlin")),
             leg(4, from_=item("tea", "berlin")), leg(1, from_=limit("SPRING"))]
    tea_set = line("tea set", 1, unit_price=TEA_SET, legs=parts, settle_on=Settle.FULFIL)

    def cups(quantity: int) -> LineArgs:
        return line("cup", quantity, unit_price=CUP, places=["berlin", "hamburg"],
                    settle_on=Settle.FULFIL)

    ada = await place(hf, [cups(8), tea_set], "ada", GIFT_CARD)
    await show_order(hf, "ada orders", ada)
    await show_accounts(hf, "held for ada")
    await hf.orders.fulfil(ada, lines=[line_quantity(1, 5)])
    await show_order(hf, "some cups are shipped", ada)
    await hf.orders.fulfil(ada)
    await show_order(hf, "the rest is shipped", ada)
    bob = await place(hf, [cups(12)], "bob", policy=OrderFlags.QUEUE)
    await show_order(hf, "bob wants more cups than there are", bob)
    await hf.orders.return_(ada, lines=[line_quantity(1, 3)])
    await show_order(hf, "ada sends cups back", ada)
    await hf.items.receive(10, to=item("cup", "hamburg"))
    await show_order(hf, "cups arrive in hamburg", bob)
    sold = 0
    try:
        while True:
            await place(hf, [tea_set], "bob")
            sold += 1
    except holdfast.LimitShortError as refused:
        print(f"\nbob orders {sold} tea sets; the next one is refused: {refused.detail}")
    await show_accounts(hf, "in the end")
    books = await hf.verify()
    print(f"\nverify: {books.findings_total} findings")
    return books.findings_total


async def main(store: str) -> int:
    async with holdfast.open(store) as hf:
        return await story(hf)


sys.exit(asyncio.run(main(*sys.argv[1:] or ["memory:"])))
