# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The maps that come with the hub and the sites among the examples: their cases, and records made by chance."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import strict_json
from contracts.catalogue import builtin
from contracts.contract import Contract
from contracts.dialects.dialect import Decoded, Encoded
from contracts.dialects.encoding import Encoding
from contracts.dialects.mapped import MapDialect
from contracts.mapping.case_file import beside
from contracts.mapping.cases import Ran, run_beside
from contracts.mapping.context import Context
from contracts.mapping.loading import Loaded, load, shipped
from contracts.mapping.plan import Message
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.violation_codes import VIOLATION_CODES
from tests.contracts.instances import CHARACTERS, canonical_instances

SITES = Path("examples/sites")
MAPS = [*shipped().values(), *(path for path in sorted(SITES.glob("*.yaml")) if not path.stem.endswith("_test"))]
ROW = {"row_guid": "g", "operation": "insert", "time": "2026-03-03T10:00:05+08:00", "batch": "b", "source": "105"}


@cache
def dialect(path: Path) -> MapDialect:
    found = load(path, builtin())
    assert isinstance(found, Loaded), "\n".join(map(str, found))
    return MapDialect(path.stem, found.site_map)


def named(value: object) -> str:
    return value.stem if isinstance(value, Path) else f"{getattr(value, 'type', value)}:{getattr(value, 'version', '')}"


@pytest.mark.parametrize("path", MAPS, ids=named)
def test_every_case_beside_a_map_passes(path: Path) -> None:
    ran = run_beside(path, dialect(path).site_map, builtin())

    assert isinstance(ran, Ran), f"{beside(path)}: {ran}"
    assert ran.failed == ()
    assert ran.results


@pytest.mark.parametrize("path", MAPS, ids=named)
def test_the_cases_use_every_message_of_a_map_of_the_hub(path: Path) -> None:
    """A message nobody tries is a message nobody knows to work."""
    if path.parent == SITES:
        return
    content = beside(path).read_text()

    assert {
        one.contract.schema_uri
        for one in dialect(path).site_map.messages
        if f'{one.contract.type}:{one.contract.version}"' not in content
    } == set()


MESSAGES = [(path, contract) for path in MAPS for contract in dialect(path).writes()]


IN_GB2312 = st.sampled_from("甲乙丙测试市·—é-0aZ&<>\"'\\　 ")
RECORDS = {
    (path, one.schema_uri): canonical_instances(
        one, CHARACTERS if dialect(path).site_map.encoding is Encoding.UTF_8 else IN_GB2312
    )
    for path, contract in MESSAGES
    for one in (contract, *dialect(path).earlier(contract))
}


@pytest.mark.parametrize(("path", "contract"), MESSAGES, ids=named)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_written_comes_back_or_its_loss_is_told(path: Path, contract: Contract, data: st.DataObject) -> None:
    told = dialect(path)
    record = data.draw(RECORDS[path, contract.schema_uri])
    earlier = {one.type: data.draw(RECORDS[path, one.schema_uri]) for one in told.earlier(contract)}

    encoded = told.encode(contract, record, Context(ROW, earlier))

    if isinstance(encoded, Refusal):
        judge_refusal(encoded, record)
        return
    assert isinstance(encoded, Encoded)
    lost = [loss.path for loss in encoded.losses]
    decoded = told.decode(encoded.body, encoded.content_type)
    if isinstance(decoded, Refusal):
        judge_refusal(decoded, record)
        one_way = not any(one.schema_uri == contract.schema_uri for one in told.reads())
        assert one_way or lost, decoded
        return
    assert isinstance(decoded, Decoded)
    if decoded.contract.schema_uri == contract.schema_uri and message_of(told, contract, record).reads:
        back = strict_json.parse(decoded.checked.canonical)
        unexplained = [at for at in different(record, back) if not any(under(at, loss) for loss in lost)]
        # What an earlier record lent comes back as this record's own.
        assert [at for at in unexplained if not (earlier and at not in leaves(record))] == []


def message_of(told: MapDialect, contract: Contract, record: Mapping[str, Any]) -> Message:
    """The message that writes this record; one that is only written may be read as another message of its name."""
    return next(one.message for one in told.site_map._writers[contract.type, contract.version] if one.agrees(record))


def judge_refusal(refusal: Refusal, record: Mapping[str, Any]) -> None:
    """Codes are known, every entry has both languages, and no text of the record stands in any of it."""
    assert refusal.code in CODES
    assert all(one.code in VIOLATION_CODES for one in refusal.violations)
    assert all(all(one.expected) and all(one.remedy) for one in refusal.violations)
    texts = [value for value in leaves(record).values() if isinstance(value, str) and len(value) > 12]
    assert not [text for text in texts if text in str(refusal)]


def leaves(value: Any, path: str = "$.data") -> dict[str, Any]:
    return dict(_leaves(value, path))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def different(one: Any, other: Any) -> list[str]:
    mine, theirs = leaves(one), leaves(other)
    return [at for at in {**mine, **theirs} if mine.get(at) != theirs.get(at)]


def under(path: str, loss: str) -> bool:
    return path == loss or path.startswith((f"{loss}.", f"{loss}["))


# Traps of the domain, each where a site's map settles it


@pytest.mark.parametrize(
    ("site", "decision", "code"),
    [
        ("ten_messages", "accepted", "1"),
        ("ten_messages", "refused", "2"),
        ("harbour_district", "accepted", "1"),
        ("harbour_district", "refused", "0"),
        ("hill_county", "accepted", "1"),
        ("hill_county", "correction", "3"),
        ("hill_county", "refused", "4"),
    ],
)
def test_the_state_of_acceptance_has_each_sites_own_code(site: str, decision: str, code: str) -> None:
    told = dialect(next(path for path in MAPS if path.stem == site))
    acceptance = next(one for one in told.writes() if one.type == "cn.gov.acceptance.decided")
    data = strict_json.parse(strict_json.canonical(acceptance.examples[0].data))
    assert isinstance(data, dict)
    changed = {
        **data,
        "decision": decision,
        "reason": "x",
        "case_type": "2",
        "item_code": "X-1",
        "item_code_kind": "local",
    }

    encoded = told.encode(acceptance, changed)

    assert isinstance(encoded, Encoded), encoded
    assert f'"SLZTDM":"{code}"'.encode() in encoded.body


def test_promised_and_immediate_are_the_other_way_round_at_one_site() -> None:
    standard, other = (dialect(next(path for path in MAPS if path.stem == name)) for name in ("front_v3", "river_city"))
    content = [(beside(path)).read_text() for path in MAPS if path.stem in {"front_v3", "river_city"}]

    assert standard.name != other.name
    assert 'project_type: "2"' in content[0]
    assert 'project_type: "1"' in content[1]


def test_no_map_of_the_hub_writes_one_satisfaction_scale_as_the_other() -> None:
    """1 is the best in the standard and the worst in the national interface; only version 1 has the standard's scale."""
    speaking = [
        (path.stem, one.version)
        for path in MAPS
        for one in dialect(path).writes()
        if one.type == "cn.gov.evaluation.recorded"
    ]

    assert speaking == [("gbt39046", 1)]
