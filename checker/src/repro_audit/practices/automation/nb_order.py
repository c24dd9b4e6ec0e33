"""Judge whether notebooks were run from top to bottom."""

from __future__ import annotations

from repro_audit import (
    Evidence,
    Repository,
    Role,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit.facts.notebooks import Notebook, Notebooks


def nb_order(repo: Repository) -> Verdict:
    """The counts of code cells rise by one from one, and no cell stored an error."""
    found = repo.fact(Notebooks)
    own = [item for item in found.all if repo.by_path[item.path].role is not Role.TEST]
    filled = [item for item in own if code_cells(item)]
    if not filled:
        if found.broken:
            return unknown(
                "A notebook cannot be read.",
                *(Evidence(path, 0, "not read") for path in found.broken),
            )
        return not_applicable("There are no notebooks with code.")
    fix = "jupyter nbconvert --to notebook --execute --inplace NOTEBOOK"
    bare = [item for item in filled if never_run(item)]
    run = [item for item in filled if item not in bare]
    bad = [problem for item in run if (problem := disorder(item)) is not None]
    if bad:
        return failed(f"{len(bad)} notebook(s) were not run from top to bottom.", *bad, fix=fix)
    if bare:
        seen = [
            Evidence(item.path, 1, "was never run, or its counts were taken out") for item in bare
        ]
        return partial("Notebooks are stored without having been run.", *seen, fix=fix)
    return passed(
        "All notebooks were run in order.",
        *(Evidence(item.path, 1, "counts rise by one") for item in filled),
    )


def code_cells(notebook: Notebook) -> list[tuple[int | None, int]]:
    """Return count and first line of each cell that holds code."""
    return [
        (cell.count, cell.lines[0])
        for cell in notebook.cells
        if any(line.strip() for line in cell.source)
    ]


def never_run(notebook: Notebook) -> bool:
    """Say whether no cell carries a count; some tools that strip outputs write 0 for none."""
    empty = not any(cell.outputs for cell in notebook.cells)
    return all(count is None or (count == 0 and empty) for count, _ in code_cells(notebook))


def disorder(notebook: Notebook) -> Evidence | None:
    """Return the first sign that a notebook was not run in order."""
    broken = next((cell for cell in notebook.cells if cell.error and cell.lines), None)
    if broken is not None:
        return Evidence(notebook.path, broken.lines[0], "this cell stored an error")
    counted = code_cells(notebook)
    for expected, (count, line) in enumerate(counted, 1):
        if count != expected:
            shown = "none" if count is None else str(count)
            return Evidence(
                notebook.path, line, f"the count is {shown} where {expected} is expected"
            )
    return None
