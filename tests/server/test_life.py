"""The server's life: settings, readiness, metrics, its log, and its end in good order."""
import json
import os
import re
import shutil
import signal
import subprocess

from shop import (SANITIZED, SERVER, Server, Skip, contains, equal, holdfast, new_key, order, preload,
                  read_all, run)


def starts(*flags, **environment):
    """What the program says of its settings: exit code and standard error."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST_SERVER_")}
    done = subprocess.run([SERVER, "--check", *flags], capture_output=True, text=True, check=False,
                          timeout=600, env={**clean, **environment})
    return done.returncode, done.stderr


def settings_are_checked():
    """A setting that is unknown or out of range is refused with its place."""
    with open("bad.conf", "w", encoding="utf-8") as file:
        file.write("# a comment\n\nbody_bytes_max = 10\ndurability = king\n")
    with open("twice.conf", "w", encoding="utf-8") as file:
        file.write("idle_ms = 100\nidle_ms = 200\n")
    for flags, environment, wanted in (
            (["--body-bytes-max", "0"], {}, "command line: body_bytes_max: '0' is not a number of 1.."),
            (["--colour", "red"], {}, "no such flag"),
            (["red"], {}, "'red' is no flag"),
            ([], {"HOLDFAST_SERVER_THREADS": "2"}, "HOLDFAST_SERVER_THREADS: threads: '2' is not"),
            (["--config", "bad.conf"], {}, "config: bad.conf:4: durability: 'king' is not store"),
            (["--config", "twice.conf"], {}, "twice.conf:2: 'idle_ms' is given twice"),
            (["--config", "none.conf"], {}, "none.conf: No such file"),
            (["--tokens", "none"], {}, "tokens: none: No such file"),
            (["--tokens", "."], {}, "tokens: .: it cannot be read as a file"),
            (["--webhooks", "."], {}, "webhooks: .: it cannot be read as a file")):
        code, said = starts(*flags, **environment)
        equal(code, 2, flags)
        contains(said, wanted)
    equal(starts(), (0, ""))


def later_places_win():
    """A flag comes before the environment, and the environment before the file."""
    with open("three.conf", "w", encoding="utf-8") as file:
        file.write("body_bytes_max = 100\njson_depth_max = 3\nlog_requests = false\n")
    with Server("--config", "three.conf", "--body-bytes-max", "300",
                environment={"HOLDFAST_SERVER_BODY_BYTES_MAX": "200",
                             "HOLDFAST_SERVER_JSON_DEPTH_MAX": "4"}) as s:
        equal(s.post("/v1/orders", b" " * 301).code(), "BODY_LARGE")
        equal(s.post("/v1/orders", b" " * 300).code(), "JSON")
        equal(s.post("/v1/orders", b"[[[[[1]]]]]").code(), "DEPTH")
        equal(s.post("/v1/orders", b"[[[[1]]]]").code(), "VALUE")
    equal([line for line in s.log if line["msg"] == "request"], [])


def help_names_every_setting():
    """The help names every setting that a file may have."""
    said = subprocess.run([SERVER, "--help"], capture_output=True, text=True, check=True).stdout
    for name in ("store", "listen", "tokens", "body-bytes-max", "drain-ms", "log-level"):
        contains(said, f"--{name} ")


def the_manual_page_names_every_setting():
    """The part of the manual page that is made of the settings names what the help names."""
    def said(flag):
        return subprocess.run([SERVER, flag], capture_output=True, text=True, check=True).stdout
    helped = re.findall(r"^  --([a-z-]+) ", said("--help"), re.MULTILINE)
    equal(re.findall(r"^\*--([a-z-]+)\*$", said("--manual"), re.MULTILINE), helped)
    equal(len(helped) > 15, True, helped)


def a_log_that_nobody_reads_does_not_keep_it():
    """A server whose log is not read ends all the same, and reports that lines are lost."""
    with Server("--drain-max-ms", "300") as s:
        s.open_shop()
        link = s.connect()
        for _ in range(1500):  # more than a pipe holds
            s.get("/v1/orders", link=link)
        link.close()
        s.signal(signal.SIGTERM)
        equal(s.process.wait(timeout=600), 0)
        contains(s.process.stderr.read(), "the log is not read")
    with Server(store=s.store) as s:
        equal(s.item("tea")["balance"], 1000)


def a_second_signal_loses_no_line():
    """A second SIGTERM ends the server at once, and its last lines are in a log that is read."""
    with Server("--drain-ms", "60000") as s:
        s.signal(signal.SIGTERM)
        while s.get("/readyz").status == 200:
            pass
        with s.socket() as link:  # its line comes when the end cuts it
            link.sendall(b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
                         b"Expect: 100-continue\r\n\r\n")
            contains(link.recv(100).decode(), "100 Continue")
            s.signal(signal.SIGTERM)
            equal(s.wait(), 0)
    equal([line["status"] for line in s.log if line["msg"] == "request"][-1:], [499])
    equal(s.log[-1]["msg"], "closed")
    equal("the log is not read" in s.err, False)


REALLOC = """#include <stddef.h>
void *__libc_realloc(void *old, size_t bytes);
void *realloc(void *old, size_t bytes)
{
    return bytes == 1 << 20 ? NULL : __libc_realloc(old, bytes);
}
"""


def without_memory_its_last_lines_are_written():
    """A server that gets no memory for a body ends; the lines of the requests before it are there."""
    if SANITIZED:
        raise Skip("the sanitizer must be loaded first")
    head = b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with Server("--body-bytes-max", "1000000", environment={"LD_PRELOAD": preload(REALLOC)}) as s:
        s.raw(50 * b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" + head +
              b"Content-Length: 900000\r\n\r\n" + 900000 * b" ")
        equal(s.wait(), 4)
        contains(s.err, "holdfast-server: out of memory\n")
    equal(len([line for line in s.log if line["msg"] == "request"]), 50)


def hangup_reads_settings_anew():
    """SIGHUP reads the file anew; what needs a restart is reported and stays."""
    path = os.path.abspath("four.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("body_bytes_max = 100\nconnections_max = 10\n")
    with Server("--config", path) as s:
        equal(s.post("/v1/orders", b" " * 200).code(), "BODY_LARGE")
        with open(path, "w", encoding="utf-8") as file:
            file.write("body_bytes_max = 300\nconnections_max = 20\n")
        s.signal(signal.SIGHUP)
        while json.loads(s.process.stdout.readline()).get("text") != "read anew":
            pass
        equal(s.post("/v1/orders", b" " * 200).code(), "JSON")
        with open(path, "w", encoding="utf-8") as file:
            file.write("body_bytes_max = none\n")
        s.signal(signal.SIGHUP)
        line = {}
        while line.get("level") != "error":
            line = json.loads(s.process.stdout.readline())
        contains(line["text"], "four.conf:1: body_bytes_max")
        equal(s.post("/v1/orders", b" " * 200).code(), "JSON")


def hangup_changes_the_level_of_the_engine():
    """After SIGHUP the engine prints the lines of the new level, and none of a lower one."""
    path = os.path.abspath("level.conf")
    closed = "engine: closed: the store has everything"  # of the level info

    def write(level, most):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"log_level = {level}\nbody_bytes_max = {most}\n")

    for levels in (["info"], ["info", "error"], ["info", "error", "info"]):
        write("info", 1)
        with Server("--config", path) as s:
            for most, level in enumerate(levels, 300):
                write(level, most)
                s.signal(signal.SIGHUP)
                while s.post("/v1/orders", b" " * (most + 1)).json()["detail"] != f"at most {most} bytes":
                    pass
            equal(s.stop(), 0)
        equal(closed in s.err, levels[-1] == "info", f"{levels}: {s.err}")


def readiness_fails_first():
    """After SIGTERM /readyz fails while requests are still taken; then the server ends."""
    with Server("--drain-ms", "60000") as s:
        s.open_shop()
        link = s.connect()
        equal(s.get("/readyz").status, 200)
        s.signal(signal.SIGTERM)
        while s.get("/readyz").status == 200:
            pass
        drained = s.get("/readyz")
        equal((drained.status, drained.code(), drained.headers["retry-after"]),
              (503, "NOT_READY", "1"))
        equal(s.get("/livez").status, 200)
        placed = s.post("/v1/orders", order(), link=link)
        equal((placed.status, placed.headers["connection"]), (201, "close"))
        s.signal(signal.SIGTERM)  # the second one waits no longer
        equal(s.wait(), 0)
    equal(holdfast("verify", store=s.store).code, 0)


def requests_under_way_end():
    """Requests that were there when SIGTERM came are answered before the server ends."""
    with Server() as s:
        s.open_shop()
        links = [s.connect() for _ in range(20)]
        for link in links:
            s.get("/livez", link=link)
        s.signal(signal.SIGSTOP)
        keys = [new_key() for _ in links]
        for link, key in zip(links, keys):
            link.request("POST", "/v1/orders", json.dumps(order()),
                         {"Idempotency-Key": key, "Content-Type": "application/json"})
        s.signal(signal.SIGTERM)
        s.signal(signal.SIGCONT)
        answers = [link.getresponse() for link in links]
        equal({answer.status for answer in answers}, {201})
        equal(s.wait(), 0)
        equal(s.log[-1]["text"], "the store has everything")


def metrics_are_sound():
    """The figures are what Prometheus accepts, and count each request by its route."""
    with Server() as s:
        s.open_shop()
        for _ in range(3):
            s.good("/v1/orders", order())
        s.get("/v1/orders/" + new_key())
        s.get("/nowhere")
        answer = s.get("/metrics")
        text = answer.body.decode()
        contains(answer.headers["content-type"], "text/plain; version=0.0.4")
        for wanted in (
                'requests_total{method="POST",route="/v1/orders",status="2xx"} 3',
                'requests_total{method="GET",route="/v1/orders/{order}",status="4xx"} 1',
                'requests_total{method="",route="",status="4xx"} 1', "request_seconds_count 8",
                "connections 1"):
            contains(text, f"holdfast_server_{wanted}\n")
        contains(text, "holdfast_orders_total{")
    if shutil.which("promtool") is None:
        raise Skip("promtool (package prometheus) is not installed")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                          capture_output=True, check=False)
    equal((done.returncode, done.stdout + done.stderr), (0, ""))


def the_log_has_a_line_a_request():
    """Each request is one JSON line with route, status, key and trace, and nothing of its body."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with Server() as s:
        s.open_shop()
        key = new_key()
        s.post("/v1/orders", order(customer="secret-name"), key,
               traceparent=f"00-{trace}-00f067aa0ba902b7-01")
        bad = s.post("/v1/orders", order(100000), traceparent="00-" + "0" * 32 + "-1-01")
        s.get("/a\u0022b%0a")
    lines = [line for line in s.log if line["msg"] == "request"]
    equal(len(lines), 3 + 3)
    line, refused, odd = lines[3:]
    equal((line["method"], line["route"], line["status"], line["key"], line["actor"]),
          ("POST", "/v1/orders", 201, key, "local"))
    equal((line["trace_id"], line["parent_id"]), (trace, "00f067aa0ba902b7"))
    equal((refused["code"], refused["trace_id"]), ("STOCK_SHORT", bad.json()["trace_id"]))
    equal("parent_id" in refused, False)
    equal((odd["path"], odd["route"], odd["status"]), ('/a"b%0a', None, 400))
    equal("secret-name" in json.dumps(s.log), False)


