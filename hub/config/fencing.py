# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The fence around a connector's own process, as a deployment writes it."""

import os
import pwd
import sys
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.sdk.fencing.fence import OPEN, OURS, Fence
from contracts.located import Fault, Located
from contracts.text import Text

Isolation = Literal["hub", "process"]


class FenceSection(BaseModel):
    """What a connector in a process of its own may reach of this machine, beside python, its libraries and the network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folders: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="可读写的目录，相对于本文件；此外的文件一律打不开。"
        "Folders it may read and write, relative to this file; it can open no other file.",
    )
    programs: bool = Field(
        default=False,
        description="是否允许启动其他程序。Whether it may start other programs.",
    )


def isolation_of(said: Isolation | None, reference: str) -> Isolation:
    """Where a connector runs: what comes with govhub is audited, so it may run in the hub's own process."""
    return said or ("hub" if reference.startswith(OURS) else "process")


def fence_of(section: FenceSection | None, reference: str, home: Path, account: tuple[int, int] | None) -> Fence:
    """The fence of one destination, source or lookup. Ours are audited and keep their access to files unless the section says
    what they need.
    """
    if section is None:
        return OPEN if reference.startswith(OURS) else Fence(account=account)
    folders = tuple(str((home / folder).resolve()) for folder in section.folders)
    return Fence(folders=folders, programs=section.programs, account=None if reference.startswith(OURS) else account)


def account_of(name: str | None, source: Located) -> tuple[tuple[int, int] | None, list[Fault]]:
    """The ids of the user under whom third parties' connectors run; None: the hub's own."""
    if name is None:
        return None, []
    path = ("hub", "connectors_run_as")

    def fault(problem: Text, remedy: Text) -> tuple[None, list[Fault]]:
        return None, [Fault("CONNECTORS_USER", ".".join(path), source.at(path), problem, remedy)]

    if os.geteuid() != 0:
        return fault(
            Text(
                "中枢不是以 root 运行，不能为连接器换用户。",
                "The hub is not root, so it cannot change a connector's user.",
            ),
            Text("请删去此项；其余隔离仍然有效。", "Leave it out; the rest of the fence holds without it."),
        )
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return fault(
            Text(f"没有用户 {name}。", f"There is no user '{name}'."),
            Text("请建立一个专用的系统用户。", "Make a system user for this alone."),
        )
    if user.pw_uid == 0:
        return fault(
            Text("连接器不能以 root 运行。", "Connectors are not run as root by this setting."),
            Text("请建立一个专用的系统用户。", "Make a system user for this alone."),
        )
    for place in dict.fromkeys((sys.base_prefix, sys.prefix, *filter(None, sys.path))):
        if (closed := _closed_to(user.pw_uid, user.pw_gid, Path(place))) is not None:
            return fault(
                Text(
                    f"用户 {name} 读不到 govhub 的安装目录：{closed}。",
                    f"The user '{name}' cannot read {closed}, where govhub is.",
                ),
                Text(
                    "请把 python 与 govhub 装在人人可读之处，如 /opt。",
                    "Install python and govhub where everybody can read, such as /opt.",
                ),
            )
    return (user.pw_uid, user.pw_gid), []


def _closed_to(user: int, group: int, place: Path) -> Path | None:
    """The folder on the way that this user may not go through; None where there is none."""
    for folder in (*reversed(place.absolute().parents), place):
        try:
            found = folder.stat()
        except OSError:
            return None  # it is not there for anybody
        shift = 6 if found.st_uid == user else 3 if found.st_gid == group else 0
        if not found.st_mode >> shift & 0o1 and folder.is_dir():
            return folder
    return None


def idle_fences(sections: dict[tuple[str, str], tuple[FenceSection | None, Isolation]], source: Located) -> list[Fault]:
    """Fences that are written where nothing runs behind one."""
    return [
        Fault(
            "FENCE_IDLE",
            f"{section}.{name}.fence",
            source.at((section, name, "fence")),
            Text("在中枢进程内运行的连接器没有隔离。", "What runs in the hub's process is behind no fence."),
            Text("请写 isolation: process，或删去 fence。", "Write isolation: process, or leave the fence out."),
        )
        for (section, name), (fence, isolation) in sections.items()
        if fence is not None and isolation == "hub"
    ]
