# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials by claim check: the message carries the digest, the bytes are fetched by it."""

from typing import Annotated

from pydantic import BaseModel

from contracts.families.case_record import STRICT
from contracts.families.fields import Copies, Flag, Line20, Line200, MediaType, Moment, Sha256, Size, says
from contracts.rules import Together

FILE = ("digest", "size", "media_type")


class Material(BaseModel):
    """材料, GB/T 39046-2020 table 5. Without a digest it exists on paper only."""

    model_config = STRICT

    name: Annotated[Line200, says("材料名称", "Name of the material")]
    digest: Annotated[Sha256 | None, says("附件摘要", "SHA-256 of the file: sha256: and 64 hexadecimal digits")] = None
    size: Annotated[Size | None, says("附件大小", "Size of the file in bytes")] = None
    media_type: Annotated[MediaType | None, says("附件媒体类型", "Media type of the file")] = None
    file_name: Annotated[Line200 | None, says("附件名称", "Name of the file")] = None
    collected: Annotated[Flag | None, says("是否收取", "Whether the material has been taken in")] = None
    collected_by: Annotated[Line20 | None, says("收取方式", "How the material was taken in")] = None
    copies: Annotated[Copies | None, says("收取数量", "Number of copies, 0 to 99")] = None
    collected_at: Annotated[Moment | None, says("收取时间", "When the material was taken in")] = None


def whole_files(each: str) -> Together:
    """The rule that digest, size and media type of every material in this array stand together."""
    return Together(FILE, each=each)
