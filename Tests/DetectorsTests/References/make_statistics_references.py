#!/usr/bin/env python3
"""Makes statistics-NAME.json: series, and what the detectors of Sources/Detectors/Statistics owe them.

    pip install numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 river==0.26.1
    python3 make_statistics_references.py

Each value is judged by statistics of the values before it: zscore by numpy's mean and standard deviation of the last
60, ewma by pandas' ewm of all, mad by scipy's median_abs_deviation of the last 61, iqr by numpy's quantiles of the last 50,
p2 by river's stats.Quantile of all.
The lists hold raw scores (p2: the estimates after every fiftieth value); null while warming up.
"""
import json
from pathlib import Path

import numpy as np
import pandas as pd
from river import stats as river_stats
from scipy import stats

HERE = Path(__file__).resolve().parent
N = 400
WARM_UP = 30


def series():
    random = np.random.default_rng(20261121)
    i = np.arange(N)
    normal = 10 + random.standard_normal(N)
    normal[200] += 12
    normal[300:] += 5
    skewed = np.exp(0.8 * random.standard_normal(N)) * 20
    wave = 1e9 + 5e4 * np.sin(2 * np.pi * i / 80) + 2e3 * random.standard_normal(N)
    wave[250:253] -= 3e5
    counts = random.poisson(0.4, N).astype(float)
    counts[350] = 9
    return {"normal": normal, "skewed": skewed, "wave": wave, "counts": counts}


def windowed(x, length, score):
    return [None if i < WARM_UP else score(x[max(0, i - length):i], x[i]) for i in range(len(x))]


def zscore(window, v):
    return abs(v - np.mean(window)) / np.std(window)


def mad(window, v):
    scale = stats.median_abs_deviation(window, scale="normal")
    if scale == 0:
        scale = 1.2533 * np.mean(np.abs(window - np.median(window)))
    return abs(v - np.median(window)) / scale


def iqr(window, v):
    low, high = np.quantile(window, [0.25, 0.75])
    width = stats.iqr(window)
    if width == 0:
        width = 1.6907 * np.mean(np.abs(window - np.median(window)))
    return max(low - v, v - high, 0) / width


def ewma(x):
    weighted = pd.Series(x).ewm(halflife=60, adjust=True)
    mean, sd = weighted.mean(), np.sqrt(weighted.var(bias=True))
    return [None if i < WARM_UP else abs(x[i] - mean[i - 1]) / sd[i - 1] for i in range(len(x))]


def p2(x):
    result = {}
    for share in (0.01, 0.5, 0.99):
        quantile, estimates = river_stats.Quantile(share), []
        for n, v in enumerate(x, 1):
            quantile.update(v)
            if n % 50 == 0:
                estimates.append(quantile.get())
        result[str(share)] = estimates
    return result


def rounded(scores):
    return [None if s is None else float(f"{s:.9g}") for s in scores]


def main():
    for name, x in series().items():
        x = np.array([float(f"{v:.9g}") for v in x])
        reference = {
            "values": x.tolist(),
            "zscore": rounded(windowed(x, 60, zscore)),
            "ewma": rounded(ewma(x)),
            "mad": rounded(windowed(x, 61, mad)),
            "iqr": rounded(windowed(x, 50, iqr)),
            "p2": p2(x),
        }
        (HERE / f"statistics-{name}.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
