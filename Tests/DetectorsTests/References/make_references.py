#!/usr/bin/env python3
"""Makes the reference files of AdaptiveTests: synthetic series and the raw scores that the adaptive detector owes them.

    python3 make_references.py                          write NAME.json beside this file
    python3 make_references.py --check PROTOTYPES.py    compare with `residual(x, t, 7)` and `habituate` of the study
    python3 make_references.py --familiarity            print the table of FamiliarityTests

`raw` is detector R0 by itself; `baseline` is the score of the slow-baseline member times 5.4, for a step of 1, and `quarter` the larger of both
for samples that count a quarter of a step (every fourth value of `quarter` is kept).

The equations are those of the study of detection quality, section 6.1 and 6.4, and of the documentation of Adaptive, reckoned with 40 decimal
digits, so that the references are nobody's rounding. Needs numpy, for the series alone.
"""
import importlib.util
import json
import math
import sys
from decimal import Decimal, getcontext
from pathlib import Path

import numpy

getcontext().prec = 40
HERE = Path(__file__).resolve().parent
LENGTH = 1500


# ---- the series

def series():
    """Name -> values; each is rounded to few digits, to keep the files small, before anything is reckoned from it."""
    random = numpy.random.default_rng(20260811)
    n = LENGTH
    i = numpy.arange(n)

    def noise():
        return random.standard_normal(n)

    white = 10 + noise()
    white[700] += 15
    white[1100:] += 6
    diurnal = 100 + 50 * numpy.sin(2 * numpy.pi * i / 288) + 2 * noise()
    diurnal[1000:1004] -= 60
    step = numpy.where(i < 600, 5.0, 7.0)
    tails = random.standard_t(2.5, n)
    counts = random.poisson(0.3, n).astype(float)
    counts[900] = 12
    sawtooth = 3.0 * (i % 50) + 20 + noise()
    tiny = 1e-12 * (50 + noise())
    tiny[800] += 40e-12
    offset = 1e15 + numpy.round(1e7 * noise())
    offset[1200] += 3e8
    rounded = {
        "white-noise": white, "random-walk": numpy.cumsum(noise()), "diurnal": diurnal, "constant-then-step": step,
        "heavy-tails": tails, "tiny-scale": tiny, "counts": counts, "sawtooth": sawtooth,
    }
    result = {name: [float(f"{v:.6g}") for v in values] for name, values in rounded.items()}
    result["huge-offset"] = [float(v) for v in offset]
    return result


# ---- detector R0, section 6.1

def raw_scores(values, number=Decimal, step=1):
    """The raw scores of each value by both members; None for the first 31."""
    def gain(half_life):
        return 1 - number("0.5") ** (number(step) / number(half_life))

    def q(text):
        return number(text)

    x = [number(v) for v in values]
    g3, g150, g200, g2000, g20000 = gain(3), gain(150), gain(200), gain(2000), gain(20000)
    last = fast = slow = mean = high = low = x[0]
    losses = [q(0)] * 3
    s = u = z = s2 = u2 = q(0)
    z_count = 0
    result = [None]
    for n in range(1, len(x)):
        v = x[n]
        forecasts = (last, fast, slow)
        weights = [1 / (loss + q("1e-12")) ** 3 for loss in losses]
        forecast = sum(w * p for w, p in zip(weights, forecasts)) / sum(weights)
        r = abs(v - forecast)
        rho = high - low
        warm = n > 30
        if warm:
            tiny = q("1e-12") + q("1e-9") * abs(mean)
            sigma = max(s, u / q("1.96"), z / 2)
            a, b = sigma + rho / 1000 + tiny, rho + tiny
            residual = (r / a) ** q("0.85") * (r / b) ** q("0.15") if r > 0 else q(0)
            e = abs(v - slow)
            a2 = max(s2, u2 / q("1.96"), sigma) + rho / 1000 + tiny
            distance = (e / a2) ** q("0.85") * (e / b) ** q("0.15") if e > 0 else q(0)
            result.append((residual, q("5.4") * (distance / q("4.6")) ** q("1.5")))
        else:
            result.append(None)
        # What was learned, in this order.
        e = abs(v - slow)
        if n == 31:
            u, u2 = 2 * s, 2 * s2
        elif warm:
            delta = max(g2000, 1 / q(n)) * max(u, s) / 2
            u = u + 19 * delta if r > u else max(u - delta, q(0))
            delta = max(g2000, 1 / q(n)) * max(u2, s2) / 2
            u2 = u2 + 19 * delta if e > u2 else max(u2 - delta, q(0))
        if r > rho / 1000:
            z_count += 1
            z += max(q("0.01") * number(step), 1 / q(z_count)) * (r - z)
        s += max(g200, 1 / q(n)) * ((min(r, 6 * s) if warm and s > 0 else r) - s)
        s2 += max(g2000, 1 / q(n)) * ((min(e, 6 * s2) if warm and s2 > 0 else e) - s2)
        for k in range(3):
            error = abs(v - forecasts[k])
            losses[k] += max(g200, 1 / q(n)) * ((min(error, 6 * s) if warm else error) - losses[k])
        mean += max(g20000, 1 / q(n)) * (v - mean)
        high, low = max(v, high - g20000 * (high - mean)), min(v, low + g20000 * (mean - low))
        fast += g3 * (v - fast)
        slow += max(g150, 1 / q(n)) * (v - slow)
        last = v
    return result


