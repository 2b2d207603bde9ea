"""Events over HTTP: pages, a stream that resumes, and the end of both."""
import json
import os

from shop import Server, contains, equal, order, run


def open_order():
    """An order that can be cancelled."""
    return order(lines=[{"sku": "tea", "quantity": 1, "unit_price": 450, "settle_on": "FULFIL"}])


class Stream:
    """Server-sent events of one connection."""

    def __init__(self, server, path="/v1/events/stream", **headers):
        self.link = server.connect()
        self.link.request("GET", path, headers={n.replace("_", "-"): v for n, v in headers.items()})
        self.response = self.link.getresponse()

    def next(self):
        """(id, event) of the next message; None at the end."""
        number = None
        while True:
            line = self.response.readline()
            if line == b"":
                return None
            if line.startswith(b"id:"):
                number = line[3:].strip().decode()
            if line.startswith(b"data:"):
                return number, json.loads(line[5:])

    def close(self):
        self.link.close()


def types(events):
    return [event["type"].removeprefix("holdfast.") for event in events]


def pages_follow_each_other():
    """A walk over pages finds every event once, and a subject's alone when that is asked for."""
    with Server() as s:
        s.open_shop()
        placed = [s.good("/v1/orders", open_order())["order"]["id"] for _ in range(5)]
        s.good(f"/v1/orders/{placed[2]}/cancel", If_Match="*")
        whole = s.get("/v1/events").json()
        equal(types(whole["events"]),
              ["UNIT_PUT", "ITEM_PUT", "ITEM_PUT"] + 5 * ["ORDER_PLACE"] + ["ORDER_CANCEL"])
        walked, after, ended = [], 0, False
        while not ended:
            page = s.get(f"/v1/events?after={after}&limit=2").json()
            walked, after, ended = walked + page["events"], page["next_after"], page["at_end"]
        equal(walked, whole["events"])
        story = s.get(f"/v1/events?subject={placed[2]}").json()["events"]
        equal(types(story), ["ORDER_PLACE", "ORDER_CANCEL"])
        equal({event["subject"] for event in story}, {placed[2]})
        equal(s.get("/v1/events?after=10").code(), "SEQ_AHEAD")
        equal(s.get("/v1/events?cursor=x").code(), "QUERY")


def a_stream_brings_what_was_and_what_comes():
    """A stream brings the events that are there, then each new one."""
    with Server() as s:
        s.open_shop()
        stream = Stream(s)
        equal([stream.response.getheader(name) for name in
               ("Content-Type", "Cache-Control", "X-Accel-Buffering")],
              ["text/event-stream", "no-store", "no"])
        equal([stream.next()[0] for _ in range(3)], ["1-1", "1-2", "1-3"])
        for number in range(4, 8):
            placed = s.good("/v1/orders", order())["order"]["id"]
            got, event = stream.next()
            equal((got, event["subject"], event["id"]), (f"1-{number}", placed, got))
        stream.close()


def a_stream_resumes_behind_the_last_event():
    """A stream goes on behind Last-Event-ID, and one of a subject has no other event."""
    with Server() as s:
        s.open_shop()
        placed = [s.good("/v1/orders", open_order())["order"]["id"] for _ in range(300)]
        stream = Stream(s, Last_Event_ID="1-100")
        equal([stream.next()[0] for _ in range(203)], [f"1-{n}" for n in range(101, 304)])
        stream.close()
        stream = Stream(s, f"/v1/events/stream?subject={placed[250]}")
        equal(stream.next()[0], "1-254")
        s.good("/v1/orders", order())
        s.good(f"/v1/orders/{placed[250]}/cancel", If_Match="*")
        number, event = stream.next()
        equal((number, types([event])), ("1-305", ["ORDER_CANCEL"]))
        stream.close()


def many_streams_have_all_of_it():
    """Many streams at once have every event in order, also one that reads late."""
    with Server() as s:
        s.open_shop()
        streams = [Stream(s) for _ in range(20)]
        for _ in range(200):
            s.good("/v1/orders", order())
        for stream in streams:
            equal([stream.next()[0] for _ in range(203)], [f"1-{n}" for n in range(1, 204)])
            stream.close()


def an_end_in_good_order_ends_streams():
    """SIGTERM ends every stream behind a whole message, and the server at once."""
    with Server() as s:
        s.open_shop()
        streams = [Stream(s) for _ in range(3)]
        equal([stream.next()[0] for stream in streams], 3 * ["1-1"])
        equal(s.stop(), 0)
        for stream in streams:
            equal([stream.next()[0] for _ in range(2)], ["1-2", "1-3"])
            equal(stream.next(), None)
            stream.close()


def a_position_of_another_history_is_refused():
    """After a restore a position of before is refused with a remedy; so is one that is no id."""
    with Server("--backups", os.getcwd(), driver="lmdb") as s:
        s.open_shop()
        s.good("/v1/backups", {"name": "copy.lmdb"})
        for wrong in ("x", "1", "-1-2", "1--2", "1-99999999999999999999", "1-2x"):
            equal(s.get("/v1/events/stream", Last_Event_ID=wrong).code(), "EVENT_ID")
        equal(s.get("/v1/events/stream", Last_Event_ID="1-9").code(), "SEQ_AHEAD")
    with Server(store="lmdb:" + os.path.abspath("copy.lmdb")) as s:
        answer = s.get("/v1/events/stream", Last_Event_ID="1-2")
        equal((answer.status, answer.code()), (409, "EVENT_ID"))
        contains(answer.json()["detail"], "incarnation 1 of the store, which is incarnation 2 now")
        stream = Stream(s, Last_Event_ID="2-2")
        equal(stream.next()[0], "2-3")
        stream.close()


def cursors_are_kept():
    """How far a consumer has come is stored, listed, moved and removed."""
    with Server() as s:
        s.open_shop()
        equal(s.good("/v1/cursors/erp", {"seq": 2})["cursor"]["seq"], 2)
        equal(s.post("/v1/cursors/erp", {"seq": 1}).code(), "CURSOR_BACK")
        equal(s.get("/v1/cursors/erp").json()["cursor"]["seq"], 2)
        s.good("/v1/cursors/erp/reset", {"seq": 1})
        equal([c["seq"] for c in s.get("/v1/cursors").json()["cursors"]], [1])
        s.good("/v1/cursors/erp/remove")
        equal(s.get("/v1/cursors/erp").code(), "NOT_FOUND")


run([pages_follow_each_other, a_stream_brings_what_was_and_what_comes,
     a_stream_resumes_behind_the_last_event, many_streams_have_all_of_it,
     an_end_in_good_order_ends_streams, a_position_of_another_history_is_refused,
     cursors_are_kept])
