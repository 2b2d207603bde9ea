"""What /openapi.json says, as a check of every answer that a test gets."""
import json
import re

try:
    import jsonschema
except ImportError:  # package python3-jsonschema: then answers are not compared
    jsonschema = None


class Description:
    """The document, and a matcher of its paths."""

    def __init__(self, document):
        self.document = document
        self.paths = [(re.compile("^" + re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)) + "$"), item)
                      for path, item in document["paths"].items()]
        self.checkers = {}

    def operation(self, method, path):
        for pattern, item in self.paths:
            if pattern.match(path.split("?")[0]):
                return item.get(method.lower())
        return None

    def checker(self, schema):
        """A validator of a schema of this document, made once."""
        name = json.dumps(schema)
        if name not in self.checkers:
            whole = {**schema, "components": self.document["components"]}
            self.checkers[name] = jsonschema.Draft202012Validator(whole)
        return self.checkers[name]

    def check(self, method, path, answer):
        """The answer is one that the document has."""
        operation = self.operation(method, path)
        if operation is None or jsonschema is None or answer.status in (202, 304):
            return
        said = operation["responses"].get(str(answer.status))
        if said is None and answer.status < 400:
            raise AssertionError(f"{method} {path}: {answer.status} is not described")
        content = (said or operation["responses"]["default"])["content"]
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind not in content:
            raise AssertionError(f"{method} {path}: {answer.status} {kind!r} is not described")
        if method == "HEAD" or not kind.endswith("json"):
            return
        for wrong in self.checker(content[kind]["schema"]).iter_errors(answer.json()):
            raise AssertionError(f"{method} {path}: {wrong.json_path}: {wrong.message[:300]}")
