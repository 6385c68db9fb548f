#!/usr/bin/env python3
"""Maximum log-likelihoods of probabilistic PCA, nats per row, on rows that are hard for doubles: 60 digits of mpmath (1.2.1).

    ppca-hard.py > ppca-hard.csv

Tipping and Bishop (1999), eq. 7 and 8, for the rows as they are (doubles, exactly), with a noise variance of at least 1e-10 of
the columns' mean variance.
"""
import random

import mpmath as mp

mp.mp.dps = 60
FLOOR = mp.mpf("1e-10")
rng = random.Random(20)


def normal(rows, columns, scale=1.0):
    return [[rng.gauss(0, scale) for _ in range(columns)] for _ in range(rows)]


def product(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def low_rank(rows, columns, rank, noise):
    signal, rest = product(normal(rows, rank), normal(rank, columns)), normal(rows, columns, noise)
    return [[s + r for s, r in zip(a, b)] for a, b in zip(signal, rest)]


def distinct(rows, columns, kinds):
    few = normal(kinds, columns)
    return [few[i % kinds] for i in range(rows)]


def each(rows, change):
    return [[change(v, d) for d, v in enumerate(row)] for row in rows]


def scales(columns, low, high):
    return [10.0 ** (low + (high - low) * d / (columns - 1)) for d in range(columns)]


def likelihoods(rows, counts):
    n, d = len(rows), len(rows[0])
    x = mp.matrix(rows)
    for j in range(d):
        mean = mp.fsum(x[i, j] for i in range(n)) / n
        for i in range(n):
            x[i, j] -= mean
    values = sorted(mp.eigsy(x.T * x / n, eigvals_only=True), reverse=True)
    total = mp.fsum(values)
    for h in counts:
        noise = max(mp.fsum(values[h:]) / (d - h), FLOOR * total / d)
        kept = [max(v, noise) for v in values[:h]]
        yield h, -(d * mp.log(2 * mp.pi) + mp.fsum(mp.log(k) + v / k for k, v in zip(kept, values)) + (d - h) * mp.log(noise) + mp.fsum(values[h:]) / noise) / 2


CASES = {
    "two-rows": (distinct(24, 6, 2), [1, 2, 4]),
    "three-rows": (distinct(24, 6, 3), [1, 2, 3, 5]),
    "four-rows": (distinct(24, 6, 4), [2, 3, 4]),
    "offset": (each(low_rank(30, 5, 2, 0.3), lambda v, d: 1e12 + v), [1, 2, 4]),
    "offset-in-two": (each(low_rank(30, 5, 2, 0.05), lambda v, d: v + (1e12 if d % 2 else 0)), [1, 2, 4]),
    "scales-12": (each(low_rank(30, 6, 3, 0.1), lambda v, d: v * scales(6, -12, 12)[d]), [1, 2, 3, 5]),
    "scales-4": (each(low_rank(30, 8, 3, 0.1), lambda v, d: v * scales(8, -4, 4)[d]), [1, 2, 4, 6]),
    "large": (each(low_rank(20, 5, 2, 0.3), lambda v, d: v * 1e150), [1, 2, 4]),
    "small": (each(low_rank(20, 5, 2, 0.3), lambda v, d: v * 1e-140), [1, 2, 4]),
    "wide": (low_rank(8, 20, 2, 0.2), [1, 2, 5, 7]),
}
print("case,latents,likelihood,columns,values")
for name, (rows, counts) in CASES.items():
    for h, value in likelihoods(rows, counts):
        print(name, h, mp.nstr(value, 20), len(rows[0]), " ".join(repr(v) for row in rows for v in row), sep=",")