def a_store_in_use_is_named():
    """A store that another process has open, and an address in use, end the start with exit code 4."""
    with Server() as s:
        for flags, wanted in ((["--store", s.store, "--listen", "127.0.0.1:0"], "HF_E_LOCKED"),
                              (["--store", "memory:", "--listen", s.address], "Address already"),
                              (["--store", "memory:", "--listen", "8080"], "ADDRESS:PORT"),
                              (["--store", "memory:", "--listen", "0.0.0.0:0"], "needs tokens")):
            done = subprocess.run([SERVER, *flags], capture_output=True, text=True, check=False,
                                  timeout=600)
            equal(done.returncode, 4, flags)
            contains(done.stderr, wanted)


def connections_are_kept():
    """Many requests go over one connection, also when they are sent without waiting."""
    with Server() as s:
        s.open_shop()
        wanted = 50
        body = json.dumps(order()).encode()
        data = b"".join(
            b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Idempotency-Key: " + new_key().encode() + b"\r\nContent-Length: " +
            str(len(body)).encode() + b"\r\n\r\n" + body for _ in range(wanted))
        with s.socket() as link:
            link.sendall(data + b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            came = read_all(link)
        equal(came.count(b"HTTP/1.1 201 "), wanted)
        equal(came.count(b"HTTP/1.1 200 "), 1)
        equal(s.item("tea")["balance"], 1000 - wanted)


if __name__ == "__main__":
    run([settings_are_checked, later_places_win, help_names_every_setting,
         the_manual_page_names_every_setting, a_log_that_nobody_reads_does_not_keep_it,
         a_second_signal_loses_no_line, without_memory_its_last_lines_are_written,
         hangup_reads_settings_anew, hangup_changes_the_level_of_the_engine, readiness_fails_first,
         requests_under_way_end, metrics_are_sound, the_log_has_a_line_a_request, a_store_in_use_is_named,
         connections_are_kept])
