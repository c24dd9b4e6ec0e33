"""Which variables a child may see; what looks like a secret is neither handed on nor written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|APIKEY|API_KEY|ACCESS_KEY|PRIVATE|AUTH|COOKIE"
    r"|SESSION|_KEY$|^GH_|^GITHUB_|^AWS_|^AZURE_|^SSH_|^GPG_|^NPM_|_DSN$|DATABASE_URL",
    re.IGNORECASE,
)
MASK = "***"


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out the variables whose names say that they hold a secret."""
    return {name: value for name, value in environment.items() if not SECRET.search(name)}


def masked(environment: Mapping[str, str]) -> dict[str, str]:
    """Keep every name, and hide the value of a secret."""
    return {
        name: MASK if SECRET.search(name) else value for name, value in sorted(environment.items())
    }
