# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Signatures of senders that speak by webhook, SOAP or files: over the exact bytes of the call or the file, or not at all."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from certs.authority import Use
from certs.leaf import SUBMISSION
from certs.suites.detached import DetachedSigner
from contracts.catalogue import builtin
from contracts.xml.text import escaped
from hub.config.load import Loaded, load_deployment
from tests.hub.identities.secure_house import Said, SecureHouse, event, secure_house
from tests.support.authority import Ca
from tests.support.hub_process import write_deployment

pg18 = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")
_TYPE = "cn.gov.application.submitted"
_SCHEMA = builtin().versions(_TYPE)[0].schema_uri
_ATTRIBUTES = {"type": _TYPE, "dataschema": _SCHEMA}
WEBHOOK: dict[str, Any] = {
    "anybody": True,
    "item": {
        **_ATTRIBUTES,
        "id": "{/id}",
        "subject": "{/subject}",
        "data": "/data",
        "content_type": "application/json",
    },
}
SOAP = {
    "anybody": True,
    "namespace": "http://exchange.example/",
    "operations": {
        "tijiao": {
            "parameters": ["lsh", "sblsh", "neirong"],
            **_ATTRIBUTES,
            "id": "{f.lsh}",
            "subject": "{f.sblsh}",
            "data": "neirong",
            "content_type": "application/json",
        }
    },
}


@dataclass(frozen=True, slots=True)
class Town:
    house: SecureHouse
    signer: DetachedSigner
    inbox: Path
    dsn: str

    async def call(self, source: str, body: bytes, kind: str, signature: bytes | None) -> Said:
        file = self.house.folder / f"call-{len(list(self.house.folder.iterdir()))}"
        file.write_bytes(body)
        words = ["-H", f"Content-Type: {kind}", "--data-binary", f"@{file}"]
        if signature is not None:
            words += ["-H", f"Govhub-Signature: {base64.b64encode(signature).decode()}"]
        return await self.house.curl(f"/v1/in/{source}", *words)

    async def webhook(self, body: bytes, signature: bytes | None, source: str = "hook") -> Said:
        return await self.call(source, body, "application/json", signature)

    async def soap(self, body: bytes, signature: bytes | None) -> Said:
        return await self.call("soap", body, "text/xml; charset=utf-8", signature)

    async def statement(self, sender_id: str) -> dict[str, Any]:
        """What was stated of the signature, and the bytes that are kept as they came."""
        connection = await asyncpg.connect(self.dsn)
        try:
            row = await connection.fetchrow(
                "select l.statement, m.codec, m.raw, m.content_type from leaf l join message m on m.id = l.message_id "
                "where l.kind = $1 and m.sender_id = $2",
                SUBMISSION,
                sender_id,
            )
        finally:
            await connection.close()
        assert row is not None, f"no signature was kept of {sender_id}"
        return {**json.loads(row["statement"]), "kind": row["content_type"]}


@asynccontextmanager
async def town(folder: Path, dsn: str, policy: str = "required") -> AsyncIterator[Town]:
    ca = Ca(folder / "ca")
    signing = ca.issue("portal", Use.SIGNING)
    inbox = folder / "inbox"
    inbox.mkdir()
    place = {"system": "portal", "connector": "file_drop"}
    sources = {
        "hook": {"system": "portal", "connector": "rest", "settings": WEBHOOK},
        "soap": {"system": "portal", "connector": "soap", "settings": SOAP},
        "files": {**place, "settings": {"folder": str(inbox), "signatures": True, "poll_seconds": 0.05}},
    }
    portal = {"signature": {"policy": policy, "certificates": [str(ca.pair(signing)[0])]}}
    async with secure_house(folder / "hub", dsn, ca, portal=portal, more={"sources": sources}) as house:
        yield Town(house, DetachedSigner(ca.signer(signing)), inbox, dsn)


def envelope(sender_id: str) -> bytes:
    said = json.loads(event(sender_id))
    data = escaped(json.dumps(said["data"], ensure_ascii=False))
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><t:tijiao xmlns:t="http://exchange.example/">'
        f"<lsh>{said['id']}</lsh><sblsh>{said['subject']}</sblsh><neirong>{data}</neirong></t:tijiao></s:Body></s:Envelope>"
    ).encode()


@pg18
async def test_a_call_in_a_form_of_its_own_is_signed_over_its_exact_bytes(tmp_path: Path, dsn: str) -> None:
    async with town(tmp_path, dsn) as here:
        for sender_id, send, body in (
            ("hook-1", here.webhook, event("hook-1")),
            ("soap-1", here.soap, envelope("soap-1")),
        ):
            signature = here.signer.over(body)
            unsigned = await send(body, None)
            other = await send(body.replace(b"-1", b"-2", 1), signature)
            taken = await send(body, signature)
            again = await send(body, signature)
            assert b"E_SIGNATURE_MISSING" in unsigned.body, unsigned
            assert b"E_SIGNATURE_INVALID" in other.body, other
            assert taken.status in {200, 202}, taken
            assert again.body == taken.body
            kept = await here.statement(sender_id)
            assert base64.b64decode(kept["signature"]) == signature
            assert kept["digest"].rpartition(":")[2] == here.signer.signer.suite.digest(body).hex()
            assert kept["kind"].startswith(("application/json", "text/xml"))


