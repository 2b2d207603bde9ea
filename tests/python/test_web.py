"""The web shop with FastAPI: orders over HTTP, never oversold, done once, and there after a restart."""
import importlib
from typing import List

import tap
import web
import holdfast
from holdfast import _records


class Server(web.Server):
    """The shop under uvicorn."""

    needs, ready = ("fastapi", "uvicorn"), "/items/none"

    def command(self) -> List[str]:
        return ["uvicorn", "--app-dir", str(web.EXAMPLES), "--port", str(self.port),
                "--log-level", "warning", "web_shop:app"]

    def order(self, key: str, quantity: int = 1, **headers: str) -> web.Answer:
        """Orders tea for ada."""
        body = {"customer": "ada",
                "lines": [{"sku": "tea", "quantity": quantity, "unit_price": 450}]}
        return self.ask("POST", "/orders", body, **{"Idempotency-Key": key, **headers})


def test_shop() -> None:
    """An order is placed, read and repeated; refusals are problems with the right status."""
    with Server("sqlite:shop.db") as shop:
        assert shop.ask("GET", "/items/tea")[0] == 404
        assert shop.ask("PUT", "/items/tea?quantity=10")[1] == {"on_hand": 10}
        assert shop.ask("PUT", "/wallets/ada?amount=100000")[1] == {"balance": 100_000}
        status, order = shop.order("basket-1", 2)
        assert status == 201 and order["state"] == "CLOSED" and order["captured"] == 900
        assert shop.order("basket-1", 2) == (201, order)
        status, problem = shop.order("basket-1", 3)
        assert status == 409 and problem["title"] == "HF_E_ID_REUSED" and not problem["retryable"]
        status, problem = shop.order("basket-2", 9)
        assert status == 409 and "ITEM tea [pcs]: 9 wanted, 8 available" in problem["detail"]
        assert shop.ask("GET", f"/orders/{order['id']}") == (200, order)
        assert shop.ask("GET", "/items/tea")[1] == {"on_hand": 8, "available": 8}
        assert shop.ask("POST", "/orders", {"customer": "ada", "lines": []})[0] == 422
    with Server("sqlite:shop.db") as shop:
        assert shop.ask("GET", f"/orders/{order['id']}") == (200, order)


def test_never_oversold() -> None:
    """Many clients at once sell exactly what there is, each order once."""
    with Server("memory:") as shop:
        shop.ask("PUT", "/items/tea?quantity=25")
        shop.ask("PUT", "/wallets/ada?amount=1000000")
        answers = web.orders_of_clients(shop.order)
        sold = {answer["number"] for status, answer in answers if status == 201}
        assert sold == set(range(1, 26)) and {status for status, _ in answers} == {201, 409}
        assert shop.ask("GET", "/items/tea")[1] == {"on_hand": 0, "available": 0}


def test_response_models() -> None:
    """FastAPI takes every record as a response model, but those whose field has a name of pydantic's."""
    try:
        fastapi = importlib.import_module("fastapi")
    except ImportError:
        raise tap.Skip("fastapi is not installed") from None
    app = fastapi.FastAPI()
    names = {name for name in _records.STRUCTS if "schema" not in getattr(holdfast, name).__slots__}
    assert len(names) > 35
    for name in names:
        def read() -> None:
            """Is never called."""

        app.get(f"/{name}", response_model=getattr(holdfast, name))(read)
    schemas = app.openapi()["components"]["schemas"]
    assert names <= set(schemas), names - set(schemas)
    lines = schemas["OrderView"]["properties"]["lines"]
    assert lines["items"]["$ref"].endswith("/OrderLine"), lines
    assert schemas["Order"]["properties"]["state"]["$ref"].endswith("/OrderState")


if __name__ == "__main__":
    tap.run(__name__)
