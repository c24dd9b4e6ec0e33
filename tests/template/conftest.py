"""Generate projects from the template as git would deliver it, without touching the user's home."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from cookiecutter.main import cookiecutter  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
Generate = Callable[..., Path]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of our own, in which git knows who commits."""
    folder = tmp_path_factory.mktemp("home")
    identity = folder / "identity"
    identity.write_text('[user]\n\tname = Emmy Noether\n\temail = "emmy@example.org"\n', "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GIT_", "COOKIECUTTER_"))]:
            patch.delenv(name)
        for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME"):
            patch.setenv(name, str(folder))
        patch.setenv("GIT_CONFIG_GLOBAL", str(identity))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        # A repository that the tests happen to run in is none that the projects are made in.
        patch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path_factory.getbasetemp()))
        yield folder


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of cookiecutter that keeps its records out of the user's home."""
    folder = tmp_path_factory.mktemp("config")
    file = folder / "cookiecutter.yaml"
    file.write_text(f"replay_dir: '{folder}'\ncookiecutters_dir: '{folder}'\n", "utf-8")
    return file


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in the working tree, without what git ignores: caches would be rendered too."""
    copy = tmp_path_factory.mktemp("template") / "template"
    parts = ["cookiecutter.json", "hooks", "{{cookiecutter.project_slug}}"]
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *parts]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="session")
def generate(template: Path, config: Path) -> Generate:
    """Generate a project into a folder, from answers by their names; the rest are defaults."""

    def generate(folder: Path, **answers: str) -> Path:
        made = cookiecutter(
            str(template),
            no_input=True,
            extra_context=answers,
            output_dir=str(folder),
            config_file=str(config),
        )
        return Path(made)

    return generate


@pytest.fixture(scope="session")
def render(generate: Generate, tmp_path_factory: pytest.TempPathFactory) -> Generate:
    """As `generate`, into a folder that is shared by all who give the same answers."""
    made: dict[frozenset[tuple[str, str]], Path] = {}

    def render(**answers: str) -> Path:
        key = frozenset(answers.items())
        if key not in made:
            made[key] = generate(tmp_path_factory.mktemp("rendered"), **answers)
        return made[key]

    return render


@pytest.fixture(scope="session")
def command(template: Path, config: Path) -> Command:
    """Run cookiecutter as a person does, in a folder, with answers on the command line."""

    def command(
        folder: Path, *options: str, environment: dict[str, str] | None = None, **answers: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, "-m", "cookiecutter", "--no-input"),
                *("--config-file", str(config), *options, str(template)),
                *(f"{name}={value}" for name, value in answers.items()),
            ],
            cwd=folder,
            env={**os.environ, "PYTHONUTF8": "1", **(environment or {})},
            capture_output=True,
            check=False,
            encoding="utf-8",
        )

    return command


def load(name: str) -> ModuleType:
    """Import a hook from its file."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "hooks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def pre_gen() -> ModuleType:
    return load("pre_gen_project")


@pytest.fixture
def post_gen() -> ModuleType:
    return load("post_gen_project")
