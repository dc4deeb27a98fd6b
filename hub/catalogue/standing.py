# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a hub knows of its item catalogue: as the worker last read it, so that health and metrics ask nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hub.catalogue.timetable import late
from hub.config.catalogue import CatalogueSection
from hub.health import Condition
from hub.ports.journal.cataloguing import Ledger


@dataclass(slots=True)
class Catalogue:
    """``section`` None: this deployment keeps no catalogue. ``ledger`` is None until it was read."""

    section: CatalogueSection | None = None
    ledger: Ledger | None = None

    def conditions(self, now: datetime) -> Iterator[Condition]:
        """What is late."""
        if self.section is not None and self.ledger is not None:
            yield from late(self.section, self.ledger, now)
