"""Webhooks of a payment provider: signed, timely, one fact however often they come."""
import base64
import hashlib
import hmac
import json
import time

from shop import Server, equal, order, run

SECRET, OTHER = b"0123456789abcdef0123456789abcdef", b"another-secret-of-the-provider!!"


def secrets(name, *lines):
    with open(name, "w", encoding="utf-8") as file:
        file.write("# PROVIDER whsec_BASE64\n")
        for provider, secret in lines:
            file.write(f"{provider} whsec_{base64.b64encode(secret).decode()}\n")
    return ["--webhooks", name]


def sign(body, ident, secret=SECRET, when=None):
    when = str(int(time.time()) if when is None else when)
    mac = hmac.new(secret, f"{ident}.{when}.".encode() + body, hashlib.sha256).digest()
    return {"webhook_id": ident, "webhook_timestamp": when,
            "webhook_signature": "v1," + base64.b64encode(mac).decode()}


def message(kind="captured", **data):
    data = {"unit": "EUR", "amount": 900, "payment_ref": "pi_1", **data}
    return json.dumps({"type": f"payment.{kind}", "timestamp": "2026-01-31T09:30:15.250Z",
                       "data": data}).encode()


def send(s, body, ident="msg_1", provider="psp", **headers):
    headers = headers or sign(body, ident)
    return s.ask("POST", f"/webhooks/{provider}", body, **headers)


def card_order(**more):
    return order(2, policy=[], payments=[{"method": "PROVIDER", "provider": "psp", "amount": 900,
                                          "flags": ["CAPTURE_ONLY"]}], **more)


def a_message_confirms_the_order():
    """A capture that the provider reports confirms the order; the same message again changes nothing."""
    with Server(*secrets("one", ("psp", SECRET))) as s:
        s.open_shop()
        made = s.good("/v1/orders", card_order())
        equal(made["order"]["state"], "PENDING")
        payment = made["payments"][0]["id"]
        body = message(payment=payment)
        taken = send(s, body)
        equal(taken.status, 200, taken.body)
        fact = taken.json()["fact"]
        equal((fact["kind"], fact["fact_ref"], fact["amount"], fact["provider_time"]),
              ("CAPTURED", "msg_1", 900, "2026-01-31T09:30:15.250Z"))
        events = s.get("/v1/orders/" + made["order"]["id"]).json()
        equal(events["order"]["state"], "CLOSED")
        for _ in range(3):
            again = send(s, body)
            equal((again.status, again.json()["fact"]), (200, fact))
        equal(s.get(f"/v1/payments/{payment}").json()["payment"]["captured"], 900)
        found = s.get("/v1/providers/psp/payments/pi_1").json()["payment"]
        equal(found["id"], payment)


def forgeries_are_refused():
    """A message that is changed, signed by someone else, late or early is refused and changes nothing."""
    with Server(*secrets("two", ("psp", SECRET), ("bank", OTHER))) as s:
        s.open_shop()
        made = s.good("/v1/orders", card_order())
        body = message(payment=made["payments"][0]["id"])
        good, now = sign(body, "m"), int(time.time())
        cases = [
            (body.replace(b"900", b"901"), good),
            (body + b" ", good),
            (body, {**good, "webhook_id": "n"}),
            (body, {**good, "webhook_timestamp": str(int(good["webhook_timestamp"]) + 1)}),
            (body, sign(body, "m", OTHER)),
            (body, sign(body, "m", when=now - 301)),
            (body, sign(body, "m", when=now + 310)),
            (body, {**sign(body, "m"), "webhook_timestamp": "x"}),
            (body, {**good, "webhook_signature": good["webhook_signature"][3:]}),
            (body, {**good, "webhook_signature": good["webhook_signature"][:-5]}),
            (body, {**good, "webhook_signature": "v1,"}),
            (body, {**good, "webhook_signature": "v2," + good["webhook_signature"][3:]}),
            (body, {k: v for k, v in good.items() if k != "webhook_signature"}),
            (body, {k: v for k, v in good.items() if k != "webhook_id"}),
        ]
        for changed, headers in cases:
            refused = send(s, changed, **headers)
            equal((refused.status, refused.code()), (403, "SIGNATURE"), headers)
        equal(send(s, body, provider="bank", **good).code(), "SIGNATURE")
        equal(send(s, body, provider="nobody", **good).code(), "SIGNATURE")
        equal(s.get("/v1/orders/" + made["order"]["id"]).json()["order"]["state"], "PENDING")
        equal(s.get("/v1/attention?subject=FACT").json()["facts"], [])
        equal(send(s, body, **good).status, 200)


def secrets_rotate():
    """While a secret is changed, a signature by either one is enough, and one of several too."""
    with Server(*secrets("three", ("psp", OTHER), ("psp", SECRET))) as s:
        s.open_shop()
        for ident, secret in (("a", SECRET), ("b", OTHER)):
            body = message(payment_ref=ident)
            equal(send(s, body, **sign(body, ident, secret)).status, 200)
        body = message(payment_ref="c")
        both = sign(body, "c")
        both["webhook_signature"] = "v1,AAAA v1a,xyz " + both["webhook_signature"]
        equal(send(s, body, **both).status, 200)


def messages_are_read_strictly():
    """What is no fact is ignored; a signed message that is malformed is refused with its place."""
    with Server(*secrets("four", ("psp", SECRET))) as s:
        s.open_shop()
        ignored = send(s, json.dumps({"type": "customer.created", "data": {}}).encode())
        equal((ignored.status, ignored.json()), (202, {"ignored": "customer.created"}))
        for body, code, pointer in (
                (b"{", "JSON", None),
                (b'{"type":1,"data":{}}', "VALUE", "/type"),
                (b'{"type":"payment.captured"}', "VALUE", "/data"),
                (message(kind_of="x"), "VALUE", "/kind_of"),
                (json.dumps({"type": "payment.captured", "data": {"kind": "VOIDED"}}).encode(),
                 "VALUE", "/data/kind"),
                (message(amount=1.5), "VALUE", "/amount"),
                (message(provider="bank"), "VALUE", "/provider"),
                (message(amount=2**63), "JSON", None),
                (message().replace(b"2026-01-31T", b"31.1."), "VALUE", "/timestamp"),
                (b'{"type":"payment.captured","data":{"amount":1,"amount":2}}', "JSON", None)):
            refused = send(s, body)
            equal((refused.status, refused.code(), refused.json().get("pointer")),
                  (400, code, pointer), body)
        unit = send(s, message(unit="XAU"))
        equal((unit.status, unit.code()), (422, "UNIT_UNKNOWN"))


if __name__ == "__main__":
    run([a_message_confirms_the_order, forgeries_are_refused, secrets_rotate,
         messages_are_read_strictly])
