# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What can be said to the simulated department that exchanges files: the words of its script, and its options."""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, Field

from connectors.file_drop.place import NameEncoding
from connectors.file_drop.simulated_door import Door
from connectors.sdk import STRICT
from connectors.sdk.simulator import Word


class Step(Word):
    """A file that the department puts, or what its server does with a file that the hub publishes."""

    GOOD = "good", "一个合格的文件", "a file as agreed"
    HALF = "half", "先写一半，隔几轮才写完", "half a file, and the rest some rounds later"
    NO_OK = "no_ok", "没有 ok 文件或校验文件", "a file whose ok or checksum file never comes"
    ONLY_OK = "only_ok", "只有 ok 文件或校验文件", "an ok or checksum file without its file"
    WRONG_CHECKSUM = "wrong_checksum", "校验值不符", "a checksum of other bytes"
    GB18030 = "gb18030", "文件名为 GB18030，含生僻字", "a name in GB18030 with a rare character"
    TWICE = "twice", "同一文件取走后又放一次", "put again after it was taken"
    CHANGED = "changed", "取走后以同一 id 放入不同内容", "other content under the same id, after it was taken"
    GARBAGE = "garbage", "内容无法读懂", "content that nobody can read"
    LARGE = "large", "比约定的大", "larger than was agreed"
    LINK = "link", "指向别处的链接", "a link to somewhere else"
    ABANDONED = "abandoned", "临时文件，从未改名", "a temporary file that never gets its name"
    AWAY = "away", "共享目录不在，隔几轮才回来", "the shares are not there, and back some rounds later"
    OK = Door.OK.value, *Door.OK.meaning
    SLOW = Door.SLOW.value, *Door.SLOW.meaning
    REFUSE = Door.REFUSE.value, *Door.REFUSE.meaning
    FULL = Door.FULL.value, *Door.FULL.meaning
    CUT = Door.CUT.value, *Door.CUT.meaning
    LOST = Door.LOST.value, *Door.LOST.meaning
    HANG = Door.HANG.value, *Door.HANG.meaning
    RESTART = Door.RESTART.value, *Door.RESTART.meaning


Completion = Literal["rename", "marker", "sha256", "sm3"]
ENDINGS: Final[dict[Completion, str]] = {"rename": "", "marker": ".ok", "sha256": ".sha256", "sm3": ".sm3"}
"""What stands behind a file's name in the name of what completes it."""


class FilesOptions(BaseModel):
    """Where, how files are agreed to look, and how long things take."""

    model_config = STRICT

    folder: Path = Field(
        description="工作目录；中枢写入其下的 in，取自 out。 The hub writes into its sub-folder in, and takes from out."
    )
    carrier: Literal["local", "sftp", "ftp"] = Field(
        default="local",
        description="local：只有目录；sftp、ftp：另开一个服务器。 local: folders only; sftp, ftp: a server before them.",
    )
    user: str = Field(default="hub", description="服务器的用户名。 Who may log in at the server.")
    password: str = Field(default="made-up", description="服务器的口令，仅供演练。 The password, for rehearsals only.")
    mode: Literal["structured", "plain", "sidecar"] = Field(
        default="structured", description="放入的文件的形式，同来源的 mode。 What its files hold, as the source's mode."
    )
    completion: Completion = Field(
        default="rename",
        description="双方如何表示文件已完整：rename、marker（NAME.ok）、sha256、sm3。 How both show that a file is whole.",
    )
    name_encoding: NameEncoding = Field(default="utf-8", description="文件名的编码。 How its names are written.")
    source: str = Field(default="department", description="事件的 source，即系统编号。 The system that it speaks for.")
    reply: bool = Field(
        default=False,
        description="true：每取走一个文件，按剧本放回一个办结。 true: each file taken is replied to as the script says.",
    )
    every_seconds: float = Field(default=0.5, gt=0, description="多久一轮（秒）。 How long a round is.")
    slow_seconds: float = Field(default=5.0, gt=0, description="slow 多久才答（秒）。 How late slow answers.")
    away_seconds: float = Field(
        default=5.0, gt=0, description="hang、restart 持续多久（秒）。 How long hang and restart take."
    )
    large_bytes: int = Field(default=17 * 1024 * 1024, gt=0, description="large 有多大（字节）。 How large large is.")
