#!/usr/bin/env python3
"""Writes threefry.csv: outputs of Threefry-2x64-20 and of whole streams, from the algorithm as published.

J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC'11: rotation constants of table 2,
key schedule parity C240 = 0x1BD11BDAA9FC1A22, a key injection after every fourth round. Written with Python's unbounded
integers, one round at a time, and checked against the three known answers of the Random123 distribution.
"""
import csv
import os
import random

MASK = 2 ** 64 - 1
ROTATIONS = [16, 42, 12, 31, 16, 32, 24, 21]


def threefry(key, counter, rounds=20):
    schedule = [key[0], key[1], 0x1BD11BDAA9FC1A22 ^ key[0] ^ key[1]]
    x = [(counter[i] + key[i]) & MASK for i in range(2)]
    for r in range(rounds):
        x[0] = (x[0] + x[1]) & MASK
        n = ROTATIONS[r % 8]
        x[1] = ((x[1] << n) | (x[1] >> (64 - n))) & MASK
        x[1] ^= x[0]
        if r % 4 == 3:
            s = r // 4 + 1
            x[0] = (x[0] + schedule[s % 3]) & MASK
            x[1] = (x[1] + schedule[(s + 1) % 3] + s) & MASK
    return x


KNOWN = [
    ((0, 0), (0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
    ((MASK, MASK), (MASK, MASK), (0xE02CB7C4D95D277A, 0xD06633D0893B8B68)),
    ((0xA4093822299F31D0, 0x082EFA98EC4E6C89), (0x243F6A8885A308D3, 0x13198A2E03707344), (0x263C7D30BB0F0AF1, 0x56BE8361D3311526)),
]


def main():
    source = random.Random(20)
    lines = []
    for key, counter, answer in KNOWN:
        assert tuple(threefry(key, counter)) == answer
    draws = [(k, c) for k, c, _ in KNOWN] + [(tuple(source.getrandbits(64) for _ in range(2)), tuple(source.getrandbits(64) for _ in range(2))) for _ in range(200)]
    for key, counter in draws:
        lines.append(["block", *(f"{v:016x}" for v in (*key, *counter)), " ".join(f"{v:016x}" for v in threefry(key, counter))])
    # Streams: key (seed, purpose << 56 xor major), counter (minor, position), both words of each block in turn.
    for seed, purpose, major, minor in [(0, 1, 0, 0), (42, 3, 0, 0), (42, 3, 7, 1), (MASK, 8, 2 ** 56 - 1, MASK), (123456789, 5, 10, 2 ** 40)]:
        words = [w for position in range(6) for w in threefry((seed, (purpose << 56) ^ major), (minor, position))]
        lines.append(["stream", f"{seed:016x}", f"{purpose:016x}", f"{major:016x}", f"{minor:016x}", " ".join(f"{w:016x}" for w in words)])
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "threefry.csv"), "w", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["kind", "key0", "key1", "counter0", "counter1", "words"])
        writer.writerows(lines)


if __name__ == "__main__":
    main()
