"""Code in languages that are not read, where there is no Python: it may hold any evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit.roles import Role
from repro_audit.unread import OTHER_LANGUAGE

if TYPE_CHECKING:
    from repro_audit.repository import Repository

OTHER_CODE = (
    *(
        "*.r",
        "*.rmd",
        "*.qmd",
        "*.jl",
        "*.m",
        "*.do",
        "*.sas",
        "*.scala",
        "*.java",
        "*.kt",
        "*.lua",
    ),
    *("*.c", "*.cpp", "*.cc", "*.cu", "*.rs", "*.go", "*.f90", "*.swift", "*.cs"),
)
ANY_CODE = (
    *("*.py", "*.pyw", "*.pyi", "*.ipynb", "*.sh", "*.bash", "*.ps1", "*.bat", "*.js", "*.ts"),
    *("*.c", "*.h", "*.go", "*.pl", "*.rb", "*.sql", "makefile", "snakefile", "dockerfile*"),
    *("pyproject.toml", "setup.py", "requirements*.txt", "environment*.y*ml", "pixi.toml"),
    *("*.nf", "*.smk", "justfile", "mlproject", "dvc.yaml", *OTHER_CODE),
)
MOST_LISTED = 20


def unread_languages(repo: Repository) -> None:
    """List code that is not Python as not read, in a repository without Python of its own.

    Beside Python such code is an extension or an experiment of its own, and does not hide what the
    Python does.
    """
    roles = (Role.SOURCE, Role.EXAMPLE)
    if repo.matching("*.py", "*.pyw", "*.ipynb", roles=roles):
        return
    for file in repo.matching(*OTHER_CODE, roles=(*roles, Role.PROSE))[:MOST_LISTED]:
        repo.skips[file.path] = OTHER_LANGUAGE


def no_code(repo: Repository) -> bool:
    """Say whether a repository holds nothing that could be run: only documents, data or weights."""
    return not repo.matching(*ANY_CODE, roles=set(Role))
