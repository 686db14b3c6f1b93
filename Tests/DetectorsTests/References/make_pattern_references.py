#!/usr/bin/env python3
"""Makes pattern-*.json: series and the scores that `pattern`, `record`, `seasonal_record` and votes of them owe them.

    python3 make_pattern_references.py QUALITY

QUALITY is the folder with prototypes.py, the programs of the study of detection quality; `seasonal_record` is
in slow_metrics.py. Every 15th score is kept, and all above 0.8 or, of P48, T and V6, above 3. Sample i of a series is of second 300 i. Made with numpy 2.4.6.
"""
import json
import sys
from pathlib import Path

import numpy

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import prototypes  # noqa: E402
import slow_metrics  # noqa: E402

HERE = Path(__file__).resolve().parent
random = numpy.random.default_rng(20261121)
N = 1500
i = numpy.arange(N)
noise = random.standard_normal

diurnal = 100 + 30 * numpy.sin(2 * numpy.pi * i / 144) + 2 * noise(N)
diurnal[900:915] = 100
steps = 20 + noise(N) + 15 * (i > 700) - 40 * ((i > 1200) & (i < 1210))
walk = 1e6 + numpy.cumsum(noise(N)) + 0.3 * noise(N)
counts = random.poisson(0.4, N).astype(float)
counts[800] = 30

for name, series in {"diurnal": diurnal, "steps": steps, "walk": walk, "counts": counts}.items():
    x = numpy.array([float(f"{v:.7g}") for v in series])
    scores = {"P2": prototypes.pattern(x, 2), "P6": prototypes.pattern(x, 6, 4, 500, 0.35),
              "P12": prototypes.pattern(x, 12, 4, 500, 0.3), "E1": prototypes.record(x, 0),
              "E2": prototypes.record(x, 1, 0.0156)}
    scores["V5"] = prototypes.vote(list(scores.values()))
    scores |= slow_metrics.scores(x, 300.0 * i, scores)
    kept = {key: {str(k): float(s[k]) for k in range(N) if k % 15 == 14 or s[k] > (3 if key in ("P48", "T", "V6") else 0.8)}
            for key, s in scores.items()}
    (HERE / f"pattern-{name}.json").write_text(json.dumps({"values": x.tolist(), "scores": kept}) + "\n")
