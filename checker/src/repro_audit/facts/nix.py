"""Environments of Nix and Guix, which are programs: that they stand here can be read, not more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.dependencies import Dependencies
from repro_audit.model import Evidence, Verdict, passed, unknown

if TYPE_CHECKING:
    from repro_audit.repository import Repository

RECIPES = ("flake.nix", "shell.nix", "default.nix", "devenv.nix", "guix.scm", "manifest.scm")
# Nix writes the digest of each input, Guix the commit of each channel.
LOCKS = {"flake.lock": r'"narHash"', "devenv.lock": r'"narHash"', "channels.scm": r"\(commit\b"}


def by_nix(repo: Repository, *, locked: bool = False) -> Verdict | None:
    """Judge an environment that Nix or Guix makes, where no other file declares packages."""
    recipes = [name for name in RECIPES if repo.text(name) is not None]
    if not recipes or any(repo.fact(Dependencies).sources()):
        return None
    for name, digest in LOCKS.items() if locked else ():
        for number, line in enumerate(repo.lines(name), 1):
            if re.search(digest, line):
                seen = Evidence(name, number, "the source of all packages is fixed")
                return passed(f"{name} fixes what all packages are built from.", seen)
    seen = Evidence(recipes[0], 1, "a program that makes the environment")
    return unknown(f"{recipes[0]} makes the environment; what it holds is not read.", seen)
