"""Rewrites the cells of a notebook as its kernel compiles them, and names each by its number."""

import json
import os

from .imports import after
from .rewriting import Rewriter

MOST_NOTEBOOKS, LARGEST = 200, 20_000_000


class Notebooks:
    """Knows the cells of the project's notebooks by their text."""

    def __init__(self, loading, new_cell):
        self.loading = loading
        self.new_cell = new_cell
        self.known = None

    def begin(self):
        """Wait for a kernel."""
        after("IPython.core.compilerop", self.watch)

    def watch(self, module):
        """Stand before the parser of the kernel."""
        real = module.CachingCompiler.ast_parse
        notebooks = self

        def ast_parse(compiler, source, filename="<unknown>", symbol="exec"):
            tree = real(compiler, source, filename, symbol)
            shown = notebooks.cell(source)
            if shown is None or symbol != "exec":
                return tree
            notebooks.loading.cells[filename] = shown
            notebooks.new_cell()
            return Rewriter(shown, source, notebooks.loading.note).visit(tree)

        module.CachingCompiler.ast_parse = ast_parse

    def cell(self, source):
        """Return notebook and number of the cell with this text; None for any other text."""
        if self.known is None:
            self.known = {}
            for path in self.listed():
                self.read(path)
        return self.known.get(source.strip())

    def listed(self):
        """Return the notebooks of the project, the oldest first: runs write later ones."""
        found = []
        for folder, folders, names in os.walk(self.loading.root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            found += [
                os.path.join(folder, name) for name in sorted(names) if name.endswith(".ipynb")
            ]
        return sorted(found, key=os.path.getmtime)[:MOST_NOTEBOOKS]

    def read(self, path):
        """Remember the cells of one notebook; what is broken holds none."""
        try:
            if os.path.getsize(path) > LARGEST:
                return
            with open(path, encoding="utf-8") as stream:
                cells = json.load(stream)["cells"]
            for number, cell in enumerate(cells, 1):
                if cell["cell_type"] == "code":
                    text = "".join(cell["source"]).strip()
                    shown = "%s cell %d" % (self.loading.shown(path), number)
                    self.known.setdefault(text, shown)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return
