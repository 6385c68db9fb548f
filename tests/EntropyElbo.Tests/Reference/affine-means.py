#!/usr/bin/env python3
"""Prints the expected values of AffineDecoderTests for the digits cut at 7.5, with numpy and scikit-learn's copy of the table.

    python3 affine-means.py

For the expansion at the column means (weights F'' there), for the bound with curvature 1/4 and for S's expansion at 0: beta, latents of 32 that stay active
(activity above 0.01), objective in nats per row. Textbook forms, by a complete decomposition in numpy.
"""
import numpy
from sklearn.datasets import load_digits

rows = (load_digits().data > 7.5).astype(float)
count, columns = rows.shape
mean = rows.mean(0)
inside = numpy.clip(mean, 0.5 / count, 1 - 0.5 / count)
logit = numpy.log(inside / (1 - inside))


def solve(name, point, curvature):
    """log p to second order about a point, with the working response's covariance."""
    slope = 1 / (1 + numpy.exp(-point))
    residual = (rows - slope) / numpy.sqrt(curvature)
    base = (rows * point - numpy.log1p(numpy.exp(point)) + residual ** 2 / 2).sum(1).mean()
    centred = residual - residual.mean(0)
    values = numpy.linalg.eigvalsh(centred.T @ centred / count)[::-1]
    for beta in (0.5, 1, 2, 4):
        kept = values[:32][values[:32] > beta]
        gain = (kept - beta - beta * numpy.log(kept / beta)).sum() / 2
        active = (1 - beta / kept > 0.01).sum()
        print(name, beta, active, repr(base - values.sum() / 2 + gain))


solve("AtMeans", logit, inside * (1 - inside))
solve("BoundAtMeans", logit, numpy.full(columns, 0.25))
solve("AtZero", numpy.zeros(columns), numpy.full(columns, 0.25))
