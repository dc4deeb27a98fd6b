# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What proves who sent a request and that nobody changed it, described as data. Pure: secrets come in, a text comes out.

The two kinds that nearly all platforms use: an HMAC over some text, keyed by the secret; and a plain digest over a text in
which the secret stands itself. What the text is differs everywhere, so it is a template.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, Field, model_validator

from connectors.sdk.http.template import Missing, Resolve, Template, filled, names_in
from connectors.sdk.secret import STRICT, Secret

Algorithm: TypeAlias = Literal["md5", "sha1", "sha256", "sha512", "sm3"]
Encoding: TypeAlias = Literal["base64", "hex", "upper_hex", "base64_of_hex"]

_ENCODINGS: Final[Mapping[str, Callable[[bytes], str]]] = {
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "hex": bytes.hex,
    "upper_hex": lambda digest: digest.hex().upper(),
    "base64_of_hex": lambda digest: base64.b64encode(digest.hex().encode()).decode(),
}


class Fields(BaseModel):
    """How ``{fields}`` is made of the fields of a form or JSON object."""

    model_config = STRICT

    order: Literal["sorted", "written"] | tuple[Annotated[str, Field(max_length=100)], ...] = Field(
        title="sorted：按名称的字节序；written：按正文中的次序；或逐一写出名称。",
        default="sorted",
        description="sorted: by name, by their bytes; written: as they stand in the body; or the names, in their order.",
        examples=["sorted", ["app_id", "timestamp"]],
    )
    pair: Literal["name=value", "namevalue", "value"] = Field(
        title="单个字段如何书写。",
        default="name=value",
        description="How one field is written.",
        examples=["name=value"],
    )
    join: str = Field(
        title="字段之间的连接符。",
        default="&",
        max_length=10,
        description="What stands between two fields.",
        examples=["&"],
    )
    skip_empty: bool = Field(
        title="是否略去空字段。", default=True, description="Whether empty fields are left out.", examples=[True]
    )
    without: frozenset[Annotated[str, Field(max_length=100)]] = Field(
        title="不参与签名的字段；存放签名的字段从不参与。",
        default=frozenset(),
        description="Fields that are not signed; the one that takes the signature never is.",
        examples=[["sign_type"]],
    )

    def text(self, fields: Mapping[str, str], into: str = "") -> str:
        """The fields as one text; ``into`` is the field that takes the signature."""
        kept = {
            name: value
            for name, value in fields.items()
            if name not in self.without and name != into and (value or not self.skip_empty)
        }
        match self.order:
            case "sorted":
                names = sorted(kept, key=str.encode)
            case "written":
                names = list(kept)
            case listed:
                names = [name for name in listed if name in kept]
        pieces = {"name=value": "{0}={1}", "namevalue": "{0}{1}", "value": "{1}"}
        return self.join.join(pieces[self.pair].format(name, kept[name]) for name in names)


class Signing(BaseModel):
    """The recipe of one signature, whoever makes or checks it."""

    model_config = STRICT

    kind: Literal["hmac", "digest"] = Field(
        title="hmac：以秘密为密钥；digest：对含秘密 {secret.key} 的文字取摘要。",
        default="hmac",
        description="hmac: keyed by the secret. digest: over a text in which the secret stands, as {secret.key}.",
        examples=["hmac"],
    )
    secret: Secret = Field(title="秘密名称。", description="The name of the secret.", examples=["sharing-platform"])
    digest: Algorithm = Field(title="摘要算法。", default="sha256", description="The hash function.", examples=["sm3"])
    over: Template = Field(
        title="被签的文字，为模板；{fields} 是表单或 JSON 对象各字段。",
        description="The text that is signed, as a template. {fields} are the fields of the form or JSON object.",
        examples=["{h.gjgxjhpt_sid}{h.gjgxjhpt_rid}{h.gjgxjhpt_rtime}", "{fields}&key={secret.key}"],
    )
    fields: Fields = Field(
        title="{fields} 如何拼成。",
        default_factory=Fields,
        description="How {fields} is made.",
        examples=[{"order": "sorted", "join": "&"}],
    )
    encoding: Encoding = Field(
        title="字节如何写成文字；base64_of_hex：对十六进制文字再作 base64，有的承运方如此。",
        default="base64",
        description="How the bytes become text. base64_of_hex: base64 of the hexadecimal digits, as some carriers write it.",
        examples=["hex"],
    )
    prefix: str = Field(
        title="写在前面的文字。",
        default="",
        max_length=40,
        pattern=r"^[\x20-\x7e]*$",
        description="What stands before it.",
        examples=["sha256="],
    )

    @model_validator(mode="after")
    def _keyed(self) -> Self:
        stands = "secret.key" in names_in(self.over)
        if stands != (self.kind == "digest"):
            raise ValueError("a digest has {secret.key} in over, an hmac has not")
        others = {name for name in names_in(self.over) if name.startswith("secret.")} - {"secret.key"}
        if others:
            raise ValueError("in over the one secret is {secret.key}")
        return self

    def made(self, resolve: Resolve, key: str, fields: Mapping[str, str], into: str = "") -> str | Missing:
        """The signature of what ``resolve`` knows, with this key."""

        def known(name: str) -> str | None:
            match name:
                case "secret.key":
                    return key
                case "fields":
                    return self.fields.text(fields, into)
                case _:
                    return resolve(name)

        text = filled(self.over, known)
        if isinstance(text, Missing):
            return text
        message = text.encode("utf-8", "surrogateescape")
        if self.kind == "hmac":
            signed = hmac.new(key.encode(), message, self.digest).digest()
        else:
            signed = hashlib.new(self.digest, message, usedforsecurity=False).digest()
        return self.prefix + _ENCODINGS[self.encoding](signed)


class Signature(Signing):
    """A signature that we make, and where it goes: exactly one place."""

    header: Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")] | None = Field(
        title="写入哪个请求头。", default=None, description="The header that takes it.", examples=["gjgxjhpt_sign"]
    )
    field: Annotated[str, Field(max_length=100, min_length=1)] | None = Field(
        title="写入表单或 JSON 对象的哪个字段。",
        default=None,
        description="The field of the form or JSON object that takes it.",
        examples=["sign"],
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if (self.header is None) == (self.field is None):
            raise ValueError("header or field: exactly one of them takes the signature")
        return self
