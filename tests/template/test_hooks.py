"""Bad answers are refused in one sentence; a first commit is made where that is wanted."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import Command, Generate

SHAPE = "project_slug is {!r}: type lower-case words as in cosmic_ray_showers."
NAME = "project_slug is {0!r}, a name that is taken: type another, as in {0}_study."
PLAIN = "{} has a control character or a doubled brace: type plain text, one line."
EMPTY = "{} is empty: type at least one letter."
LONG = "{} has {} characters: type at most {}."

MISSHAPEN = [
    "3d_showers",
    "Showers",
    "showers_",
    "_showers",
    "cosmic-rays",
    "cosmic rays",
    "cosmic.rays",
    "élan",
    "../outside",
    "a/b",
    "a\\b",
    "..",
    ".",
    "~",
    "/home/showers",
    "C:\\showers",
]
NAMES_OF_OTHERS = [
    *("class", "match", "json", "sys", "aux", "con"),
    *("conf", "data", "src", "tests", "requirements", "outputs"),
    *("torch", "numpy", "mlflow", "hydra", "sklearn", "yaml", "great_expectations", "click"),
]
TEXTS = ["project_name", "description", "author_name"]


def refusal(hook: ModuleType, template: Path, **answers: str) -> str | None:
    good = {"project_name": "A", "project_slug": "a", "description": "A", "author_name": "A"}
    typed = {**good, **answers}
    sentence: str | None = hook.refusal(
        {
            **typed,
            "__project_slug_as_typed": typed["project_slug"],
            "_repo_dir": str(template),
        }
    )
    return sentence


@pytest.mark.parametrize("slug", ["a", "x2", "cosmic_ray_showers", "a__b", "rays_3", "s" * 80])
def test_takes_names_of_packages(pre_gen: ModuleType, template: Path, slug: str) -> None:
    assert refusal(pre_gen, template, project_slug=slug) is None


@pytest.mark.parametrize("slug", MISSHAPEN)
def test_refuses_what_is_no_name_of_a_package(
    pre_gen: ModuleType, template: Path, slug: str
) -> None:
    assert refusal(pre_gen, template, project_slug=slug) == SHAPE.format(slug)


@pytest.mark.parametrize("slug", NAMES_OF_OTHERS)
def test_refuses_the_names_of_others(pre_gen: ModuleType, template: Path, slug: str) -> None:
    assert refusal(pre_gen, template, project_slug=slug) == NAME.format(slug)


@pytest.mark.parametrize("question", [*TEXTS, "project_slug"])
def test_refuses_texts_that_no_file_can_hold(
    pre_gen: ModuleType, template: Path, question: str
) -> None:
    def say(answer: str) -> str | None:
        return refusal(pre_gen, template, **{question: answer})

    assert say("") == say(" \t") == EMPTY.format(question)
    longest = 200 if question == "description" else 80
    assert say("a" * (longest + 1)) == LONG.format(question, longest + 1, longest)
    for bad in ("a\nb", "a\tb", "a\x7f", "a\x85b", "a\u2028b", "\ud800", "{{ a }}", "{% a", "{#"):
        assert say(bad) == PLAIN.format(question)


def test_takes_texts_at_their_longest(pre_gen: ModuleType, template: Path) -> None:
    answers = {"project_name": "n" * 80, "description": "d" * 200, "author_name": "ø" * 80}
    assert refusal(pre_gen, template, **answers) is None


def test_the_first_bad_answer_is_named(pre_gen: ModuleType, template: Path) -> None:
    bad = refusal(pre_gen, template, project_name=" ", project_slug="")
    assert bad == EMPTY.format("project_name")


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("project_name", "", EMPTY.format("project_name")),
        ("project_name", "🚀", EMPTY.format("project_slug")),
        ("author_name", " ", EMPTY.format("author_name")),
        ("description", "two\nlines", PLAIN.format("description")),
        ("project_slug", "", EMPTY.format("project_slug")),
        ("project_slug", "import", NAME.format("import")),
        ("project_slug", "torch", NAME.format("torch")),
        ("project_slug", "Torch 1", SHAPE.format("Torch 1")),
        ("project_slug", "..", SHAPE.format("..")),
        ("project_slug", "../outside", SHAPE.format("../outside")),
        ("project_slug", "inside/deeper", SHAPE.format("inside/deeper")),
        ("project_slug", "s" * 81, LONG.format("project_slug", 81, 80)),
    ],
)
def test_a_refusal_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, command: Command, question: str, answer: str, sentence: str
) -> None:
    """Nothing removed either: with ".." cookiecutter would clear the folder of the person away."""
    here = tmp_path / "above" / "here"
    here.mkdir(parents=True)
    (here / "thesis.tex").write_text("years of work", "utf-8")

    done = command(here, "--output-dir", "new", **{question: answer})

    assert done.returncode == 1
    assert done.stderr == sentence + "\n"
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    assert left == ["above", "above/here", "above/here/new", "above/here/thesis.tex"]


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout.strip()


def steps(folder: Path) -> str:
    return f"  Next:\n  cd {folder}\n  nox -s reproduce\n  nox -s audit\n"


def configure(patch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    (folder / "gitconfig").write_text(text, "utf-8")
    patch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))


IDENTITY = "[user]\n\tname = Emmy Noether\n\temail = emmy@example.org\n"


def test_makes_a_repository_with_one_commit_of_everything(tmp_path: Path, command: Command) -> None:
    done = command(tmp_path)
    project = tmp_path / "cosmic_ray_showers"
    assert done.stdout == "A git repository with a first commit is made.\n" + steps(project)
    assert git(project, "log", "--format=%an %ae", "main") == "Emmy Noether emmy@example.org"
    assert git(project, "status", "--porcelain", "--ignored") == ""


def test_makes_none_inside_another(tmp_path: Path, command: Command) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "deep").mkdir()
    done = command(tmp_path / "deep")
    assert done.stdout.startswith("No git repository made: the folder is inside one already.\n")
    assert not (tmp_path / "deep" / "cosmic_ray_showers" / ".git").exists()


def test_makes_one_where_git_may_not_look_further_up(
    tmp_path: Path, generate: Generate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the demo does, which lives in a folder of this repository that git ignores."""
    git(tmp_path, "init", "--quiet")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path / "build"))
    project = generate(tmp_path / "build" / "demo")
    assert git(project, "rev-list", "--count", "main") == "1"


