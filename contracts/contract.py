# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A contract: one version of one kind of message, with everything a reader, a checker or a document needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from contracts import strict_json
from contracts.attributes import Attributes
from contracts.canonical_form import canonical_form
from contracts.cloudevent import JsonValue
from contracts.conversion import Conversion
from contracts.example import Example
from contracts.identifiers.marks import odd
from contracts.personal import PersonalClass, personal_paths
from contracts.refusal import Refusal, Violation
from contracts.rules import Rule
from contracts.text import Text
from contracts.violations import MOST, violations_of

Model: TypeAlias = type[BaseModel]

_PREFIX = "urn:govhub:contract:"

_SUBJECT_EXPECTED = Text(
    "「{title}」：信封的 subject，与 data.{field} 相同", "the envelope's subject, equal to data.{field}"
)
_SUBJECT_REMEDY = Text("在信封的 subject 中填写「{title}」", "Put {field} into the envelope's subject")
_SAME_EXPECTED = Text("「{title}」：与信封的 subject 相同", "the same as the envelope's subject")
_SAME_REMEDY = Text("改正 {field} 或 subject", "Correct {field} or subject")
_INVALID = Text("数据有 {count} 处不符合契约 {contract}", "The data breaks contract {contract} in {count} place(s)")


@dataclass(frozen=True, slots=True)
class Checked:
    """Data that satisfies its contract. ``canonical`` is its canonical JSON: equal meaning gives equal bytes.

    ``warnings`` say what is odd about its identifiers, with codes of
    :data:`contracts.identifiers.oddity.WARNING_CODES`: reason for a question, not for a refusal unless a route says so.
    """

    canonical: bytes
    facts: Attributes
    warnings: tuple[Violation, ...] = ()

    def attributes(self, source: str) -> Attributes:
        """What routing may ask about the message, sent by this system."""
        return self.facts._replace(source=source)


def named(schema_uri: str) -> tuple[str, int]:
    """Type and version of a contract by its ``dataschema``, as :attr:`Contract.schema_uri` writes it."""
    contract, _, version = schema_uri.removeprefix(_PREFIX).rpartition(":")
    return contract, int(version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """``type`` is the CloudEvents type, ``version`` counts from 1 and changes only with a breaking change.

    ``model`` has one field per member of ``data``; among them for routing ``region_code``, ``item_code``,
    ``department_code``, ``level_code`` and ``channel``. ``rules`` say what holds between fields. ``subject`` names the
    required string field that the envelope repeats and that gives messages their order: the case number, or what a record
    that is about no case has in its place. ``conversion`` leads from the version before to this one and back; every version
    but the first has one.
    """

    type: str
    version: int
    title: Text
    meaning: Text
    model: Model
    rules: tuple[Rule, ...] = ()
    examples: tuple[Example, ...] = ()
    subject: str = "case_no"
    conversion: Conversion | None = None

    @property
    def schema_uri(self) -> str:
        """The ``dataschema`` that names this version."""
        return f"{_PREFIX}{self.type}:{self.version}"

    @property
    def personal(self) -> Mapping[str, PersonalClass]:
        """JSON path (``$.data.…``, ``[*]`` for every element) of each personal field, and its class."""
        return personal_paths(self.model)

    def check(self, data: JsonValue, subject: str | None) -> Checked | tuple[Violation, ...]:
        """The data in canonical form, or every violation at once (at most 100, never empty). Never raises.

        ``data`` is what :func:`contracts.strict_json.parse` gave; ``subject`` the envelope's. No value of the data
        stands in a violation.
        """
        between = self._between(data, subject)
        record = canonical_form(self.model).of(data)
        if isinstance(record, ValidationError):
            return (*violations_of(record, self.model), *between)[:MOST]
        if between:
            return between[:MOST]
        return Checked(strict_json.canonical(record), self._facts(record), odd(self.model, record)[:MOST])

    def invalid(self, violations: tuple[Violation, ...]) -> Refusal:
        """The refusal for these violations."""
        detail = _INVALID.filled(count=len(violations), contract=self.schema_uri)
        return Refusal("E_CONTRACT_INVALID", detail, violations)

    def _between(self, data: JsonValue, subject: str | None) -> tuple[Violation, ...]:
        if not isinstance(data, dict):
            return ()
        found = [violation for rule in self.rules for violation in rule.broken(data)]
        stated = data.get(self.subject)
        if subject is None:
            found.append(self._about_subject("E_V_MISSING", "$.subject", _SUBJECT_EXPECTED, _SUBJECT_REMEDY))
        elif isinstance(stated, str) and stated != subject:
            path = f"$.data.{self.subject}"
            found.append(self._about_subject("E_V_CASE_MISMATCH", path, _SAME_EXPECTED, _SAME_REMEDY))
        return tuple(found)

    def _about_subject(self, code: str, path: str, expected: Text, remedy: Text) -> Violation:
        named = {"title": self.model.model_fields[self.subject].title, "field": self.subject}
        return Violation(code, path, expected.filled(**named), remedy.filled(**named))

    def _facts(self, record: Mapping[str, Any]) -> Attributes:
        return Attributes(
            contract=self.type,
            version=self.version,
            source="",
            case=record[self.subject],
            region=record.get("region_code"),
            item=record.get("item_code"),
            department=record.get("department_code"),
            level=record.get("level_code"),
            channel=record.get("channel"),
        )

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of ``data``; rules that it can express stand under ``allOf``, the others in words under
        ``x-rules``; ``x-subject`` names the field that the envelope repeats, ``x-personal`` the class of a personal field.
        """
        schema = self.model.model_json_schema()
        rules = [said for rule in self.rules if (said := rule.schema()) is not None]
        beyond = sorted(rule.text().en for rule in self.rules if rule.schema() is None)
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": self.schema_uri,
            "x-subject": self.subject,
            **({"x-rules": beyond} if beyond else {}),
            **schema,
            "title": self.title.zh,
            "description": f"{self.meaning.zh}\n{self.meaning.en}",
            **({"allOf": rules} if rules else {}),
        }
