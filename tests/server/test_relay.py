"""Events posted to endpoints as signed webhooks: in order, at least once, whoever fails meanwhile."""
import base64
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import threading

from receiver import Receiver, Refused, verify
from shop import (
    SANITIZED, SERVER, Server, Skip, contains, equal, free_port, new_key, order, preload, run)

SECRET, OTHER = b"0123456789abcdef0123456789abcdef", b"another-secret-of-the-endpoint!!"
QUICK = ("--endpoint-retry-ms", "5", "--endpoint-retry-max-ms", "20")
count = 0


def write(name, *lines):
    with open(name, "w", encoding="utf-8") as file:
        file.write("\n".join(["# a comment", "", *lines, ""]))
    return os.path.abspath(name)


def secret_line(name, secret=SECRET):
    return f"{name} whsec_{base64.b64encode(secret).decode()}"


def endpoints(*rows, secrets=None):
    """Flags with a file of the rows (name, url, filters...)."""
    global count
    count += 1
    keys = write(f"secrets-{count}", *(secrets or [secret_line(row[0]) for row in rows]))
    path = write(f"endpoints-{count}", *(" ".join([row[0], row[1], keys, *row[2:]]) for row in rows))
    return ["--endpoints", path]


def seqs(messages):
    return [m.seq for m in messages]


def first_of_each(messages):
    """The numbers in the order in which they came first; a message that came again has the same body."""
    seen = {}
    for m in messages:
        if m.seq in seen:
            equal((seen[m.seq].id, seen[m.seq].body), (m.id, m.body), "the same message again")
        seen.setdefault(m.seq, m)
    return list(seen)


def state(s, name):
    return next(e for e in s.get("/v1/webhooks").json()["endpoints"] if e["name"] == name)


def until(ask, ready):
    """Asks until it is ready; the time limit is that of the test."""
    while True:
        got = ask()
        if ready(got):
            return got


def letters(s):
    """The dead letters; the list is asked for again while the engine refuses work for its load."""
    return until(lambda: s.get("/v1/webhooks/dead"), lambda answer: answer.status != 503).json()["letters"]


def reload(s):
    s.signal(signal.SIGHUP)
    while json.loads(s.process.stdout.readline()).get("text") != "read anew":
        pass


def events_are_posted_in_order():
    """Each endpoint has the events that it wants, in order, as CloudEvents whose signature holds."""
    with Receiver() as all_of_it, Receiver() as some, \
            Server(*endpoints(("all", all_of_it.url), ("some", some.url + "?a=b", "ORDER_PLACE,ITEM_PUT", "ORDER"))) as s:
        s.open_shop()
        placed = [s.good("/v1/orders", order())["order"]["id"] for _ in range(20)]
        last = s.get("/v1/events?limit=256").json()
        came = all_of_it.wait_for(23)
        equal([m.event for m in came], last["events"])
        equal(seqs(came), list(range(1, 24)))
        equal({m.id for m in came}, {f"{last['store']}_{e['id']}" for e in last["events"]})
        for m in came:
            equal(m.headers["content-type"], "application/cloudevents+json")
            verify(SECRET, m.headers, m.body)
        orders = some.wait_for(20)
        equal([m.event["subject"] for m in orders], placed)
        equal({m.path for m in orders}, {"/hook?a=b"})
        equal(until(lambda: state(s, "some"), lambda e: e["lag"] == 0)["delivered"], 20)
        cursors = until(lambda: {c["consumer"]: c["seq"] for c in s.get("/v1/cursors").json()["cursors"]},
                        lambda c: c == {"webhook/all": 23, "webhook/some": 23})
        equal(len(cursors), 2)


