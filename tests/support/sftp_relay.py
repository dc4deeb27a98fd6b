# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Between sshd and OpenSSH's sftp-server: does what no server does on demand. Started by sshd as its subsystem.

    sftp_relay.py SFTP_SERVER BEHAVIOUR_FILE

The file is read at every request; empty or missing, everything passes. ``outage``: the session ends. ``hang`` and ``cut``: a
rename to a name that does not end in ``.attributes.json`` is done, and its answer swallowed, or the session ended instead.
"""

import os
import subprocess
import sys
import threading
from typing import IO

RENAME = 18
SIDECAR = b".attributes.json"


def packet(source: IO[bytes]) -> bytes | None:
    head = source.read(4)
    return head + source.read(int.from_bytes(head, "big")) if len(head) == 4 else None


def texts(body: bytes) -> list[bytes]:
    found = []
    while len(body) >= 4:
        length = int.from_bytes(body[:4], "big")
        found.append(body[4 : 4 + length])
        body = body[4 + length :]
    return found


def behaviour(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  # because a subsystem should start fast
            return file.read().strip()
    except FileNotFoundError:
        return ""


def main() -> None:
    server, path = sys.argv[1:]
    if behaviour(path) == "outage":
        return
    far = subprocess.Popen([server], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert far.stdin is not None
    assert far.stdout is not None
    swallowed: dict[bytes, str] = {}

    def back(answers: IO[bytes]) -> None:
        while (answer := packet(answers)) is not None:
            how = swallowed.pop(answer[5:9], "")
            if how == "cut":
                os._exit(0)
            if how != "hang":
                sys.stdout.buffer.write(answer)
                sys.stdout.buffer.flush()
        os._exit(0)

    threading.Thread(target=back, args=[far.stdout], daemon=True).start()
    while (request := packet(sys.stdin.buffer)) is not None:
        now = behaviour(path)
        if now == "outage":
            os._exit(0)
        if request[4] == RENAME and now in {"hang", "cut"} and not texts(request[9:])[1].endswith(SIDECAR):
            swallowed[request[5:9]] = now
        far.stdin.write(request)
        far.stdin.flush()
    far.terminate()


if __name__ == "__main__":
    main()
