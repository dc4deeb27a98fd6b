# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents about what systems call cases (别名)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from hub.api.dead_documents import Act
from hub.api.documents import Document, says
from hub.ports.journal import AliasView, AwaitedAlias

Line = Annotated[str, Field(min_length=1, max_length=50)]


class AliasSaid(Document):
    """A case that a number was said to be of."""

    case: str
    how: Annotated[
        str,
        says("receipt 回执，message 消息，import 导入，decision 裁定", "A receipt, a message, an import or a decision"),
    ]
    at: datetime


class KnownAlias(Document):
    """One number, and the case that it is known as."""

    system: str
    number: str
    case: str
    disputed: Annotated[bool, says("是否有争议，待裁定", "Whether two cases claim it, and nobody has decided")]
    decided: Annotated[bool, says("是否已由操作员裁定", "Whether an operator has decided")]
    learnedAt: datetime  # noqa: N815  # because it is the wire's name
    claims: Annotated[list[str], says("曾被称为的全部办件", "Every case that it was ever said to be of")]
    said: Annotated[list[AliasSaid], says("各自由何而来、首次何时", "How each was said, and when first")]


class Awaited(Document):
    """A number that messages wait for."""

    system: str
    number: str
    reason: Annotated[str, says("ALIAS_UNKNOWN 或 ALIAS_DISPUTED", "Unknown, or disputed")]
    messages: int
    since: datetime
    until: Annotated[datetime, says("至多等到此时", "The first of them waits until then at most")]


class Aliases(Document):
    """Numbers that are known, and those that messages wait for."""

    aliases: list[KnownAlias]
    waiting: list[Awaited]


class Deciding(Act):
    """Whose number it is."""

    system: Line
    number: Line
    case: Line


def alias_document(one: AliasView) -> dict[str, Any]:
    """One number."""
    return {
        "system": one.system,
        "number": one.number,
        "case": one.case,
        "disputed": one.disputed,
        "decided": one.decided,
        "learnedAt": one.learned_at,
        "claims": list(one.claims),
        "said": [{"case": said.case, "how": said.how, "at": said.at} for said in one.said],
    }


def awaited_document(one: AwaitedAlias) -> dict[str, Any]:
    """One number that is waited for."""
    return {
        "system": one.system,
        "number": one.number,
        "reason": one.reason,
        "messages": one.count,
        "since": one.since,
        "until": one.until,
    }


def aliases_document(known: Iterable[AliasView], awaited: Iterable[AwaitedAlias]) -> dict[str, Any]:
    """Both lists."""
    return {"aliases": [alias_document(one) for one in known], "waiting": [awaited_document(one) for one in awaited]}
