# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one AMQP destination, and of one AMQP source."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator
from yarl import URL

from connectors.sdk import STRICT, Secret


def _broker(value: str) -> str:
    url = URL(value)
    if url.scheme not in {"amqp", "amqps"} or not url.raw_host:
        raise ValueError("an address of the form amqp://host:5672/virtual-host is needed, or amqps://")
    if url.raw_user is not None or url.raw_password is not None:
        raise ValueError("an address holds no user and no password: use user and password_secret")
    if url.raw_query_string or url.raw_fragment:
        raise ValueError("an address ends with the virtual host")
    return value


ShortName = Annotated[str, Field(max_length=200)]
"""A name that fits into an AMQP short string in any script (255 bytes of UTF-8 are checked where it is written)."""


class BrokerConfig(BaseModel):
    """Which broker, and as whom. Nothing in here is secret: the password is named, and asked for at each connection."""

    model_config = STRICT

    url: Annotated[
        str,
        Field(title="代理的地址：amqp:// 或 amqps://，主机、端口与虚拟主机，不含用户名和口令。", max_length=2048),
        AfterValidator(_broker),
    ] = Field(
        description="The broker: amqp:// or amqps://, host, port and virtual host, without user and password.",
        examples=["amqps://mq.housing.example.gov.cn:5671/exchange"],
    )
    user: ShortName = Field(
        title="登录的用户。", default="guest", description="The user to log in as.", examples=["govhub"]
    )
    password_secret: Secret | None = Field(
        title="存放口令的秘密名称；不写则口令即用户名，与新装的代理一致。",
        default=None,
        description="The name of the secret that holds the password; without it the password is the user's name, as on a "
        "freshly installed broker.",
        examples=["housing-mq"],
    )
    tls_ca_file: str | None = Field(
        title="可为代理担保的机构的 PEM 文件，代替系统自带的。",
        default=None,
        min_length=1,
        description="A PEM file of the authorities that may vouch for the broker, instead of the system's.",
        examples=["/etc/govhub/trust/city-ca.pem"],
    )


class SinkConfig(BrokerConfig):
    """One destination."""

    exchange: ShortName = Field(
        title="发布到哪个交换器；默认交换器认识每个队列，写空。",
        default="",
        description="The exchange to publish to; the default exchange, which knows every queue, is empty.",
        examples=["applications"],
    )
    routing_key: ShortName = Field(
        title="路由键；默认交换器下即队列名。",
        description="The routing key; with the default exchange the name of the queue.",
        examples=["housing.in"],
    )
    mode: Literal["binary", "structured", "plain"] = Field(
        title="binary、structured：CloudEvents AMQP 绑定的两种形式；plain：只有正文，用目的地的方言，不带属性。",
        default="binary",
        description="binary and structured: the two modes of the CloudEvents AMQP binding; plain: the body in the "
        "destination's dialect, and no attributes.",
        examples=["binary"],
    )
    idempotency: Literal["native", "none"] = Field(
        title="native：读队列的一方按 message-id 忽略重复，结果不明时直接重发；none：不能，结果不明时等人处理。",
        default="native",
        description="native: whoever reads the queue ignores a repeat under the same message-id, so an unknown outcome is "
        "simply sent again. none: it does not, so an unknown outcome waits for a person.",
        examples=["native"],
    )


class SourceConfig(BrokerConfig):
    """One source. What the hub refuses needs a place: exactly one of ``refused_queue`` and ``dead_letter``."""

    queue: ShortName = Field(
        title="消费的队列，须已存在；多个中枢须设单一活动消费者（x-single-active-consumer）才能保持办件顺序。",
        min_length=1,
        description="The queue to consume; it must exist. Several hubs keep a case's order only if it has a single active "
        "consumer (x-single-active-consumer).",
        examples=["housing.out"],
    )
    prefetch: int = Field(
        title="手中消息的上限。",
        default=400,
        ge=1,
        le=5000,
        description="The most messages in hand at a time.",
        examples=[400],
    )
    held_bytes: int = Field(
        title="未结清的消息超过这么多字节时，不再从代理读取。",
        default=64 * 1024 * 1024,
        ge=1024,
        le=1024**3,
        description="Nothing more is read from the broker while unsettled messages hold more than this, in bytes.",
        examples=[67108864],
    )
    refused_queue: ShortName | None = Field(
        title="存放被拒消息及原因的队列，同一虚拟主机，须已存在，否则消息留在原处。",
        default=None,
        min_length=1,
        description="The queue, in the same virtual host, where refused messages are set aside with the reason; it must "
        "exist, else they stay where they are.",
        examples=["housing.refused"],
    )
    dead_letter: bool = Field(
        title="改为拒绝，由队列自己的死信交换器收走；中枢看不到有没有死信交换器，没有则代理会丢弃。",
        default=False,
        description="Refused messages are rejected instead, and the queue's own dead-letter exchange takes them. The hub "
        "cannot see whether there is one: without it the broker throws them away.",
        examples=[True],
    )

    @property
    def carries_signatures(self) -> bool:
        """Whether a system that must sign can speak through it."""
        return True

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.refused_queue is None) is not self.dead_letter:
            raise ValueError("refused_queue or dead_letter: exactly one of them")
        if self.refused_queue == self.queue:
            raise ValueError("refused_queue: a refused message would come again for ever")
        return self
