# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a department's folder says about its trial: ``sandbox.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from contracts.bindings.event_format import read as read_event
from contracts.cloudevent import CloudEvent
from contracts.located import Fault, Located, Position, build, read
from contracts.refusal import Refusal
from contracts.strict_json import parse
from contracts.text import Text
from hub.config.parties import SystemId

FILE = "sandbox.yaml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerSection(_Section):
    """One answer of the simulated system. ``{n}`` in the body becomes the number of the effect."""

    status: int = Field(default=200, ge=100, le=599, description="HTTP 状态。The HTTP status.")
    type: str = Field(default="application/json", max_length=100, description="媒体类型。The media type.")
    body: str = Field(default="", max_length=65_536, description="正文。The body; `{n}` is the number of the effect.")


class AnswersSection(_Section):
    """How the department's system answers over HTTP."""

    taken: AnswerSection = Field(default_factory=AnswerSection, description="已收妥。It has taken the message.")
    asked: AnswerSection | None = Field(
        default=None,
        description="被查询到已办的键值时。It is asked about a key that it has; only where settings say how to ask.",
    )


class FilesSection(_Section):
    """How the department's system names the files that it writes."""

    name: str = Field(
        default="{case}_{serial}_{kind}.xml",
        max_length=200,
        description="文件名：case 办件编号，serial 四位流水号，kind 契约名去掉 cn.gov.。The name, of these parts.",
    )

    def named(self, case: str, contract: str, serial: str) -> str:
        """The name of one file."""
        name = self.name
        for place, value in (("case", case), ("kind", contract.removeprefix("cn.gov.")), ("serial", serial.zfill(4))):
            name = name.replace("{" + place + "}", value)
        return name


class Script(_Section):
    """The whole file."""

    version: Literal[1]
    department: SystemId = Field(description="受试部门的系统。The department's system.")
    destination: SystemId = Field(description="它的目的地。Its destination.")
    portal: SystemId = Field(description="代表申请人的系统。The system that speaks for applicants.")
    application: str = Field(description="样例申请（CloudEvents JSON）。A sample application, canonical.")
    answers: AnswersSection = Field(
        default_factory=AnswersSection, description="模拟系统的应答。Its answers over HTTP."
    )
    tables: str | None = Field(
        default=None,
        description="建前置库表的 SQL 文件（PostgreSQL）。A SQL file that makes the front database's tables.",
    )
    broker: str | None = Field(
        default=None,
        max_length=2048,
        description="演练 amqp 用的 RabbitMQ：amqp://用户:口令@主机:端口/虚拟主机，或 env:NAME；省略为目的地自己的。"
        "The RabbitMQ for queues: an amqp(s) URL with user and password, or `env:NAME`; else the destination's own.",
    )
    test_system: dict[str, JsonValue] | None = Field(
        default=None,
        description="部门测试系统与目的地设置不同之处，--real 时用；设置本身即测试系统则写 {}。"
        "What the settings say otherwise for the department's test system, for `--real`; `{}` if they are the test system's.",
    )
    files: FilesSection = Field(default_factory=FilesSection, description="它写出的文件。The files that it writes.")
    says: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict,
        description="各契约的记录与契约示例不同之处。What records say otherwise than the contracts' examples, by contract.",
    )
    scenarios: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        default=None, description="只演练这些场景；省略为全部。Only these scenarios; all if left out."
    )


@dataclass(frozen=True, slots=True)
class Folder:
    """A department's folder, read. ``raw`` is its deployment file as it stands."""

    path: Path
    script: Script
    application: CloudEvent
    deployment: Located

    @property
    def raw(self) -> Mapping[str, object]:
        """The deployment file's content."""
        value = self.deployment.value
        assert isinstance(value, dict), "a deployment that was loaded once is a mapping"
        return value


def read_folder(path: Path, config: str = "govhub.yaml") -> Folder | tuple[Fault, ...]:
    """The folder, or everything that keeps it from being tried. The deployment itself is checked by loading it."""
    source, deployment = read(path / FILE), read(path / config)
    faults = tuple(one for one in (source, deployment) if isinstance(one, Fault))
    if isinstance(source, Fault) or isinstance(deployment, Fault):
        return faults
    script = build(source, Script)
    if isinstance(script, tuple):
        return script
    application = _application(path / script.application, source)
    return application if isinstance(application, tuple) else Folder(path, script, application, deployment)


def _application(file: Path, source: Located) -> CloudEvent | tuple[Fault, ...]:
    at = source.at(("application",))
    try:
        value = parse(file.read_bytes())
    except (OSError, ValueError):  # ValueError: a NUL in the path
        remedy = Text("请检查路径。", "See to the path.")
        return (Fault("E_FILE_MISSING", "application", at, Text("样例申请读不出来。", "It cannot be read."), remedy),)
    event = value if isinstance(value, Refusal) else read_event(value)
    if isinstance(event, Refusal):
        where = "; ".join(f"{one.path}: {one.expected.en}" for one in event.violations[:5])
        return (
            Fault(
                event.code,
                "",
                Position(str(file), 1, 1),
                Text(
                    f"样例申请不是 CloudEvents 消息：{event.detail.zh} {where}",
                    f"No CloudEvent: {event.detail.en} {where}",
                ),
                Text("请照 examples 中的 application.json 改正。", "Mend it; the examples have an application.json."),
            ),
        )
    return event
