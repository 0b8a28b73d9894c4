"""The altered files of tests/golden/evidence/forgeries.json, which verifiers in every language must judge alike.

`change` is done in order; a path leads into maps and lists, and by "cbor" into a byte string that holds CBOR. `cut`: so
many bytes of the file alone. `channel`: members of the configuration that are others. `check`: the check that must fail,
and no member where the file is proven.
"""

import copy
import json
import pathlib

import cbor2

from evidence import unpacked
from tally.frames import raw_frame

FOLDER = pathlib.Path(__file__).parents[1] / "golden/evidence"


def all_of_them():
    return json.loads((FOLDER / "forgeries.json").read_text())


def parts_of(name):
    file = FOLDER / name
    return cbor2.loads(unpacked(file) if name.endswith(".evidence") else file.read_bytes())


def at(parts, path):
    for step in path:
        parts = cbor2.loads(parts) if step == "cbor" else parts[step]
    return parts


def altered(parts, path, change):
    """With the value at the path replaced by what `change` makes of it."""
    if not path:
        return change(parts)
    step, *rest = path
    if step == "cbor":
        return cbor2.dumps(altered(cbor2.loads(parts), rest, change), canonical=True)
    parts[step] = altered(parts[step], rest, change)
    return parts


def flipped(value, position):
    data = bytearray(value.encode() if isinstance(value, str) else value)
    data[position] ^= 1
    return data.decode() if isinstance(value, str) else bytes(data)


def apply(parts, kind, path, *rest):
    if kind == "drop":
        return altered(parts, path[:-1], lambda found: found[:path[-1]] + found[path[-1] + 1:])
    if kind == "repeat":
        return altered(parts, path[:-1], lambda found: found + [copy.deepcopy(found[path[-1]])])
    if kind == "keep":
        return altered(parts, path, lambda found: found[:rest[0]])
    if kind == "flip":
        return altered(parts, path, lambda found: flipped(found, rest[0]))
    if kind == "set":
        return altered(parts, path, lambda _: rest[0])
    if kind == "take":
        return altered(parts, path, lambda _: at(parts_of(rest[0]), rest[1]))
    if kind == "swap":
        first, second = copy.deepcopy(at(parts, path)), copy.deepcopy(at(parts, rest[0]))
        return altered(altered(parts, path, lambda _: second), rest[0], lambda _: first)
    assert kind == "put", kind
    value = copy.deepcopy(at(parts, rest[0]))
    return altered(parts, path, lambda _: value)


def file_of(forgery):
    content = (FOLDER / forgery["file"]).read_bytes()
    if "change" in forgery:
        parts = parts_of(forgery["file"])
        for change in forgery["change"]:
            parts = apply(parts, *change)
        content = cbor2.dumps(parts, canonical=True)
        content = raw_frame(content) if forgery["file"].endswith(".evidence") else content
    return content[:forgery["cut"]] if "cut" in forgery else content


def channel_of(forgery):
    """The text of the configuration."""
    text = (FOLDER / "channel.json").read_text()
    if "channel" in forgery:
        text = json.dumps({**json.loads(text), **forgery["channel"]}, separators=(",", ":"))
    return text
