"""Judge whether the dependency tree is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, partial, passed
from repro_audit.facts.consistency import Consistency
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.nix import by_nix
from repro_audit.facts.rcode import r_packages

if TYPE_CHECKING:
    from repro_audit.facts.locks import Lock


def env_lock(repo: Repository) -> Verdict:
    """A lock file fixes every package of the tree, covers what is declared, and carries digests."""
    if (in_r := r_packages(repo, locked=True)) is not None:
        return in_r
    deps = repo.fact(Dependencies)
    fix = "pip-compile --generate-hashes requirements.in, or: uv lock"
    if not deps.locks:
        listed = [*deps.sources()]
        seen = [
            item.evidence(f"{item.name} is declared, and no lock fixes what it needs")
            for item in listed
        ]
        seen += [
            Evidence(path, line, f"imports {name}") for name, (path, line) in deps.imports.items()
        ]
        if not seen:
            return not_applicable("Nothing outside the standard library is used.")
        if (made := by_nix(repo, locked=True)) is not None:
            return made
        return failed("No lock file fixes the dependency tree.", *seen[:5], fix=fix)
    broken = [lock for lock in deps.locks if lock.problem]
    if broken:
        seen = [Evidence(lock.path, 1, lock.problem) for lock in broken]
        return failed(f"{broken[0].path} is no lock: {broken[0].problem}.", *seen, fix=fix)
    stale = outdated(deps)
    if stale:
        return failed("The lock does not cover what is declared.", *stale, fix=fix)
    clashes = [seen for pair in repo.fact(Consistency).locks for seen in pair]
    if clashes:
        summary = "A lock contradicts its manifest or another lock."
        return partial(summary, *dict.fromkeys(clashes), fix=fix)
    seen = [
        Evidence(lock.path, 1, f"locks {len(lock.packages)} packages ({lock.kind})")
        for lock in deps.locks
    ]
    whole = any(lock.hashed and "/" not in lock.path for lock in deps.locks)
    bare = [] if whole else [lock for lock in deps.locks if not lock.hashed]
    if bare:
        found = [
            Evidence(lock.path, line_without_hash(repo, lock), "no digest here") for lock in bare
        ]
        return partial("The tree is locked without digests for every package.", *found, fix=fix)
    return passed(f"{len(deps.locks)} lock file(s) fix the tree with digests.", *seen)


def outdated(deps: Dependencies) -> list[Evidence]:
    """Return the declared packages that no lock holds, or holds at a version not admitted."""
    versions = deps.versions()
    seen: list[Evidence] = []
    for item in deps.runtime():
        locked = versions.get(item.name)
        if locked is None and item.marker:
            continue  # a lock for one platform leaves out what another needs
        if locked is None:
            seen.append(item.evidence(f"{item.name} is declared here and missing from every lock"))
        elif item.spec and not any(item.admits(version) for version in locked):
            seen.append(
                item.evidence(
                    f"{item.name}{item.spec} is declared, {', '.join(sorted(locked))} is locked"
                )
            )
    return seen


def line_without_hash(repo: Repository, lock: Lock) -> int:
    """Return the line of the first package that carries no digest."""
    bare = next((package for package in lock.packages if not package.hashed), None)
    lines = repo.lines(lock.path)
    if bare is None:
        return 1
    return next((number for number, line in enumerate(lines, 1) if bare.name in line.lower()), 1)
