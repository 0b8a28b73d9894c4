"""The judge: compares what clients were told with what the nodes hold, and names every fault that it finds.

It takes a history (history.py) and the ledgers, {node: [block, ...]} from block 1 on, a block being
    {number, hash, previous_hash, root, tree_size, transactions: [{id, code, kind, key, value}]}
where `value` is what a `set` wrote and what an `add` counted up to. It trusts no node: what it says of one it says of
all, as any two ledgers that differ are a fault themselves.
"""

import collections
import itertools
from dataclasses import dataclass

NOTHING = (0, 0)  # the place of a key's first value


@dataclass(frozen=True)
class Finding:
    kind: str
    sentence: str

    def __str__(self):
        return f"{self.kind}: {self.sentence}"


def check(operations, ledgers):
    """Every fault, the ones that explain others first."""
    findings = [*check_agreement(ledgers), *check_chains(ledgers)]
    findings += itertools.chain.from_iterable(check_submissions(operations, node, chain)
                                              for node, chain in ledgers.items())
    # From here on one ledger speaks for all.
    chain = next(iter(ledgers.values()))
    findings += check_versions(chain)
    findings += check_order(operations, chain)
    findings += check_reads(operations, chain)
    return list(dict.fromkeys(findings))


def valid(chain):
    """(place, transaction) of what was applied, in order."""
    return [((block["number"], index), transaction) for block in chain
            for index, transaction in enumerate(block["transactions"]) if transaction["code"] == "VALID"]


def check_agreement(ledgers):
    (first, reference), *others = ledgers.items()
    for node, chain in others:
        if len(chain) != len(reference):
            yield Finding("differs", f"{first} ends at block {len(reference)}, {node} at {len(chain)}")
        for a, b in zip(reference, chain):
            if a == b:
                continue
            what = [name for name in a if a[name] != b.get(name)]
            yield Finding("differs", f"block {a['number']} of {first} and of {node}: {', '.join(what)}")
            break  # what follows differs too


def check_chains(ledgers):
    for node, chain in ledgers.items():
        before = None
        for number, block in enumerate(chain, 1):
            if block["number"] != number:
                yield Finding("broken", f"{node} holds block {block['number']} in the place of {number}")
            if before and block["previous_hash"] != before["hash"]:
                yield Finding("broken", f"block {number} of {node} does not follow the one before it")
            if before and block["tree_size"] != before["tree_size"] + len(block["transactions"]):
                yield Finding("broken", f"the log of {node} at block {number} does not count its transactions")
            before = block


def check_submissions(operations, node, chain):
    """Lost, applied though refused, applied twice, altered, and what nobody ever sent."""
    applied = collections.defaultdict(list)
    for place, transaction in valid(chain):
        applied[transaction["id"]].append((place, transaction))
    sent = {operation.id: operation for operation in operations if operation.writes}
    for operation in sent.values():
        places = [place for place, _ in applied[operation.id]]
        name = f"{operation.kind} {operation.number} of {operation.client} ({operation.id[:12]})"
        if operation.state == "ok" and operation.place not in places:
            yield Finding("lost", f"{name} was reported committed at {operation.place} by {operation.node}; "
                                  f"{node} holds it at {places or 'no place'}")
        if operation.state == "fail" and places:
            yield Finding("refused", f"{name} was refused ({operation.why}), but {node} applied it at {places}")
    for transaction_id, found in applied.items():
        if len(found) > 1:
            yield Finding("duplicated", f"{node} applied {transaction_id[:12]} at {[place for place, _ in found]}")
        for place, transaction in found:
            operation = sent.get(transaction_id)
            if operation is None:
                yield Finding("phantom", f"nobody sent {transaction_id[:12]}, which {node} applied at {place}")
            elif (operation.kind, operation.key) != (transaction["kind"], transaction["key"]) or (
                    operation.kind == "set" and operation.value != transaction["value"]):
                name = f"{operation.kind} {operation.number}"
                yield Finding("altered", f"{node} applied {name} at {place} as {transaction}")


def check_versions(chain):
    """Each addition to a key counts one more than the one before it in the chain: no update is lost."""
    totals = collections.Counter()
    for place, transaction in valid(chain):
        if transaction["kind"] == "add":
            totals[transaction["key"]] += 1
            if transaction["value"] != totals[transaction["key"]]:
                yield Finding("versions", f"the addition at {place} made {transaction['key']} {transaction['value']}, "
                                          f"and it is number {totals[transaction['key']]}")


def check_order(operations, chain):
    """What was invoked after somebody knew of A stands behind A."""
    places = {transaction["id"]: place for place, transaction in valid(chain)}
    writes = [operation for operation in operations if operation.writes and operation.id in places]
    known = sorted((o for o in writes if o.state == "ok"), key=lambda o: o.ended)
    latest, next_known = None, 0
    for operation in sorted(writes, key=lambda o: o.invoked):
        while next_known < len(known) and known[next_known].ended < operation.invoked:
            if latest is None or places[known[next_known].id] > places[latest.id]:
                latest = known[next_known]
            next_known += 1
        if latest is not None and places[operation.id] < places[latest.id]:
            yield Finding("reordered", f"{operation.kind} {operation.number} of {operation.client} is at "
                                       f"{places[operation.id]}, before {latest.kind} {latest.number} of "
                                       f"{latest.client} at {places[latest.id]}, which was known when it was sent")


def check_reads(operations, chain):
    """What a client reads at a node was written, and is not older than what the node told it before."""
    written = {(t["key"], t["value"]): place for place, t in valid(chain) if t["kind"] == "set"}
    hashes = {block["number"]: block["hash"] for block in chain}
    hashes.update({0: chain[0]["previous_hash"]} if chain else {})  # all that a wiped node has at first
    newest = collections.defaultdict(lambda: NOTHING)  # by client, the node's life, key
    for operation in sorted((o for o in operations if o.state == "ok"), key=lambda o: o.ended):
        where = (operation.client, operation.node, operation.life)
        name = f"{operation.kind} {operation.number} of {operation.client} at {operation.node}"
        if operation.kind == "get":
            place = written.get((operation.key, operation.value), NOTHING)
            if operation.value and place == NOTHING:
                yield Finding("phantom", f"{name} read {operation.key} = {operation.value}, which was never applied")
                continue
        elif operation.kind == "tip":
            place = operation.place
            if hashes.get(place[0], operation.value) != operation.value:
                yield Finding("differs", f"{name} saw block {place[0]} as {operation.value[:12]}; "
                                         f"it became {hashes[place[0]][:12]}")
            elif place[0] not in hashes:
                yield Finding("lost", f"{name} saw block {place[0]}, and the ledger ends before it")
        else:
            newest[*where, "tip"] = max(newest[*where, "tip"], (operation.place[0], 0))
            if operation.kind == "set":
                newest[*where, operation.key] = max(newest[*where, operation.key], operation.place)
            continue
        key = operation.key if operation.kind == "get" else "tip"
        if place < newest[*where, key]:
            yield Finding("backwards", f"{name} saw {key} as of {place}, "
                                       f"after the node had shown {newest[*where, key]}")
        newest[*where, key] = max(newest[*where, key], place)
