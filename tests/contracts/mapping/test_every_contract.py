# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever contract a developer adds can be mapped: a map that names every field of it carries every record of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import strict_json
from contracts.catalogue import builtin
from contracts.contract import Contract
from contracts.dialects.dialect import Decoded, Encoded
from contracts.dialects.mapped import MapDialect
from contracts.mapping.loading import Loaded, load
from contracts.mapping.shape import Kind, Shape, shape_of
from tests.contracts.instances import canonical_instances
from tests.contracts.mapping.test_shipped import different, under

CONTRACTS = builtin().all()
RECORDS = {one.schema_uri: canonical_instances(one) for one in CONTRACTS}


def fields(shape: Shape, prefix: str = "") -> Iterator[tuple[str, object]]:
    """A field of the same name for every member."""
    for name, member in shape.members.items():
        path = f"{prefix}{name}"
        match member.kind:
            case Kind.GROUP:
                yield name, {"fields": dict(fields(member, f"{path}."))}
            case Kind.GROUPS:
                yield name, {"each": path, "fields": dict(fields(member))}
            case Kind.CODE:
                yield name, {"path": path, "codes": "same"}
            case Kind.TEXTS | Kind.JSON:
                yield name, {"path": path, "format": "json"}
            case _:
                yield name, path


def kind_at(contract: Contract, path: str) -> Kind | None:
    shape = shape_of(contract.model).at(re.sub(r"\[\d+\]", "[*]", path).removeprefix("$.data."))
    return shape.kind if shape is not None else None


def whole_map(contract: Contract, encoding: str) -> str:
    message = {"name": "record", "fields": dict(fields(shape_of(contract.model)))}
    return yaml.safe_dump(
        {
            "map": 1,
            "title": {"zh": "全部字段", "en": "every field"},
            "carrier": "xml",
            "encoding": encoding,
            "formats": {"moment": "YYYY-MM-DDThh:mm:ss", "day": "YYYYMMDD", "flag": ["1", "0"]},
            "messages": {f"{contract.type}:{contract.version}": message},
        },
        allow_unicode=True,
    )


@pytest.fixture(scope="module")
def dialects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MapDialect]:
    path: Path = tmp_path_factory.mktemp("maps") / "map.yaml"
    made = {}
    for index, contract in enumerate(CONTRACTS):
        path.write_text(whole_map(contract, ("UTF-8", "GB18030")[index % 2]))
        found = load(path, builtin())
        assert isinstance(found, Loaded), "\n".join(map(str, found))
        made[contract.schema_uri] = MapDialect("whole", found.site_map)
    return made


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda one: f"{one.type}:{one.version}")
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_every_record_goes_through_xml_and_comes_back(
    dialects: dict[str, MapDialect], contract: Contract, data: st.DataObject
) -> None:
    told, record = dialects[contract.schema_uri], data.draw(RECORDS[contract.schema_uri])

    encoded = told.encode(contract, record)
    if not isinstance(encoded, Encoded):  # a character that XML or GB18030 has not, named
        assert {one.code for one in encoded.violations} == {"E_V_CHARACTER"}
        return
    decoded = told.decode(encoded.body, encoded.content_type)

    assert isinstance(decoded, Decoded), decoded
    back = strict_json.parse(decoded.checked.canonical)
    lost = [loss.path for loss in encoded.losses]
    assert [at for at in different(record, back) if not any(under(at, loss) for loss in lost)] == []
    assert {kind_at(contract, at) for at in lost} <= {Kind.MOMENT}  # the one format here that is coarser
