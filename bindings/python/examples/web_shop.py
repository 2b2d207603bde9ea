"""A web shop with FastAPI: orders over HTTP, each done once however often it is sent.

    uvicorn --app-dir bindings/python/examples web_shop:app

HOLDFAST_STORE names the store (memory: when it is not set). An order is sent with the header
Idempotency-Key; sending it again gives the first answer. What the shop refuses is a problem
document (RFC 9457) whose status says what to do next.
"""
import os
from datetime import datetime, timezone
from typing import Any, Dict, List
from uuid import UUID

import holdfast
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from holdfast import OrderView, PutMode, item, line, money, payment
from pydantic import BaseModel, Field

STATUS = {holdfast.NotFoundError: 404, holdfast.Misuse: 422, holdfast.Rejected: 409,
          holdfast.Retryable: 503, holdfast.Unknown: 500, holdfast.Fatal: 500}
KEYS_BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
app = FastAPI(title="A shop on holdfast")


class Line(BaseModel):
    """So many pieces of an article at a price in cents."""

    sku: str
    quantity: int = Field(gt=0)
    unit_price: int = Field(ge=0)


class Order(BaseModel):
    """What a customer wants; the customer's wallet pays."""

    customer: str
    lines: List[Line]


def shop() -> holdfast.Engine:
    """The engine of this process."""
    engine: holdfast.Engine = app.state.engine
    return engine


@app.on_event("startup")
async def start() -> None:
    """Opens the store in the server's own loop."""
    app.state.engine = await holdfast.open(os.environ.get("HOLDFAST_STORE", "memory:"))


@app.on_event("shutdown")
async def stop() -> None:
    """Everything that was acknowledged is in the store."""
    await shop().close()


@app.exception_handler(holdfast.Error)
async def problem(_: Request, error: holdfast.Error) -> JSONResponse:
    """A refusal as a problem document."""
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    retryable = isinstance(error, (holdfast.Retryable, holdfast.Unknown))
    return JSONResponse(
        {"title": error.name, "detail": error.detail, "code": error.code, "retryable": retryable},
        status, {"Retry-After": "1"} if retryable else None, "application/problem+json")


def as_json(view: OrderView) -> Dict[str, Any]:
    """An order as the shop's clients see it."""
    return {"id": str(view.order.id), "number": view.order.number, "total": view.order.total,
            "state": view.order.state.name, "captured": view.captured,
            "lines": [{"sku": one.sku, "quantity": one.quantity} for one in view.lines]}


@app.put("/items/{sku}")
async def receive(sku: str, quantity: int) -> Dict[str, int]:
    """Receives goods, and opens the article the first time."""
    await shop().items.put(item(sku), mode=PutMode.OPEN_IF_ABSENT, unit_scale=0)
    return {"on_hand": (await shop().items.receive(quantity, to=item(sku))).balance}


@app.put("/wallets/{customer}")
async def top_up(customer: str, amount: int) -> Dict[str, int]:
    """Puts money into a wallet, and opens it the first time."""
    wallet = money(customer, "EUR")
    await shop().accounts.put(wallet, mode=PutMode.OPEN_IF_ABSENT, unit_scale=2)
    return {"balance": (await shop().accounts.deposit(amount, to=wallet)).balance}


@app.post("/orders", status_code=201)
async def place(order: Order, idempotency_key: str = Header()) -> Dict[str, Any]:
    """Places an order: all of it, paid, or nothing."""
    total = sum(one.quantity * one.unit_price for one in order.lines)
    view = await shop().orders.place(
        "EUR", customer=order.customer, total=total,
        id=holdfast.id_from_key(idempotency_key, KEYS_BEGIN),
        lines=[line(one.sku, one.quantity, unit_price=one.unit_price) for one in order.lines],
        payments=[payment(account=money(order.customer, "EUR"), amount=total)])
    return as_json(view)


@app.get("/orders/{order}")
async def look_up(order: UUID) -> Dict[str, Any]:
    """Reads an order."""
    return as_json(await shop().orders.get(order))


@app.get("/items/{sku}")
async def stock(sku: str) -> Dict[str, int]:
    """Reads what there is of an article."""
    found = await shop().items.get(item(sku))
    return {"on_hand": found.balance, "available": found.balance - found.held_out}
