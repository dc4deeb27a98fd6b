# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The route table: what a person writes in YAML, checked and with every line's place kept.

    version: 1
    routes:
      - name: housing-applications
        title: 不动产申请到住建
        when: {contract: cn.gov.application.submitted, region: "5105", item: "11370800MB2855918437*"}
        except: {source: counter}
        identifiers: refuse
        to: [housing, municipal]

A route takes a message when every key of ``when`` holds and those of ``except`` do not all hold. A key that is absent
takes anything; a message that lacks the attribute never satisfies a key that is present. All routes that take a message
contribute, and their destinations are united.

A route is one of four kinds, and says so by ``as``: what it leaves out is ``deliver``.

    deliver    its destinations are to do something about the message
    copy       its destinations are told of it (抄送); that nobody else gets it is as if no route had taken it
    fallback   takes what no route of the kind ``deliver`` took: a department without a system goes to the general approval
    tap        a copy (旁路) that waits for nothing and for which nothing waits: not in the order of its case, soon worth nothing

What the keys of ``when`` cannot say, ``if`` says: an expression over the record (:mod:`routing.expressions`), tried last and
only where everything else holds. How a message is carried to a destination is said there (:mod:`routing.carriage`), for which
purpose also by ``destinations``, once for all routes; ``purposes`` says what each purpose needs (:mod:`routing.purposes`).

Identifiers with odd check characters and the like are warnings, told in the receipt. A route that says ``identifiers: refuse``
(the default is ``warn``) has every such message that it takes refused, whatever other routes say.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts.fault import dotted
from contracts.located import Fault, Located, Position, UnsuitableError, build, nearest, parse
from contracts.text import Text
from routing.carriage import ExpressionText, Target
from routing.purposes import Purpose