@pg18
@pytest.mark.parametrize("armoured", [False, True], ids=["DER", "Base64"])
async def test_a_file_is_signed_by_another_beside_it(tmp_path: Path, dsn: str, *, armoured: bool) -> None:
    async with town(tmp_path, dsn) as here:
        good, bad, bare = event("file-1"), event("file-2"), event("file-3")
        for name, body, signed in (("a", good, good), ("b", bad, good)):
            signature = here.signer.over(signed)
            written = base64.encodebytes(signature) if armoured else signature
            (here.inbox / f"{name}.json.sig").write_bytes(written)
            (here.inbox / f".{name}").write_bytes(body)
            (here.inbox / f".{name}").rename(here.inbox / f"{name}.json")
        (here.inbox / ".c").write_bytes(bare)
        (here.inbox / ".c").rename(here.inbox / "c.json")
        errors = here.inbox / "error"
        async with asyncio.timeout(60):
            while not {"b.json.error.json", "c.json.error.json"} <= {one.name for one in errors.glob("*")}:
                await here.house.hub.clock.sleep(0.05)
            while list(here.inbox.glob("*.json*")):
                await here.house.hub.clock.sleep(0.05)
        assert json.loads((errors / "b.json.error.json").read_bytes())["code"] == "E_SIGNATURE_INVALID"
        assert json.loads((errors / "c.json.error.json").read_bytes())["code"] == "E_SIGNATURE_MISSING"
        assert (errors / "b.json.sig").is_file()
        kept = await here.statement("file-1")
        assert kept["digest"].rpartition(":")[2] == here.signer.signer.suite.digest(good).hex()


_NO_CARRIAGE: dict[str, tuple[str, dict[str, Any]]] = {
    "a list": ("rest", {**WEBHOOK, "item": {**WEBHOOK["item"], "each": "/list"}}),
    "an id from a header": ("rest", {**WEBHOOK, "item": {**WEBHOOK["item"], "id": "{h.X-Id}"}}),
    "files without": ("file_drop", {"folder": "/srv/made-up"}),
}


def _load(folder: Path, connector: str, settings: dict[str, Any], signature: dict[str, Any]) -> Any:
    ca = Ca(folder / "ca")
    signing = str(ca.pair(ca.issue("portal", Use.SIGNING))[0])
    return load_deployment(
        write_deployment(
            folder,
            {
                "hub": {"name": "hub-1", "data": "data"},
                "journal": "postgresql://made-up/up",
                "bus": "memory",
                "trust": {"anchors": [str(ca.file)]},
                "systems": {"portal": {"signature": {**signature, "certificates": [signing]}}, "archives": {}},
                "destinations": {"archives": {"system": "archives", "connector": "mailbox"}},
                "sources": {"in": {"system": "portal", "connector": connector, "settings": settings}},
            },
            [{"name": "all", "when": {"contract": _TYPE}, "to": "archives"}],
        )
    )


@pytest.mark.parametrize("case", _NO_CARRIAGE)
def test_a_source_that_brings_no_signature_of_who_must_sign_does_not_load(tmp_path: Path, case: str) -> None:
    connector, settings = _NO_CARRIAGE[case]
    found = _load(tmp_path, connector, settings, {"policy": "required"})
    assert not isinstance(found, Loaded)
    assert [(one.code, one.path) for one in found] == [("SIGNATURE_NO_CARRIAGE", "sources.in")]
    assert found[0].at.line > 0


@pytest.mark.parametrize(
    ("case", "signature"),
    [
        ("files without", {"policy": "optional"}),
        ("files without", {"policy": "required", "contracts": {_TYPE: "none"}}),
    ],
)
def test_who_need_not_always_sign_may_speak_there(tmp_path: Path, case: str, signature: dict[str, Any]) -> None:
    connector, settings = _NO_CARRIAGE[case]
    found = _load(tmp_path, connector, settings, signature)
    assert isinstance(found, Loaded), found


def test_nothing_that_is_not_signed_may_make_a_message_of_a_signed_file(tmp_path: Path) -> None:
    settings = {"folder": "/srv/made-up", "mode": "sidecar", "signatures": True}
    found = _load(tmp_path, "file_drop", settings, {"policy": "required"})
    assert not isinstance(found, Loaded)
    assert "signatures" in str(found)
