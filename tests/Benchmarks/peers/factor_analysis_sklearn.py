"""scikit-learn's FactorAnalysis: reads lines `H iterations` (0 for its own defaults), answers seconds and log-likelihood.

The rows are read once, from the file ROWS of COLUMNS doubles a row. Both ways of its decomposition are timed, and the
faster is answered. It starts from the columns' variances.
"""
import os
import sys
import time
import warnings

import numpy
import sklearn
from sklearn.decomposition import FactorAnalysis

rows = numpy.fromfile(os.environ["ROWS"]).reshape(-1, int(os.environ["COLUMNS"]))
warnings.simplefilter("ignore")
print("ready scikit-learn", sklearn.__version__, "numpy", numpy.__version__, flush=True)
for line in sys.stdin:
    latents, iterations = map(int, line.split())
    trials = []
    for method in ("randomized", "lapack"):
        limits = {"tol": 0.0, "max_iter": iterations} if iterations else {}
        model = FactorAnalysis(latents, svd_method=method, noise_variance_init=rows.var(axis=0), **limits)
        start = time.perf_counter()
        model.fit(rows)
        trials.append((time.perf_counter() - start, method, model))
    seconds, method, model = min(trials, key=lambda t: t[0])
    print(seconds, f"{method}, {model.n_iter_} iterations, log-likelihood {model.score(rows):.6f}", flush=True)
