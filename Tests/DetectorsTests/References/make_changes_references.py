#!/usr/bin/env python3
"""Makes changes-NAME.json: numbers, and what the tests for change of Sources/Detectors/Changes owe them.

    pip install numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 river==0.26.1
    python3 make_changes_references.py

adwin: [index, width of the window after it] of every change, from the algorithm inside river's ADWIN with its
defaults (the class around it begins a new window after a change, which the paper does not). page_hinkley: for
river's PageHinkley with delta 0.25 and threshold 20, the statistic after every number (from its sums) and the indices
of the alarms. cusum: both sums by their recursion in exact fractions, k 0.5. bocpd: the probability of run
lengths 1 to 10 by the recursion of the paper with scipy's Student t, in double and without a limit to the run length, for
the first 190 numbers. level_shift: by pandas' ewm and rolling; the numbers never need clipping.
"""
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from river import drift
from scipy import stats

HERE = Path(__file__).resolve().parent
N = 600


def series():
    random = np.random.default_rng(20261122)
    step = random.standard_normal(N)
    step[150:] += 2
    step[400:] -= 3.5
    slow = random.standard_normal(N) + np.where(np.arange(N) > 100, (np.arange(N) - 100) / 250, 0)
    noise = np.where(np.arange(N) < 120, 1, 2.5) * random.standard_normal(N) * 0.8
    return {"step": step, "slow": slow, "noise": noise}


def adwin(x):
    helper, changes = drift.ADWIN()._helper, []
    for i, v in enumerate(x):
        if helper.update(v):
            changes.append([i, int(helper.get_width())])
    return changes


def page_hinkley(x):
    detector, statistics, alarms = drift.PageHinkley(delta=0.25, threshold=20), [], []
    for i, v in enumerate(x):
        detector.update(v)
        up = detector._sum_increase - detector._min_increase
        down = detector._max_decrease - detector._sum_decrease
        statistics.append(max(up, down) if detector._x_mean.n >= detector.min_instances else 0)
        if detector.drift_detected:
            alarms.append(i)
    return {"statistics": statistics, "alarms": alarms}


def cusum(x):
    up = down = Fraction(0)
    sums = []
    for v in x:
        up = max(Fraction(0), up + Fraction(v) - Fraction(1, 2))
        down = max(Fraction(0), down - Fraction(v) - Fraction(1, 2))
        sums.append([float(up), float(down)])
    return sums


def bocpd(x, hazard=1 / 250, kappa0=0.1, alpha0=1.0, beta0=1.0, recent=10):
    weights = np.array([1.0])
    mu, kappa, alpha, beta = np.array([0.0]), np.array([kappa0]), np.array([alpha0]), np.array([beta0])
    result = []
    for v in x[:190]:
        predicted = stats.t.pdf(v, 2 * alpha, mu, np.sqrt(beta * (kappa + 1) / (alpha * kappa)))
        joint = weights * predicted
        weights = np.append(joint.sum() * hazard, joint * (1 - hazard))
        weights /= weights.sum()
        beta = np.append(beta0, beta + kappa * (v - mu) ** 2 / (2 * (kappa + 1)))
        mu = np.append(0, (kappa * mu + v) / (kappa + 1))
        kappa, alpha = np.append(kappa0, kappa + 1), np.append(alpha0, alpha + 0.5)
        result.append(weights[1:recent + 1].sum() / weights[1:].sum())
    return result


def level_shift(x, short=12, half_life=240, settling=60):
    x = pd.Series(x)
    weights = {"halflife": half_life, "adjust": True}
    past = x.shift(short)
    long = past.ewm(ignore_na=True, **weights).mean()
    spread = 1.2533 * (past - long.shift(1).fillna(x.iloc[0])).where(past.notna()).abs().ewm(**weights).mean()
    shift = x.rolling(short).mean() - long
    usual = 1.2533 * shift.abs().ewm(**weights).mean().shift(1)
    raw = shift.abs() / np.maximum(usual.fillna(0), spread / np.sqrt(short))
    return [None if i < short + settling else float(s) for i, s in enumerate(raw)]


def main():
    for name, x in series().items():
        x = np.array([float(f"{v:.5g}") for v in x])
        calm = np.clip(x, -2, 2)
        reference = {
            "values": x.tolist(),
            "adwin": adwin(x),
            "page_hinkley": page_hinkley(x),
            "cusum": cusum(x),
            "bocpd": bocpd(x),
            "level_shift": level_shift(calm),
        }
        text = json.dumps(json.loads(json.dumps(reference), parse_float=lambda t: float(f"{float(t):.8g}")))
        (HERE / f"changes-{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
