# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Privileges that are given up for good, and being left alone by others of the same user (prctl(2), capabilities(7))."""

import ctypes
import os
from pathlib import Path

_SET_DUMPABLE, _DROP_BOUNDING, _NO_NEW_PRIVILEGES, _AMBIENT, _CLEAR_AMBIENT = 4, 24, 38, 47, 4
_CAPABILITIES_V3 = 0x20080522
_MOST_CAPABILITIES = 64


def become(user: int, group: int) -> None:
    """Run under this user, for good. Raises ``OSError`` where this process is not root."""
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def gain_nothing() -> bool:
    """From here on no program that is run gives this process what it has not (set-user-ID, file capabilities)."""
    return _control(_NO_NEW_PRIVILEGES, 1) == 0


def be_unreadable() -> bool:
    """No process of the same user can look into this one, trace it, or read its memory and environment; no core is dumped."""
    return _control(_SET_DUMPABLE, 0) == 0


def drop_capabilities() -> bool:
    """Be root by name alone: give up every capability. Whether none is left, as it is from the start for any other user."""
    for number in range(_MOST_CAPABILITIES):
        if _control(_DROP_BOUNDING, number) != 0:
            break
    _control(_AMBIENT, _CLEAR_AMBIENT)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    ctypes.CDLL(None, use_errno=True).capset(header, (ctypes.c_uint32 * 6)())
    return effective_capabilities() == 0


def effective_capabilities() -> int:
    """The capabilities this process has, as the kernel tells (proc(5))."""
    for line in Path("/proc/self/status").read_text("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name == "CapEff":
            return int(value, 16)
    return 0


def _control(option: int, *arguments: int) -> int:
    words = [ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0, 0)[:4]]
    return int(ctypes.CDLL(None, use_errno=True).prctl(ctypes.c_int(option), *words))
