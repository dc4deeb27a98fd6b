# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a hub has route tables held against its deployment."""

from typing import Protocol

from contracts.located import Fault
from contracts.registry import Registry
from routing.index import CompiledTable


class Tables(Protocol):
    """Where tables are held against the deployment (:class:`hub.config.tables.TableMaker`)."""

    @property
    def registry(self) -> Registry:
        """The contracts."""
        ...

    def usable(self, text: str, file: str) -> CompiledTable | tuple[Fault, ...]:
        """The table in a text, or the errors that forbid using it."""
        ...
