# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a status means, with a remedy each. Pure. SMPP v3.4 (issue 1.2), 5.1.3.

A status other than 0 is the centre's own word that it did not take the message: sending it again is safe.
"""

from typing import Final

from connectors.sdk import Rejected, Unavailable

QUEUE_FULL: Final = 0x14
THROTTLED: Final = 0x58
_PASSING: Final = {
    0x04: "登录状态不符 / the bind is not as it should be",
    0x08: "对方系统错误 / a system error over there",
    QUEUE_FULL: "对方队列已满，稍后再试 / its queue is full",
    THROTTLED: "流量控制，稍后再试 / throttled",
}
_REJECTED: Final = {
    0x01: "消息长度错，请缩短内容或改 long_texts / the length; shorten the text, or change long_texts",
    0x02: "命令长度错 / the command's length",
    0x03: "命令不被支持 / the command is not known there",
    0x0A: "发送号码错，请核对 sender 与 sender_ton、sender_npi / the sender; see to it and its ton and npi",
    0x0B: "目的号码错，请核对号码与 number_ton、number_npi / the number; see to it and its ton and npi",
    0x15: "业务类型错，请核对 service_type / the service type; see to service_type",
    0x43: "esm_class 不被接受，请改 long_texts / esm_class; change long_texts",
    0x45: "提交失败，请询问运营商 / submission failed; ask the carrier",
    0x62: "有效期不被接受，请核对 expires / the validity; see to expires",
}
_LOGIN: Final = {
    0x05: "账号已登录，请核对连接数 / bound already; ask for more connections",
    0x0D: "登录失败，请询问运营商 / the bind failed; ask the carrier",
    0x0E: "口令错 / the password is wrong",
    0x0F: "账号错，请核对 system_id / the account; see to system_id",
}
_ASK: Final = "请询问运营商 / ask the carrier"


def refusal(status: int, throttled_seconds: float, passing: frozenset[int]) -> Rejected | Unavailable:
    """What a status other than 0 comes to. ``passing`` are further ones that pass by themselves, as agreed."""
    if status in _PASSING or status in passing:
        told = _PASSING.get(status, "配置为暂时性的状态 / passing, by the settings")
        return Unavailable(f"SMPP_{status:02X}: {told}", throttled_seconds)
    return Rejected(f"SMPP_{status:02X}", _REJECTED.get(status, _ASK))


def login_refused(status: int) -> Unavailable:
    """What a bind that was refused comes to: the operator's to mend, and the messages wait."""
    return Unavailable(f"LOGIN_{status:02X}: {_LOGIN.get(status, _ASK)}")
