#!/usr/bin/env python3
"""Log-likelihoods of rows under probabilistic PCA, from scikit-learn's PCA.score_samples (1.2.1).

    ppca.py DIRECTORY    writes ppca-iris.csv and ppca-wine.csv

Each file holds the data columns, then one column score_H per number of latents H. scikit-learn estimates the covariance
with N - 1; the test stretches its parameters alike.
"""
import sys

from sklearn.datasets import load_iris, load_wine
from sklearn.decomposition import PCA

CASES = {"iris": (load_iris, (1, 2, 3)), "wine": (load_wine, (1, 2, 5, 12))}

for name, (load, latents) in CASES.items():
    x = load().data
    scores = [PCA(n_components=h, svd_solver="full").fit(x).score_samples(x) for h in latents]
    with open(f"{sys.argv[1]}/ppca-{name}.csv", "w", encoding="ascii", newline="\n") as out:
        out.write(",".join([f"x{d}" for d in range(x.shape[1])] + [f"score_{h}" for h in latents]) + "\n")
        for n in range(len(x)):
            out.write(",".join(repr(float(v)) for v in [*x[n], *(s[n] for s in scores)]) + "\n")
