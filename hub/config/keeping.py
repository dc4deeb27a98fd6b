# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a deployment says about keeping things: where materials (材料) lie, and how long history is kept (保存期限)."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.fault import UnsuitableError
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.unknown import unknown

_SHORTEST_MONTH = 28


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class S3Section(_Section):
    """An S3-compatible store, for several hubs."""

    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#@]+$", max_length=300)] = Field(
        description="服务地址，如 https://s3.example.gov.cn。The address of the service, without a path."
    )
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] = Field(
        description="存储桶，须已存在。The bucket; it must exist."
    )
    region: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9-]{1,60}$")] = Field(
        default="us-east-1", description="区域；许多兼容存储不看它。The region; many compatible stores ignore it."
    )
    prefix: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_.-]+/)*$", max_length=200)] = Field(
        default="govhub/", description="对象名前缀，空或以 / 结尾。Before the names of objects; empty or ending with /."
    )
    access_key: str = Field(description="访问密钥在 secrets 中的名称。The access key, by its name in secrets.")
    secret_key: str = Field(description="私密密钥在 secrets 中的名称。The secret key, by its name in secrets.")
    timeout_seconds: float = Field(
        default=30, ge=0.1, le=300, description="等待存储应答的时限。Longest wait for an answer."
    )


class MaterialsSection(_Section):
    """Where materials and the archive lie, and when what nobody needs is removed."""

    folder: str | None = Field(
        default=None,
        description="目录，相对于本文件；省略时为数据目录。多实例须为共享目录。"
        "The folder, relative to this file; the data directory unless said. Several hubs share one.",
    )
    s3: S3Section | None = Field(default=None, description="改用 S3 兼容存储。An S3-compatible store instead.")
    unnamed_days: float = Field(
        default=30, ge=1, le=3650, description="无办件引用的材料保留几天。How long a material stays that no case names."
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.folder is not None and self.s3 is not None:
            raise UnsuitableError(
                Text("folder 与 s3 只能写一个。", "Only one of folder and s3 may stand here."),
                Text("请删去其中一个。", "Take one of them out."),
            )
        return self


class RetentionSection(_Section):
    """How long things are kept. Without this section nothing is ever archived or purged."""

    online_months: int = Field(
        default=13, ge=1, le=600, description="历史在库月数，更早的移入归档。Full months that stay in the journal."
    )
    duplicates_days: float = Field(
        default=45, ge=1, le=3650, description="重复消息识别天数。How long a repeated message is recognised."
    )
    archive_years: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="归档保存年数；省略为永久。How long the archive keeps; for ever unless said.",
    )
    acts_months: int | None = Field(
        default=None,
        ge=1,
        le=1200,
        description="操作与审计记录、查询记录保存月数；省略时前两者 120 个月，查询记录同 online_months。"
        "How long it is kept what operators did and who signed in (120 unless said), and what systems asked registers "
        "(online_months unless said).",
    )
    proposals_months: int = Field(
        default=24,
        ge=1,
        le=1200,
        description="第二人批准的提议保存月数。How long proposals to a second person are kept, decided or not.",
    )

    @model_validator(mode="after")
    def _duplicates_within_history(self) -> Self:
        if self.duplicates_days > self.online_months * _SHORTEST_MONTH:
            raise UnsuitableError(
                Text("重复识别期长于在库期。", "Duplicates would be recognised for longer than history stays online."),
                Text(
                    f"请将 duplicates_days 降至 {self.online_months * _SHORTEST_MONTH} 以内，或增大 online_months。",
                    f"Lower duplicates_days to {self.online_months * _SHORTEST_MONTH} or less, or raise online_months.",
                ),
            )
        return self


def misfits(
    materials: MaterialsSection,
    retention: RetentionSection | None,
    secrets: Mapping[str, str],
    *,
    past_days: float,
    future_seconds: float,
    source: Located,
) -> list[Fault]:
    """What these sections say that does not fit the rest of the file."""
    faults = []
    if materials.s3 is not None:
        for field in ("access_key", "secret_key"):
            name = getattr(materials.s3, field)
            if name not in secrets:
                path = ("materials", "s3", field)
                faults.append(unknown(source, path, Text("密钥", "secret"), name, secrets))
    least = past_days + future_seconds / 86_400
    if retention is not None and retention.duplicates_days < least:
        # Else a message could come again that is not too old and whose id is forgotten: it would be carried out twice.
        faults.append(
            Fault(
                "DUPLICATES_TOO_SHORT",
                "retention.duplicates_days",
                source.at(("retention", "duplicates_days")),
                Text(
                    "重复识别期短于 limits.past_days（加时钟容差），重复消息会被再次执行。",
                    "Duplicates would be forgotten while their time is still accepted: they would be carried out again.",
                ),
                Text(f"请写 {least:.4g} 以上。", f"Write at least {least:.4g}."),
            )
        )
    return faults
