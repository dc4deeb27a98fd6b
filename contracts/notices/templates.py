# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A file of templates, read so that all that is wrong is told at once with file, line and remedy; and what a notice becomes.

version: 1
signature: 示例区政务服务
templates:
  accepted:
    title: 受理通知
    moment: acceptance
    text: 您申请的{item}已受理，办件编号{case_no}。
    places: {item: {longest: 30}, case_no: {longest: 50, form: number}}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.fault import Fault
from contracts.located import Located, build, read
from contracts.notices.segments import Segmented, segmented
from contracts.notices.template import Misfit, Template, misfits
from contracts.text import Text

Signature = Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[^\x00-\x20\x7f【】]+$")]
TemplateId = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,49}$")]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    signature: Signature = Field(
        description="签名，写在短信开头的【】里。Who signs; in 【】 in front of text messages."
    )
    templates: dict[TemplateId, Template] = Field(description="模板，按编号。Templates by id.")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice in words. ``text`` has no signature, ``signed`` has it in front, as text messages do; ``segmented`` is that."""

    title: str
    text: str
    signature: str

    @property
    def signed(self) -> str:
        """The text message."""
        return signed(self.signature, self.text)

    @property
    def segmented(self) -> Segmented:
        """The text message in its parts."""
        return segmented(self.signed)


@dataclass(frozen=True, slots=True)
class Unrendered:
    """Why there are no words: no such template (``misfits`` is empty), or what does not fit."""

    misfits: tuple[Misfit, ...] = ()


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of one file, and who signs."""

    signature: str
    by_id: Mapping[str, Template]

    def rendered(
        self, template_id: str, values: Mapping[str, str], signature: str | None = None
    ) -> Rendered | Unrendered:
        """The template with these values, signed by whom the file says unless ``signature`` does."""
        template = self.by_id.get(template_id)
        if template is None:
            return Unrendered()
        if wrong := misfits(template, values):
            return Unrendered(wrong)
        return Rendered(template.headed(values), template.filled(values), signature or self.signature)


def signed(signature: str, text: str) -> str:
    """A text message with its signature in front. 【签名】正文"""
    return f"【{signature}】{text}"


def load_templates(file: Path) -> Templates | tuple[Fault, ...]:
    """The templates of a file, or everything that is wrong with it."""
    source = read(file)
    if isinstance(source, Fault):
        return (source,)
    document = build(source, _Document)
    if isinstance(document, tuple):
        return document
    too_long = tuple(
        fault
        for name, template in document.templates.items()
        if (fault := _too_long(source, name, template, document.signature)) is not None
    )
    return too_long or Templates(document.signature, document.templates)


def _too_long(source: Located, name: str, template: Template, signature: str) -> Fault | None:
    """Whether a text with every place full would take more text messages than the template allows."""
    parts = len(segmented(signed(signature, template.longest())).parts)
    if parts <= template.segments:
        return None
    path = ("templates", name, "text")
    return Fault(
        "TEMPLATE_TOO_LONG",
        f"templates.{name}.text",
        source.at(path),
        Text(
            f"参数填满时要分 {parts} 条发送，超过允许的 {template.segments} 条。",
            f"With every place full it takes {parts} text messages, more than the {template.segments} allowed.",
        ),
        Text(
            "请缩短正文、减小参数的 longest，或增大 segments。",
            "Shorten the text, lower the places' longest, or raise segments.",
        ),
    )
