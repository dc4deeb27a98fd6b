# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Envelopes of SOAP 1.1 and 1.2: written exactly, read hardened. Pure.

SOAP 1.1 is the W3C note of 2000-05-08, SOAP 1.2 the recommendation of 2007-04-27.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.soap.wsdl import Operation, Version
from contracts.dialects.encoding import Encoding, Unencodable
from contracts.refusal import Refusal
from contracts.text import Text
from contracts.xml.text import declaration, escaped, quoted
from contracts.xml.tree import Element, local, namespace, parse_tree

NAMESPACE: Final[Mapping[Version, str]] = {
    Version.V11: "http://schemas.xmlsoap.org/soap/envelope/",
    Version.V12: "http://www.w3.org/2003/05/soap-envelope",
}
_NO_ENVELOPE = Text("正文不是 SOAP 1.1 或 1.2 的信封", "The body is no envelope of SOAP 1.1 or 1.2")
_NO_BODY = Text("信封须有一个 Body，其中至多一个元素", "An envelope has one Body, and that at most one element")
_VERSIONS = {uri: version for version, uri in NAMESPACE.items()}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of either version, in the words of 1.1: ``code`` is Client, Server, VersionMismatch or MustUnderstand, or what
    stands there instead; ``subcode`` what is said more exactly; ``detail`` the element, None without one.
    """

    code: str
    subcode: str
    reason: str
    detail: Element | None


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope that was read: what its body holds (None: nothing), and its header's elements."""

    version: Version
    content: Element | None
    headers: Sequence[Element]

    @property
    def fault(self) -> Fault | None:
        """The fault, if it is one."""
        if self.content is None or self.content.tag != f"{{{NAMESPACE[self.version]}}}Fault":
            return None
        return _fault_11(self.content) if self.version is Version.V11 else _fault_12(self.content)


def content_type(version: Version, action: str, encoding: Encoding = Encoding.UTF_8) -> str:
    """The Content-Type of a request or an answer."""
    if version is Version.V11:
        return f"text/xml; charset={encoding.value}"
    named = f'; action="{action}"' if action else ""
    return f"application/soap+xml; charset={encoding.value}{named}"


def request(
    operation: Operation, arguments: Mapping[str, str], header: str = "", encoding: Encoding = Encoding.UTF_8
) -> bytes | Unencodable:
    """The envelope of a call. ``arguments`` are XML, by the names of parts; ``header`` too. Parts stand as the WSDL has them."""
    inner = []
    for part in operation.parts:
        if part.name in arguments:
            qualified = part.namespace == operation.namespace
            name = f"m:{part.name}" if qualified and part.namespace else part.name
            other = f" xmlns={quoted(part.namespace)}" if part.namespace and not qualified else ""
            inner.append(f"<{name}{other}>{arguments[part.name]}</{name}>")
    wrapper = f"m:{operation.wrapper}" if operation.namespace else operation.wrapper
    bound = f" xmlns:m={quoted(operation.namespace)}" if operation.namespace else ""
    return enveloped(operation.version, f"<{wrapper}{bound}>{''.join(inner)}</{wrapper}>", header, encoding)


def enveloped(
    version: Version, content: str, header: str = "", encoding: Encoding = Encoding.UTF_8
) -> bytes | Unencodable:
    """An envelope around this content, which is XML."""
    head = f"<e:Header>{header}</e:Header>" if header else ""
    return encoding.encode(
        f"{declaration(encoding)}<e:Envelope xmlns:e={quoted(NAMESPACE[version])}>{head}"
        f"<e:Body>{content}</e:Body></e:Envelope>"
    )


def opened(body: bytes, charset: str | None = None) -> Opened | Refusal:
    """An envelope, or why it was refused. Never raises, whatever the bytes."""
    tree = parse_tree(body.lstrip(b" \t\r\n"), charset)
    if isinstance(tree, Refusal):
        return tree
    version = _VERSIONS.get(namespace(tree.root))
    if version is None or local(tree.root) != "Envelope":
        return Refusal("E_XML_NAMESPACE", _NO_ENVELOPE)
    own = f"{{{NAMESPACE[version]}}}"
    inside = tree.root.find(f"{own}Body")
    if inside is None or len(inside) > 1:
        return Refusal("E_XML_MALFORMED", _NO_BODY)
    head = tree.root.find(f"{own}Header")
    return Opened(version, inside[0] if len(inside) else None, list(head) if head is not None else [])


def fault(version: Version, code: str, reason: str, detail: str = "") -> bytes:
    """The envelope of a fault; ``code`` is Client or Server, ``detail`` is XML."""
    if version is Version.V11:
        inner = f"<detail>{detail}</detail>" if detail else ""
        content = (
            f"<e:Fault><faultcode>e:{code}</faultcode><faultstring>{escaped(reason)}</faultstring>{inner}</e:Fault>"
        )
    else:
        inner = f"<e:Detail>{detail}</e:Detail>" if detail else ""
        kind = {"Client": "Sender", "Server": "Receiver"}.get(code, code)
        content = (
            f"<e:Fault><e:Code><e:Value>e:{kind}</e:Value></e:Code>"
            f'<e:Reason><e:Text xml:lang="zh">{escaped(reason)}</e:Text></e:Reason>{inner}</e:Fault>'
        )
    made = enveloped(version, content)
    assert isinstance(made, bytes), "UTF-8 has every character, and ours are"
    return made


def _fault_11(element: Element) -> Fault:
    """SOAP 1.1, section 4.4; dots in the code separate what is more exact."""
    texts = {local(child): (child.text or "").strip() for child in element}
    code, _, subcode = texts.get("faultcode", "").rpartition(":")[2].partition(".")
    return Fault(code, subcode, texts.get("faultstring", ""), next((c for c in element if local(c) == "detail"), None))


def _fault_12(element: Element) -> Fault:
    """SOAP 1.2 part 1, section 5.4."""
    own = f"{{{NAMESPACE[Version.V12]}}}"
    code = _name(element.find(f"{own}Code/{own}Value"))
    subcode = _name(element.find(f"{own}Code/{own}Subcode/{own}Value"))
    reason = element.find(f"{own}Reason/{own}Text")
    return Fault(
        {"Sender": "Client", "Receiver": "Server"}.get(code, code),
        subcode,
        (reason.text or "").strip() if reason is not None else "",
        element.find(f"{own}Detail"),
    )


def _name(element: Element | None) -> str:
    return "" if element is None else (element.text or "").strip().rpartition(":")[2]
