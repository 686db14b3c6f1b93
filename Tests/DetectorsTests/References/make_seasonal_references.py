#!/usr/bin/env python3
"""Makes the references of the detectors with a daily pattern and of their clock.

    python3 make_seasonal_references.py                           write civil-clock, seasonal-*, holt-winters-* and
                                                                  seasonal-quantile-* .json beside this file
    python3 make_seasonal_references.py --check PROTOTYPES.py     compare with `residual(x, t, 63)` of the study
    python3 make_seasonal_references.py --nab QUALITY OUT         write OUT/seasonal/GROUP/NAME.f64, the scores that
                                                                  QUALITY/prototypes.py gives to QUALITY/nab/data: little
                                                                  endian doubles (and .exact.f64, see NOISELESS), for SeasonalPrototypeTests with
                                                                  LAPWING_PROTOTYPE_SCORES=OUT

Made with Python 3.11, numpy 2.4.6, statsmodels 0.15.0 and the time zones of Debian 12. `seasonal` is the detector R of
the study of detection quality, section 6.2, reckoned with 40 decimal digits; its `separate` form is the same with two
sets of hourly bins. Levels and forecasts of `holt-winters` are those of statsmodels' ExponentialSmoothing, its band is
the equation of Brutlag's paper. `seasonal-quantile` holds numpy's exact quantiles.
"""
import csv
import importlib
import json
import sys
from datetime import datetime, timezone
from decimal import Decimal, getcontext
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy

getcontext().prec = 40
HERE = Path(__file__).resolve().parent
START = 1_700_006_400                                   # 2023-11-15 00:00 UTC, a Wednesday


def rounded(values, digits=6):
    return [float(f"{v:.{digits}g}") for v in values]


def write(name, content):
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


# ---- the clock

def clock_readings():
    """Per zone: moments in seconds, and the second of the day and the weekday (Monday 0) on the wall. Half of the moments
    are beside changes of the clock, found by looking at every hour."""
    random = numpy.random.default_rng(7)
    result = {}
    for name in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu",
                 "Pacific/Apia", "America/Sao_Paulo", "Africa/Cairo"):
        zone = ZoneInfo(name)
        first, last = 0, 1_735_689_600                  # 1970 to 2024: years that tables of zones agree on
        hours = numpy.arange(first, last, 3600)
        offsets = [datetime.fromtimestamp(int(h), zone).utcoffset() for h in hours]
        near = [int(h) for h, a, b in zip(hours[1:], offsets, offsets[1:]) if a != b]
        chosen = list(random.choice(near, min(40, len(near)), replace=False)) if near else []
        moments = [int(m) + d for m in chosen for d in (-3601, -1800, -1, 0, 1, 3600)]
        moments += [int(m) for m in random.integers(first, last, 100)]
        rows = []
        for moment in sorted(moments):
            local = datetime.fromtimestamp(moment, zone)
            rows.append([moment, local.hour * 3600 + local.minute * 60 + local.second, local.weekday()])
        result[name] = rows
    return result


# ---- seasonal

