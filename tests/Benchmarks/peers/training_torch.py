"""VAE-1 training steps in PyTorch on CPU: the same network, batch and optimiser as the benchmark's.

Reads lines `sizes batch rows` (sizes joined by '-', rows -> hidden -> latents), answers rows per second of one pass. The
number of threads (1 or 2) and Adam's loop (foreach or not) are chosen by a warm-up per shape, and its best is used.
"""
import math
import sys
import time

import torch


def build(sizes, foreach):
    columns, hidden, latents = sizes[0], sizes[1:-1], sizes[-1]

    def mlp(widths):
        layers = []
        for i in range(len(widths) - 1):
            layers.append(torch.nn.Linear(widths[i], widths[i + 1]))
            if i < len(widths) - 2:
                layers.append(torch.nn.LeakyReLU(0.01))
        return torch.nn.Sequential(*layers)

    encoder = mlp([columns, *hidden, 2 * latents])
    decoder = mlp([latents, *hidden[::-1], columns])
    log_variance = torch.nn.Parameter(torch.tensor(-3.0))
    parameters = [*encoder.parameters(), *decoder.parameters(), log_variance]
    return encoder, decoder, log_variance, torch.optim.Adam(parameters, lr=1e-3, foreach=foreach)


def one_pass(model, data, batch, latents):
    encoder, decoder, log_variance, optimiser = model
    rows, columns = data.shape
    order = torch.randperm(rows)
    start = time.perf_counter()
    for first in range(0, rows - batch + 1, batch):
        x = data[order[first : first + batch]]
        heads = encoder(x)
        mean, log_tau = heads[:, :latents], heads[:, latents:]
        z = mean + torch.exp(0.5 * log_tau) * torch.randn_like(mean)
        error = (x - decoder(z)).square().sum()
        kl = 0.5 * (mean.square() + log_tau.exp() - 1 - log_tau).sum()
        normaliser = 0.5 * columns * batch * (math.log(2 * math.pi) + log_variance)
        loss = (normaliser + 0.5 * torch.exp(-log_variance) * error + kl) / batch
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return rows // batch * batch / (time.perf_counter() - start)


def main():
    print("ready PyTorch", torch.__version__, flush=True)
    best = {}
    for line in sys.stdin:
        shape, batch, rows = line.split()
        sizes, batch, rows = [int(s) for s in shape.split("-")], int(batch), int(rows)
        data = torch.rand(rows, sizes[0])
        if shape not in best:
            trials = []
            for threads in (1, 2):
                for foreach in (False, True):
                    torch.set_num_threads(threads)
                    model = build(sizes, foreach)
                    one_pass(model, data[: max(batch * 4, rows // 8)], batch, sizes[-1])
                    trials.append((one_pass(model, data[: max(batch * 8, rows // 4)], batch, sizes[-1]), threads, model))
            best[shape] = max(trials, key=lambda t: t[0])
        _, threads, model = best[shape]
        torch.set_num_threads(threads)
        print(one_pass(model, data, batch, sizes[-1]), threads, flush=True)


main()
