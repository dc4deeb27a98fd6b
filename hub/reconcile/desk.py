# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reconciling as one thing: the same for the API, the command line and the worker."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from certs.reconciliation_statement import KeyUnusableError, Side, StatementKey, no_key, reconciliation_statement
from contracts.families.oversight.reconciliation_counted import ReconciliationCounted
from contracts.reconciling.comparing import Descent
from contracts.reconciling.declared import Declared
from contracts.reconciling.sm3 import EMPTY
from contracts.reconciling.tree import LATE, NOTHING, Sum, is_bucket
from contracts.refusal import Refusal, Violation
from contracts.registry import Registry
from contracts.text import Text
from hub.acting import Acting, Answer, Order
from hub.ports.clock import Clock
from hub.ports.ids import Ids
from hub.ports.journal import JournalDown, NoSuch, Pace, Previewed
from hub.ports.journal.reconciling import Found, Reconciliation, Reconciliations, Takes, Verdict
from hub.reconcile.agreement import Agreement, Agreements, midnight
from hub.reconcile.comparison import compare, tree_for
from hub.reconcile.counting import Archived, Counted, Lost, Progress, count
from hub.reconcile.manifest import Decided, Known, Unfit, hearing, places_of, room_for, unfit, written
from hub.reconcile.repush import Proposal, proposal
from hub.reconcile.scorecard import LONGEST, Card, scorecard

_PAGE = 1000

_NO_SUCH = Refusal("E_NOT_FOUND", Text("没有这个对账约定或对账。", "There is no such agreement or reconciliation."))
_DOWN = Refusal("E_JOURNAL_DOWN", Text("中枢的登记库暂时不可用。", "The journal is away for now."), retry_after=5.0)
_REMEDY = Text("按 docs/reconciliation 生成对账清单", "Make the manifest as docs/reconciliation says")

