# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One deployment, as a person writes it in ``govhub.yaml``: hubs, systems, destinations and where the routes are."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from contracts.fault import UnsuitableError
from contracts.text import Text
from hub.config.catalogue import CatalogueSection
from hub.config.evidence import EvidenceSection
from hub.config.fencing import FenceSection
from hub.config.green_channel import GreenChannelSection
from hub.config.keeping import MaterialsSection, RetentionSection
from hub.config.legal_clock import LegalClockSection
from hub.config.lifecycle import LifecycleSection
from hub.config.lookups import LookupSection
from hub.config.observed import TelemetrySection
from hub.config.operating import OperatingSection
from hub.config.own_number import OwnNumberSection
from hub.config.parties import OperatorSection, SystemId, SystemSection
from hub.config.performance import PerformanceSection
from hub.config.proxy import ProxySection
from hub.config.reconciliation import ReconciliationSection
from hub.config.recovery import AskSection, BreakerSection, PaceSection, RetrySection
from hub.config.sealing import SealingSection
from hub.config.trust import TlsSection, TrustSection


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_ADDRESS = re.compile(r"(?:[^:\s\[\]]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")


def _address(value: str) -> str:
    """``host:port``, with brackets round an IPv6 address."""
    matched = _ADDRESS.fullmatch(value)
    if matched is None or int(matched[1]) > 65535:
        raise UnsuitableError(
            Text("监听地址不合规。", "This is not an address to listen on."),
            Text(
                "请写“地址:端口”，端口 0 到 65535，例如 127.0.0.1:8480。",
                "Write host:port, the port from 0 to 65535, as in 127.0.0.1:8480.",
            ),
        )
    return value


class HubSection(_Section):
    """This process."""

    name: SystemId = Field(
        default="hub-1", description="本实例的名称，集群内唯一。Name of this instance, unique in the cluster."
    )
    listen: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1:8480", description="HTTP 监听地址。Address to serve HTTP on; port 0 takes any free one."
    )
    data: str = Field(default="var", description="数据目录，相对于本文件。Data directory, relative to this file.")
    connectors_run_as: str | None = Field(
        default=None,
        max_length=32,
        description="第三方连接器的进程以哪个系统用户运行；中枢须以 root 运行。"
        "The system user under whom third parties' connectors run; the hub must be root for that.",
    )
    proxy: ProxySection | None = Field(
        default=None, description="前面的反向代理。The reverse proxy in front, which ends TLS."
    )


class Limits(_Section):
    """What a request may cost."""

    body_bytes: int = Field(
        default=1024 * 1024, ge=1024, le=64 * 1024 * 1024, description="报文上限。Largest request body."
    )
    batch: int = Field(default=100, ge=1, le=1000, description="批量条数上限。Most events in one batch.")
    material_bytes: int = Field(
        default=256 * 1024 * 1024, ge=1024, le=4 * 1024**3, description="材料上限。Largest material."
    )
    receive_seconds: float = Field(
        default=60, ge=1, le=600, description="收完一个请求的时限。Longest time to receive one."
    )
    requests: int = Field(
        default=1000, ge=1, le=100_000, description="同时受理的请求上限。Most requests to accept under way at a time."
    )
    under_way_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, le=4 * 1024**3, description="其报文总量上限。Most bytes of their bodies."
    )
    peer_connections: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="每个网络地址的连接上限；hub.proxy 的地址不限。"
        "Most connections of one network address; those of hub.proxy are not counted.",
    )
    header_seconds: float = Field(
        default=10,
        ge=0.1,
        le=600,
        description="请求头从首字节起须收完的时限。Longest time from the first byte of a request's head to its last.",
    )
    backlog: int = Field(
        default=3_000_000,
        ge=1000,
        description="待投递上限，超过则暂停接收。Most deliveries waiting; beyond that nothing is accepted.",
    )
    future_seconds: float = Field(
        default=300, ge=1, le=86_400, description="容许的时钟超前。How far ahead `time` may be."
    )
    past_days: float = Field(default=30, ge=1, le=3650, description="容许的最早时间。How old `time` may be, in days.")


