"""EM of scikit-learn's GaussianMixture, timed on request.

Prints "ready", then for every line "KIND FILE ROWS COLUMNS COMPONENTS ITERATIONS THREADS" read (FILE: rows as doubles,
the first COMPONENTS of them the starting means) prints seconds of one fit and the mean log-likelihood of its parameters.
"""
import sys
import time
import warnings

import numpy
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

warnings.filterwarnings("ignore")


def fit(x, kind, components, iterations):
    variances = x.var(axis=0)
    precisions = {"full": numpy.repeat(numpy.diag(1 / variances)[None], components, axis=0),
                  "diag": numpy.repeat((1 / variances)[None], components, axis=0)}[kind]
    model = GaussianMixture(
        components, covariance_type=kind, tol=0.0, reg_covar=0.0, max_iter=iterations, init_params="random", random_state=1,
        weights_init=numpy.full(components, 1 / components), means_init=x[:components], precisions_init=precisions)
    start = time.perf_counter()
    model.fit(x)
    return time.perf_counter() - start, model


def main():
    print("ready", flush=True)
    tables = {}
    for line in sys.stdin:
        kind, file, rows, columns, components, iterations, threads = line.rstrip("\n").split("\t")
        if file not in tables:
            tables[file] = numpy.fromfile(file).reshape(int(rows), int(columns))
        with threadpool_limits(int(threads)):
            seconds, model = fit(tables[file], kind, int(components), int(iterations))
            print(seconds, model.score(tables[file]), flush=True)


main()
