# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of the two ends of a ferried stream."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from connectors.sdk import STRICT, AnswerWithin, Secret


def _absolute(value: str) -> str:
    if not value.startswith("/") or "\0" in value:
        raise ValueError("a folder is written as an absolute path")
    return value


Folder = Annotated[str, Field(max_length=1000), AfterValidator(_absolute)]


class EndConfig(BaseModel):
    """What both ends have. Nothing in here is secret: secrets are named."""

    model_config = STRICT

    stream: str = Field(
        title="流的名称，两端相同且唯一；重新开始即换新名。",
        pattern=r"^[a-z0-9][a-z0-9-]{0,59}$",
        description="The name of the stream, the same at both ends, and of no other. A new beginning is a new name.",
        examples=["extranet-to-police-1"],
    )
    state: Folder = Field(
        title="本中枢独用的目录，须在可靠磁盘上：存放编号、链与未回执的数据包；没有则建立。",
        description="A folder of this hub alone, on a disk that keeps: sequence, chain and what is not acknowledged lie here. "
        "It is made if need be.",
        examples=["/var/lib/govhub/ferry/police"],
    )
    key_secret: Secret = Field(
        title="存放本端私钥（P-256，PEM）的秘密名称。",
        description="The name of the secret that holds our private key (P-256, PEM).",
        examples=["ferry-key"],
    )
    peer_keys: tuple[Folder, ...] = Field(
        title="对端公钥的 PEM 文件；换钥期间可同时写新旧两把。",
        min_length=1,
        max_length=5,
        description="PEM files with the other end's public keys: the present one, and while keys change the next one.",
        examples=[["/etc/govhub/trust/police-ferry.pem"]],
    )
    seal_secret: Secret | None = Field(
        title="密封载荷（SM4-GCM）所用秘密的名称，32 位十六进制，两端相同；不写则只签名不密封。",
        default=None,
        description="The name of the secret with which payloads are sealed (SM4-GCM): 32 hexadecimal digits. Both ends have it, "
        "or none; without it payloads are signed and can be read by whoever carries them.",
        examples=["ferry-seal"],
    )
    poll_seconds: float = Field(
        title="多久看一次目录（秒）。",
        default=1.0,
        gt=0,
        le=3600,
        description="How often the folders are looked into, in seconds.",
        examples=[1],
    )


class SinkConfig(EndConfig):
    """The sending end."""

    outbox: Folder = Field(
        title="网闸取走数据包的目录，须已存在。",
        description="The folder that the gap device empties towards the other side; it must exist.",
        examples=["/srv/gap/to-police"],
    )
    acks: Folder = Field(
        title="回程送来回执的目录，须已存在。",
        description="The folder that the way back fills with acknowledgements; it must exist.",
        examples=["/srv/gap/from-police-acks"],
    )
    bundle_messages: int = Field(
        title="一个数据包的消息数上限。",
        default=500,
        ge=1,
        le=5000,
        description="The most messages in one bundle.",
        examples=[500],
    )
    bundle_bytes: int = Field(
        title="正文超过这么多字节即封包。",
        default=8 * 1024 * 1024,
        ge=1024,
        le=256 * 1024 * 1024,
        description="A bundle is closed when its bodies have more than this, in bytes.",
        examples=[8388608],
    )
    linger_seconds: float = Field(
        title="数据包等待更多消息的时间（秒）。",
        default=0.02,
        ge=0,
        le=60,
        description="How long a bundle waits for more messages, in seconds.",
        examples=[0.02],
    )
    resend_seconds: float = Field(
        title="放入发件目录多久无回执即重发（秒）。",
        default=600.0,
        gt=0,
        le=30 * 86_400,
        description="How long after it was put into the outbox a bundle is put there again if nobody has acknowledged it.",
        examples=[600],
    )

    answer_within: AnswerWithin = Field(
        title="多久没有回执即告警（秒）。",
        default=86_400.0,
        description="How long a message may be without an acknowledgement before health tells of it, in seconds.",
        examples=[86400],
    )

    @model_validator(mode="after")
    def _two_ways(self) -> Self:
        if self.outbox == self.acks:
            raise ValueError("outbox and acks: two folders")
        return self


class SourceConfig(EndConfig):
    """The receiving end."""

    inbox: Folder = Field(
        title="网闸送来数据包的目录，须已存在。",
        description="The folder that the gap device fills; it must exist.",
        examples=["/srv/gap/from-extranet"],
    )
    acks: Folder = Field(
        title="放置回执、由回程取走的目录，须已存在。",
        description="The folder from which the way back takes acknowledgements; it must exist.",
        examples=["/srv/gap/to-extranet-acks"],
    )
    prefetch: int = Field(
        title="手中消息的上限。",
        default=400,
        ge=1,
        le=5000,
        description="The most messages in hand at a time.",
        examples=[400],
    )
    largest_bytes: int = Field(
        title="更大的数据包不读完，拒收（字节）。",
        default=64 * 1024 * 1024,
        ge=4096,
        le=512 * 1024 * 1024,
        description="A larger bundle is not read whole, and refused, in bytes.",
        examples=[67108864],
    )
    held_most: int = Field(
        title="缺号之后最多留存的数据包数，多出的丢弃，等重发。",
        default=1000,
        ge=1,
        le=100_000,
        description="So many bundles may wait in the inbox behind a gap; later ones are dropped, to be sent again.",
        examples=[1000],
    )
    ack_seconds: float = Field(
        title="没有变化时多久回执一次（秒）。",
        default=60.0,
        gt=0,
        le=86_400,
        description="How often what has arrived is acknowledged even when nothing has changed: acknowledgements get lost too.",
        examples=[60],
    )

    @model_validator(mode="after")
    def _two_ways(self) -> Self:
        if self.inbox == self.acks:
            raise ValueError("inbox and acks: two folders")
        return self
