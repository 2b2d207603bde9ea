"""A real Prometheus scrapes the server, with its token, and finds what happened."""
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from proxy import Proxy
from receiver import Receiver
from shop import Server, Skip, equal, free_port, order, run
from test_relay import QUICK, endpoints


class Prometheus:
    """
    The program on a folder of its own, with one target. A scrape may take 1 ms at first. Whenever a
    scrape was cut off, it is started again with eight times as much.
    """

    def __init__(self, target, token):
        if shutil.which("prometheus") is None:
            raise Skip("package prometheus is not installed")
        self.address = f"127.0.0.1:{free_port()}"
        self.target, self.token = target, token
        self.limit_ms, self.failed_at = 1, 0

    def __enter__(self):
        with open("prometheus.yml", "w", encoding="utf-8") as file:
            file.write(f"""global: {{scrape_interval: {self.limit_ms}ms, scrape_timeout: {self.limit_ms}ms}}
scrape_configs:
  - job_name: holdfast
    authorization: {{credentials: "{self.token}"}}
    static_configs: [{{targets: ["{self.target}"]}}]
""")
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
             f"--web.listen-address={self.address}", "--log.level=warn"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.said = []
        threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=600)

    def ask(self, expression):
        """The samples of an expression: values by their labels as JSON; None: it does not listen yet."""
        url = f"http://{self.address}/api/v1/query?query=" + urllib.parse.quote(expression)
        try:
            with urllib.request.urlopen(url, timeout=600) as answer:
                result = json.load(answer)["data"]["result"]
        except (urllib.error.URLError, ConnectionError):
            if self.process.poll() is not None:
                raise AssertionError("prometheus ended: " + "".join(self.said)) from None
            return None
        return {json.dumps(one["metric"], sort_keys=True): float(one["value"][1]) for one in result}

    def allow_more(self):
        """Begins anew after a scrape that failed later than those that were noticed before."""
        failed = self.ask("timestamp(up{job='holdfast'}) and up{job='holdfast'} == 0")
        if failed and max(failed.values()) > self.failed_at:
            self.failed_at = max(failed.values())
            self.limit_ms *= 8
            self.__exit__()
            self.__enter__()

    def wait_cut_off(self):
        """Waits until a scrape was cut off: the target must not answer."""
        while self.limit_ms == 1:
            self.allow_more()
            time.sleep(0.02)

    def wait(self, expression, ready):
        """Asks until the sum of the samples is as wanted; the limit of time is that of the test."""
        while True:
            got = self.ask(expression)
            if got and ready(sum(got.values())):
                return got
            self.allow_more()
            time.sleep(0.02)


def counts_what_happens(s, p, bearer):
    """What is asked of the server is found in its figures at Prometheus."""
    s.good("/v1/units", {"code": "EUR", "scale": 2}, **bearer)
    s.good("/v1/items", {"key": {"name": "tea"}, "opening": 5}, **bearer)
    for _ in range(5):
        s.good("/v1/orders", order(), **bearer)
    equal(s.post("/v1/orders", order(), **bearer).status, 409)
    equal(s.get("/metrics").status, 401)
    p.wait("up{job='holdfast'}", lambda value: value == 1)
    p.wait("holdfast_server_requests_total{method='POST',route='/v1/orders',status='2xx'}",
           lambda value: value == 5)
    p.wait("holdfast_server_requests_total{method='POST',route='/v1/orders',status='4xx'}",
           lambda value: value == 1)
    p.wait("holdfast_server_webhooks_delivered_total{endpoint='erp'}", lambda value: value == 6)
    p.wait("holdfast_server_webhooks_dead", lambda value: value == 1)
    p.wait("holdfast_server_webhooks_lag_events", lambda value: value == 0)
    p.wait("histogram_quantile(0.99, holdfast_server_request_seconds_bucket)",
           lambda value: 0 < value < 60)
    equal(len(p.ask("{job='holdfast',__name__=~'holdfast_.*'}")) > 50, True)


def prometheus_scrapes_it():
    """Prometheus scrapes the server and counts orders, refusals, webhooks and the latency."""
    token = "a-token-of-an-operator"
    with open("tokens", "w", encoding="utf-8") as file:
        file.write(f"operator watcher {hashlib.sha256(token.encode()).hexdigest()}\n")
    bearer = {"Authorization": f"Bearer {token}"}
    with Receiver(lambda m, _: 500 if m.seq == 2 else 200) as receiver, \
            Server("--tokens", "tokens", *QUICK, "--endpoint-attempts", "2",
                   *endpoints(("erp", receiver.url))) as s, \
            contextlib.closing(Proxy(s.address)) as network:
        network.set("stall")
        with Prometheus(network.at, token) as p:
            p.wait_cut_off()
            network.set("pass")
            counts_what_happens(s, p, bearer)
    text = os.path.exists("tsdb/wal")
    equal(text, True, "it stored what it scraped")


if __name__ == "__main__":
    run([prometheus_scrapes_it])
