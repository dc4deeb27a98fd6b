# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Agreements in the deployment file: what is wrong is told with its line, what is right is ready for use."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from certs.reconciliation_statement import KeyUnusableError
from contracts.families.fields import BEIJING
from contracts.located import Fault
from hub.app import agreements_for
from hub.config.load import Loaded, load_deployment

RIGHT = {
    "contract": "cn.gov.process.step",
    "destination": "province",
    "fields": {"step": "step_no", "result": {"at": "status", "codes": {"done": "1"}}},
    "record": ["step_no"],
    "keeps": "latest",
}


def written(folder: Path, agreement: dict[str, Any], **section: Any) -> Loaded | tuple[Fault, ...]:
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: [province]}\n")
    deployment = {
        "systems": {"province": {}, "housing": {}},
        "destinations": {"province": {"system": "province", "connector": "mailbox"}},
        "secrets": {"key": "file:key.pem"},
        "reconciliation": {"agreements": {"steps": agreement}, **section},
    }
    (folder / "key.pem").write_text("no key")
    (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment))
    return load_deployment(folder / "govhub.yaml")


def test_an_agreement_is_ready_for_use(tmp_path: Path) -> None:
    loaded = written(tmp_path, RIGHT, key="key", speaks_as="housing")
    assert isinstance(loaded, Loaded), loaded
    known = agreements_for(loaded)
    one = known.all["steps"]
    assert (one.system, one.destination, one.latest, known.speaks_as) == ("province", "province", True, "housing")
    assert one.agreed.key("a", {"step_no": 3}) == b"a\t3\t"
    assert one.closing(date(2026, 3, 2)) == datetime(2026, 3, 3, 2, tzinfo=BEIJING)
    assert one.manifest(date(2026, 3, 2)) == "DZ-steps-20260302"
    span = one.span(date(2026, 3, 2), datetime(2026, 3, 3, 3, tzinfo=BEIJING))
    assert (span.end.int - span.first.int) >> 80 == timedelta(days=1) // timedelta(milliseconds=1)
    with pytest.raises(KeyUnusableError, match="no private key"):
        known.key()


@pytest.mark.parametrize(
    ("changes", "section", "path"),
    [
        ({"contract": "cn.gov.none"}, {}, "reconciliation.agreements.steps.contract"),
        ({"version": 99}, {}, "reconciliation.agreements.steps.contract"),
        ({"destination": "nowhere"}, {}, "reconciliation.agreements.steps.destination"),
        ({"destination": None}, {}, "reconciliation.agreements.steps"),
        ({"system": "housing"}, {}, "reconciliation.agreements.steps"),
        ({"destination": None, "system": "nobody"}, {}, "reconciliation.agreements.steps.system"),
        ({"fields": {"a": "no_such_field"}}, {}, "reconciliation.agreements.steps.fields.a"),
        ({"record": ["no_such_field"]}, {}, "reconciliation.agreements.steps.record[0]"),
        ({}, {"key": "nothing"}, "reconciliation.key"),
        ({}, {"speaks_as": "nobody"}, "reconciliation.speaks_as"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    changes: dict[str, Any], section: dict[str, Any], path: str, tmp_path: Path
) -> None:
    faults = written(tmp_path, {**RIGHT, **changes}, **section)
    assert isinstance(faults, tuple)
    assert path in {fault.path for fault in faults}
    assert all(fault.at.line for fault in faults)
