#!/usr/bin/env python3
"""Kills fits of the tool (signals 9 and 15, in training and while files are written) and counts what must not happen.

    dotnet build -c Release src/EntropyElbo.Cli
    python3 tests/tools/kills.py [KILLS]        # default 200; about 3 s each

After every kill the model and the checkpoint that are there must be whole (their SHA-256 is right), and the next run must
go on from the checkpoint and leave no file of its own or of the killed. Prints one line per kind of kill; exit status 1
where there was a violation. Linux.
"""
import hashlib, json, os, random, re, shutil, signal, struct, subprocess, sys, tempfile, time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DLL = os.environ.get("EE_DLL", os.path.join(ROOT, "src/EntropyElbo.Cli/bin/Release/net10.0/entropy-elbo.dll"))
ROWS, COLUMNS, PATIENCE = 400, 30, 120
FOREVER = 1_000_000
KINDS = [  # name, hidden layers, epochs, whether to wait for a file that is half written
    ("in training", "16", FOREVER, False),
    ("writing checkpoints", "1500,1000", FOREVER, True),
    ("writing the model", "1500,1000", 1, True),
]


def whole(path):
    """Whether a model file is there whole: the checksum over all but its own 64 digits."""
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    digits = json.loads(data[8:8 + length])["__metadata__"]["sha256"]
    at = data.index(digits.encode())
    return hashlib.sha256(data[:at] + b"0" * 64 + data[at + 64:]).hexdigest() == digits


def command(folder, hidden, epochs):
    return ["dotnet", DLL, "fit", os.path.join(folder, "d.csv"), "--model", "vae-1", "--latents", "2", "--hidden", hidden, "--epochs", str(epochs),
            "--learning-rate", "1e-6", "--threads", "1", "--out", os.path.join(folder, "m.eelbo"), "--checkpoint", os.path.join(folder, "c.eelbo"), "--resume"]


def temporary(folder):
    return [f for f in os.listdir(folder) if f.startswith(".eelbo-")]


def writes(folder):
    """Whether a file is being written now: larger than a claim."""
    for name in temporary(folder):
        try:
            if os.path.getsize(os.path.join(folder, name)) > 1 << 17:
                return True
        except FileNotFoundError:
            pass
    return False


def await_moment(folder, process, epochs, writing):
    """A random moment of training, or one at which a file is half written. The first checkpoint is there."""
    end = time.monotonic() + PATIENCE
    runs = lambda: process.poll() is None and time.monotonic() < end
    while not os.path.exists(os.path.join(folder, "c.eelbo")) and runs():
        time.sleep(0.0005)
    if epochs == FOREVER:
        time.sleep(random.uniform(0, 0.6))
    while writing and not writes(folder) and runs():
        time.sleep(0.0005)


def kill_once(kind, number, folder, seen):
    name, hidden, epochs, writing = kind
    for old in os.listdir(folder):
        if old != "d.csv":
            os.remove(os.path.join(folder, old))
    process = subprocess.Popen(command(folder, hidden, epochs), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    await_moment(folder, process, epochs, writing)
    seen["writing"] += writes(folder)
    process.send_signal(number)
    try:
        error = process.communicate(timeout=PATIENCE)[1].decode()
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        error = "did not end"
    check_killed(folder, number, epochs, process.returncode, error.strip()[:200], seen)
    check_next(folder, hidden, seen)


def check_killed(folder, number, epochs, status, error, seen):
    left = temporary(folder)
    seen["left"] += len(left)
    allowed = (-9,) if number == 9 else (130,) if epochs == FOREVER else (130, 0)  # What is trained to its end is only written.
    if status not in allowed:
        seen["violations"].append(f"exit {status}: {error}")
    if number == 15 and (left or not os.path.exists(os.path.join(folder, "m.eelbo"))):
        seen["violations"].append(f"SIGTERM left {left} or no model")
    for name in ("m.eelbo", "c.eelbo"):
        path = os.path.join(folder, name)
        if os.path.exists(path) and not whole(path):
            seen["violations"].append(f"{name} is not whole")


def check_next(folder, hidden, seen):
    run = subprocess.run(command(folder, hidden, 1), capture_output=True, timeout=PATIENCE)
    if run.returncode != 0 or b"there is no checkpoint" in run.stderr:
        seen["violations"].append(f"next run: exit {run.returncode} {run.stderr.decode().strip()[:200]}")
    rest = sorted(set(os.listdir(folder)) - {"d.csv", "m.eelbo", "c.eelbo"})
    seen["rest"] += len(rest)
    for name in rest:
        seen["violations"].append(f"left after the next run: {name}")


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    random.seed(1)
    folder = tempfile.mkdtemp(prefix="eelbo-kills-")
    with open(os.path.join(folder, "d.csv"), "w") as data:
        data.write(",".join(f"x{i}" for i in range(COLUMNS)) + "\n")
        for _ in range(ROWS):
            data.write(",".join(f"{random.gauss(0, 1):.4f}" for _ in range(COLUMNS)) + "\n")
    total = []
    kinds = [(kind, number) for kind in KINDS for number in (9, 15)]
    for index, (kind, number) in enumerate(kinds):
        count = kills // len(kinds) + (index < kills % len(kinds))
        seen = {"writing": 0, "left": 0, "rest": 0, "violations": []}
        for _ in range(count):
            kill_once(kind, number, folder, seen)
        total += seen["violations"]
        print(f"{kind[0]:20} signal {number:2}: {count} kills, {seen['writing']} with a file half written, {seen['left']} files left by them, "
              f"{seen['rest']} after the next run, {len(seen['violations'])} violations", flush=True)
    for violation in total:
        print("  " + violation)
    shutil.rmtree(folder)
    print(f"{kills} kills, {len(total)} violations")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
