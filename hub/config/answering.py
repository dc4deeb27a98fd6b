# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which destination's answers a source brings: the one that its settings name as ``answers_for``."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from connectors.sdk import Settings
from contracts.fault import dotted
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.deployment import Deployment
from hub.config.intake import Intake
from hub.config.unknown import unknown


def answers_for(settings: BaseModel | None, written: Settings) -> str:
    """The destination's name; empty: it brings no answers. Of what is not loaded here, what is ``written`` counts."""
    named = written.get("answers_for") if settings is None else getattr(settings, "answers_for", None)
    return named if isinstance(named, str) else ""


def answer_within(settings: BaseModel | None, written: Settings) -> float | None:
    """After how many seconds the answer to what was accepted is late; None: never. The same."""
    within = written.get("answer_within") if settings is None else getattr(settings, "answer_within", None)
    return float(within) if isinstance(within, int | float) and within > 0 else None


def misdirected(deployment: Deployment, source: Located, intakes: Mapping[str, Intake]) -> Iterator[Fault]:
    """Sources that would answer for a destination that is not there, or is another system's: nobody speaks for another."""
    for name, intake in intakes.items():
        destination = answers_for(intake.settings, intake.section.settings)
        if not destination:
            continue
        path = ("sources", name, "settings", "answers_for")
        section = deployment.destinations.get(destination)
        if section is None:
            kind = Text("目的地", "destination")
            yield unknown(source, path, kind, destination, set(deployment.destinations))
        elif section.system != intake.section.system:
            yield Fault(
                "ANSWERS_FOREIGN",
                dotted(path),
                source.at(path),
                Text(
                    f"目的地 {destination} 属于系统 {section.system}，本来源由系统 {intake.section.system} 发言。",
                    f"Destination '{destination}' is system '{section.system}'; this source speaks for "
                    f"'{intake.section.system}'.",
                ),
                Text(
                    "最终答复只能由该目的地的系统给出：请改正 system 或 answers_for。",
                    "Only the destination's own system can answer for it: correct system or answers_for.",
                ),
            )
