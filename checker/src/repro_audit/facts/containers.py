"""Container recipes: instructions with stages and arguments resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from repro_audit import lazyre as re
from repro_audit.facts.configs import read_config
from repro_audit.facts.shell import Command, commands
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.repository import Repository

# A recipe under such a name waits for somebody to copy it.
SET_ASIDE = re.compile(
    r"\.(example|sample|template|tmpl|dist|bak|old|orig|disabled)$", re.IGNORECASE
)
NAMES = ("dockerfile", "dockerfile.*", "*.dockerfile", "containerfile", "containerfile.*")
IMAGES = ("docker-compose*.y*ml", "compose*.y*ml", "*devcontainer.json", "singularity*", "*.def")
HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
ARGUMENT = re.compile(r"\$\{?(\w+)(?::-([^}]*))?\}?")
# What a compose file starts beside the project itself.
SERVICES = re.compile(
    r"(^|/)(postgres|mysql|mariadb|mongo|redis|rabbitmq|minio|nginx|traefik|grafana|prometheus|"
    r"elasticsearch|kibana|zookeeper|kafka|adminer|pgadmin|qdrant|weaviate|milvus|mlflow)",
    re.IGNORECASE,
)
# What makes a plain image of a dev container into one with the project's packages.
PREPARED = re.compile(
    r"\"(on\w*Command|post\w*Command|update\w*Command|features|build|dockerFile)\""
)
# What Apptainer and Singularity run while they build.
POST = re.compile(r"^%post\b.*\n((?:(?!^%).*\n?)*)", re.MULTILINE)
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")


class Instruction(NamedTuple):
    """One instruction of a Dockerfile."""

    word: str
    value: str
    line: int


class Image(NamedTuple):
    """A base image; `pin` is digest, tag, floating, or unresolved when an argument names it."""

    name: str
    path: str
    line: int

    @property
    def pin(self) -> str:
        """How firmly the name fixes the image."""
        if DIGEST.search(self.name):
            return "digest"
        if "$" in self.name:
            return "unresolved"
        tag = self.name.rpartition("/")[2].partition(":")[2]
        return "tag" if tag and tag not in {"latest", "stable", "main", "edge"} else "floating"

    def evidence(self, message: str) -> Evidence:
        """Point at the line that names the image."""
        return Evidence(self.path, self.line, message)


class Recipe(NamedTuple):
    """One Dockerfile, or another recipe that names an image."""

    path: str
    instructions: tuple[Instruction, ...]
    images: tuple[Image, ...]
    commands: tuple[Command, ...]
    prepared: bool = True

    @property
    def whole(self) -> bool:
        """Whether another kind of recipe names more than a data base or a plain image."""
        if self.instructions or not self.images:
            return False
        return self.prepared and any(not SERVICES.search(item.name) for item in self.images)

    def at(self, line: int) -> Iterator[Command]:
        """Yield the commands of the instruction at a line."""
        return (item for item in self.commands if item.line == line)

    def having(self, *words: str) -> Iterator[Instruction]:
        """Yield the instructions of these kinds."""
        return (item for item in self.instructions if item.word in words)


def instructions(text: str) -> Iterator[Instruction]:
    """Yield the instructions of a Dockerfile: continuation lines joined, here-documents kept."""
    held, start, end = "", 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        if end:
            held += f" ; {raw.strip()}" if raw.strip() != end else ""
            if raw.strip() != end:
                continue
            end = ""
        else:
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            start = start or number
            held += line.rstrip("\\") + " "
            document = HEREDOC.search(line)
            if document and line.split()[0].upper() in {"RUN", "COPY"}:
                end = document.group(1)
                held = HEREDOC.sub("", held)
                continue
            if line.endswith("\\"):
                continue
        word, _, value = held.strip().partition(" ")
        yield Instruction(word.upper(), value.strip(), start)
        held, start = "", 0


def read_dockerfile(path: str, text: str) -> Recipe:
    """Read a Dockerfile; `ARG` defaults are filled in and earlier stages are no images."""
    found = tuple(instructions(text))
    arguments: dict[str, str] = {}
    stages: set[str] = {"scratch"}
    images: list[Image] = []
    run: list[Command] = []

    def fill(match: re.Match[str]) -> str:
        return arguments.get(match.group(1), match.group(2) or match.group(0))

    for item in found:
        if item.word == "ARG" and "=" in item.value:
            name, _, value = item.value.partition("=")
            arguments[name.strip()] = value.strip().strip("\"'")
        elif item.word == "FROM":
            words = [word for word in item.value.split() if not word.startswith("--")]
            image = ARGUMENT.sub(fill, words[0]) if words else ""
            if image and image not in stages:
                images.append(Image(image, path, item.line))
            if len(words) > 2 and words[1].upper() == "AS":  # noqa: PLR2004 - image AS stage
                stages.add(words[2])
        elif item.word == "RUN":
            value = re.sub(r"^(--\S+\s+)+", "", item.value)
            run += commands(value, path, item.line)
    return Recipe(path, found, tuple(images), tuple(run))


def other_recipe(path: str, text: str) -> Recipe:
    """Read the images that compose, devcontainer and Singularity files name."""
    run: list[Command] = []
    if path.lower().endswith((".yml", ".yaml", ".json")):
        plain = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        entries = read_config(path, plain)
        # What a service builds here only takes its name from `image`.
        built = {
            entry.key.partition(".build")[0] for entry in entries if ".build" in f".{entry.key}"
        }
        images = [
            Image(str(entry.value), path, entry.line)
            for entry in entries
            if entry.key.rpartition(".")[2] == "image" and entry.key.rpartition(".")[0] not in built
        ]
    else:
        images = [
            Image(match.group(1), path, text[: match.start()].count("\n") + 1)
            for match in re.finditer(r"^From:\s*(\S+)", text, re.MULTILINE | re.IGNORECASE)
        ]
        run = [
            command
            for match in POST.finditer(text)
            for command in commands(match[1], path, text[: match.start()].count("\n") + 2)
        ]
    plain_image = path.lower().endswith("devcontainer.json") and not PREPARED.search(text)
    return Recipe(path, (), tuple(images), tuple(run), not plain_image)


class Containers(NamedTuple):
    """All recipes of the project."""

    recipes: tuple[Recipe, ...]

    @classmethod
    def collect(cls, repo: Repository) -> Containers:
        """Read every recipe that is neither vendored nor a template."""
        found: list[Recipe] = []
        for file in repo.matching(*NAMES):
            text = None if SET_ASIDE.search(file.name) else repo.text(file.path)
            if text is not None:
                found.append(read_dockerfile(file.path, text))
        for file in repo.matching(*IMAGES):
            text = repo.text(file.path)
            recipe = other_recipe(file.path, text) if text is not None else None
            if recipe is not None and recipe.images:
                found.append(recipe)
        own = [item for item in found if repo.by_path[item.path].role is not Role.EXAMPLE]
        return cls(tuple(own or found))
