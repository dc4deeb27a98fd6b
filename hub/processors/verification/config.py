# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a verifier."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from connectors.sdk import STRICT

Source = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,4}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]


class CheckSettings(BaseModel):
    """One question to one register."""

    model_config = STRICT

    lookup: str = Field(description="查询名称（部署文件 lookups）。The lookup, as the deployment names it.")
    criteria: Annotated[dict[str, Source], Field(min_length=1)] = Field(
        description="查询条件取自申请的哪个字段，如 applicant.id_number。Which field of the application each criterion is."
    )
    compare: dict[str, Source] = Field(
        default_factory=dict,
        description="结果字段须等于申请的哪个字段；不写则查到即一致。"
        "Fields of the register's record and those of the application that they must equal; without any, a record is enough.",
    )
    when: dict[Source, str] = Field(
        default_factory=dict,
        description="仅当申请的这些字段为这些值时核验，如 applicant.type 为 1。Only where these fields have these values.",
    )
    purpose: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="核验事由，登记并告知数据源。Why it is asked; recorded, and told to the register."
    )


class VerificationConfig(BaseModel):
    """A verifier."""

    model_config = STRICT

    checks: Annotated[dict[Name, CheckSettings], Field(min_length=1, max_length=20)] = Field(
        description="核验项，按名称。The checks, by name."
    )
    mismatch: Literal["refuse", "continue"] = Field(
        default="refuse",
        description="不一致或查无记录：refuse 不再往下送，continue 带标记继续。"
        "What does not match, or is not on record: goes no further, or goes on marked.",
    )
    down: Literal["continue", "wait"] = Field(
        default="continue",
        description="数据源不可用超过 patience_seconds：continue 带标记继续，wait 一直等待。"
        "A register that is away for longer than patience_seconds: the application goes on marked, or waits on.",
    )
    patience_seconds: float = Field(
        default=600, ge=0, le=30 * 86_400, description="数据源不可用时等待多久。How long a register may be away."
    )
    again_seconds: float = Field(
        default=15, ge=1, le=3600, description="隔多久再问。After so many seconds it is asked again."
    )
