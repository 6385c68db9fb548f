#!/usr/bin/env python3
"""Writes distributions.csv and specialfunctions.csv, the expected values of the distribution tests, with mpmath.

    python3 distributions.py              write both tables beside this script
    python3 distributions.py constants    print the series coefficients used in SpecialFunctions.Gamma.cs

Every quantity is computed from the natural parameters as the doubles the tests read, at 60 digits, from textbook forms.
For moderate parameters the script also checks these forms against their definitions by quadrature or summation, and
the mean parameters against numerical derivatives of the log partition, so that the table does not rest on one formula.

The last column, scale, is the size of the terms that a quantity is the difference of, or the slope of its argument's
rounding: the tests allow 1e-12 max(|expected|, scale). It is 0 where plain relative accuracy is demanded.
"""
import csv
import os
import sys

import mpmath as mp

mp.mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))
inf = mp.inf
log, exp, psi = mp.log, mp.exp, mp.psi
TWO_PI = 2 * mp.pi


def digits(value):
    return mp.nstr(value, 22, strip_zeros=True) if mp.isfinite(value) else ("inf" if value > 0 else "-inf")


def text(values):
    return " ".join(repr(float(v)) for v in values)


def xlogx(p):
    return p * log(p) if p != 0 else mp.mpf(0)


def logistic(t):
    return 1 / (1 + exp(-t)) if t >= 0 else exp(t) / (1 + exp(t))


def softplus(t):
    return max(t, mp.mpf(0)) + mp.log1p(exp(-abs(t)))


def bernoulli_entropy(t):
    return logistic(t) * softplus(-t) + logistic(-t) * softplus(t)


class Family:
    """Quantities return lists of (value, scale); eta is a list of exact doubles as mpf."""
    support = None  # a list of quadrature break points, or "counts"

    def statistics(self, x):
        return [x[0]]

    def log_base(self, x):
        return mp.mpf(0)

    def density_scale(self, x, eta):
        return mp.mpf(1)

    def log_density(self, x, eta):
        t = self.statistics(x)
        return self.log_base(x) + mp.fsum(a * b for a, b in zip(eta, t)) - self.log_partition(eta)[0]


class GaussianDiagonal(Family):
    def __init__(self, d):
        self.name, self.d = f"gaussian-diagonal:{d}", d
        self.support = [-inf, -5, 0, 5, inf] if d == 1 else None

    def natural(self, s):
        d = self.d
        return [s[i] / s[d + i] for i in range(d)] + [-1 / (2 * s[d + i]) for i in range(d)]

    def standard(self, eta):
        d = self.d
        v = [-1 / (2 * eta[d + i]) for i in range(d)]
        return [eta[i] * v[i] for i in range(d)] + v

    def statistics(self, x):
        return list(x) + [v * v for v in x]

    def log_partition(self, eta):
        d = self.d
        terms = []
        for i in range(d):
            terms += [-eta[i] ** 2 / (4 * eta[d + i]), log(-mp.pi / eta[d + i]) / 2]
        return mp.fsum(terms), max(1, max(map(abs, terms)))

    def mean(self, eta):
        s = self.standard(eta)
        return [(m, 0) for m in s[:self.d]] + [(s[i] ** 2 + s[self.d + i], 0) for i in range(self.d)]

    def entropy(self, eta):
        terms = [log(TWO_PI * mp.e * v) / 2 for v in self.standard(eta)[self.d:]]
        return mp.fsum(terms), max([1] + [abs(t) for t in terms])

    def density_scale(self, x, eta):
        s = self.standard(eta)
        return 1 + max(abs((x[i] - s[i]) * s[i] / s[self.d + i]) for i in range(self.d)) + self.entropy(eta)[1]


