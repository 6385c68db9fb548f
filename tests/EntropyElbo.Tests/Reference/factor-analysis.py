#!/usr/bin/env python3
"""Mean log-likelihoods of factor analysis from scikit-learn's FactorAnalysis.score (1.2.1), iterated to the end.

    factor-analysis.py DIRECTORY    writes factor-analysis.csv and the data files that are not there already

Columns are standardised (population standard deviation), so nats per row are those of standardised columns. digits: the
rows' coordinates, rounded, along the first ten principal components of the first 600 digits, so that they are correlated.
"""
import os
import sys
import warnings

from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.preprocessing import StandardScaler

DIRECTORY = sys.argv[1]
warnings.simplefilter("ignore")  # an optimum with a noise variance of 0 is approached for ever: the limit ends it


def write(path, names, rows):
    with open(path, "w", encoding="ascii", newline="\n") as out:
        out.write(",".join(names) + "\n")
        for row in rows:
            out.write(",".join(v if isinstance(v, str) else repr(v) for v in row) + "\n")


def digits():
    x = load_digits().data
    return PCA(n_components=10, svd_solver="full").fit(x[:600]).transform(x).round(4)


DATA = {
    "digits": (digits(), (1, 2, 4)),
    "wine": (load_wine().data, (1, 2, 4)),
    "iris": (load_iris().data, (1,)),
    "cancer": (load_breast_cancer().data, (2, 4)),
}

table = []
for name, (x, latents) in DATA.items():
    path = f"{DIRECTORY}/factor-analysis-{name}.csv"
    if not os.path.exists(f"{DIRECTORY}/ppca-{name}.csv"):
        write(path, [f"x{d}" for d in range(x.shape[1])], ([float(v) for v in row] for row in x))
    z = StandardScaler().fit_transform(x)
    for h in latents:
        model = FactorAnalysis(h, tol=1e-7, max_iter=20000, svd_method="lapack").fit(z)
        table.append((name, str(h), float(model.score(z)), str(model.n_iter_), float(model.noise_variance_.min())))
        print(table[-1], flush=True)
write(f"{DIRECTORY}/factor-analysis.csv", ["data", "latents", "score", "iterations", "least_noise"], table)
