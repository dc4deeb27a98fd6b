# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a WSDL 1.1 document says of one operation, as far as an envelope needs it. Pure.

Read are document/literal (wrapped) and rpc/literal, over SOAP 1.1 and 1.2, with the schema inside the document or in files
that :mod:`connectors.soap.imports` found beside it. Nothing is fetched: an operation that needs more is refused, with what is
missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.refusal import Refusal
from contracts.xml.tree import Element, Tree, local, namespace, parse_tree

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SOAP_11 = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP_12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
XSD = "http://www.w3.org/2001/XMLSchema"

_MOST_PARTS = 500
_NAMING = frozenset({"binding", "type", "message", "element", "ref", "base"})
"""Attributes whose values are names with a prefix."""
_ELSEWHERE = "of what it imports only files beside it or below are read"


class Version(StrEnum):
    """The version of SOAP."""

    V11 = "1.1"
    V12 = "1.2"


@dataclass(frozen=True, slots=True)
class Part:
    """One argument: the element's namespace (empty: none) and name, and whether it must be there."""

    namespace: str
    name: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """``wrapper`` is the element in the body that holds the parts; ``response`` the one that an answer has."""

    name: str
    version: Version
    action: str
    address: str
    namespace: str
    wrapper: str
    parts: tuple[Part, ...]
    response: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a WSDL does not give the operation; ``reason`` quotes names of the WSDL and nothing else."""

    reason: str


class _MissingError(Exception):
    """Something that is needed does not stand in the document."""


def operation_of(
    document: bytes,
    name: str,
    *,
    version: Version | None = None,
    port: str | None = None,
    imported: Sequence[tuple[bytes, str]] = (),
) -> Operation | Unusable:
    """The operation of that name. Without ``port`` the first that has it in this version, 1.1 before 1.2 if none is wanted.
    ``imported`` are the other documents, each with the namespace that it is included into (empty: it has its own).
    """
    tree = parse_tree(document)
    if isinstance(tree, Refusal):
        return Unusable(f"{tree.code}: it cannot be read: {tree.detail.en}")
    if tree.root.tag != f"{{{WSDL}}}definitions":
        return Unusable("it is no WSDL 1.1 document")
    others: list[Element] = []
    for body, into in imported:
        other = parse_tree(body)
        if isinstance(other, Refusal):
            return Unusable(f"{other.code}: what it imports cannot be read: {other.detail.en}")
        others.append(_named_in_full(other, into))
    try:
        return _Wsdl(_named_in_full(tree), others).operation(name, version, port)
    except _MissingError as missing:
        return Unusable(str(missing))


class _Wsdl:
    def __init__(self, root: Element, others: Sequence[Element]) -> None:
        self._roots = [root, *(one for one in others if one.tag == f"{{{WSDL}}}definitions")]
        self._target = root.get("targetNamespace", "")
        self._schemas = [schema for one in (root, *others) for schema in one.iter(f"{{{XSD}}}schema")]

    def operation(self, name: str, version: Version | None, port: str | None) -> Operation:
        for soap in [version] if version is not None else list(Version):
            for found, address in self._ports(soap, port):
                binding = self._named("binding", found.get("binding", ""))
                for bound in _children(binding, WSDL, "operation"):
                    if bound.get("name") == name:
                        return self._bound(name, soap, binding, bound, address)
        raise _MissingError(f"no operation {name} is bound to SOAP {version or '1.1 or 1.2'}")

    def _ports(self, version: Version, wanted: str | None) -> Iterator[tuple[Element, str]]:
        for service in (one for root in self._roots for one in _children(root, WSDL, "service")):
            for port in _children(service, WSDL, "port"):
                address = next(_children(port, _soap(version), "address"), None)
                if address is not None and wanted in {None, port.get("name")}:
                    yield port, address.get("location", "")

    def _bound(self, name: str, version: Version, binding: Element, bound: Element, address: str) -> Operation:
        soap = _soap(version)
        how = next(_children(binding, soap, "binding"), None)
        what = next(_children(bound, soap, "operation"), None)
        style = (what.get("style") if what is not None else None) or (how.get("style") if how is not None else None)
        body = next(_children(self._one(bound, "input"), soap, "body"), None)
        if body is None or body.get("use", "literal") != "literal":
            raise _MissingError(f"operation {name} is not literal; encoded ones are not supported")
        port_type = self._named("portType", binding.get("type", ""))
        abstract = next((one for one in _children(port_type, WSDL, "operation") if one.get("name") == name), None)
        if abstract is None:
            raise _MissingError(f"the port type has no operation {name}")
        parts = list(_children(self._message(abstract, "input"), WSDL, "part"))
        if style == "rpc":
            where, wrapper = body.get("namespace") or self._target, name
            taken = tuple(Part("", part.get("name", ""), required=True) for part in parts)
        else:
            where, wrapper, taken = self._wrapped(name, parts)
        return Operation(
            name=name,
            version=version,
            action=what.get("soapAction", "") if what is not None else "",
            address=address,
            namespace=where,
            wrapper=wrapper,
            parts=taken,
            response=self._response(abstract, style or "document", name),
        )

    def _wrapped(self, name: str, parts: list[Element]) -> tuple[str, str, tuple[Part, ...]]:
        elements = [part.get("element") for part in parts if part.get("element")]
        if len(elements) != 1 or elements[0] is None:
            raise _MissingError(f"operation {name} is not wrapped: its message must have one part with an element")
        where, wrapper = self._qualified(elements[0])
        schema, element = self._element(where, wrapper)
        return where, wrapper, tuple(self._parts(schema, element))

    def _parts(self, schema: Element, element: Element) -> Iterator[Part]:
        content = next(_children(element, XSD, "complexType"), None)
        if content is None:
            if not element.get("type"):
                return
            schema, content = self._type(*self._qualified(element.get("type", "")))
        group = next((one for kind in ("sequence", "all") for one in _children(content, XSD, kind)), None)
        if group is None:
            if len(content):
                raise _MissingError(f"{element.get('name')} is neither a sequence nor all")
            return
        target = schema.get("targetNamespace", "")
        by_default = schema.get("elementFormDefault") == "qualified"
        for count, child in enumerate(_children(group, XSD, "element")):
            if count >= _MOST_PARTS:
                raise _MissingError("it has too many parts")
            required = child.get("minOccurs", "1") != "0"
            if child.get("ref"):
                yield Part(*self._qualified(child.get("ref", "")), required)
                continue
            qualified = child.get("form", "qualified" if by_default else "unqualified") == "qualified"
            yield Part(target if qualified else "", child.get("name", ""), required)

    def _response(self, abstract: Element, style: str, name: str) -> str:
        if next(_children(abstract, WSDL, "output"), None) is None:
            return ""
        if style == "rpc":
            return f"{name}Response"
        parts = list(_children(self._message(abstract, "output"), WSDL, "part"))
        return self._qualified(parts[0].get("element", ""))[1] if parts else ""

    def _message(self, abstract: Element, way: str) -> Element:
        return self._named("message", self._one(abstract, way).get("message", ""))

    def _one(self, parent: Element, name: str) -> Element:
        found = next(_children(parent, WSDL, name), None)
        if found is None:
            raise _MissingError(f"operation {parent.get('name')} has no {name}")
        return found

    def _named(self, kind: str, qualified: str) -> Element:
        _, name = self._qualified(qualified)
        there = (one for root in self._roots for one in _children(root, WSDL, kind))
        found = next((one for one in there if one.get("name") == name), None)
        if found is None:
            raise _MissingError(f"{kind} {name} does not stand in this document; {_ELSEWHERE}")
        return found

    def _qualified(self, written: str) -> tuple[str, str]:
        if written.startswith("{"):
            where, _, name = written[1:].rpartition("}")
            return where, name
        prefix, colon, name = written.rpartition(":")
        if colon:
            raise _MissingError(f"the prefix {prefix} stands for nothing, or for more than one namespace")
        return self._target, name

    def _element(self, where: str, name: str) -> tuple[Element, Element]:
        return self._in_schema("element", where, name)

    def _type(self, where: str, name: str) -> tuple[Element, Element]:
        return self._in_schema("complexType", where, name)

    def _in_schema(self, kind: str, where: str, name: str) -> tuple[Element, Element]:
        for schema in self._schemas:
            if schema.get("targetNamespace", "") == where:
                for one in _children(schema, XSD, kind):
                    if one.get("name") == name:
                        return schema, one
        raise _MissingError(f"{kind} {name} does not stand in this document; {_ELSEWHERE}")


def _named_in_full(tree: Tree, into: str = "") -> Element:
    """The document with every name that a prefix stands before written out, since other documents have other prefixes."""
    if into and tree.root.tag == f"{{{XSD}}}schema" and "targetNamespace" not in tree.root.attrib:
        tree.root.set(
            "targetNamespace", into
        )  # an included schema takes the namespace of what includes it (XSD 1.0, 4.2.1)
    target = tree.root.get("targetNamespace", "")
    for element in tree.root.iter():
        for attribute in _NAMING.intersection(element.keys()):
            prefix, colon, name = element.get(attribute, "").rpartition(":")
            where = tree.prefixes.get(prefix) if colon or prefix in tree.prefixes else target
            if where is not None:
                element.set(attribute, f"{{{where}}}{name}")
    return tree.root


def _soap(version: Version) -> str:
    return SOAP_11 if version is Version.V11 else SOAP_12


def _children(parent: Element, where: str, name: str) -> Iterator[Element]:
    return (one for one in parent if local(one) == name and namespace(one) == where)
