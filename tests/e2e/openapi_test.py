"""What a node answers is what its OpenAPI document says."""

import datetime
import time
import unittest

from node_under_test import NodeUnderTest
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field("power", "W", 0)]
ROWS = [[hour * 3600, hour if hour % 5 else None] for hour in range(24)]
TYPES = {"string": str, "boolean": bool, "object": dict, "array": list}


class Schemas:
    """Checks values against JSON Schemas, as far as the document uses them."""

    def __init__(self, document):
        self.document = document

    def check(self, value, schema, path="answer"):
        if "$ref" in schema:
            return self.check(value, self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], path)
        if "anyOf" in schema:
            if value is None:
                assert {"type": "null"} in schema["anyOf"], f"{path} is null"
                return None
            return self.check(value, schema["anyOf"][0], path)
        if "enum" in schema:
            assert value in schema["enum"], f"{path} is {value!r}"
        kind = schema.get("type")
        if kind == "integer":
            assert isinstance(value, int) and not isinstance(value, bool), f"{path} is {value!r}, no integer"
            assert schema.get("minimum", value) <= value <= schema.get("maximum", value), f"{path} is {value}"
        elif kind:
            assert isinstance(value, TYPES[kind]), f"{path} is {value!r}, no {kind}"
        if kind == "object":
            properties, more = schema.get("properties", {}), schema.get("additionalProperties")
            for name in schema.get("required", []):
                assert name in value, f"{path} lacks {name}"
            for name, member in value.items():
                if name in properties:
                    self.check(member, properties[name], f"{path}.{name}")
                elif isinstance(more, dict):
                    self.check(member, more, f"{path}.{name}")
                else:
                    assert not properties, f"{path} has {name}, which the document does not know"
        if kind == "array":
            for index, each in enumerate(value):
                items = schema["prefixItems"][index] if "prefixItems" in schema else schema["items"]
                self.check(each, items, f"{path}[{index}]")
        return None


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        admin, cls.client = cls.node.client("admin"), cls.node.client("client1")
        admin.submit("registry", "register_schema",
                     {"id": "meter", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
        cls.start = int(time.time()) // DAY * DAY - 3 * DAY
        device = Device("m1", new_key(ES256), FIELDS)
        admin.submit("registry", "register_device", device.registration("meter@1"))
        for day in (0, 2):
            cls.published = cls.client.publish(device.day(cls.start + day * DAY, ROWS))
        cls.bill(admin, datetime.datetime.fromtimestamp(cls.start, datetime.timezone.utc).date())
        cls.document = cls.client.get("/v1/openapi.json")
        cls.admin = admin

    @classmethod
    def bill(cls, admin, day):
        """An agreement about one day of the device, and its invoice; both named as the device."""
        with_roles = [{"organization": admin.identity.organization, "role": role} for role in ("OPERATOR", "RC", "DV", "SP")]
        cls.day = str(day)
        admin.submit("agreement", "propose", {"id": "m1", "terms": {
            "title": "Power", "from": cls.day, "until": str(day + datetime.timedelta(days=1)), "period": "MONTH",
            "currency": "EUR", "rounding": "HALF_UP", "parties": with_roles,
            "scope": [{"shard": "north", "devices": ["m1"]}], "zone": {"name": "UTC", "offset_s": 0, "shifts": []},
            "fields": [{"field": "power", "unit": "W", "measure": "SUM"}], "windows": [],
            "tariff": [{"name": "power", "kind": "QUANTITY", "field": "power", "prices": [{"from": "0", "price": "1"}],
                        "tax": {"category": "Z", "percent": "0"}},
                       {"name": "service", "kind": "FEE", "per": "DAY", "prices": [{"from": "0", "price": "1"}],
                        "tax": {"category": "Z", "percent": "0"}, "provider": admin.identity.organization}],
            "reconciliation": {"cloud": "NONE", "window_minutes": 0, "on_mismatch": "DEVICE"},
            "payees": [{"organization": admin.identity.organization, "percent": "100"}], "payees_assignable": False,
            "confirmations": 1, "payment_days": 1, "dispute_days": 1, "keepalive_minutes": 60, "notice_days": 0}})
        admin.submit("data", "finalize", {"agreement": "m1", "days": [{"device": "m1", "day": cls.day}]})
        admin.submit("billing", "compute", {"agreement": "m1", "day": cls.day})
        admin.submit("billing", "post_bill", {"agreement": "m1", "day": cls.day, "number": "1", "issued": cls.day,
                                              "total": "1.00", "lines": [
                                                  {"name": "service", "quantity": "1", "amount": "1.00",
                                                   "tax": {"category": "Z", "percent": "0"}}]})
        admin.submit("audit", "run", {"agreement": "m1", "id": "m1", "from": cls.day,
                                      "until": str(day + datetime.timedelta(days=1))})

    def test_every_answer_in_json_has_a_schema(self):
        without = []
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                for status, answer in operation["responses"].items():
                    media = answer.get("content", {}).get("application/json")
                    if media is not None and "schema" not in media:
                        without.append(f"{method} {path} {status}")
        # The document itself, and what any contract answers.
        self.assertEqual(sorted(without), ["get /v1/openapi.json 200", "post /v1/contracts/{contract}/{function} 200",
                                           "post /v1/queries 200"])

    def test_answers_have_the_form_of_their_schemas(self):
        schemas, seen = Schemas(self.document), 0
        end = self.start + 3 * DAY
        fill = {"number": 3, "block": 3, "id": "m1", "device": "m1", "contract": "registry", "from": self.start, "to": end,
                "shard": "north", "channel": "main", "schema": "meter@1", "version": 1,
                "agreement": "m1", "day": self.day, "provider": self.admin.identity.organization}
        transaction = self.published["transaction"]["id"]
        for path, methods in self.document["paths"].items():
            operation = methods.get("get")
            media = operation and operation["responses"].get("200", {}).get("content", {}).get("application/json")
            if not media or "schema" not in media:
                continue
            values = dict(fill, **({"from": 1} if "checkpoints" in path else {}))
            if "transactions" in path:
                values["id"] = transaction
            query = [f"{each['name']}={values[each['name']]}" for each in operation.get("parameters", [])
                     if each["in"] == "query" and each["required"]]
            url = path
            for name, value in values.items():
                url = url.replace("{" + name + "}", str(value))
            if "{" in url:
                continue
            answer = (self.admin if "snapshots" in path else self.client).request("GET", url + "?" * bool(query) + "&".join(query))
            if answer.status in (400, 404, 422):
                continue  # it wants what is not here
            with self.subTest(url):
                self.assertEqual(answer.status, 200, answer)
                schemas.check(answer.json, media["schema"])
                seen += 1
        self.assertGreater(seen, 20)

    def test_the_series_and_the_gaps_have_the_form_of_their_schemas(self):
        schemas = Schemas(self.document)
        for function, arguments in (("series", {"device": "m1", "from": self.start, "to": self.start + DAY}),
                                    ("series", {"device": "m1", "from": self.start, "to": self.start + DAY, "interval_s": 7200}),
                                    ("gaps", {"device": "m1", "from": self.start, "to": self.start + 3 * DAY}),
                                    ("days", {"shard": "north"}), ("totals", {"device": "m1"}), ("liveness", {"device": "m1"}),
                                    ("find", {"content_id": "00" * 32}),
                                    ("find", {"content_id": self.published["content_id"]})):
            with self.subTest(function=function, arguments=arguments):
                answer = self.client.ask("data", function, arguments)
                schemas.check(answer, self.document["components"]["schemas"][f"data.{function}.answer"])


if __name__ == "__main__":
    unittest.main()
