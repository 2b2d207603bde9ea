"""Bad input: documented answers, memory flat, nothing half done."""
import json
import os
import random
import re
import socket
import struct

from shop import SANITIZED, Server, Skip, contains, equal, new_key, order, read_all, run

BODY = json.dumps(order()).encode()
QUICK = ("--request-ms", "500", "--idle-ms", "500")  # connections that stay open end soon


def head(*lines, method="POST", path="/v1/orders", key=None):
    """The bytes of a request's head with these lines."""
    own = [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json",
           f"Idempotency-Key: {key or new_key()}"]
    return "\r\n".join([*own, *lines, "", ""]).encode("latin-1")


def statuses(data):
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


def orders(s):
    return len(s.get("/v1/orders?limit=256").json()["orders"])


def rss(s):
    with open(f"/proc/{s.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def broken_json_is_refused():
    """A body that ends at any byte, or with any byte changed, is refused or does what it then says."""
    draw = random.Random(7)
    with Server() as s:
        s.open_shop(tea=10**6)
        link, placed = s.connect(), 0
        for end in range(len(BODY)):
            cut = s.post("/v1/orders", BODY[:end], link=link)
            wanted = ("VALUE" if end == 0 else "JSON")
            equal((cut.status, cut.code()), (400, wanted), BODY[:end])
        for at in range(len(BODY)):
            changed = bytearray(BODY)
            changed[at] = draw.choice([0, 0x22, 0x5c, 0x7b, 0x7d, 0xff, draw.randrange(256)])
            answer = s.post("/v1/orders", bytes(changed), link=link)
            equal(answer.status in (201, 400, 409, 422), True, changed)
            placed += answer.status == 201
        equal(orders(s) if placed < 256 else placed, placed)
        equal(s.good("/v1/verify")["findings_total"], 0)


def numbers_are_whole():
    """A number that is no integer of 64 bits is refused, wherever it stands."""
    line = BODY.replace(b'"quantity": 1', b'"quantity": %s')
    with Server() as s:
        s.open_shop()
        for number, code in ((b"1.0", "VALUE"), (b"1e3", "VALUE"), (b"-1.5", "VALUE"),
                             (b"9223372036854775808", "JSON"), (b"-9223372036854775809", "JSON"),
                             (b"1" * 400, "JSON"), (b"1e999", "JSON"), (b"NaN", "JSON"),
                             (b"Infinity", "JSON"), (b"01", "JSON"), (b"+1", "JSON"),
                             (b"0x1", "JSON"), (b'"1"', "VALUE"), (b"true", "VALUE"),
                             (b"null", "VALUE"), (b"[1]", "VALUE"), (b"{}", "VALUE"),
                             (b"0", "QUANTITY"), (b"-1", "QUANTITY"),
                             (b"9223372036854775807", "OVERFLOW")):
            wrong = s.post("/v1/orders", line % number)
            equal((wrong.status, wrong.code()), (400, code), number)
        for name in ("amount", "opening"):
            wrong = s.post("/v1/items" if name == "opening" else "/v1/items/tea/receive",
                           {name: 1.5, **({"key": {"name": "x"}} if name == "opening" else {})})
            equal((wrong.status, wrong.json()["pointer"]), (400, "/" + name))
        equal(s.item("tea")["balance"], 1000)


def documents_are_strict():
    """Members twice, text behind the object, other encodings and deep nesting are refused."""
    twice = BODY[:-1] + b', "total": 450}'
    deep = b'{"lines":' + b"[" * 100000 + b"]" * 100000 + b"}"
    cases = [(twice, "JSON"), (BODY + b"{}", "JSON"), (BODY + b"\0", "JSON"), (b"\xef\xbb\xbf" + BODY, "JSON"),
             (BODY.decode().encode("utf-16"), "JSON"), (BODY.replace(b"tea", b"t\xff"), "JSON"),
             (BODY.replace(b"tea", b"\xc0\xae"), "JSON"), (BODY.replace(b"tea", b"\xed\xa0\x80"), "JSON"),
             (BODY.replace(b"tea", b"\\u0000"), "JSON"), (BODY.replace(b"tea", b"\\ud800"), "JSON"),
             (BODY.replace(b"tea", b"\\u0007"), "TEXT_CONTROL"), (BODY.replace(b"tea", b"x" * 64), "TEXT_LONG"),
             (BODY.replace(b"tea", b""), "TEXT_MISSING"), (deep, "DEPTH"), (b"[" * 17, "DEPTH"),
             (b'{"a":' * 17, "DEPTH"), (b"[" * 16, "JSON"), (b"\"" + b"[" * 1000 + b"\"", "JSON"),
             (b"null", "JSON"), (b"1", "JSON"), (b"[]", "VALUE"), (b" ", "JSON"), (b"// a\n" + BODY, "JSON"),
             (BODY.replace(b'"', b"'"), "JSON"), (BODY[:-1] + b",}", "JSON")]
    with Server() as s:
        s.open_shop()
        for body, code in cases:
            wrong = s.post("/v1/orders", body)
            equal((wrong.status, wrong.code()), (400, code), body[:80])
        equal(orders(s), 0)


def types_are_named():
    """A body of another type than JSON is refused, whatever it has."""
    with Server() as s:
        s.open_shop()
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                     "application/jsonp", "json", "application/problem+json", ";"):
            wrong = s.post("/v1/orders", BODY, Content_Type=kind)
            equal((wrong.status, wrong.code()), (415, "CONTENT_TYPE"), kind)
        for kind in ("application/json", "APPLICATION/JSON", "application/json; charset=utf-8"):
            equal(s.post("/v1/orders", BODY, Content_Type=kind).status, 201, kind)
        none = s.raw(head("Connection: close", f"Content-Length: {len(BODY)}").replace(
            b"Content-Type: application/json\r\n", b"") + BODY)
        equal(statuses(none), [415])
        for coding, status in (("gzip", 415), ("br", 415), ("gzip, identity", 415), (", gzip", 415),
                               ("", 201), (" , ", 201), ("identity", 201), ("Identity", 201)):
            coded = s.post("/v1/orders", BODY, Content_Encoding=coding)
            equal(coded.status, status, coding)
            if status == 415:
                equal((coded.code(), coded.headers["accept-encoding"]), ("CONTENT_TYPE", "identity"))
        unwanted = s.ask("GET", "/v1/orders", BODY)
        equal((unwanted.status, unwanted.code()), (400, "BODY_UNWANTED"))


