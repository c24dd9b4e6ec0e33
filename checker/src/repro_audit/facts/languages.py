"""Code in languages that are not read: where it is the study, it may hold any evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.roles import Role
from repro_audit.unread import OTHER_LANGUAGE

if TYPE_CHECKING:
    from repro_audit.repository import Repository

STUDIES = ("*.r", "*.rmd", "*.qmd", "*.jl", "*.m", "*.do", "*.sas", "*.scala", "*.lua")
OTHER_CODE = (*STUDIES, "*.java", "*.cpp", "*.cc", "*.cu", "*.rs", "*.f90")
ANY_CODE = (
    *("*.py", "*.pyw", "*.pyi", "*.ipynb", "*.sh", "*.bash", "*.ps1", "*.bat", "*.js", "*.ts"),
    *("*.c", "*.h", "*.go", "*.pl", "*.rb", "*.sql", "makefile", "snakefile", "dockerfile*"),
    *("pyproject.toml", "setup.py", "requirements*.txt", "environment*.y*ml", "pixi.toml"),
    *("*.nf", "*.smk", "justfile", "mlproject", "dvc.yaml", *OTHER_CODE),
)
MOST_LISTED = 20


def unread_languages(repo: Repository) -> None:
    """List code that is not Python as not read, where it is what the repository is about.

    That is all of it where there is no Python, and the scripts of a language of studies where they
    outnumber the Python. Else they are an extension, or an experiment beside the main one.
    """
    roles = (Role.SOURCE, Role.EXAMPLE)
    own = repo.matching("*.py", "*.pyw", "*.ipynb", roles=roles)
    others = repo.matching(*(STUDIES if own else OTHER_CODE), roles=(*roles, Role.PROSE))
    for file in others[:MOST_LISTED] if len(others) > len(own) else ():
        repo.skips[file.path] = OTHER_LANGUAGE


def no_code(repo: Repository) -> bool:
    """Say whether a repository holds nothing that could be run: only documents, data or weights."""
    return not repo.matching(*ANY_CODE, roles=set(Role))
