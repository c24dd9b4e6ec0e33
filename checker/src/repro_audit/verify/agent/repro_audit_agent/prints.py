"""Short descriptions of values by which two runs are compared; None for what has none."""

import hashlib
import re

PLAIN = (int, float, complex, str, bytes, bool)
MOST, DEEPEST, LONGEST, LARGEST = 2000, 4, 160, 4_000_000
TEXTUAL = {
    ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time"), ("datetime", "timedelta"),
    ("uuid", "UUID"), ("decimal", "Decimal"), ("fractions", "Fraction"), ("time", "struct_time"),
    ("pathlib", "PosixPath"), ("pathlib", "PurePosixPath"), ("pathlib._local", "PosixPath"),
}  # fmt: skip
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def short(text):
    """Return a text, or its beginning and its digest when it is long."""
    if len(text) <= LONGEST:
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return "%s... (%d characters, %s)" % (text[:60], len(text), mark)


def describe(value, depth=0):
    """Return the description of a value."""
    kind = type(value)
    if kind in PLAIN:
        return short(repr(value))
    if value is None:
        return "None"
    if depth > DEEPEST:
        return None
    if kind in (list, tuple):
        return sequence(value, depth, "[]" if kind is list else "()")
    if kind in (set, frozenset):
        inside = [describe(item, depth + 1) for item in list(value)[:MOST]]
        return "{%s}" % short(", ".join(sorted(map(str, inside))))
    if kind is dict or (isinstance(value, dict) and kind.__module__ == "collections"):
        pairs = list(value.items())[:MOST]
        inside = ["%s: %s" % (describe(k, depth + 1), describe(v, depth + 1)) for k, v in pairs]
        return short("{%s}" % ", ".join(inside))
    return described_object(value, kind)


def sequence(value, depth, brackets):
    """Describe a list or a tuple."""
    inside = [describe(item, depth + 1) for item in value[:MOST]]
    if inside and all(item is None for item in inside):
        return None
    more = ", and %d more" % (len(value) - MOST) if len(value) > MOST else ""
    return short("%s%s%s%s" % (brackets[0], ", ".join(map(str, inside)), more, brackets[1]))


def described_object(value, kind):
    """Describe dates, paths, arrays, tensors and tables."""
    module = getattr(kind, "__module__", "") or ""
    if (module, kind.__name__) in TEXTUAL:
        return short(repr(value))
    if kind.__name__ == "DirEntry":
        return repr(value.name)
    try:
        if module == "numpy" or module.startswith("numpy."):
            return array(value)
        if kind.__name__ in ("Tensor", "Parameter") and module.startswith("torch"):
            return array(value.detach().cpu().resolve_conj().numpy())
        if module.startswith("pandas") and hasattr(value, "to_csv"):
            return short(value.head(MOST).to_csv())
        if module.startswith("pandas") and kind.__name__ in ("Timestamp", "Timedelta"):
            return repr(value)
    except Exception:  # noqa: BLE001 - a value that cannot be described is passed over
        return None
    return None


def array(value):
    """Describe an array or a scalar of NumPy."""
    if not hasattr(value, "dtype") or not hasattr(value, "tobytes"):
        return None
    if value.dtype.hasobject or value.nbytes > LARGEST:
        return None
    mark = hashlib.sha256(value.tobytes()).hexdigest()[:12]
    first = value.reshape(-1)[:3].tolist() if value.shape else [value.item()]
    return "%s%s %s (%s)" % (value.dtype, list(value.shape), first, mark)
