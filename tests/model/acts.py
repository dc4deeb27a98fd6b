# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What may happen in the model's town, as values that Hypothesis draws and makes smaller.

An act names things by small numbers; what does not exist when its turn comes is left out, so that a plan stays one whatever is
taken out of it.
"""

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st

from hub.ports.probe import Point
from tests.model.recipients import Mood
from tests.model.town import ACCEPTED, BAD_TABLES, CLOSED, LICENCE, STEP, TABLES, TROUBLED

CASES = 2
STAGES = (ACCEPTED, STEP, CLOSED, LICENCE)
HUBS = 2
RESULTS = ("permitted", "denied", "withdrawn")
OPINIONS = ("agree", "object", "none")
JUMPS = (1.0, 61.0, 1800.0, 5 * 3600.0, 30 * 3600.0, 4 * 86_400.0, -2.0, -90.0)
"""Seconds by which the clock jumps."""


@dataclass(frozen=True, slots=True)
class Apply:
    """The portal sends an application; ``brief``: worth nothing after an hour."""

    case: int
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """Housing tells what comes next in a case, or, with a ``stage``, that one: early, again, or out of all order."""

    case: int
    stage: int | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class TellOwn:
    """The bureau tells of a case under its own number, perhaps before anybody knows whose that is."""

    case: int
    stage: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """What was sent comes again: the same bytes, or others under the same id."""

    which: int
    altered: bool = False


@dataclass(frozen=True, slots=True)
class Submit:
    """The portal sends a package."""

    package: int


@dataclass(frozen=True, slots=True)
class Finish:
    """A department closes its part of a package, perhaps once more and otherwise."""

    package: int
    part: int
    result: int


@dataclass(frozen=True, slots=True)
class Consult:
    """Housing asks two departments for their opinions."""

    case: int
    number: int
    hours: int


@dataclass(frozen=True, slots=True)
class Opine:
    """A department says what it thinks, perhaps once more and otherwise."""

    which: int
    department: int
    opinion: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A far side is so for the next few that reach it."""

    place: str
    mood: Mood
    times: int


@dataclass(frozen=True, slots=True)
class Evade:
    """The registry answers the next questions without saying anything."""

    times: int


@dataclass(frozen=True, slots=True)
class Mislead:
    """The bureau gives the number of one case for every case, from now on or no more."""

    case: int | None


@dataclass(frozen=True, slots=True)
class LetGo:
    """Far sides answer what they held back."""


@dataclass(frozen=True, slots=True)
class Doom:
    """A hub, or another one if that does not run, will die when it reaches this point for the nth time."""

    hub: int
    point: Point
    times: int


@dataclass(frozen=True, slots=True)
class Kill:
    """A hub dies now, or another one if that does not run."""

    hub: int


@dataclass(frozen=True, slots=True)
class Start:
    """A hub starts, if it does not run."""

    hub: int


@dataclass(frozen=True, slots=True)
class Leave:
    """A hub leaves in order."""

    hub: int


@dataclass(frozen=True, slots=True)
class Lapse:
    """The leases of the dead run out."""


@dataclass(frozen=True, slots=True)
class Sever:
    """The server ends every connection to the journal."""


@dataclass(frozen=True, slots=True)
class Work:
    """A hub does what its loops do, once round."""

    hub: int


@dataclass(frozen=True, slots=True)
class Activate:
    """An operator activates a table; those behind the good ones cannot be used."""

    table: int
    hub: int


@dataclass(frozen=True, slots=True)
class Jump:
    """The clock jumps."""

    by: int


@dataclass(frozen=True, slots=True)
class Resend:
    """An operator has what is dead, or in doubt, sent again: one of them, or all."""

    which: int | None
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Discard:
    """An operator gives one up."""

    which: int


@dataclass(frozen=True, slots=True)
class Shut:
    """An operator pauses a destination, or lets it go on."""

    place: str
    shut: bool


