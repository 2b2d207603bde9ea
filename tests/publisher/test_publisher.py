"""Events of a store reach RabbitMQ at least once and in order, whoever is killed meanwhile."""
import json
import os
import signal
import subprocess
import sys
import time

from rabbit import Rabbit

from harness import Skip, contains, equal, free_port, holdfast, replay, run

PUBLISHER = os.path.abspath(sys.argv[3])
DRIVER = sys.argv[4]
ENDINGS = {"lmdb": ".lmdb", "sqlite": ".db"}
ORDERS = 4000


def pika():
    try:
        import pika as client
    except ImportError:
        raise Skip("package python3-pika is not installed") from None
    return client


def store_of(name, orders):
    """A store with an item, an account and orders of it; its URL, and how many events it has."""
    url = f"{DRIVER}:{name}{ENDINGS[DRIVER]}"
    account = {"kind": "MONEY", "name": "ada", "unit": "EUR"}
    placed = {"op": "order_place", "args": {
        "currency": "EUR", "customer": "ada", "total": 450,
        "lines": [{"sku": "tea", "quantity": 1, "unit_price": 450}],
        "payments": [{"account": account, "amount": 450}]}}
    done = replay(url, {"op": "item_put", "args": {"key": {"name": "tea"}, "opening": 10 * orders}},
                  {"op": "account_put", "args": {"key": account, "unit_scale": 2,
                                                 "opening": 1000 * orders}},
                  *[placed] * orders)
    equal(done.code, 0, done.err)
    return url, status(url)["event_seq"]


def status(url):
    return json.loads(holdfast("status", "--json", store=url).out)["status"][0]


class Queue:
    """A durable queue that takes everything of an exchange."""

    def __init__(self, broker, exchange, key="#"):
        self.client = pika()
        self.broker, self.name = broker, "all-" + exchange
        with self.open() as connection:
            channel = connection.channel()
            channel.exchange_declare(exchange, "topic", durable=True)
            channel.queue_declare(self.name, durable=True)
            channel.queue_bind(self.name, exchange, key)

    def open(self):
        return self.client.BlockingConnection(self.client.URLParameters(self.broker.url))

    def count(self, channel):
        return channel.queue_declare(self.name, passive=True).method.message_count

    def wait_for(self, count):
        with self.open() as connection:
            channel = connection.channel()
            while self.count(channel) < count:
                time.sleep(0.01)

    def take_all(self):
        """(properties, routing key, event) of each message, in order."""
        with self.open() as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=1000)
            left, got = self.count(channel), []
            if left == 0:
                return got
            for method, properties, body in channel.consume(self.name):
                got.append((properties, method.routing_key, json.loads(body)))
                channel.basic_ack(method.delivery_tag)
                if len(got) == left:
                    break
            channel.cancel()
        return got


