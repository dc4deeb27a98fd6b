# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is thrown at the loaders, and what must hold whatever it is: no exception, no dawdling, and no half-truths.

Each target takes bytes and raises only when something is wrong. Hypothesis (``test_targets``) and Atheris (``run``) call
them; ``seeds`` gives both something right to begin with.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from pathlib import Path

import orjson

from certs.seals.check import Verdict
from certs.seals.timestamps import stamped
from certs.seals.verify import verify
from certs.suites import detached, signed_data
from certs.suites.detached import DetachedSigner
from certs.x509.anchors import Trust, brought
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.ofd import blank, packed, seal_ofd
from connectors.e_seal.sealing.timestamps import make_token
from contracts import strict_json
from contracts.bindings import http
from contracts.catalogue import builtin
from contracts.contract import Checked
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
from routing.ambiguity import ambiguous
from routing.check import Known, check
from routing.check_purposes import check_purposes
from routing.explain import explain
from routing.expressions import Misfit, Said, Undecided, language
from routing.index import compile_table
from routing.programs import compile_expressions
from routing.table import load as load_routes
from routing.verdict import verdict
from tests.certs.seals.town import NOW, VERSIONS, town
from tests.certs.suites.authority import KINDS, made

SECONDS = 1.0
"""CPU time that no input may take."""

_APPLICATION = builtin().versions("cn.gov.application.submitted")[0]


def _checked() -> Checked:
    data = next(one.data for one in _APPLICATION.examples if one.valid)
    assert isinstance(data, dict)
    checked = _APPLICATION.check(data, str(data["case_no"]))
    assert isinstance(checked, Checked)
    return checked


_CHECKED = _checked()


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


def _placed(faults: Iterable[Fault]) -> None:
    """Each says where, what and what to do, in both languages."""
    for fault in faults:
        assert fault.at.line >= 1
        assert fault.problem.zh
        assert fault.problem.en
        assert fault.remedy.zh
        assert fault.remedy.en


_KNOWN = Known(
    destinations=frozenset({"civil", "housing", "archive"}),
    systems=frozenset({"portal", "counter"}),
    contracts={_APPLICATION.type: frozenset({1, 2})},
)


@_timed
def routes(data: bytes) -> None:
    """A route table: what is wrong with it, each with its place; or one that plans a message and can explain it."""
    table = load_routes(data.decode(errors="replace"), "routes.yaml")
    if isinstance(table, tuple):
        assert table
        _placed(table)
        return
    expressions = compile_expressions(table, builtin())
    compiled = compile_table(table, programs=expressions.programs)
    _placed(expressions.faults)
    _placed(check(table, _KNOWN))
    _placed(check_purposes(table, builtin()))
    _placed(ambiguous(compiled))
    if expressions.faults:
        return  # such a table is never planned by
    attributes, warnings = _CHECKED.attributes("portal"), _CHECKED.warnings
    told = verdict(compiled, attributes, warnings, _said)
    explained = explain(compiled, attributes, _said)
    assert explained.plan == told.plan
    assert {one.route for one in explained.matched} >= set(told.plan.routes)


@_timed
def expression(data: bytes) -> None:
    """An expression: no expression, with its place in the text; or one that has a value for a record, or none."""
    text = data.decode(errors="replace")
    for personal in (True, False):
        for kind in ("bool", "string"):
            found = language(_APPLICATION, personal=personal).compiled(text, kind)
            if isinstance(found, Misfit):
                assert found.line >= 1
                assert found.said
            else:
                value = found.value(_said())
                assert isinstance(value, bool | str | Undecided)


def _said() -> Said:
    return language(_APPLICATION).said(orjson.loads(_CHECKED.canonical), "portal")


