#!/usr/bin/env python3
"""Outputs, gradients and running statistics of small convolutional encoders and decoders, from PyTorch (1.13) in doubles.

    convolution.py DIRECTORY    writes convolution.csv

Parameters, inputs and the weights of the summed outputs are sines, so that both sides know them without a file.
"""
import math
import sys

import torch
import torch.nn.functional as F

LATENTS, ROWS = 3, 10
CASES = [(6, 5, 2, [3, 4], "interleaved"), (4, 7, 3, [16, 5, 2], "planar"), (1, 2, 1, [2], "interleaved")]


def wave(count, first, step):
    return torch.tensor([math.sin(first + step * k) for k in range(count)], dtype=torch.float64)


def half(n):
    return (n + 1) // 2


class Net:
    """Tensors in the order of the library's layout, each flat as it is stored there."""

    def __init__(self):
        self.tensors = []

    def add(self, name, count):
        t = len(self.tensors)
        v = 0.5 * wave(count, 1 + 1.7 * t, 0.9)
        kind = name.split(".")[-1]
        if kind in ("scale", "running_variance"):
            v = 1 + v
        v.requires_grad_(not kind.startswith("running"))
        self.tensors.append((name, v))
        return v

    def norm(self, name, channels):
        return [self.add(f"{name}.{kind}", channels) for kind in ("scale", "shift", "running_mean", "running_variance")]


def activate(x, norm, training):
    scale, shift, mean, variance = norm
    x = F.batch_norm(x, mean, variance, scale, shift, training, 0.1, 1e-5)
    return F.leaky_relu(x, 0.01)


def images(x, h, w, c, order):
    return x.view(-1, c, h, w) if order == "planar" else x.view(-1, h, w, c).permute(0, 3, 1, 2)


def rows(x, order):
    return (x if order == "planar" else x.permute(0, 2, 3, 1)).flatten(1)


def encoder(case):
    h, w, c, filters, order = case
    net, layers = Net(), []
    for i, f in enumerate(filters):
        layers.append((net.add(f"encoder.{i}.weight", 9 * c * f), c, f, net.norm(f"encoder.{i}", f)))
        h, w, c = half(h), half(w), f
    head = (net.add(f"encoder.{len(filters)}.weight", h * w * c * 2 * LATENTS), net.add(f"encoder.{len(filters)}.bias", 2 * LATENTS))

    def run(x, training):
        x = images(x, *case[:3], order)
        for weight, inputs, outputs, norm in layers:
            x = F.conv2d(x, weight.view(3, 3, inputs, outputs).permute(3, 2, 0, 1), stride=2, padding=1)
            x = activate(x, norm, training)
        return x.permute(0, 2, 3, 1).flatten(1) @ head[0].view(-1, 2 * LATENTS) + head[1]

    return net, run, case[0] * case[1] * case[2]


def decoder(case):
    h, w, c, filters, order = case
    sizes = [(h, w)]
    for _ in filters:
        sizes.append((half(sizes[-1][0]), half(sizes[-1][1])))
    net, layers = Net(), []
    (sh, sw), f = sizes[-1], filters[-1]
    first = (net.add("decoder.0.weight", LATENTS * sh * sw * f), net.add("decoder.0.bias", sh * sw * f))
    for i in range(len(filters), 0, -1):
        inputs, outputs = filters[i - 1], filters[max(i - 2, 0)]
        name = f"decoder.{len(filters) - i + 1}"
        layers.append((net.add(f"{name}.weight", inputs * 9 * outputs), inputs, outputs, net.norm(name, outputs), sizes[i], sizes[i - 1]))
    name = f"decoder.{len(filters) + 1}"
    last = (net.add(f"{name}.weight", filters[0] * 9 * c), net.add(f"{name}.bias", c))

    def run(z, training):
        x = (z @ first[0].view(LATENTS, -1) + first[1]).view(-1, sh, sw, f).permute(0, 3, 1, 2)
        for weight, inputs, outputs, norm, small, large in layers:
            missing = tuple(big - (2 * (little - 1) + 1) for big, little in zip(large, small))
            x = F.conv_transpose2d(x, weight.view(inputs, 3, 3, outputs).permute(0, 3, 1, 2), stride=2, padding=1, output_padding=missing)
            x = activate(x, norm, training)
        x = F.conv_transpose2d(x, last[0].view(filters[0], 3, 3, c).permute(0, 3, 1, 2), last[1], padding=1)
        return rows(x, order)

    return net, run, LATENTS


with open(f"{sys.argv[1]}/convolution.csv", "w", encoding="ascii", newline="\n") as out:
    out.write("case,network,quantity,values\n")

    def write(case, network, quantity, values):
        out.write(f"{case},{network},{quantity}," + " ".join(repr(float(v)) for v in values.flatten()) + "\n")

    for number, case in enumerate(CASES):
        for network, make in (("encoder", encoder), ("decoder", decoder)):
            net, run, width = make(case)
            x = wave(ROWS * width, 0.3, 1.1).view(ROWS, width).requires_grad_()
            with torch.no_grad():
                write(number, network, "evaluated", run(x, False))
            y = run(x, True)
            (y.flatten() * wave(y.numel(), 0.2, 0.7)).sum().backward()
            write(number, network, "output", y)
            if network == "decoder":
                write(number, network, "input gradient", x.grad)
            for name, tensor in net.tensors:
                write(number, network, name, tensor.grad if tensor.requires_grad else tensor)
