"""A web server in front of an instance that answers some of its calls itself."""
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HELLO = (200, "text/html", b"<html>It works!</html>")
AWAY = (503, "text/plain", b"later")


class Foreign:
    """Passes requests on to `to`; `own` has the answers that it gives itself, by the end of the path:
    a tuple, or a function of the body that the instance answered. `calls` counts by that end;
    `paths` has the paths of all posts."""

    def __init__(self, to, **own):
        self.to, self.own, self.calls, self.paths = to, own, {}, []
        self.moved = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """One connection of a client."""
            protocol_version = "HTTP/1.1"

            def serve(self):
                """Answers one request."""
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, content_type, text = outer.answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                outer.count(self.path)

            do_GET = do_POST = serve

            def log_message(self, *_):  # pylint: disable=W0221
                """Nothing is logged."""

        class Quiet(ThreadingHTTPServer):
            """A connection that its client breaks is no event."""
            daemon_threads = True

            def handle_error(self, *_):
                """Nothing is printed."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.at = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, method, path, body):
        """The status, the type and the body of an answer."""
        own = self.own.get(path.rsplit("/", 1)[1])
        if isinstance(own, tuple):
            return own
        link = http.client.HTTPConnection(self.to)
        try:
            link.request(method, path, body or None, {"Content-Type": "application/json"} if body else {})
            answer = link.getresponse()
            got = answer.status, answer.getheader("content-type"), answer.read()
        finally:
            link.close()
        return got if own is None else (got[0], got[1], own(got[2]))

    def count(self, path):
        """Counts an answer that has been sent."""
        with self.moved:
            self.paths += [path]
            end = path.rsplit("/", 1)[1]
            self.calls[end] = self.calls.get(end, 0) + 1
            self.moved.notify_all()

    def wait(self, end, more):
        """Waits until `more` further answers to such calls have been sent."""
        with self.moved:
            wanted = self.calls.get(end, 0) + more
            if not self.moved.wait_for(lambda: self.calls.get(end, 0) >= wanted, timeout=600):
                raise AssertionError(f"{self.calls} of {more} further {end}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
