"""Reads pickles without running what they name: every class and function in them is a stand-in.

A pickle is a program for a machine of stacks whose only power is to import and to call. Here it
imports nothing: whatever it asks for becomes a `Stub` that keeps the arguments and the state, and
arrays are put together from their bytes. The arrays that joblib writes between the instructions
are read as they come.
"""

import bz2
import gzip
import io
import lzma
import pickle
import zlib

PACKED = (
    (b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\xfd7zXZ", lzma.decompress),
    (b"\x5d\x00", lzma.decompress), (b"\x78", zlib.decompress),
)  # fmt: skip
WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
RECONSTRUCT = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
ENCODED = "_codecs.encode"
BUFFER = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")
# Calling these makes a value and nothing else.
PLAIN = {"set": set, "frozenset": frozenset, "bytearray": bytearray, "complex": complex,
         "OrderedDict": dict}  # fmt: skip
SCALAR = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")


class Stub:
    """Stands for whatever a pickle asks for; calling it or setting its state only keeps both."""

    name = "?"

    def __new__(cls, *args, **kwargs):
        # Pickles make objects without `__init__`, too.
        found = object.__new__(cls)
        found.args, found.kwargs, found.state = args, kwargs, None
        found.listed, found.keyed = [], []
        return found

    def __repr__(self):
        return "%s%r" % (self.name, self.args)

    def __setstate__(self, state):
        self.state = state

    def __call__(self, *args, **kwargs):
        return type(self)(self, *args, **kwargs)

    def append(self, value):
        self.listed.append(value)

    def extend(self, values):
        self.listed.extend(values)

    def __setitem__(self, key, value):
        self.keyed.append((key, value))

    def add(self, value):
        self.listed.append(value)

    def plain(self):
        """Return what is held, as plain values that can be compared."""
        if self.name == ENCODED:
            return octets(self)
        whole = array(self)
        if whole is not None:
            return whole
        parts = {"args": self.args, "kwargs": self.kwargs, "state": self.state,
                 "items": self.listed, "keyed": dict(enumerate(self.keyed))}  # fmt: skip
        return {"class": self.name, **{name: part for name, part in parts.items() if part}}


class Reader(pickle._Unpickler):
    """An unpickler that finds stand-ins, and the arrays of joblib in between."""

    dispatch = dict(pickle._Unpickler.dispatch)  # noqa: RUF012 - as in its parent

    def find_class(self, module, name):
        if name in PLAIN and module in ("builtins", "__builtin__", "collections"):
            return PLAIN[name]
        return type("Stub", (Stub,), {"name": "%s.%s" % (module, name)})

    def persistent_load(self, ident):
        return ("persistent", ident)

    def get_extension(self, code):
        self.append(type("Stub", (Stub,), {"name": "extension %d" % code}))

    def load_build(self):
        super().load_build()
        found = self.stack[-1]
        if isinstance(found, Stub) and found.name == WRAPPER:
            self.stack[-1] = between(found.state, self)

    dispatch[pickle.BUILD[0]] = load_build


def octets(value):
    """Return bytes; protocols before the third write them as a text and a call."""
    if isinstance(value, Stub) and value.name == ENCODED:
        value = value.args[0]
    return value.encode("latin-1") if isinstance(value, str) else value


def dtype_of(stub):
    """Return the type that a stand-in for a NumPy type describes."""
    import numpy as np

    found = np.dtype(stub.args[0])
    _, order, _, names, fields, *sizes = stub.state or (0, "|", None, None, None)
    if names:
        parts = [fields[name][:2] for name in names]
        kinds, starts = [dtype_of(kind) for kind, _ in parts], [start for _, start in parts]
        rows = {"names": list(names), "formats": kinds, "offsets": starts, "itemsize": sizes[0]}
        return np.dtype(rows)
    if found.kind not in "?biufcSU":
        raise ValueError("an array of objects or of times")
    return found.newbyteorder(order) if order in "<>" else found


def by_field(found):
    """Return an array of records as one array for each field; any other as it is."""
    names = found.dtype.names
    return {name: by_field(found[name]) for name in names} if names else found


def array(stub):
    """Return the array or number of NumPy that a stand-in describes; None for anything else."""
    import numpy as np

    if stub.name in SCALAR:
        return np.frombuffer(octets(stub.args[1]), dtype_of(stub.args[0]), 1)[0]
    if stub.name in BUFFER:
        content, kind, shape, order = stub.args[:4]
        return by_field(np.frombuffer(content, dtype_of(kind)).reshape(shape, order=order))
    if stub.name not in RECONSTRUCT or stub.state is None:
        return None
    _, shape, kind, fortran, content = stub.state
    if isinstance(content, list):
        return {"shape": shape, "items": content}
    order = "F" if fortran else "C"
    return by_field(np.frombuffer(octets(content), dtype_of(kind)).reshape(shape, order=order))


def between(state, reader):
    """Read the array that joblib wrote behind its description."""
    import numpy as np

    kind = np.dtype(state["dtype"].args[0])
    if kind.hasobject:
        # Another pickle, of the same kind.
        return loaded(reader.own)
    kind = dtype_of(state["dtype"])
    if state.get("numpy_array_alignment_bytes") is not None:
        reader.own.read(reader.own.read(1)[0])
    count = int(np.prod(state["shape"], dtype="int64"))
    content = reader.own.read(count * kind.itemsize)
    order = "F" if state["order"] == "F" else "C"
    return by_field(np.frombuffer(content, kind).reshape(state["shape"], order=order))


def load(path):
    """Return what a pickle or a file of joblib holds."""
    with open(path, "rb") as stream:
        content = stream.read()
    for start, unpack in PACKED:
        if content.startswith(start):
            content = unpack(content)
            break
    return loaded(io.BytesIO(content))


def loaded(stream):
    """Return what stands next in a stream."""
    reader = Reader(stream)
    # Instructions are read frame by frame; arrays lie between the frames.
    reader.own = stream
    return reader.load()