class GaussianFull(Family):
    def __init__(self, d):
        self.name, self.d = f"gaussian-full:{d}", d

    def unpack(self, packed, off):
        m, k = mp.matrix(self.d, self.d), 0
        for i in range(self.d):
            for j in range(i + 1):
                m[i, j] = m[j, i] = packed[k] * (1 if i == j else off)
                k += 1
        return m

    def pack(self, m, off):
        return [m[i, j] * (1 if i == j else off) for i in range(self.d) for j in range(i + 1)]

    def natural(self, s):
        precision = self.unpack(s[self.d:], 1) ** -1
        return list(precision * mp.matrix(s[:self.d])) + self.pack(-precision / 2, 2)

    def parts(self, eta):
        cov = (-2 * self.unpack(eta[self.d:], mp.mpf(1) / 2)) ** -1
        return cov * mp.matrix(eta[:self.d]), cov

    def condition(self, eta):
        cov = self.parts(eta)[1]
        w = mp.eigsy(cov, eigvals_only=True)
        return max(w) / min(w)

    def standard(self, eta):
        mean, cov = self.parts(eta)
        return list(mean) + self.pack(cov, 1)

    def statistics(self, x):
        return list(x) + [x[i] * x[j] for i in range(self.d) for j in range(i + 1)]

    def log_partition(self, eta):
        mean, cov = self.parts(eta)
        quad = mp.fsum(a * b for a, b in zip(eta[:self.d], mean)) / 2
        return quad + log(mp.det(TWO_PI * cov)) / 2, 1 + self.condition(eta) * (1 + quad) / 100

    def mean(self, eta):
        mean, cov = self.parts(eta)
        second = cov + mean * mean.T
        slack = self.condition(eta) / 100
        size, size2 = max(map(abs, mean)), max(map(abs, second))
        return [(m, size * slack) for m in mean] + [(v, size2 * slack) for v in self.pack(second, 1)]

    def entropy(self, eta):
        return log(mp.det(TWO_PI * mp.e * self.parts(eta)[1])) / 2, 1 + self.condition(eta) / 100

    def density_scale(self, x, eta):
        mean, cov = self.parts(eta)
        dx = mp.matrix(x) - mean
        return 1 + self.condition(eta) * (1 + mp.norm(dx) * (mp.norm(mean) + mp.norm(dx)) / max(mp.eigsy(cov, eigvals_only=True))) / 100


class Laplace(Family):
    def __init__(self, d):
        self.name, self.d = f"laplace:{d}", d
        self.support = [-inf, -1, 0, 1, inf] if d == 1 else None

    def natural(self, s):
        return [-1 / v for v in s]

    def standard(self, eta):
        return [-1 / v for v in eta]

    def statistics(self, x):
        return [abs(v) for v in x]

    def log_partition(self, eta):
        terms = [log(2 * v) for v in self.standard(eta)]
        return mp.fsum(terms), max([1] + [abs(t) for t in terms])

    def mean(self, eta):
        return [(v, 0) for v in self.standard(eta)]

    def entropy(self, eta):
        terms = [log(2 * mp.e * v) for v in self.standard(eta)]
        return mp.fsum(terms), max([1] + [abs(t) for t in terms])


class Bernoulli(Family):
    name, support, last = "bernoulli", "counts", 1

    def natural(self, s):
        return [log(s[0] / (1 - s[0]))]

    def standard(self, eta):
        return [logistic(eta[0])]

    def log_partition(self, eta):
        return softplus(eta[0]), 0

    def mean(self, eta):
        return [(logistic(eta[0]), 0)]

    def entropy(self, eta):
        return bernoulli_entropy(eta[0]), 0

    def log_density(self, x, eta):
        # The sum of eta T - A would lose exp(-700) next to 1 even at 60 digits.
        return -softplus(eta[0] if x[0] == 0 else -eta[0])

    def density_scale(self, x, eta):
        return 0


