# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What of a case an operator may see who is there for some regions or systems only."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

import orjson

from hub.operators import Scope
from hub.passage import Place
from hub.ports.journal import CaseView, MessageView


def seen(view: CaseView, scope: Scope) -> bool:
    """Whether the operator may look at the case at all."""
    return scope.sees(_regions(view), view.parties)


def narrowed(view: CaseView, scope: Scope, places: Mapping[str, Place]) -> CaseView:
    """A case as an operator may see it: nothing of another region, and of their systems what those sent or are to receive."""
    mine = [one for one in view.messages if (region := _region(one)) is None or scope.has_region(region)]
    if not scope.organisations:
        return replace(view, messages=tuple(mine))
    return replace(
        view,
        parties=view.parties & scope.organisations,
        messages=tuple(shown for one in mine if (shown := _of_systems(one, scope, places)) is not None),
    )


def _of_systems(one: MessageView, scope: Scope, places: Mapping[str, Place]) -> MessageView | None:
    if one.system in scope.organisations:
        return one
    theirs = [
        each
        for each in one.deliveries
        if (place := places.get(each.destination)) is not None and scope.has_organisation(place.system)
    ]
    known = {each.id for each in theirs}
    words = tuple(word for word in one.words if word.delivery in known)
    return replace(one, deliveries=tuple(theirs), words=words) if theirs else None


def _region(one: MessageView) -> str | None:
    region: str | None = orjson.loads(one.access)["region"] if one.access else None
    return region


def _regions(view: CaseView) -> AbstractSet[str]:
    return {region for one in view.messages if (region := _region(one)) is not None}
