#!/usr/bin/env python3
"""Model files from the published safetensors layout and docs/model-file.md, with numpy and hashlib alone.

    modelfile.py write FILE   writes the reference file that the suite reads (ModelFileTests)
    modelfile.py show FILE    checks a model file and prints what is in it

safetensors layout: 8-byte little-endian header length, JSON header, data section; offsets are relative to the data
section and tile it. Checksum: SHA-256 of the whole file with the 64 digits of metadata.sha256 replaced by '0'.
"""
import hashlib
import json
import struct
import sys

import numpy as np

DTYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}


def write(path, metadata, tensors):
    header, data = {"__metadata__": {**metadata, "sha256": "0" * 64}}, b""
    for name, array in tensors.items():
        dtype = next(key for key, value in DTYPES.items() if np.dtype(value) == array.dtype)
        raw = np.ascontiguousarray(array).astype(DTYPES[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file = struct.pack("<Q", len(text)) + text + data
    digits = hashlib.sha256(file).hexdigest().encode()
    mark = b'"sha256": "'
    at = file.index(mark) + len(mark)
    with open(path, "wb") as out:
        out.write(file[:at] + digits + file[at + 64:])


def read(path):
    with open(path, "rb") as source:
        file = source.read()
    length, = struct.unpack("<Q", file[:8])
    header = json.loads(file[8:8 + length])
    metadata, data = header.pop("__metadata__"), file[8 + length:]
    digits = metadata["sha256"].encode()
    if hashlib.sha256(file.replace(digits, b"0" * 64, 1)).hexdigest().encode() != digits:
        raise ValueError(f"{path} does not agree with its checksum")
    tensors, covered = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        assert begin == covered, (name, begin, covered)
        covered = end
        tensors[name] = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        assert begin % tensors[name].itemsize == 0, name
    assert covered == len(data)
    return metadata, tensors


def reference():
    metadata = {
        "format": "eelbo",
        "formatVersion": "1",
        "family": "reference",
        "familyVersion": "3",
        "libraryVersion": "0.1.0",
        "options": json.dumps({"latentDimension": 4, "learningRate": 0.1, "klWeight": "Infinity", "name": "größe \U0001F600"}),
    }
    tensors = {
        "decoder.weight": (np.arange(6, dtype=np.float32) / np.float32(3)).reshape(2, 3),
        "step": np.array(2 ** 53 + 1, dtype=np.int64),
        "moments": np.array([np.pi, -0.0, np.inf, 5e-324], dtype=np.float64),
        "nothing": np.zeros((0, 7), dtype=np.float32),
    }
    return metadata, tensors


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "show"):
        sys.exit(__doc__)
    if sys.argv[1] == "write":
        write(sys.argv[2], *reference())
    facts, arrays = read(sys.argv[2])
    for key, value in facts.items():
        print(key, value)
    for name, array in arrays.items():
        print(name, array.dtype, array.shape, array.ravel()[:8].tolist())
