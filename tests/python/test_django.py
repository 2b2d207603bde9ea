"""The site with Django REST framework: orders are paid in time, never oversold, and done once."""
import os
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Tuple

import tap
import web

NOW = datetime.now(timezone.utc)


class Server(web.Server):
    """The site under gunicorn: one process with threads."""

    needs, ready = ("django", "rest_framework", "gunicorn"), "/"

    def command(self) -> List[str]:
        return ["gunicorn", "--chdir", str(web.EXAMPLES / "django_site"), "--threads", "8",
                "--bind", f"127.0.0.1:{self.port}", "--log-level", "error", "wsgi"]

    def post(self, path: str, key: str, at: datetime = NOW, **body: Any) -> web.Answer:
        """Posts what was first asked at a time."""
        return self.ask("POST", path, {**body, "asked_at": at.isoformat()},
                        **{"Idempotency-Key": key})

    def order(self, key: str, quantity: int = 1, price: object = "4.50",
              at: datetime = NOW) -> web.Answer:
        """Orders tea for ada."""
        lines = [{"sku": "tea", "quantity": quantity, "unit_price": price}]
        return self.post("/orders/", key, at, customer="ada", lines=lines)

    def receive(self, quantity: int) -> None:
        """Tea arrives."""
        status, found = self.post("/inventories/", f"{quantity} arrive", sku="tea",
                                  quantity=quantity)
        assert status == 201 and found["on_hand"] >= quantity

    def pay(self, order: Dict[str, Any], amount: str, receipt: str) -> Any:
        """Money arrives for an order."""
        status, found = self.post("/payments/", receipt, order=order["id"], amount=amount,
                                  receipt=receipt)
        return found if status == 201 else (status, found)

    def tea(self) -> Tuple[int, int]:
        """(on hand, held)"""
        found = self.ask("GET", "/inventories/tea/")[1]
        return found["on_hand"], found["held"]


def test_order() -> None:
    """An order holds its goods, is repeated, paid in parts, listed, and there after a restart."""
    store = f"sqlite:{os.getcwd()}/shop.db"  # gunicorn works in another folder
    with Server(store) as site:
        site.receive(10)
        status, order = site.order("basket 1", 2)
        assert (status, order["state"], order["total"]) == (201, "PENDING", "9.00")
        assert site.order("basket 1", 2) == (201, order) and site.tea() == (10, 2)
        status, problem = site.order("basket 1", 3)
        assert (status, problem["title"]) == (409, "HF_E_ID_REUSED")
        status, problem = site.order("basket 2", 9)
        assert status == 409 and "9 wanted, 8 available" in problem["detail"]
        assert site.pay(order, "4.00", "receipt 1")["received"] == "4.00"
        assert site.ask("GET", f"/orders/{order['id']}/") == (200, order)
        for _ in range(2):
            paid = site.pay(order, "5.00", "receipt 2")
            assert (paid["received"], paid["state"]) == ("9.00", "CLOSED")
        assert site.tea() == (8, 0)
    with Server(store) as site:
        order = site.ask("GET", f"/orders/{order['id']}/")[1]
        assert order["state"] == "CLOSED" and order["lines"][0]["quantity"] == 2
        assert [row["id"] for row in site.ask("GET", "/orders/")[1]["results"]] == [order["id"]]
        for query in "", f"?order={order['id']}":
            assert site.ask("GET", f"/payments/{query}")[1]["results"] == [paid]
        assert site.ask("GET", f"/payments/{paid['id']}/") == (200, paid)


