# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors doctor``: what holds a third party's connector on this machine, seen by trying."""

import os
import platform
from collections.abc import Mapping

import typer
from rich.console import Console
from rich.table import Table

from connectors.sdk.fencing.fence import Fence
from connectors.sdk.fencing.landlock import version
from connectors.sdk.fencing.privileges import be_unreadable
from connectors.sdk.fencing.trial import Attempt, attempt
from contracts.text import Text
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.load import Loaded, load_deployment

MEANING: Mapping[Attempt, Text] = {
    Attempt.READ: Text("读取未授予的文件", "read files it was not given"),
    Attempt.WRITE: Text("写入未授予的目录", "write where it was not let"),
    Attempt.LOOK_INTO: Text("窥视中枢进程的内存", "look into the hub's memory"),
    Attempt.SIGNAL: Text("向中枢进程发信号（如结束它）", "signal the hub, or end it"),
    Attempt.SLOW: Text("改变中枢进程的优先级", "change the hub's priority"),
    Attempt.PROGRAM: Text("另起进程", "begin other processes"),
    Attempt.LISTEN: Text("监听 TCP 端口", "listen on a TCP port"),
    Attempt.CAPABILITY: Text("持有 root 的特权", "have a capability of root"),
    Attempt.DESCRIPTOR: Text("用到中枢已打开的文件与连接", "use files and sockets that the hub has open"),
    Attempt.ENVIRONMENT: Text("看到中枢的环境变量", "see the hub's environment"),
}
"""What an attempt means to an operator."""


def doctor(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """实测第三方连接器在本机受到的隔离。 Try on this machine what holds a third party's connector."""
    fence, apart = Fence(), []
    if config.is_file():
        loaded = load_deployment(config)
        if not isinstance(loaded, Loaded):
            tell_faults(loaded, as_json=as_json)
            raise typer.Exit(FAULTY)
        members = (*loaded.endpoints.values(), *loaded.intakes.values(), *loaded.lookups.values())
        apart = [one for one in members if one.isolation == "process"]
        fence = next((Fence(account=one.fence.account) for one in apart if one.fence.account is not None), fence)
    be_unreadable()  # as `govhub run` is, so that what is tried here is what a connector would meet there
    tried = attempt(fence)
    if isinstance(tried, str):
        stop(
            Text(f"无法实测：{tried}。", f"It cannot be tried: {tried}."),
            Text("请确认 python 与 govhub 对该用户可读。", "See that its user can read python and govhub."),
            as_json=as_json,
        )
    told = {
        "kernel": platform.release(),
        "landlock": version(),
        "root": os.geteuid() == 0,
        "account": fence.account,
        "stopped": {one.value: held for one, held in tried.items()},
        "apart": [
            {
                "name": one.name,
                "kind": one.section.connector,
                "folders": None if one.fence.folders is None else list(one.fence.folders),
                "programs": one.fence.programs,
            }
            for one in apart
        ],
    }
    if as_json:
        tell_json(told)
    else:
        _tell(told, tried)
    raise typer.Exit(0 if all(tried.values()) else 1)


def missing(tried: Mapping[Attempt, bool]) -> list[Text]:
    """What is not stopped here, in words."""
    return [MEANING[one] for one, held in tried.items() if not held]


def _tell(told: Mapping[str, object], tried: Mapping[Attempt, bool]) -> None:
    console = Console()
    abi = told["landlock"] or "无 none"
    console.print(f"内核 kernel {told['kernel']}，Landlock {abi}，root: {'是 yes' if told['root'] else '否 no'}")
    table = Table(box=None, pad_edge=False)
    for heading in ("第三方连接器若试图 if a connector tries to", "结果 outcome"):
        table.add_column(heading, overflow="fold")
    for one, held in tried.items():
        table.add_row(str(MEANING[one]), "✓ 已阻止 stopped" if held else "✗ 未能阻止 NOT stopped")
    console.print(table)
    if missing(tried):
        typer.echo(
            "未能阻止之处，请只安装可信的连接器；内核 6.12 以上可全部阻止。\n"
            "Where it is not stopped, install only connectors you trust; from Linux 6.12 on all of it is."
        )
