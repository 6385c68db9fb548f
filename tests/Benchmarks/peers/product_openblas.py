"""Single-thread float32 products of numpy (OpenBLAS), timed on request.

Prints "ready", then for every line "FORM ROWS INPUTS OUTPUTS" read prints GFLOP/s.
Forward: X W; Inputs: dY W^T; Weights: X^T dY. Only the product is timed: no bias, activation or gate.
"""
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
import time

import numpy


def operands(form, rows, inputs, outputs):
    random = numpy.random.default_rng(2026)
    draw = lambda *shape: random.random(shape, dtype=numpy.float32) - numpy.float32(0.5)
    x, w, dy = draw(rows, inputs), draw(inputs, outputs), draw(rows, outputs)
    return {"Forward": (x, w), "Inputs": (dy, w.T), "Weights": (x.T, dy)}[form]


def main():
    print("ready", flush=True)
    kept = {}
    for line in sys.stdin:
        form, *shape = line.split()
        rows, inputs, outputs = map(int, shape)
        key = (form, rows, inputs, outputs)
        if key not in kept:
            left, right = operands(*key)
            kept[key] = (left, right, numpy.empty((left.shape[0], right.shape[1]), numpy.float32))
            numpy.matmul(*kept[key][:2], out=kept[key][2])
        left, right, out = kept[key]
        flops = 2.0 * rows * inputs * outputs
        repeats = max(1, int(2e7 / flops))
        best = float("inf")
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(repeats):
                numpy.matmul(left, right, out=out)
            best = min(best, time.perf_counter() - start)
        print(flops * repeats / best / 1e9, flush=True)


main()
