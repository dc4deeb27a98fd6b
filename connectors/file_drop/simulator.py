# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that exchanges files: takes what the hub publishes in ``FOLDER/in``, and puts files into ``FOLDER/out``.

govhub simulate file-drop --option folder=/tmp/dept --option completion=sha256 --script "good,half,wrong_checksum,gb18030"
govhub simulate file-drop --port 2222 --option folder=/tmp/dept --option carrier=sftp --script "cut,hang,restart,good"

Words of files are worked off by the department, one a round. Words of the server befall what the hub publishes, one each. What is
taken lies in ``FOLDER/taken``.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from typing import Final, Self

from connectors.file_drop.config import SIDECAR
from connectors.file_drop.simulated_department import Department
from connectors.file_drop.simulated_door import Account, Door, Doorman, FtpDoor, SftpDoor
from connectors.file_drop.simulator_words import ENDINGS, FilesOptions, Step
from connectors.sdk.simulator import Simulator
from contracts.text import Text

_OF_THE_SERVER: Final = frozenset(map(str, Door))


class WorkingDepartment:
    """Works its rounds as long as it is entered, and keeps a server before its folders where it is to have one."""

    def __init__(self, script: Iterable[Step], host: str, port: int, options: FilesOptions) -> None:
        words = tuple(script)
        self._options = options
        self._place = (host, port)
        self._befall = deque(Door(str(one)) for one in words if one in _OF_THE_SERVER)
        self.department = Department(options, [one for one in words if one not in _OF_THE_SERVER])
        self.address = str(options.folder)
        self.host_key = ""
        """With SFTP: what the hub must know of the server (``host_keys``). Also in ``FOLDER/host_key.pub``."""
        self.round = asyncio.Condition()
        """Notified after each round."""
        self.restarts = asyncio.Condition()
        """Notified when the server that a word restarted is back."""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        options = self._options
        if self._befall and options.carrier == "local":
            raise OSError(0, f"{self._befall[0]}: carrier=sftp or carrier=ftp is needed")
        if options.completion not in {"sha256", "sm3"} and Step.WRONG_CHECKSUM in self.department.words:
            raise OSError(0, "wrong_checksum: completion=sha256 or completion=sm3 is needed")
        self.department.prepare()
        async with AsyncExitStack() as stack:
            await self._open_door(stack)
            working = asyncio.create_task(self._work())
            stack.push_async_callback(asyncio.wait, {working})
            stack.callback(working.cancel)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _open_door(self, stack: AsyncExitStack) -> None:
        options = self._options
        account = Account(
            folder=options.folder,
            user=options.user,
            password=options.password,
            slow_seconds=options.slow_seconds,
            away_seconds=options.away_seconds,
        )
        doorman = Doorman(account, self._word_for, self.restarts)
        match options.carrier:
            case "local":
                pass
            case "sftp":
                sftp = await stack.enter_async_context(SftpDoor(doorman, *self._place))
                self.host_key, self.address = sftp.host_key, sftp.address
                (options.folder / "host_key.pub").write_text(f"{sftp.host_key}\n", encoding="ascii")
            case "ftp":
                ftp = await stack.enter_async_context(FtpDoor(doorman, *self._place, options.name_encoding))
                self.address = ftp.address

    def _word_for(self, name: str) -> Door | None:
        """Of renames that publish: those of the name that comes last."""
        ending = ENDINGS[self._options.completion]
        publishes = name.endswith(ending) if ending else not name.endswith(SIDECAR)
        return self._befall.popleft() if publishes and self._befall else None

    async def _work(self) -> None:
        while True:
            # A department's program goes on when its folder was away.
            with suppress(OSError):
                self.department.turn()
            async with self.round:
                self.round.notify_all()
            await asyncio.sleep(self._options.every_seconds)


SIMULATOR = Simulator(
    name="file_drop",
    about=Text(
        "以文件交换的部门：取走 in 中的文件，按剧本向 out 放文件；也可开一个 SFTP 或 FTP 服务器，按剧本出故障。",
        "A department that exchanges files: takes those in the folder in, and puts files into out as its script says; if wanted "
        "with a server of SFTP or FTP before them, which is troubled as the script says.",
    ),
    words=Step,
    options=FilesOptions,
    start=WorkingDepartment,
)
