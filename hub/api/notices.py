# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/notices/preview``: how a notice will read, and in how many text messages, before it is sent. 通知预览"""

from collections.abc import Sequence
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.notices.templates import Rendered, Signature, Unrendered
from contracts.refusal import Refusal, Violation
from contracts.text import Text
from hub.api import json_body
from hub.api.notice_documents import NoticePreview, preview_document
from hub.api.problems import NOT_FOUND
from hub.api.route import JSON, Answer, Route
from hub.api.views import json_response
from hub.config.deployment import Limits
from hub.processors.message_platform.notice import Notice
from hub.processors.message_platform.platform import MessagePlatform
from hub.running import Hub

_INVALID = "E_BODY_INVALID"
_REMEDY = Text("请改正后再预览。", "Mend it and look again.")
_Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class NoticeParameter(BaseModel):
    """A value for a place of a template."""

    model_config = ConfigDict(extra="forbid")

    name: _Line
    value: Annotated[str, StringConstraints(max_length=2000)]


class NoticeDraft(BaseModel):
    """The words of a notice, as ``cn.gov.notice.requested`` has them: a template with its parameters, or a text."""

    model_config = ConfigDict(extra="forbid")

    platform: _Line | None = Field(
        default=None,
        description="消息平台（目的地编号），只有一个时可省略。The message platform, where there are several.",
    )
    template_id: _Line | None = Field(default=None, description="模板编号。The template.")
    parameters: list[NoticeParameter] = Field(default=[], max_length=50, description="模板参数。Its values.")
    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = Field(
        default=None, description="自拟正文，不用模板时。Its own words, without a template."
    )
    title: _Line | None = Field(default=None, description="标题。A title.")
    signature: Signature | None = Field(default=None, description="另用的签名。Another signature.")


class Notices:
    """The resource."""

    def __init__(self, hub: Hub, limits: Limits) -> None:
        self._hub = hub
        self._limits = limits

    async def preview(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The words of a notice by the templates of now. Nothing is recorded and nobody is told."""
        draft = await json_body.read(request, self._hub.clock, self._limits, NoticeDraft)
        if isinstance(draft, Refusal):
            return draft
        platforms = {
            name: one.machine.processor
            for name, one in self._hub.outlets.items()
            if one.machine is not None and isinstance(one.machine.processor, MessagePlatform)
        }
        wanted = draft.platform or (next(iter(platforms)) if len(platforms) == 1 else "")
        if (platform := platforms.get(wanted)) is None:
            return _unfound(tuple(platforms))
        if (draft.template_id is None) is (draft.text is None):
            why = Text("template_id 与 text 须写且只写其一", "exactly one of template_id and text")
            return _refused([Violation(_INVALID, "$", why, _REMEDY)])
        worded = Notice(draft.model_dump(exclude_none=True, exclude={"platform"})).worded(platform.templates)
        if isinstance(worded, Rendered):
            return json_response(preview_document(worded))
        return _refused(_violations(worded, tuple(platform.templates.by_id)))


def _unfound(there: Sequence[str]) -> Refusal:
    """No platform at all is nothing that can be found; of several one must be named."""
    if not there:
        return NOT_FOUND
    known = ", ".join(there)
    why = Text(f"本中枢的消息平台之一：{known}", f"one of the message platforms here: {known}")
    return _refused([Violation(_INVALID, "$.platform", why, _REMEDY)])


def _violations(unworded: Unrendered, known: Sequence[str]) -> list[Violation]:
    if not unworded.misfits:
        there = ", ".join(known)
        return [Violation(_INVALID, "$.template_id", Text(f"现有模板之一：{there}", f"one of {there}"), _REMEDY)]
    return [Violation(_INVALID, f"$.parameters.{one.name}", one.problem, _REMEDY) for one in unworded.misfits]


def _refused(violations: Sequence[Violation]) -> Refusal:
    detail = Text(f"不能预览，共 {len(violations)} 处。", f"It cannot be shown: {len(violations)} things are wrong.")
    return Refusal(_INVALID, detail, tuple(violations))


def routes(hub: Hub, limits: Limits) -> Sequence[Route]:
    """The route of this resource."""
    return (
        Route(
            method="POST",
            path="/v1/notices/preview",
            name="previewNotice",
            meaning=Text(
                "预览通知：发送前看正文、长度和短信条数；不发送，不登记。",
                "See a notice before it is sent: its words, its length, and in how many text messages it travels.",
            ),
            handler=Notices(hub, limits).preview,
            takes={JSON: NoticeDraft},
            answers={200: Answer(Text("通知的样子", "As it will be read"), JSON, NoticePreview)},
            refusals=("E_NOT_FOUND", *json_body.REFUSALS),
        ),
    )
