# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""执收单位编码: how the finance department numbers the bodies that may charge; no 统一社会信用代码, without a check digit."""

from typing import Annotated

from pydantic import Field

from contracts import forms

ChargingUnit = Annotated[str, Field(strict=True, min_length=1, max_length=64, pattern=forms.DEPARTMENT)]
"""Up to 20 characters in the non-tax revenue record; longer ones are taken."""
