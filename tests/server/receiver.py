"""A receiver of webhooks: Python's http.server, with a checker of signatures of its own."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time


class Refused(Exception):
    """The message is not what its signature says."""


def verify(secret, headers, body, now=None):
    """Checks a message as the text of Standard Webhooks says; raises Refused."""
    ident, when = headers["webhook-id"], headers["webhook-timestamp"]
    if abs((time.time() if now is None else now) - int(when)) > 300:
        raise Refused("old")
    wanted = hmac.new(secret, f"{ident}.{when}.".encode() + body, hashlib.sha256).digest()
    for one in headers["webhook-signature"].split(" "):
        version, _, text = one.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64decode(text), wanted):
            return
    raise Refused("signature")


class Message:
    """A request as it came."""

    def __init__(self, path, headers, body):
        self.path, self.body = path, body
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.event = json.loads(body)
        self.id = self.headers["webhook-id"]
        self.seq = int(self.event["sequence"])


class Quiet(http.server.ThreadingHTTPServer):
    """Connections may end at any time: the sender is killed."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class Receiver:
    """Listens; `answer(message, count)` says the status, or a tuple of status and headers, of each."""

    def __init__(self, answer=None, port=0):
        self.answer = answer or (lambda message, count: 204)
        self.came = []     # all messages, as they came
        self.changed = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender was killed
                    self.close_connection = True
                    return
                message = Message(self.path, self.headers, body)
                with receiver.changed:
                    receiver.came.append(message)
                    count = len(receiver.came)
                    receiver.changed.notify_all()
                given = receiver.answer(message, count)
                if given is None:  # nothing is answered
                    self.close_connection = True
                    return
                status, headers = given if isinstance(given, tuple) else (given, {})
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": "0", **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                except OSError:  # the sender has gone
                    self.close_connection = True

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.http = Quiet(("127.0.0.1", port), Handler)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def wait(self, ready, what=""):
        """Waits until ready(messages) is true; returns the messages."""
        with self.changed:
            if not self.changed.wait_for(lambda: ready(self.came), 60):
                raise AssertionError(f"not in a minute: {what}, {[m.id for m in self.came]}")
            return list(self.came)

    def wait_for(self, count):
        return self.wait(lambda came: len(came) >= count, f"{count} messages")

    def wait_seq(self, seq):
        return self.wait(lambda came: any(m.seq == seq for m in came), f"event {seq}")
