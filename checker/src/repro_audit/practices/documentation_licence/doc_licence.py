"""Judge whether the code has a licence."""

from __future__ import annotations

from repro_audit import Evidence, Repository, Role, Verdict, failed, partial, passed
from repro_audit import lazyre as re
from repro_audit.facts.declarations import OPEN
from repro_audit.facts.prose import Prose

FILES = (
    "license",
    "license.*",
    "licence",
    "licence.*",
    "copying",
    "copying.*",
    "unlicense*",
    "license-*",
    "licenses/*.txt",
)
STUB = 20
GRANT = 40
UNFILLED = re.compile(
    r"[\[<{](year|yyyy|fullname|name of copyright owner|owner|copyright holders?)[\]>}]"
)
KNOWN = (
    ("MIT", r"permission is hereby granted, free of charge"),
    (
        "Apache-2.0",
        r"apache license\s+version 2\.0|version 2\.0, january 2004\s+http://www\.apache\.org/licenses",
    ),
    ("AGPL-3.0", r"gnu affero general public license"),
    ("LGPL", r"gnu lesser general public license"),
    ("GPL", r"gnu general public license"),
    ("BSD", r"redistribution and use in source and binary forms"),
    ("MPL-2.0", r"mozilla public license"),
    ("ISC", r"permission to use, copy, modify, and/or distribute this software for any"),
    ("Unlicense", r"free and unencumbered software released into the public domain"),
    ("CC", r"creative commons|cc0 1\.0|attribution[- ]\S* ?4\.0"),
    ("EUPL", r"european union public licen[cs]e"),
    ("CeCILL", r"cecill"),
    ("BSL-1.0", r"boost software license"),
    ("proprietary", r"all rights reserved"),
)


def doc_licence(repo: Repository) -> Verdict:
    """A licence file with a known text stands at the top."""
    fix = "Add a LICENSE file, for example the text of the MIT licence"
    files = [
        file
        for file in repo.matching(*FILES, roles=(Role.SOURCE, Role.PROSE))
        if file.path.count("/") <= 1
    ]
    tops = [
        file for file in files if "/" not in file.path or file.path.lower().startswith("licenses/")
    ]
    for file in tops:
        text = re.sub(r"\s+", " ", (repo.text(file.path) or "")[:20_000]).lower()
        name = next((name for name, pattern in KNOWN if re.search(pattern, text)), None)
        if name == "proprietary" and len(text.split()) < GRANT:
            seen = Evidence(file.path, 1, "reserves all rights and grants none")
            return failed("The licence file grants nothing.", seen, fix=fix)
        if name is not None and UNFILLED.search(text[:500]):
            seen = Evidence(file.path, 1, "the year or the holder is left open")
            return partial(f"The licence is {name}, and names no holder.", seen, fix=fix)
        if name is not None:
            return passed(f"The licence is {name}.", Evidence(file.path, 1, f"the text of {name}"))
        if len(text.split()) > STUB and not OPEN.search(text[:500]):
            return passed(
                "The licence has a text of its own.", Evidence(file.path, 1, "a licence of its own")
            )
    if tops:
        return failed(
            "The licence file holds no licence.",
            Evidence(tops[0].path, 1, "no licence text"),
            fix=fix,
        )
    readme = repo.fact(Prose).readme
    said = list(readme.find(r"\blicen[cs]ed? under\b|^#+\s*licen[cs]e")) if readme else []
    summary = "No licence file stands at the top."
    if readme and said:
        return failed(
            summary, readme.at(said[0][0], "only the README speaks of a licence"), fix=fix
        )
    return failed(summary, Evidence(".", 0, "no LICENSE, LICENCE or COPYING"), fix=fix)
