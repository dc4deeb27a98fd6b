# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's web service: it is called with an envelope, and calls the hub's own endpoint with one."""

import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from connectors.soap.security import written
from contracts.dialects import ten_messages
from contracts.refusal import Refusal
from contracts.xml.text import escaped
from contracts.xml.tree import Element, local, parse_tree
from hub.ports.clock import Clock
from hub.sandbox.far_http import HttpFarSide
from hub.sandbox.far_side import Arrival, Spoken, section_of
from hub.sandbox.script import Script

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_PLACE = re.compile(r"\{f\.([^{}|]+)\}")
_KEY = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class SoapFarSide(HttpFarSide):
    """As one that is called over HTTP, with what stands in the argument that carries the message taken out of its envelope."""

    def __init__(self, script: Script, clock: Clock) -> None:
        super().__init__(script, clock)
        self._argument = ""
        self._endpoint: Mapping[str, Any] = {}
        self._source = ""
        self._password = ""
        self._url = ""

    def led_here(self, deployment: dict[str, Any]) -> Sequence[str]:
        settings = section_of(deployment, self._script.destination)["settings"]
        settings.setdefault("url", "http://service.invalid/")  # else the one of the WSDL
        self._argument = next((name for name, said in settings["parameters"].items() if "{body" in str(said)), "")
        untried = super().led_here(deployment)
        for name, source in (deployment.get("sources") or {}).items():
            self._source, self._endpoint = name, source.get("settings") or {}
            if (token := self._endpoint.get("security")) is not None:
                reference = str(deployment["secrets"][token["password_secret"]])
                self._password = Path(reference.removeprefix("file:")).read_text(encoding="utf-8").strip()
        return untried

    def opened(self, content_type: str, key: str, body: bytes) -> Arrival:
        tree = parse_tree(body)
        if isinstance(tree, Refusal):
            return super().opened(content_type, key, body)
        found = next((one for one in tree.root.iter() if local(one) == self._argument), None)
        keys = _KEY.search(body)
        inner = _text(found).encode()
        kind = "application/xml; charset=utf-8" if inner.startswith(b"<") else ten_messages.MEDIA_TYPE
        return Arrival(keys[0].decode() if keys else key, kind, inner)

    async def at_work(self, url: str, key: str) -> None:
        self._url = url
        await super().at_work(url, key)

    async def say(self, spoken: Spoken) -> bool:
        call = self._called(spoken)
        if call is None:
            return False
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        address = f"{self._url}/v1/in/{self._source}"
        async with aiohttp.ClientSession() as http, http.post(address, data=call.encode(), headers=headers) as answer:
            await answer.read()  # what was refused is found among the system's refusals
        return True

    def _called(self, spoken: Spoken) -> str | None:
        """The envelope of the first operation that can say this; None: there is no endpoint, or none that can."""
        for name, operation in (self._endpoint.get("operations") or {}).items():
            said = _arguments(operation, spoken)
            if said is not None:
                elements = "".join(
                    f"<{one}>{escaped(said[one])}</{one}>" for one in operation["parameters"] if one in said
                )
                body = f'<n:{name} xmlns:n="{escaped(self._endpoint["namespace"])}">{elements}</n:{name}>'
                header = f"<e:Header>{self._token()}</e:Header>"
                return f'<e:Envelope xmlns:e="{_ENVELOPE}">{header}<e:Body>{body}</e:Body></e:Envelope>'
        return None

    def _token(self) -> str:
        security = self._endpoint.get("security")
        if security is None:
            return ""
        nonce = secrets.token_bytes(16)
        return written(security["username"], self._password, digest=True, nonce=nonce, now=self._clock.now())


def _arguments(operation: Mapping[str, Any], spoken: Spoken) -> dict[str, str] | None:
    """The arguments from which the operation's templates make this message; None: they cannot."""
    said = {operation["data"]: spoken.body.decode("utf-8", "replace")}
    facts = {
        "type": spoken.contract.type,
        "id": spoken.id,
        "subject": spoken.case,
        "dataschema": spoken.contract.schema_uri,
    }
    for member, value in facts.items():
        template = operation.get(member)
        place = _PLACE.fullmatch(str(template))
        if place is not None:
            said[place[1]] = value
        elif template is not None and template != value:
            return None
    return said


def _text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()
