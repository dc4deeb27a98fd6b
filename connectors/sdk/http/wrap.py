# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a far side wants around the message: a form, a JSON object or an XML document of its own, with the message in a place."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias
from urllib.parse import quote_from_bytes

import orjson
from pydantic import BaseModel, Field, JsonValue, field_validator, model_validator

from connectors.sdk.http.template import Missing, Resolve, Template, compiled, filled, xml_text
from connectors.sdk.secret import STRICT
from contracts.dialects.encoding import Encoding, Unencodable
from contracts.xml.text import declaration

_WHOLE = "{data}"  # because it is a template, not a string to be formatted

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Wrap(BaseModel):
    """Exactly one of ``form``, ``json_object`` and ``xml``."""

    model_config = STRICT

    form: dict[Name, Template] | None = Field(
        title="表单各字段（application/x-www-form-urlencoded），按此次序。",
        default=None,
        description="Fields of a form (application/x-www-form-urlencoded), in this order.",
        examples=[{"app_id": "govhub", "timestamp": "{now.ms}", "biz_content": "{body}"}],
    )
    json_object: dict[Name, JsonValue] | None = Field(
        title="JSON 对象；其中文字为模板，单独的 {data} 代表消息本身的 JSON。",
        default=None,
        alias="json",
        description="A JSON object; its texts are templates, and {data} alone stands for the message's own JSON.",
        examples=[{"token": "{secret.token}", "data": "{data}"}],
    )
    xml: Template | None = Field(
        title="XML 文档，不含声明；填入的内容会转义。",
        default=None,
        description="An XML document without its declaration; what fills its places is escaped.",
        examples=["<REQUEST><KEY>{key}</KEY><DATA>{body}</DATA></REQUEST>"],
    )
    encoding: Literal["utf-8", "gb18030", "gb2312"] = Field(
        title="表单与 XML 的字符编码。",
        default="utf-8",
        description="How forms and XML are encoded.",
        examples=["gb18030"],
    )

    @field_validator("json_object")
    @classmethod
    def _templates(cls, value: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
        check_templates(value)
        return value

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.form, self.json_object, self.xml)) != 1:
            raise ValueError("form, json or xml: exactly one of them")
        return self

    @property
    def content_type(self) -> str:
        """The Content-Type of what it makes."""
        if self.json_object is not None:
            return "application/json"
        kind = "application/xml" if self.form is None else "application/x-www-form-urlencoded"
        return f"{kind}; charset={self.encoding.upper()}"

    def fields(self, resolve: Resolve, data: object) -> dict[str, Any] | Missing:
        """The filled fields of the form or object; of an XML document there are none."""
        if self.form is not None:
            return _form(self.form, resolve)
        made = filled_json(self.json_object or {}, resolve, data)
        return made if isinstance(made, Missing) else dict(made)

    def body(self, fields: Mapping[str, Any], resolve: Resolve) -> bytes | Missing | Unencodable:
        """What is sent, of the fields as they are now."""
        if self.json_object is not None:
            return orjson.dumps(fields)
        encoding = _ENCODINGS[self.encoding]
        if self.xml is not None:
            text = filled(self.xml, resolve, xml_text)
            return text if isinstance(text, Missing) else encoding.encode(declaration(encoding) + text)
        pairs = []
        for name, value in fields.items():
            left, right = encoding.encode(name), encoding.encode(value)
            if isinstance(left, Unencodable):
                return left
            if isinstance(right, Unencodable):
                return right
            pairs.append(f"{_quoted(left)}={_quoted(right)}")
        return "&".join(pairs).encode()


_ENCODINGS: Mapping[str, Encoding] = {
    "utf-8": Encoding.UTF_8,
    "gb18030": Encoding.GB18030,
    "gb2312": Encoding.GB2312,
}


def _quoted(value: bytes) -> str:
    """As forms are encoded (WHATWG URL, application/x-www-form-urlencoded)."""
    return quote_from_bytes(value, safe=b"*-._ ").replace("~", "%7E").replace(" ", "+")


_Made: TypeAlias = Any


def _form(form: Mapping[str, str], resolve: Resolve) -> dict[str, Any] | Missing:
    fields: dict[str, Any] = {}
    for name, template in form.items():
        value = filled(template, lambda one: fields.get(one[2:]) if one.startswith("f.") else resolve(one))
        if isinstance(value, Missing):
            return value
        fields[name] = value
    return fields


def filled_json(value: JsonValue, resolve: Resolve, data: object) -> _Made | Missing:
    """The value with its texts filled; ``{data}`` alone becomes ``data``."""
    match value:
        case str() if value == _WHOLE:
            return data if data is not None else Missing("data")
        case str():
            return filled(value, resolve)
        case list():
            made = [filled_json(one, resolve, data) for one in value]
            return next((one for one in made if isinstance(one, Missing)), made)
        case dict():
            made_of = {name: filled_json(one, resolve, data) for name, one in value.items()}
            return next((one for one in made_of.values() if isinstance(one, Missing)), made_of)
        case _:
            return value


def check_templates(value: JsonValue) -> None:
    """Raises ``ValueError`` for a text in it that is no template."""
    match value:
        case str():
            compiled(value)
        case list():
            for one in value:
                check_templates(one)
        case dict():
            for one in value.values():
                check_templates(one)
        case _:
            pass
