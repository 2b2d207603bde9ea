"""Who may do what: tokens with roles, compared in constant time, reloaded, never logged."""
import hashlib
import json
import signal

from shop import Server, equal, new_key, order, run

TOKENS = {"shop": "s-3f9a", "warehouse": "w-77c1", "operator": "o-1b2c", "shop,warehouse": "b-9d"}


def tokens(name, **more):
    with open(name, "w", encoding="utf-8") as file:
        file.write("# ROLE[,ROLE] NAME SHA-256-OF-TOKEN\n\n")
        for roles, token in {**TOKENS, **more}.items():
            digest = hashlib.sha256(token.encode()).hexdigest()
            file.write(f"{roles} {roles.replace(',', '-')}-1 {digest}\n")
    return ["--tokens", name]


def bearer(token):
    return {"Authorization": "Bearer " + TOKENS.get(token, token)}


def tokens_are_needed():
    """Without a token, or with one that is not known, nothing is shown and nothing is done."""
    with Server(*tokens("one")) as s:
        s.good("/v1/units", {"code": "EUR", "scale": 2}, **bearer("operator"))
        s.good("/v1/items", {"key": {"name": "tea"}, "opening": 10}, **bearer("warehouse"))
        for method, path in (("GET", "/v1/orders"), ("POST", "/v1/orders"), ("GET", "/metrics"),
                             ("GET", f"/v1/operations/{new_key()}"), ("POST", "/v1/verify")):
            missing = s.ask(method, path, order() if method == "POST" else None, new_key())
            equal((missing.status, missing.code()), (401, "TOKEN_MISSING"), path)
            equal(missing.headers["www-authenticate"], 'Bearer realm="holdfast"')
            for header in ("Bearer wrong", "Bearer ", "Bearer", "Basic czoz", TOKENS["shop"],
                           "Bearer " + TOKENS["shop"] + "x", "Bearer " + TOKENS["shop"][:-1],
                           "Bearer  " + TOKENS["shop"], "bearer " + "x" * 4000):
                wrong = s.ask(method, path, order() if method == "POST" else None, new_key(),
                              Authorization=header)
                equal((wrong.status, wrong.code()), (401, "TOKEN_WRONG"), header)
        for path in ("/livez", "/readyz", "/v1/problems"):
            equal(s.get(path).status, 200, path)
        equal(s.get("/v1/items/tea", **bearer("shop")).json()["item"]["balance"], 10)


def roles_are_kept():
    """Each role does what is its own; an operator does everything."""
    with Server(*tokens("two")) as s:
        s.good("/v1/units", {"code": "EUR", "scale": 2}, **bearer("operator"))
        s.good("/v1/items", {"key": {"name": "tea"}, "opening": 10}, **bearer("operator"))
        ident = s.good("/v1/orders", order(), **bearer("shop"))["order"]["id"]
        fulfil = f"/v1/orders/{ident}/fulfil"
        for token, method, path, body, status in (
                ("warehouse", "POST", "/v1/orders", order(), 403),
                ("shop", "POST", fulfil, {}, 403),
                ("shop", "POST", "/v1/items/tea/receive", {"amount": 1}, 403),
                ("shop", "POST", "/v1/deposits", {}, 403),
                ("warehouse", "GET", "/v1/transactions", None, 403),
                ("shop", "GET", "/metrics", None, 403),
                ("shop,warehouse", "POST", "/v1/verify", {}, 403),
                ("warehouse", "GET", "/v1/orders", None, 200),
                ("warehouse", "POST", "/v1/items/tea/receive", {"amount": 1}, 200),
                ("shop,warehouse", "POST", "/v1/items/tea/receive", {"amount": 1}, 200),
                ("shop,warehouse", "POST", "/v1/orders", order(), 201),
                ("operator", "POST", "/v1/orders", order(), 201),
                ("operator", "GET", "/metrics", None, 200)):
            answer = s.ask(method, path, body, new_key(), If_Match="*", **bearer(token))
            equal(answer.status, status, (token, method, path, answer.body[:200]))
            if status == 403:
                equal(answer.code(), "ROLE")
        equal(s.get("/v1/items/tea", **bearer("shop")).json()["item"]["balance"], 9)


def acts_have_their_actor():
    """What is done has the name of its token in the event and in the log, and no token is logged."""
    with Server(*tokens("three"), driver="sqlite") as s:
        s.good("/v1/units", {"code": "EUR", "scale": 2}, **bearer("operator"))
        s.good("/v1/items", {"key": {"name": "tea"}, "opening": 10}, **bearer("warehouse"))
        s.good("/v1/orders", order(), **bearer("shop"))
    actors = [line.get("actor") for line in s.log if line["msg"] == "request"]
    equal(actors, ["operator-1", "warehouse-1", "shop-1"])
    for token in TOKENS.values():
        equal(token in json.dumps(s.log), False)
    import sqlite3
    rows = sqlite3.connect(s.store.split(":", 1)[1]).execute("SELECT actor FROM events ORDER BY seq")
    equal([actor for actor, in rows], actors)


def tokens_are_reloaded():
    """SIGHUP takes a token away and brings another one; a wrong file changes nothing."""
    with Server(*tokens("four", **{"operator": "old"})) as s:
        equal(s.get("/v1/orders", **bearer("old")).status, 200)
        for change, old, new in ((lambda: tokens("four", **{"operator": "new"}), 401, 200),
                                 (lambda: open("four", "w", encoding="utf-8").write("x"), 401, 200)):
            change()
            s.signal(signal.SIGHUP)
            while json.loads(s.process.stdout.readline())["msg"] != "settings":
                pass
            equal(s.get("/v1/orders", **bearer("old")).status, old)
            equal(s.get("/v1/orders", **bearer("new")).status, new)


if __name__ == "__main__":
    run([tokens_are_needed, roles_are_kept, acts_have_their_actor, tokens_are_reloaded])
