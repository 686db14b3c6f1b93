"""The vote V6 (`slow_metrics`), in the words of prototypes.py, of which the folder must be in sys.path."""
import numpy

import prototypes


@prototypes.njit()
def seasonal_record(x, t, theta=0.04, bins=96, half_life=4.0, memory=4000.0, start=300):
    """How far the smoothed departure from the time-of-day profile leaves its slowly forgetting range, over that range."""
    out = numpy.zeros(len(x))
    profile, count = numpy.zeros(bins), numpy.zeros(bins)
    g, gr = prototypes.gain(half_life), prototypes.gain(memory)
    y = high = low = mean = 0.0
    for k, v in enumerate(x):
        b = int((t[k] % 86400.0) / 86400.0 * bins)
        if count[b] == 0:
            profile[b] = v
        y += g * ((v - profile[b]) - y)
        count[b] += 1
        profile[b] += max(0.02, 1.0 / count[b]) * (v - profile[b])
        mean += max(gr, 1.0 / (k + 1)) * (y - mean)
        high -= gr * (high - mean)
        low += gr * (mean - low)
        if k > start:
            out[k] = max(y - high, low - y, 0.0) / (high - low + 1e-12 + 1e-6 * abs(mean)) / theta
        high, low = max(high, y), min(low, y)
    return out


def scores(x, t, known):
    """P48, T and V6; `known` has P2, P6, P12 and E2."""
    long = prototypes.pattern(x, 6, 48, 500, 0.3)
    seasonal = seasonal_record(x, t)
    members = [known["P2"], known["P6"], known["P12"], long, seasonal, known["E2"]]
    return {"P48": long, "T": seasonal, "V6": prototypes.vote(members)}
