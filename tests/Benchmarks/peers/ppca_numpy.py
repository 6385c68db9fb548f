"""Covariance and eigh of numpy in double precision: reads a line H, answers seconds and the log-likelihood of p-PCA.

The rows are read once, from the file ROWS of COLUMNS doubles a row. Threads: OPENBLAS_NUM_THREADS.
"""
import math
import os
import sys
import time

import numpy

rows = numpy.fromfile(os.environ["ROWS"]).reshape(-1, int(os.environ["COLUMNS"]))
print("ready numpy", numpy.__version__, flush=True)
for line in sys.stdin:
    latents, (count, columns) = int(line), rows.shape
    start = time.perf_counter()
    covariance = numpy.cov(rows, rowvar=False, bias=True)
    values, vectors = numpy.linalg.eigh(covariance)
    variance = values[: columns - latents].mean()
    loadings = vectors[:, -latents:] * numpy.sqrt(values[-latents:] - variance)
    seconds = time.perf_counter() - start
    logs = numpy.log(values[-latents:]).sum() + (columns - latents) * math.log(variance)
    print(seconds, f"log-likelihood {-0.5 * (columns * math.log(2 * math.pi * math.e) + logs):.6f}", flush=True)
