"""Judge whether what is needed beside packages of the language is declared."""

from __future__ import annotations

from repro_audit import Repository, Verdict, failed, partial, passed, unknown
from repro_audit.facts.systems import Systems


def env_system_deps(repo: Repository) -> Verdict:
    """Programs, drivers and the system are declared with versions where the project needs them."""
    found = repo.fact(Systems)
    missing = tuple(found.undeclared())
    fix = "List system packages, CUDA and the operating system with versions in recipe or README"
    if missing and not found.fixed:
        return failed("Programs are started that nothing declares.", *missing, fix=fix)
    if missing:
        return partial(
            "The system is declared, some programs are not.", *missing, *found.fixed, fix=fix
        )
    if found.fixed and found.named:
        return partial(
            "Some system packages carry no version.", *found.named, *found.fixed, fix=fix
        )
    if found.fixed:
        return passed("What lies below the packages is declared with versions.", *found.fixed)
    if found.named:
        return partial("System packages are named, without any version.", *found.named, fix=fix)
    if found.programs:
        seen = [item for _, item in found.programs]
        return partial("Programs are mentioned, without any version.", *seen, fix=fix)
    if found.devices:
        return failed(
            "A CUDA device is used; CUDA, driver and system are named nowhere.",
            *found.devices[:5],
            fix=fix,
        )
    return unknown(
        "Reading sees no need beyond Python packages; building in a minimal image shows it."
    )
