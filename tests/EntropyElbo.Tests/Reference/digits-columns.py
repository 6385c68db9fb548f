"""Column statistics of the UCI optical digits as scikit-learn ships them: writes digits-columns.csv beside this file.

Sums of integers are exact, so mean and population standard deviation are correct to the last digit or so.
"""
import csv
import math
import pathlib
from fractions import Fraction

from sklearn.datasets import load_digits

digits = load_digits()
columns = [[int(v) for v in column] for column in digits.data.T] + [[int(v) for v in digits.target]]
names = [f"p{i:02d}" for i in range(64)] + ["label"]

with open(pathlib.Path(__file__).with_suffix(".csv"), "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["column", "sum", "mean", "deviation", "minimum", "maximum"])
    for name, values in zip(names, columns):
        n = len(values)
        mean = Fraction(sum(values), n)
        variance = Fraction(sum(v * v for v in values), n) - mean * mean
        writer.writerow([name, sum(values), repr(float(mean)), repr(math.sqrt(variance)), min(values), max(values)])
