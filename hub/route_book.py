# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The route table that a hub plans by. It is replaced whole, between two messages: none is planned by half a table."""

from dataclasses import dataclass

from contracts.contract import Contract
from routing.index import CompiledTable
from routing.purposes import Limit, limit


@dataclass(slots=True)
class RouteBook:
    """``active`` is read once for a message."""

    active: CompiledTable

    def limit(self, purpose: str, contract: Contract) -> Limit | None:
        """What the active table says that a purpose needs of a contract version. None: nothing, or no such purpose any more."""
        known = self.active.table.purposes.get(purpose)
        return None if known is None else limit(known, contract)
