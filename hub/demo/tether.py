# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a command that cannot outlive its parent: ``python -m hub.demo.tether PARENT COMMAND…``.

The kernel sends SIGTERM when the parent dies, however it dies (``prctl(2)``, PR_SET_PDEATHSIG; kept across execve).
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become the command. A parent that is gone already is found out by who the parent is now."""
    parent, command = int(arguments[1]), arguments[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)
    os.execv(command[0], command)  # noqa: S606  # because the command comes from the demonstration itself


if __name__ == "__main__":
    main(sys.argv)
