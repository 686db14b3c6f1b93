#!/usr/bin/env python3
"""Writes the scores of the study's prototypes on all of NAB, for the tests that hold the detectors against them.

    python3 make_nab_scores.py QUALITY SCORES

QUALITY is the folder with prototypes.py and nab/data. Per series, SCORES/<name>/<path>.f64 gets little-endian doubles for
each of R0, R, P2, P6, P12, P48, T, E1, E2, V3, V5, V6, RP and some with the familiarity filter (R0+H, ...); `times` gets the epoch
seconds. Nothing of it is committed. Made with numpy 2.4.6 (numba 0.68.1 makes it fast).

The tests read it with LAPWING_QUALITY=QUALITY LAPWING_PROTOTYPE_SCORES=SCORES.
"""
import calendar
import csv
import sys
import time
from pathlib import Path

import numpy

quality, scores = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(quality))
sys.dont_write_bytecode = True
import prototypes  # noqa: E402
import slow_metrics  # noqa: E402

for path in sorted((quality / "nab/data").glob("*/*.csv")):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    values = [float(row[1]) for row in rows]
    times = [calendar.timegm(time.strptime(row[0][:19], "%Y-%m-%d %H:%M:%S")) for row in rows]
    relative = path.relative_to(quality / "nab/data").with_suffix(".f64")
    x, t = numpy.asarray(values, float), numpy.asarray(times, float)
    results = prototypes.all_scores(x, t)
    results |= slow_metrics.scores(x, t, results) | {"times": t}
    for name, result in results.items():
        target = scores / name / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        result.astype("<f8").tofile(target)
