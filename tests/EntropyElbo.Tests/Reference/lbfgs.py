#!/usr/bin/env python3
"""Minima by scipy's L-BFGS-B (1.10), run to the precision of the arithmetic, for LBfgsTests.

    lbfgs.py    prints name, minimum, evaluations and the first and last variable of each case
"""
import numpy as np
from scipy.optimize import minimize


def rosenbrock(x):
    a, b = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * x[:-1] * a - 2 * b
    gradient[1:] += 200 * a
    return np.sum(100 * a**2 + b**2), gradient


def logistic(x):
    """Sum of softplus of a fixed design with alternating labels, plus |x|^2 / 200."""
    n, d = 200, len(x)
    i, j = np.arange(1, n + 1)[:, None], np.arange(1, d + 1)[None, :]
    a, y = np.sin(i * j) + 0.1 * np.cos(i), np.where(np.arange(n) % 3 == 0, 1.0, -1.0)
    margin = -y * (a @ x)
    return np.sum(np.logaddexp(0, margin)) + x @ x / 200, a.T @ (-y / (1 + np.exp(-margin))) + x / 100


def quartic(x):
    """sum_k k (x_k - 1)^4 / 4 + (sum_k x_k - n)^2 / 2 + 1/2 |x - 2|^2."""
    k, total = np.arange(1, len(x) + 1), np.sum(x) - len(x)
    value = np.sum(k * (x - 1) ** 4) / 4 + total**2 / 2 + 0.5 * np.sum((x - 2) ** 2)
    return value, k * (x - 1) ** 3 + total + (x - 2)


CASES = {
    "rosenbrock-2": (rosenbrock, np.array([-1.2, 1.0])),
    "rosenbrock-100": (rosenbrock, np.tile([-1.2, 1.0], 50)),
    "logistic-20": (logistic, np.zeros(20)),
    "quartic-50": (quartic, np.zeros(50)),
}
for name, (function, start) in CASES.items():
    result = minimize(function, start, jac=True, method="L-BFGS-B",
                      options={"maxcor": 10, "ftol": 1e-16, "gtol": 1e-10, "maxiter": 10000, "maxfun": 100000})
    print(f"{name}: {result.fun:.15g} in {result.nfev} evaluations, x = {result.x[0]:.12g} ... {result.x[-1]:.12g}")
