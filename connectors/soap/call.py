# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a message to the envelope of a call. Pure but for the secrets that are asked for."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.sdk import Rejected, Unavailable
from connectors.sdk.http.names import Names, signed, unfilled
from connectors.sdk.http.template import Missing, filled, xml_text
from connectors.soap.config import SoapConfig
from connectors.soap.envelope import content_type, request
from connectors.soap.security import written
from connectors.soap.wsdl import Operation, Version
from contracts.dialects.encoding import Encoding, Unencodable
from contracts.xml.tree import Tree, parse_tree, serialised, undeclared

_ENCODINGS = {"utf-8": Encoding.UTF_8, "gb18030": Encoding.GB18030, "gb2312": Encoding.GB2312}


@dataclass(frozen=True, slots=True)
class Call:
    """What leaves."""

    headers: dict[str, str]
    body: bytes


def called(
    config: SoapConfig, operation: Operation, parameters: Mapping[str, str], names: Names
) -> Call | Rejected | Unavailable:
    """The call of an operation. ``Rejected`` is about the message, ``Unavailable`` about a secret that is not there."""
    failed = _with_fields(config, names)
    if failed is not None:
        return failed
    header = _header(config, names)
    if not isinstance(header, str):
        return header
    arguments: dict[str, str] = {}
    for name, template in parameters.items():
        value = _argument(template, names, as_element=name in config.as_elements)
        if not isinstance(value, str):
            return unfilled(value) if isinstance(value, Missing) else value
        arguments[name] = value
    encoding = _ENCODINGS[config.encoding]
    body = request(operation, arguments, header, encoding)
    if isinstance(body, Unencodable):
        return Rejected("UNENCODABLE", f"{config.encoding} does not have a character of the message.")
    headers = {
        "Content-Type": content_type(operation.version, operation.action, encoding),
        "Accept-Encoding": "identity",
    }
    if operation.version is Version.V11:
        headers["SOAPAction"] = f'"{operation.action}"'
    if names.parcel.traceparent:
        headers["traceparent"] = names.parcel.traceparent
    if config.idempotency != "native":
        # On a kept connection a far side may hang up just as we write, and nobody would know what it read.
        headers["Connection"] = "close"
    return Call(headers, body)


def _with_fields(config: SoapConfig, names: Names) -> Rejected | Unavailable | None:
    for name, template in config.fields.items():
        value = filled(template, names)
        if isinstance(value, Missing):
            return unfilled(value)
        names.fields[name] = value
    for signature in config.signatures:
        if failed := signed(names, signature):
            return failed
    return None


def _header(config: SoapConfig, names: Names) -> str | Rejected | Unavailable:
    header = ""
    if config.security is not None:
        try:
            password = names.secret(config.security.password_secret)
        except KeyError:
            return Unavailable(f"SECRET_MISSING: no secret {config.security.password_secret.name}")
        nonce = base64.b16decode(names.moment.nonce, casefold=True)
        header = written(
            config.security.username, password, digest=config.security.digest, nonce=nonce, now=names.moment.now
        )
    if config.header is None:
        return header
    own = filled(config.header, names, xml_text)
    return unfilled(own) if isinstance(own, Missing) else header + own


def _argument(template: str, names: Names, *, as_element: bool) -> str | Missing | Rejected:
    if not as_element:
        return filled(template, names, xml_text)
    text = filled(template, names)
    if isinstance(text, Missing):
        return text
    tree = parse_tree(undeclared(text))
    if not isinstance(tree, Tree):
        return Rejected(tree.code, "What should be sent as elements is no XML.")
    return serialised(tree.root).decode()