class Binomial(Bernoulli):
    def __init__(self, n):
        self.name, self.n, self.last = f"binomial:{n}", n, min(n, 5000)

    def log_base(self, x):
        n, k = mp.mpf(self.n), x[0]
        if k == 0 or k == n:
            return mp.mpf(0)
        return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)

    def log_partition(self, eta):
        return self.n * softplus(eta[0]), 0

    def mean(self, eta):
        return [(self.n * logistic(eta[0]), 0)]

    def entropy(self, eta):
        return self.n * bernoulli_entropy(eta[0]), 0

    def log_density(self, x, eta):
        return self.log_base(x) - x[0] * softplus(-eta[0]) - (self.n - x[0]) * softplus(eta[0])

    def density_scale(self, x, eta):
        if x[0] in (0, self.n):
            return 0
        return 1 + abs(x[0] - self.n * logistic(eta[0])) * (1 if abs(eta[0]) < 30 else 0)


class Poisson(Family):
    name, support, last = "poisson", "counts", 400

    def natural(self, s):
        return [log(s[0])]

    def standard(self, eta):
        return [exp(eta[0])]

    def log_base(self, x):
        return -mp.loggamma(x[0] + 1)

    def log_partition(self, eta):
        return exp(eta[0]), 0

    def mean(self, eta):
        return [(exp(eta[0]), 0)]

    def entropy(self, eta):
        rate = exp(eta[0])
        return rate - xlogx(rate), 0

    def density_scale(self, x, eta):
        return 0 if x[0] == 0 else 1 + abs(x[0] - exp(eta[0]))


class Categorical(Family):
    support = "counts"

    def __init__(self, c):
        self.name, self.c, self.last = f"categorical:{c}", c, c - 1

    def natural(self, s):
        return [log(v / s[-1]) for v in s[:-1]]

    def standard(self, eta):
        weights = [exp(v) for v in eta] + [mp.mpf(1)]
        return [w / mp.fsum(weights) for w in weights]

    def statistics(self, x):
        return [mp.mpf(x[0] == i) for i in range(self.c - 1)]

    def log_partition(self, eta):
        return -log(self.standard(eta)[-1]), 0

    def mean(self, eta):
        return [(v, 0) for v in self.standard(eta)[:-1]]

    def entropy(self, eta):
        return -mp.fsum(xlogx(v) for v in self.standard(eta)), 0

    def density_scale(self, x, eta):
        return 0


class Gamma(Family):
    name, support = "gamma", [0, 0.01, 1, 10, 100, inf]

    def natural(self, s):
        return [s[0] - 1, -s[1]]

    def standard(self, eta):
        return [eta[0] + 1, -eta[1]]

    def statistics(self, x):
        return [log(x[0]), x[0]]

    def log_partition(self, eta):
        a, b = self.standard(eta)
        terms = [mp.loggamma(a), -a * log(b)]
        return mp.fsum(terms), max(map(abs, terms))

    def mean(self, eta):
        a, b = self.standard(eta)
        return [(psi(0, a) - log(b), max(abs(psi(0, a)), abs(log(b)))), (a / b, 0)]

    def entropy(self, eta):
        a, b = self.standard(eta)
        return a - log(b) + mp.loggamma(a) + (1 - a) * psi(0, a), 1 + abs(log(b))

    def density_scale(self, x, eta):
        a, b = self.standard(eta)
        return 1 + abs(log(b)) + abs(log(x[0])) + abs(a - b * x[0])


class Exponential(Family):
    name, support = "exponential", [0, 0.1, 1, 10, inf]

    def natural(self, s):
        return [-s[0]]

    def standard(self, eta):
        return [-eta[0]]

    def log_partition(self, eta):
        return -log(-eta[0]), 0

    def mean(self, eta):
        return [(-1 / eta[0], 0)]

    def entropy(self, eta):
        return 1 - log(-eta[0]), 1


