"""Starts of mixtures: how many of eight seeds reach the best known optimum, in scikit-learn and in the tool.

python3 mixture_starts_sklearn.py NAME=entropy-elbo.dll [NAME=other.dll ...]

Makes the blobs, takes iris, wine, cancer and the first ten scores of the digits from scikit-learn (all standardised), fits
each by GaussianMixture with one and with ten starts, and by each tool named, and prints the table of docs/experiments.md.
Fits with a component at its floor (reg_covar, or the tool's warning) are no optima: they are counted apart.
"""
import json, os, subprocess, sys, tempfile, time, warnings
import numpy as np
from sklearn import datasets, decomposition
from sklearn.mixture import GaussianMixture

warnings.filterwarnings("ignore")
SEEDS = range(1, 9)
KINDS = {"spherical": "gaussian-spherical", "diag": "gaussian-diagonal", "full": "gaussian-full"}


def blobs(groups, seed):
    random = np.random.default_rng(seed)
    centres = []
    while len(centres) < groups:
        centre = random.uniform(0, 15 * groups, 2)
        if all(np.linalg.norm(centre - c) >= 15 for c in centres):
            centres.append(centre)
    return np.concatenate([random.normal(c, 1, (100, 2)) for c in centres])


def standard(x):
    deviations = x.std(0)
    return (x - x.mean(0))[:, deviations > 0] / deviations[deviations > 0]


def tables():
    digits = decomposition.PCA(10, random_state=0).fit_transform(datasets.load_digits().data)
    yield "five blobs", blobs(5, 1), 5, ["spherical"]
    yield "eight blobs", blobs(8, 2), 8, ["spherical"]
    yield "iris", standard(datasets.load_iris().data), 3, ["diag", "full"]
    yield "wine", standard(datasets.load_wine().data), 3, ["diag", "full"]
    yield "cancer", standard(datasets.load_breast_cancer().data), 3, ["diag", "full"]
    yield "digits' scores", standard(digits), 10, ["diag", "full"]


def sklearn(x, components, kind, starts):
    def run(seed):
        model = GaussianMixture(components, covariance_type=kind, n_init=starts, random_state=seed, tol=1e-7, max_iter=1000)
        value = model.fit(x).score(x)
        covariances = model.covariances_ if kind == "full" else [np.diag(np.atleast_1d(c)) for c in model.covariances_]
        return np.nan if min(np.linalg.eigvalsh(c)[0] for c in covariances) < 1e-5 else value
    return run


def tool(dll, path, components, kind):
    def run(seed):
        command = ["dotnet", dll, "fit", path, "--model", f"mixture:{KINDS[kind]}", "--components", str(components), "--scale", "none", "--seed", str(seed), "--json"]
        report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        tool.seconds = report["seconds"]
        return np.nan if any("floor" in w for w in report["warnings"]) else report["elbo"]
    return run


def measure(run):
    values, seconds = [], []
    for seed in SEEDS:
        tool.seconds = None
        begin = time.perf_counter()
        values.append(run(seed))
        seconds.append(tool.seconds if tool.seconds is not None else time.perf_counter() - begin)
    return np.array(values), np.median(seconds)


def main():
    tools = dict(argument.split("=", 1) for argument in sys.argv[1:])
    folder = tempfile.mkdtemp()
    print("| data | components | by | seeds at the best known optimum | at a floor | worst, nats below it | best, nats below it | median s |\n|---|---|---|---|---|---|---|---|")
    for name, x, components, kinds in tables():
        path = os.path.join(folder, "rows.csv")
        np.savetxt(path, x, delimiter=",", fmt="%.17g")
        for kind in kinds:
            runs = {"scikit-learn, 1 start": sklearn(x, components, kind, 1), "scikit-learn, 10 starts": sklearn(x, components, kind, 10)}
            runs |= {label: tool(dll, path, components, kind) for label, dll in tools.items()}
            results = {label: measure(run) for label, run in runs.items()}
            best = max(np.nanmax(values) for values, _ in results.values())
            for label, (values, seconds) in results.items():
                reached = int((values > best - 0.01).sum())
                print(f"| {name} | {components} {kind} | {label} | {reached} of 8 | {int(np.isnan(values).sum())} | {best - np.nanmin(values):.4f} | {best - np.nanmax(values):.4f} | {seconds:.2f} |", flush=True)


main()
