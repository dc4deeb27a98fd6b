# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A hub process that is only its embedded database: says what it has on one line, then lives until it is killed.

Arguments: the directory, the folder for what cannot stay there, when to die (``never``, ``in_initdb``, ``after_spawn``), and
perhaps the number of the user to become first.
"""

import asyncio
import codecs
import json
import os
import pwd
import signal
import sys
import threading
from pathlib import Path

import asyncpg
import uvloop

from hub.journal.embedded import EmbeddedFault, start
from hub.ports.clock import SystemClock


class DeadlyClock(SystemClock):
    """The first wait is for the server just started to take connections."""

    async def sleep(self, seconds: float) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def die_in_initdb(directory: Path) -> None:
    """Watched by a thread: while initdb runs, the loop waits for it."""
    while not list(directory.glob(".new-*/data/global")):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def main(directory: Path, elsewhere: Path, death: str) -> None:
    if death == "in_initdb":
        threading.Thread(target=die_in_initdb, args=[directory], daemon=True).start()
    clock = DeadlyClock() if death == "after_spawn" else SystemClock()
    server = await start(directory, clock=clock, elsewhere=elsewhere)
    if isinstance(server, EmbeddedFault):
        say({"fault": server.code})
        return
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("create table if not exists kept(number int)")
    await connection.execute("insert into kept values (1)")
    say({"pid": server.pid, "adopted": server.adopted})
    await asyncio.wait_for(asyncio.Event().wait(), 60)


def become(user: int) -> None:
    """After the imports: the user may not reach the interpreter's own files, so whatever loads late is loaded now."""
    for encoding in ("ascii", "latin-1", "idna"):
        codecs.lookup(encoding)
    os.setgroups([])
    os.setgid(pwd.getpwuid(user).pw_gid)
    os.setuid(user)
    os.umask(0o022)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        become(int(sys.argv[4]))
    uvloop.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
