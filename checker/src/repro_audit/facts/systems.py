"""What a project needs beside its language's packages, and where that is declared."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers
from repro_audit.facts.dependencies import Dependencies
from repro_audit.facts.flow import Flow
from repro_audit.facts.hardware import Hardware
from repro_audit.facts.prose import Prose, script_commands
from repro_audit.facts.python import matches
from repro_audit.facts.quoting import quoted
from repro_audit.facts.statements import Statements
from repro_audit.facts.syntax import literal
from repro_audit.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro_audit.facts.documents import Document
    from repro_audit.facts.shell import Command
    from repro_audit.facts.syntax import Call
    from repro_audit.repository import Repository

STARTS = ("subprocess.*", "os.system", "os.popen", "shutil.which")
# Programs that no bare image brings; shells, git and the tools of every system are left out.
PROGRAMS = frozenset(
    [
        *(
            "ffmpeg",
            "ffprobe",
            "sox",
            "java",
            "javac",
            "Rscript",
            "R",
            "julia",
            "gcc",
            "g++",
            "clang",
            "cmake",
            "nvcc",
            "matlab",
            "octave",
        ),
        *(
            "pdflatex",
            "latexmk",
            "xelatex",
            "dot",
            "convert",
            "magick",
            "gs",
            "tesseract",
            "blastp",
            "blastn",
            "samtools",
            "bcftools",
        ),
        *(
            "bedtools",
            "minizinc",
            "glpsol",
            "cbc",
            "gnuplot",
            "pandoc",
            "node",
            "npm",
            "perl",
            "espeak",
            "lilypond",
            "soffice",
            "mpirun",
        ),
        *("docker", "singularity"),
    ]
)
SYSTEM = re.compile(
    r"\b(Ubuntu|Debian|CentOS|Fedora|RHEL|Rocky Linux|AlmaLinux|macOS|Mac OS X|OS X|Windows)"
    r"[ -]*(server )?v?(\d+(\.\d+)*|bookworm|bullseye|jammy|focal|noble)\b",
    re.IGNORECASE,
)
VERSIONED = re.compile(
    r"(?-i:\bR)[ -]+(version |v|>=|==)?[ -]*\d+\.\d+\b|"
    r"\b(gcc|g\+\+|clang|cmake|java|openjdk|jdk|julia|ffmpeg|sox|graphviz|matlab|octave|mujoco|"
    r"openmpi|libsndfile|tesseract)[ -]*(version|v|>=|==|=)?[ -]*\d+(\.\d+)*\b",
    re.IGNORECASE,
)
PACKS = frozenset({"cudatoolkit", "pytorch-cuda", "cuda-version", "cudnn", "cuda-toolkit"})
COMPILED = re.compile(r"^(c-compiler|cxx-compiler|gcc|gxx|compilers|r-base|openjdk|ffmpeg|cmake)$")
WHEELS = re.compile(r"(whl/|\+)(cu\d{2,3}|rocm\d[\d.]*)\b")
INSTALLERS = (
    *(("apt-get", "install"), ("apt", "install"), ("apk", "add"), ("yum", "install")),
    *(("dnf", "install"), ("brew", "install"), ("pacman", "-S"), ("zypper", "install")),
)
EXACT = ("*flake.nix", "flake.lock", "spack.lock", "channels.scm")
LISTS = ("apt.txt", "packages.txt", "spack.yaml", "shell.nix", "default.nix", "guix.scm")
DEVICE = ("*.cuda", "torch.cuda.set_device")


@dataclass
class Systems:
    """Programs and devices in use; what is declared with a version, and what by name alone."""

    programs: list[tuple[str, Evidence]] = field(default_factory=list)
    devices: list[Evidence] = field(default_factory=list)
    fixed: list[Evidence] = field(default_factory=list)
    named: list[Evidence] = field(default_factory=list)
    documents: tuple[Document, ...] = ()

    @classmethod
    def collect(cls, repo: Repository) -> Systems:
        """Read reached calls, recipes, environment files, documents and scripts."""
        found = cls()
        for call in repo.fact(Flow).calls.named(*STARTS, *DEVICE):
            name = program(call) if matches(call.name, STARTS) else ""
            if name in PROGRAMS:
                found.programs.append((name, call.evidence(f"{call.name} needs {name}")))
            elif matches(call.name, DEVICE) and not call.conditions:
                found.devices.append(call.evidence(f"{call.name} needs a CUDA device"))
        found.from_environment(repo)
        found.from_documents(repo)
        for pattern, kept in ((EXACT, found.fixed), (LISTS, found.named)):
            kept += [
                Evidence(item.path, 0, "lists system packages") for item in repo.matching(*pattern)
            ]
        return found

    def from_environment(self, repo: Repository) -> None:
        """Read images, what recipes install, and conda's packages."""
        for number, line in enumerate(repo.lines("cog.yaml"), 1):
            if re.match(r"\s+cuda:\s*[\"']?\d", line):
                self.fixed.append(Evidence("cog.yaml", number, line.strip()[:80]))
        for recipe in repo.fact(Containers).recipes:
            for image in recipe.images:
                release = re.search(
                    r"cuda:?\d|:.*(bookworm|bullseye|jammy|focal|noble)|ubuntu:\d|debian:\d",
                    image.name,
                )
                if image.pin == "digest" or (image.pin == "tag" and release):
                    self.fixed.append(image.evidence(f"fixes the system: {image.name}"))
            for command in recipe.commands:
                self.install(command)
        for item in repo.fact(Dependencies).sources():
            if item.name in PACKS or COMPILED.match(item.name):
                kept = self.fixed if re.search(r"\d", item.spec) else self.named
                kept.append(item.evidence(f"{item.name} {item.spec}".strip()))
        for lock in repo.fact(Dependencies).locks:
            if any(name.startswith("nvidia-cuda-runtime") for name in lock.versions()):
                self.fixed.append(Evidence(lock.path, 0, "the wheels of CUDA are locked"))

    def from_documents(self, repo: Repository) -> None:
        """Read what documents name with a version, and the commands that they show."""
        self.fixed += repo.fact(Hardware).stack
        for statement in repo.fact(Statements).all:
            if SYSTEM.search(statement.text) or VERSIONED.search(statement.text):
                self.fixed.append(statement.evidence())
        for command in (*repo.fact(Prose).commands(), *script_commands(repo)):
            self.install(command)
            if WHEELS.search(command.text):
                self.fixed.append(command.evidence(quoted(command.text)))
        self.documents = repo.fact(Prose).documents

    def install(self, command: Command) -> None:
        """Note packages of the system that a command installs, each with or without a version."""
        words = tuple(word for word in command.words if not word.startswith("-") or word == "-S")
        if words[:2] not in INSTALLERS:
            return
        exact = bool(words[2:]) and all("=" in word or "@" in word for word in words[2:])
        (self.fixed if exact else self.named).append(command.evidence(quoted(command.text)))

    def undeclared(self) -> Iterator[Evidence]:
        """Yield the uses of programs that nothing declares by name."""
        lines = [line[:500] for document in self.documents for line in document.lines]
        told = "\n".join([*lines, *(item.message for item in (*self.fixed, *self.named))])
        for name, seen in self.programs:
            plain = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
            if not plain.search(told):
                yield seen


def program(call: Call) -> str:
    """Return the name of the program that a call starts or looks for; empty when not literal."""
    first = call.node.args[0] if call.given else None
    if isinstance(first, (ast.List, ast.Tuple)):
        first = first.elts[0] if first.elts else None
    if isinstance(first, ast.JoinedStr):
        first = first.values[0] if first.values else None
    value = literal(first)
    words = value.split() if isinstance(value, str) else []
    return words[0].rpartition("/")[2] if words else ""
