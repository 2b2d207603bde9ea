"""The description of the server: it is whole, it is valid, and answers are as it says."""
import json
import re

from description import Description, jsonschema
from shop import Server, Skip, checkout, contains, equal, run

METHODS = ("get", "post")


def described(server):
    answer = server.get("/openapi.json")
    equal(answer.headers["content-type"], "application/json")
    return answer.json()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    if isinstance(value, list):
        for part in value:
            yield from references(part)


def it_is_whole():
    """Every operation has a name of its own, its parameters, its answer and its problems."""
    with Server() as s:
        document = described(s)
        equal(document["openapi"], "3.1.0")
        names = [operation["operationId"] for _, _, operation in operations(document)]
        equal(len(names), len(set(names)), "names")
        for method, path, operation in operations(document):
            equal(method in METHODS, True, method)
            equal([p["name"] for p in operation["parameters"] if p["in"] == "path"],
                  re.findall(r"\{([^}]*)\}", path), path)
            given = [(p["in"], p["name"]) for p in operation["parameters"]]
            equal(len(given), len(set(given)), path)
            equal("default" in operation["responses"] and len(operation["responses"]) == 2, True)
            equal(operation["summary"] != "", True, path)
        for path in ("/v1/orders", "/v1/orders/{order}/cancel", "/webhooks/{provider}", "/readyz"):
            contains(document["paths"], path)


def every_reference_and_schema_is_valid():
    """Every reference leads to a schema, and every schema is one of JSON Schema 2020-12."""
    if jsonschema is None:
        raise Skip("package python3-jsonschema is not installed")
    with Server() as s:
        document = described(s)
        for reference in references(document):
            at = document
            for part in reference.removeprefix("#/").split("/"):
                at = at[part]
        for schema in document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for _, _, operation in operations(document):
            if "requestBody" in operation:
                jsonschema.Draft202012Validator.check_schema(
                    operation["requestBody"]["content"]["application/json"]["schema"])


def requests_fit_what_it_says():
    """What the tests send fits the description, and what it rules out is refused."""
    if jsonschema is None:
        raise Skip("package python3-jsonschema is not installed")
    with Server() as s:
        s.open_shop(money=10000)
        document = described(s)
        about = Description(document)
        schema = about.operation("POST", "/v1/orders")["requestBody"]["content"]
        checker = about.checker(schema["application/json"]["schema"])
        equal(list(checker.iter_errors(checkout())), [])
        s.good("/v1/orders", checkout())
        for change in ({"total": "x"}, {"colour": "red"}, {"policy": ["ODD"]},
                       {"lines": [{"quantity": 1.5}]}, {"payments": [{"amount": 1, "by": 2}]}):
            wrong = {**checkout(), **change}
            equal(list(checker.iter_errors(wrong)) != [], True, json.dumps(change))
            equal(s.post("/v1/orders", wrong).code(), "VALUE", json.dumps(change))


def a_wrong_answer_is_noticed():
    """An answer that lacks a member, has one too many or another status is noticed."""
    if jsonschema is None:
        raise Skip("package python3-jsonschema is not installed")
    with Server() as s:
        s.open_shop()
        about = Description(described(s))
        answer = s.get("/v1/items/tea")
        about.check("GET", "/v1/items/tea", answer)
        whole = answer.body
        for body, status in ((whole.replace(b'"balance":', b'"ballance":'), 200),
                             (whole.replace(b'"balance":1000', b'"balance":"1000"'), 200),
                             (whole, 201)):
            answer.body, answer.status = body, status
            try:
                about.check("GET", "/v1/items/tea", answer)
            except AssertionError:
                continue
            raise AssertionError(f"{body!r} {status} passed")


run([it_is_whole, every_reference_and_schema_is_valid, requests_fit_what_it_says,
     a_wrong_answer_is_noticed])