class DestinationSection(_Section):
    """Where messages go."""

    system: SystemId = Field(description="所属系统。The system it belongs to.")
    title: str = Field(default="", max_length=100, description="名称。Its name for people.")
    connector: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")] = Field(
        description="连接器种类。The kind of connector, such as rest or mailbox."
    )
    isolation: Literal["hub", "process"] | None = Field(
        default=None,
        description="在中枢进程内或单独进程内运行；自带的默认 hub，第三方的默认 process。"
        "Run in the hub's process or in one of its own; ours run in the hub by default, third-party ones apart.",
    )
    fence: FenceSection | None = Field(
        default=None,
        description="在单独进程内运行时可触及的范围。What it may reach of this machine from a process of its own.",
    )
    settings: dict[str, object] = Field(default_factory=dict, description="连接器的配置。The connector's settings.")
    group: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] = Field(
        default="default", description="分区组。Partition group; its own only if it must not share."
    )
    concurrency: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="并发上限；省略时依连接器种类，一般 32。Most sends at a time; 32 for most kinds unless said.",
    )
    timeout_seconds: float = Field(default=30, gt=0, le=600, description="一次发送的时限。Longest send.")
    priority: int = Field(default=5, ge=0, le=9, description="优先级，0 最急。Priority, 0 most urgent.")
    on_dead: Literal["block", "continue", "correct"] = Field(
        default="block",
        description="死信后是否放行后续：block 不放行，continue 放行，correct 不放行、但更正后的同一记录替补被拒收者的位置。"
        "Whether a dead letter blocks its case: `block`, `continue`, or `correct`: it does, and a corrected record takes the "
        "place of a refused one.",
    )
    after: tuple[str, ...] = Field(
        default=(),
        max_length=5,
        description="同一办件在这些目的地还有未完成的投递时，这里先不发：实时上报排在初始装载之后。"
        "Of one case nothing is sent here while something is unfinished there: live rows stay behind those of a load.",
    )
    retry: RetrySection = Field(default_factory=RetrySection)
    breaker: BreakerSection = Field(default_factory=BreakerSection)
    ask: AskSection = Field(default_factory=AskSection)
    own_number: OwnNumberSection | None = Field(
        default=None,
        description="从对方回执学习其自有编号。Learn from its receipts what the system calls a case.",
    )
    pace: PaceSection = Field(default_factory=PaceSection, description="时段与速率。When and how fast it is sent to.")


class SourceSection(_Section):
    """Where messages are fetched from: a queue of a department, and whatever else brings messages by itself."""

    system: SystemId = Field(
        description="说话的系统：此处来的消息都算它说的。The system that speaks: whatever comes from here counts as said by it."
    )
    title: str = Field(default="", max_length=100, description="名称。Its name for people.")
    connector: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")] = Field(
        description="连接器种类。The kind of connector, such as amqp."
    )
    isolation: Literal["hub", "process"] | None = Field(
        default=None,
        description="在中枢进程内或单独进程内运行；自带的默认 hub，第三方的默认 process。"
        "Run in the hub's process or in one of its own; ours run in the hub by default, third-party ones apart.",
    )
    fence: FenceSection | None = Field(
        default=None,
        description="在单独进程内运行时可触及的范围。What it may reach of this machine from a process of its own.",
    )
    settings: dict[str, object] = Field(default_factory=dict, description="连接器的配置。The connector's settings.")


class FormPolicySection(_Section):
    """What becomes of forms that cannot be held against a schema."""

    unregistered: Literal["accept", "refuse"] | None = Field(
        default=None, description="事项没有注册表单时。The item has no registered form at all; `accept` unless said."
    )
    unregistered_version: Literal["accept", "refuse"] | None = Field(
        default=None, description="有表单而没有该版本时。It has, but not this version; `refuse` unless said."
    )
    missing: Literal["accept", "refuse"] | None = Field(
        default=None,
        description="有注册表单的事项，申请未带表单时。An application without the form its item has; `accept` unless said.",
    )


class FormsSection(FormPolicySection):
    """The items' own forms: where they are registered, and the policy for what is not."""

    folder: str = Field(default="forms", description="表单目录，相对于本文件。The folder, relative to this file.")
    check_seconds: float = Field(
        default=5, ge=0.05, le=3600, description="多久查看一次目录。How often the folder is looked at; no restart."
    )
    systems: dict[SystemId, FormPolicySection] = Field(
        default_factory=dict, description="个别系统的不同规定。What differs for single sending systems."
    )


