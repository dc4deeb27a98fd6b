# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Why a hub does not start, and what to do about it."""

from dataclasses import dataclass

from certs.envelope import KeyTrouble
from contracts.text import Text
from hub.config.load import Loaded
from hub.ports.journal import Journal, JournalDown, NameTaken, Unspoken


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the hub did not start, and what to do about it. ``log`` is what a part of it said last, if anything."""

    reason: Text
    remedy: Text
    log: tuple[str, ...] = ()


async def disagreement(journal: Journal, loaded: Loaded) -> Failure | None:
    """The number of partitions decides where a case lives: hubs that differ would work on the same case at once."""
    wanted = str(loaded.deployment.partitions)
    agreed = await journal.ownerships.agree("partitions", wanted)
    match agreed:
        case JournalDown(reason):
            return unreachable(reason)
        case str() if agreed != wanted:
            return Failure(
                Text(
                    f"此登记库的分区数是 {agreed}，部署文件写的是 {wanted}。",
                    f"This journal has {agreed} partitions, the deployment file says {wanted}.",
                ),
                Text(f"请写 partitions: {agreed}。", f"Write partitions: {agreed}."),
            )
        case _:
            return None


def unsealed(trouble: KeyTrouble) -> Failure:
    """The master key cannot be had, or is another one."""
    return Failure(
        Text(
            f"{trouble.code} {trouble.place}：{trouble.reason.zh}",
            f"{trouble.code} {trouble.place}: {trouble.reason.en}",
        ),
        trouble.remedy,
    )


def unreachable(reason: str) -> Failure:
    """The journal does not answer."""
    return Failure(
        Text(f"登记库连接不上（{reason}）。", f"The journal cannot be reached ({reason})."),
        Text("请检查 journal 地址、账号和数据库是否在运行。", "See to its address, account and server."),
    )


def not_joined(joined: NameTaken | Unspoken | JournalDown, loaded: Loaded) -> Failure:
    """Why this hub may not work beside the others."""
    name = loaded.deployment.hub.name
    match joined:
        case NameTaken():
            return Failure(
                Text(f"名为 {name} 的实例正在运行。", f"A hub named {name} is running already."),
                Text("请为本实例另取 hub.name，或先停止那一个。", "Give this one another hub.name, or stop the other."),
            )
        case Unspoken(schemas):
            named = ", ".join(schemas)
            return Failure(
                Text(
                    f"此登记库在用的契约版本本实例不认识：{named}。", f"In use here and unknown to this hub: {named}."
                ),
                Text(
                    "请升级 govhub 或安装所缺的契约包；回退须先停止全部实例并执行 govhub contracts retire。",
                    "Upgrade govhub or install the missing contract package; to go back, stop every hub and run "
                    "govhub contracts retire.",
                ),
            )
        case JournalDown(reason):
            return unreachable(reason)
