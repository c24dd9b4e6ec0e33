"""Notes what passed through each place, and puts back what an earlier run noted when told to."""

import atexit
import base64
import os
import pickle
import threading

from .prints import describe

MOST_EVENTS, MOST_AT_A_PLACE = 400_000, 3000
LARGEST, LARGEST_TOTAL = 1_000_000, 200_000_000
FLUSH_EVERY = 500
# What os.scandir returns, and what stands for it when folders are listed backwards.
LISTINGS = ("ScandirIterator", "Backwards")


class Events:
    """The notes of one process; `wanted` are the places whose old values are put back."""

    def __init__(self, folder, earlier, wanted):
        self.places = []
        self.counts = []
        self.lock = threading.RLock()
        self.total = 0
        self.kept = 0
        self.busy = threading.local()
        self.poll = None
        number = 0
        while True:
            self.folder = os.path.join(folder, "%04d" % number)
            try:
                os.mkdir(self.folder)
                break
            except FileExistsError:
                number += 1
        self.owner = os.getpid()
        self.stream = open(os.path.join(self.folder, "events"), "w", encoding="utf-8")
        self.values = open(os.path.join(self.folder, "values"), "w", encoding="ascii")
        self.table = open(os.path.join(self.folder, "places"), "w", encoding="utf-8")
        self.old = read_values(earlier and os.path.join(earlier, "%04d" % number), wanted)
        atexit.register(self.close)

    def note(self, path, line, column, kind, text):
        """Number a place."""
        key = "%s:%d:%d:%s" % (path, line, column, kind)
        with self.lock:
            self.places.append(key)
            self.counts.append(0)
            self.table.write("%s\t%s\n" % (key, " ".join(text.split())))
            self.table.flush()
            return len(self.places) - 1

    def mine(self):
        """Say whether this is still the process that opened the files, and not a fork of it."""
        return os.getpid() == self.owner and not getattr(self.busy, "now", False)

    def write(self, number, told, value):
        """Write one event, within bounds."""
        with self.lock:
            self.counts[number] += 1
            self.total += 1
            if self.total > MOST_EVENTS or self.counts[number] > MOST_AT_A_PLACE:
                return
            self.stream.write("%d\t%s\n" % (number, told.replace("\n", "\\n").replace("\t", "\\t")))
            raw = pickled(value) if self.kept < LARGEST_TOTAL else None
            if raw is not None:
                self.kept += len(raw)
                text = base64.b64encode(raw).decode("ascii")
                self.values.write("%s\t%s\n" % (self.places[number], text))
            if self.total % FLUSH_EVERY == 0:
                self.flush()

    def flush(self):
        """Hand over what is noted."""
        self.stream.flush()
        self.values.flush()

    def close(self):
        """End the notes of this process."""
        if os.getpid() == self.owner:
            self.flush()

    def value(self, number, value):
        """Note a value and pass it on, or the one of the earlier run in its place."""
        if not self.mine():
            return value
        self.busy.now = True
        try:
            if self.poll is not None:
                self.poll(number)
            kind = self.places[number].rpartition(":")[2]
            if kind.startswith("done "):
                return value
            earlier = self.old.get(self.places[number])
            if earlier:
                value = pickle.loads(earlier.pop(0))  # noqa: S301 - written by this same program
            if kind == "shown":
                if isinstance(value, (set, frozenset)):
                    self.write(number, describe(list(value)) or "", None)
                return value
            told = describe(value)
            if told is not None:
                self.write(number, told, value)
        except Exception:  # noqa: BLE001, S110 - never the program's fault
            pass
        finally:
            self.busy.now = False
        return value

    def items(self, number, items):
        """Note the order of a set, or the items of an iterator as they come."""
        if not self.mine():
            return items
        if isinstance(items, (set, frozenset)) or type(items).__name__ in LISTINGS:
            return self.ordered(number, items)
        if hasattr(items, "__next__"):
            return self.passing(number, items)
        return items

    def ordered(self, number, items):
        """Return the items of a set or a listing in this order, or in that of the earlier run."""
        self.busy.now = True
        found = list(items)
        try:
            told = named(found)
            earlier = self.old.get(self.places[number])
            if earlier:
                rank = {name: at for at, name in enumerate(pickle.loads(earlier.pop(0)))}  # noqa: S301
                if set(rank) == set(told):
                    found = [item for _, item in sorted(zip(told, found), key=lambda x: rank[x[0]])]
                    told = sorted(told, key=rank.__getitem__)
            self.write(number, "[%s]" % ", ".join(told), told)
        except Exception:  # noqa: BLE001, S110 - never the program's fault
            pass
        finally:
            self.busy.now = False
        return found

    def passing(self, number, items):
        """Yield the items of an iterator, noting each."""
        for item in items:
            yield self.value(number, item)


def named(items):
    """Describe the items of a set; objects by what they hold, and equal ones by their addresses.

    Where a process lies in memory is chance, and so is the order of a set that goes by it.
    """
    told = [describe(item) or thing(item) for item in items]
    if len(set(told)) == len(told):
        return told
    numbers = {address: at for at, address in enumerate(sorted(map(id, items)))}
    return ["%s #%d" % (name, numbers[id(item)]) for name, item in zip(told, items)]


def thing(item):
    """Describe an object by its class and what it holds."""
    return "%s(%s)" % (type(item).__name__, describe(getattr(item, "__dict__", {}), 1))


def pickled(value):
    """Return a value as bytes; None when it is too large or cannot be put back."""
    if getattr(value, "requires_grad", False):
        return None
    try:
        raw = pickle.dumps(value, 4)
    except Exception:  # noqa: BLE001 - not every value can be kept
        return None
    return raw if len(raw) <= LARGEST else None


def read_values(folder, wanted):
    """Return the values that an earlier run noted at the wanted places."""
    found = {name: [] for name in wanted}
    path = os.path.join(folder, "values") if folder else ""
    if not wanted or not os.path.isfile(path):
        return found
    with open(path, encoding="ascii") as stream:
        for line in stream:
            name, _, text = line.rstrip("\n").partition("\t")
            if name in found:
                found[name].append(base64.b64decode(text))
    return found
