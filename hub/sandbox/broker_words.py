# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the sandbox says when it has no broker to play a department's queues on."""

from contracts.text import Text
from hub.sandbox.words import Said

_START = Text(
    "请启动一个 RabbitMQ（如 docker run -p 5672:5672 rabbitmq:4，或 apt-get install rabbitmq-server），以 --broker "
    "amqp://用户:口令@主机:5672/虚拟主机 或 sandbox.yaml 的 broker 指明；该用户须能新建以 govhub-sandbox- 开头的队列。",
    "Start a RabbitMQ (docker run -p 5672:5672 rabbitmq:4, say, or apt-get install rabbitmq-server) and name it with --broker "
    "amqp://USER:PASSWORD@HOST:5672/VHOST, or as broker in sandbox.yaml; the user must be able to make queues whose names "
    "begin with govhub-sandbox-.",
)


def unreachable(address: str, reason: str) -> Said:
    """No connection, no login, or no queue to be made there."""
    return (
        Text(
            f"沙箱要在消息代理上模拟部门的队列，但用不了 {address}（{reason}）。",
            f"The sandbox plays the department's queues on a broker, and cannot use {address} ({reason}).",
        ),
        _START,
    )


def no_address(reference: str) -> Said:
    """What is written as the broker is no address, or points nowhere."""
    where = Text(f"（{reference} 没有值）", f" ({reference} has no value)") if reference else Text("", "")
    return (
        Text(
            f"broker 不是 amqp:// 或 amqps:// 地址{where.zh}。", f"broker is no amqp:// or amqps:// address{where.en}."
        ),
        _START,
    )
