"""Puts the parts of a traced run together."""

import builtins
import os
import sys

from .chance import Chance
from .events import Events
from .loading import Loading
from .notebooks import Notebooks
from .rewriting import ITEMS, VALUE


def begin(orders):
    """Trace this process as the orders say."""
    earlier = orders.get("earlier") or ""
    events = Events(orders["trace"], earlier, orders.get("places", ()))
    loading = Loading(orders["tree"], orders["root"], events.note)
    events.shown = loading.shown
    setattr(builtins, VALUE, events.value)
    setattr(builtins, ITEMS, events.items)
    chance = Chance(events, orders.get("held", ()), earlier)
    chance.begin()
    loading.install()
    Notebooks(loading, chance.new_cell).begin()
    sys.addaudithook(Opened(events, loading))


class Opened:
    """Notes which files the project opens, and whether they were there before."""

    def __init__(self, events, loading):
        self.loading = loading
        self.events = events
        self.seen = set()
        self.out = open(os.path.join(events.folder, "opened"), "w", encoding="utf-8")

    def __call__(self, event, arguments):
        if event not in ("open", "sqlite3.connect") or not self.events.mine():
            return
        self.events.busy.now = True
        try:
            self.look(arguments)
        except Exception:  # noqa: BLE001, S110 - never the program's fault
            pass
        finally:
            self.events.busy.now = False

    def look(self, arguments):
        """Note one opening."""
        name = arguments[0]
        if not isinstance(name, (str, bytes)):
            return
        mode = str(arguments[1]) if len(arguments) > 1 and arguments[1] else "a"
        path = self.loading.shown(os.fsdecode(name))
        if path is None or path.endswith((".py", ".pyc")) or (path, mode) in self.seen:
            return
        self.seen.add((path, mode))
        frame = sys._getframe(2)
        while frame is not None:
            shown = self.loading.shown(frame.f_code.co_filename)
            if shown is not None:
                there = "there" if os.path.exists(name) else "new"
                self.out.write("%s\t%d\t%s\t%s\t%s\n" % (shown, frame.f_lineno, mode, there, path))
                self.out.flush()
                return
            frame = frame.f_back
