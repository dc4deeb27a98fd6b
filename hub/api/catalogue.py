# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/contracts``: what may be said, for developers and their tools. Open to anybody: it names no system and no case."""

from collections.abc import Sequence

import orjson
from aiohttp import web

from contracts.contract import Contract
from contracts.refusal import Refusal
from contracts.registry import Registry
from contracts.text import Text
from contracts.xml.schema import xsd
from hub.api.documents import ContractList, JsonSchema
from hub.api.once import Once
from hub.api.problems import NO_SUCH_PATH
from hub.api.route import Answer, Parameter, Route

_SCHEMA = "application/schema+json"
_JSON = "application/json"
_XML = "application/xml"


class Catalogue:
    """The resource; its answers are made once."""

    def __init__(self, registry: Registry) -> None:
        self._contracts = {(contract.type, str(contract.version)): contract for contract in registry.all()}
        self._list = orjson.dumps({"contracts": [_entry(contract) for contract in registry.all()]})
        self._schemas = Once[tuple[str, str], bytes](lambda key: orjson.dumps(self._contracts[key].json_schema()))
        self._xsds = Once[tuple[str, str], bytes](lambda key: xsd(self._contracts[key]))

    async def list(self, _request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """Every contract version."""
        return web.Response(body=self._list, content_type=_JSON)

    async def schema(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The JSON Schema of one."""
        key = request.match_info["type"], request.match_info["version"]
        if key not in self._contracts:
            return NO_SUCH_PATH
        return web.Response(body=await self._schemas.get(key), content_type=_SCHEMA)

    async def xsd(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The XML Schema of one."""
        key = request.match_info["type"], request.match_info["version"]
        if key not in self._contracts:
            return NO_SUCH_PATH
        return web.Response(body=await self._xsds.get(key), content_type=_XML)


def _entry(contract: Contract) -> dict[str, object]:
    return {
        "type": contract.type,
        "version": contract.version,
        "title": contract.title._asdict(),
        "meaning": contract.meaning._asdict(),
        "dataschema": contract.schema_uri,
        "href": f"/v1/contracts/{contract.type}/{contract.version}",
        "xsd": f"/v1/contracts/{contract.type}/{contract.version}.xsd",
    }


def routes(registry: Registry) -> Sequence[Route]:
    """The routes of this resource."""
    catalogue = Catalogue(registry)
    of_one = (
        Parameter("type", "path", Text("契约", "The contract")),
        Parameter("version", "path", Text("版本", "Its version"), {"type": "integer", "minimum": 1}),
    )
    return (
        Route(
            method="GET",
            path="/v1/contracts",
            name="listContracts",
            meaning=Text("契约目录。", "The catalogue of contracts."),
            handler=catalogue.list,
            answers={200: Answer(Text("全部契约及版本", "Every contract version"), _JSON, ContractList)},
            open=True,
        ),
        Route(  # before the next one, whose version would take the suffix too
            method="GET",
            path="/v1/contracts/{type}/{version}.xsd",
            name="getContractXsd",
            meaning=Text("一个契约版本的 XML Schema。", "The XML Schema of one contract version."),
            handler=catalogue.xsd,
            parameters=of_one,
            answers={
                200: Answer(Text("规范 XML 的 XSD（1.0）", "Of the canonical XML, XML Schema 1.0"), _XML),
            },
            refusals=("E_NOT_FOUND",),
            open=True,
        ),
        Route(
            method="GET",
            path="/v1/contracts/{type}/{version}",
            name="getContractSchema",
            meaning=Text("一个契约版本的 JSON Schema。", "The JSON Schema of one contract version."),
            handler=catalogue.schema,
            parameters=of_one,
            answers={
                200: Answer(
                    Text("data 的 JSON Schema（2020-12）", "Of `data`, JSON Schema 2020-12"), _SCHEMA, JsonSchema
                )
            },
            refusals=("E_NOT_FOUND",),
            open=True,
        ),
    )
