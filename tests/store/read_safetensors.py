"""Prints a safetensors file: one line per metadata entry and per tensor.

Written from the description of the format alone (struct and json), as a second opinion on what the
C++ writer wrote. Exits with 1 and a message when the file breaks a rule of the format.
"""

import json
import struct
import sys

CODES = {"F64": "d", "F32": "f", "U64": "Q", "I64": "q", "U32": "I", "U8": "B"}


def fail(message):
    sys.exit(f"{sys.argv[1]}: {message}")


def refuse_repeats(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        fail(f"repeated names among {names}")
    return dict(pairs)


def main():
    with open(sys.argv[1], "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    text = content[8 : 8 + length].decode("utf-8")
    if len(content) < 8 + length or not text.startswith("{") or (8 + length) % 8 != 0:
        fail("header cut off, without brace or not padded to 8 bytes")
    header = json.loads(text, object_pairs_hook=refuse_repeats)
    for key, value in sorted(header.pop("__metadata__", {}).items()):
        print("metadata", key, json.dumps(value))
    data = content[8 + length :]
    expected = 0
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        code = CODES[entry["dtype"]]
        count = 1
        for axis in entry["shape"]:
            count *= axis
        if begin != expected or end - begin != count * struct.calcsize("<" + code):
            fail(f"{name}: offsets {begin}, {end} leave a hole or do not fit {entry['shape']}")
        if begin % struct.calcsize("<" + code) != 0:
            fail(f"{name}: offset {begin} is not aligned")
        expected = end
        values = struct.unpack_from(f"<{count}{code}", data, begin)
        shape = ",".join(map(str, entry["shape"]))
        print("tensor", name, entry["dtype"], f"[{shape}]", *map(repr, values))
    if expected != len(data):
        fail(f"{len(data) - expected} bytes after the last tensor")


main()
