# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the results of a submission and of a login mean, with a remedy each. Pure. CMPP V3.0.0 (QB-GF-028-2003), 7.4.2, 7.4.3.

A result other than 0 is the gateway's own word that it did not take the part: sending it again is safe.
"""

from typing import Final

from connectors.sdk import Rejected, Unavailable

THROTTLED: Final = 8
_DUPLICATE_SEQUENCE: Final = 3
_VENDOR: Final = range(100, 200)

_REJECTED: Final = {
    1: "消息结构错，请核对协议版本 / the packet's structure; see whether version is the gateway's",
    2: "命令字错，请核对协议版本 / the command; see whether version is the gateway's",
    4: "消息长度错，请核对协议版本 / the length; see whether version is the gateway's",
    5: "资费代码错，请核对 fee_type、fee_code / the fee; see to fee_type and fee_code",
    6: "超过最大信息长，请缩短内容 / too long; shorten the text",
    7: "业务代码错，请核对 service_id / the service; see to service_id",
    9: "本网关不负责该计费号码，请核对号码归属 / this gateway does not serve that number",
    10: "接入号错，请核对 sender / the sending number; see to sender",
    11: "企业代码错，请核对 account / the account; see to account",
    12: "计费号码错，请核对 fee_user_type / the charged number; see to fee_user_type",
    13: "目的号码错，请核对号码与前缀 / the number; see to it, and to prefix",
}
_LOGIN: Final = {
    1: "消息结构错，请核对协议版本 / structure; see to version",
    2: "账号或来源地址不被接受，请核对 account 与报备的地址 / the account, or the address we call from, is not known",
    3: "认证错，请核对口令与系统时间 / the secret, or the clock, is wrong",
    4: "版本太高，请改 version / the version is too high; change version",
}


def refusal(result: int, throttled_seconds: float, passing: frozenset[int]) -> Rejected | Unavailable:
    """What a result other than 0 comes to. ``passing`` are the carrier's own codes that pass, as agreed with it."""
    if result == THROTTLED:
        return Unavailable("CMPP_8: 流量控制，稍后再试 / throttled", throttled_seconds)
    if result == _DUPLICATE_SEQUENCE:
        return Unavailable("CMPP_3: 消息序号重复，另用序号再试 / the sequence number was known; another one is used")
    if result in passing:
        return Unavailable(f"CMPP_{result}: 配置为暂时性的结果 / passing, by the settings", throttled_seconds)
    if result in _VENDOR:
        return Rejected(f"CMPP_{result}", "运营商自定代码，请询问运营商 / a code of the carrier's own; ask the carrier")
    return Rejected(f"CMPP_{result}", _REJECTED.get(result, "未知结果，请询问运营商 / unknown; ask the carrier"))


def login_refused(status: int) -> Unavailable:
    """What a login that was refused comes to: the operator's to mend, and the messages wait."""
    told = _LOGIN.get(status, "请询问运营商 / ask the carrier")
    return Unavailable(f"LOGIN_{status}: {told}")
