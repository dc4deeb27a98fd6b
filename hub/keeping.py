# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How long things are kept. 保存期限"""

from dataclasses import dataclass
from datetime import timedelta

from hub.config.keeping import MaterialsSection, RetentionSection

TRAIL_MONTHS = 120
"""Of what operators did, unless the deployment says otherwise: whoever asks about that may come late."""


@dataclass(frozen=True, slots=True)
class Retention:
    """``online_months``: full months that stay in the journal; ``duplicates``: how long a repeat is recognised;
    ``archive``: how long the archive keeps, None for ever; ``acts_months``: full months for which it is kept what operators did
    and who signed in, ``lookups_months`` what systems asked registers, ``proposals_months`` what waited for a second person.
    """

    online_months: int
    duplicates: timedelta
    archive: timedelta | None
    acts_months: int
    lookups_months: int
    proposals_months: int


@dataclass(frozen=True, slots=True)
class Keeping:
    """``unnamed``: how long a material stays that no case names. Without ``retention`` history stays where it is."""

    unnamed: timedelta = timedelta(days=30)
    retention: Retention | None = None

    @classmethod
    def of(cls, materials: MaterialsSection, retention: RetentionSection | None) -> "Keeping":
        """As a deployment says it."""
        unnamed = timedelta(days=materials.unnamed_days)
        if retention is None:
            return cls(unnamed)
        archive = None if retention.archive_years is None else timedelta(days=retention.archive_years * 365.25)
        return cls(
            unnamed,
            Retention(
                online_months=retention.online_months,
                duplicates=timedelta(days=retention.duplicates_days),
                archive=archive,
                acts_months=retention.acts_months or TRAIL_MONTHS,
                lookups_months=retention.acts_months or retention.online_months,
                proposals_months=retention.proposals_months,
            ),
        )
