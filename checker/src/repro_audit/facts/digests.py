"""Digests of data: where they are written down, and where bytes are compared with them."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from repro_audit import lazyre as re
from repro_audit.facts.annex import Annex
from repro_audit.facts.code import as_code
from repro_audit.facts.croissant import Croissant
from repro_audit.facts.data import WEIGHTS, Data
from repro_audit.facts.flow import Flow
from repro_audit.facts.python import PythonIndex, matches
from repro_audit.facts.syntax import dotted, literal
from repro_audit.facts.values import Values, is_none
from repro_audit.model import Evidence
from repro_audit.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from repro_audit.facts.calls import Calls
    from repro_audit.facts.shell import Command
    from repro_audit.facts.syntax import Call, Module
    from repro_audit.repository import Repository

DIGESTS = frozenset({"known_hash", "hash_prefix", "md5", "sha256", "file_hash", "checksum"})
CHECKSUM_FILES = (
    "*sha256sums*",
    "*md5sums*",
    "*sha512sums*",
    "checksums*",
    "*.sha256",
    "*.md5",
    "*.sha512",
    "*checksums*.txt",
    "*checksums*.json",
    "manifest-sha256.txt",
)
DIGEST = re.compile(r"\b[0-9a-fA-F]{32,128}\b")
LISTED = re.compile(r"\\?[0-9a-fA-F]{32,128} [ *](.+)")  # as sha256sum writes it
# An archive, or a name without an ending: a folder.
HOLDS_MORE = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz|zst|7z|rar)$|^[^.]+$", re.IGNORECASE)
EXPECTED = re.compile(r"\b[0-9a-fA-F]{8,128}$")
MADE = re.compile(r"digest|hashlib|\bmd5\(|\bsha\d+\(")
DIGEST_NAME = re.compile(r"md5|sha\d|digest|checksum|hash|crc", re.IGNORECASE)
SECRETS = re.compile(
    r"passw|passphrase|login|token|secret|credential|\bauth|signature", re.IGNORECASE
)
HASHERS = ("hashlib.*", "*.file_digest")


def digests(repo: Repository) -> Iterator[Evidence]:
    """Yield the files that list expected digests of data."""
    for file in repo.matching(*CHECKSUM_FILES, roles=tuple(Role)):
        for number, line in enumerate(repo.lines(file.path), 1):
            if DIGEST.search(line[:2000]):
                yield Evidence(file.path, number, "an expected digest")
                break
    yield from repo.fact(Croissant).digested()


def recorded(repo: Repository) -> tuple[list[Evidence], list[Evidence]]:
    """Return the digests of tools that compare what they fetch: DVC and git-annex.

    The second are those of files that the code does not read.
    """
    found: list[Evidence] = []
    listed: set[str] = set()
    for file in repo.matching("*.dvc", "dvc.lock"):
        first = True  # one digest of a file is evidence enough; its paths are needed all
        for number, line in enumerate(repo.lines(file.path), 1):
            if first and re.search(r"\b(md5|sha256|etag):\s*\S+", line):
                found.append(Evidence(file.path, number, "DVC records the digest of the data"))
                first = False
            if out := re.match(r"[\s-]*path:\s*(\S+)", line):
                listed.add(out[1])
    others = of_other_files(repo, listed)
    keys = [item.evidence() for item in repo.fact(Annex).files if item.digest]
    return ([] if others else found) + keys, found if others else []


def comparisons(repo: Repository) -> Iterator[Evidence]:
    """Yield reached calls that compute a digest in a scope that compares it and can stop."""
    index = repo.fact(PythonIndex)
    live = repo.fact(Flow).entered
    given = given_digests(index.made, live)
    for module in index.live():
        scopes = {call.scope for call in module.calls if matches(call.name, HASHERS)}
        hashing = {name for name in scopes if name}
        for check in module.checks if scopes else ():
            line, scope = check.line, check.scope
            called = {call.name for call in module.calls_in.get(scope, ())}
            hashes = scope in scopes or not called.isdisjoint(hashing)
            if (module.path, scope) not in live or not hashes:
                continue
            test = as_code(check.test)
            said = f"{module.path} {scope} {test[:200]}"
            if WEIGHTS.search(said) or SECRETS.search(said):
                continue
            if of_digest(test[:400], module, scope, hashing):
                yield Evidence(
                    module.path,
                    line,
                    "a computed digest is compared, and a difference stops the run",
                )
        if not WEIGHTS.search(module.path):
            yield from given.get(module.path, ())


def of_digest(said: str, module: Module, scope: str, hashing: set[str]) -> bool:
    """Say whether a test asks for a digest: by a name, or by what a name was bound to."""
    bound = {
        item.target
        for item in module.assignments
        if item.scope == scope
        and item.value is not None
        and (MADE.search(as_code(item.value)[:400]) or calls_one(item.value, hashing))
    }
    words = set(re.findall(r"\w+", said))
    tails = {name.rpartition(".")[2] for name in hashing}
    return bool(DIGEST_NAME.search(said) or words & bound or words & tails)


def calls_one(node: ast.expr, names: set[str]) -> bool:
    """Say whether an expression calls one of the functions that compute a digest."""
    tails = {name.rpartition(".")[2] for name in names}
    return any(
        isinstance(item, ast.Call) and dotted(item.func).rpartition(".")[2] in tails
        for item in ast.walk(node)
    )


def given_digests(
    calls: Calls, live: Collection[tuple[str, str]] | None = None
) -> dict[str, list[Evidence]]:
    """Return by file the downloads, of `live` places or of all, that are given their digest."""
    found: dict[str, list[Evidence]] = {}
    for call in calls.any_of(keywords=DIGESTS):
        if live is None or (call.path, call.scope) in live:
            for keyword in [item.arg for item in call.node.keywords if item.arg in DIGESTS]:
                if EXPECTED.search(str(call.literal(keyword))):
                    seen = call.evidence("the download is given the digest it must have")
                    found.setdefault(call.path, []).append(seen)
    for call in calls.named("pooch.create"):
        if (live is None or (call.path, call.scope) in live) and registered(call, calls):
            seen = call.evidence("pooch compares what it fetches with its registry")
            found.setdefault(call.path, []).append(seen)
    return found


def registered(call: Call, calls: Calls) -> bool:
    """Say whether a store of pooch is given digests, when it is made or in the same file."""
    given = call.argument("registry")
    if given is not None and literal(given) is None and not is_none(given):
        return True  # a name, which holds what reading does not follow
    loaded = any(item.path == call.path for item in calls.any_of(methods=("load_registry",)))
    return bool(literal(given)) or loaded


def sum_commands(
    repo: Repository, commands: Iterator[Command]
) -> tuple[list[Evidence], list[Evidence]]:
    """Return the shell commands that check a list of digests, and those whose list is beside it.

    The second name none of the files that the code reads.
    """
    data: list[Evidence] = []
    others: list[Evidence] = []
    for command in commands:
        sums = re.fullmatch(r"(sha\d+sum|md5sum|shasum)", command.program)
        if not sums or not {"-c", "--check"} & set(command.words):
            continue
        if of_other_files(repo, listed_by(repo, command)):
            others.append(command.evidence("checks files that the code does not read"))
        else:
            data.append(command.evidence("the digests are checked by command"))
    return data, others


def listed_by(repo: Repository, command: Command) -> set[str]:
    """Return the files that the lists of digests name which a command checks."""
    named = {PurePosixPath(word).name for word in command.words if not word.startswith("-")}
    return {
        found[1]
        for file in repo.files
        if PurePosixPath(file.path).name in named
        for line in repo.lines(file.path)
        if (found := LISTED.match(line[:2000]))
    }


def of_other_files(repo: Repository, listed: set[str]) -> bool:
    """Say whether listed files are known to be none of those that the code reads.

    An archive or a folder may hold any of them, and a path that is put together may be any.
    """
    names = {PurePosixPath(item).name for item in listed}
    paths = [read_path(repo, call) for call in repo.fact(Data).reads]
    if not names or not paths or None in paths or any(map(HOLDS_MORE.search, names)):
        return False
    return not names & {PurePosixPath(path or "").name for path in paths}


def read_path(repo: Repository, call: Call) -> str | None:
    """Return the path that a reader is given, where it can be told."""
    given = call.node.args[0] if call.given else None
    found = repo.fact(Values).of(given, call.path, call.scope).value
    return found if isinstance(found, str) else None
