"""What lies around a run on the host: what it must see, and what the copy stands in for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repro_audit.recording.interpreter import Interpreter
    from repro_audit.recording.sources import Source


@dataclass(frozen=True)
class Surroundings:
    """The original, the interpreter, and the variables that the runs inherit."""

    source: Source
    interpreter: Interpreter | None
    inherited: Mapping[str, str]

    def needed(self) -> tuple[str, ...]:
        """Return what a run must see even where its surroundings are hidden."""
        found = [*self.inherited.get("PATH", "").split(":"), str(self.source.git_dir)]
        found += self.inherited.get("LD_LIBRARY_PATH", "").split(":")
        if self.interpreter is not None:
            found += [*self.interpreter.prefixes, self.interpreter.folder, *self.interpreter.path]
        inside = str(self.source.root)
        kept = (path for path in found if path.startswith("/") and path != inside)
        # The original's own modules are what the copy stands in for.
        return tuple(dict.fromkeys(path for path in kept if path not in self.own_paths()))

    def own_paths(self) -> dict[str, str]:
        """Return folders of the original from which Python imports, and where they lie inside."""
        if self.interpreter is None:
            return {}
        root = str(self.source.root)
        origins = [item.removeprefix("file://") for item in self.interpreter.editable]
        listed = [*self.interpreter.path, *origins, *(f"{item}/src" for item in origins)]
        libraries = tuple(self.interpreter.prefixes)
        return {
            path: str(Path(path).relative_to(root))
            for path in listed
            if (path == root or path.startswith(f"{root}/")) and not path.startswith(libraries)
        }

    def editable_paths(self, tree: Path, environment: Mapping[str, str]) -> dict[str, str]:
        """Let modules that are installed from the original come from the copy."""
        found = [str(tree / self.source.inside / part) for part in self.own_paths().values()]
        before = environment.get("PYTHONPATH", "")
        joined = ":".join([*dict.fromkeys(found), *([before] if before else [])])
        return {"PYTHONPATH": joined} if joined else {}
