# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A message centre that behaves as a script says, one word for each submission.

govhub simulate sms-smpp --port 2775 --script "ok*3,throttle,lose,cut,twice,undelivered"

Account ``gov`` with password ``secret08``, unless the options say otherwise. What it brings (receipts, people's messages) it
brings again until it has an answer. When the script is at its end, everything is ``ok``.
"""

from collections.abc import Iterable
from typing import Final

from connectors.sdk.simulator import Simulator, steps
from connectors.sdk.sms.simulated import SimulatedGateway
from connectors.sms_smpp.packets import Message
from connectors.sms_smpp.simulated_connection import Connection, receipt_on
from connectors.sms_smpp.simulator_words import CentreOptions, Step
from contracts.text import Text

_DEFAULTS: Final = CentreOptions()


class Centre(SimulatedGateway[Message]):
    """Used as an async context manager."""

    def __init__(
        self,
        script: Iterable[Step] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        options: CentreOptions = _DEFAULTS,
    ) -> None:
        super().__init__(steps(script, Step.OK), (host, port), options.again_seconds, options.slow_seconds)
        self.options = options

    def connection(self) -> Connection:
        """As :class:`SimulatedGateway` says."""
        return Connection(self)

    def say(self, number: str, text: str, service_number: str = "") -> None:
        """A person sends something (上行)."""
        self.bring(Message(source=number, destination=service_number, content=text.encode("utf-16-be"), coding=8))

    def tell(self, place: int, step: Step) -> None:
        """Say what became of what it took as number ``place`` of :attr:`taken`, now."""
        self.bring(receipt_on(self.taken[place], self.ids[place], step, ids=self.options.ids))


SIMULATOR = Simulator(
    name="sms_smpp",
    about=Text(
        "短信中心（SMPP 3.4），每次提交取剧本的一个词；账号 gov，口令 secret08。",
        "A message centre (SMPP 3.4): one word for each submission; account gov, password secret08.",
    ),
    words=Step,
    start=lambda script, host, port, options: Centre(script, host, port, options or _DEFAULTS),
    options=CentreOptions,
)