@dataclass(frozen=True, slots=True)
class Adopt:
    """An operator says that a case was under way before."""

    case: int


@dataclass(frozen=True, slots=True)
class Decide:
    """An operator says whose number of the bureau's it is."""

    number: int
    case: int


Sent: TypeAlias = Apply | Tell | TellOwn | Repeat | Submit | Finish | Consult | Opine


@dataclass(frozen=True, slots=True)
class Send:
    """These at once, to a hub. ``rush``: the next act does not wait until the hub has worked them off."""

    what: tuple[Sent, ...]
    hub: int = 0
    rush: bool = False


Act: TypeAlias = (
    Send | Trouble | Evade | Mislead | LetGo | Doom | Kill | Start | Leave | Lapse | Sever | Work | Activate | Jump | Resend
    | Discard | Shut | Adopt | Decide
)  # fmt: skip

T = TypeVar("T")


def _mixed(*weighed: tuple[int, st.SearchStrategy[T]]) -> st.SearchStrategy[T]:
    """One of these, each so often: what is merely united would be drawn by the number of its parts."""
    choices = [n for n, (weight, _) in enumerate(weighed) for _ in range(weight)]
    return st.sampled_from(choices).flatmap(lambda n: weighed[n][1])


_case = st.integers(0, CASES - 1)
_hub = st.integers(0, HUBS - 1)
_few = st.integers(1, 3)
_place = st.sampled_from(TROUBLED)
_bad_moods = st.sampled_from([mood for mood in Mood if mood is not Mood.TAKE])
_sent: st.SearchStrategy[Sent] = _mixed(
    (4, st.builds(Apply, _case, st.booleans())),
    (4, st.builds(Tell, _case)),
    (3, st.builds(Tell, _case, st.integers(0, len(STAGES) - 1), st.booleans())),
    (3, st.builds(TellOwn, _case, st.integers(0, len(STAGES) - 1))),
    (3, st.builds(Repeat, st.integers(0, 9), st.booleans())),
    (1, st.builds(Submit, st.integers(0, 1))),
    (2, st.builds(Finish, st.integers(0, 1), st.integers(0, 1), st.integers(0, len(RESULTS) - 1))),
    (1, st.builds(Consult, _case, st.integers(0, 1), st.sampled_from([1, 100]))),
    (2, st.builds(Opine, st.integers(0, 2), st.integers(0, 1), st.integers(0, len(OPINIONS) - 1))),
)
_act: st.SearchStrategy[Act] = _mixed(
    (16, st.builds(Send, st.lists(_sent, min_size=1, max_size=4).map(tuple), _hub, st.booleans())),
    (6, st.builds(Trouble, _place, _bad_moods, _few)),
    (1, st.builds(LetGo)),
    (1, st.builds(Evade, _few)),
    (1, st.builds(Mislead, st.one_of(st.none(), _case))),
    (4, st.builds(Doom, _hub, st.sampled_from(Point), _few)),
    (2, st.builds(Start, _hub)),
    (2, st.builds(Kill, _hub)),
    (1, st.builds(Lapse)),
    (1, st.builds(Leave, _hub)),
    (1, st.builds(Sever)),
    (6, st.builds(Work, _hub)),
    (3, st.builds(Jump, st.integers(0, len(JUMPS) - 1))),
    (2, st.builds(Resend, st.one_of(st.none(), st.integers(0, 3)), st.booleans())),
    (2, st.builds(Activate, st.integers(0, len(TABLES) + len(BAD_TABLES) - 1), _hub)),
    (1, st.builds(Discard, st.integers(0, 3))),
    (1, st.builds(Shut, _place, st.booleans())),
    (1, st.builds(Adopt, _case)),
    (1, st.builds(Decide, _case, _case)),
)


def plans(most: int) -> st.SearchStrategy[list[Act]]:
    """Plans of at most so many acts, and of every length alike: lists alone would nearly all be short."""
    return st.integers(1, most).flatmap(lambda length: st.lists(_act, min_size=length, max_size=length))
