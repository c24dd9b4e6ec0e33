"""Runs a function once a module has been imported; the module is not imported for it."""

import sys

WAITING = {}


class Later:
    """Loads a module as its own loader does, then runs what waits for it."""

    def __init__(self, loader, name):
        self.loader = loader
        self.name = name

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        """Leave it to the real loader."""
        return self.loader.create_module(spec)

    def exec_module(self, module):
        """Run the module, then what waits."""
        module.__spec__.loader = self.loader
        module.__loader__ = self.loader
        self.loader.exec_module(module)
        for action in WAITING.pop(self.name, ()):
            try:
                action(module)
            except Exception as problem:  # noqa: BLE001 - never the program's fault
                sys.stderr.write(f"repro-audit: {self.name} cannot be observed ({problem!r})\n")


class Finder:
    """Stands before the other finders and only looks at modules that are waited for."""

    def find_spec(self, name, path=None, target=None):
        """Return the spec of a module that is waited for, with our loader around its own."""
        if name not in WAITING:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = Later(spec.loader, name)
                return spec
        return None


def after(name, action):
    """Run `action(module)` after the module's import, or now if it is there."""
    if name in sys.modules:
        action(sys.modules[name])
        return
    if not WAITING and not any(isinstance(item, Finder) for item in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    WAITING.setdefault(name, []).append(action)
