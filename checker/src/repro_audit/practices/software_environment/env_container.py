"""Judge whether an isolated environment can be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import Evidence, Repository, Verdict, failed, not_applicable, passed, unknown
from repro_audit import lazyre as re
from repro_audit.facts.above import Doubts
from repro_audit.facts.containers import SERVICES, Containers
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.languages import no_code
from repro_audit.facts.quoting import quoted

if TYPE_CHECKING:
    from repro_audit.facts.containers import Recipe

IDLE = {
    *("echo", "printf", "mkdir", "ls", "true", "cd", "rm", "chmod", "chown", "useradd", "adduser"),
    *("groupadd", "addgroup", "ln", "touch", "export", "pwd", "date", "usermod"),
}
OTHERS = (
    *("flake.nix", "shell.nix", "guix.scm", "vagrantfile", "apptainer.def", "singularity"),
    "cog.yaml",  # of Replicate: system, CUDA, Python and packages of an image
)


def env_container(repo: Repository) -> Verdict:
    """A recipe captures the environment from the operating system up."""
    recipes = [item for item in repo.fact(Containers).recipes if not serves(item)]
    for recipe in recipes:
        copies = [item for item in recipe.having("COPY", "ADD") if brings(item.value)]
        installs = [item for item in recipe.having("RUN") if makes(item.line, recipe)]
        if recipe.images and (copies or installs or recipe.whole):
            image = recipe.images[0]
            seen = [image.evidence(f"starts from {image.name}")]
            seen += [
                Evidence(recipe.path, item.line, f"{item.word} {quoted(item.value)}")
                for item in (*copies, *installs)[:3]
            ]
            return passed("A container recipe describes the environment.", *seen)
    for file in repo.matching(*OTHERS):
        return passed(
            "A recipe describes the whole environment.",
            Evidence(file.path, 1, "environment recipe"),
        )
    fix = "Add a Dockerfile that installs the lock file"
    doubts = repo.fact(Doubts).containers
    if doubts:
        reason = "A recipe outside of this project may hold what it needs."
        return unknown(reason, *doubts, fix=fix)
    if no_code(repo):
        return not_applicable("There is no code, so nothing needs an environment.")
    conda = [item for item in repo.fact(Dependencies).manifests if item.kind == "conda"]
    if conda:
        seen = [Evidence(item.path, 1, "packages only, the system is left open") for item in conda]
        return failed("Only packages are isolated, by a conda environment.", *seen, fix=fix)
    if recipes:
        empty = recipes[0]
        return failed(
            "The container recipe installs and copies nothing.",
            Evidence(empty.path, 1, "nothing is built"),
            fix=fix,
        )
    return failed(
        "No recipe describes an isolated environment.",
        Evidence(".", 0, "no Dockerfile, Nix, Guix, Vagrant or Apptainer recipe"),
        fix=fix,
    )


def serves(recipe: Recipe) -> bool:
    """Say whether a Dockerfile makes a web server or a data base, and no place to run Python."""
    services = all(SERVICES.search(image.name) for image in recipe.images)
    run = any(re.search(r"python|pip|conda|uv\b", item.program) for item in recipe.commands)
    return bool(recipe.images and recipe.instructions) and services and not run


def brings(value: str) -> bool:
    """Say whether a COPY brings folders, code or what is to be installed, not a start script."""
    sources = [word for word in value.split()[:-1] if not word.startswith("--")]
    return any(not word.endswith((".sh", ".conf", ".bashrc")) for word in sources)


def makes(line: int, recipe: Recipe) -> bool:
    """Say whether a RUN does more than speak, make folders and users."""
    return any(item.program not in IDLE for item in recipe.at(line))
