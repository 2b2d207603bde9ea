"""The console in a browser: what a person sees, and does by mouse and keyboard."""
import base64
import hashlib
import os

from browser import Browser
from receiver import Receiver
from shop import Server, checkout, contains, equal, order, run

TABS = ("Overview", "Orders", "Stock", "Money", "Attention", "Transactions", "Webhooks", "Engines")


def fill(server):
    """A shop with orders, a fact without a payment, and a transaction that a person must end."""
    server.open_shop(money=12_345_678_90)
    for _ in range(3):
        server.good("/v1/orders", checkout())
    lines = [{"sku": "tea", "quantity": 2, "unit_price": 450, "settle_on": "FULFIL"}]
    placed = server.good("/v1/orders", order(lines=lines, total=900, customer="bob"))["order"]["id"]
    server.good(f"/v1/orders/{placed}/fulfil", {"lines": [{"line": 1, "quantity": 1}]},
                If_Match="*")
    server.good("/v1/facts", {"provider": "bank", "fact_ref": "R-77", "unit": "EUR",
                              "amount": 1250, "kind": "REFUNDED"})
    txn = server.good("/v1/transactions", {
        "kind": "SAGA", "branches": [{"participant": "carrier"}], "deadline_ms": 4102444800000,
        "wait": "ACCEPTED"})["transaction"]["id"]
    return placed, txn


def tab(browser, name):
    browser.click(f"//nav/button[text()='{name}']")


def every_view_shows_what_the_store_has():
    """Every view shows what the store has, with amounts in the decimals of their unit."""
    with Server() as s, Browser() as b:
        placed, _ = fill(s)
        b.open(f"http://{s.address}/console")
        b.wait_for("Operations a second")
        contains(b.text(), "ready")
        for name, parts in (("Orders", ("21.00 EUR", "bob", placed)),
                            ("Stock", ("993 pcs", "1 pcs", "992 pcs")),
                            ("Money", ("9.00 EUR", "12\u202f345\u202f615.90 EUR")),
                            ("Attention", ("UNMATCHED_FACT", "bank R-77 REFUNDED")),
                            ("Transactions", ("TRYING", "carrier is not registered")),
                            ("Engines", ("one engine",))):
            tab(b, name)
            for part in parts:
                b.wait_for(part)
        s.good("/v1/orders", checkout())
        tab(b, "Overview")
        b.wait_for("payment authorized 21.00 EUR captured 21.00 EUR")
        equal(b.complaints(), [], "what the browser says")


def an_order_tells_its_story():
    """An order is found by its customer, and tells its events in order."""
    with Server() as s, Browser() as b:
        placed, _ = fill(s)
        b.open(f"http://{s.address}/console#Orders")
        b.wait_for("Reference")
        b.write("//input[@type='search']", "bob")
        b.click("//button[text()='Find']")
        b.wait_for("Orders, newest first: 1")
        b.click("//tr[td[text()='bob']]")
        b.wait_for("Story")
        story = b.text().split("Story")[1]
        contains(story, "hold 2 pcs from tea; order CONFIRMED")
        equal(story.index("ORDER_PLACE") < story.index("ORDER_FULFIL"), True, "in order")
        contains(story, "line fulfilled 1")
        b.click("//button[contains(., 'Orders') and contains(., '\u2190')]")
        b.wait_for("Orders, newest first")
        b.write("//input[@type='search']", placed)
        b.press("Enter")
        b.wait_for("Story")


def a_person_clears_and_resolves():
    """A person clears attention and ends a transaction, each with a reason that is kept."""
    with Server() as s, Browser() as b:
        _, txn = fill(s)
        b.open(f"http://{s.address}/console#Attention")
        b.wait_for("UNMATCHED_FACT")
        b.click("//button[contains(., 'Clear')]")
        b.write("//input[@id='f-reason']", "paid by hand")
        b.click("//button[@id='dialog-ok']")
        b.wait_for("Facts with attention: none")
        tab(b, "Transactions")
        b.wait_for(txn)
        b.click(f"//tr[.//span[text()='{txn}']]")
        b.wait_for("Resolve a branch")
        b.click("//button[contains(., 'Resolve a branch')]")
        b.write("//input[@id='f-reason']", "the carrier rang")
        b.click("//button[@id='dialog-ok']")
        b.wait_for("the carrier rang")
        equal(s.get("/v1/attention?subject=FACT").json()["facts"], [])
        contains(str(s.get(f"/v1/transactions/{txn}/history").json()), "the carrier rang")


def letters(s, wanted):
    """Waits until there are so many dead letters."""
    while len(s.get("/v1/webhooks/dead").json()["letters"]) != wanted:
        pass


