# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A JSON body as the document that a route takes, or every reason why it is none."""

from dataclasses import replace
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from contracts import strict_json
from contracts.refusal import Refusal
from contracts.text import Text
from contracts.violations import violations_of
from hub.api import bodies
from hub.config.deployment import Limits
from hub.ports.clock import Clock

Model = TypeVar("Model", bound=BaseModel)

REFUSALS = ("E_BODY_INVALID", "E_JSON_MALFORMED", "E_TOO_LARGE", "E_TOO_SLOW")
"""What a route that takes a JSON body may answer for its sake."""

_INVALID = Text("正文不符合接口说明，共 {count} 处。", "The body is wrong in {count} place(s).")


async def read(request: web.Request, clock: Clock, limits: Limits, model: type[Model]) -> Model | Refusal:
    """The body of the request as this model."""
    body = await bodies.read(request, clock, most=limits.body_bytes, seconds=limits.receive_seconds)
    return body if isinstance(body, Refusal) else parsed(body, model)


def parsed(body: bytes, model: type[Model]) -> Model | Refusal:
    """These bytes as this model, or all that is wrong with them."""
    value = strict_json.parse(body)
    if isinstance(value, Refusal):
        return value
    try:
        return model.model_validate(value)
    except ValidationError as error:
        violations = tuple(
            replace(violation, path="$" + violation.path.removeprefix("$.data"))
            for violation in violations_of(error, model)
        )
        return Refusal("E_BODY_INVALID", _INVALID.filled(count=len(violations)), violations)
