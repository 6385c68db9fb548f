"""scikit-learn's MiniBatchDictionaryLearning, timed on request: the maximum a posteriori dictionary that "sparsenet" stands for.

Prints "ready" and its version, then for every line "FILE ROWS COLUMNS LATENTS ALPHA EPOCHS THREADS CODES FIELDS" read (tabs between;
FILE: rows as doubles) learns fields under 1/2 |x - z W|^2 + ALPHA |z|_1 in batches of 512, writes them to FIELDS as doubles [LATENTS,
COLUMNS], and prints seconds of learning, seconds of coding all rows by coordinate descent (not a number where CODES is 0) and the mean
squared error of a value. A field that is all 0 (never used) is written as a random one, as it stands for none.
"""
import sys
import time
import warnings

import numpy
import sklearn
from sklearn.decomposition import MiniBatchDictionaryLearning
from threadpoolctl import threadpool_limits

warnings.filterwarnings("ignore")


def main():
    print("ready", sklearn.__version__, flush=True)
    tables = {}
    for line in sys.stdin:
        file, rows, columns, latents, alpha, epochs, threads, codes, fields = line.rstrip("\n").split("\t")
        if file not in tables:
            tables[file] = numpy.fromfile(file).reshape(int(rows), int(columns))
        x = tables[file]
        with threadpool_limits(int(threads)):
            model = MiniBatchDictionaryLearning(
                int(latents), alpha=float(alpha), batch_size=512, fit_algorithm="cd", transform_algorithm="lasso_cd", n_jobs=1, random_state=1,
                transform_alpha=float(alpha), max_iter=int(epochs), tol=0.0, max_no_improvement=None)
            start = time.perf_counter()
            model.fit(x)
            learning, coding, error = time.perf_counter() - start, float("nan"), float("nan")
            if codes == "1":
                start = time.perf_counter()
                z = model.transform(x)
                coding = time.perf_counter() - start
                error = ((x - z @ model.components_) ** 2).mean()
            w = model.components_.copy()
            empty = numpy.linalg.norm(w, axis=1) == 0
            w[empty] = numpy.random.default_rng(1).normal(size=(empty.sum(), x.shape[1]))
            w.tofile(fields)
        print(learning, coding, error, flush=True)


main()
