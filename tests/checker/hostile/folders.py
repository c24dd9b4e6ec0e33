"""Trees whose files are no plain files, or have names that are no plain names."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from .registry import plant, tree

NAMES = ("train.py", "README.md", "pyproject.toml", "requirements.txt", "Dockerfile", "a.ipynb")
MORE = ("conf/config.yaml", "uv.lock", ".github/workflows/ci.yml", "CITATION.cff", "Makefile")
CODE = "import numpy as np\n\nprint(np.random.rand(3))\n"


def secret(root: Path) -> Path:
    """A file beside the tree whose content must never be seen."""
    folder = root.parent / "outside"
    folder.mkdir(exist_ok=True)
    plant(
        folder, {"secret.py": "TOKEN = 'hunter2-the-secret'\n", "secret/deep.py": "hunter2 = 1\n"}
    )
    return folder


@tree(*NAMES, *MORE)
def links_to_files_outside(root: Path) -> None:
    """Every usual file is a symbolic link to a file outside."""
    plant(root, {"own.py": CODE})
    for name in (*NAMES, *MORE):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(secret(root) / "secret.py")


@tree("src", "conf", "docs")
def links_to_folders_outside(root: Path) -> None:
    """Folders of the tree are symbolic links to folders outside and to the root of the system."""
    plant(root, {"own.py": CODE})
    (root / "src").symlink_to(secret(root))
    (root / "conf").symlink_to("/")
    (root / "docs").symlink_to("..")


@tree("loop", "one.py", "two.py", "self.py")
def link_loops(root: Path) -> None:
    """Links that lead to themselves, to each other and to the root of the tree."""
    plant(root, {"own.py": CODE})
    (root / "loop").symlink_to(root)
    (root / "one.py").symlink_to("two.py")
    (root / "two.py").symlink_to("one.py")
    (root / "self.py").symlink_to("self.py")
    (root / "deep").mkdir()
    (root / "deep" / "up").symlink_to("..")


@tree(*NAMES, *MORE)
def pipes(root: Path) -> None:
    """Every usual file is a named pipe that nobody writes to."""
    plant(root, {"own.py": CODE})
    for name in (*NAMES, *MORE):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(root / name)


@tree("train.py", "README.md")
def sockets(root: Path) -> None:
    """Files that are sockets."""
    plant(root, {"own.py": CODE})
    here = Path.cwd()
    for name in ("train.py", "README.md"):
        # The path of a socket is short, so it is made from inside.
        os.chdir(root)
        try:
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(name)
        finally:
            os.chdir(here)


@tree("train.py", "README.md")
def devices(root: Path) -> None:
    """Files that are devices which never end."""
    plant(root, {"own.py": CODE})
    for name in ("train.py", "README.md"):
        try:
            os.mknod(root / name, stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except PermissionError:  # noqa: PERF203 - one try for each
            pytest.skip("only root makes devices")


@tree("train.py", "locked/")
def unreadable(root: Path) -> None:
    """Files and folders that nobody may read."""
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    plant(root, {"own.py": CODE, "train.py": CODE, "locked/a.py": CODE})
    (root / "train.py").chmod(0)
    (root / "locked").chmod(0)


@tree()
def folders_named_like_files(root: Path) -> None:
    """Folders called README.md, requirements.txt, pyproject.toml, .git/index and so on."""
    plant(root, {"own.py": CODE, ".git/HEAD": "ref: refs/heads/main\n"})
    for name in (*NAMES, *MORE, "repro-audit.toml", "setup.py", ".git/index", "repro-record.json"):
        (root / name / "inside").mkdir(parents=True)
        plant(root, {f"{name}/inside.py": CODE})


@tree()
def names_that_are_no_text(root: Path) -> None:
    """Names with newlines, control characters, markup, bytes that are no UTF-8."""
    for name in (
        b"a\nb.py", b"\x1b[31mred.py", b"\r::error::x.py", b"[red]x[bold].py", b"<img src=x>.py",
        b"\xff\xfe.py", b"a|b`c.py", b"\xe2\x80\xae.py", b"x" * 240 + b".py", b" .py", b"-r.py",
        b"'; touch ran;'.py", b"$(touch ran).py", b"%s%n.py", b"{0.__class__}.py", b"\x7f\x01.py",
    ):  # fmt: skip
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_text(CODE)
    folder = Path(os.fsdecode(os.fsencode(root) + b"/f\xff\n\x1b]0;x\x07"))
    plant(folder, {"train.py": CODE, "requirements.txt": "numpy\n", "README.md": "# x\n"})


@tree()
def folders_without_end(root: Path) -> None:
    """Folders inside each other, deeper than a path may be long."""
    plant(root, {"own.py": CODE})
    here = Path.cwd()
    try:
        os.chdir(root)
        for _ in range(230):
            Path("f" * 20).mkdir()
            os.chdir("f" * 20)
            Path("a.py").write_text(CODE)
    finally:
        os.chdir(here)


@tree()
def fifty_thousand_files(root: Path) -> None:
    """Fifty thousand files, every third a module."""
    for folder in range(250):
        (root / f"d{folder}").mkdir()
        for number in range(200):
            name = f"f{number}.py" if number % 3 == 0 else f"f{number}.txt"
            (root / f"d{folder}" / name).touch()


@tree()
def code_that_would_run(root: Path) -> None:
    """Modules called like ours and like the library's, setup.py, conftest.py, path files."""
    mark = root.parent / "ran"
    body = f"open({str(mark)!r}, 'w').write('x')\nraise SystemExit(0)\n"
    names = (
        "setup.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "yaml.py", "json.py",
        "rich/__init__.py", "jinja2.py", "packaging.py", "tomllib.py", "argparse.py", "noxfile.py",
        "hubconf.py", "__init__.py", "__main__.py", "plugin.py",
    )  # fmt: skip
    plant(root, dict.fromkeys(names, body))
    plant(
        root,
        {
            "evil.pth": f"import os; open({str(mark)!r}, 'w')\n",
            "evil-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1\n",
            "evil-1.dist-info/entry_points.txt": "[repro_audit.practices]\nevil = plugin\n",
            "pyproject.toml": "[tool.repro-audit]\nselect = ['env-lock']\n",
            ".env": f"PYTHONSTARTUP={root}/setup.py\n",
        },
    )