class Beta(Family):
    name, support = "beta", [0, 0.5, 1]

    def natural(self, s):
        return [s[0] - 1, s[1] - 1]

    def standard(self, eta):
        return [eta[0] + 1, eta[1] + 1]

    def statistics(self, x):
        return [log(x[0]), log(1 - x[0])]

    def log_partition(self, eta):
        a, b = self.standard(eta)
        return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b), 1

    def mean(self, eta):
        a, b = self.standard(eta)
        s = psi(0, a + b)
        # Two digammas below the asymptotic range are subtracted as they are.
        return [(psi(0, v) - s, max(abs(psi(0, v)), abs(s)) if v < 10 else min(1, 10 / v)) for v in (a, b)]

    def entropy(self, eta):
        a, b = self.standard(eta)
        value = self.log_partition(eta)[0] - (a - 1) * psi(0, a) - (b - 1) * psi(0, b) + (a + b - 2) * psi(0, a + b)
        return value, 1

    def density_scale(self, x, eta):
        a, b = self.standard(eta)
        return 1 + abs((a + b) * x[0] - a) + abs(log(x[0])) + abs(log(1 - x[0]))


class ContinuousBernoulli(Family):
    name, support = "continuous-bernoulli", [0, 0.5, 1]

    def natural(self, s):
        return [log(s[0] / (1 - s[0]))]

    def standard(self, eta):
        return [logistic(eta[0])]

    # At 60 digits and etas down to 1e-9 the textbook forms lose half of the digits at most.
    def log_partition(self, eta):
        t = eta[0]
        return (log(mp.expm1(t) / t) if t != 0 else mp.mpf(0)), 0

    def mean(self, eta):
        t = eta[0]
        return [(1 / (1 - exp(-t)) - 1 / t if t != 0 else mp.mpf("0.5"), 0)]

    def entropy(self, eta):
        # The series of the library starts at eta = 1; next to it on the far side like terms are subtracted.
        return self.log_partition(eta)[0] - eta[0] * self.mean(eta)[0][0], 1 if 1 <= abs(eta[0]) < 4 else 0

    def density_scale(self, x, eta):
        return 1 + abs(eta[0])


def check(family, eta):
    """The textbook forms against their definitions, to 20 digits."""
    close = lambda u, v: mp.almosteq(u, v, rel_eps=mp.mpf(10) ** -18, abs_eps=mp.mpf(10) ** -18)
    log_weight = lambda x, e: family.log_base([x]) + mp.fsum(a * b for a, b in zip(e, family.statistics([x])))
    if family.support == "counts":
        total = lambda f: mp.fsum(f(mp.mpf(k)) for k in range(family.last + 1))
    else:
        total = lambda f: mp.quad(f, [mp.mpf(p) for p in family.support])
    a = family.log_partition(eta)[0]
    assert close(log(total(lambda x: exp(log_weight(x, eta)))), a), (family.name, eta, "log partition")
    density = lambda x: exp(log_weight(x, eta) - a)
    mean = [m for m, _ in family.mean(eta)]
    for i, m in enumerate(mean):
        assert close(total(lambda x: density(x) * family.statistics([x])[i]), m), (family.name, eta, "mean", i)
        bump = lambda t: family.log_partition([e + (t if j == i else 0) for j, e in enumerate(eta)])[0]
        assert close(mp.diff(bump, 0), m), (family.name, eta, "derivative", i)
    # -E log p + E log h: the entropy for a constant base measure, the pseudo entropy otherwise.
    entropy = -total(lambda x: density(x) * (log_weight(x, eta) - a - family.log_base([x])) if density(x) else mp.mpf(0))
    assert close(entropy, family.entropy(eta)[0]), (family.name, eta, "entropy")


