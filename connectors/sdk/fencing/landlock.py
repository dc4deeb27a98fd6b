# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Landlock by its system calls (https://docs.kernel.org/userspace-api/landlock.html): this process and all it begins can
open only the files it is given here, whatever its user may. What is open already stays open.
"""

import ctypes
import os
import stat
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
"""The rights that a rule on a single file may speak of."""
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_LIST = _READ_DIR
_BIND_TCP = 1
_SCOPES = 0b11
"""Abstract Unix sockets and signals: neither reaches beyond this process and what it begins."""
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that this kernel has; 0: none, or it is switched off."""
    return max(_call(_CREATE_RULESET, None, 0, _VERSION), 0)


def restrict(*, listed: Iterable[str], read: Iterable[str], written: Iterable[str]) -> int:
    """Leave this thread, and all it begins, these paths and what is below them: to list, to read and run, to do everything
    with. Paths that do not exist are passed over. Gives the version in force; 0: nothing is. Call it before any thread is begun.
    """
    abi = version()
    if not abi:
        return 0
    every = _every_right(abi)
    wanted = _Ruleset(every, _BIND_TCP if abi >= _NETWORK_SINCE else 0, _SCOPES if abi >= _SCOPES_SINCE else 0)
    rules = _call(_CREATE_RULESET, ctypes.byref(wanted), ctypes.sizeof(wanted), 0)
    if rules < 0:
        return 0
    try:
        for paths, rights in ((listed, _LIST), (read, _READ), (written, every & ~_EXECUTE)):
            for path in paths:
                _allow(rules, path, rights & every)
        return abi if _call(_RESTRICT_SELF, rules, 0) == 0 else 0
    finally:
        os.close(rules)


def _every_right(abi: int) -> int:
    """Every right over files that this version knows: the first had 13, each of the next two one more, the fifth another."""
    bits = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5)  # because the sentence above says which versions
    return (1 << bits) - 1


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= _OF_FILES
        rule = _Beneath(rights, opened)
        _call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *map(_word, arguments)))


def _word(argument: object) -> object:
    """Every argument of ``syscall(2)`` is a whole word."""
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
