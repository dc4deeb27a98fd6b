# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents about cases whose periods end while something has not arrived."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

from contracts.legal_clock.deadlines import Limit
from hub.api.documents import Document, says
from hub.deadlines import Outlook


class BreachDocument(Document):
    """One period of one case that ends by then."""

    case: str
    limit: Limit
    due: date
    runsOutAt: datetime  # noqa: N815  # because it is the wire's name
    workingDaysLeft: int  # noqa: N815  # because it is the wire's name
    over: Annotated[bool, says("是否已超期", "Whether it has ended already")]


class OutlookDocument(Document):
    """One destination, if it stays down until ``by``."""

    destination: str
    by: datetime
    coming: Annotated[int, says("届时将超期的办件数", "Cases that will breach by then")]
    looked: Annotated[int, says("有消息未送达的办件数", "Cases of which it does not have everything")]
    unreckoned: Annotated[int, says("无法计算的办件数", "Cases of which nobody can tell")]
    yearUnknown: Annotated[  # noqa: N815  # because it is the wire's name
        int | None, says("日历缺少此年", "The year that the calendar lacks")
    ]
    more: Annotated[bool, says("是否还有未查看的办件", "Whether there are more cases than were looked at")]
    breaches: Annotated[list[BreachDocument], says("最急者在前", "The most urgent first")]


class Deadlines(Document):
    """Which cases breach by then if a destination stays down."""

    destinations: list[OutlookDocument]


def deadline_documents(found: Iterable[Outlook], most: int = 1000) -> dict[str, Any]:
    """Each destination with at most so many of its breaches."""
    return {
        "destinations": [
            {
                "destination": one.destination,
                "by": one.by,
                "coming": one.coming,
                "looked": one.looked,
                "unreckoned": one.unreckoned,
                "yearUnknown": one.unknown,
                "more": one.more or len(one.breaches) > most,
                "breaches": [
                    {
                        "case": breach.case,
                        "limit": breach.limit.value,
                        "due": breach.deadline.due,
                        "runsOutAt": breach.runs_out,
                        "workingDaysLeft": breach.deadline.left,
                        "over": breach.over,
                    }
                    for breach in one.breaches[:most]
                ],
            }
            for one in found
        ]
    }
