"""Clients that write and read through every gateway at once, and record what they are told."""

import http.client
import random
import threading

from tally.errors import Refused
from tally.formats import ES256, new_key
from tally.records import Field
from tally_client import Device

SCHEMA = "soak"
OPERATION_SECONDS = 15   # then its outcome is not known
ATTEMPTS = 3             # of one submission whose outcome is not known
UNDECIDED = {"timeout"}  # what an answer's code leaves open; a lost connection does too


def register_devices(cluster, history):
    """One device per organization, whose incidents are counted by `add`."""
    for number, organization in enumerate(cluster.organizations, 1):
        with cluster.client(number, "admin") as admin:
            steps = [] if number > 1 else [("register_schema", {
                "id": SCHEMA, "version": 1, "fields": [{"name": "level", "unit": "m", "scale": 0}]})]
            device = Device(f"soak-{organization}", new_key(ES256), [Field("level", "m", 0)])
            registration = device.registration(SCHEMA + "@1", organization=organization)
            for function, arguments in [*steps, ("register_device", registration)]:
                proposal, transaction_id = admin.identity.proposal("registry", function, arguments)
                operation = history.invoke("setup", f"node{number}", 0, "set", function, arguments["id"])
                history.sent(operation, transaction_id)
                outcome = admin.send(proposal)
                history.end(operation, "ok", (outcome["block"], outcome["index"]))
        cluster.agreed(at_least=outcome["block"])


def meaning(transaction):
    """A transaction of a block, as the judge sees it: what it wrote."""
    if transaction["code"] != "VALID":  # an adversary's may have no form at all
        return {"id": transaction.get("id"), "code": transaction["code"], "bytes": transaction["bytes"]}
    arguments, result = transaction.get("arguments"), transaction.get("result")
    kind, key, value = "set", transaction["function"], None
    if key == "set_rules":
        key, value = f"rules-{transaction['creator']['organization']}", arguments["missed_keepalives"]
    elif key == "report_incident":
        kind, key, value = "add", arguments["device"], result["total"]
    else:
        value = arguments["id"]
    return {"id": transaction["id"], "code": transaction["code"], "kind": kind, "key": key, "value": value}


class ClientThread(threading.Thread):
    """One after another: its own organization's keys are written, anybody's are read."""

    def __init__(self, cluster, history, name, organization, chance, pause):
        super().__init__(name=name, daemon=True)
        self.cluster, self.history, self.organization = cluster, history, organization
        self.chance, self.pause = random.Random(chance), pause
        self.finished = threading.Event()
        self.failure = None
        self.connections = {}

    def run(self):
        try:
            while not self.finished.wait(self.chance.expovariate(1 / self.pause)):
                self.step()
        except BaseException as failure:  # told by who joins
            self.failure = failure

    def connection(self, node):
        if node not in self.connections:
            client = self.cluster.client(self.cluster.number(node), timeout=OPERATION_SECONDS)
            client.identity = self.cluster.member(self.organization, "admin")
            self.connections[node] = client
        return self.connections[node]

    def some_node(self):
        """Mostly its organization's own."""
        own = self.cluster.names[self.cluster.organizations.index(self.organization)]
        return own if self.chance.random() < 0.5 else self.chance.choice(self.cluster.names)

    def step(self):
        node = self.some_node()
        draw = self.chance.random()
        if draw < 0.35:
            self.write(node, "set", f"rules-{self.organization}")
        elif draw < 0.6:
            self.write(node, "add", f"soak-{self.organization}")
        elif draw < 0.85:
            self.get(node, self.chance.choice(self.cluster.organizations))
        else:
            self.tip(node)

    def write(self, node, kind, key):
        operation = self.history.invoke(self.name, node, self.cluster.lives[node], kind, key)
        if kind == "set":
            operation.value = operation.number
            call = ("set_rules", {"missed_keepalives": operation.number, "bad_signatures": 0, "clock_skews": 0,
                                  "out_of_range": 0})
        else:
            call = ("report_incident", {"device": key, "kind": "BAD_SIGNATURE", "count": 1})
        proposal, transaction_id = self.connection(node).identity.proposal("registry", *call)
        self.history.sent(operation, transaction_id)
        self.submit(operation, proposal)

    def submit(self, operation, proposal):
        """Sends the same bytes again, mostly elsewhere, while it does not know what became of them."""
        why = []
        for attempt in range(1, ATTEMPTS + 1):
            try:
                outcome = self.connection(operation.node).send(proposal)
            except Refused as refused:
                why.append(f"{operation.node}: {refused.code}")
                # A refusal now says nothing of the attempt before, which may be on its way still.
                if attempt == 1 and refused.code not in UNDECIDED:
                    return self.history.end(operation, "fail", why=why[0] + f" {refused}")
            except (OSError, http.client.HTTPException) as error:
                why.append(f"{operation.node}: {type(error).__name__}")
            else:
                place = (outcome["block"], outcome["index"])
                if outcome["validation_code"] == "VALID":
                    return self.history.end(operation, "ok", place)
                return self.history.end(operation, "fail", place, outcome["validation_code"])
            if self.finished.is_set() or self.chance.random() < 0.3:
                break
            operation.node = self.chance.choice(self.cluster.names)
            operation.life = self.cluster.lives[operation.node]
        return self.history.end(operation, "unknown", why="; ".join(why))

    def get(self, node, organization):
        self.look(node, "get", f"rules-{organization}", lambda client: (
            client.ask("registry", "get_rules", {"organization": organization})["missed_keepalives"], None))

    def tip(self, node):
        def newest(client):
            checkpoint = client.get("/v1/checkpoints/latest")
            return checkpoint["block_hash"], (checkpoint["block"], 0)
        self.look(node, "tip", "", newest)

    def look(self, node, kind, key, question):
        operation = self.history.invoke(self.name, node, self.cluster.lives[node], kind, key)
        try:
            operation.value, place = question(self.connection(node))
        except (Refused, OSError, http.client.HTTPException) as error:
            return self.history.end(operation, "fail", why=str(error))
        return self.history.end(operation, "ok", place)
