# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the simulated message centre can be told: the words of its script, and its options."""

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from connectors.sdk.simulator import Word


class Step(Word):
    """What becomes of one submission."""

    OK = "ok", "收下，状态报告为送达", "taken; its receipt says delivered"
    SLOW = "slow", "收下，隔一会儿才应答", "taken; answered after a while"
    THROTTLE = "throttle", "0x58 流量控制，未收下", "status 0x58, throttled: not taken"
    FULL = "full", "0x14 队列已满，未收下", "status 0x14, queue full: not taken"
    REFUSE = "refuse", "0x0B 号码错，未收下", "status 0x0B, a wrong number: not taken"
    VENDOR = "vendor", "0x0455 运营商自定状态，未收下", "status 0x0455, the maker's own: not taken"
    NACK = "nack", "generic_nack，未收下", "generic_nack: not taken"
    LOSE = "lose", "收下，永不应答", "taken, and never answered"
    CUT = "cut", "收下，不应答即断开", "taken; the connection ends without an answer"
    MIDFRAME = "midframe", "收下，应答发到一半断开", "taken; the connection ends in the middle of the answer"
    RESTART = "restart", "收下，断开全部连接，片刻后恢复", "taken; all connections end, and it is back after a moment"
    SPLIT = "split", "收下，应答逐字节发出", "taken; the answer comes octet by octet"
    GLUE = "glue", "收下，应答与 enquire_link 粘在一起", "taken; the answer is glued to tests of the line"
    WRONG_LENGTH = "wrong_length", "收下，应答长度字段错", "taken; the answer has an impossible length"
    ODD = "odd", "收下，先发来不认识的包再应答", "taken; packets that nobody knows come before the answer"
    EARLY = "early", "状态报告先于应答", "taken; the receipt comes before the answer"
    LATE = "late", "状态报告迟到", "taken; the receipt is late"
    TWICE = "twice", "状态报告来两次", "taken; the receipt comes twice"
    SILENT = "silent", "没有状态报告", "taken; no receipt comes"
    UNDELIVERED = "undelivered", "状态报告为无法送达", "taken; its receipt says undeliverable"
    ENROUTE = "enroute", "先来一份中间状态报告", "taken; a receipt that is not final comes first"
    TAGGED = "tagged", "状态报告只有可选参数", "taken; the receipt has optional parameters and no text"
    REPLY = "reply", "收下，并有人回复上行短信", "taken; and its recipient sends something back"


class CentreOptions(BaseModel):
    """Whom it knows, and how it writes."""

    model_config = STRICT

    system_id: str = Field(default="gov", description="账号。 The account it knows.")
    password: str = Field(default="secret08", description="口令。 The account's password.")
    ids: str = Field(
        default="text",
        pattern="^(text|hex_then_decimal)$",
        description="消息号写法：text，或应答十六进制、报告十进制。 How it writes numbers: text, or hex_then_decimal.",
    )
    slow_seconds: float = Field(
        default=0.2, ge=0, description="slow、late、restart 的时长。 How long slow, late and restart are."
    )
    again_seconds: float = Field(
        default=60.0, gt=0, description="未应答时多久再送。 When an unanswered delivery comes again."
    )
    reply: str = Field(default="收到", description="reply 的上行内容。 What people send back.")
