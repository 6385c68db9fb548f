"""Training steps of a convolutional VAE-1 in PyTorch: the architecture of Subramanian 2020 (Damm et al. App. D.4), as the benchmark's.

Reads lines `HxWxC filters latents batch rows [device]` (filters joined by ','), answers rows per second of one pass. The number of threads (1 or 2) and the
memory order (channels first or last) are chosen by a warm-up per line, and its best is used.
"""
import math
import sys
import time

import torch
from torch import nn


def half(n):
    return (n + 1) // 2


class Model:
    def __init__(self, shape, filters, latents, foreach, last, device):
        height, width, channels = shape
        self.format = torch.channels_last if last else torch.contiguous_format
        sizes, layers = [(height, width)], []
        for inputs, outputs in zip([channels, *filters], filters):
            layers += [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU()]
            sizes.append((half(sizes[-1][0]), half(sizes[-1][1])))
        self.smallest = (filters[-1], *sizes[-1])
        width = math.prod(self.smallest)
        self.encoder = nn.Sequential(*layers, nn.Flatten(), nn.Linear(width, 2 * latents))
        layers = [nn.Linear(latents, width), nn.Unflatten(1, self.smallest)]
        for i in range(len(filters), 0, -1):
            outputs = filters[max(i - 2, 0)]
            missing = tuple(big - (2 * little - 1) for big, little in zip(sizes[i - 1], sizes[i]))
            layers += [nn.ConvTranspose2d(filters[i - 1], outputs, 3, 2, 1, missing), nn.BatchNorm2d(outputs), nn.LeakyReLU()]
        self.decoder = nn.Sequential(*layers, nn.Conv2d(filters[0], channels, 3, padding=1))
        self.encoder.to(device, memory_format=self.format)
        self.decoder.to(device, memory_format=self.format)
        self.latents = latents
        self.log_variance = nn.Parameter(torch.full((), -3.0, device=device))
        self.optimiser = torch.optim.Adam([*self.encoder.parameters(), *self.decoder.parameters(), self.log_variance], lr=1e-3, foreach=foreach)

    def one_pass(self, data, batch):
        rows = data.shape[0]
        data = data.contiguous(memory_format=self.format)
        order = torch.randperm(rows, device=data.device)
        self.finish(data)
        start = time.perf_counter()
        for first in range(0, rows - batch + 1, batch):
            x = data[order[first : first + batch]]
            heads = self.encoder(x)
            mean, log_tau = heads[:, : self.latents], heads[:, self.latents :]
            z = mean + torch.exp(0.5 * log_tau) * torch.randn_like(mean)
            error = (x - self.decoder(z)).square().sum()
            reconstruction = 0.5 * x.numel() * (math.log(2 * math.pi) + self.log_variance) + 0.5 * torch.exp(-self.log_variance) * error
            kl = 0.5 * (mean.square() + log_tau.exp() - 1 - log_tau).sum()
            self.optimiser.zero_grad()
            ((reconstruction + kl) / batch).backward()
            self.optimiser.step()
        self.finish(data)
        return rows // batch * batch / (time.perf_counter() - start)

    @staticmethod
    def finish(data):
        if data.is_cuda:
            torch.cuda.synchronize()


def main():
    print("ready PyTorch", torch.__version__, flush=True)
    best = {}
    for line in sys.stdin:
        size, filters, latents, batch, rows, *place = line.split()
        device = place[0] if place else "cpu"
        shape, filters = [int(s) for s in size.split("x")], [int(f) for f in filters.split(",")]
        latents, batch, rows = int(latents), int(batch), int(rows)
        data = torch.rand(rows, shape[2], shape[0], shape[1], device=device)
        key = size, tuple(filters), latents, batch, device
        if key not in best:
            trials = []
            for threads in (1, 2) if device == "cpu" else (1,):
                for last in (False, True):
                    torch.set_num_threads(threads)
                    model = Model(shape, filters, latents, device != "cpu", last, device)
                    model.one_pass(data[:batch], batch)
                    trials.append((model.one_pass(data[: 2 * batch], batch), threads, model))
            best[key] = max(trials, key=lambda t: t[0])
        _, threads, model = best[key]
        torch.set_num_threads(threads)
        print(model.one_pass(data, batch), threads, flush=True)


main()
