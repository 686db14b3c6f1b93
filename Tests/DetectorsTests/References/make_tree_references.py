#!/usr/bin/env python3
"""Makes trees-*.json, kmeans-*.json and spectral-*.json: what HalfSpaceTrees, KMeans and SpectralResidual are held against.

    python3 make_tree_references.py

- half-space trees: river 0.26.1's HalfSpaceTrees with its own trees, whose splits are written out, so that the same trees
  are scored; the points are shingles of four of a series in 0...1. Scored before learning.
- k-means: numpy; one model, by the description in KMeans.swift, trained on the whole window at each pass.
- random cut forest: rrcf 0.4.4; the mean CoDisp of each of some points over 1,000 trees of the same 64 points.
- spectral residual: numpy.fft, after microsoft/anomalydetector:msanomalydetector/spectral_residual.py, on the last 59 values.

Made with numpy 2.4.6, river 0.26.1, rrcf 0.4.4.
"""
import json
from pathlib import Path

import numpy
import rrcf
from river import anomaly

HERE = Path(__file__).resolve().parent
random = numpy.random.default_rng(7)
N = 1000
i = numpy.arange(N)


def write(name, content):
    (HERE / name).write_text(json.dumps(content) + "\n")


def series():
    noise = random.standard_normal
    sine = 10 + 5 * numpy.sin(i / 9) + 0.5 * noise(N)
    sine[600] += 12
    steps = 3 + noise(N) + 8 * (i > 500)
    tails = random.standard_t(3, N)
    tails[800:810] += 15
    return {n: [float(f"{v:.6g}") for v in x] for n, x in {"sine": sine, "steps": steps, "tails": tails}.items()}


def half_space(name, values):
    low, high = min(values), max(values)
    unit = [float(f"{(v - low) / (high - low):.5g}") for v in values]
    trees = anomaly.HalfSpaceTrees(seed=11)
    scores = []
    for k in range(3, N):
        x = {j: unit[k - j] for j in range(4)}
        scores.append(trees.score_one(x))
        trees.learn_one(x)
    features, thresholds = [], []

    def walk(node, at, tree):
        if at >= 256:
            return
        features[tree][at] = node.feature
        thresholds[tree][at] = float(f"{node.threshold:.8g}")
        walk(node.children[0], 2 * at, tree)
        walk(node.children[1], 2 * at + 1, tree)

    for tree, root in enumerate(trees.trees):
        features.append([0] * 256)
        thresholds.append([0.0] * 256)
        walk(root, 1, tree)
    write(f"trees-{name}.json", {"values": unit, "features": "".join(str(f) for t in features for f in t),
                                 "thresholds": sum(thresholds, []),
                                 "scores": [float(f"{s:.7g}") for s in scores]})


def kmeans(name, values, window=240, retrain=120, models=8):
    x = numpy.array(values)
    d = numpy.concatenate([[0.0], numpy.diff(x)])
    s = (d + numpy.concatenate([[0], d[:-1]]) + numpy.concatenate([[0, 0], d[:-2]])) / 3
    s = numpy.concatenate([numpy.zeros(5), s])                       # six at n: s[n:n + 6]
    f = numpy.array([s[k:k + 6] for k in range(N)])
    norm = numpy.linalg.norm
    made, centres, turn, wait, scores = [], None, 0, window + 8, []
    for n in range(N):
        if made:
            parts = []
            for a, b, least, most in made:
                delta = (norm(f[n] - a) + norm(f[n] - b)) / 2
                parts.append(abs(delta - least) / (most - least))
            scores.append(min(parts))
        else:
            scores.append(None)
        if turn > 0:
            vectors = f[n - window + 1:n + 1][::-1]
            if turn == 1:
                first = vectors[numpy.argmax(norm(vectors, axis=1))]
                centres = [first, vectors[numpy.argmax(norm(vectors - first, axis=1))]]
            elif turn == 12:
                delta = (norm(vectors - centres[0], axis=1) + norm(vectors - centres[1], axis=1)) / 2
                made = (made + [(centres[0], centres[1], delta.min(), delta.max())])[-models:]
                turn = -1
            else:
                near = norm(vectors - centres[0], axis=1) <= norm(vectors - centres[1], axis=1)
                centres = [vectors[near].mean(0) if near.any() else centres[0],
                           vectors[~near].mean(0) if (~near).any() else centres[1]]
            turn += 1
        elif wait == 0:
            turn, wait = 1, retrain
        wait -= wait > 0
    kept = {k: float(f"{v:.8g}") for k, v in enumerate(scores) if v is not None and (k % 3 == 0 or v > 0.8)}
    write(f"kmeans-{name}.json", {"values": values, "scores": kept})


def trailing(x, n):
    return numpy.array([x[max(0, k - n + 1):k + 1].mean() for k in range(len(x))])


def spectral(name, values):
    scores = {}
    for n in range(59, N, 2):
        x = numpy.array(values[n - 58:n + 1])
        before = x[-7:-1]                                            # predict_next of the original
        slope = sum((before[-1] - v) / (5 - k) for k, v in enumerate(before[:-1]))
        x = numpy.concatenate([x, [before[1] + slope] * 5])
        x = x - x.mean()
        x = x / abs(x).max()
        spectrum = numpy.fft.fft(x)
        size = abs(spectrum)
        none = size <= 1e-5
        logarithm = numpy.where(none, 0, numpy.log(numpy.where(none, 1, size)))
        flat = numpy.where(none, 0, spectrum * numpy.exp(-trailing(logarithm, 3)))
        saliency = abs(numpy.fft.ifft(flat))
        usual = trailing(saliency, 21)
        scores[n] = float(f"{max(0, (saliency[58] - usual[58]) / usual[58]):.7g}")
    write(f"spectral-{name}.json", {"values": values, "scores": scores})


def random_cut(name, values):
    ring = values[:67]                                              # the 64 points end at 3...66
    points = numpy.array([[ring[k - j] for j in range(4)] for k in range(3, 67)])
    spread = numpy.std(ring)
    asked = [points[10] + d * spread for d in (0.05, 0.5, 2, 8)] + [points[k] * [1, 1, 1, -1] for k in (5, 20, 40)]
    asked = [[float(f"{v:.6g}") for v in p] for p in asked]
    numpy.random.seed(5)
    sums = numpy.zeros(len(asked))
    for _ in range(1000):
        tree = rrcf.RCTree(points)
        for k, p in enumerate(asked):
            tree.insert_point(p, index="asked")
            sums[k] += tree.codisp("asked")
            tree.forget_point("asked")
    write(f"cuts-{name}.json", {"values": ring, "points": asked, "codisp": (sums / 1000).round(4).tolist()})


for name, values in series().items():
    random_cut(name, values)
    half_space(name, values)
    kmeans(name, values)
    spectral(name, values)
