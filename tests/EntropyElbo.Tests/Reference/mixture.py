#!/usr/bin/env python3
"""Log-likelihoods of Gaussian mixtures after some iterations of EM, from scikit-learn's GaussianMixture (1.2.1).

    mixture.py DIRECTORY    writes mixture-digits.csv, mixture-cancer.csv and mixture.csv

The two data files hold scores on the first 6 principal components of the UCI digits and of the standardised breast cancer
table (4 decimals); iris and wine stand in ppca-*.csv. A line of mixture.csv is one fit: data set, covariance type, K, rows (zero-based)
whose values are the starting means, iterations, mean log-likelihood per row. It starts with equal weights and the
covariance of all rows (divided by N) in every component: its diagonal for diag, the mean of that for spherical.
reg_covar is 0, tol is 0.
"""
import sys
import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

warnings.filterwarnings("ignore")
directory = sys.argv[1]
pca = PCA(n_components=6, svd_solver="full")
digits = np.round(pca.fit_transform(load_digits().data), 4)
table = load_breast_cancer().data
cancer = np.round(pca.fit_transform((table - table.mean(axis=0)) / table.std(axis=0)), 4)
for name, table in {"digits": digits, "cancer": cancer}.items():
    with open(f"{directory}/mixture-{name}.csv", "w", encoding="ascii", newline="\n") as out:
        out.write(",".join(f"x{d}" for d in range(table.shape[1])) + "\n")
        for row in table:
            out.write(",".join(repr(float(v)) for v in row) + "\n")

CASES = {"digits": (digits, (4, 10)), "iris": (load_iris().data, (3,)), "wine": (load_wine().data, (2,)), "cancer": (cancer, (2,))}
ITERATIONS = (1, 7, 40)


def precisions(x, kind, k):
    covariance = np.cov(x.T, bias=True)
    diagonal = np.diag(covariance)
    return {
        "full": lambda: np.repeat(np.linalg.inv(covariance)[None], k, axis=0),
        "tied": lambda: np.linalg.inv(covariance),
        "diag": lambda: np.repeat(1 / diagonal[None], k, axis=0),
        "spherical": lambda: np.full(k, 1 / diagonal.mean()),
    }[kind]()


with open(f"{directory}/mixture.csv", "w", encoding="ascii", newline="\n") as out:
    out.write("data,type,components,rows,iterations,score\n")
    for name, (x, sizes) in CASES.items():
        for k in sizes:
            rows = np.random.RandomState(k).choice(len(x), k, replace=False)
            for kind in ("full", "tied", "diag", "spherical"):
                for iterations in ITERATIONS:
                    model = GaussianMixture(
                        k, covariance_type=kind, tol=0.0, reg_covar=0.0, max_iter=iterations, init_params="random",
                        random_state=1, weights_init=np.full(k, 1 / k), means_init=x[rows],
                        precisions_init=precisions(x, kind, k)).fit(x)
                    assert model.n_iter_ == iterations
                    out.write(f"{name},{kind},{k},{' '.join(map(str, rows))},{iterations},{model.score(x)!r}\n")