def start(url, broker_url, *options):
    return subprocess.Popen([PUBLISHER, "--store", url, "--broker", broker_url, *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def publish(url, broker_url, *options):
    """Runs it to its end: code, output, errors."""
    process = start(url, broker_url, *options)
    out, err = process.communicate(timeout=600)
    return process.returncode, out, err


def sequences(taken):
    return [int(event["sequence"]) for _, _, event in taken]


def whole_and_in_order(taken, events):
    """Each event is there; leaving out what came again, they are in order. How many came again."""
    seen = list(dict.fromkeys(sequences(taken)))
    equal(seen, list(range(1, events + 1)), "the events that arrived")
    by_id = {}
    for properties, _, event in taken:
        equal(properties.message_id, event["id"])
        equal(by_id.setdefault(event["id"], event), event, "what came again")
    equal(len(by_id), events, "ids")
    return len(taken) - events


def every_event_is_a_cloud_event(broker):
    """Every event is published once, in order, as a CloudEvent that says what changed."""
    url, events = store_of("plain", 3)
    queue = Queue(broker, "plain")
    equal(publish(url, broker.url, "--exchange", "plain", "--once"),
          (0, f"published to event {events}\n", ""))
    taken = queue.take_all()
    equal(whole_and_in_order(taken, events), 0, "sent again")
    store = status(url)["store"]
    properties, key, event = taken[-1]
    equal((properties.content_type, properties.delivery_mode, properties.type, key),
          ("application/cloudevents+json", 2, "ORDER_PLACE", "order_place"))
    equal({name: event[name] for name in ("specversion", "id", "source", "type", "sequence")},
          {"specversion": "1.0", "id": f"1-{events}", "source": f"urn:uuid:{store}",
           "type": "holdfast.ORDER_PLACE", "sequence": f"{events:020}"})
    changes = event["data"]["changes"]
    equal([c["amount"] for c in changes if c["change"] == "MOVE"
           and c["from"]["kind"] == "MONEY"], [450], "money that moved")
    states = [c["state"] for c in changes if c["change"] == "STATE"
              and c["subject_kind"] == "ORDER"]
    equal(states, ["CLOSED"], "the order")
    equal(event["subject"], next(c["id"] for c in changes if c.get("subject_kind") == "ORDER"))
    equal(publish(url, broker.url, "--exchange", "plain", "--once")[0], 0)
    equal(queue.take_all(), [], "sent again by the next start")


def a_broker_that_is_killed_loses_nothing(broker):
    """A broker that is killed and comes back has every event, in order."""
    url, events = store_of("broker", ORDERS)
    queue = broker.queue
    process = start(url, broker.url, "--exchange", "broker", "--once")
    queue.wait_for(200)
    broker.kill()
    broker.start()
    out, err = process.communicate(timeout=600)
    equal((process.returncode, out), (0, f"published to event {events}\n"), err)
    contains(err, "trying again from event")
    whole_and_in_order(queue.take_all(), events)


def a_publisher_that_is_killed_continues(broker):
    """A publisher that is killed goes on behind what was confirmed."""
    url, events = store_of("killed", ORDERS)
    queue = Queue(broker, "killed")
    process = start(url, broker.url, "--exchange", "killed")
    queue.wait_for(500)
    process.kill()
    process.communicate()
    equal(publish(url, broker.url, "--exchange", "killed", "--once"),
          (0, f"published to event {events}\n", ""))
    again = whole_and_in_order(queue.take_all(), events)
    if again > 256:
        raise AssertionError(f"{again} events came again: more than what is sent at once")


def an_event_that_no_queue_takes_is_kept(broker):
    """An event that no queue takes waits for one, and is counted when that is allowed."""
    url, events = store_of("unrouted", 2)
    process = start(url, broker.url, "--exchange", "unrouted", "--once")
    contains(process.stderr.readline(), "no queue is bound to exchange unrouted for ITEM_PUT")
    queue = Queue(broker, "unrouted")
    process.communicate(timeout=600)
    equal(process.returncode, 0)
    whole_and_in_order(queue.take_all(), events)
    url, events = store_of("allowed", 2)
    equal(publish(url, broker.url, "--exchange", "nobody", "--once", "--allow-unrouted"),
          (0, f"published to event {events}\n", ""))


def what_follows_an_event_is_not_sent_again_and_again(broker):
    """Events behind one that no queue takes come once, however often that one is tried."""
    url, events = store_of("behind", 20)
    queue = Queue(broker, "behind", "order_place")
    process = start(url, broker.url, "--exchange", "behind", "--once")
    for _ in range(5):
        contains(process.stderr.readline(), "for ITEM_PUT")
    process.send_signal(signal.SIGTERM)
    equal(process.communicate(timeout=600)[0], "published to event 0\n")
    equal(sequences(queue.take_all()), list(range(3, events + 1)))


def a_consumer_has_a_cursor_of_its_own(broker):
    """Each consumer has a cursor of its own, which the store shows."""
    url, events = store_of("cursors", 2)
    for consumer in ("one", "two"):
        equal(publish(url, broker.url, "--exchange", "cursors", "--once", "--allow-unrouted",
                      "--consumer", consumer)[0], 0)
    rows = json.loads(holdfast("list", "cursors", "--json", store=url).out)["cursors"]
    equal([(row["consumer"], row["seq"]) for row in rows], [("one", events), ("two", events)])


def it_ends_when_it_is_told_to():
    """It waits for a broker that is not there, and ends at once when it is told to."""
    url, _ = store_of("alone", 1)
    process = start(url, f"amqp://127.0.0.1:{free_port()}")
    contains(process.stderr.readline(), "trying again from event 1")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=600)
    equal((process.returncode, out), (0, "published to event 0\n"))


def what_is_wrong_is_named():
    """What is missing, not understood or not there is named."""
    for options, code, part in (
            ((), 2, "--store is missing"),
            (("--store", "memory:"), 2, "--broker is missing"),
            (("--store", "memory:", "--broker", "http://x"), 2, "--broker: no URL of a broker"),
            (("--store", "memory:", "--broker", "amqps://x"), 2, "amqps: is not supported"),
            (("more",), 2, "'more' is not an option"),
            (("--consumer", ""), 2, "is missing"),
            (("--store", f"{DRIVER}:none/x", "--broker", "amqp://127.0.0.1:1"), 1, "HF_E_PATH")):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST_")}
        done = subprocess.run([PUBLISHER, *options], capture_output=True, text=True, timeout=600,
                              env=environment, check=False)
        equal((done.returncode, done.stdout), (code, ""), done.stderr)
        contains(done.stderr, part)


def with_broker(cases):
    """The cases, on one broker that the first of them starts and the last one ends."""
    held = []

    def started():
        if not held:
            pika()
            broker = Rabbit("rabbit")
            broker.__enter__()
            held.append(broker)
            # A broker that is killed forgets a queue that was declared just before.
            broker.queue = Queue(broker, "broker")
        return held[0]

    def bound(case):
        def run_case():
            case(started())
        run_case.__doc__ = case.__doc__
        return run_case

    def end():
        """The broker ends with the tests."""
        for broker in held:
            broker.__exit__()
    return [bound(case) for case in cases] + [end]


run([what_is_wrong_is_named, it_ends_when_it_is_told_to] +
    with_broker([every_event_is_a_cloud_event, an_event_that_no_queue_takes_is_kept,
                 what_follows_an_event_is_not_sent_again_and_again,
                 a_consumer_has_a_cursor_of_its_own, a_publisher_that_is_killed_continues,
                 a_broker_that_is_killed_loses_nothing]))
