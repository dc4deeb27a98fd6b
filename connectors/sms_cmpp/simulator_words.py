# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the simulated gateway can be told: the words of its script, and its options."""

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from connectors.sdk.simulator import Word


class Step(Word):
    """What becomes of one submission."""

    OK = "ok", "收下，状态报告为送达", "taken; its report says delivered"
    SLOW = "slow", "收下，隔一会儿才应答", "taken; answered after a while"
    THROTTLE = "throttle", "结果 8，未收下", "result 8: not taken"
    REFUSE = "refuse", "结果 13，未收下", "result 13: not taken"
    LOSE = "lose", "收下，永不应答", "taken, and never answered"
    CUT = "cut", "收下，不应答即断开", "taken; the connection ends without an answer"
    MIDFRAME = "midframe", "收下，应答发到一半断开", "taken; the connection ends in the middle of the answer"
    RESTART = "restart", "收下，断开全部连接，片刻后恢复", "taken; all connections end, and it is back after a moment"
    IMPOSTOR = "impostor", "收下并断开，下次登录时认证码错", "taken and cut; at the next login its own proof is wrong"
    SPLIT = "split", "收下，应答逐字节发出", "taken; the answer comes octet by octet"
    GLUE = "glue", "收下，应答与链路检测粘在一起", "taken; the answer is glued to a test of the line"
    WRONG_LENGTH = "wrong_length", "收下，应答长度字段错", "taken; the answer has an impossible length"
    ODD = "odd", "收下，先发来不认识的包再应答", "taken; packets that nobody knows come before the answer"
    EARLY = "early", "状态报告先于应答", "taken; the report comes before the answer"
    LATE = "late", "状态报告迟到", "taken; the report is late"
    TWICE = "twice", "状态报告来两次", "taken; the report comes twice"
    SHORT = "short", "状态报告为 60 字节（即使 V3）", "taken; the report has 60 octets, also in version 3"
    SILENT = "silent", "没有状态报告", "taken; no report comes"
    UNDELIVERED = "undelivered", "状态报告为无法送达", "taken; its report says undeliverable"
    EXPIRED = "expired", "状态报告为过期", "taken; its report says expired"
    REPLY = "reply", "收下，并有人回复上行短信", "taken; and its recipient sends something back"


class GatewayOptions(BaseModel):
    """Whom it knows, and how fast it is."""

    model_config = STRICT

    account: str = Field(default="900001", description="企业代码。 The account it knows.")
    secret: str = Field(default="simulated", description="共享密钥。 The account's secret.")
    version: str = Field(default="3.0", pattern=r"^[23]\.0$", description="最高版本。 The highest version: 2.0 or 3.0.")
    slow_seconds: float = Field(
        default=0.2, ge=0, description="slow、late、restart 的时长。 How long slow, late and restart are."
    )
    again_seconds: float = Field(
        default=60.0, gt=0, description="未应答时多久再送。 When an unanswered delivery comes again."
    )
    reply: str = Field(default="收到", description="reply 的上行内容。 What people send back.")
