# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The field types of oversight: how many, how many points, which contract, where from."""

from typing import Annotated

from pydantic import Field

from contracts import forms

Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
"""How many; larger than a province's cases of a year."""

Points = Annotated[str, Field(strict=True, pattern=forms.POINTS)]
"""分值: a string, so that no reader rounds it, in the one form each value has."""

ContractType = Annotated[str, Field(strict=True, max_length=128, pattern=forms.CONTRACT_TYPE)]
"""The CloudEvents ``type`` of a contract."""

ContractVersion = Annotated[int, Field(strict=True, ge=1, le=9999)]

FetchAddress = Annotated[str, Field(strict=True, max_length=500, pattern=forms.FETCH)]
"""Where something is fetched: an address, or a path at the system that both sides know."""

MessageId = Annotated[str, Field(strict=True, min_length=1, max_length=256, pattern=forms.LINE)]
"""The CloudEvents ``id``, unique together with the source."""

SystemId = Annotated[str, Field(strict=True, min_length=1, max_length=512, pattern=forms.LINE)]
"""The CloudEvents ``source``: the identity a system is registered under."""

PageNumber = Annotated[int, Field(strict=True, ge=1, le=100_000)]
