# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What can be said to the simulated department that has message queues: the words of its script, and its options."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from connectors.amqp.config import ShortName
from connectors.amqp.simulated_line import Trouble
from connectors.sdk import STRICT
from connectors.sdk.simulator import Word


class Step(Word):
    """What its programme does with one message of its queue, what it puts, and what befalls what the hub publishes."""

    OK = "ok", "处理并确认", "handled and acknowledged"
    SLOW = "slow", "处理，过一会才确认", "handled, and acknowledged after a while"
    FORGET = "forget", "处理，未确认即断线；消息再次投递", "handled, and gone before it is acknowledged: it comes again"
    REJECT = "reject", "拒绝，不放回", "rejected, and not put back"
    STALL = "stall", "停下不取，队列渐满", "stands still: the queue fills"
    GONE = "gone", "队列被删，片刻之后重建", "the queue is deleted, and made again after a while"
    GOOD = "good", "放入一条合格的办结", "puts a completion as agreed"
    TWICE = "twice", "同一条放两次", "puts the same one twice"
    CHANGED = "changed", "以同一 id 再放不同内容", "puts other content under the same id"
    GARBAGE = "garbage", "放入无法读懂的内容", "puts what nobody can read"
    BARE = "bare", "放入没有属性的消息", "puts a message without attributes"
    LARGE = "large", "放入过大的消息", "puts one that is too large"
    PASS = Trouble.PASS.value, *Trouble.PASS.meaning
    LATE = Trouble.LATE.value, *Trouble.LATE.meaning
    CUT = Trouble.CUT.value, *Trouble.CUT.meaning
    LOST = Trouble.LOST.value, *Trouble.LOST.meaning
    HANG = Trouble.HANG.value, *Trouble.HANG.meaning
    RESTART = Trouble.RESTART.value, *Trouble.RESTART.meaning


PUTS = frozenset({Step.GOOD, Step.TWICE, Step.CHANGED, Step.GARBAGE, Step.BARE, Step.LARGE})
"""What it puts by itself."""
ON_THE_LINE = frozenset(Step(str(one)) for one in Trouble)
"""What befalls what the hub publishes."""


class AmqpOptions(BaseModel):
    """Which broker and queues, and how long things take."""

    model_config = STRICT

    url: str = Field(
        description="消息服务器，不含用户与口令。 The broker, as amqp://127.0.0.1:5672/, without user and password."
    )
    user: str = Field(default="guest", description="用户名。 The department's account.")
    password_env: str = Field(
        default="AMQP_PASSWORD",
        description="存放口令的环境变量，未设则口令即用户名。 The variable that holds the password; without it the user's name.",
    )
    inside: ShortName = Field(
        default="department.in", description="中枢发往的队列。 The queue to which the hub publishes."
    )
    outside: ShortName = Field(
        default="department.out", description="中枢取自的队列。 The queue from which the hub takes."
    )
    refused: ShortName = Field(
        default="department.refused",
        description="中枢放置拒收消息的队列。 The queue to which the hub puts what it refused.",
    )
    exchange: ShortName = Field(
        default="",
        description="放入 outside 时所用的交换机，默认交换机为空。 The exchange by which it publishes; the default one is empty.",
    )
    declare: bool = Field(
        default=True, description="是否自行建队列（仅供演练）。 Whether it makes its queues, as only a rehearsal does."
    )
    max_length: int = Field(
        default=0,
        ge=0,
        description="inside 队列最多几条，满则拒收；0 不限。 "
        "The most messages of the queue inside; full, it takes none. 0 is no bound.",
    )
    source: str = Field(default="department", description="事件的 source，即系统编号。 The system that it speaks for.")
    reply: bool = Field(
        default=False,
        description="true：每处理一条，按剧本放回一个办结。 true: each message is replied to as the script says.",
    )
    every_seconds: float = Field(
        default=0.5, gt=0, description="隔多久放一条、断线后再连（秒）。 How often it puts one, or connects anew."
    )
    slow_seconds: float = Field(default=5.0, gt=0, description="slow、late 多久（秒）。 How long slow and late take.")
    away_seconds: float = Field(
        default=5.0,
        gt=0,
        description="stall、gone、hang、restart 多久（秒）。 How long stall, gone, hang and restart take.",
    )
    large_bytes: int = Field(default=17 * 1024 * 1024, gt=0, description="large 有多大（字节）。 How large large is.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.max_length and not self.declare:
            raise ValueError("max_length: only of a queue that it makes itself (declare=true)")
        return self
