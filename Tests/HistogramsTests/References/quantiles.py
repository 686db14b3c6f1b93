#!/usr/bin/env python3
"""Quantiles and distances to hold the Swift ones against: quantiles.py > quantiles.json

The quantiles follow Prometheus 3's promql/quantile.go (bucketQuantile, histogramQuantile); in classic buckets the share beyond
falls as a power of the value instead of linearly. The distance is written from its definition. Nothing of ours is used.
"""
import json, math, random

def bucket_quantile(q, bounds, counts):
    cumulative, total = [], 0
    for count in counts:
        total += count
        cumulative.append(total)
    rank = q * total
    b = next((i for i in range(len(bounds) - 1) if cumulative[i] >= rank), len(bounds) - 1)
    if b == len(bounds) - 1:
        return bounds[-2]
    if b == 0 and bounds[0] <= 0:
        return bounds[0]
    start, count = 0, cumulative[b]
    if b > 0:
        start = bounds[b - 1]
        count -= cumulative[b - 1]
        rank -= cumulative[b - 1]
    if start <= 0:
        return start + (bounds[b] - start) * (rank / count)
    # One observation more on each side of every bound.
    beyond = total - (cumulative[b] - count) + 1
    exponent = math.log(bounds[b] / start) / math.log(beyond / (beyond - count))
    return start * (beyond / (beyond - rank)) ** exponent

def native_buckets(schema, threshold, zero, negative, positive):
    base = 2.0 ** (2.0 ** -schema)
    out = [(-base ** i, -base ** (i - 1), n) for i, n in sorted(negative, reverse=True)]
    if zero:
        out.append((-threshold, threshold, zero))
    return out + [(base ** (i - 1), base ** i, n) for i, n in sorted(positive)]

def native_quantile(q, buckets, has_negative, has_positive, custom=False):
    total = sum(n for _, _, n in buckets)
    rank, count = (1 - q) * total, 0
    for lower, upper, n in reversed(buckets):
        if n == 0:
            continue
        count += n
        if count >= rank:
            break
    if not custom and lower < 0 < upper:
        if not has_negative and has_positive:
            lower = 0
        elif not has_positive and has_negative:
            upper = 0
    elif custom:
        if lower == -math.inf:
            if upper <= 0:
                return upper
            lower = 0
        elif upper == math.inf:
            return lower
    rank = count - rank
    fraction = rank / n
    if custom or lower <= 0 <= upper:
        return lower + (upper - lower) * fraction
    log_lower, log_upper = math.log2(abs(lower)), math.log2(abs(upper))
    if lower > 0:
        return 2 ** (log_lower + (log_upper - log_lower) * fraction)
    return -(2 ** (log_upper + (log_lower - log_upper) * (1 - fraction)))

def jensen_shannon(a, b):
    p, q = [x / sum(a) for x in a], [x / sum(b) for x in b]
    kl = lambda x, y: sum(u * math.log2(u / v) for u, v in zip(x, y) if u)
    m = [(x + y) / 2 for x, y in zip(p, q)]
    return (kl(p, m) + kl(q, m)) / 2

random.seed(7)
out = {"classic": [], "custom": [], "exponential": [], "divergence": []}
fractions = [0.5, 0.9, 0.99]
for case in range(60):
    n = random.randint(2, 12)
    bounds = sorted(random.sample(range(-20 if case % 3 == 0 else 1, 400), n - 1))
    counts = [random.choice([0, random.randint(0, 40), random.randint(0, 4)]) for _ in range(n)]
    if sum(counts) == 0:
        counts[random.randrange(n)] = 7
    finite = [float(b) / 16 for b in bounds]
    entry = {"bounds": finite, "counts": counts}
    out["classic"].append(dict(entry, values=[bucket_quantile(q, finite + [math.inf], counts) for q in fractions]))
    buckets = list(zip([-math.inf] + finite, finite + [math.inf], counts))
    out["custom"].append(dict(entry, values=[native_quantile(q, buckets, False, True, True) for q in fractions]))
for case in range(80):
    schema = random.randint(-4, 8)
    spread = 2 ** (schema + 3) if schema >= 0 else 4
    sides = [sorted({random.randint(-spread, spread): random.randint(1, 30) for _ in range(random.randint(0, 9))}.items())
             for _ in range(2)]
    negative, positive = sides if case % 4 == 0 else ([], sides[1])
    if case % 4 == 1:
        negative, positive = sides[0], []
    # A threshold below all buckets.
    zero = random.choice([0, 0, random.randint(1, 60)])
    if not zero and not positive and not negative:
        zero = 3
    threshold = 2.0 ** -200
    buckets = native_buckets(schema, threshold, zero, negative, positive)
    values = [native_quantile(q, buckets, bool(negative), bool(positive)) for q in fractions]
    out["exponential"].append({"schema": schema, "threshold": threshold, "zero": zero, "negative": negative,
                               "positive": positive, "values": values})
for _ in range(30):
    n = random.randint(2, 12)
    a, b = ([random.choice([0, random.randint(1, 50)]) for _ in range(n - 1)] + [1] for _ in range(2))
    out["divergence"].append({"window": a, "past": b, "bits": jensen_shannon(a, b)})
print(json.dumps(out, separators=(",", ":")))