class Deployment(_Section):
    """The whole file."""

    hub: HubSection = Field(default_factory=HubSection)
    journal: str = Field(
        default="embedded",
        description="embedded，或 PostgreSQL 地址；可写 env:变量 / file:路径。`embedded`, or a PostgreSQL URL.",
    )
    bus: str = Field(default="memory", description="memory，或 amqp 地址；同上。`memory`, or an amqp(s) URL.")
    partitions: int = Field(default=16, ge=1, le=256, description="每组分区数，启用后不可改。Partitions per group.")
    limits: Limits = Field(default_factory=Limits)
    secrets: dict[str, str] = Field(
        default_factory=dict, description="密钥来源：env:变量 或 file:路径。Where secrets come from."
    )
    dialects: dict[SystemId, str] = Field(
        default_factory=dict,
        description="本地方言：名称与映射文件，相对于本文件。Dialects of this site: name and map file, relative to this file.",
    )
    systems: dict[SystemId, SystemSection] = Field(description="系统。Systems by id.")
    destinations: dict[SystemId, DestinationSection] = Field(description="目的地。Destinations by id.")
    tls: TlsSection | None = Field(
        default=None,
        description="中枢自身的 TLS；省略为明文，由反向代理终结。TLS of the hub itself; plain HTTP, if left out.",
    )
    trust: TrustSection | None = Field(
        default=None,
        description="信任：签发各系统证书的 CA 与吊销信息。Which CAs are trusted, and how revocation is known.",
    )
    operators: dict[SystemId, OperatorSection] = Field(
        default_factory=dict, description="操作员。Operators by id: who may look after the hub through its API."
    )
    operating: OperatingSection = Field(
        default_factory=OperatingSection,
        description="操作员如何登录，哪些操作须第二人批准。How operators sign in, and what wants a second person.",
    )
    sources: dict[SystemId, SourceSection] = Field(
        default_factory=dict, description="来源。Sources by id: where the hub fetches messages by itself."
    )
    lookups: dict[SystemId, LookupSection] = Field(
        default_factory=dict, description="查询。Lookups by id: registers that systems may ask."
    )
    materials: MaterialsSection = Field(
        default_factory=MaterialsSection, description="材料与归档存放处。Where materials and the archive lie."
    )
    retention: RetentionSection | None = Field(
        default=None, description="保存期限；省略时一切留在库中。Retention; without it everything stays in the journal."
    )
    evidence: EvidenceSection | None = Field(
        default=None,
        description="存证：签名密钥与时间戳。Evidence: the keys that sign, and who stamps the time.",
    )
    sealing: SealingSection | None = Field(
        default=None,
        description="个人信息的静态加密。省略时内置数据库自备密钥文件，其他不加密。How personal data is sealed at rest.",
    )
    reconciliation: ReconciliationSection | None = Field(
        default=None,
        description="对账：与谁、对什么、何时结账。Reconciling: with whom, of what, and when a day closes.",
    )
    items: CatalogueSection | None = Field(
        default=None,
        description="事项目录：下行事项的比对、版本与分发。The item catalogue: items compared, kept, told on.",
    )
    legal_clock: LegalClockSection | None = Field(
        default=None,
        description="法定时限：工作日历、下班时刻、何者暂停。The legal clock: calendar, closing time, what pauses.",
    )
    green_channel: GreenChannelSection | None = Field(
        default=None,
        description="绿色通道：哪些事项的时限缩短、缩短多少。The green channel: whose limits are shortened, and how much.",
    )
    performance: PerformanceSection | None = Field(
        default=None, description="绩效报告：每期向上报告各部门办件情况。Performance reports, period by period."
    )
    lifecycle: LifecycleSection | None = Field(
        default=None,
        description="办件进程：按系统与事项观察、警告或强制；省略时不跟踪。How lives of cases are followed; not, if left out.",
    )
    telemetry: TelemetrySection = Field(
        default_factory=TelemetrySection, description="观测：指标与跟踪。What is seen from outside: metrics, traces."
    )
    regions: str | None = Field(
        default=None,
        description="撤销区划对照表文件，相对于本文件。A table of retired region codes and their successors.",
    )
    forms: FormsSection | None = Field(
        default=None, description="事项表单；省略时不作校验。Item forms; without it they are carried unchecked."
    )
    routes: str = Field(default="routes.yaml", description="路由表文件，相对于本文件。The route table.")
