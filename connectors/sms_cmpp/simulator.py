# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A carrier's gateway that behaves as a script says, one word for each submission.

govhub simulate sms-cmpp --port 7890 --script "ok*3,throttle,lose,cut,twice,undelivered"

Account ``900001`` with secret ``simulated``, unless the options say otherwise. What it brings (reports, people's messages) it
brings again until it has an answer. When the script is at its end, everything is ``ok``.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from connectors.sdk.simulator import Simulator, steps
from connectors.sdk.sms.reports import BEIJING
from connectors.sdk.sms.simulated import SimulatedGateway
from connectors.sms_cmpp.msg_id import msg_id
from connectors.sms_cmpp.pdus import Deliver
from connectors.sms_cmpp.report import LONG_BYTES, SHORT_BYTES
from connectors.sms_cmpp.simulated_connection import Connection, reports_on
from connectors.sms_cmpp.simulator_words import GatewayOptions, Step
from contracts.text import Text

_GATEWAY: Final = 512
_DEFAULTS: Final = GatewayOptions()


class Gateway(SimulatedGateway[Deliver]):
    """Used as an async context manager."""

    def __init__(
        self,
        script: Iterable[Step] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        options: GatewayOptions = _DEFAULTS,
    ) -> None:
        super().__init__(steps(script, Step.OK), (host, port), options.again_seconds, options.slow_seconds)
        self.options = options
        self.tests_answered = 0
        """Tests of the line that were answered."""
        self.impostor = False
        """Whether its next proof is wrong."""

    def connection(self) -> Connection:
        """As :class:`SimulatedGateway` says."""
        return Connection(self)

    def say(self, number: str, text: str, service_number: str = "") -> None:
        """A person sends something (上行)."""
        self.bring(
            Deliver(
                msg_id=self.next_id(),
                number=number,
                service_number=service_number,
                content=text.encode("utf-16-be"),
                coding=8,
            )
        )

    def tell(self, place: int, step: Step) -> None:
        """Report on what it took as number ``place`` of :attr:`taken`, now."""
        octets = SHORT_BYTES if self.options.version == "2.0" else LONG_BYTES
        for report in reports_on(self.taken[place], self.ids[place], step, octets):
            self.bring(report)

    def next_id(self, several: int = 1) -> int:
        """A number as a gateway makes them; the next ones are the message's too when it goes to several."""
        first = next(self.numbers)
        for _ in range(several - 1):
            next(self.numbers)
        return msg_id(datetime.now(UTC).astimezone(BEIJING), _GATEWAY, first)  # noqa: TID251  # because it is a program


SIMULATOR = Simulator(
    name="sms_cmpp",
    about=Text(
        "运营商的 CMPP 网关，每次提交取剧本的一个词；账号 900001，密钥 simulated。",
        "A carrier's CMPP gateway: one word for each submission; account 900001, secret simulated.",
    ),
    words=Step,
    start=lambda script, host, port, options: Gateway(script, host, port, options or _DEFAULTS),
    options=GatewayOptions,
)
