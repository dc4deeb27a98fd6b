# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Systems that must sign, and sources through which nobody can: every message would be refused, so the file is."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.intake import Intake
from hub.config.parties import SignaturePolicy, SignatureSection, SystemSection


@runtime_checkable
class Carrying(Protocol):
    """The settings of a source that knows of senders' signatures."""

    @property
    def carries_signatures(self) -> bool:
        """Whether one can come with a message there."""
        ...


def unsignable(intakes: Mapping[str, Intake], systems: Mapping[str, SystemSection], source: Located) -> list[Fault]:
    """Sources of systems all of whose messages must be signed that cannot bring a signature. Of a third party's connector in a
    process of its own nothing is known before it runs.
    """
    return [
        _fault(name, source)
        for name, intake in intakes.items()
        if (system := systems.get(intake.section.system)) is not None
        and _always(system.signature)
        and intake.settings is not None
        and not (isinstance(intake.settings, Carrying) and intake.settings.carries_signatures)
    ]


def _always(signature: SignatureSection | None) -> bool:
    """Whether no contract is exempt."""
    if signature is None:
        return False
    return {signature.policy, *signature.contracts.values()} == {SignaturePolicy.REQUIRED}


def _fault(name: str, source: Located) -> Fault:
    return Fault(
        "SIGNATURE_NO_CARRIAGE",
        f"sources.{name}",
        source.at(("sources", name)),
        Text(
            "该系统的报文必须签名，而此来源带不来签名，每条都会被拒。",
            "The messages of this system must be signed, and this source brings no signatures: it would refuse each of them.",
        ),
        Text(
            "file_drop 请写 signatures: true；webhook 的模板只取自正文且不写 each；其他种类请对其契约放宽 signature.contracts，"
            "或改用 HTTP、AMQP、SOAP。",
            "With file_drop write signatures: true; of a webhook take every template from the body, without each; for other "
            "kinds relax signature.contracts for what they bring, or use HTTP, AMQP or SOAP.",
        ),
    )
