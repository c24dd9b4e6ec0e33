"""The same shower on both sides of a split: the audit sees it in the code.

The generated project's own tests show that the validation of the data sees it too.
"""

import re
import shutil
from pathlib import Path

from repro_audit import Repository, Status, run_audit
from repro_audit.facts.dataflow import DataFlow

from .conftest import Generate

BY_ROWS = '''

def by_rows(folder: str) -> float:
    """Accuracy on rows that were dealt out singly."""
    from sklearn.model_selection import train_test_split

    events = pd.read_parquet(f"{folder}/events.parquet")
    events["copy"] = events.groupby("shower_id").cumcount()
    train, test = train_test_split(events, random_state=1)
    model = LogisticRegression().fit(train[["theta", "lgE_rec"]], train.A)
    return model.score(test[["theta", "lgE_rec"]], test.A)


if __name__ == "__main__":
    print(by_rows("data/raw/showers"))
'''


def test_a_split_of_rows_in_the_example_is_caught(render: Generate, tmp_path: Path) -> None:
    project = shutil.copytree(render(project_slug="leak"), tmp_path / "leak")
    module = project / "src" / "leak" / "probes.py"
    module.write_text(module.read_text("utf-8") + BY_ROWS, "utf-8")
    report = run_audit(project)  # without what the project declares of itself
    found = {item.practice.id: item.verdict for item in report.results}["split-group-aware"]
    assert found.status is Status.FAIL
    assert any("shower_id" in each.message for each in found.evidence)


def test_the_audit_follows_the_rows_through_the_whole_example(render: Generate) -> None:
    assert Repository(render()).fact(DataFlow).unread == ()


def test_the_practices_that_the_re_enacted_study_names_are_practices(render: Generate) -> None:
    (module,) = render().glob("src/*/thesis_replica.py")
    known = {item.practice.id for item in run_audit(render()).results}
    named = set(re.findall("practice `([a-z-]+)`", module.read_text("utf-8")))
    assert named
    assert named <= known