def a_changed_message_does_not_hold():
    """A receiver refuses a message whose body, id or time was changed, or that someone else signed."""
    with Receiver() as receiver, Server(*endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        m = receiver.wait_for(1)[0]
        verify(SECRET, m.headers, m.body)
        later = {**m.headers, "webhook-timestamp": str(int(m.headers["webhook-timestamp"]) + 1)}
        for secret, headers, body in ((SECRET, m.headers, m.body.replace(b"UNIT", b"UNIX")),
                                      (SECRET, m.headers, m.body + b" "), (SECRET, later, m.body),
                                      (SECRET, {**m.headers, "webhook-id": m.id + "0"}, m.body),
                                      (OTHER, m.headers, m.body)):
            try:
                verify(secret, headers, body)
            except Refused:
                continue
            raise AssertionError(f"accepted: {headers}, {body}")


def both_secrets_sign_while_one_is_changed():
    """With two secrets of an endpoint each message has a signature by either."""
    with Receiver() as receiver, \
            Server(*endpoints(("erp", receiver.url),
                              secrets=[secret_line("erp"), secret_line("crm", b"x" * 32),
                                       secret_line("erp", OTHER)])) as s:
        s.open_shop()
        for m in receiver.wait_for(3):
            equal(m.headers["webhook-signature"].count("v1,"), 2)
            verify(SECRET, m.headers, m.body)
            verify(OTHER, m.headers, m.body)


def a_receiver_that_fails_gets_everything_later():
    """Statuses of failure, resets and answers that do not come delay messages and lose none of them."""
    draw = random.Random(11)
    ways = [500, 503, 429, 404, 302, 100000, None]

    def answer(_message, number):
        way = draw.choice(ways) if number % 2 else 200
        return 503 if way == 100000 else (302, {"Location": "/elsewhere"}) if way == 302 else way
    with Receiver(answer) as receiver, \
            Server(*QUICK, "--endpoint-attempts", "1000", *endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        for _ in range(20):
            s.good("/v1/orders", order())
        came = receiver.wait_seq(23)
        equal(first_of_each(came), list(range(1, 24)))
        equal({m.path for m in came}, {"/hook"}, "a redirect is not followed")
        equal(sorted(seqs(came)), seqs(came), "no message before the one in front of it")
        equal(letters(s), [])
        equal(len(came) > 23, True)


def a_receiver_that_is_away_is_waited_for():
    """While nothing listens events wait; the breaker opens, and they come when it is back."""
    port = free_port()
    with Server(*QUICK, "--endpoint-attempts", "1000",
                *endpoints(("erp", f"http://127.0.0.1:{port}/hook"))) as s:
        s.open_shop()
        waiting = until(lambda: state(s, "erp"), lambda e: e["failed"] > 8)
        equal((waiting["delivered"], waiting["lag"]), (0, 3))
        contains(waiting["last"].lower(), "connect")
        with Receiver(port=port) as receiver:
            equal(first_of_each(receiver.wait_seq(3)), [1, 2, 3])


def a_slow_receiver_is_given_up_for_a_while():
    """An answer that takes too long is a failure; the next attempt has a new time and the same id."""
    release = threading.Event()

    def answer(_message, number):
        if number == 1:
            release.wait(60)
        return 200
    with Receiver(answer) as receiver, \
            Server(*QUICK, "--endpoint-ms", "200", *endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        came = receiver.wait_seq(3)
        release.set()
        equal(first_of_each(came), [1, 2, 3])
        equal(len([m for m in came if m.seq == 1]) >= 2, True)
        equal(until(lambda: state(s, "erp"), lambda e: e["lag"] == 0)["failed"] >= 1, True)


def a_poison_message_does_not_block():
    """A message that is never taken becomes a dead letter, and the next ones are delivered."""
    poison = {2, 4}
    with Receiver(lambda m, _: 422 if m.seq in poison else 200) as receiver:
        flags = (*QUICK, "--endpoint-attempts", "3", *endpoints(("erp", receiver.url)))
        with Server(*flags) as s:
            s.open_shop()
            for _ in range(3):
                s.good("/v1/orders", order())
            equal(first_of_each(receiver.wait_seq(6)), [1, 2, 3, 4, 5, 6])
            equal(len([m for m in receiver.came if m.seq == 2]), 3, "attempts")
            dead = letters(s)
            equal([(d["endpoint"], d["event"], d["id"], d["reason"]) for d in dead],
                  [("erp", 2, "1-2", "HTTP 422"), ("erp", 4, "1-4", "HTTP 422")])
            metrics = s.get("/metrics").body.decode()
            contains(metrics, 'holdfast_server_webhooks_dead{endpoint="erp"} 2\n')
            contains(metrics, 'holdfast_server_webhooks_buried_total{endpoint="erp"} 2\n')
            s.kill()
        with Server(*flags, store=s.store) as s:
            equal(letters(s), dead, "after kill -9")
            equal(state(s, "erp")["dead"], 2)
            act = "/v1/webhooks/dead/erp/"
            before = len(receiver.came)
            equal(s.post(act + "2/retry", b"").json(), {"state": "QUEUED"})
            receiver.wait_for(before + 1)  # which is not taken either
            until(lambda: letters(s), lambda all_of_it: not any(d["queued"] for d in all_of_it))
            equal([d["event"] for d in letters(s)], [2, 4])
            poison.clear()
            for _ in range(2):
                equal(s.post(act + "2/retry", b"").status, 200)
            until(lambda: letters(s), lambda all_of_it: [d["event"] for d in all_of_it] == [4])
            again = [m for m in receiver.came if m.seq == 2]
            equal((len({m.id for m in again}), len({m.body for m in again})), (1, 1))
            equal(s.post(act + "2/retry", b"").json(), {"state": "NONE"})
            equal(s.post(act + "4/drop", b"").json(), {"state": "DROPPED"})
            equal(s.post(act + "4/drop", b"").json(), {"state": "NONE"})
            equal((letters(s), state(s, "erp")["dead"]), ([], 0))
            for path in ("x/1/drop", "erp/0/drop", "erp/x/retry", "erp/99999999999999999999/drop", "erp/7/retry",
                         "a" * 60 + "/2/drop"):
                equal(s.post("/v1/webhooks/dead/" + path, b"").json(), {"state": "NONE"}, path)


def dead_letters_are_in_a_backup():
    """A restored backup has the dead letters, and their events, which retention keeps for them."""
    with Receiver(lambda m, _: 500 if m.seq == 2 else 200) as receiver:
        flags = (*QUICK, "--endpoint-attempts", "2", *endpoints(("erp", receiver.url)))
        with Server(*flags, "--backups", os.getcwd(), driver="lmdb") as s:
            s.open_shop()
            receiver.wait_seq(3)
            until(lambda: letters(s), len)
            s.good("/v1/backups", {"name": "dead.lmdb"})
        with Server(*flags, store="lmdb:" + os.path.abspath("dead.lmdb")) as s:
            equal([(d["event"], d["reason"]) for d in letters(s)], [(2, "HTTP 500")])
            equal(s.get("/v1/events?after=1&limit=1").json()["events"][0]["sequence"][-1], "2")


def dead_letters_come_in_pages():
    """The list of dead letters has pages, and ends where other cursors begin."""
    with Receiver(lambda *_: 500) as receiver, \
            Server(*QUICK, "--endpoint-attempts", "1", *endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        s.good("/v1/cursors/webhook-z", {"seq": 1})
        for _ in range(7):
            s.good("/v1/orders", order())
        until(lambda: letters(s), lambda all_of_it: len(all_of_it) == 10)
        got, path = [], "/v1/webhooks/dead?limit=4"
        while path:
            page = s.get(path).json()
            got.append([d["event"] for d in page["letters"]])
            path = page["next_cursor"] and f"/v1/webhooks/dead?limit=4&cursor={page['next_cursor']}"
        equal(got, [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]])


def an_endpoint_that_is_gone_is_left_alone():
    """410 stops an endpoint and is reported; after SIGHUP it is asked again, from where it stopped."""
    gone = [True]
    with Receiver(lambda m, _: 410 if gone[0] and m.seq == 2 else 200) as receiver, \
            Server(*QUICK, *endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        stopped = until(lambda: state(s, "erp"), lambda e: e["state"] == "STOPPED")
        equal((stopped["last"], stopped["lag"], stopped["position"]), ("HTTP 410", 2, 1))
        for _ in range(5):
            s.good("/v1/orders", order())
        equal(seqs(receiver.came), [1, 2])
        contains(s.get("/metrics").body.decode(), 'webhooks_stopped{endpoint="erp"} 1\n')
        gone[0] = False
        reload(s)
        equal(first_of_each(receiver.wait_seq(8)), list(range(1, 9)))


def each_attempt_has_its_own_time():
    """A message that is late is signed with the time of the attempt, and has the id of the first one."""
    if SANITIZED:
        raise Skip("the sanitizer must be loaded first")
    with Receiver(lambda _m, number: 200 if number > 4 else 500) as receiver, \
            Server(*QUICK, *endpoints(("erp", receiver.url)),
                   environment={"LD_PRELOAD": preload(CLOCK)}) as s:
        s.open_shop()
        tries = [m for m in receiver.wait_seq(3) if m.seq == 1]
        equal(len(tries), 5)
        times = [int(m.headers["webhook-timestamp"]) for m in tries]
        equal(times == sorted(set(times)) and times[-1] - times[0] >= 4 * 400, True, times)
        equal(len({m.id for m in tries}), 1)
        for m, when in zip(tries, times):
            verify(SECRET, m.headers, m.body, now=when)
        try:  # the same message with its first time is too old by now
            verify(SECRET, tries[0].headers, tries[0].body, now=times[-1])
        except Refused:
            return
        raise AssertionError("an old message was accepted")


def a_secret_is_changed_while_it_runs():
    """A secret is changed in two steps with SIGHUP, and every message holds by a secret of its time."""
    with Receiver() as receiver:
        path = endpoints(("erp", receiver.url))[1]
        with open(path, encoding="utf-8") as file:
            keys = file.read().split()[-1]
        with Server("--endpoints", path) as s:
            s.open_shop()
            receiver.wait_seq(3)
            for number, secrets in enumerate(((SECRET, OTHER), (OTHER,)), 4):
                write(keys, *[secret_line("erp", secret) for secret in secrets])
                reload(s)
                s.good("/v1/orders", order())
                m = receiver.wait_seq(number)[-1]
                for secret in secrets:
                    verify(secret, m.headers, m.body)
                equal(m.headers["webhook-signature"].count("v1,"), len(secrets))


def a_line_that_is_taken_away_ends_retries():
    """An endpoint that is taken away while a message waits gets nothing more, and leaves no letter."""
    with Receiver(lambda *_: 503) as receiver:
        path = endpoints(("erp", receiver.url))[1]
        with Server(*QUICK, "--endpoint-attempts", "1000000", "--endpoints", path) as s:
            s.open_shop()
            receiver.wait_for(3)
            write(path)
            reload(s)
            until(lambda: s.get("/v1/webhooks").json()["endpoints"], lambda all_of_it: not all_of_it)
            came = len(receiver.came)
            for _ in range(20):
                s.good("/v1/orders", order())
            equal((len(receiver.came), letters(s)), (came, []))


def names_and_connections_may_change():
    """A name with an address that nothing listens on, and connections that end, make no difference."""
    with Receiver(lambda *_: (200, {"Connection": "close"})) as receiver, \
            Server(*endpoints(("erp", f"http://localhost:{receiver.port}/hook"))) as s:
        s.open_shop()
        for _ in range(40):
            s.good("/v1/orders", order())
        equal(seqs(receiver.wait_seq(43)), list(range(1, 44)))
        equal(state(s, "erp")["failed"], 0)


def a_certificate_must_be_trusted():
    """An endpoint of https whose certificate nobody has signed gets nothing; the reason is shown."""
    if shutil.which("openssl") is None:
        raise Skip("openssl is not installed")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", "key.pem", "-out", "cert.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    with Receiver() as receiver:
        receiver.http.socket = context.wrap_socket(receiver.http.socket, server_side=True)
        url = f"https://localhost:{receiver.port}/hook"
        with Server(*QUICK, "--endpoint-attempts", "2", *endpoints(("erp", url))) as s:
            s.open_shop()
            dead = until(lambda: letters(s), lambda all_of_it: len(all_of_it) == 3)
            contains(dead[0]["reason"].lower(), "certificate")
            equal(receiver.came, [])


def customers(s, orders):
    """Starts six customers; each places the orders one by one, and repeats what the engine refuses. Between them
    they look at the dead letters, so that reads wait as well as writes."""
    def place():
        link = s.connect()
        for _ in orders():
            key = new_key()
            while s.post("/v1/orders", order(), key, link=link).status != 201:
                s.get("/v1/webhooks/dead?limit=256", link=link)
        link.close()
    threads = [threading.Thread(target=place) for _ in range(6)]
    for thread in threads:
        thread.start()
    return threads


def a_queue_that_is_full_posts_no_message_more_often():
    """A message whose attempts are used up is not posted again while the engine refuses to keep it as a letter."""
    poison, end = range(4, 164, 4), threading.Event()
    with Receiver(lambda m, _: 500 if m.seq in poison else 200) as receiver, \
            Server(*QUICK, "--endpoint-attempts", "2", "--queue-ops-max", "2",
                   *endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        threads = customers(s, lambda: iter(end.is_set, True))
        try:
            came = receiver.wait_seq(164)
        finally:
            end.set()
            for thread in threads:
                thread.join()
        equal([d["event"] for d in letters(s)], list(poison))
        equal([seq for seq in seqs(came) if seq in poison], sorted([*poison, *poison]))


def a_queue_that_is_full_delays_messages():
    """While the engine refuses work for its load, messages and letters wait, and all of them come."""
    poison = {2}
    with Receiver(lambda m, _: 500 if m.seq in poison else 200) as receiver, \
            Server(*QUICK, "--endpoint-attempts", "2", "--queue-ops-max", "2",
                   *endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        until(lambda: letters(s), len)
        poison.clear()
        threads = customers(s, lambda: range(30))
        until(lambda: s.post("/v1/webhooks/dead/erp/2/retry", b"").status, lambda status: status == 200)
        for thread in threads:
            thread.join()
        until(lambda: letters(s), lambda all_of_it: not all_of_it)
        came = receiver.wait_seq(3 + 6 * 30 + 1)  # that the letter was removed is an event as well
        equal([seq for seq in first_of_each(came) if seq != 2], [1, *range(3, 185)])
        equal(len([m for m in came if m.seq == 2]), 3, "two attempts, and the letter once")


def a_cursor_that_is_moved_is_followed():
    """An operator who moves the cursor of an endpoint forward skips what stands before it."""
    fails = [True]
    with Receiver(lambda *_: 503 if fails[0] else 200) as receiver, \
            Server(*QUICK, "--endpoint-attempts", "1000000", *endpoints(("erp", receiver.url))) as s:
        s.open_shop()
        for _ in range(200):
            s.good("/v1/orders", order())
        receiver.wait_for(2)
        s.good("/v1/cursors/webhook%2Ferp", {"seq": 203})
        fails[0] = False
        s.good("/v1/orders", order())
        came = receiver.wait_seq(204)
        until(lambda: state(s, "erp"), lambda e: e["lag"] == 0)
        equal(len({m.seq for m in came}) < 204, True, "messages that were skipped")
        equal(until(lambda: s.get("/v1/cursors/webhook%2Ferp").json()["cursor"]["seq"], lambda seq: seq == 204), 204)


CLOCK = """#define _GNU_SOURCE
#include <stddef.h>
#include <time.h>
time_t time(time_t *out) /* 400 seconds later each time */
{
    static time_t later;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    later += 400;
    if (out != NULL)
        *out = now.tv_sec + later;
    return now.tv_sec + later;
}
"""


def a_crash_loses_nothing():
    """Killed with -9 again and again, the server posts every event, and a repeat has the same id."""
    with Receiver(lambda _m, number: 500 if number % 5 == 0 else 200) as receiver:
        flags = (*QUICK, "--endpoint-attempts", "1000", *endpoints(("erp", receiver.url)))
        store = None
        acknowledged = []
        for number in range(6):
            s = Server(*flags, store=store, driver="lmdb")
            s.start()
            store = s.store
            if number == 0:
                s.open_shop()
            wanted = len(receiver.came) + 15
            for _ in range(25):
                acknowledged.append(s.good("/v1/orders", order())["order"]["id"])
            receiver.wait_for(wanted)
            s.kill()
        with Server(*flags, store=store) as s:
            last = 3 + len(acknowledged)
            came = receiver.wait_seq(last)
            equal(first_of_each(came), list(range(1, last + 1)))
            placed = {m.event["subject"] for m in came if m.event["type"] == "holdfast.ORDER_PLACE"}
            equal(placed, set(acknowledged))
            for m in came:
                verify(SECRET, m.headers, m.body)


def an_end_in_good_order_waits_for_the_answer():
    """SIGTERM waits for the message under way, keeps how far it is, and sends no message twice."""
    asked, release = threading.Event(), threading.Event()

    def answer(m, _number):
        if m.seq == 2:
            asked.set()
            release.wait(60)
        return 200
    with Receiver(answer) as receiver:
        flags = endpoints(("erp", receiver.url))
        with Server(*flags, driver="lmdb") as s:
            s.open_shop()
            asked.wait(60)
            s.signal(signal.SIGTERM)
            while s.process.stdout.readline().find("draining") < 0:
                pass
            release.set()
            equal(s.wait(), 0)
        equal(seqs(receiver.came), [1, 2])
        with Server(*flags, store=s.store):
            equal(seqs(receiver.wait_seq(3)), [1, 2, 3])


def an_end_does_not_wait_for_ever():
    """A message that is not answered does not keep the server from its end; it is sent again later."""
    release = threading.Event()
    with Receiver(lambda *_: release.wait(60) and 200) as receiver:
        flags = endpoints(("erp", receiver.url))
        with Server(*flags, "--drain-max-ms", "100", driver="lmdb") as s:
            s.open_shop()
            receiver.wait_for(1)
            equal(s.stop(), 0)
        release.set()
        with Server(*flags, store=s.store):
            equal(first_of_each(receiver.wait_seq(3)), [1, 2, 3])


def a_new_endpoint_begins_now():
    """A line that is added begins behind the last event; one that is taken away is left alone."""
    with Receiver() as receiver:
        path = endpoints(("one", receiver.url), ("two", receiver.url + "/two"))[1]
        with open(path, encoding="utf-8") as file:
            both = file.read()
        write("some-of-them", *[line for line in both.splitlines() if not line.startswith("two")])
        with Server("--endpoints", "some-of-them") as s:
            s.open_shop()
            receiver.wait_seq(3)
            write("some-of-them", *both.splitlines())
            reload(s)
            until(lambda: s.get("/v1/webhooks").json()["endpoints"],
                  lambda all_of_it: [e["state"] for e in all_of_it] == 2 * ["ACTIVE"])
            s.good("/v1/orders", order())
            receiver.wait(lambda came: len([m for m in came if m.seq == 4]) == 2)
            write("some-of-them", *[line for line in both.splitlines() if not line.startswith("one")])
            reload(s)
            s.good("/v1/orders", order())
            receiver.wait_seq(5)
            equal([m.seq for m in receiver.came if m.path == "/hook/two"], [4, 5])
            equal([m.seq for m in receiver.came if m.path == "/hook"], [1, 2, 3, 4])
            equal([e["name"] for e in s.get("/v1/webhooks").json()["endpoints"]], ["two"])
            code = s.post("/v1/webhooks/dead/one/2/retry", b"").json()
            equal(code, {"state": "NONE"})


def answers_are_bounded():
    """Of an answer only the status counts: a body without end does not hold or fill the server."""
    body = b"x" * 1000

    def flood(listener, came):
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with link:
                data = b""
                while b"\r\n\r\n" not in data or not data.endswith(b"}"):
                    data += link.recv(65536)
                came.append(data)
                try:
                    link.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    while True:
                        link.sendall(b"3e8\r\n" + body + b"\r\n")
                except OSError:
                    pass
    with socket.create_server(("127.0.0.1", 0)) as listener:
        came = []
        threading.Thread(target=flood, args=(listener, came), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with Server(*QUICK, *endpoints(("erp", url))) as s:
            s.open_shop()
            got = until(lambda: state(s, "erp"), lambda e: e["lag"] == 0)
            equal((got["delivered"], got["failed"], len(came)), (3, 0, 3))
        listener.shutdown(socket.SHUT_RDWR)


def files_of_endpoints_are_checked():
    """A line that is wrong is refused with its place, and nothing is begun."""
    write("keys", secret_line("erp"))
    write("many", *[secret_line("erp", bytes([n]) * 32) for n in range(5)])
    good = "erp http://127.0.0.1:1/ keys"
    for line, wanted in (
            ("erp http://127.0.0.1:1/", "a line is"), (good + " * * *", "a line is"),
            ("e/p http://127.0.0.1:1/ keys", "a name has"), ("e" * 25 + " http://a/ keys", "a name has"),
            ("erp ftp://a/ keys", "http or https"), ("erp file:///etc/passwd keys", "http or https"),
            ("erp /x keys", "http or https"), ("erp http://u:p@a/ keys", "no user"),
            ("erp http://a/#f keys", "no fragment"), (good + "\n" + good, "given twice"),
            (good + " ORDER_PLACE,NOTHING", "no such type"), (good + " ?", "no such type"),
            (good + " * ORDERS", "no such subject"), ("erp http://a/ none", "none: No such file"),
            ("crm http://a/ keys", "1 to 4 lines"), ("erp http://a/ many", "1 to 4 lines")):
        path = write("bad", line)
        done = subprocess.run([SERVER, "--check", "--endpoints", path], capture_output=True, text=True,
                              check=False, timeout=600)
        equal(done.returncode, 2, line)
        contains(done.stderr, wanted)
    done = subprocess.run([SERVER, "--check", "--endpoints", write("fine", good + " * ORDER,PAYMENT")],
                          capture_output=True, text=True, check=False, timeout=600)
    equal((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    run([events_are_posted_in_order, a_changed_message_does_not_hold,
         both_secrets_sign_while_one_is_changed, a_receiver_that_fails_gets_everything_later,
         a_receiver_that_is_away_is_waited_for, a_slow_receiver_is_given_up_for_a_while,
         a_poison_message_does_not_block, dead_letters_are_in_a_backup, dead_letters_come_in_pages,
         an_endpoint_that_is_gone_is_left_alone, each_attempt_has_its_own_time,
         a_secret_is_changed_while_it_runs, a_line_that_is_taken_away_ends_retries,
         names_and_connections_may_change, a_certificate_must_be_trusted,
         a_queue_that_is_full_delays_messages, a_queue_that_is_full_posts_no_message_more_often,
         a_cursor_that_is_moved_is_followed, a_crash_loses_nothing,
         an_end_in_good_order_waits_for_the_answer, an_end_does_not_wait_for_ever,
         a_new_endpoint_begins_now, answers_are_bounded, files_of_endpoints_are_checked])
