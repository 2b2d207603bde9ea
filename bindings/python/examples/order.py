"""Places an order: two items, a wallet that pays, and a refusal."""
import asyncio
import sys

import holdfast
from holdfast import item, line, money, payment


async def main(store: str) -> None:
    async with holdfast.open(store) as hf:
        await hf.items.put(item("tea"), opening=1000, unit_scale=0)
        await hf.items.put(item("cup"), opening=50, unit_scale=0)
        await hf.accounts.put(money("ada", "EUR"), opening=5000, unit_scale=2)
        lines = [line("tea", 2, unit_price=450), line("cup", 1, unit_price=1200)]
        placed = await hf.orders.place("EUR", customer="ada", total=2100, lines=lines,
                                       payments=[payment(account=money("ada", "EUR"), amount=2100)])
        print(f"order {placed.order.number}: paid {placed.captured} cents")
        try:
            await hf.orders.place("EUR", lines=[line("tea", 2000)])
        except holdfast.StockShortError as refused:
            print(refused)


asyncio.run(main(*sys.argv[1:] or ["memory:"]))