# ---- familiarity filter H, section 6.4

FAMILIARITY_HALF_LIFE = 1500


def familiarity_scores():
    """3,000 scores with some 100 episodes, from a generator that is easily written in any language."""
    state, result = 12345, []

    def uniform():
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2 ** 32
        return (state >> 8) / 2 ** 24

    for _ in range(3000):
        height, chance = uniform(), uniform()
        result.append(0.5 + 3 * height if chance < 0.05 else 0.4 * height)
    return result


def capped(scores, half_life, budget=8.0, gap=10, ratio=0.7, floor=0.5, bins=24):
    """The indices of the scores that the filter takes for familiar and cuts below 1."""
    def bin_of(score):
        return int(min(max((math.log2(score) - math.log2(floor)) * 2 + 1, 0), bins - 1))

    past, peak, quiet, result = [0.0] * bins, 0.0, gap, []
    for i, score in enumerate(scores):
        past = [episodes * 0.5 ** (1 / half_life) for episodes in past]
        if score >= floor:
            if sum(past[bin_of(score * ratio):]) >= budget and score > 0.99:
                result.append(i)
            peak, quiet = max(peak, score), 0
        else:
            quiet += 1
            if quiet == gap and peak > 0:
                past[bin_of(peak)] += 1
                peak = 0.0
    return result


# ---- output

def check(path):
    spec = importlib.util.spec_from_file_location("prototypes", path)
    prototypes = importlib.util.module_from_spec(spec)
    sys.modules["prototypes"] = prototypes
    spec.loader.exec_module(prototypes)
    worst = {}
    for name, values in series().items():
        theirs = prototypes.residual(numpy.array(values), numpy.arange(len(values)) * 60.0, 7) * 6
        ours = [float(r[0] if r else 0) for r in raw_scores(values)]
        worst[name] = max(abs(a - b) / max(a, b, 1e-3) for a, b in zip(ours, theirs))
        print(f"{name:20} greatest relative difference {worst[name]:.1e}, raw up to {max(ours):.4g}")
    scores = familiarity_scores()
    filtered = prototypes.habituate(numpy.array(scores), float(FAMILIARITY_HALF_LIFE))
    cut = [i for i, (a, b) in enumerate(zip(scores, filtered)) if a != b]
    same = cut == capped(scores, FAMILIARITY_HALF_LIFE)
    print(f"familiarity: {len(cut)} scores cut by the prototype, the same here: {same}")
    # The prototype's double precision cannot hold means near 10^15 to more than an eighth: there it is the one that errs.
    fine = all(difference < (1e-3 if name == "huge-offset" else 1e-9) for name, difference in worst.items())
    sys.exit(0 if fine and same else 1)


def rounded(number, digits):
    return float(f"{number:.{digits}g}")


def main():
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    if sys.argv[1:2] == ["--familiarity"]:
        print(capped(familiarity_scores(), FAMILIARITY_HALF_LIFE))
        return
    for name, values in series().items():
        both = raw_scores(values)
        quarter = [r and max(r) for r in raw_scores(values, step="0.25")][::4]

        def column(scores, digits):
            return [None if score is None else rounded(score, digits) for score in scores]

        (HERE / f"{name}.json").write_text(
            json.dumps({
                "values": values, "raw": column([r and r[0] for r in both], 12),
                "baseline": column([r and r[1] for r in both], 10), "quarter": column(quarter, 6),
            }, separators=(",", ":")) + "\n")


main()
