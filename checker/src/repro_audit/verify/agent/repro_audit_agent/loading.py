"""Loads the modules of the project in their rewritten form, the main script too."""

import importlib.machinery
import importlib.util
import os
import sys

from .rewriting import rewritten


class Loading:
    """Knows which files belong to the project."""

    def __init__(self, tree, root, note):
        self.tree = os.path.realpath(tree)
        self.root = os.path.realpath(root)
        self.note = note
        # What kernels call the cells of notebooks, and what we do.
        self.cells = {}

    def shown(self, path):
        """Return a path as seen from the root of the project; None when it lies elsewhere."""
        if path in self.cells:
            return self.cells[path]
        if path.startswith("<"):
            return None
        full = os.path.realpath(path)
        if not full.startswith(self.tree + os.sep) or "site-packages" in full:
            return None
        return os.path.relpath(full, self.root).replace(os.sep, "/")

    def code(self, path, main=False):
        """Return the rewritten code of a file, or None when it is not for us."""
        shown = self.shown(path)
        if shown is None:
            return None
        try:
            with open(path, "rb") as stream:
                source = importlib.util.decode_source(stream.read())
            return rewritten(source, path, shown, self.note, main)
        except (OSError, SyntaxError, ValueError, RecursionError):
            return None

    def install(self):
        """Stand before the loaders of source files, and before the main script."""
        real = importlib.machinery.SourceFileLoader.get_code
        loading = self

        def get_code(loader, fullname):
            try:
                path = loader.get_filename(fullname)
            except ImportError:
                path = ""
            found = loading.code(path) if path.endswith(".py") else None
            return found if found is not None else real(loader, fullname)

        importlib.machinery.SourceFileLoader.get_code = get_code
        sys.dont_write_bytecode = True
        script = sys.argv[0] if getattr(sys, "argv", None) else ""
        if script.endswith(".py") and self.shown(script) and os.path.isfile(script):
            sys.path_hooks.insert(0, MainHook(self, script))


class MainHook:
    """Makes Python run the main script as it would run a folder with a `__main__` in it."""

    def __init__(self, loading, script):
        self.loading = loading
        self.script = script
        self.full = os.path.abspath(script)
        self.asked = script
        self.compiled = None

    def __call__(self, path):
        if os.path.abspath(path) != self.full:
            raise ImportError(path)
        self.asked = path
        self.compiled = self.loading.code(path, True)
        if self.compiled is None:
            raise ImportError(path)
        return self

    def find_spec(self, name, target=None):
        """Find nothing but the main module."""
        if name != "__main__":
            return None
        return importlib.util.spec_from_loader(name, self, origin=self.script)

    def create_module(self, spec):
        """Leave it to Python."""

    def exec_module(self, module):
        """Run the code, should somebody import it."""
        exec(self.get_code("__main__"), module.__dict__)  # noqa: S102 - the program itself

    def is_package(self, name):
        """Say that a script is no package."""
        return False

    def get_source(self, name):
        """Return the text, for tracebacks."""
        with open(self.script, "rb") as stream:
            return importlib.util.decode_source(stream.read())

    def get_code(self, name):
        """Return the rewritten script, and put the search path as it is for a script."""
        if sys.path and sys.path[0] == self.asked:
            sys.path[0] = os.path.dirname(self.full)
        sys.path_importer_cache.pop(self.asked, None)
        return self.compiled
