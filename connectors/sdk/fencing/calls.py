# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A filter of system calls (seccomp(2), https://docs.kernel.org/userspace-api/seccomp_filter.html): what a connector has no
business with fails with ``EPERM``. It is the only thing that keeps one hub's processes apart where all run under one user.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Mapping, Sequence

_SET_SECCOMP, _FILTER = 22, 2
_LOAD, _EQUAL, _BITS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, low words first
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_CLONE_THREAD = 0x10000
_X32 = 0x40000000
"""From here on stand the calls of the x32 ABI, which would go past every number below."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_NEVER: Mapping[str, Sequence[int]] = {
    # ptrace, process_vm_readv, process_vm_writev, kcmp, perf_event_open, bpf, userfaultfd, add_key, request_key, keyctl,
    # unshare, setns, mount, umount2, pivot_root, chroot: looking into others, and leaving where we were put
    "x86_64": (101, 310, 311, 312, 298, 321, 323, 248, 249, 250, 272, 308, 165, 166, 155, 161),
    "aarch64": (117, 270, 271, 272, 241, 280, 282, 217, 218, 219, 97, 268, 40, 39, 41, 51),
}
_NEVER_NEW = (424, 425, 426, 427, 428, 429, 430, 434, 438, 440, 442, 447)
"""With one number everywhere: pidfd_send_signal, io_uring (it would do what is refused here), open_tree, move_mount, fsopen,
pidfd_open, pidfd_getfd, process_madvise, mount_setattr, memfd_secret."""
_UNCOUNTED: Mapping[str, Sequence[int]] = {
    # memfd_create, shmget, msgget, semget: memory that the limit of address space does not count, and that outlives us
    "x86_64": (319, 29, 68, 64),
    "aarch64": (279, 194, 186, 190),
}
_PRIORITIES: Mapping[str, Sequence[int]] = {
    # setpriority, sched_setscheduler, sched_setparam, sched_setattr, sched_setaffinity, ioprio_set, migrate_pages,
    # move_pages: they may be turned on any process of the same user
    "x86_64": (141, 144, 142, 314, 203, 251, 256, 279),
    "aarch64": (140, 119, 118, 274, 122, 30, 238, 239),
}
_OWN_ONLY: Mapping[str, Sequence[int]] = {
    # kill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo: to this process
    "x86_64": (62, 234, 129, 297),
    "aarch64": (129, 131, 138, 240),
}
_THREAD_KILL = {"x86_64": 200, "aarch64": 130}
_LIMITS = {"x86_64": 302, "aarch64": 261}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_BEGIN: Mapping[str, Sequence[int]] = {
    "x86_64": (57, 58, 59, 322),  # fork, vfork, execve, execveat
    "aarch64": (221, 281),  # execve, execveat
}

Step = tuple[int, int, int, int]


def restrict(*, programs: bool) -> bool:
    """Have the kernel refuse this thread, and all it begins, what no connector needs; whether it does. ``programs``: it may
    begin other processes, and signal them. Needs ``PR_SET_NO_NEW_PRIVS``. Call it before any thread is begun.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return False
    written = b"".join(struct.pack("HBBI", *step) for step in _program(machine, os.getpid(), programs=programs))
    steps = ctypes.create_string_buffer(written, len(written))

    class _Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    program = _Program(len(written) // 8, ctypes.addressof(steps))
    return int(ctypes.CDLL(None, use_errno=True).prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)) == 0


def _program(machine: str, own: int, *, programs: bool) -> list[Step]:
    steps: list[Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),  # calls of another architecture have other numbers
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        steps += [(_AT_LEAST, 0, 1, _X32), _failing(errno.EPERM)]
    for number in (*_NEVER[machine], *_NEVER_NEW, *_UNCOUNTED[machine], *_PRIORITIES[machine]):
        steps += [(_EQUAL, 0, 1, number), _failing(errno.EPERM)]
    steps += _only(_LIMITS[machine], 0, own)  # prlimit64 takes the limits of any process of the same user
    if programs:
        return [*steps, (_RETURN, 0, 0, _ALLOW)]
    for number in _OWN_ONLY[machine]:
        steps += _only(number, own)
    for number in (_THREAD_KILL[machine], *_BEGIN[machine]):
        steps += [(_EQUAL, 0, 1, number), _failing(errno.EPERM)]
    # clone3 keeps its flags in memory, where no filter sees them; told that there is none, the C library takes clone.
    steps += [(_EQUAL, 0, 1, _CLONE3), _failing(errno.ENOSYS)]
    steps += [
        (_EQUAL, 0, 4, _CLONE[machine]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_BITS, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        _failing(errno.EPERM),
    ]
    return [*steps, (_RETURN, 0, 0, _ALLOW)]


def _only(number: int, *allowed: int) -> list[Step]:
    """One call whose first argument must be one of these."""
    passing: list[Step] = []
    for value in allowed:
        passing += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return [
        (_EQUAL, 0, len(passing) + 2, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *passing,
        _failing(errno.EPERM),
    ]


def _failing(code: int) -> Step:
    return (_RETURN, 0, 0, _FAIL | code)