Counting: TypeAlias = Reconciliation | Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciling:
    """All that reconciling needs, beside a running hub or without any. ``key`` reads the present one, or raises."""

    hub: str
    ours: str
    clock: Clock
    ids: Ids
    journal: Reconciliations
    registry: Registry
    agreements: Mapping[str, Agreement]
    acting: Acting
    key: Callable[[], StatementKey] = no_key
    keep: timedelta = timedelta(days=35)

    @classmethod
    def of(cls, acting: Acting, known: Agreements) -> "Reconciling":
        """What reconciling needs, from what acting needs and the agreements there are."""
        return cls(
            hub=acting.hub,
            ours=known.speaks_as or acting.hub,
            clock=acting.clock,
            ids=acting.ids,
            journal=acting.journal.reconciliations,
            registry=acting.registry,
            agreements=known.all,
            acting=acting,
            key=known.key,
            keep=known.keep,
        )

    async def ask(self, agreement: str, day: date, by: str) -> Counting:
        """Have a closed day counted, by whatever hub looks next. A later count takes the place of an earlier one."""
        wanted = self._wanted(agreement, day, by)
        if isinstance(wanted, Refusal):
            return wanted
        archived = await self.journal.archived(midnight(day))
        if isinstance(archived, JournalDown):
            return _DOWN
        if archived:
            return _archived(day)
        return _DOWN if await self.journal.ask(wanted) else wanted

    async def run(self, agreement: str, day: date, by: str, progress: Progress = lambda _n: None) -> Counting:
        """Count a closed day here and now."""
        asked = await self.ask(agreement, day, by)
        return asked if isinstance(asked, Refusal) else await self.carry_out(asked.id, progress)

    async def carry_out(self, reconciliation: UUID | None, progress: Progress = lambda _n: None) -> Counting:
        """Count one that was asked for; None: any."""
        taken = await self.journal.take(reconciliation)
        if isinstance(taken, JournalDown):
            return _DOWN
        if taken is None or taken.agreement not in self.agreements:
            return _NO_SUCH if taken is not None or reconciliation is None else await self.show(reconciliation)
        agreement = self.agreements[taken.agreement]
        if down := await self._forget(agreement):
            return down
        ended = await count(self.journal, self.registry, agreement, taken, self.clock, progress)
        match ended:
            case JournalDown():
                return _DOWN
            case Archived(day):
                return _archived(day)
            case Counted() | Lost():
                return await self.show(taken.id)

    async def show(self, reconciliation: UUID) -> Counting:
        """How one stands."""
        return _counting(await self.journal.view(reconciliation))

    async def of_day(self, agreement: str, day: date) -> Counting:
        """The latest count of a day that is whole."""
        counted = await self.journal.latest(agreement, day)
        if isinstance(counted, JournalDown):
            return _DOWN
        if isinstance(counted, NoSuch) or counted.counted_at is None:
            return Refusal("E_RECONCILIATION_UNCOUNTED", _UNCOUNTED, retry_after=60.0)
        return counted

    async def hear(self, manifest: ReconciliationCounted, system: str, source: str) -> Counting:
        """Take in a manifest of the far side and compare. Sent twice, it is heard once."""
        agreement = self.agreements.get(manifest.agreement)
        if agreement is None or (system and system != agreement.system):
            return _NO_SUCH
        counted = await self.of_day(agreement.name, manifest.day)
        if isinstance(counted, Refusal):
            return counted
        if (wrong := unfit(agreement, counted, manifest)) is not None:
            return _unfit(wrong)
        differing = await self._differing(agreement, counted, manifest)
        if isinstance(differing, JournalDown):
            return _DOWN
        decide = hearing(manifest, agreement, source, differing)
        heard: Decided | NoSuch | JournalDown = await self.journal.hear(counted.id, decide)
        match heard:
            case Takes() | Known():
                compared = await compare(self.journal, agreement, counted, self.clock)
                return await self.show(counted.id) if isinstance(compared, Descent) else _DOWN
            case Unfit():
                return _unfit(heard)
            case NoSuch():
                return _NO_SUCH
            case JournalDown():
                return _DOWN

    async def _differing(
        self, agreement: Agreement, counted: Reconciliation, manifest: ReconciliationCounted
    ) -> "_Differing | JournalDown":
        """Which nodes of theirs are worth keeping: those below one whose sum is not ours."""
        begun = Declared({} if manifest.late_count is None else {LATE: NOTHING})
        tree = await tree_for(self.journal, agreement, counted.id, begun)
        if isinstance(tree, JournalDown):
            return tree
        sums = {one.name: Sum(one.count, one.digest) for one in manifest.nodes}
        return _Differing(sums, tree.sums)

    async def manifest(
        self, counted: Reconciliation, nodes: Sequence[str], *, wanted: bool = False
    ) -> dict[str, Any] | Refusal:
        """Our manifest with these nodes opened, as far as one message holds them; ``wanted``: with what we want to see."""
        agreement = self.agreements.get(counted.agreement)
        if agreement is None or counted.counted_at is None:
            return (
                _NO_SUCH if agreement is None else Refusal("E_RECONCILIATION_UNCOUNTED", _UNCOUNTED, retry_after=60.0)
            )
        tree = await self.journal.tree(counted.id)
        if isinstance(tree, JournalDown):
            return _DOWN
        told = room_for(tree, nodes)
        places = places_of(name for name in told if is_bucket(name))
        lines = await self.journal.lines(counted.id, places, latest=agreement.latest) if places else ()
        if isinstance(lines, JournalDown):
            return _DOWN
        asked = counted.wanted if wanted else ()
        return written(agreement, self.ours, counted, tree, open_=told, lines=lines, wanted=asked)

    async def differences(self, reconciliation: UUID) -> Sequence[Found] | Refusal:
        """All of them."""
        found: list[Found] = []
        while True:
            page = await self.journal.differences(reconciliation, None, found[-1].n if found else 0, _PAGE)
            if isinstance(page, JournalDown):
                return _DOWN
            found += page
            if len(page) < _PAGE:
                return found

    async def propose(self, reconciliation: UUID) -> tuple[Proposal, Previewed] | Refusal:
        """What could be sent once more, and what a replay of it would do now. Nothing is done."""
        proposed = await self._proposal(reconciliation)
        if isinstance(proposed, Refusal):
            return proposed
        previewed = await self.acting.preview_repeat(proposed.repeats)
        return _DOWN if isinstance(previewed, JournalDown) else (proposed, previewed)

    async def apply(self, order: Order, reconciliation: UUID, pace: Pace) -> Answer | Refusal:
        """Send it, as a replay: step by step, recorded, stopping by itself."""
        proposed = await self._proposal(reconciliation)
        if isinstance(proposed, Refusal):
            return proposed
        return await self.acting.repeat(order, reconciliation, proposed.repeats, pace)

    async def _proposal(self, reconciliation: UUID) -> Proposal | Refusal:
        counted = await self._compared(reconciliation)
        if isinstance(counted, Refusal):
            return counted
        found = await self.differences(reconciliation)
        if isinstance(found, Refusal):
            return found
        return proposal(self.agreements[counted.agreement], found, self.acting.places, self.acting.partitions)

    async def state(self, reconciliation: UUID, by: str) -> Counting:
        """The signed statement. It is made once; whoever asks again is given the same bytes."""
        counted = await self._compared(reconciliation)
        if isinstance(counted, Refusal) or counted.statement is not None:
            return counted
        try:
            key = self.key()
        except KeyUnusableError as unusable:
            said = Text(f"签署密钥不可用：{unusable}。", f"The key that signs cannot be used: {unusable}.")
            return Refusal("E_RECONCILIATION_UNSIGNED", said)
        found = await self.differences(reconciliation)
        hearing_ = await self.journal.far(reconciliation)
        if isinstance(found, Refusal):
            return found
        if isinstance(hearing_, JournalDown | NoSuch) or hearing_.declared is None or hearing_.counted_at is None:
            return _DOWN
        statement = self._statement(key, counted, hearing_.declared, found, by)
        return _counting(await self.journal.state(reconciliation, statement, key.sign(statement)))

    def _statement(
        self, key: StatementKey, counted: Reconciliation, declared: Declared, found: Sequence[Found], by: str
    ) -> bytes:
        agreement = self.agreements[counted.agreement]
        assert counted.root is not None, "it is compared"
        assert counted.late is not None, "it is compared"
        assert counted.counted_at is not None, "it is compared"
        assert counted.far_counted_at is not None, "it is compared"
        theirs, theirs_late = declared.sums[""], declared.sums.get(LATE)
        digest = EMPTY.copy()
        for one in found:
            digest.update(difference_line(one))
        return reconciliation_statement(
            hub=self.hub,
            key_id=key.id,
            reconciliation=counted.id,
            agreement=agreement.name,
            rule=counted.rule,
            contract=agreement.agreed.contract,
            version=agreement.agreed.version,
            from_system=self.ours if agreement.sends else agreement.system,
            to_system=agreement.system if agreement.sends else self.ours,
            day=counted.day,
            verdict=counted.verdict.value,
            ours=Side(
                counted_at=counted.counted_at,
                records=counted.root.records,
                digest=counted.root.digest,
                late_records=counted.late.records,
                late_digest=counted.late.digest,
            ),
            theirs=Side(
                counted_at=counted.far_counted_at,
                records=theirs.records,
                digest=theirs.digest,
                late_records=None if theirs_late is None else theirs_late.records,
                late_digest=None if theirs_late is None else theirs_late.digest,
            ),
            differences={kind.value: n for kind, n in counted.differences.items()},
            differing_digest=digest.hexdigest(),
            unfinished=counted.unfinished,
            superseded=counted.superseded,
            by=by,
            stated_at=self.clock.now(),
        )

    async def scorecard(self, since: date, until: date) -> Sequence[Card] | Refusal:
        """How every counterparty did, from ``since`` and before ``until``."""
        if not timedelta() < until - since <= LONGEST:
            expected = Text("1 至 92 天", "1 to 92 days")
            violation = Violation("E_QUERY_INVALID", "$.query.until", expected, Text("改正日期", "Correct the days"))
            return Refusal("E_QUERY_INVALID", Text("时段无效。", "The period is not valid."), (violation,))
        cards = await scorecard(self.journal, self.registry, self.agreements, since, until)
        return _DOWN if isinstance(cards, JournalDown) else cards

    async def _compared(self, reconciliation: UUID) -> Counting:
        """One whose comparison has come to its end."""
        counted = await self.show(reconciliation)
        if isinstance(counted, Refusal):
            return counted
        if counted.agreement not in self.agreements:
            return _NO_SUCH
        if counted.verdict not in {Verdict.AGREED, Verdict.DIFFERS}:
            said = Text("双方尚未比对完毕。", "The two sides have not been compared to the end.")
            return Refusal("E_RECONCILIATION_UNFINISHED", said)
        return counted

    def _wanted(self, name: str, day: date, by: str) -> Counting:
        agreement = self.agreements.get(name)
        if agreement is None:
            return _NO_SUCH
        closing = agreement.closing(day)
        if self.clock.now() < closing:
            said = Text(
                f"{day} 尚未结账，{closing:%Y-%m-%d %H:%M} 之后可对账。", f"{day} closes at {closing:%Y-%m-%d %H:%M}."
            )
            return Refusal("E_RECONCILIATION_DAY_OPEN", said)
        return Reconciliation(
            id=self.ids.new(),
            agreement=name,
            day=day,
            rule=agreement.agreed.rule,
            asked_by=by,
            asked_at=self.clock.now(),
        )

    async def _forget(self, agreement: Agreement) -> Refusal | None:
        forgotten = await self.journal.forget(agreement.name, self.clock.now() - self.keep)
        return _DOWN if isinstance(forgotten, JournalDown) else None


