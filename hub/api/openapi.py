# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/openapi.json``: the API described in OpenAPI 3.1, generated from its routes, documents and contracts."""

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import orjson
from aiohttp import web
from pydantic import BaseModel

from contracts.problem import MEDIA_TYPE
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.registry import Registry
from contracts.text import Text
from hub.api.documents import OpenApi, Problem
from hub.api.once import Once
from hub.api.route import JSON, Answer, Parameter, Route
from hub.api.schemas import Schemas
from hub.operators import Right

_PATTERN = re.compile(r":[^}]+(?=})")  # how aiohttp is told that a place may hold slashes
_TITLE = Text("govhub 政务服务集成中枢接口", "the API of the hub")
_KEY = Text("系统的密钥", "A system's key")
_OPERATOR_KEY = Text("操作员的密钥", "An operator's key")
_FOR_SYSTEMS = ("E_KEY_MISSING", "E_KEY_UNKNOWN", "E_SYSTEMS_ONLY")
_FOR_OPERATORS = ("E_KEY_MISSING", "E_KEY_UNKNOWN", "E_OPERATORS_ONLY", "E_RIGHT_MISSING", "E_SCOPE")
_FOR_BOTH = ("E_KEY_MISSING", "E_KEY_UNKNOWN", "E_RIGHT_MISSING", "E_SCOPE")
_EVERYWHERE = ("E_HTTP_MALFORMED", "E_BUG", "E_STOPPING")


def described(routes: Sequence[Route], registry: Registry) -> Mapping[str, Any]:
    """The OpenAPI document of these routes. ``registry`` says what an event may carry."""
    answered = (answer.model for route in routes for answer in route.answers.values())
    taken = (model for route in routes for model in route.takes.values())
    schemas = Schemas({Problem, *(model for model in (*answered, *taken) if model is not None)}, registry)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_PATTERN.sub("", route.path), {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": str(_TITLE),
            "version": version("govhub"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": paths,
        "components": {
            "schemas": schemas.all,
            "securitySchemes": {"key": _bearer(_KEY), "operator": _bearer(_OPERATOR_KEY)},
        },
    }


def _bearer(whose: Text) -> dict[str, str]:
    return {"type": "http", "scheme": "bearer", "bearerFormat": "ghk_…", "description": str(whose)}


def _identified(route: Route) -> tuple[str, ...]:
    if route.open or route.receives:
        return ()
    if route.also is not None:
        return _FOR_BOTH
    if route.right is None:
        return _FOR_SYSTEMS
    return (*_FOR_OPERATORS, "E_SECOND_PERSON") if route.right is Right.ACT else _FOR_OPERATORS


def _operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.meaning.zh,
        "description": str(route.meaning),
        "responses": _responses(route, schemas),
    }
    if not (route.open or route.receives):
        operation["security"] = [{"key" if route.right is None else "operator": []}]
        if route.also is not None:
            operation["security"].append({"operator": []})
    if route.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in route.parameters]
    if route.takes:
        content = {media_type: _content(model, schemas) for media_type, model in route.takes.items()}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": str(parameter.meaning),
        "schema": dict(parameter.schema),
    }


def _responses(route: Route, schemas: Schemas) -> dict[str, Any]:
    responses = {str(status): _response(answer, schemas) for status, answer in route.answers.items()}
    told: dict[str, list[str]] = {}
    for code in dict.fromkeys((*route.refusals, *_identified(route), *_EVERYWHERE)):
        told.setdefault(str(CODES[code].status), []).append(f"- `{code}` {CODES[code].title}")
    for status, codes in sorted(told.items()):
        refusal = {"description": "\n".join(codes), "content": {MEDIA_TYPE: {"schema": schemas.of(Problem)}}}
        if status in responses:  # an answer of its own under the status of a refusal
            responses[status]["content"].update(refusal["content"])
        else:
            responses[status] = refusal
    return responses


def _response(answer: Answer, schemas: Schemas) -> dict[str, Any]:
    response: dict[str, Any] = {"description": str(answer.meaning)}
    if answer.media_type is not None:
        response["content"] = {answer.media_type: _content(answer.model, schemas)}
    if answer.headers:
        text = {"type": "string"}
        response["headers"] = {n: {"description": str(m), "schema": text} for n, m in answer.headers.items()}
    return response


def _content(model: type[BaseModel] | None, schemas: Schemas) -> dict[str, Any]:
    return {} if model is None else {"schema": schemas.of(model)}


def route_of(others: Sequence[Route], registry: Registry) -> Route:
    """The route of the description, which describes itself too."""

    async def describe(_request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        return web.Response(body=await document.get(None), content_type=JSON)

    route = Route(
        method="GET",
        path="/openapi.json",
        name="describe",
        meaning=Text("本接口的 OpenAPI 3.1 说明。", "This description of the API in OpenAPI 3.1."),
        handler=describe,
        answers={200: Answer(Text("说明", "The description"), JSON, OpenApi)},
        open=True,
    )
    document = Once[None, bytes](lambda _: orjson.dumps(described((*others, route), registry)))
    return route