def nothing_is_smuggled():
    """A request whose end two readers would see in two places is refused, with what follows it."""
    hidden = new_key()
    inner = head(f"Content-Length: {len(BODY)}", key=hidden) + BODY
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    length = f"Content-Length: {len(BODY)}"
    cases = [
        head("Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + inner,
        head("Transfer-Encoding: chunked", "Content-Length: 4") + chunked + inner,
        head(length, "Content-Length: 0") + BODY + inner,
        head("Content-Length: 0", length) + inner,
        head(length, length) + BODY + inner,
        head("Content-Length: +5") + BODY + inner,
        head("Content-Length: -5") + BODY + inner,
        head("Content-Length: 0x5") + BODY + inner,
        head("Content-Length: 5, 5") + BODY + inner,
        head("Content-Length: ") + inner,
        head("Content-Length: 99999999999999999999") + BODY + inner,
        head("Transfer-Encoding: chunked, identity") + chunked + inner,
        head("Transfer-Encoding: identity, chunked") + chunked + inner,
        head("Transfer-Encoding: xchunked") + chunked + inner,
        head("Transfer-Encoding: chunked", "Transfer-Encoding: identity") + chunked + inner,
        head("Transfer-Encoding: chunked") + b"-1\r\n" + inner,
        head("Transfer-Encoding: chunked") + b"ffffffffffffffff1\r\n" + inner,
        head("Transfer-Encoding: chunked") + b"x\r\n" + inner,
        head(length, "Host: b") + BODY + inner,
        head(length, "Authorization: a", "Authorization: b") + BODY + inner,
        head(length, f"Idempotency-Key: {new_key()}") + BODY + inner,
    ]
    with Server(*QUICK) as s:
        s.open_shop()
        for data in cases:
            came = s.raw(data)
            equal(all(code >= 400 for code in statuses(came)), True, (data[:200], came[:300]))
            # libmicrohttpd 0.9.75 writes the head of its own refusals twice, then ends the connection
            equal(len(statuses(came)) <= 1 or b"<html>" in came, True, (data[:200], came))
            equal(s.get(f"/v1/operations/{hidden}").status, 404, data[:200])
        equal(orders(s), 0)
        equal(statuses(s.raw(head("Transfer-Encoding: chunked") + chunked)), [201])
        equal(statuses(s.raw(inner)), [201])


def heads_are_bounded():
    """A head that is too large, or is none, is refused or cut off."""
    with Server("--header-bytes-max", "4096", *QUICK) as s:
        s.open_shop()
        equal(statuses(s.raw(head("X-A: " + "a" * 3000, method="GET", path="/livez"))), [200])
        for data in (head("X-A: " + "a" * 5000, method="GET", path="/livez"),
                     head(*[f"X-{i}: a" for i in range(600)], method="GET", path="/livez"),
                     head("X-A: " + "a" * 10**6, method="GET", path="/livez"),
                     head(method="GET", path="/livez?" + "a" * 5000),
                     head(method="GET", path="/" + "a" * 10**6)):
            came = statuses(s.raw(data))
            equal(came in ([431], [414], [413], []), True, (data[:60], came))
        for data in (b"\0" * 100, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /livez HTTP/9.9\r\nHost: localhost\r\n\r\n",
                     b"GET  /livez  HTTP/1.1\r\n\r\n", b"\r\n" * 1000,
                     b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX\0Y: a\r\n\r\n",
                     b"GET http://b/v1/orders HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"CONNECT b:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", random.Random(3).randbytes(5000)):
            came = statuses(s.raw(data))
            equal(201 in came, False, (data[:60], came))
        equal(s.get("/livez").status, 200)


def bodies_are_bounded():
    """A body that is too large is refused before it has come, or cut off."""
    with Server("--body-bytes-max", "1000", *QUICK) as s:
        s.open_shop()
        said = s.raw(head("Content-Length: 1000000000"))
        equal(statuses(said), [413])
        contains(said, b'"BODY_LARGE"')
        asked = s.raw(head("Content-Length: 2000", "Expect: 100-continue"))
        equal(statuses(asked), [413])
        chunk = b"3e8\r\n" + b" " * 1000 + b"\r\n"
        came = statuses(s.raw(head("Transfer-Encoding: chunked") + chunk * 2 + b"0\r\n\r\n"))
        equal(came, [413])
        came = statuses(s.raw(head("Transfer-Encoding: chunked") + chunk * 2000))
        equal(came in ([], [413]), True, came)
        equal(s.post("/v1/orders", BODY + b" " * (1000 - len(BODY))).status, 201)
        equal(s.post("/v1/orders", BODY + b" " * (1001 - len(BODY))).code(), "BODY_LARGE")


def slow_clients_are_cut_off():
    """A client that does not end its head or its body, or says nothing more, is cut off."""
    with Server("--request-ms", "200", "--idle-ms", "300") as s:
        s.open_shop()
        parts = (b"", b"G", head("Content-Length: 10")[:-2], head("Content-Length: 10") + b"{",
                 head("Transfer-Encoding: chunked") + b"5\r\nab",
                 head(method="GET", path="/livez"),
                 head(method="GET", path="/livez") + b"GET /livez HTTP/1.1\r\nHo")
        links = [s.socket() for _ in parts]
        for link, part in zip(links, parts):
            link.sendall(part)
        for link, part in zip(links, parts):
            came = statuses(read_all(link))  # ends because the server ends the connection
            equal(came, [200] if b"/livez" in part else [], part)
            link.close()
        equal(orders(s), 0)


def floods_wait():
    """More connections than are allowed wait until others end, and those of one address are refused."""
    with Server("--connections-max", "20") as s:
        s.open_shop()
        links = [s.socket() for _ in range(100)]
        for link in links:
            link.sendall(head("Connection: close", method="GET", path="/livez"))
        for link in links:
            equal(statuses(read_all(link)), [200])
            link.close()
        text = s.get("/metrics").body.decode()
        contains(text, "holdfast_server_connections 1\n")
    with Server("--client-connections-max", "5") as s:
        kept = [s.connect() for _ in range(5)]
        for link in kept:
            equal(s.get("/livez", link=link).status, 200)
        with s.socket() as more:
            try:
                more.sendall(head(method="GET", path="/livez"))
            except ConnectionError:
                pass
            equal(read_all(more), b"")
        for link in kept:
            link.close()


def clients_may_leave():
    """A client that leaves before its answer has placed its order or not, and its key says which."""
    with Server() as s:
        s.open_shop()
        done, keys = 0, [new_key() for _ in range(100)]
        for key in keys:
            link = s.socket()
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.sendall(head(f"Content-Length: {len(BODY)}", key=key) + BODY)
            link.close()  # a reset
        for key in keys:
            outcome = s.get(f"/v1/operations/{key}").json().get("outcome")
            while outcome == "RUNNING":
                outcome = s.get(f"/v1/operations/{key}").json().get("outcome")
            done += outcome == "DONE"
        equal(s.item("tea")["balance"], 1000 - done)
        equal(orders(s), done)


def memory_is_flat():
    """Thousands of refused requests, large and small, leave the memory as it was."""
    if SANITIZED:
        raise Skip("the sanitizer keeps memory that was freed")
    with Server("--log-requests", "false", "--body-bytes-max", "300000", *QUICK) as s:
        s.open_shop()
        large = b'{"lines":[' + b",".join([b'{"sku":"x","quantity":1,"unit_price":1}'] * 5000) + b"1]}"

        def wave():
            for _ in range(5):
                s.post("/v1/orders", large)
            link = s.connect()
            for _ in range(300):
                equal(s.post("/v1/orders", BODY[:-1], link=link).status, 400)
                equal(s.get("/v1/orders/" + new_key(), link=link).status, 404)
            for _ in range(50):
                s.raw(head("Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n")

        highest, calm = 0, 0  # what is kept for later requests is there after some waves
        for _ in range(40):
            wave()
            now = rss(s)
            calm = calm + 1 if now <= highest + 32768 else 0
            highest = max(highest, now)
            if calm == 4:
                return
        raise AssertionError(f"after 40 waves the memory still grows: {highest} bytes")


if __name__ == "__main__":
    run([broken_json_is_refused, numbers_are_whole, documents_are_strict, types_are_named,
         nothing_is_smuggled, heads_are_bounded, bodies_are_bounded, slow_clients_are_cut_off,
         floods_wait, clients_may_leave, memory_is_flat])
