"""Judge whether direct dependencies are fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.consistency import Consistency
from repro_audit.facts.dependencies import Dependencies, covered
from repro_audit.facts.kind import Kind
from repro_audit.facts.nix import by_nix
from repro_audit.facts.rcode import r_packages
from repro_audit.facts.toldversions import ToldVersions

if TYPE_CHECKING:
    from repro_audit.facts.requirement import Declared

FIX = "Compile a lock, for example: pip-compile --generate-hashes requirements.in"


def env_pinned(repo: Repository) -> Verdict:
    """Every direct dependency has one exact version, in its declaration or in a lock."""
    if (in_r := r_packages(repo, locked=False)) is not None:
        return in_r
    deps = repo.fact(Dependencies)
    named = {item.name for item in deps.container}
    direct = deps.runtime() or [
        *deps.container,
        *(item for item in deps.told if deps.container and item.name not in named),
    ]
    versions = deps.versions()
    if not direct:
        return undeclared(repo, deps)
    names = {item.name for item in direct if item.exact or item.name in versions}
    loose = {item.name: item for item in reversed(direct) if item.name not in names}
    fixed = [item for item in direct if item.name in names]
    clashes = [seen for pair in repo.fact(Consistency).packages for seen in pair]
    if clashes and names:
        summary = "Two files that are used together ask for different versions."
        return partial(summary, *dict.fromkeys(clashes), fix="Keep each version in one file")
    # A document that names a package without its version fixes nothing.
    known = deps.names() | {item.name for item in deps.told if item.exact}
    free = {name: at for name, at in deps.imports.items() if not covered(name, known)}
    # A few may come with what is declared, and are named by the practice on imports.
    if not loose and len(free) * 4 > len(deps.imports):
        seen = [
            Evidence(path, line, f"imports {name}, of no stated version")
            for name, (path, line) in free.items()
        ]
        summary = f"What is declared is fixed; {len(free)} imported packages have no version."
        return partial(summary, *seen, fix=FIX)
    if not loose:
        seen = [item.evidence(f"{item.name} {item.spec or 'is fixed by a lock'}") for item in fixed]
        return passed(f"All {len(names)} direct dependencies are fixed.", *seen)
    if whole := complete(direct, names, deps):
        seen = [item.evidence(f"{item.name} {item.spec or 'is fixed by a lock'}") for item in whole]
        return passed("One of the environments is fixed whole.", *seen)
    told = [item.evidence(f"{item.name} {item.spec}") for item in deps.told if item.exact]
    if repo.fact(Kind).name == "library" and told and not names:
        return partial("The documents name exact versions, and no file does.", *told, fix=FIX)
    if repo.fact(Kind).name == "library":
        return not_applicable("A library declares ranges, so that its users can choose.")
    seen = [
        item.evidence(f"{item.name} {item.spec or 'has no version'}") for item in loose.values()
    ]
    summary = f"{len(loose)} of {len(loose) + len(names)} direct dependencies are not fixed."
    return (partial if names else failed)(summary, *seen, fix=FIX)


def undeclared(repo: Repository, deps: Dependencies) -> Verdict:
    """Judge a repository that declares no dependency."""
    if not deps.imports:
        return not_applicable("Nothing outside the standard library is used.")
    said = repo.fact(ToldVersions)
    told = [item.evidence(f"{item.name} {item.spec}") for item in deps.told if item.exact]
    if told := [*told, *said.prose, *said.asserted]:
        summary = "Versions are told or asserted, and no file declares them."
        return partial(summary, *told, fix=FIX)
    if (made := by_nix(repo)) is not None:
        return made
    name, (path, line) = next(iter(deps.imports.items()))
    imported = Evidence(path, line, f"imports {name}, of no stated version")
    return failed("Packages are used and no version is stated.", imported, fix=FIX)


def complete(direct: list[Declared], fixed: set[str], deps: Dependencies) -> list[Declared]:
    """Return what one file declares that has all of it fixed, and nearly all that is imported."""
    for path in sorted({item.path for item in direct}):
        own = [item for item in direct if item.path == path]
        names = {item.name for item in own}
        lacking = [name for name in deps.imports if not covered(name, names)]
        if names <= fixed and len(lacking) * 4 <= len(deps.imports):
            return own
    return []
