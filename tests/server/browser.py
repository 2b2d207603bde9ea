"""A headless Chromium that is driven by WebDriver, over HTTP from the standard library."""
import base64
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time

from shop import Skip

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Left": "\ue012", "Right": "\ue014"}


class Browser:
    """One window. `dark` and `width` are what the page sees of its user's device."""

    def __init__(self, width=1200, height=900, dark=False):
        for program in ("chromedriver", "chromium"):
            if shutil.which(program) is None:
                raise Skip(f"{program} is not installed (packages chromium, chromium-driver)")
        self.width, self.height, self.dark = width, height, dark

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory(dir=".", ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
            env={**os.environ, "HOME": os.path.abspath(self.home.name)})
        for line in self.process.stdout:
            if "started successfully on port" in line:
                self.port = int(line.split("port ")[1].split(".")[0])
                break
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     f"--window-size={self.width},{self.height}",
                     f"--user-data-dir={os.path.abspath(self.home.name)}/profile"]
        if self.dark:
            arguments.append("--force-dark-mode")
        options = {"args": arguments, "binary": shutil.which("chromium")}
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + made["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self.ask("DELETE", self.session)
        finally:
            self.process.terminate()
            self.process.communicate()
            self.home.cleanup()

    def ask(self, method, path, body=None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        text = None if method != "POST" else json.dumps(body or {})
        link.request(method, path, text, {"Content-Type": "application/json"})
        value = json.loads(link.getresponse().read())["value"]
        link.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{path}: {value['error']}: {value['message'][:300]}")
        return value

    def do(self, method, path, body=None):
        return self.ask(method, self.session + path, body)

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self.do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self):
        return self.run("return document.body.innerText")

    def wait_for(self, part):
        """Waits until the page shows a text, however long that takes."""
        for _ in range(1200):
            if part in self.text():
                return
            time.sleep(0.1)
        raise AssertionError(f"{part!r} does not come: {self.text()[:1500]}")

    def find(self, path):
        return self.do("POST", "/element", {"using": "xpath", "value": path})[ELEMENT]

    def click(self, path):
        self.do("POST", f"/element/{self.find(path)}/click")

    def write(self, path, text):
        """The text is what the field has then."""
        field = self.find(path)
        self.do("POST", f"/element/{field}/clear")
        self.do("POST", f"/element/{field}/value", {"text": text})

    def press(self, *keys):
        """Keys for what has the focus."""
        actions = [{"type": kind, "value": KEYS.get(key, key)}
                   for key in keys for kind in ("keyDown", "keyUp")]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def complaints(self):
        """What the browser has to say of the page."""
        return [entry["message"] for entry in self.do("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(self.do("GET", "/screenshot")))
