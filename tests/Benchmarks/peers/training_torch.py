"""Training steps of the VAE family in PyTorch on CPU: the same network, batch and optimiser as the benchmark's.

Reads lines `sizes batch rows member [device]` (sizes joined by '-', rows -> hidden -> latents; member vae-0, vae-1, vae-2, vae-d, vae-3 or sparse-vae,
or a likelihood bernoulli, binomial or poisson with the networks of vae-1), answers rows per second of one pass. The number of threads
(1 or 2) and Adam's loop (foreach or not) are chosen by a warm-up per line, and its best is used.
"""
import math
import sys
import time

import torch

TRIALS = 8


class Model:
    def __init__(self, sizes, member, foreach, device):
        columns, hidden, latents = sizes[0], sizes[1:-1], sizes[-1]
        self.member, self.columns, self.latents = member, columns, latents

        def mlp(widths):
            layers = []
            for i in range(len(widths) - 1):
                layers.append(torch.nn.Linear(widths[i], widths[i + 1], device=device))
                if i < len(widths) - 2:
                    layers.append(torch.nn.LeakyReLU(0.01))
            return torch.nn.Sequential(*layers)

        self.encoder = mlp([columns, *hidden, 2 * latents])
        self.decoder = mlp([latents, *hidden[::-1], columns])
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        if member == "vae-3":
            self.variances = mlp([latents, *hidden[::-1], columns])
            parameters += self.variances.parameters()
        elif member == "vae-0":
            self.log_variance = torch.tensor(-3.0, device=device)
        elif member not in ("bernoulli", "binomial", "poisson"):
            self.log_variance = torch.nn.Parameter(torch.full((columns,) if member == "vae-d" else (), -3.0, device=device))
            parameters.append(self.log_variance)
        if member in ("vae-2", "sparse-vae"):
            self.log_prior = torch.nn.Parameter(torch.zeros(latents, device=device))
            parameters.append(self.log_prior)
        self.optimiser = torch.optim.Adam(parameters, lr=1e-3, foreach=foreach)

    def kl(self, mean, log_tau):
        if self.member == "sparse-vae":
            tau = torch.exp(0.5 * log_tau)
            ratio = mean / tau
            size = tau * math.sqrt(2 / math.pi) * torch.exp(-0.5 * ratio.square()) + mean * torch.erf(ratio / math.sqrt(2))
            return (math.log(2) + self.log_prior + size * torch.exp(-self.log_prior) - 0.5 * (math.log(2 * math.pi * math.e) + log_tau)).sum()
        if self.member == "vae-2":
            square = (mean.square() + log_tau.exp()) * torch.exp(-self.log_prior)
            return 0.5 * (square - 1 - log_tau + self.log_prior).sum()
        return 0.5 * (mean.square() + log_tau.exp() - 1 - log_tau).sum()

    def reconstruction(self, x, z):
        output = self.decoder(z)
        if self.member == "bernoulli":
            return torch.nn.functional.binary_cross_entropy_with_logits(output, x, reduction="sum")
        if self.member == "binomial":
            return (TRIALS * torch.nn.functional.softplus(output) - x * output).sum()
        if self.member == "poisson":
            return (torch.exp(output) - x * output).sum()
        if self.member == "vae-3":
            log_variance = self.variances(z)
            return 0.5 * (math.log(2 * math.pi) + log_variance + (x - output).square() * torch.exp(-log_variance)).sum()
        if self.member == "vae-d":
            return 0.5 * (math.log(2 * math.pi) + self.log_variance + (x - output).square() * torch.exp(-self.log_variance)).sum()
        error = (x - output).square().sum()
        return 0.5 * x.numel() * (math.log(2 * math.pi) + self.log_variance) + 0.5 * torch.exp(-self.log_variance) * error

    def one_pass(self, data, batch):
        rows = data.shape[0]
        order = torch.randperm(rows, device=data.device)
        self.finish(data)
        start = time.perf_counter()
        for first in range(0, rows - batch + 1, batch):
            x = data[order[first : first + batch]]
            heads = self.encoder(torch.log1p(x) if self.member == "poisson" else x)
            mean, log_tau = heads[:, : self.latents], heads[:, self.latents :]
            z = mean + torch.exp(0.5 * log_tau) * torch.randn_like(mean)
            loss = (self.reconstruction(x, z) + self.kl(mean, log_tau)) / batch
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            if self.member in ("vae-2", "sparse-vae"):
                with torch.no_grad():
                    weight = self.decoder[0].weight
                    weight /= weight.norm(dim=0, keepdim=True)
        self.finish(data)
        return rows // batch * batch / (time.perf_counter() - start)

    @staticmethod
    def finish(data):
        if data.is_cuda:
            torch.cuda.synchronize()


def draw(rows, columns, member):
    uniform = torch.rand(rows, columns)
    levels = {"bernoulli": 2, "binomial": TRIALS + 1, "poisson": 4}
    return torch.floor(levels[member] * uniform) if member in levels else uniform


def main():
    print("ready PyTorch", torch.__version__, flush=True)
    best = {}
    for line in sys.stdin:
        shape, batch, rows, member, *place = line.split()
        device = place[0] if place else "cpu"
        sizes, batch, rows = [int(s) for s in shape.split("-")], int(batch), int(rows)
        data = draw(rows, sizes[0], member).to(device)
        key = shape, member, batch, device
        if key not in best:
            trials = []
            for threads in (1, 2) if device == "cpu" else (1,):
                for foreach in (False, True):
                    torch.set_num_threads(threads)
                    model = Model(sizes, member, foreach, device)
                    model.one_pass(data[: max(batch * 4, rows // 8)], batch)
                    trials.append((model.one_pass(data[: max(batch * 8, rows // 4)], batch), threads, model))
            best[key] = max(trials, key=lambda t: t[0])
        _, threads, model = best[key]
        torch.set_num_threads(threads)
        print(model.one_pass(data, batch), threads, flush=True)


main()
