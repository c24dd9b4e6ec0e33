"""Small programs with one planted cause each, and innocent ones that only look as if they had.

The line of a cause carries the mark `# <- variation`; other files of a program stand beside it.
"""

from __future__ import annotations

CAUSES: dict[str, dict[str, str]] = {
    "a regression whose target is drawn without a seed": {
        "main.py": """\
import json
import random

DEGREE, STEPS, RATE = 3, 200, 0.05
TARGET = [random.gauss(0, 5) for _ in range(DEGREE)]  # <- control
random.seed(1)


def powers(x):
    return [x**power for power in range(1, DEGREE + 1)]


def dot(one, other):
    return sum(a * b for a, b in zip(one, other))


weights = [0.0] * DEGREE
losses = []
for step in range(STEPS):
    x = powers(random.uniform(-1, 1))
    gap = dot(weights, x) - dot(TARGET, x)
    weights = [w - RATE * gap * value for w, value in zip(weights, x)]
    losses.append(gap * gap)
json.dump({"weights": weights, "loss": losses[-1]}, open("result.json", "w"))
"""
    },
    "unseeded random": {
        "main.py": """\
import json
import random

values = [1, 2, 3, 4, 5, 6, 7, 8]
random.shuffle(values)  # <- control
json.dump(values, open("out.json", "w"))
"""
    },
    "unseeded random in a module, after an innocent clock": {
        "main.py": """\
import json
import time

import model

started = time.time()
weights = model.begin(4)
print("took", time.time() - started)
json.dump({"weights": weights}, open("out.json", "w"))
""",
        "model.py": """\
import random


def begin(size):
    return [random.gauss(0, 1) for _ in range(size)]  # <- control
""",
    },
    "a token": {
        "main.py": """\
import secrets

name = secrets.token_hex(8)  # <- control
open("out.txt", "w").write(name)
"""
    },
    "a UUID": {
        "main.py": """\
import uuid

run = uuid.uuid4()  # <- control
open("out.txt", "w").write(f"run {run}")
"""
    },
    "a generator without a seed": {
        "main.py": """\
import random

random.seed(1)
own = random.Random()  # <- control
open("out.txt", "w").write(str([random.random(), own.random()]))
"""
    },
    "the number of the process": {
        "main.py": """\
import os

print("shard", os.getpid())
shard = os.getpid() % 1000  # <- control
open("out.txt", "w").write(f"shard {shard}")
"""
    },
    "an address": {
        "main.py": """\
class Model:
    pass


open("out.txt", "w").write(str(Model()))  # <- control
"""
    },
    "the clock": {
        "main.py": """\
import datetime
import json

stamp = datetime.datetime.now().isoformat()  # <- clock
json.dump({"made": stamp, "value": 3}, open("out.json", "w"))
"""
    },
    "the clock as a seed": {
        "main.py": """\
import random
import time

print(time.time())
random.seed(int(time.time() * 1000))  # <- clock
open("out.txt", "w").write(str(random.random()))
"""
    },
    "the year": {
        "main.py": """\
import datetime

age = datetime.date.today().year - 1990  # <- clock
open("out.txt", "w").write(str(age))
"""
    },
    "the order of a set": {
        "main.py": """\
import json

labels = {"proton", "iron", "helium", "oxygen", "carbon"}
numbers = {}
for label in labels:  # <- hash-seed
    numbers[label] = len(numbers)
json.dump(numbers, open("out.json", "w"))
"""
    },
    "a set made a list": {
        "main.py": """\
words = "the quick brown fox jumps over the lazy dog".split()
seen = sorted(set(words))
vocabulary = list(set(words))  # <- hash-seed
open("out.txt", "w").write(" ".join(vocabulary + seen))
"""
    },
    "the hash of a text": {
        "main.py": """\
names = ["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"]
chosen = [name for name in names if hash(name) % 2]  # <- hash-seed
open("out.txt", "w").write(" ".join(chosen))
"""
    },
    "the order of a listing": {
        "main.py": """\
import os

print(len(sorted(os.listdir("data"))))
files = os.listdir("data")  # <- listing-order
open("out.txt", "w").write(" ".join(files))
""",
        "data/a.csv": "1\n",
        "data/b.csv": "2\n",
        "data/c.csv": "3\n",
    },
    "the order of a glob": {
        "main.py": """\
from pathlib import Path

text = ""
for file in Path("data").glob("*.csv"):  # <- listing-order
    text += file.read_text()
Path("out.txt").write_text(text)
""",
        "data/a.csv": "1\n",
        "data/b.csv": "2\n",
        "data/c.csv": "3\n",
    },
    "local time": {
        "main.py": """\
import datetime

event = datetime.datetime.fromtimestamp(1_700_000_000)  # <- time-zone
open("out.txt", "w").write(event.isoformat())
"""
    },
    "the language": {
        "main.py": """\
import os

language = os.environ.get("LANG", "")  # <- locale
open("out.txt", "w").write("1,5" if language == "C.UTF-8" else "1.5")
"""
    },
    "the home folder": {
        "main.py": """\
import os

cache = os.path.expanduser("~/.cache/model")  # <- home
open("out.txt", "w").write(cache)
"""
    },
    "the user": {
        "main.py": """\
import getpass
import json

json.dump({"by": getpass.getuser()}, open("out.json", "w"))  # <- user
"""
    },
    "the folder of the checkout": {
        "main.py": """\
from pathlib import Path

here = Path(__file__).resolve().parent  # <- path
Path("out.txt").write_text(f"read from {here}")
"""
    },
    "the temporary folder": {
        "main.py": """\
import tempfile

place = tempfile.gettempdir()  # <- tmpdir
open("out.txt", "w").write(place)
"""
    },
    "the number of threads": {
        "main.py": """\
import os

workers = int(os.environ.get("OMP_NUM_THREADS", 4))  # <- threads
parts = [sum(1 / (i + 3) for i in range(start, 100, workers)) for start in range(workers)]
open("out.txt", "w").write(repr(sum(parts)))
"""
    },
    "the number of processors": {
        "main.py": """\
import os

workers = os.cpu_count()  # <- cpus
open("out.txt", "w").write(f"split in {workers}")
"""
    },
    "a file that is appended to": {
        "main.py": """\
with open("log.csv", "a") as stream:  # <- leftovers
    stream.write("1,2\\n")
"""
    },
    "a cache of an earlier run": {
        "main.py": """\
import os

known = os.path.exists("cache.txt")  # <- leftovers
open("cache.txt", "w").write("kept")
open("out.txt", "w").write("read" if known else "made")
"""
    },
    "a GPU that is hidden": {
        "main.py": """\
import os

device = "cpu" if os.environ.get("CUDA_VISIBLE_DEVICES") == "" else "cuda"  # <- gpu
open("out.txt", "w").write(device)
"""
    },
    "whether there is a network": {
        "main.py": """\
import socket

names = [name for _, name in socket.if_nameindex()]  # <- network
open("out.txt", "w").write("bundled" if names == ["lo"] else "latest")
"""
    },
}