@_timed
def envelope(data: bytes) -> None:
    """A request: refused, or events each of which is written and read again as it was. The first byte chooses the mode; in
    binary mode headers stand first, a line each, and an empty line behind them.
    """
    mode, body = (data[0] % 3, data[1:]) if data else (0, b"")
    headers = {"content-type": (http.STRUCTURED, http.BATCHED, "application/json")[mode]}
    if mode == 2:
        head, _, body = body.partition(b"\n\n")
        lines = (line.partition(": ") for line in head.decode("latin-1").split("\n"))
        headers |= {name.lower(): value for name, _, value in lines}
    found = http.read(headers, body, max_batch=10)
    for event in [found] if isinstance(found, Refusal) else found:
        if isinstance(event, Refusal):
            _told(event)
            continue
        again = http.read({"content-type": http.STRUCTURED}, http.write_structured(event)[1], max_batch=1)
        assert not isinstance(again, Refusal)
        assert list(again) == [event]


@cache
def _signers() -> tuple[DetachedSigner, ...]:
    folder = _folder() / "parties"
    folder.mkdir()
    return tuple(DetachedSigner(made(folder, suite).signer) for suite in KINDS)


@_timed
def signature(data: bytes) -> None:
    """A detached signature: none, or one that holds for what it is over and for nothing else."""
    found = signed_data.read(data)
    if found is None:
        return
    for one in _signers():
        signer = one.signer
        assert detached.verify(found, b"other bytes", signer.certificate, signer.suite) is not None
        detached.verify(found, _SIGNED, signer.certificate, signer.suite)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "json": json, "xml": xml, "map": site_map, "seal": seal, "routes": routes, "expression": expression,
    "envelope": envelope, "signature": signature,
}  # fmt: skip


_SIGNED = b"what was signed"
_EVENTS = (
    '{"specversion":"1.0","id":"1","source":"portal","type":"cn.gov.x","subject":"c-1","time":"2026-03-02T09:05:00+08:00","data":{}}',
    '{"specversion":"1.0","id":"2","source":"portal","type":"cn.gov.x","datacontenttype":"text/xml","data_base64":"PGEvPg=="}',
)
_BINARY = b"\x02ce-specversion: 1.0\nce-id: 3\nce-source: portal\nce-type: cn.gov.x\nce-subject: \xe5%8A%9E\n\n{}"
CORPUS = Path(__file__).parent / "corpus"


def kept(target: str) -> list[bytes]:
    """Inputs that a run of the fuzzer has found worth keeping: each once reached something that no other did, or failed."""
    return [file.read_bytes() for file in sorted((CORPUS / target).glob("*"))]


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
        case "routes":
            return [_ROUTES, *(path.read_bytes() for path in sorted(_EXAMPLES.glob("*/routes.yaml")))]
        case "envelope":
            events = [event.encode() for event in _EVENTS]
            return [b"\x00" + events[0], b"\x01[" + b",".join(events) + b"]", _BINARY]
        case "signature":
            return [one.over(_SIGNED) for one in _signers()]
        case "expression":
            return [text.encode() for text in _EXPRESSIONS]
        case _:
            return [path.read_bytes() for path in shipped().values()] + [_SMALL]


_EXAMPLES = Path(__file__).parents[2] / "examples"
_EXPRESSIONS = (
    "data.case_type == '1' && data.materials.exists(m, m.name.contains('执照'))",
    "has(data.contact) && data.contact.name.startsWith('王')",
    "data.form.members.all(m, m.age >= 18)",
    "data.item_name.matches('^(a|b)+$')",
    "source in ['portal', 'counter']",
    "data.applied_at",
    '"first" + data.department_code',
)
_ROUTES = """version: 1
purposes:
  handling: {fields: all}
  statistics: {title: 统计, fields: {cn.gov.application.submitted: [case_no, item_code], "*": impersonal}}
destinations: {civil: handling}
routes:
  - name: a
    when: {contract: cn.gov.application.submitted, region: "5105", item: "1151*"}
    except: {source: counter}
    if: data.case_type == '1'
    to:
      - {destination: civil, delay: 30m, expires: 2h, priority: 7, until: data.applied_at, add: {stage: '"first"'}}
      - {destination: archive, purpose: statistics, ask: [{attribute: office, lookup: o, by: {c: item_code}, take: n}]}
  - {name: b, when: {}, as: fallback, identifiers: refuse, to: housing}
""".encode()


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