_UNCOUNTED = Text("这一天还没有统计完。", "This day has not been counted yet.")


@dataclass(frozen=True, slots=True)
class _Differing:
    """Whether what hangs from a node of theirs is of use."""

    theirs: Mapping[str, Sum]
    ours: Mapping[str, Sum]

    def __call__(self, name: str) -> bool:
        return name in {"", LATE} or self.theirs.get(name) is None or self.theirs[name] != self.ours.get(name)


def difference_line(one: Found) -> bytes:
    """One difference as a line, for a digest over all of them: kind, case, record, then both versions and contents."""
    sides = ("" if side is None else f"{side[0]}\t{side[1]}" for side in (one.here, one.there))
    return ("\t".join((one.kind.value, one.case, one.record, *sides)) + "\n").encode()


def _archived(day: date) -> Refusal:
    said = Text(f"{day} 的消息已移出登记库，不能再对账。", f"Messages of {day} have left the journal.")
    return Refusal("E_RECONCILIATION_ARCHIVED", said)


def _unfit(wrong: Unfit) -> Refusal:
    detail = Text("对账清单未被采用。", "The manifest was not taken in.")
    return Refusal(wrong.code, detail, (Violation("E_V_RULE", wrong.path, wrong.text, _REMEDY),))


def _counting(found: Reconciliation | NoSuch | JournalDown) -> Counting:
    match found:
        case Reconciliation():
            return found
        case NoSuch():
            return _NO_SUCH
        case JournalDown():
            return _DOWN
