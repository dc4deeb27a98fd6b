# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The end of a task: looked at, fetched, verified here, stored, told. Whoever hears of it first does it; all of it may be
repeated, by several hubs at once, and comes to the same.

    the platform says done  ->  fetch  ->  verify  ->  store  ->  tell the result  ->  Delivered
    the file is not believed  ->  Rejected: nobody receives it, and a person looks at the delivery
    refused, withdrawn, lapsed, failed  ->  tell the result  ->  Delivered
"""

from datetime import datetime
from typing import Any, Self, TypeAlias

from connectors.e_seal.believing import Believed, Believer
from connectors.e_seal.config import PlatformConfig
from connectors.e_seal.door import HubDoor
from connectors.e_seal.platform import Platform, Standing
from connectors.e_seal.profile import State
from connectors.e_seal.task import Memo
from connectors.sdk import Accepted, Context, Delivered, InDoubt, Rejected, Unavailable

Ending: TypeAlias = Delivered | Rejected | Accepted | Unavailable | InDoubt
"""``Accepted``: it has not ended yet."""

_REASONS = {State.REFUSED: "签章平台拒绝用印", State.FAILED: "签章平台用印失败"}


class Collector:
    """Used as an async context manager. Safe for concurrent use."""

    def __init__(self, config: PlatformConfig, context: Context) -> None:
        self._context = context
        self.platform = Platform(config, context)
        self.door = HubDoor(config, context)
        self._believer = Believer(config.belief)

    async def __aenter__(self) -> Self:
        await self.platform.__aenter__()
        await self.door.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.platform.__aexit__(*exc)
        await self.door.__aexit__(*exc)

    async def collect(self, task: str) -> Ending:
        """What became of a task, to its last consequence here."""
        standing = await self.platform.look(task)
        if not isinstance(standing, Standing):
            return standing
        if standing.state is State.OPEN:
            return Accepted(task)
        memo = Memo.of(standing.said.get("memo", ""))
        if memo is None:
            return Rejected("TASK_NOT_OURS", "The platform gives no memo of ours with the task.")
        result = {
            "case_no": memo.case_no,
            "task_no": memo.task_no,
            "platform_no": task[:100],
            "original_digest": memo.original_digest,
            "result": standing.state.value,
        }
        if standing.state is State.DONE:
            sealed = await self._sealed(task, memo, standing)
            if not isinstance(sealed, dict):
                return sealed
            result |= sealed
        else:
            result["ended_at"] = self._moment(standing.said.get("ended_at"))
            if (reason := _REASONS.get(standing.state)) is not None:
                result["reason"] = reason
        told = await self.door.tell(f"seal-{task}", memo.case_no, result)
        return told if not isinstance(told, str) else Delivered(f"{standing.state}:{task}")

    async def _sealed(
        self, task: str, memo: Memo, standing: Standing
    ) -> dict[str, Any] | Rejected | Unavailable | InDoubt:
        """What the result says of the sealed file, once it is stored; it is stored only when it is believed."""
        content = await self.platform.file(task)
        if isinstance(content, Unavailable | InDoubt):
            return content
        original = await self.door.material(memo.original_digest)
        if isinstance(original, Rejected | Unavailable):
            return original
        believed = await self._believer.judged(content, original, self._context.now())
        if not isinstance(believed, Believed):
            self._context.log.error("a sealed file is not believed", code=believed.code, task=task)
            self._context.metrics.count("refused_files")
            return believed
        digest = await self.door.store(content, believed.media_type)
        if not isinstance(digest, str):
            return digest
        self._context.metrics.count("verified_files")
        facts = believed.facts
        sealed_at = (
            self._moment(standing.said.get("sealed_at")) if facts.sealed_at is None else _written(facts.sealed_at)
        )
        written: dict[str, Any] = {
            "digest": digest,
            "size": len(content),
            "media_type": believed.media_type,
            "structure": facts.structure,
            "seal_id": facts.seal_id or standing.said.get("seal_id") or facts.certificate_serial,
            "certificate_serial": facts.certificate_serial,
            "timestamped": facts.timestamped,
            "sealed_at": sealed_at,
            "ended_at": self._ended(standing, sealed_at),
        }
        if facts.seal_name:
            written["seal_name"] = facts.seal_name[:200]
        return written

    def _ended(self, standing: Standing, sealed_at: str) -> str:
        """Not before it was sealed, whatever the platform's clock says; the same however often it is told."""
        ended = _parsed(standing.said.get("ended_at"))
        sealed = _parsed(sealed_at)
        return sealed_at if ended is None or sealed is None or ended < sealed else _written(ended)

    def _moment(self, written: str | None) -> str:
        return _written(_parsed(written) or self._context.now())


def _parsed(written: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
