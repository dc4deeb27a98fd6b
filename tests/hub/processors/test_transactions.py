# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a coordinator of transactions: what is wrong with them is told when they are loaded, with file and line."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml

from contracts.fault import Fault
from contracts.located import Located, build, parse
from hub.processors.processor import Known
from hub.processors.transaction.kind import KIND
from tests.support.transactions import ACCEPTANCE, SETTINGS

Settings = dict[str, Any]
NAMES = Known(frozenset(), frozenset())
UNTIL: Settings = {"contract": ACCEPTANCE, "by": "case_no", "done": {"decision": "accepted"}}


def faults(settings: Settings) -> list[Fault]:
    """What is told of settings that are written as a file, the line of each checked to be one of that file."""
    text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    source = parse(text, "govhub.yaml")
    assert isinstance(source, Located)
    built = build(source, KIND.config)
    found = list(built) if isinstance(built, tuple) else list(KIND.faults(built, source, NAMES))
    lines = text.splitlines()
    for one in found:
        assert one.at.file == "govhub.yaml"
        assert 1 <= one.at.line <= len(lines)
        assert one.remedy.zh
        assert one.remedy.en
    return found


def changed(change: Callable[[Settings], object]) -> Settings:
    settings = deepcopy(SETTINGS)
    change(settings)
    return settings


def test_what_is_right_has_no_faults() -> None:
    assert faults(SETTINGS) == []
    assert faults(changed(lambda s: s["steps"][0].update(until=UNTIL))) == []


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda s: s["steps"][0].pop("compensation"), "STEP_REVERSAL", "steps[0]"),
        (lambda s: s["steps"][0].update(irreversible=True), "STEP_REVERSAL", "steps[0]"),
        (lambda s: s["steps"].insert(0, s["steps"].pop()), "STEP_AFTER_IRREVERSIBLE", "steps[1]"),
        (lambda s: s["steps"][1].update(name="application"), "STEP_TWICE", "steps[1].name"),
        (lambda s: s["steps"][0].update(together=True), "STEP_TOGETHER", "steps[0].together"),
        (lambda s: s["steps"][0].update(on_dead="wait"), "STEP_WAITS", "steps[0].on_dead"),
        (lambda s: s.update(begins="cn.gov.nothing"), "CONTRACT_UNKNOWN", "begins"),
        (lambda s: s["steps"][1].update(contract="cn.gov.shipment.ordered@9"), "CONTRACT_UNKNOWN", "steps[1].contract"),
        (
            lambda s: s["steps"][0]["compensation"].update(contract="cn.gov.nothing"),
            "CONTRACT_UNKNOWN",
            "steps[0].compensation.contract",
        ),
        (lambda s: s.update(number="order_no"), "FIELD_UNKNOWN", "begins"),
        (lambda s: s["steps"][0].update(when={"colour": "red"}), "FIELD_UNKNOWN", "steps[0].when"),
        (lambda s: s["withdrawal"].update(by="task_no"), "FIELD_UNKNOWN", "withdrawal.contract"),
        (
            lambda s: s["steps"][0].update(until={**UNTIL, "done": {"colour": "red"}}),
            "FIELD_UNKNOWN",
            "steps[0].until.contract",
        ),
        (
            lambda s: s["steps"][0].update(until={"contract": s["withdrawal"]["contract"], "by": "licence_no"}),
            "ANSWER_BY_TWO",
            "withdrawal.by",
        ),
        (
            lambda s: s["steps"][1].update(until={"contract": "cn.gov.shipment.tracked", "by": "order_no"}),
            "CONTRACT_UNKNOWN",
            "steps[1].until.contract",
        ),
        (
            lambda s: (
                s["steps"][1]["data"].update(order_no="{step.application.case_no}"),
                s["steps"][1].update(until={"contract": "cn.gov.shipment.event", "by": "order_no"}),
            ),
            "ANSWER_NUMBER",
            "steps[1].until.by",
        ),
        (lambda s: s["steps"][1]["data"].update(note="{message.colour}"), "PLACE_UNKNOWN", "steps[1].data.note"),
        (lambda s: s["steps"][1]["data"].update(note="{step.notice.text}"), "PLACE_UNKNOWN", "steps[1].data.note"),
        (lambda s: s["steps"][1]["data"].update(note="{answer.application.x}"), "PLACE_UNKNOWN", "steps[1].data.note"),
        (lambda s: s["steps"][1]["data"].update(note="{yesterday}"), "PLACE_UNKNOWN", "steps[1].data.note"),
        (lambda s: s["steps"][1]["data"].pop("consignee"), "STEP_DATA", "steps[1].data"),
        (lambda s: s["steps"][1]["compensation"]["data"].pop("reason"), "STEP_DATA", "steps[1].compensation.data"),
        (lambda s: s["steps"][0].update(name="Über"), "E_VALUE", "steps[0].name"),
        (lambda s: s.update(steps=[]), "E_VALUE", "steps"),
    ],
)
def test_what_is_wrong_is_told(change: Callable[[Settings], object], code: str, path: str) -> None:
    found = faults(changed(change))
    assert (code, path) in [(one.code, one.path) for one in found], [str(one) for one in found]


def test_its_system_must_be_allowed_to_send_all_of_it() -> None:
    settings = KIND.config.model_validate(SETTINGS)
    assert KIND.emits_with(settings) == {
        "cn.gov.application.submitted",
        "cn.gov.completion.decided",
        "cn.gov.shipment.ordered",
        "cn.gov.notice.requested",
        "cn.gov.transaction.ended",
    }