Key: TypeAlias = Literal["contract", "source", "region", "item", "department", "level", "channel"]
Kind: TypeAlias = Literal["deliver", "copy", "fallback", "tap"]
KEYS: tuple[Key, ...] = ("contract", "source", "region", "item", "department", "level", "channel")
"""What a route may ask about, in the order in which it is told."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_CONTRACT = re.compile(r"[a-z0-9][a-z0-9._-]{0,253}(?:@[1-9][0-9]{0,3})?")
_REGION = re.compile(r"(?:[0-9]{1,12}\*?|\*)")
_ITEM = re.compile(r"[^\s*]{1,128}\*?|\*")
_EXACT = re.compile(r"[^\s*]{1,128}")


def _listed(value: Any) -> Any:
    """One value stands for a list of one, and a code of digits need not be quoted."""
    if value is None:
        raise UnsuitableError(
            Text("键后没有值。", "The key stands without a value."),
            Text("请写出值；若不限，请删去该键。", "Write one, or remove the key if anything will do."),
        )
    if isinstance(value, dict):
        return value
    values = value if isinstance(value, list | tuple) else [value]
    return [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in values]


def _fitting(pattern: re.Pattern[str], problem: Text, remedy: Text) -> AfterValidator:
    def check(value: str) -> str:
        if pattern.fullmatch(value) is None:
            raise UnsuitableError(problem, remedy)
        return value

    return AfterValidator(check)


_Contract = Annotated[str, _fitting(
    _CONTRACT,
    Text("不是契约名。", "This is not the name of a contract."),
    Text(
        "请写契约全名，可加“@主版本”，如 cn.gov.application.submitted@1；不可用通配符。",
        "Write its full name, with '@major version' if wanted: cn.gov.application.submitted@1; no wildcards.",
    ),
)]  # fmt: skip
_Region = Annotated[str, _fitting(
    _REGION,
    Text("区划前缀只能是 1 至 12 位数字。", "A region prefix has 1 to 12 digits and nothing else."),
    Text(
        "请写行政区划代码的开头，如 5105 表示其下全部区县。",
        "Write how the region code begins: 5105 takes everything below it.",
    ),
)]  # fmt: skip
_Item = Annotated[str, _fitting(
    _ITEM,
    Text("不是事项编码或其前缀。", "This is neither an item code nor the beginning of one."),
    Text("请写完整编码，或以一个“*”结尾的前缀。", "Write the whole code, or its beginning with one '*' at the end."),
)]  # fmt: skip
_Exact = Annotated[str, _fitting(
    _EXACT,
    Text("此处只接受完整的值，不可为空，不可含空格或“*”。", "Only a whole value stands here: no blank, no '*'."),
    Text("请逐个写出，可用列表。", "Write each value out; a list is welcome."),
)]  # fmt: skip
_Name = Annotated[str, _fitting(
    _NAME,
    Text("名称不合规。", "This is not a usable name."),
    Text(
        "名称用小写字母、数字、点、下划线和连字符，以字母或数字开头，至多 64 位。",
        "Use lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 64.",
    ),
)]  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Conditions(_Strict):
    """What must hold, per key: one of these values; None: anything."""

    contract: Annotated[tuple[_Contract, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None
    source: Annotated[tuple[_Exact, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None
    region: Annotated[tuple[_Region, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None
    item: Annotated[tuple[_Item, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None
    department: Annotated[tuple[_Exact, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None
    level: Annotated[tuple[_Exact, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None
    channel: Annotated[tuple[_Exact, ...] | None, Field(min_length=1), BeforeValidator(_listed)] = None

    def asked(self) -> dict[Key, tuple[str, ...]]:
        """The keys that are present, with their values as written."""
        return {key: values for key in KEYS if (values := getattr(self, key)) is not None}


class Exceptions(Conditions):
    """What must not hold all at once."""

    @model_validator(mode="after")
    def _says_something(self) -> "Exceptions":
        if not self.asked():
            raise UnsuitableError(
                Text("空的 except 会排除一切消息。", "An empty 'except' would exclude every message."),
                Text("请写出要排除的条件，或删去 except。", "Say what to exclude, or remove the key."),
            )
        return self


def _target(value: Any) -> Any:
    return {"destination": value} if isinstance(value, str) else value


def _targets(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Route(_Strict):
    """One line of the table."""

    name: _Name
    title: str = ""
    when: Conditions
    exceptions: Exceptions | None = Field(default=None, alias="except")
    condition: ExpressionText | None = Field(default=None, alias="if")
    kind: Kind = Field(default="deliver", alias="as")
    identifiers: Literal["warn", "refuse"] = "warn"
    to: Annotated[
        tuple[Annotated[Target, BeforeValidator(_target)], ...], Field(min_length=1), BeforeValidator(_targets)
    ]


class _Document(_Strict):
    version: Literal[1]
    purposes: dict[_Name, Purpose] = {}
    destinations: dict[_Name, _Name] = {}
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class RouteTable:
    """All routes in the order of the file, the purposes, and for which of them each destination is sent to.

    ``version_id`` names the content: the beginning of a SHA-256 over its canonical form, so that comments and layout do
    not change it and a plan can say which table made it.
    """

    routes: tuple[Route, ...]
    version_id: str
    source: Located
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    serves: Mapping[str, str] = field(default_factory=dict)

    def at(self, order: int, *path: str | int) -> Position:
        """Where the route with this index, or something in it, stands in the file."""
        return self.source.at(("routes", order, *path))


def load(text: str, file: str) -> RouteTable | tuple[Fault, ...]:
    """The table in ``text``, or everything that keeps it from being one."""
    source = parse(text, file)
    return (source,) if isinstance(source, Fault) else table_of(source)


def table_of(source: Located) -> RouteTable | tuple[Fault, ...]:
    """The same of a document that was read already."""
    document = build(source, _Document)
    if isinstance(document, tuple):
        return document
    if faults := (*_repeated_names(document.routes, source), *_unknown_purposes(document, source)):
        return faults
    return RouteTable(document.routes, _name(document), source, document.purposes, document.destinations)


def _name(document: _Document) -> str:
    """A table that says nothing of what is newer keeps the name it had before."""
    content = document.model_dump(mode="json", by_alias=True)
    for key in ("purposes", "destinations"):
        if not content[key]:
            del content[key]
    for route in content["routes"]:
        if route["if"] is None:
            del route["if"]
        route["to"] = [_as_before(target) for target in route["to"]]
        if route["as"] == "deliver":
            del route["as"]
        for conditions in filter(None, (route["when"], route["except"])):
            if conditions["channel"] is None:
                del conditions["channel"]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _as_before(target: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in target.items() if value not in (None, {}, [])}
    if said["unfilled"] == "leave":
        del said["unfilled"]
    if "ask" in said:
        said["ask"] = [{key: value for key, value in ask.items() if value is not None} for ask in said["ask"]]
    return said


def _unknown_purposes(document: _Document, source: Located) -> Iterator[Fault]:
    named: dict[tuple[str | int, ...], str] = {
        ("destinations", one): said for one, said in document.destinations.items()
    }
    named |= {
        ("routes", order, "to", index, "purpose"): target.purpose
        for order, route in enumerate(document.routes)
        for index, target in enumerate(route.to)
        if target.purpose is not None
    }
    for path, purpose in named.items():
        if purpose not in document.purposes:
            meant = nearest(purpose, document.purposes)
            problem = Text(f"没有用途“{purpose}”。", f"There is no purpose '{purpose}'.")
            remedy = (
                Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?")
                if meant
                else Text("请在 purposes 中写明它需要哪些字段。", "Say in 'purposes' which fields it needs.")
            )
            yield Fault("E_ROUTE_PURPOSE_UNKNOWN", dotted(path), source.at(path), problem, remedy)


def _repeated_names(routes: tuple[Route, ...], source: Located) -> tuple[Fault, ...]:
    first: dict[str, int] = {}
    faults: list[Fault] = []
    for order, route in enumerate(routes):
        earlier = first.setdefault(route.name, order)
        if earlier != order:
            line = source.at(("routes", earlier, "name")).line
            problem = Text(
                f"名称“{route.name}”已用于第 {line} 行。", f"The name '{route.name}' is already taken by line {line}."
            )
            remedy = Text("请换一个名称。", "Give this route another name.")
            place = ("routes", order, "name")
            faults.append(Fault("E_ROUTE_NAME_TWICE", f"routes[{order}].name", source.at(place), problem, remedy))
    return tuple(faults)
