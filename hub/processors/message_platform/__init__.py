# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The message platform (统一消息平台): it takes notices, and sends each by the channels of its recipients, in their order.

    config     the settings
    quiet      when people are left alone
    notice     a notice as it was asked for, and how it is put into words
    standing   what became of one recipient so far: a pure table from fates to what follows
    revoking   what of a notice that is taken back can still be stopped
    platform   the processor
    kind       the manifest, and what is wrong with settings

A channel is a destination like any other, reached by a route that asks for ``channel``. The next channel is tried only when
the one before has failed for certain. What is not known (in doubt, or taken without a receipt in time) is followed by another
channel only for the classes that say ``unknown: next``, as urgent ones do: a one-time password may come twice, a notice of
acceptance may not.
"""

from hub.processors.message_platform.kind import KIND as KIND

__all__ = ["KIND"]