def dead_letters_are_posted_again_or_dropped():
    """The messages that an endpoint did not take are listed, posted again, and dropped after a question."""
    with Receiver(lambda message, count: 500 if count < 4 else 200) as receiver:
        secret = base64.b64encode(b"s" * 32).decode()
        for name, line in (("secrets", f"erp whsec_{secret}"), ("endpoints", f"erp {receiver.url} secrets")):
            with open(name, "w", encoding="utf-8") as file:
                file.write(line + "\n")
        with Server("--endpoints", "endpoints", "--endpoint-attempts", "1", "--endpoint-retry-ms", "1") as s, \
                Browser() as b:
            for code in ("EUR", "USD", "GBP"):
                s.good("/v1/units", {"code": code, "scale": 2})
            letters(s, 3)
            b.open(f"http://{s.address}/console#Webhooks")
            b.wait_for("Dead letters: 3")
            contains(b.text(), "500")
            b.click("//button[contains(., 'Drop')]")
            b.wait_for("its endpoint never gets it")
            b.click("//button[@id='dialog-ok']")
            b.wait_for("Dead letters: 2")
            b.click("//button[text()='Post again']")
            letters(s, 1)
            b.open(f"http://{s.address}/console#Overview")
            tab(b, "Webhooks")
            b.wait_for("Dead letters: 1")
            equal(b.complaints(), [], "what the browser says")


def each_role_has_its_views():
    """The page of a role has the views of what the role serves, and each of them works."""
    for role, fill_it, missing, part in (
            ("inventory", ("/v1/items", {"key": {"name": "tea"}, "opening": 7}), {"Orders", "Money"}, "7 pcs"),
            ("payment", ("/v1/accounts", {"key": {"kind": "MONEY", "name": "ada", "unit": "EUR"}, "opening": 700}),
             {"Orders", "Stock"}, "7.00 EUR"),
            ("order", None, {"Stock", "Money"}, "Orders, newest first: none")):
        more = ("--inventory", "127.0.0.1:1", "--payment", "127.0.0.1:1") if role == "order" else ()
        with Server("--role", role, *more) as s, Browser() as b:
            s.good("/v1/units", {"code": "EUR", "scale": 2})
            if fill_it:
                s.good(*fill_it)
            b.open(f"http://{s.address}/console")
            b.wait_for("Operations a second")
            shown = b.run("return Array.from(document.querySelectorAll('nav button'), (x) => x.textContent)")
            equal(shown, [name for name in TABS if name not in missing], role)
            found = False
            for name in shown:
                tab(b, name)
                b.run("return refresh()")
                found = found or part in b.text()
                equal(b.run("return document.getElementById('problem').hidden"), True, (role, name, b.text()))
            equal(found, True, (role, part))
            equal(b.complaints(), [], "what the browser says")


def the_keyboard_is_enough():
    """Views are chosen with arrows, and a row is opened with Enter."""
    with Server() as s, Browser() as b:
        fill(s)
        b.open(f"http://{s.address}/console")
        b.wait_for("Operations a second")
        b.run("document.querySelector('nav button').focus()")
        b.press("Right")
        b.wait_for("Reference")
        for _ in range(20):
            b.press("Tab")
            if b.run("return document.activeElement.tagName") == "TR":
                break
        b.press("Enter")
        b.wait_for("Story")
        b.run("document.querySelector('nav [aria-selected=true]').focus()")
        b.press("Left", "Left")
        b.wait_for("one engine")


def a_phone_reads_it_dark_and_light():
    """On a phone nothing is wider than the screen, dark or light."""
    backs = set()
    for dark in (False, True):
        with Server() as s, Browser(width=500, height=900, dark=dark) as b:
            fill(s)
            b.open(f"http://{s.address}/console")
            b.wait_for("Operations a second")
            for name in TABS:
                tab(b, name)
                b.wait_for(name)
                wide = b.run("return document.documentElement.scrollWidth - innerWidth")
                equal(wide <= 0, True, f"{name} is {wide} wider than the screen")
            backs.add(b.run("return getComputedStyle(document.body).backgroundColor"))
            b.screenshot(f"phone-{'dark' if dark else 'light'}.png")
            equal(os.path.getsize(f"phone-{'dark' if dark else 'light'}.png") > 5000, True)
    equal(len(backs), 2, "backgrounds")


def a_token_is_asked_for():
    """Without a token the page says what is missing, and with one it works."""
    with open("tokens", "w", encoding="utf-8") as tokens:
        tokens.write(f"operator ops {hashlib.sha256(b'a word').hexdigest()}\n")
    with Server("--tokens", "tokens") as s, Browser() as b:
        b.open(f"http://{s.address}/console")
        b.wait_for("Enter a token above")
        b.write("//input[@id='token']", "a word")
        b.click("//button[text()='Use']")
        b.wait_for("Operations a second")
        equal("Enter a token" in b.text(), False)


def nothing_comes_from_elsewhere():
    """The page allows its own script and style, and nothing else."""
    with Server() as s:
        answer = s.get("/console")
        policy = answer.headers["content-security-policy"]
        contains(policy, "default-src 'none'")
        equal("unsafe" in policy or "http" in policy, False, policy)
        equal(b"http://" in answer.body.replace(b"http://www.w3.org/2000/svg", b""), False)
        equal(b"https://" in answer.body, False)


run([dead_letters_are_posted_again_or_dropped, each_role_has_its_views,
     every_view_shows_what_the_store_has, an_order_tells_its_story, a_person_clears_and_resolves,
     the_keyboard_is_enough, a_phone_reads_it_dark_and_light, a_token_is_asked_for,
     nothing_comes_from_elsewhere])
