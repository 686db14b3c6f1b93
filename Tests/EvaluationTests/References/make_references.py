"""Writes the expected values of EvaluationTests: small made-up series, judged by the reference programs themselves.

  python3 -B make_references.py /work/shared/quality

Needs Python 3.9+ and numpy. The programs are taken as they are; only the formats of what they print are widened to 17 digits.
Rerunning it gives the same files.
"""
import contextlib
import io
import json
import os
import re
import sys
import tempfile
from datetime import datetime, timedelta, timezone

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBER = r"(-?[\d.]+(?:e[-+]?\d+)?|nan)"


def plain(x):
    """What JSON can carry: not-a-number is null, infinities are texts."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, (int, np.integer)):
        return int(x)
    if isinstance(x, (float, np.floating)):
        return None if np.isnan(x) else float(x)
    return x


def write(name, content):
    with open(os.path.join(HERE, name), "w") as f:
        json.dump(plain(content), f, separators=(",", ":"))
        f.write("\n")


def label_program(folder, data, scores, *options):
    """What label_score.py prints, parsed."""
    source = open(os.path.join(folder, "label_score.py")).read()
    source = re.sub(r":(\.\d+[fg]|g)\}", ":.17g}", source)
    program = {"__name__": "label_score"}
    exec(compile(source, "label_score.py", "exec"), program)
    sys.argv = ["label_score.py", data, scores, *options]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        program["main"]()
    text = out.getvalue()
    head = re.search(r"(\d+) series, (\d+) points, (\d+) labelled events, " + NUMBER, text)
    fixed = re.search(
        f"event recall {NUMBER}, false alarms {NUMBER} per series-week, "
        f"F1 event {NUMBER} point {NUMBER} delay-7 {NUMBER} range {NUMBER}", text)
    means = re.search(f"mean VUS-PR {NUMBER}   mean AUC-PR {NUMBER}", text)
    best = {k: [float(v) for v in g] for k, *g in re.findall(
        rf"best (\w+) F1 {NUMBER} at {NUMBER} \(event recall {NUMBER}, false alarms {NUMBER}", text)}
    return {
        "head": [float(v) for v in head.groups()],
        "fixed": [float(v) for v in fixed.groups()],
        "means": [float(v) for v in means.groups()] if means else None,
        "best": best or None,
        "recallWithin": [float(v) for v in re.findall(f"series-week: {NUMBER}\n", text)],
    }


def labelled(rng, n, events, step=60.0):
    """Times, values, labels and scores (ties, negatives, gaps) of one made-up series."""
    times = 1.6e9 + step * np.arange(n)
    values = np.round(20 + 5 * np.sin(np.arange(n) * 2 * np.pi / 48) + rng.standard_normal(n), 2)
    label = np.zeros(n, int)
    for a, b in events:
        label[a:b + 1] = 1
    score = np.round(np.abs(rng.standard_normal(n)) * 0.5 + label * rng.random(n) * 1.2, 2)
    score[rng.random(n) < 0.03] = 0.0
    score[rng.random(n) < 0.01] = -0.25
    score[rng.random(n) < 0.01] = np.nan
    return times, values, label, score


def measures(folder):
    sys.path.insert(0, folder)
    import metrics as M
    rng = np.random.default_rng(7)
    shapes = {
        "one event": (300, [(120, 140)]),
        "events at both ends": (260, [(0, 9), (100, 100), (250, 259)]),
        "events close together": (400, [(50, 52), (55, 60), (62, 62), (64, 70), (90, 91), (300, 310), (312, 320)]),
        "everything labelled": (90, [(0, 89)]),
        "all but one row": (90, [(0, 43), (45, 89)]),
        "one labelled row": (64, [(0, 0)]),
        "nothing labelled": (120, []),
        "every other row": (101, [(i, i) for i in range(0, 101, 2)]),
        "a single row": (1, [(0, 0)]),
        "constant score": (150, [(40, 60)]),
    }
    cases = []
    for name, (n, events) in shapes.items():
        times, values, label, score = labelled(rng, n, events)
        if name == "constant score":
            score = np.full(n, 0.5)
        if name == "one event":
            score[[3, 130]] = np.inf
        s = np.nan_to_num(score)
        case = {"name": name, "values": values, "labels": label}
        case["scores"] = ["inf" if np.isinf(v) else v for v in score]
        case["aucPR"] = M.auc_pr(label, s)
        case["vusPR"] = [[w, M.vus_pr(label, s, w)] for w in (0, 1, 2, 3, 7, 20, 61)]
        case["period"] = M.period_length(values) if n > 5 else None
        case["at"] = []
        for threshold in (0.3, 0.8, 1.0, 9.0):
            m = s >= threshold
            case["at"].append([threshold, M.point_counts(label, m), M.delay_counts(label, m),
                               M.event_counts(label, m, lag=5), M.range_sums(label, m)])
        cases.append(case)
    periods = []
    x = np.arange(1200)
    for name, values in {
        "constant": np.full(500, 0.1), "sawtooth of 24": x % 24.0, "noise": np.round(rng.standard_normal(700), 3),
        "sine of 288 with noise": np.round(np.sin(x * 2 * np.pi / 288) + 0.3 * rng.standard_normal(1200), 3),
        "trend": np.round(0.1 * x[:400], 3), "too long a period": np.round(np.sin(x * 2 * np.pi / 390), 4),
        "short": np.array([1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 1.0, 2.0, 1.0, 2.0]),
    }.items():
        periods.append({"name": name, "values": values, "period": M.period_length(values)})
    write("measures.json", {"cases": cases, "periods": periods})


def labels(folder):
    rng = np.random.default_rng(11)
    sets = {
        "some events": [(900, [(0, 12), (300, 320), (700, 701), (890, 899)]), (700, [(650, 660)]), (500, [])],
        "nothing labelled": [(400, []), (300, [])],
        "everything labelled": [(200, [(0, 199)])],
    }
    runs = [[], ["--smooth", "4", "--buffer", "20"], ["--warmup", "0"], ["--threshold", "0.6", "--grid", "12"],
            ["--no-vus", "--warmup", "0.5"]]
    out = []
    for name, shapes in sets.items():
        series = []
        with tempfile.TemporaryDirectory() as root:
            data, scores = os.path.join(root, "data"), os.path.join(root, "scores")
            os.mkdir(data), os.mkdir(scores)
            for k, (n, events) in enumerate(shapes):
                times, values, label, score = labelled(rng, n, events, 600.0)
                series.append({"name": f"s{k}", "times": times, "values": values, "labels": label, "scores": score})
                with open(os.path.join(data, f"s{k}.csv"), "w") as f:
                    f.write("timestamp,value,label\n")
                    f.writelines(f"{float(t)!r},{float(v)!r},{l}\n" for t, v, l in zip(times, values, label))
                with open(os.path.join(scores, f"s{k}.csv"), "w") as f:
                    f.write("score\n" + "".join(f"{float(v)!r}\n" for v in score))
            results = [{"options": o, "result": label_program(folder, data, scores, *o)} for o in runs]
        out.append({"name": name, "series": series, "runs": results})
    write("labels.json", out)


def benchmark(folder):
    sys.path.insert(0, folder)
    import nab_score as N
    rng = np.random.default_rng(13)
    start = datetime(2014, 2, 14, 14, 30)
    shapes = {
        "two windows": (400, [(120, 150), (300, 339)], []),
        "window in the probation": (300, [(5, 20), (200, 220)], []),
        "window at the end": (200, [(180, 199)], []),
        "window across the probation": (200, [(20, 40)], []),
        "no windows": (150, [], []),
        "a time twice": (160, [(60, 80)], [70, 100]),
        "windows that touch": (240, [(100, 120), (121, 150)], []),
    }
    rows, series, scores = [], [], []
    for name, (n, windows, doubled) in shapes.items():
        minutes = np.arange(n) * 5
        for d in doubled:
            minutes[d:] -= 5
        stamps = [(start + timedelta(minutes=int(m))).strftime("%Y-%m-%d %H:%M:%S") for m in minutes]
        score = np.round(rng.exponential(0.4, n), 1 if name == "two windows" else 3)
        for a, b in windows:
            score[a:b + 1] += np.round(rng.random(b - a + 1), 1)
        score[rng.random(n) < 0.02] = np.nan
        series.append(N.Series(name, stamps, [[stamps[a], stamps[b]] for a, b in windows]))
        scores.append(np.nan_to_num(score))
        times = [datetime.strptime(s, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc).timestamp() for s in stamps]
        rows.append({"name": name, "times": times, "scores": score, "windows": [[times[a], times[b]] for a, b in windows]})
    runs = []
    for subset in (list(range(len(rows))), [0], [4], [1, 3]):
        for onset in (0, 1, 20, 90):
            for threshold in (1.0, 0.5, 50.0):
                some = [series[i] for i in subset]
                s = [N.onsets(scores[i], threshold, onset) if onset else scores[i] for i in subset]
                if not any(f.windows for f in some):
                    profiles = None                      # the score is a share of no windows
                else:
                    profiles = list(N.evaluate(some, s, threshold).values())
                runs.append({
                    "subset": subset, "onset": onset, "threshold": threshold, "profiles": profiles,
                    "weeks": sum(f.weeks for f in some), "counts": N.counts(some, s, threshold),
                    "best": N.counts(some, s, profiles[0][1]) if profiles else None})
    write("nab.json", {"series": rows, "runs": runs})


if __name__ == "__main__":
    for make in (measures, labels, benchmark):
        make(os.path.abspath(sys.argv[1]))
