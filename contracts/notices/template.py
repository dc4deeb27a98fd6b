# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One template of a notice: a text with named places, the bounds of what stands in them, and how long it can become. 通知模板

A place is written ``{name}``; two braces stand for one that is meant. What stands in a place can neither break the line nor
hold 【 or 】: with these a text message says who signs it, so a name or an address could otherwise sign in our name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.codes import NoticeClass, NoticeMoment
from contracts.fault import UnsuitableError
from contracts.text import Text

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_UNFIT = re.compile(r"[\x00-\x1f\x7f\u2028\u2029【】]")
_STRICT = ConfigDict(frozen=True, extra="forbid")


class Form(StrEnum):
    """What a place may hold."""

    TEXT = "text"
    """Any characters of one line."""
    DIGITS = "digits"
    """0 to 9 alone: passwords, counts."""
    NUMBER = "number"
    """Letters, digits and ``-_./`` of ASCII: case numbers, dates, waybills."""

    def fits(self, value: str) -> bool:
        """Whether the value has this form; its length is another matter."""
        match self:
            case Form.TEXT:
                return _UNFIT.search(value) is None
            case Form.DIGITS:
                return value.isascii() and value.isdigit()
            case Form.NUMBER:
                return re.fullmatch(r"[0-9A-Za-z_./-]+", value) is not None

    @property
    def widest(self) -> str:
        """A character that makes a text as long as this form can."""
        return "国" if self is Form.TEXT else "0"


class Place(BaseModel):
    """What may stand in one place of a template."""

    model_config = _STRICT

    longest: int = Field(ge=1, le=500, description="最多字符数。Most characters.")
    form: Form = Field(default=Form.TEXT, description="形式：text、digits 或 number。What it may hold.")


class Template(BaseModel):
    """A text that is filled for every recipient alike. ``{{`` and ``}}`` stand for braces."""

    model_config = _STRICT

    title: str = Field(default="", max_length=100, description="用途，给人看。What it is for, for people.")
    moment: NoticeMoment | None = Field(default=None, description="通知时点。What it tells of.")
    classes: Annotated[tuple[NoticeClass, ...], Field(min_length=1)] = Field(
        default=tuple(NoticeClass), description="可用于哪些类别。Classes of notice it may be used for."
    )
    text: str = Field(min_length=1, max_length=1000, description="正文，不含签名。The text, without the signature.")
    subject: str | None = Field(
        default=None,
        max_length=100,
        description="标题，邮件用；省略时用 title。Subject of mail; the title unless said.",
    )
    places: dict[Name, Place] = Field(default_factory=dict, description="参数及其界限。The places and their bounds.")
    segments: int = Field(default=3, ge=1, le=10, description="短信最多条数。Most parts of the text message.")
    codes: dict[Name, str] = Field(
        default_factory=dict,
        description="渠道侧的模板编号，按渠道。What channels call this template, by channel.",
    )

    @model_validator(mode="after")
    def _sound(self) -> "Template":
        named = {name for text in (self.text, self.subject or "") for name in _names(text)}
        if unknown := sorted(named - set(self.places)):
            raise UnsuitableError(
                Text(f"参数没有界限：{'、'.join(unknown)}。", f"Places without bounds: {', '.join(unknown)}."),
                Text("请在 places 中写明最多字符数。", "Say in places how long each may be."),
            )
        if idle := sorted(set(self.places) - named):
            raise UnsuitableError(
                Text(f"正文没有用到：{'、'.join(idle)}。", f"Not used by the text: {', '.join(idle)}."),
                Text("请写入正文，或从 places 删去。", "Use them in the text, or take them out of places."),
            )
        if _UNFIT.search(self.text.replace("\n", "")) or _UNFIT.search(self.subject or ""):
            raise UnsuitableError(
                Text("模板不可含控制字符或【】。", "A template holds neither control characters nor 【】."),
                Text("签名由平台加在开头，请删去。", "The platform puts the signature in front; take them out."),
            )
        return self

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with these values, which must fit: see :func:`misfits`."""
        return self.text.format(**values)

    def headed(self, values: Mapping[str, str]) -> str:
        """The subject line with these values; the title where there is none, and an empty string without either."""
        return (self.subject.format(**values) if self.subject is not None else self.title)[:100]

    def longest(self) -> str:
        """The text with every place filled to its bound with what takes most room."""
        return self.filled({name: place.form.widest * place.longest for name, place in self.places.items()})


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that a template cannot take, or lacks. The value itself is not in it: it may be personal."""

    name: str
    problem: Text


def misfits(template: Template, values: Mapping[str, str]) -> tuple[Misfit, ...]:
    """Everything that keeps these values from filling the template, in the order of its places."""
    return tuple(_misfits(template, values))


def _misfits(template: Template, values: Mapping[str, str]) -> Iterator[Misfit]:
    for name, place in template.places.items():
        value = values.get(name)
        if value is None:
            yield Misfit(name, Text("缺少此参数", "this place is not filled"))
        elif not value or len(value) > place.longest:
            yield Misfit(name, Text(f"须有 1 至 {place.longest} 个字符", f"1 to {place.longest} characters are wanted"))
        elif not place.form.fits(value):
            yield Misfit(name, _FORMS[place.form])
    for name in values:
        if name not in template.places:
            yield Misfit(name[:50], Text("模板没有此参数", "the template has no such place"))


_FORMS = {
    Form.TEXT: Text("不可含换行、控制字符或【】", "no line breaks, control characters or 【】 may stand in it"),
    Form.DIGITS: Text("只能是数字", "digits alone are wanted"),
    Form.NUMBER: Text("只能是字母、数字和 -_./", "letters, digits and -_./ alone are wanted"),
}


def _names(text: str) -> Iterator[str]:
    """The names of a text's places."""
    try:
        pieces = list(Formatter().parse(text))
    except ValueError:
        raise UnsuitableError(*_BRACES) from None
    for _, name, how, turned in pieces:
        if name is None:
            continue
        if how or turned or re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) is None:
            raise UnsuitableError(*_BRACES)
        yield name


_BRACES = (
    Text("大括号里只能是参数名。", "Braces hold the name of a place and nothing else."),
    Text("如 {case_no}；要写大括号本身，请写两个。", "As in {case_no}; two braces stand for one that is meant."),
)
