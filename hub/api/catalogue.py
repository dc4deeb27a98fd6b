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
from hub.api.documents import ContractList, JsonSchema
from hub.api.problems import NO_SUCH_PATH
from hub.api.route import Answer, Parameter, Route

_SCHEMA = "application/schema+json"
_JSON = "application/json"


class Catalogue:
    """The resource; its answers are made once."""

    def __init__(self, registry: Registry) -> None:
        contracts = registry.all()
        self._list = orjson.dumps({"contracts": [_entry(contract) for contract in contracts]})
        self._schemas = {(c.type, str(c.version)): orjson.dumps(c.json_schema()) for c in contracts}

    async def list(self, _request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """Every contract version."""
        return web.Response(body=self._list, content_type=_JSON)

    async def schema(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The JSON Schema of one."""
        schema = self._schemas.get((request.match_info["type"], request.match_info["version"]))
        return NO_SUCH_PATH if schema is None else web.Response(body=schema, content_type=_SCHEMA)


def _entry(contract: Contract) -> dict[str, object]:
    return {
        "type": contract.type,
        "version": contract.version,
        "title": contract.title._asdict(),
        "meaning": contract.meaning._asdict(),
        "dataschema": contract.schema_uri,
        "href": f"/v1/contracts/{contract.type}/{contract.version}",
    }


def routes(registry: Registry) -> Sequence[Route]:
    """The routes of this resource."""
    catalogue = Catalogue(registry)
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
        Route(
            method="GET",
            path="/v1/contracts/{type}/{version}",
            name="getContractSchema",
            meaning=Text("一个契约版本的 JSON Schema。", "The JSON Schema of one contract version."),
            handler=catalogue.schema,
            parameters=(
                Parameter("type", "path", Text("契约", "The contract")),
                Parameter("version", "path", Text("版本", "Its version"), {"type": "integer", "minimum": 1}),
            ),
            answers={
                200: Answer(
                    Text("data 的 JSON Schema（2020-12）", "Of `data`, JSON Schema 2020-12"), _SCHEMA, JsonSchema
                )
            },
            refusals=("E_NOT_FOUND",),
            open=True,
        ),
    )
