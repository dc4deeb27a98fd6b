# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which of the deployment's secrets a destination or source may open: those that its settings name, as they were written.

Decided from what the operator wrote, not from what the connector's code says it needs: a connector asks for whatever it
likes, and is given what was meant for it.
"""

import os
from collections.abc import Callable, Collection, Mapping

from hub.config.load import Loaded, resolve_secret

Secrets = Callable[[str], str]
"""Gives the present value of a secret; raises ``KeyError``."""


def named_secrets(settings: object, known: Collection[str]) -> frozenset[str]:
    """The known names that stand as a value anywhere in the settings."""
    match settings:
        case str():
            return frozenset({settings} & set(known))
        case Mapping():
            return frozenset().union(*(named_secrets(one, known) for one in settings.values()))
        case list() | tuple() | set() | frozenset():
            return frozenset().union(*(named_secrets(one, known) for one in settings))
        case _:
            return frozenset()


def only(names: Collection[str], secrets: Secrets) -> Secrets:
    """The same secrets, as far as they have one of these names."""
    allowed = frozenset(names)

    def secret(name: str) -> str:
        if name not in allowed:
            raise KeyError(name)
        return secrets(name)

    return secret


def secrets_of(loaded: Loaded, settings: object) -> Secrets:
    """The secrets that these settings name, with their present values."""

    def secret(name: str) -> str:
        value = resolve_secret(loaded.deployment.secrets[name], os.environ, loaded.home)
        if value is None:
            raise KeyError(name)
        return value

    return only(named_secrets(settings, loaded.deployment.secrets), secret)