def rows(family, standards, points, moderate=()):
    """points(standard) gives observations; standards whose index is in moderate are checked against definitions."""
    for index, standard in enumerate(standards):
        standard = [mp.mpf(float(v)) for v in standard]
        eta = [mp.mpf(float(v)) for v in family.natural(standard)]
        if index in moderate:
            check(family, eta)
        slack = family.condition(eta) / 100 if isinstance(family, GaussianFull) else 0
        exact = family.natural(standard)
        size = max(map(abs, exact)) * slack
        loss = [max(size, 1e-4 if isinstance(family, (Gamma, Beta)) else 0) for _ in exact]
        yield family, "natural", standard, [], list(zip(exact, loss))
        back = family.standard(eta)
        size = max(map(abs, back)) * slack
        yield family, "standard", eta, [], [(v, size) for v in back]
        yield family, "logPartition", eta, [], [family.log_partition(eta)]
        yield family, "mean", eta, [], family.mean(eta)
        yield family, "entropy", eta, [], [family.entropy(eta)]
        for point in points(family.standard(eta)):
            x = [mp.mpf(float(v)) for v in point]
            yield family, "logDensity", eta, x, [(family.log_density(x, eta), family.density_scale(x, eta))]
            yield family, "logBaseMeasure", eta, x, [(family.log_base(x), 0)]


def counts(mean, sd, last=None):
    k = {0, 1, 2} | {int(mp.floor(mean + z * sd)) for z in (-6, -2, -0.3, 0, 0.7, 2, 8)}
    return [[v] for v in sorted(k) if v >= 0 and (last is None or v <= last)] + ([[last]] if last else [])


def gamma_points(s):
    a, b = s
    factors = [1 + z / mp.sqrt(a) for z in (-3, -1, 0, 1, 4)] + [mp.mpf("0.01"), 3]
    return [[a / b * f] for f in factors if f > 0]


def beta_points(s):
    a, b = s
    m, sd = a / (a + b), mp.sqrt(a * b / (a + b + 1)) / (a + b)
    inside = [mp.mpf(float(m + z * sd)) for z in (-3, -1, 0, 1, 3)] + [mp.mpf("0.01"), mp.mpf("0.999")]
    return [[x] for x in inside if 0 < x < 1]


def wishart(d, log_scales):
    """A fixed rotation-like covariance with the given log10 variances."""
    q = mp.qr(mp.matrix([[mp.sin(1 + 3 * i + 7 * j) for j in range(d)] for i in range(d)]))[0]
    cov = q * mp.diag([mp.mpf(10) ** s for s in log_scales]) * q.T
    return [float(cov[i, j]) for i in range(d) for j in range(i + 1)]


