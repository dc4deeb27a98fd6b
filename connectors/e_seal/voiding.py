# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A task that is not wanted any more, taken back at the platform. What is sealed stays so: that is refused.

    still open         ->  taken back; its end is told as any other  ->  Delivered
    ended without seal ->  nothing is left to be taken back          ->  Delivered
    sealed             ->  Rejected("SEAL_SET"): a person decides about the file that carries the seal

All of it may be repeated: before and after every attempt the platform is asked how the task stands, so nothing is in doubt.
"""

from dataclasses import dataclass

import orjson

from connectors.e_seal.collecting import Collector
from connectors.e_seal.platform import Standing
from connectors.e_seal.profile import State
from connectors.e_seal.task import DIGEST, Memo
from connectors.sdk import Accepted, Context, Delivered, InDoubt, NotSeen, Outcome, Parcel, Rejected, Unavailable
from connectors.sdk.answers import Answer

WITHDRAWN = "cn.gov.seal.withdrawn"
_UNSUPPORTED = Rejected("SEAL_VOID_UNSUPPORTED", "This platform's profile does not say how a task is taken back.")
_NAMES = ("task_no", "case_no", "digest", "reason", "platform_no")
_SET = Rejected("SEAL_SET", "The file is sealed already: a person decides what becomes of it.")


@dataclass(frozen=True, slots=True)
class _Withdrawal:
    memo: Memo
    platform_no: str
    reason: str

    @classmethod
    def of(cls, parcel: Parcel) -> "_Withdrawal | Rejected":
        """The data of cn.gov.seal.withdrawn."""
        try:
            data = orjson.loads(parcel.body)
        except orjson.JSONDecodeError:
            data = None
        said = data if isinstance(data, dict) else {}
        task, case, digest, reason, number = (_text(said.get(name)) for name in _NAMES)
        if not (task and case and reason and DIGEST.fullmatch(digest)):
            return Rejected("NOT_A_WITHDRAWAL", "The withdrawal names no task, no case, no file or no reason.")
        return cls(Memo(task, case, digest), number, reason)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


class Voider:
    """Safe for concurrent use; holds no state."""

    def __init__(self, collector: Collector, context: Context) -> None:
        self._collector = collector
        self._platform = collector.platform
        self._context = context

    async def void(self, parcel: Parcel) -> Outcome:
        """Take the task back; see above."""
        wanted = _Withdrawal.of(parcel)
        if isinstance(wanted, Rejected):
            return wanted
        if not self._platform.voids:
            return _UNSUPPORTED
        task = wanted.platform_no or await self._platform.trace(wanted.memo.written())
        match task:
            case None:
                return _UNSUPPORTED
            case NotSeen():
                return Rejected("SEAL_TASK_UNKNOWN", "The platform has no such task.")
            case InDoubt(reason=reason):
                return Unavailable(reason)
            case Unavailable():
                return task
            case str():
                return await self._taken_back(task, wanted)

    async def _taken_back(self, task: str, wanted: _Withdrawal) -> Outcome:
        refused: Rejected | None = None
        for last in (False, True):
            standing = await self._platform.look(task)
            match standing:
                case InDoubt(reason=reason):
                    return Unavailable(reason)
                case Unavailable():
                    return standing
                case Standing() if Memo.of(standing.said.get("memo", "")) != wanted.memo:
                    return Rejected("TASK_NOT_OURS", "The platform's task of this number is another one.")
                case Standing(state=State.DONE):
                    return _SET
                case Standing(state=State.OPEN) if last:
                    return refused or Unavailable("STILL_OPEN: the task is not taken back yet")
                case Standing(state=State.OPEN):
                    said = await self._platform.void(task, wanted.reason)
                    refused = said if isinstance(said, Rejected) else None
                case Standing():
                    return await self._ended(task)
        raise AssertionError("the last look decides")

    async def _ended(self, task: str) -> Outcome:
        """Its end is told, and whoever asked for it has the answer."""
        ending = await self._collector.collect(task)
        match ending:
            case Unavailable():
                return ending
            case InDoubt(reason=reason):
                return Unavailable(reason)
            case Accepted():
                return Unavailable("STILL_OPEN: the task is not taken back yet")
            case Delivered() | Rejected():
                await self._context.answers.answered([Answer(task, ending)])
                return Delivered(f"VOIDED:{task}")
