# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The far sides that the sandbox can play, by kind of connector."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from hub.ports.clock import Clock
from hub.sandbox.far_amqp import AmqpFarSide
from hub.sandbox.far_ferry import FerryFarSide
from hub.sandbox.far_files import FilesFarSide
from hub.sandbox.far_http import HttpFarSide
from hub.sandbox.far_mailbox import MailboxFarSide
from hub.sandbox.far_rows import RowsFarSide
from hub.sandbox.far_side import FarSide
from hub.sandbox.far_soap import SoapFarSide
from hub.sandbox.script import Folder

FAR_SIDES: Mapping[str, Callable[[Folder, Clock, str | None], FarSide]] = MappingProxyType({
    "amqp": AmqpFarSide,
    "ferry": lambda folder, clock, _: FerryFarSide(folder.script, clock),
    "file_drop": lambda folder, clock, _: FilesFarSide(folder.script, clock),
    "front_db": lambda folder, clock, _: RowsFarSide(folder, clock),
    "mailbox": lambda folder, _clock, _: MailboxFarSide(folder.script),
    "rest": lambda folder, clock, _: HttpFarSide(folder.script, clock),
    "soap": lambda folder, clock, _: SoapFarSide(folder.script, clock),
})  # fmt: skip
"""Each is made of the folder, the clock and the broker that was named; it may raise :class:`far_side.FarSideError`."""
