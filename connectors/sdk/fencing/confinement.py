# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every process that will run a connector's code does first: bounds, the fence, and ending when its parent ends."""

import ctypes
import os
import resource
import signal

from connectors.sdk.fencing.fence import Fence, Part, put_up

_PARENT_DEATH_SIGNAL = 1
_NICE = 5


def confine(memory_bytes: int, parent: int, fence: str) -> frozenset[Part]:
    """Take no more than so much address space, give way to the hub, stay behind the fence (as :meth:`Fence.written` wrote it),
    and do not outlive the parent. Gives what is in force of the fence.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    os.nice(_NICE)
    parts = put_up(Fence.read(fence))
    # After the fence, since the kernel forgets it when a process changes its user (prctl(2)).
    ctypes.CDLL(None, use_errno=True).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    return parts