def test_late_money() -> None:
    """Money is to be refunded when its order was cancelled, or has expired and the goods are gone."""
    with Server("memory:") as site:
        site.receive(2)
        soon = datetime.now(timezone.utc) - timedelta(minutes=15) + timedelta(seconds=1)
        expired = site.order("basket 1", 2, at=soon)[1]
        while site.ask("GET", f"/orders/{expired['id']}/")[1]["state"] != "EXPIRED":
            pass
        other = site.order("basket 2", 2)[1]
        late = site.pay(expired, "9.00", "receipt 1")
        assert (late["received"], late["to_refund"]) == ("9.00", "9.00")
        assert site.ask("DELETE", f"/orders/{other['id']}/")[1]["state"] == "CANCELLED"
        assert site.pay(other, "9.00", "receipt 2")["to_refund"] == "9.00"
        again = site.order("basket 3", 2, at=soon)
        assert again[1]["title"] == "HF_E_DEADLINE" and site.tea() == (2, 0)
        assert site.pay(expired, "9.00", "receipt 1") == late


def test_pages() -> None:
    """A list is read in pages."""
    with Server("memory:") as site:
        site.receive(1000)
        numbers = [site.order(f"basket {n}")[1]["number"] for n in range(101)]
        first = site.ask("GET", "/orders/")[1]
        second = site.ask("GET", f"/orders/?after={first['next']}")[1]
        assert len(first["results"]) == 100 and second["next"] is None
        found = [row["number"] for row in first["results"] + second["results"]]
        assert sorted(found) == numbers


def test_mistakes() -> None:
    """What a client does wrong is answered with the field, and nothing is done."""
    with Server("memory:") as site:
        site.receive(10)
        for price in 4.5, "4.505", "-1", "nan", "1e12", 10**12:
            status, problem = site.order("basket", price=price)
            assert status == 400 and "unit_price" in problem["lines"][0], price
        for quantity in 0, 100_001, 2**70:
            assert site.order("basket", quantity)[0] == 400, quantity
        assert site.order("basket", at=NOW + timedelta(days=1))[0] == 400
        assert site.ask("POST", "/orders/", {"asked_at": "x"})[0] == 400
        assert site.order("basket", at=NOW - timedelta(days=1))[1]["title"] == "HF_E_DEADLINE"
        assert site.ask("GET", "/orders/?after=x")[0] == 400
        assert site.ask("GET", "/orders/none/")[0] == 404
        nobody = {"id": "01a22b5e-4e5e-7f12-bbce-853e6f1098cf"}
        assert site.pay(nobody, "1.00", "receipt")[0] == 404
        assert site.tea() == (10, 0)


def test_receipts() -> None:
    """A receipt counts once; with another order or amount it is refused, and large sums are shown."""
    with Server("memory:") as site:
        site.receive(100_000)
        orders = [site.order(f"basket {n}", 50_000, "9999999999.99")[1] for n in range(2)]
        assert orders[0]["total"] == "499999999999500.00"
        assert len(site.ask("GET", "/orders/")[1]["results"]) == 2
        paid = site.pay(orders[0], "1.00", "receipt")
        assert paid["received"] == "1.00" and site.pay(orders[0], "1.00", "receipt") == paid
        for key, order, amount in ("other", orders[1], "1.00"), ("more", orders[0], "2.00"):
            body = {"order": order["id"], "amount": amount, "receipt": "receipt"}
            assert site.post("/payments/", key, **body)[0] == 409, key
        rows = site.ask("GET", "/payments/")[1]["results"]
        assert sorted(row["received"] for row in rows) == ["0.00", "1.00"]


def test_first_requests() -> None:
    """The first requests come at the same time, and find one store."""
    with Server("memory:") as site:
        found = web.orders_of_clients(lambda key: site.post(
            "/inventories/", key, sku="tea", quantity=1), orders=1)
        assert {status for status, _ in found} == {201} and site.tea() == (8, 0)


def test_never_oversold() -> None:
    """Many clients at once order exactly what there is, each order once."""
    with Server("memory:") as site:
        site.receive(25)
        answers = web.orders_of_clients(site.order)
        numbers = {answer["number"] for status, answer in answers if status == 201}
        assert numbers == set(range(1, 26)) and {status for status, _ in answers} == {201, 409}
        assert site.tea() == (25, 25)


if __name__ == "__main__":
    tap.run(__name__)
