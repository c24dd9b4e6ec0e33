"""Compares two files of arrays, tensors, tables or pictures; run with the project's own Python.

The libraries that can read such files are where the project is, and what they read was written by
the project: so this is done in the same isolation as a run, and the answer is a line of JSON.
"""

import json
import os
import sys

import inert

sys.path[:] = [item for item in sys.path if os.path.abspath(item or ".") != os.path.dirname(
    os.path.abspath(__file__))]  # fmt: skip
MOST, DEEPEST = 100_000, 30


def leaves(value, name="", depth=0):
    """Yield name and value of everything that is held, in order."""
    if depth > DEEPEST:
        raise ValueError("it is nested deeper than %d" % DEEPEST)
    if hasattr(value, "detach"):
        yield (
            name,
            value.detach().cpu().resolve_conj().float().numpy()
            if str(value.dtype) == "torch.bfloat16"
            else value.detach().cpu().resolve_conj().numpy(),
        )
    elif isinstance(value, inert.Stub):
        yield from leaves(value.plain(), name, depth + 1)
    elif hasattr(value, "dtype") or value is None or isinstance(value, (int, float, str, bytes)):
        yield name, value
    elif isinstance(value, dict) or hasattr(value, "items"):
        for key in value:
            yield from leaves(value[key], "%s.%s" % (name, key) if name else str(key), depth + 1)
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from leaves(item, "%s[%d]" % (name, number), depth + 1)
    elif hasattr(value, "__dict__"):
        yield from leaves(vars(value), name, depth + 1)
    elif isinstance(value, (set, frozenset)):
        yield from leaves(sorted(value, key=repr), name, depth + 1)
    else:
        # Dates, decimals and the like write their value.
        yield name, "%s %r" % (type(value).__name__, value)


def read(path, kind):
    """Return what a file holds, by its kind."""
    if kind in ("npy", "npz"):
        import numpy as np

        found = np.load(path, allow_pickle=False)
        return {name: found[name] for name in found.files} if hasattr(found, "files") else found
    if kind == "torch":
        import torch

        return torch.load(path, map_location="cpu", weights_only=True)
    if kind == "safetensors":
        return tensors(path)
    if kind == "parquet":
        return table(path)
    if kind == "image":
        return pictures(path)
    return inert.load(path)


def tensors(path):
    """Return the tensors of a file of safetensors; NumPy lacks some of their types."""
    try:
        from safetensors.numpy import load_file

        return load_file(path)
    except (ImportError, KeyError, TypeError):
        from safetensors.torch import load_file

        return load_file(path)


def table(path):
    """Return the columns of a Parquet file with their types."""
    import pyarrow.parquet

    found = pyarrow.parquet.read_table(path)
    columns = {}
    for name, column in zip(found.column_names, found.columns):
        columns[name + " (type)"] = str(column.type)
        columns[name] = column.to_pylist()
    return columns


def pictures(path):
    """Return the pixels of every frame of a picture; of a palette the colours that it shows."""
    import numpy as np
    from PIL import Image, ImageSequence

    with Image.open(path) as image:
        frames = [
            {
                "mode": frame.mode,
                "pixels": np.array(frame.convert("RGBA") if frame.mode == "P" else frame),
            }
            for frame in ImageSequence.Iterator(image)
        ]
    return frames[0] if len(frames) == 1 else {"frames": frames}


def close(one, other, rules, name):
    """Return the absolute and relative tolerance of a name."""
    import fnmatch

    for pattern, relative, absolute, ignored in rules:
        names = (name, name.rpartition(".")[2])
        if not ignored and any(fnmatch.fnmatchcase(item, pattern) for item in names):
            return relative, absolute
    return 0.0, 0.0


def left_out(name, rules):
    """Say whether a value does not count."""
    import fnmatch
    import re

    bare = re.sub(r"\[\d+\]", "", name)
    return any(
        fnmatch.fnmatchcase(item, rule[0])
        for rule in rules
        if rule[3]
        for item in (bare, bare.rpartition(".")[2])
    )


def compared(name, one, other, rules):
    """Return None for equal values, else what became of what, and whether it is allowed."""
    if hasattr(one, "dtype") and hasattr(other, "dtype"):
        return arrays(name, one, other, rules)
    if type(one) is not type(other):
        return "%s became %s" % (type(one).__name__, type(other).__name__), False
    if one == other or "nan" == repr(one) == repr(other):
        return None
    text = "%.40r became %.40r" % (one, other)
    if isinstance(one, (int, float)):
        relative, absolute = close(one, other, rules, name)
        return text, abs(one - other) <= max(absolute, relative * max(abs(one), abs(other)))
    return text, False


def arrays(name, one, other, rules):
    """Compare two arrays."""
    import numpy as np

    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype != other.dtype:
        return "%s%s became %s%s" % (
            one.dtype,
            list(one.shape),
            other.dtype,
            list(other.shape),
        ), False
    if one.tobytes() == other.tobytes():
        return None
    unequal = one != other
    if one.dtype.kind in "fc":
        unequal &= ~(np.isnan(one) & np.isnan(other))
    if not unequal.any():
        return None
    at = tuple(int(i) for i in np.argwhere(unequal)[0])
    text = "%d of %d values, first at %s: %r became %r" % (
        int(unequal.sum()), one.size, list(at), one[at].item(), other[at].item(),
    )  # fmt: skip
    if one.dtype.kind not in "fciu":
        return text, False
    wide = "complex128" if one.dtype.kind == "c" else "float64"
    gap = np.abs(one.astype(wide) - other.astype(wide))
    size = np.maximum(np.abs(one.astype(wide)), np.abs(other.astype(wide)))
    relative, absolute = close(one, other, rules, name)
    fine = bool((gap[unequal] <= np.maximum(absolute, relative * size)[unequal]).all())
    return "%s (largest difference %.3g)" % (text, float(np.nanmax(gap))), fine


def differences(one, other, rules):
    """Return what differs, by name."""
    left, right = dict(leaves(one)), dict(leaves(other))
    found = []
    for name in list(left) + [name for name in right if name not in left]:
        if left_out(name, rules):
            continue
        if name not in left or name not in right:
            found.append([name, "is missing" if name in left else "is new", False])
            continue
        told = compared(name, left[name], right[name], rules)
        if told:
            found.append([name or "the array", *told])
    return found[:MOST]


def main():
    """Answer for two files."""
    kind, one, other, rules = sys.argv[1:]
    try:
        answer = {"found": differences(read(one, kind), read(other, kind), json.loads(rules))}
    except Exception as problem:  # noqa: BLE001 - the answer says what went wrong
        answer = {"problem": "%s: %.200s" % (type(problem).__name__, problem)}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