def seasonal_series():
    """Name -> (times in seconds, values, whether days off have bins of their own)."""
    random = numpy.random.default_rng(20261121)
    n = 1500
    i = numpy.arange(n)

    def noise():
        return random.standard_normal(n)

    five = START + 300 * i
    day = numpy.sin(2 * numpy.pi * five / 86400)
    diurnal = 100 + 50 * day + 2 * noise()
    diurnal[1000:1004] -= 60
    steps = 20 + 40 * ((five // 3600) % 24 >= 9) * ((five // 3600) % 24 < 17) + noise()
    steps[1200] += 30
    kept = numpy.sort(random.choice(3 * n, n, replace=False))
    gaps = START + 120 * kept
    gappy = 10 + 3 * numpy.sin(2 * numpy.pi * gaps / 86400) + 0.3 * noise()
    gappy[1300] += 6
    offset = 1e15 + numpy.round(1e7 * (noise() + 5 * day))
    offset[1200] += 3e8
    hourly = START + 1800 * i
    weekly = (60 + 140 * (0.5 + 0.5 * numpy.cos((hourly / 3600 - 14) / 12 * numpy.pi)))
    weekly = weekly * numpy.where((hourly // 86400 + 3) % 7 < 5, 1, 0.4) + 4 * noise()
    weekly[1100] += 150
    return {
        "diurnal": (five, rounded(diurnal), False), "working-hours": (five, rounded(steps), False),
        "gaps": (gaps, rounded(gappy), False), "random-walk": (five, rounded(numpy.cumsum(noise())), False),
        "counts": (five, rounded(random.poisson(0.3 + 2 * (day > 0.5))), False),
        "offset": (five, [float(v) for v in offset], False), "weekly": (hourly, rounded(weekly), True),
    }


def raw_scores(times, values, separate=False):
    """The raw score of each value; None for the first 31."""
    q = Decimal

    def gain(half_life):
        return 1 - q("0.5") ** (1 / q(half_life))

    x = [q(v) for v in values]
    g3, g150, g200, g2000, g20000 = gain(3), gain(150), gain(200), gain(2000), gain(20000)
    last = fast = slow = level = mean = high = low = x[0]
    trend = shift = s = u = z = q(0)
    losses, z_count = [q(0)] * 6, 0
    bins, counts = {}, {}
    result = [None]
    for n in range(1, len(x)):
        v = x[n]
        second = int(times[n]) % 86400
        off = (int(times[n]) // 86400 + 3) % 7 >= 5
        here, there = (("off" if off else "on", second // 3600), ("on" if off else "off", second // 3600)) \
            if separate else (second // 1800,) * 2
        known = there if here not in bins and there in bins else here
        usual = (bins[known], bins[known] + shift) if known in bins else (slow, fast)
        forecasts = (last, fast, slow, level + trend) + usual
        weights = [1 / (loss + q("1e-12")) ** 3 for loss in losses]
        r = abs(v - sum(w * p for w, p in zip(weights, forecasts)) / sum(weights))
        rho = high - low
        warm = n > 30
        if warm:
            tiny = q("1e-12") + q("1e-9") * abs(mean)
            a, b = max(s, u / q("1.96"), z / 2) + rho / 1000 + tiny, rho + tiny
            result.append((r / a) ** q("0.85") * (r / b) ** q("0.15") if r > 0 else q(0))
        else:
            result.append(None)
        if n == 31:
            u = 2 * s
        elif warm:
            delta = max(g2000, 1 / q(n)) * max(u, s) / 2
            u = u + 19 * delta if r > u else max(u - delta, q(0))
        if r > rho / 1000:
            z_count += 1
            z += max(q("0.01"), 1 / q(z_count)) * (r - z)
        s += max(g200, 1 / q(n)) * ((min(r, 6 * s) if warm and s > 0 else r) - s)
        for k in range(6):
            error = abs(v - forecasts[k])
            losses[k] += max(g200, 1 / q(n)) * ((min(error, 6 * s) if warm else error) - losses[k])
        mean += max(g20000, 1 / q(n)) * (v - mean)
        high, low = max(v, high - g20000 * (high - mean)), min(v, low + g20000 * (mean - low))
        fast += g3 * (v - fast)
        slow += max(g150, 1 / q(n)) * (v - slow)
        forecast = level + trend
        level, trend = forecast + q("0.3") * (v - forecast), trend + q("0.015") * (v - forecast)
        shift += g3 * (v - bins.get(known, v) - shift)
        counts[here] = counts.get(here, 0) + 1
        before = bins.get(here, v)
        bins[here] = before + max(q("0.02"), 1 / q(counts[here])) * (v - before)
        last = v
    return result


def check(path):
    prototypes = load(path)
    fine = True
    for name, (times, values, separate) in seasonal_series().items():
        if separate:
            continue
        theirs = prototypes.residual(numpy.array(values), numpy.array(times, float), 63) * 6
        ours = [float(r or 0) for r in raw_scores(times, values)]
        worst = max(abs(a - b) / max(a, b, 1e-3) for a, b in zip(ours, theirs))
        print(f"{name:20} greatest relative difference {worst:.1e}, raw up to {max(ours):.4g}")
        # Near 10^15 the prototype's double precision is the one that errs.
        fine = fine and worst < (1e-3 if name == "offset" else 1e-9)
    sys.exit(0 if fine else 1)


def load(path):
    # Under its own name: numba's cache wants to find it again.
    sys.path.insert(0, str(Path(path).resolve().parent))
    return importlib.import_module(Path(path).stem)


# While these repeat a value exactly, the prototype's residuals are not zero but its own rounding, 1e-15, and decide what
# it learns of the next change. For them the scores are also reckoned with 40 digits.
NOISELESS = ("art_daily_no_noise", "art_daily_perfect_square_wave", "art_flatline")


def nab(quality, out):
    prototypes = load(Path(quality) / "prototypes.py")
    for path in sorted((Path(quality) / "nab" / "data").glob("*/*.csv")):
        rows = list(csv.reader(path.open()))[1:]
        zone = timezone.utc
        times = numpy.array([datetime.fromisoformat(r[0]).replace(tzinfo=zone).timestamp() for r in rows])
        scores = prototypes.residual(numpy.array([float(r[1]) for r in rows]), times, 63)
        target = Path(out) / "seasonal" / path.parent.name / f"{path.stem}.f64"
        target.parent.mkdir(parents=True, exist_ok=True)
        scores.astype("<f8").tofile(target)
        if path.stem in NOISELESS:
            exact = [float(r or 0) / 6 for r in raw_scores(times, [float(r[1]) for r in rows])]
            numpy.array(exact).astype("<f8").tofile(target.with_suffix(".exact.f64"))
    print(f"written below {out}/seasonal")


# ---- holt_winters

def holt_winters():
    from statsmodels.tsa.holtwinters import ExponentialSmoothing
    random = numpy.random.default_rng(3)
    m, n = 96, 960
    i = numpy.arange(n)
    wave = numpy.sin(2 * numpy.pi * i / m)
    series = {
        "steady": (0.1, 0.0035, 0.1, 100 + 20 * wave + random.standard_normal(n)),
        "growing": (0.3, 0.05, 0.4, 10 + 0.02 * i + 3 * wave + 0.3 * random.standard_normal(n)),
        "square": (0.05, 0.01, 0.9, -50 + 30 * (i % m < m // 2) + 2 * random.standard_normal(n)),
    }
    for name, (alpha, beta, gamma, y) in series.items():
        y = numpy.array(rounded(y))
        start = {"level": float(y[:m].mean()), "trend": 0.0, "seasonal": rounded(y[:m] - y[:m].mean(), 5),
                 "deviation": rounded(0.5 + random.random(m), 3)}
        # statsmodels' gamma weighs y less the level before; Brutlag's y less the new level.
        fit = ExponentialSmoothing(
            y, trend="add", seasonal="add", seasonal_periods=m, initialization_method="known",
            initial_level=start["level"], initial_trend=0.0, initial_seasonal=start["seasonal"],
        ).fit(smoothing_level=alpha, smoothing_trend=beta, smoothing_seasonal=gamma * (1 - alpha), optimized=False)
        deviation, band = list(start["deviation"]), []
        for k, forecast in enumerate(fit.fittedvalues):
            band.append(deviation[k % m])
            deviation[k % m] = gamma * abs(y[k] - forecast) + (1 - gamma) * deviation[k % m]
        write(f"holt-winters-{name}", {
            "alpha": alpha, "beta": beta, "gamma": gamma, "start": start, "values": y.tolist(),
            "forecast": rounded(fit.fittedvalues, 10), "deviation": rounded(band, 8)})


# ---- seasonal_quantile

def seasonal_quantile():
    """Series with one shape a day, stored by their recipe: values are made in the test by the same generator."""
    days, n = 120, 48
    result = {}
    for name, seed in (("normal", 1), ("skewed", 2), ("night-is-quiet", 3)):
        state, values = seed, []

        def uniform():
            nonlocal state
            state = (state * 1664525 + 1013904223) % 2 ** 32
            return (state >> 8) / 2 ** 24

        for k in range(days * n * 2):
            time = k // 2 % n
            bell = sum(uniform() for _ in range(12)) - 6
            if name == "normal":
                values.append(100 + 2 * time + 5 * bell)
            elif name == "skewed":
                values.append(10 + time + 4 * bell * bell)
            else:
                values.append(50 + (1 if time < 16 else 20) * bell)
        table = numpy.array(values).reshape(days, n, 2)[-90:]
        result[name] = {"seed": seed, "quantiles": [
            rounded(numpy.quantile(table[:, b, :], (0.05, 0.5, 0.95)), 6) for b in range(n)]}
    write("seasonal-quantile", {"days": days, "perBin": 2, "series": result})


def main():
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    if sys.argv[1:2] == ["--nab"]:
        nab(sys.argv[2], sys.argv[3])
        return
    write("civil-clock", clock_readings())
    for name, (times, values, separate) in seasonal_series().items():
        raw = [None if r is None else float(f"{r:.12g}") for r in raw_scores(times, values, separate)]
        write(f"seasonal-{name}", {
            "separate": separate, "start": int(times[0]),
            "steps": [int(b - a) for a, b in zip(times, times[1:])] if name == "gaps" else [int(times[1] - times[0])],
            "values": values, "raw": raw})
    holt_winters()
    seasonal_quantile()


main()
