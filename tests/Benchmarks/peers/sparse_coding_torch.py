"""V's sparse coding in PyTorch: the entropy form LH (eq. 15) by autograd, and the E-step of a batch by L-BFGS as the paper does it.

Prints "ready" and its version, then for every line "FILE ROWS COLUMNS LATENTS TYPE THREADS" read (tabs between; FILE: doubles, the rows, W
[COLUMNS, LATENTS], lambda, sigma^2, nu and tau of diagonal q) prints LH at that point with the length of its gradient by the fields along
the unit spheres, the time of one value with its gradient by W, nu and log tau, and the time of L-BFGS on nu and log tau from nu = 0, tau =
lambda, under lambda and sigma^2 as given (so that what is reached can be compared), after 20 and 100 iterations, with the classical ELBO
reached.
"""
import math
import sys
import time

import numpy
import torch


def mean_size(nu, tau):
    a = nu / tau
    return tau * math.sqrt(2 / math.pi) * torch.exp(-0.5 * a * a) + nu * torch.erf(a / math.sqrt(2))


def parts(x, w, nu, log_tau):
    tau = log_tau.exp()
    entropy = (log_tau + 0.5 * math.log(2 * math.pi * math.e)).sum(1).mean()
    error = ((x - nu @ w.T) ** 2).sum(1).mean() + ((w * w).sum(0) * tau * tau).sum(1).mean()
    return entropy, mean_size(nu, tau).mean(0), error / x.shape[1]


def entropy_form(x, w, nu, log_tau):
    w = w / w.norm(dim=0)
    entropy, sizes, error = parts(x, w, nu, log_tau)
    return entropy - (1 + torch.log(2 * sizes)).sum() - 0.5 * x.shape[1] * (math.log(2 * math.pi * math.e) + torch.log(error))


def classical(x, w, nu, log_tau, scales, noise):
    entropy, sizes, error = parts(x, w, nu, log_tau)
    return entropy - (torch.log(2 * scales) + sizes / scales).sum() - 0.5 * x.shape[1] * (torch.log(2 * math.pi * noise) + error / noise)


def expectation(x, w, scales, noise, iterations):
    nu = torch.zeros(x.shape[0], w.shape[1], dtype=x.dtype, requires_grad=True)
    log_tau = scales.log().repeat(x.shape[0], 1).clone().requires_grad_(True)
    optimizer = torch.optim.LBFGS([nu, log_tau], max_iter=iterations, history_size=10, line_search_fn="strong_wolfe", tolerance_change=1e-12, tolerance_grad=1e-9)

    def closure():
        optimizer.zero_grad()
        loss = -x.shape[0] * classical(x, w, nu, log_tau, scales, noise)
        loss.backward()
        return loss

    start = time.perf_counter()
    optimizer.step(closure)
    seconds = time.perf_counter() - start
    return seconds, classical(x, w, nu, log_tau, scales, noise).item()


def main():
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        file, n, d, h, kind, threads = line.rstrip("\n").split("\t")
        n, d, h = int(n), int(d), int(h)
        torch.set_num_threads(int(threads))
        pieces = numpy.split(numpy.fromfile(file), numpy.cumsum([n * d, d * h, h, 1, n * h]))
        x, w, scales, noise, nu, tau = (torch.tensor(p, dtype=getattr(torch, kind)) for p in pieces)
        x, w, nu, log_tau = x.reshape(n, d), w.reshape(d, h), nu.reshape(n, h), tau.reshape(n, h).log()
        point = [t.clone().requires_grad_(True) for t in (w, nu, log_tau)]
        best = math.inf
        for _ in range(30):
            for t in point:
                t.grad = None
            start = time.perf_counter()
            value = entropy_form(x, *point)
            value.backward()
            best = min(best, time.perf_counter() - start)
        steps = [expectation(x, w, scales, noise[0], k) for k in (20, 100)]
        print(f"LH {value.item():.6f}, |gradient by the fields| {point[0].grad.norm().item():.8g}; value and gradient {1e3 * best:.2f} ms, "
              f"{1e6 * best / n:.2f} us a row; " + "; ".join(f"L-BFGS {k} iterations {1e3 * s:.0f} ms to {v:.6f}" for k, (s, v) in zip((20, 100), steps)), flush=True)


main()
