# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The parts of an XML Schema 1.0 as lines of text: elements, types, restrictions, and what is said about each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.dialects.encoding import Encoding
from contracts.text import Text
from contracts.xml.text import declaration, escaped, quoted

MEDIA_TYPE = "application/xml"
_XSD = "http://www.w3.org/2001/XMLSchema"


@dataclass(frozen=True, slots=True)
class Element:
    """``least`` to ``most`` times an element of a named type; no ``most``: any number where it may be repeated at all."""

    name: str
    type: str
    about: tuple[Text, ...] = ()
    least: int = 1
    most: int | None = 1
    nillable: bool = False


def schema(namespace: str, version: str, body: Iterable[str]) -> bytes:
    """The schema document of a namespace (empty: of none), in UTF-8."""
    space = f" xmlns={quoted(namespace)} targetNamespace={quoted(namespace)}" if namespace else ""
    lines = [
        f"<xs:schema xmlns:xs={quoted(_XSD)}{space}",
        f'           elementFormDefault="qualified" version={quoted(version)}>',
        *_in(body),
        "</xs:schema>",
        "",
    ]
    return (declaration(Encoding.UTF_8) + "\n".join(lines)).encode()


def element(said: Element) -> list[str]:
    """The declaration of an element."""
    most = "unbounded" if said.most is None else str(said.most)
    attributes = f"name={quoted(said.name)} type={quoted(said.type)}"
    attributes += f' minOccurs="{said.least}"' if said.least != 1 else ""
    attributes += f' maxOccurs="{most}"' if most != "1" else ""
    attributes += ' nillable="true"' if said.nillable else ""
    inside = annotation(*said.about)
    if not inside:
        return [f"<xs:element {attributes}/>"]
    return [f"<xs:element {attributes}>", *_in(inside), "</xs:element>"]


def named(kind: str, name: str, body: Iterable[str]) -> list[str]:
    """A named type: ``complexType`` or ``simpleType``."""
    return [f"<xs:{kind} name={quoted(name)}>", *_in(body), f"</xs:{kind}>"]


def restriction(base: str, facets: Sequence[tuple[str, object] | tuple[str, object, Text | None]]) -> list[str]:
    """A restriction by facets, each a name, a value and perhaps what it means."""
    lines = []
    for name, value, *about in facets:
        inside = annotation(*filter(None, about))
        tag = f"<xs:{name} value={quoted(str(value))}"
        lines += [f"{tag}>", *_in(inside), f"</xs:{name}>"] if inside else [f"{tag}/>"]
    return [f"<xs:restriction base={quoted(base)}>", *_in(lines), "</xs:restriction>"]


def annotation(*about: Text) -> list[str]:
    """What is said, in the languages in which it is said."""
    lines = [
        f'<xs:documentation xml:lang="{language}">{escaped(said)}</xs:documentation>'
        for text in about
        for language, said in (("zh", text.zh), ("en", text.en))
        if said
    ]
    return ["<xs:annotation>", *_in(lines), "</xs:annotation>"] if lines else []


def _in(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


# Not by minInclusive: libxml2 compares moments with different offsets wrongly at the turn of a year. The pattern leaves a
# day more at either end, which the offset may need.
_MOMENT = (
    r"(1899|19[0-9]{2}|2[01][0-9]{2}|2200)-[0-9]{2}-[0-9]{2}T"
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+\-][0-9]{2}:[0-9]{2})"
)
_DAY = r"(19[0-9]{2}|2[01][0-9]{2})-[0-9]{2}-[0-9]{2}"


def _dated(name: str, base: str, pattern: str, about: Text) -> tuple[str, list[str]]:
    return name, named("simpleType", name, [*annotation(about), *restriction(base, [("pattern", pattern)])])


MOMENT = _dated(
    "Moment", "xs:dateTime", _MOMENT, Text("时间，带时区，1900 年至 2199 年", "a time with its offset, 1900 to 2199")
)
"""The type of a moment as the contracts have it (:data:`contracts.families.fields.Moment`), after its name."""

DAY = _dated("Day", "xs:date", _DAY, Text("日期，1900 年至 2199 年", "a date, 1900 to 2199"))
"""The type of a day as the contracts have it, after its name."""
