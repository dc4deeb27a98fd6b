# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A notice as it will be read, as it is shown at the API and on the command line before anybody is sent anything."""

from typing import Annotated, Any

from contracts.notices.segments import Alphabet, Segmented
from contracts.notices.templates import Rendered
from hub.api.documents import Document, says


class NoticePreview(Document):
    """A notice in words, and in how many text messages it travels."""

    title: str
    text: Annotated[str, says("短信正文，含签名", "The text message, with its signature")]
    alphabet: Annotated[Alphabet, says("编码", "How it is written")]
    places: Annotated[int, says("字数（按编码计）", "Its length, in places of its alphabet")]
    segments: Annotated[int, says("分几条发送", "In how many text messages it travels")]


def preview_document(rendered: Rendered) -> dict[str, Any]:
    """The preview of a notice."""
    return {"title": rendered.title, "text": rendered.signed, **counted(rendered.segmented)}


def counted(one: Segmented) -> dict[str, Any]:
    """How long a text is."""
    return {"alphabet": one.alphabet.value, "places": one.places, "segments": len(one.parts)}