CAUSES |= {
    "a member taken from a set": {
        "main.py": """\
first, *others = {"proton", "iron", "helium", "oxygen"}  # <- hash-seed
open("out.txt", "w").write(first)
"""
    },
    "the time of a file": {
        "main.py": """\
import os

open("part.txt", "w").write("7")
changed = os.stat("part.txt").st_mtime_ns  # <- clock
open("out.txt", "w").write(str(changed % 1000003))
"""
    },
    "a variable of the host": {
        "main.py": """\
import json
import os
import platform

about = {"host": platform.node(), "python": platform.python_version()}  # <- user
json.dump(about, open("out.json", "w"))
"""
    },
}

INNOCENT: dict[str, dict[str, str]] = {
    "a pause": {
        "main.py": """\
import time
from time import sleep

time.sleep(0.01)
sleep(0)
open("out.txt", "w").write("done")
"""
    },
    "a clock that is only printed": {
        "main.py": """\
import time

started = time.time()
open("out.txt", "w").write(str(sum(range(1000))))
print(f"done in {time.time() - started} s at {time.ctime()}")
"""
    },
    "a set that is sorted": {
        "main.py": """\
names = {"b", "a", "c", "zeta", "eta"}
total = 0
for name in names:
    total += len(name)
open("out.txt", "w").write(" ".join(sorted(names)) + str(total))
"""
    },
    "a listing that is sorted": {
        "main.py": """\
import os
from pathlib import Path

files = sorted(os.listdir("data"))
text = "".join(path.read_text() for path in sorted(Path("data").iterdir()))
open("out.txt", "w").write(" ".join(files) + text)
""",
        "data/a.csv": "1\n",
        "data/b.csv": "2\n",
        "data/c.csv": "3\n",
    },
    "chance that is seeded": {
        "main.py": """\
import random

random.seed(3)
open("out.txt", "w").write(str([random.random() for _ in range(5)]))
"""
    },
    "a temporary file": {
        "main.py": """\
import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "part")
    open(path, "w").write("7")
    open("out.txt", "w").write(open(path).read())
"""
    },
    "a path that leads to a file": {
        "main.py": """\
from pathlib import Path

root = Path(__file__).resolve().parent
(root / "results").mkdir(exist_ok=True)
(root / "results" / "out.txt").write_text((root / "data.txt").read_text().upper())
""",
        "data.txt": "words\n",
    },
    "a cache in the home folder": {
        "main.py": """\
import os

cache = os.path.join(os.path.expanduser("~"), ".cache-of-mine")
if not os.path.exists(cache):
    open(cache, "w").write(str(2**64))
open("out.txt", "w").write(open(cache).read())
"""
    },
    "a run name that is nowhere written": {
        "main.py": """\
import random
import uuid

print("run", uuid.uuid4(), random.random())
open("out.txt", "w").write("4")
"""
    },
    "workers as many as there are processors": {
        "main.py": """\
import os
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(os.cpu_count()) as pool:
    squares = list(pool.map(lambda number: number * number, range(50)))
open("out.txt", "w").write(str(squares))
"""
    },
    "a time in UTC": {
        "main.py": """\
import datetime

moment = datetime.datetime.fromtimestamp(1_700_000_000, datetime.timezone.utc)
open("out.txt", "w").write(moment.isoformat())
"""
    },
}
