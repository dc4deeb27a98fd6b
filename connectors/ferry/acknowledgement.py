# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the receiving end says: how far everything is there, what is missing, and what its hub refused. Each says it all again."""

from pydantic import BaseModel, ConfigDict, Field

from connectors.ferry.bundle import Hash

MISSING_MOST = 1000
REFUSED_MOST = 200


class RefusedEntry(BaseModel):
    """A message that the receiving hub will never take as it is; the problem document lies at its side."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sequence: int
    key: str
    code: str


class Acknowledgement(BaseModel):
    """``contiguous``: the last bundle of an unbroken row that is settled, and ``hash`` its hash; 0 and zeros before the first.

    ``refused`` are the last of them: of bundles before ``refused_from`` not all are listed any more.
    ``missing`` are sequence numbers behind it that have not come though later ones have, ``since`` when the first was missed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    contiguous: int = Field(ge=0)
    hash: Hash
    missing: tuple[int, ...] = Field(default=(), max_length=MISSING_MOST)
    since: str = Field(default="", max_length=40)
    refused: tuple[RefusedEntry, ...] = Field(default=(), max_length=REFUSED_MOST)
    refused_from: int = Field(default=0, ge=0)
