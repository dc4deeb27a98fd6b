# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A file's attributes in a file beside it: ``{"key": …, "content_type": …, "attributes": {…}}``, JSON, UTF-8."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

LARGEST = 256 * 1024
"""Bytes that a sidecar may have."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    key: str = ""
    content_type: str | None = None
    attributes: dict[str, str] = Field(default_factory=dict, max_length=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """``key`` is the idempotency key of who wrote it, or empty. ``content_type`` is None where nothing is said."""

    key: str = ""
    content_type: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def write(sidecar: Sidecar) -> bytes | None:
    """The bytes; None when JSON cannot write them."""
    try:
        return orjson.dumps(
            {
                "key": sidecar.key,
                "content_type": sidecar.content_type,
                "attributes": dict(sidecar.attributes),
            },
            option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
        )
    except (orjson.JSONEncodeError, TypeError):
        return None


def read(written: bytes) -> Sidecar | None:
    """What the bytes say; None when they say nothing that can be understood."""
    try:
        found = _Written.model_validate_json(written)
    except ValidationError:
        return None
    return Sidecar(key=found.key, content_type=found.content_type, attributes=found.attributes)
