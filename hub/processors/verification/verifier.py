# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: an application goes on once its registers have answered, marked with what they said.

The mark is the attribute ``verification`` of what it emits (``onward``): ``NAME.VERDICT`` for each check, separated by blanks, so
that departments can tell what was compared. Of what a register answers one word is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson

from connectors.sdk import Delivered, Finding, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.codes import VerificationResult
from hub.ports.journal import PaceWish, Process
from hub.processors.processor import ASKED, Correlation, Inquiry, Turn
from hub.processors.verification.config import CheckSettings, VerificationConfig
from hub.processors.verification.verdicts import applies, stated, verdict

APPLICATION = "cn.gov.application.submitted"
MARK = "verification"
_ONWARD = "onward"
_AGREED = frozenset({VerificationResult.MATCHED, VerificationResult.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Verifier:
    """See :class:`hub.processors.processor.Processor`."""

    config: VerificationConfig

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What is no application."""
        if parcel.attributes.get("type") == APPLICATION:
            return None
        return Rejected("VERIFICATION_CONTRACT", f"a verifier takes {APPLICATION}")

    def correlation(self, _parcel: Parcel, /) -> Correlation:
        """Every application is a process of its own."""
        return Correlation()

    def wishes(self, _process: Process, _now: datetime, /) -> Sequence[PaceWish]:
        """The lookups keep the pace."""
        return ()

    def turn(self, process: Process, now: datetime, _paced: Mapping[str, datetime | None], /) -> Turn:
        """Ask who has not answered; with all answers, or after a while without, let it go on or not."""
        application = orjson.loads(process.canonical)
        said = _said(process)
        wanted = {name: one for name, one in self.config.checks.items() if applies(one, application)}
        unanswered = [name for name in wanted if name not in said]
        until = process.begun_at + timedelta(seconds=self.config.patience_seconds)
        if unanswered and (self.config.down == "wait" or now < until):
            again = now + timedelta(seconds=self.config.again_seconds)
            due_at = again if self.config.down == "wait" else min(again, until)
            return Turn(ask=[_inquiry(name, wanted[name], application) for name in unanswered], due_at=due_at)
        wrong = sorted(name for name in wanted if said.get(name, VerificationResult.UNAVAILABLE) not in _AGREED)
        if wrong and self.config.mismatch == "refuse":
            told = tuple(f"{name}: {said[name].value}" for name in wrong)
            return Turn(answer=Rejected("VERIFICATION_FAILED", "", told))
        return Turn(emit=(_ONWARD,), answer=Delivered(_marked(wanted, said)))

    def event(self, process: Process, _name: str, _named_at: datetime, /) -> CloudEvent:
        """The application as it came, with its mark."""
        application = orjson.loads(process.canonical)
        wanted = {name: one for name, one in self.config.checks.items() if applies(one, application)}
        return CloudEvent(
            id="",
            source="",
            type=APPLICATION,
            dataschema=orjson.loads(process.attributes)["dataschema"],
            subject=process.case,
            data=application,
            extensions={MARK: _marked(wanted, _said(process))},
        )


def _inquiry(name: str, check: CheckSettings, application: Mapping[str, Any]) -> Inquiry:
    criteria = {key: stated(application, source) or "" for key, source in check.criteria.items()}
    keep = partial(_kept, check, application)
    return Inquiry(name=name, lookup=check.lookup, criteria=criteria, purpose=check.purpose, keep=keep)


def _kept(check: CheckSettings, application: Mapping[str, Any], finding: Finding) -> bytes | None:
    said = verdict(check, application, finding)
    return None if said is None else orjson.dumps({"verdict": said.value})


def _said(process: Process) -> dict[str, VerificationResult]:
    """What registers have said, by check."""
    said: dict[str, VerificationResult] = {}
    for one in process.joined:
        attributes = orjson.loads(one.attributes)
        if attributes["type"] == ASKED:
            said[attributes["name"]] = VerificationResult[orjson.loads(one.canonical)["verdict"].upper()]
    return said


def _marked(wanted: Mapping[str, CheckSettings], said: Mapping[str, VerificationResult]) -> str:
    return (
        " ".join(f"{name}.{said.get(name, VerificationResult.UNAVAILABLE).value}" for name in sorted(wanted)) or "none"
    )