@pytest.mark.parametrize(
    "known", ["", "[user]\n\tname = Emmy\n", "[user]\n\temail = e@example.org\n", "[broken"]
)
def test_makes_none_when_nobody_is_known(
    tmp_path: Path,
    generate: Generate,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    known: str,
) -> None:
    configure(monkeypatch, tmp_path, known)
    project = generate(tmp_path)
    said = capfd.readouterr().out
    assert said.startswith("No git repository made: git does not know your user.name")
    assert not (project / ".git").exists()


def test_makes_none_without_git(
    tmp_path: Path,
    generate: Generate,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    project = generate(tmp_path)
    said = capfd.readouterr().out
    assert said == "No git repository made: git is not installed here.\n" + steps(project)
    assert not (project / ".git").exists()


def test_habits_of_the_person_do_not_touch_the_commit(
    tmp_path: Path, generate: Generate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is not there, a hook that refuses, a list of files to ignore, another branch."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    program(hooks / "pre-commit", "exit 1")
    program(hooks / "post-commit", "touch ran")
    (tmp_path / "ignore").write_text("*.txt\n*.toml\n", "utf-8")
    configure(
        monkeypatch,
        tmp_path,
        IDENTITY
        + "[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = false\n[init]\n\tdefaultBranch = trunk\n"
        + f"[core]\n\thooksPath = {hooks.as_posix()}\n"
        + f"\texcludesFile = {(tmp_path / 'ignore').as_posix()}\n",
    )
    project = generate(tmp_path)
    assert git(project, "rev-list", "--count", "main") == "1"
    tracked = git(project, "ls-files").splitlines()
    assert "pyproject.toml" in tracked
    assert "requirements/common.txt" in tracked
    assert not (project / "ran").exists()


def test_a_hook_of_git_that_generates_keeps_its_own_repository(
    tmp_path: Path, generate: Generate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While git runs a hook it tells every git below it which repository is meant."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    project = generate(tmp_path / "new")
    monkeypatch.undo()
    assert git(project, "rev-list", "--count", "main") == "1"
    assert git(other, "status", "--porcelain") == ""


def program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", "utf-8", newline="\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(os.name == "nt", reason="a shell script does not stand in for git there")
@pytest.mark.parametrize("answer", ["exit 1", "exec sleep 60"], ids=["fails", "hangs"])
def test_generation_survives_whatever_git_does(
    tmp_path: Path, post_gen: ModuleType, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(post_gen, "GIT_PATIENCE", 0.3)
    project = tmp_path / "project"
    project.mkdir()
    program(tmp_path / "git", f'case "$*" in *config*) echo known;; *) {answer};; esac')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert post_gen.commit(project).startswith("Git did not make the first commit: try")
    program(tmp_path / "git", answer)
    assert post_gen.commit(project).startswith("No git repository made: git does not know")


def test_asks_nothing(tmp_path: Path, generate: Generate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither do the hooks read from a terminal, nor may git, or anything that git starts."""
    configure(monkeypatch, tmp_path, IDENTITY + "[core]\n\teditor = cat\n\taskPass = cat\n")
    with (tmp_path / "empty").open("w+", encoding="utf-8") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert git(generate(tmp_path), "rev-list", "--count", "main") == "1"


@pytest.mark.skipif(os.name == "nt", reason="there the folder is quoted for cmd, not for sh")
@pytest.mark.parametrize("folder", ["plain", "two words", "it's", "Mes données $HOME"])
def test_the_first_step_can_be_pasted(tmp_path: Path, post_gen: ModuleType, folder: str) -> None:
    project = tmp_path / folder
    project.mkdir()
    first, *others = post_gen.next_steps(project)
    shell = ["sh", "-c", f"{first} && pwd -P"]
    done = subprocess.run(shell, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == f"{project.resolve()}\n"
    assert others == ["nox -s reproduce", "nox -s audit"]


def test_hooks_are_small_and_use_the_standard_library(root: Path) -> None:
    for name, lines in (("pre_gen_project", 65), ("post_gen_project", 100)):
        source = (root / "hooks" / f"{name}.py").read_text("utf-8")
        assert len(source.splitlines()) <= lines
        imported = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
        assert imported <= sys.stdlib_module_names
        assert imported.isdisjoint({"socket", "urllib", "http", "ssl", "ftplib", "smtplib"})
        assert not re.search(r"\binput\(|shell=True", source)
