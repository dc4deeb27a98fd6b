# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A credential in a connector's settings: written as the name of a secret, never as its value."""

from typing import Any

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
"""What every config model is: frozen, without unknown keys, and its errors quote nothing of what was written."""

_PATTERN = r"^[A-Za-z0-9_.-]{1,100}$"
_SHOWN = "***"


class Secret(str):
    """The name of one of the deployment's secrets; ``context.secret(name)`` gives its present value, at every call.

    It shows as ``***`` wherever it is printed, formatted or serialised: sooner or later somebody writes the password
    itself where its name belongs. A destination is given those secrets that its settings name, and no others.
    """

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name as plain text: for a message to the operator about a secret that is not there, and for nothing else."""
        return str.__str__(self)

    def __str__(self) -> str:
        return _SHOWN

    def __repr__(self) -> str:
        return f"Secret('{_SHOWN}')"

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls, core_schema.str_schema(pattern=_PATTERN), serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": _PATTERN, "format": "secret-name"}
