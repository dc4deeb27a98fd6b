# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The field types of the families: what GB/T 39046-2020 calls ``an..50``, 日期时间 and so on, as pydantic types.

Widths count characters. Nothing is trimmed or converted silently: a string stays the string it was, ``"1"`` is not 1.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from contracts import forms
from contracts.canonical_form import Written
from contracts.identifiers.marks import Identifier
from contracts.timestamps import parse_timestamp

BEIJING = timezone(timedelta(hours=8))
"""The one civil time of the country; it has had no summer time since 1992."""

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_IN_BEIJING = re.compile(
    r"(?:19[1-9]|20[0-9]|21[0-8])[0-9]-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\+08:00"
)
_DAY = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def says(zh: str, en: str) -> FieldInfo:
    """A field's Chinese title and English description."""
    return Field(title=zh, description=en)  # type: ignore[no-any-return]


def _canonical_moment(value: Any) -> datetime | None:
    """The moment of a text in canonical form, as most are written, well within the bounds; None: look closer."""
    if type(value) is not str or not _IN_BEIJING.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _moment(value: Any) -> datetime:
    if (usual := _canonical_moment(value)) is not None:
        return usual
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(BEIJING)
    if not isinstance(value, str):
        raise PydanticCustomError("moment_type", "a string is expected")
    moment = parse_timestamp(value)
    if moment is None or not (1900 < moment.year < 2199 or _EARLIEST <= moment < _LATEST):
        raise PydanticCustomError("moment", "an RFC 3339 time with offset is expected")
    return moment.astimezone(BEIJING)


def _moment_text(value: Any) -> str:
    return value if _canonical_moment(value) is not None else _moment(value).isoformat()


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("day_type", "a string is expected")
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        raise PydanticCustomError("day", "a date is expected")
    return day


def _day_text(value: Any) -> str:
    return _day(value).isoformat()


Moment = Annotated[datetime, BeforeValidator(_moment), Written(_moment_text)]
"""日期时间: RFC 3339 with any offset; canonical in Beijing time (``+08:00``), so that equal moments are equal texts."""

Day = Annotated[date, BeforeValidator(_day), Written(_day_text)]
"""日期: ``YYYY-MM-DD``."""

Line20 = Annotated[str, Field(strict=True, min_length=1, max_length=20, pattern=forms.LINE)]
Line30 = Annotated[str, Field(strict=True, min_length=1, max_length=30, pattern=forms.LINE)]
Line50 = Annotated[str, Field(strict=True, min_length=1, max_length=50, pattern=forms.LINE)]
Line100 = Annotated[str, Field(strict=True, min_length=1, max_length=100, pattern=forms.LINE)]
Line200 = Annotated[str, Field(strict=True, min_length=1, max_length=200, pattern=forms.LINE)]
Line500 = Annotated[str, Field(strict=True, min_length=1, max_length=500, pattern=forms.LINE)]
Prose1000 = Annotated[str, Field(strict=True, min_length=1, max_length=1000, pattern=forms.PROSE)]
Prose2000 = Annotated[str, Field(strict=True, min_length=1, max_length=2000, pattern=forms.PROSE)]
"""不限长 (ul) in the standard; 2000 characters is what the national front-database tables hold."""

CaseNo = Line50
"""统一办件编号 an..50: opaque, never taken apart."""

Region = Annotated[str, Field(strict=True, pattern=forms.REGION), Identifier.REGION]
Item = Annotated[str, Field(strict=True, min_length=1, max_length=64, pattern=forms.ITEM), Identifier.ITEM]
"""实施编码: 24 characters in the standard, 31 and 33 since, 55 in some provinces; all lengths are in use."""

Department = Annotated[
    str, Field(strict=True, min_length=1, max_length=64, pattern=forms.DEPARTMENT), Identifier.DEPARTMENT
]
"""统一社会信用代码, or the older code a site still writes; its check digit is not a condition."""

IdType = Annotated[str, Field(strict=True, pattern=forms.ID_TYPE)]
IdNumber = Annotated[Line500, Identifier.DOCUMENT]
"""证件号码: 18 characters in the standard, too short for some passports; long enough for an enciphered one."""

ProjectCode = Annotated[Line50, Identifier.PROJECT]
"""投资项目代码, 24 characters in the standard."""

LicenceId = Annotated[Line100, Identifier.LICENCE]
"""电子证照标识, about 70 characters with the serial numbers that are in use."""

Postcode = Annotated[str, Field(strict=True, pattern=forms.POSTCODE)]
Sha256 = Annotated[str, Field(strict=True, pattern=forms.SHA256)]
MediaType = Annotated[str, Field(strict=True, max_length=200, pattern=forms.MEDIA_TYPE)]
Size = Annotated[int, Field(strict=True, ge=0, le=2**40)]
Copies = Annotated[int, Field(strict=True, ge=0, le=99)]
Flag = Annotated[bool, Field(strict=True)]

Money = Annotated[str, Field(strict=True, pattern=forms.MONEY)]
"""金额 n..16,2 in 元: a string, so that no reader rounds it, in the one form each amount has; never negative."""
