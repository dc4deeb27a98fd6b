# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The deployment's agreements (对账约定): with whom what is reconciled, what of a record counts, and when a day closes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.contract import Contract
from contracts.located import Fault, Located
from contracts.registry import Registry
from contracts.text import Text
from hub.config.unknown import unknown

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

AgreementName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,29}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Path = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class FieldSection(BaseModel):
    """One field that counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Path = Field(description="记录中的位置，如 applicant.name。Where it stands in the record.")
    codes: dict[str, str] = Field(
        default_factory=dict, description="我方代码对应的对方代码。How the far side writes our codes."
    )


class AgreementSection(BaseModel):
    """What is compared with one counterparty, of one contract."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(default="", max_length=100, description="名称。Its name for people.")
    contract: str = Field(description="契约。The contract.")
    version: int | None = Field(
        default=None,
        ge=1,
        description="以哪个版本比对，省略为最新。The version that is compared; the newest unless said.",
    )
    destination: Name | None = Field(
        default=None, description="我方送达的目的地。Where we deliver; either this or `system`."
    )
    system: Name | None = Field(default=None, description="向我方发送的系统。The system that sends to us.")
    fields: dict[FieldName, Path | FieldSection] = Field(
        default_factory=dict,
        description="参与比对的字段：对方的名称与我方的位置；省略为整条记录。"
        "What counts: the far side's name and where it stands here; the whole record unless said.",
    )
    record: tuple[Path, ...] = Field(
        default=(),
        description="区分同一办件多条记录的字段，如环节序号。Fields that tell records of one case apart.",
    )
    keeps: Literal["all", "latest"] = Field(
        default="all",
        description="对方保留每次发送（all）还是只保留最新（latest，按键覆盖）。"
        "Whether the far side keeps everything or the latest of a record alone.",
    )
    closes_hours: float = Field(
        default=2, ge=0, le=168, description="次日零点后几小时结账。Hours after midnight when a day is closed."
    )
    timely_hours: float = Field(
        default=24, gt=0, le=8760, description="及时：事发后几小时内送达。Sent within so many hours counts as timely."
    )


class ReconciliationSection(BaseModel):
    """Reconciling with counterparties."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreements: dict[AgreementName, AgreementSection] = Field(
        default_factory=dict, description="对账约定。Agreements by name; both sides use it."
    )
    speaks_as: Name | None = Field(
        default=None,
        description="以哪个系统的名义发出对账清单；省略则只供对方拉取。"
        "The system in whose name manifests are sent; without it they are only fetched.",
    )
    key: str | None = Field(
        default=None,
        description="签署对账结论的私钥（secrets 中的名称）。The secret with the key that signs statements.",
    )
    daily: bool = Field(default=True, description="结账后自动统计。Count every day by itself when it closes.")
    keep_days: int = Field(default=35, ge=1, le=400, description="明细保留天数。How long counted lines are kept.")


def misagreed(deployment: "Deployment", source: Located, registry: Registry) -> list[Fault]:
    """All that is wrong with the agreements."""
    section = deployment.reconciliation
    if section is None:
        return []
    faults: list[Fault] = []
    systems = set(deployment.systems)
    if section.speaks_as is not None and section.speaks_as not in systems:
        path = ("reconciliation", "speaks_as")
        faults.append(unknown(source, path, Text("系统", "system"), section.speaks_as, systems))
    if section.key is not None and section.key not in deployment.secrets:
        known = set(deployment.secrets)
        faults.append(unknown(source, ("reconciliation", "key"), Text("密钥", "secret"), section.key, known))
    for name, one in section.agreements.items():
        faults += _misfits(deployment, source, registry, ("reconciliation", "agreements", name), one)
    return faults


def _misfits(
    deployment: "Deployment", source: Located, registry: Registry, path: tuple[str, ...], one: AgreementSection
) -> list[Fault]:
    faults: list[Fault] = []
    if (one.destination is None) == (one.system is None):
        faults.append(
            Fault(
                "AGREEMENT_UNCLEAR",
                ".".join(path),
                source.key_at(path),
                Text("destination 与 system 须且只能写一个。", "It names neither or both of destination and system."),
                Text("我方送达写 destination，对方送来写 system。", "Write destination if we send, system if they do."),
            )
        )
    for key, kind, named, there in (
        ("destination", Text("目的地", "destination"), one.destination, set(deployment.destinations)),
        ("system", Text("系统", "system"), one.system, set(deployment.systems)),
    ):
        if named is not None and named not in there:
            faults.append(unknown(source, (*path, key), kind, named, there))
    contract = contract_of(registry, one)
    if contract is None:
        known = {f"{c.type}@{c.version}" for c in registry.all()}
        faults.append(
            unknown(source, (*path, "contract"), Text("契约", "contract"), f"{one.contract}@{one.version}", known)
        )
        return faults
    members = set(contract.model.model_fields)
    named_fields: Mapping[tuple[str | int, ...], str] = {
        **{("fields", name): _at(field) for name, field in one.fields.items()},
        **{("record", n): at for n, at in enumerate(one.record)},
    }
    faults += [
        unknown(source, (*path, *where), Text("字段", "field"), at, members)
        for where, at in named_fields.items()
        if at.partition(".")[0] not in members
    ]
    return faults


def contract_of(registry: Registry, one: AgreementSection) -> Contract | None:
    """The contract in the version that is compared."""
    versions = registry.versions(one.contract)
    if one.version is None:
        return versions[-1] if versions else None
    return next((contract for contract in versions if contract.version == one.version), None)


def _at(field: str | FieldSection) -> str:
    return field if isinstance(field, str) else field.at