def distribution_table():
    g1, g3 = GaussianDiagonal(1), GaussianDiagonal(3)
    around = lambda d: lambda s: [[s[i] + z * (1 + i) * mp.sqrt(s[d + i]) for i in range(d)] for z in (-4, -1, 0, 0.3, 2)] + [[0.1] * d]
    yield from rows(g1, [[0, 1], [1.5, 0.3], [-2, 4], [0, 1e-300], [1e5, 1e-8], [1e-3, 1e12], [-1e150, 1e290], [0, 1 / (2 * mp.pi * mp.e)]],
                    around(1), moderate=(0, 1, 2))
    yield from rows(g3, [[0, 1, -2, 1, 0.5, 7], [100, 0.1, 1e-5, 1e-6, 1e6, 1]], around(3))
    around_full = lambda d: lambda s: [[s[i] + z * (1 + i) * mp.sqrt(s[d + i * (i + 3) // 2]) for i in range(d)] for z in (-2, 0, 0.3, 1)] + [[0.1] * d]
    yield from rows(GaussianFull(1), [[0.5, 2], [-3, 1e-9]], around_full(1))
    yield from rows(GaussianFull(2), [[1, -1, 2, 0.7, 1], [0, 5, 1, 0.999, 1], [0, 0, 1e-12, 0, 1e-12]], around_full(2))
    yield from rows(GaussianFull(4), [[1, 2, -3, 0.5] + wishart(4, s) for s in ([0, 0.3, -0.4, 0.1], [2, -2, 0, 1], [3, -3, 0, 0], [-8, -8, -7, -8])], around_full(4))
    yield from rows(GaussianFull(20), [[mp.sin(i) for i in range(20)] + wishart(20, [mp.cos(i) for i in range(20)])], around_full(20))
    spread = lambda s: [[z * (1 + i) * v for i, v in enumerate(s)] for z in (-9, -1, 0, 0.2, 3)]
    yield from rows(Laplace(1), [[1], [0.2], [5], [1e-200], [1e200], [0.5 / mp.e]], spread, moderate=(0, 1, 2))
    yield from rows(Laplace(3), [[1, 0.01, 30]], spread)
    probabilities = [1e-300, 1e-20, 1e-8, 0.01, 0.3, 0.4999999, 0.5, 0.50001, 0.8, 0.99, 1 - 1e-9, 1 - 2.0 ** -53]
    logits = [-2000, -745, -700, -100, -36.5, -1e-9, 0, 1e-300, 3, 36.8, 37, 50, 709, 720, 2000]
    singles = [[p] for p in probabilities]
    yield from rows(Bernoulli(), singles, lambda s: [[0], [1]], moderate=range(3, 10))
    yield from natural_rows(Bernoulli(), [[t] for t in logits], lambda s: [[0], [1]])
    for n in (1, 8, 500, 1000000, 2147483647):
        b = Binomial(n)
        points = lambda s: counts(n * s[0], mp.sqrt(n * s[0] * (1 - s[0])), n)
        yield from rows(b, singles, points, moderate=(3, 4, 6, 8) if n <= 500 else ())
        yield from natural_rows(b, [[t] for t in (-700, -31, -29, 1e-9, 29, 31, 700)], points)
    poisson = lambda s: counts(s[0], mp.sqrt(s[0]))
    yield from rows(Poisson(), [[r] for r in (1e-300, 1e-20, 1e-5, 0.1, 0.5, 1, mp.e, 3, 9.9, 10, 30, 99, 1e3, 1e6, 1e9, 1e14)], poisson, moderate=range(3, 11))
    greys = lambda s: [[x] for x in (0, 1e-3, 0.25, 0.5, 0.9, 1)]
    lambdas = [[p] for p in probabilities if 0 < p < 1]
    yield from rows(ContinuousBernoulli(), lambdas, greys, moderate=(3, 4, 8, 9))
    yield from natural_rows(ContinuousBernoulli(), [[t] for t in (-3000, -745, -30, -4, -1.0000001, -1, -0.9999999, -0.3, -1e-4, -1e-9, 0, 1e-9, 0.01, 0.5, 0.99, 1, 1.01, 2, 37, 720, 3000)], greys)
    every = lambda s: [[c] for c in range(len(s))]
    yield from rows(Categorical(2), [[0.3, 0.7], [1e-12, 1], [1, 1e-12]], every, moderate=(0, 1, 2))
    yield from rows(Categorical(4), [[0.1, 0.2, 0.3, 0.4], [0.25] * 4, [1e-200, 0.5, 1e-9, 0.5], [1e-3, 1, 1e-30, 1e-300], [1, 1, 1, 1e-20]], every, moderate=(0, 1))
    shapes = (1e-8, 1e-3, 0.1, 0.5, 1, 1.5, 2, 3.7, 9.99, 10, 10.01, 50, 1e3, 1e6, 1e10, 1e15)
    gammas = [[a, b] for a in shapes for b in (1e-10, 0.7, 1, 2.5, 1e10)] + [[a, a] for a in shapes]
    moderate = [i for i, (a, b) in enumerate(gammas) if 1 <= a <= 50 and 0.7 <= b <= 2.5]
    yield from rows(Gamma(), gammas, gamma_points, moderate)
    yield from rows(Exponential(), [[1], [0.3], [mp.e], [2.7], [1e-300], [1e300]], lambda s: [[0], [0.1 / s[0]], [1 / s[0]], [50 / s[0]]], moderate=(0, 1, 2))
    sizes = (1e-8, 1e-3, 0.5, 1, 2, 4.5, 9.99, 10, 37, 1e4, 1e8, 1e13)
    betas = [[a, b] for a in sizes for b in sizes]
    moderate = [i for i, (a, b) in enumerate(betas) if 1 <= a <= 37 and 1 <= b <= 37]
    yield from rows(Beta(), betas, beta_points, moderate)


def natural_rows(family, etas, points):
    for eta in etas:
        eta = [mp.mpf(float(v)) for v in eta]
        yield family, "standard", eta, [], [(v, 0) for v in family.standard(eta)]
        yield family, "logPartition", eta, [], [family.log_partition(eta)]
        yield family, "mean", eta, [], family.mean(eta)
        yield family, "entropy", eta, [], [family.entropy(eta)]
        for point in points(family.standard(eta)):
            x = [mp.mpf(float(v)) for v in point]
            yield family, "logDensity", eta, x, [(family.log_density(x, eta), family.density_scale(x, eta))]


def error_function_series():
    """Chebyshev coefficients of log(erfc(z) / t) + z^2 as a function of u = 2 t - 1, t = 2 / (2 + z); the first one halved."""
    def value(u):
        t = (u + 1) / 2
        z = 2 / t - 2
        if z < 200:
            return log(mp.erfc(z) / t) + z * z
        return log((1 - 1 / (2 * z ** 2) + 3 / (4 * z ** 4) - 15 / (8 * z ** 6)) / (mp.sqrt(mp.pi) * z * t))
    nodes = [mp.pi * (j + mp.mpf(1) / 2) / 64 for j in range(64)]
    series = [mp.fsum(value(mp.cos(node)) * mp.cos(k * node) for node in nodes) / 32 for k in range(28)]
    return [mp.nstr(c if k > 0 else c / 2, 18) for k, c in enumerate(series)]


def special_table():
    small = [1e-300, 1e-20, 1e-10, 1e-5, 1e-3, 0.01, 0.1, 0.3, 0.4999999, 0.5, 0.7, 0.9, 0.99, 0.999999, 1, 1.000001, 1.1, 1.2, 1.2616,
             1.2617, 1.4, 1.46, 1.4616, 1.46163, 1.4616321449, 1.4616321449683622, 1.462, 1.4999999, 1.5, 1.66, 1.6617, 1.7, 1.9, 1.99,
             1.9999999, 2, 2.0000001, 2.1, 2.4999, 2.5, 3, 4, 5.5, 7.3, 9.5, 9.999999]
    large = [10, 10.5, 12, 15.25, 20, 50, 100, 1e3, 1e5, 1e8, 1e12, 1e18, 1e100, 1e300]
    for x in small + large:
        m = mp.mpf(x)
        yield "LogGamma", [x], mp.loggamma(m), 0
        yield "Digamma", [x], psi(0, m), 0
        if x > 1e-150:
            yield "Trigamma", [x], psi(1, m), 0
    for x in [v for v in small if v > 1e-6] + [v for v in large if v <= 1e18]:
        m = mp.mpf(x)
        yield "StirlingRemainder", [x], mp.loggamma(m) - ((m - 0.5) * log(m) - m + log(TWO_PI) / 2), 0 if x >= 10 else 1
        if x >= 10:
            yield "DigammaRemainder", [x], log(m) - psi(0, m), 0
    sizes = [1e-300, 1e-10, 1e-3, 0.2, 0.7, 1, 1.3, 2, 5, 9.7, 10, 14.5, 200, 1e6, 1e12, 1e15]
    for a in sizes:
        for b in sizes:
            yield "LogBeta", [a, b], mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(mp.mpf(a) + mp.mpf(b)), 1
    for n in (1, 2, 5, 9, 10, 25, 1000, 10 ** 6, 2 ** 31 - 1, 10 ** 15):
        for k in sorted({0, 1, 2, 3, 7, 9, 10, 11, n // 2, n - 1, n}):
            if 0 <= k <= n:
                yield "LogBinomial", [n, k], log(mp.binomial(n, k)) if n < 1000 else mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1), 0
    for x in (-800, -745.1, -100, -40, -36.7, -20, -1, -0.1, -1e-9, 0, 1e-300, 1e-9, 0.5, 1, 5, 36, 37, 40, 700, 800, 1e300):
        m = mp.mpf(x)
        yield "Softplus", [x], softplus(m), 0
        yield "Logistic", [x], logistic(m), 0
        yield "BernoulliEntropy", [x], bernoulli_entropy(m), 0
        if -0.9999 < x:
            yield "Log1P", [x], mp.log1p(m), 0
    for x in (-30, -6, -2.5, -0.4, -1e-9, 0, 1e-300, 1e-5, 0.1, 0.5, 0.9, 1, 1.7, 3, 5.5, 5.9, 8, 1e10, 1e200):
        yield "Erf", [x], mp.erf(mp.mpf(x)), 1
    for x in (-1 + 2.0 ** -53, -0.9999, -0.5, -0.3, -1e-5, 1e-17, 3e-16, 1e-8, 0.1, 0.41, 0.42, 1e17):
        yield "Log1P", [x], log(1 + mp.mpf(x)), 0
    for p in (1e-300, 1e-17, 1e-5, 0.1, 0.2499, 0.25, 0.26, 0.49999999, 0.5, 0.50000001, 0.7, 0.75, 0.76, 0.9, 1 - 1e-9, 1 - 2.0 ** -53):
        yield "Logit", [p], log(mp.mpf(p) / (1 - mp.mpf(p))), 0
        yield "XLogX", [p], xlogx(mp.mpf(p)), 0
    for x in (1e-300, 1e-9, 0.5, 1, 3, 10, 1e6, 1e15):
        for r in (1e-6, 0.5, 0.8, 0.81, 0.82, 0.83, 0.99, 1 - 1e-8, 1, 1 + 1e-12, 1.001, 1.2, 1.22, 1.23, 1.5, 1e8):
            m = x * r
            if m > 1e-300:
                yield "HalfDeviance", [x, m], mp.mpf(x) * log(mp.mpf(x) / mp.mpf(m)) + mp.mpf(m) - mp.mpf(x), 0
    for terms in ([0], [1, 2, 3], [-1000, -1001], [1000, 1000], [-50, 0], [0, -50, -60], [-1e300, 2], [-0.6931471805599453, -0.6931471805599453, -30]):
        values = [mp.mpf(t) for t in terms]
        yield "LogSumExp", terms, max(values) + log(mp.fsum(exp(v - max(values)) for v in values)), 0 if terms[0] != -0.6931471805599453 else 1


def write(name, header, lines):
    with open(os.path.join(HERE, name), "w", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)


def main():
    if sys.argv[1:] == ["constants"]:
        root = mp.findroot(lambda x: psi(0, x), mp.mpf("1.4616321449683623"))
        print("ZetaMinusOne", [mp.nstr((-1) ** k * (mp.zeta(k) - 1), 19) for k in range(2, 28)])
        print("DigammaRoot", repr(float(root)), mp.nstr(root - mp.mpf(float(root)), 20))
        print("DigammaAtRoot", [mp.nstr(psi(k, root) / mp.factorial(k), 19) for k in range(1, 23)])
        print("ErrorFunction", error_function_series())
        return
    write("distributions.csv", ["family", "quantity", "parameters", "point", "expected", "scale"],
          ([f.name, q, text(e), text(x), " ".join(digits(mp.mpf(v)) for v, _ in pairs), " ".join(mp.nstr(mp.mpf(s), 4) for _, s in pairs)]
           for f, q, e, x, pairs in distribution_table()))
    write("specialfunctions.csv", ["function", "arguments", "expected", "scale"],
          ([name, text(arguments), digits(value), str(scale)] for name, arguments, value, scale in special_table()))


if __name__ == "__main__":
    main()
