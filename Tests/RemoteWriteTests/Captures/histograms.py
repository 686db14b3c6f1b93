#!/usr/bin/env python3
"""Reads the native histograms of the captured bodies, with nothing of ours: histograms.py > histograms.json

Snappy's block format, the wire format and Prometheus' histogram message (prompb/types.proto) are decoded here by hand.
"""
import glob, json, os, struct

def varint(b, i):
    value = shift = 0
    while True:
        value |= (b[i] & 0x7F) << shift
        shift += 7
        i += 1
        if b[i - 1] < 0x80:
            return value, i

def unsnappy(b):
    size, i = varint(b, 0)
    out = bytearray()
    while i < len(b):
        tag = b[i]
        i += 1
        if tag & 3 == 0:
            length = tag >> 2
            if length >= 60:
                n = length - 59
                length = int.from_bytes(b[i:i + n], "little")
                i += n
            out += b[i:i + length + 1]
            i += length + 1
            continue
        if tag & 3 == 1:
            length, offset = 4 + (tag >> 2 & 7), (tag >> 5) << 8 | b[i]
            i += 1
        else:
            n = 2 if tag & 3 == 2 else 4
            length, offset = (tag >> 2) + 1, int.from_bytes(b[i:i + n], "little")
            i += n
        for _ in range(length):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)

def fields(b):
    i = 0
    while i < len(b):
        tag, i = varint(b, i)
        if tag & 7 == 0:
            value, i = varint(b, i)
        elif tag & 7 == 1:
            value, i = b[i:i + 8], i + 8
        else:
            n, i = varint(b, i)
            value, i = b[i:i + n], i + n
        yield tag >> 3, value

def zigzag(n):
    return n >> 1 ^ -(n & 1)

def packed(b):
    i = 0
    while i < len(b):
        value, i = varint(b, i)
        yield zigzag(value)

def buckets(spans, deltas):
    out, index, count, rest = [], 0, 0, iter(deltas)
    for offset, length in spans:
        index += offset
        for _ in range(length):
            count += next(rest)
            if count:
                out.append([index, count])
            index += 1
    return out

def histogram(b):
    f = {1: 0, 3: b"\0" * 8, 4: 0, 5: b"\0" * 8, 6: 0, 14: 0, 15: 0, 16: b""}
    spans, deltas = {8: [], 11: []}, {9: [], 12: []}
    for number, value in fields(b):
        if number in spans:
            span = dict(fields(value))
            spans[number].append((zigzag(span.get(1, 0)), span.get(2, 0)))
        elif number in deltas:
            deltas[number] += list(packed(value))
        else:
            f[number] = value
    bits = lambda n: "0x%016x" % struct.unpack("<Q", f[n])[0]
    return {"time": f[15], "count": f[1], "sum": bits(3), "schema": zigzag(f[4]), "zeroThreshold": bits(5),
            "zeroCount": f[6], "resetHint": f[14],
            "bounds": [x[0] for x in struct.iter_unpack("<d", f[16])], "negative": buckets(spans[8], deltas[9]), "positive": buckets(spans[11], deltas[12])}

def read(name):
    message = unsnappy(open(name, "rb").read())
    version2 = "-v2-" in name
    symbols = [v.decode() for n, v in fields(message) if n == 4] if version2 else []
    out = []
    for number, series in fields(message):
        if number != (5 if version2 else 1):
            continue
        metric, found = "", []
        for n, value in fields(series):
            if version2 and n == 1:
                i, refs = 0, []
                while i < len(value):
                    ref, i = varint(value, i)
                    refs.append(symbols[ref])
                metric = dict(zip(refs[::2], refs[1::2]))["__name__"]
            elif not version2 and n == 1:
                label = dict(fields(value))
                if label[1] == b"__name__":
                    metric = label[2].decode()
            elif n == (3 if version2 else 4):
                found.append(histogram(value))
        if found:
            out.append({"name": metric, "histograms": found})
    return out

os.chdir(os.path.dirname(os.path.abspath(__file__)))
names = sorted(n for n in glob.glob("prom-*.body"))
print(json.dumps({n[:-5]: found for n in names if (found := read(n))}, separators=(",", ":")))
