"""Judge whether building the image twice gives the same image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_audit import (
    Evidence,
    Repository,
    Verdict,
    failed,
    not_applicable,
    partial,
    passed,
    unknown,
)
from repro_audit import lazyre as re
from repro_audit.facts.containers import Containers, Recipe
from repro_audit.facts.dependencies import Dependencies, installed_by

if TYPE_CHECKING:
    from collections.abc import Iterator


def env_base_image_pinned(repo: Repository) -> Verdict:
    """Base images are named by digest, and the recipe installs nothing of no fixed version."""
    recipes = [recipe for recipe in repo.fact(Containers).recipes if recipe.images]
    if not recipes:
        return not_applicable("There is no container recipe.")
    images = [image for recipe in recipes for image in recipe.images]
    fix = "Write the digest behind the tag: FROM python:3.11-slim@sha256:..."
    floating = [
        image.evidence(f"{image.name} may be another image tomorrow")
        for image in images
        if image.pin == "floating"
    ]
    if floating:
        return failed("A base image floats.", *floating, fix=fix)
    open_names = [
        image.evidence(f"{image.name} is chosen when the image is built")
        for image in images
        if image.pin == "unresolved"
    ]
    if open_names:
        return unknown("An argument of the build names the base image.", *open_names)
    deps = repo.fact(Dependencies)
    locked = {lock.path.rpartition("/")[2] for lock in deps.locks if not lock.problem}
    drift = [seen for recipe in recipes for seen in drifting(recipe, locked)]
    tagged = [
        image.evidence(f"{image.name} is a tag, which can be moved")
        for image in images
        if image.pin == "tag"
    ]
    if tagged or drift:
        summary = (
            "A base image is named by tag only."
            if tagged
            else "The recipe installs what is not fixed."
        )
        return partial(summary, *tagged, *drift, fix=fix)
    return passed(
        "Every base image is named by its digest.",
        *(image.evidence("pinned by digest") for image in images),
    )


def drifting(recipe: Recipe, locked: set[str]) -> Iterator[Evidence]:
    """Yield the commands of a recipe whose result changes with the day."""
    for command in recipe.commands:
        text = command.text
        loose = [
            item
            for item in installed_by(command)
            if not item.exact and not item.path.startswith(".")
        ]
        named = {word.rpartition("/")[2] for word in command.words}
        listed = {word for word in named if word.endswith((".txt", ".in"))}
        safe = "--require-hashes" in text or (listed and listed <= locked)
        if loose and not safe and loose[0].name not in {"pip", "uv"}:
            yield command.evidence(f"installs {loose[0].name} of no fixed version")
        elif re.match(r"(apt-get|apt|apk|yum|dnf) (-\S+ )*(dist-)?upgrade", text):
            yield command.evidence("upgrades to whatever is newest")
        elif (
            command.program == "git"
            and "clone" in command.words
            and not re.search(r"[0-9a-f]{40}", text)
        ):
            yield command.evidence("clones a branch that moves")
