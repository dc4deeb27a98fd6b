# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is thrown at the loaders, and what must hold whatever it is: no exception, no dawdling, and no half-truths.

Each target takes bytes and raises only when something is wrong. Hypothesis (``test_targets``) and Atheris (``run``) call
them; ``seeds`` gives both something right to begin with.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path

from certs.seals.check import Verdict
from certs.seals.timestamps import stamped
from certs.seals.verify import verify
from certs.x509.anchors import Trust, brought
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.ofd import blank, packed, seal_ofd
from connectors.e_seal.sealing.timestamps import make_token
from contracts import strict_json
from contracts.catalogue import builtin
from contracts.dialects.document import Document
from contracts.dialects.encoding import Encoding
from contracts.fault import Fault
from contracts.mapping.loading import Loaded, load, shipped
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.xml.canonical import canonical_xml, from_canonical_xml
from contracts.xml.carrier import read, write
from contracts.xml.parser import parse
from contracts.xml.site_schema import site_xsd
from contracts.xml.text import is_name
from tests.certs.seals.town import NOW, VERSIONS, town

SECONDS = 1.0
"""CPU time that no input may take."""

_APPLICATION = builtin().versions("cn.gov.application.submitted")[0]


def _timed(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    @wraps(target)
    def run(data: bytes) -> None:
        began = time.process_time()
        target(data)
        took = time.process_time() - began
        assert took < SECONDS, f"{took:.1f} s"

    return run


def _told(refusal: Refusal) -> None:
    assert refusal.code in CODES
    assert refusal.detail.zh
    assert refusal.detail.en


@_timed
def json(data: bytes) -> None:
    """A JSON text: refused, or one value with one canonical text."""
    value = strict_json.parse(data)
    if isinstance(value, Refusal):
        _told(value)
        return
    text = strict_json.canonical(value)
    assert strict_json.parse(text) == value
    assert strict_json.canonical(strict_json.parse(text)) == text


@_timed
def xml(data: bytes) -> None:
    """An XML document: refused, or what it says can be written and read again in every encoding that has it.

    The first byte chooses the charset of the Content-Type.
    """
    charset = (None, "utf-8", "gb18030", "gb2312", "utf-16", "x-none")[data[0] % 6] if data else None
    body = data[1:]
    for told in (parse(body, charset, repeated_texts=True), from_canonical_xml(_APPLICATION, body, charset)):
        if isinstance(told, Refusal):
            _told(told)
    document = read(body, charset)
    if isinstance(document, Refusal):
        _told(document)
        return
    if _is_written(document):
        for encoding in Encoding:
            written = write(document, encoding)
            if isinstance(written, Refusal):
                assert written.violations
            else:
                assert read(written, encoding.value) == document


def _is_written(document: Document) -> bool:
    """Whether the writer is made for it: names that every parser knows, and no group without fields."""
    cells: list[object] = [{document.name: document.fields}]
    while cells:
        cell = cells.pop()
        if isinstance(cell, dict):
            if not cell or not all(map(is_name, cell)):
                return False
            cells += cell.values()
        elif isinstance(cell, list):
            cells += cell
    return True


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="govhub-fuzz-"))


@_timed
def site_map(data: bytes) -> None:
    """A map file: what is wrong with it, with places in it; or a map whose documents have a schema."""
    path = _folder() / "site.yaml"
    path.write_bytes(data)
    found = load(path, builtin())
    if isinstance(found, Loaded):
        for message in found.site_map.messages:
            if found.site_map.carrier == "xml":
                assert is_name(message.name), message.name
        site_xsd(found.site_map)
        return
    assert found
    for fault in found:
        assert isinstance(fault, Fault)
        assert fault.at.line >= 0
        assert fault.problem.zh
        assert fault.remedy.zh


@_timed
def seal(data: bytes) -> None:
    """A seal, a signature, an OFD, or what a verifier brings: examined, and whatever is wrong has its sentences."""
    for fault in (*verify(data, Trust(), NOW, data).faults, *stamped(data, data, Trust(), NOW).checks):
        assert fault.verdict is Verdict.HELD or fault.meaning is not None
    found = brought({"file": data})
    assert found.unread or found.certificates or found.revocation


TARGETS: Mapping[str, Callable[[bytes], None]] = {"json": json, "xml": xml, "map": site_map, "seal": seal}


def seeds(target: str) -> list[bytes]:
    """Inputs that are right, one of each kind."""
    examples = [
        (contract, example.data) for contract in builtin().all() for example in contract.examples if example.valid
    ]
    match target:
        case "json":
            return [strict_json.canonical(data) for _, data in examples]
        case "xml":
            written = [
                canonical_xml(contract, data, encoding)
                for contract, data in examples[::3]
                for encoding in (Encoding.UTF_8, Encoding.GB18030)
                if isinstance(data, dict)
            ]
            return [b"\x00" + body for body in written if isinstance(body, bytes)]
        case "seal":
            here = town(Algorithm.SM2)
            sealed = packed(seal_ofd(blank(), 4, here.seal(), here.signer, NOW))
            stamper = here.authority.issue("测试时间戳", purpose="time_stamping")
            revoked = here.authority.revocation_list([(here.signer.certificate, NOW)])
            token = make_token(stamper, Algorithm.SM2, b"", NOW)
            return [*map(here.signature, VERSIONS), sealed, here.authority.certificate, revoked, token]
        case _:
            return [path.read_bytes() for path in shipped().values()] + [_SMALL]


_SMALL = """map: 1
title: {zh: 测试, en: test}
carrier: xml
encoding: GB18030
formats: {moment: YYYYMMDDhhmmss, day: YYYYMMDD, flag: ["1", "0"]}
codes:
  status: {"1": "10", "2": "20"}
messages:
  cn.gov.process.step:1:
    name: BZ
    fields:
      SBLSH: case_no
      HJMC: {path: step_name, required: true}
      ZT: {path: status, codes: status}
      KSSJ: started_at
    dropped: [step_no, action, handler, opinion, ended_at, department_name, region_code, item_code, department_code,
              level_code, record_version, form]
""".encode()
