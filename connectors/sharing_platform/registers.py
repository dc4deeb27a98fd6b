# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The registers behind the simulated platform, and its catalogue of them. Nobody and nothing in them exists."""

from collections.abc import Mapping
from typing import Any, Final

PERSONS, BODIES, LICENCES = "s_5105000002_0001", "s_5105000002_0002", "s_5105000002_0003"
REGISTERS: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    PERSONS: (
        {"xm": "张示例", "bh": "P-001", "zt": "有效"},
        {"xm": "李样本", "bh": "P-002", "zt": "注销"},
    ),
    BODIES: ({"mc": "示例餐饮有限公司（测试）", "bh": "B-001", "zt": "存续"},),
    LICENCES: ({"mc": "食品经营许可证（测试）", "bh": "JY-0", "yxqz": "2031-03-10"},),
}
"""What each register holds. A question is a record's first member and its number; nobody in it exists."""

_TITLES: Final = {PERSONS: "人口库核验（测试）", BODIES: "法人库核验（测试）", LICENCES: "证照库核验（测试）"}


def looked_up(sid: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a question: the records of that name and number, or that there is none."""
    first = next(iter(REGISTERS[sid][0]))
    found = [dict(one) for one in REGISTERS[sid] if (one[first], one["bh"]) == (said.get(first), said.get("bh"))]
    return {"code": "0", "data": found} if found else {"code": "404"}


def catalogue(said: Any) -> dict[str, Any]:
    """What the platform has to ask: all of it, or what a word or a service names."""
    wanted = said if isinstance(said, dict) else {}
    listed = [{"sid": sid, "name": name, "inType": "154"} for sid, name in _TITLES.items()]
    if "sid" in wanted:
        found = [one for one in listed if one["sid"] == wanted["sid"]]
    else:
        found = [one for one in listed if str(wanted.get("keyword") or "") in one["name"]]
    return {"code": "0", "data": found} if found else {"code": "404"}
