# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sharing transactions: everybody gets an answer, the right one, whatever the database or our own code does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import asyncpg
import pytest

from hub.journal.group_commit import GroupCommit
from hub.ports.journal import JournalDown, Unwritable

WITHIN = 10.0


class Table:
    """A table of one: what was committed, in which transactions, and what it refuses."""

    def __init__(self, fault: Callable[[Sequence[int]], BaseException | None] = lambda batch: None) -> None:
        self._fault = fault
        self.calls: list[list[int]] = []
        self.committed: list[list[int]] = []
        self.under_way = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def write(self, batch: Sequence[int]) -> Sequence[str]:
        self.calls.append(list(batch))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.entered.set()
        try:
            await self.gate.wait()
            if (error := self._fault(batch)) is not None:
                raise error
            self.committed.append(list(batch))
            return [f"row {item}" for item in batch]
        finally:
            self.under_way -= 1

    def rows(self) -> list[int]:
        return [item for batch in self.committed for item in batch]


@pytest.fixture
async def shouts() -> AsyncIterator[list[BaseException]]:
    """What the loop was told of exceptions that nobody took."""
    loop = asyncio.get_running_loop()
    told: list[BaseException] = []
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    yield told
    loop.set_exception_handler(before)


async def submitted(group: GroupCommit[int, str], items: Sequence[int]) -> list[Any]:
    async with asyncio.timeout(WITHIN):
        return await asyncio.gather(*(group.submit(item) for item in items), return_exceptions=True)


def guilty(*items: int) -> Callable[[Sequence[int]], BaseException | None]:
    return lambda batch: asyncpg.CheckViolationError("refused") if set(batch) & set(items) else None


class TestSharing:
    async def test_concurrent_callers_share_a_transaction(self) -> None:
        table = Table()
        assert await submitted(GroupCommit(table.write), range(150)) == [f"row {n}" for n in range(150)]
        assert table.committed == [list(range(150))]

    async def test_a_batch_of_its_own_leaves_at_once_in_its_order_and_counts_as_under_way(self) -> None:
        table = Table()
        table.gate.clear()
        group = GroupCommit(table.write, rows=10, linger=0, in_flight=1)
        whole = asyncio.create_task(group.submit_all(range(50)))
        await table.entered.wait()
        single = asyncio.create_task(group.submit(99))
        table.gate.set()
        assert await whole == [f"row {n}" for n in range(50)]
        assert await single == "row 99"
        assert table.committed == [list(range(50)), [99]]
        assert table.most == 1
        assert await group.submit_all([]) == []

    async def test_a_full_batch_leaves_at_once(self) -> None:
        table = Table()
        group = GroupCommit(table.write, rows=10, linger=3600)
        assert len(await submitted(group, range(10))) == 10

    async def test_while_a_batch_is_under_way_the_next_gathers(self) -> None:
        table = Table()
        table.gate.clear()
        group = GroupCommit(table.write, linger=0, patience=3600)
        first = asyncio.create_task(group.submit(0))
        await table.entered.wait()
        others = asyncio.create_task(submitted(group, range(1, 20)))
        await asyncio.sleep(0)
        assert table.calls == [[0]]
        table.gate.set()
        await asyncio.gather(first, others)
        assert table.committed == [[0], list(range(1, 20))]

    async def test_a_slow_batch_does_not_hold_up_the_next_for_longer_than_its_patience(self) -> None:
        table = Table()
        table.gate.clear()
        group = GroupCommit(table.write, linger=0, patience=0)
        first = asyncio.create_task(group.submit(0))
        await table.entered.wait()
        table.entered.clear()
        second = asyncio.create_task(group.submit(1))
        await asyncio.wait_for(table.entered.wait(), WITHIN)
        assert table.calls == [[0], [1]]
        table.gate.set()
        await asyncio.gather(first, second)

    async def test_a_batch_is_never_larger_than_it_may_be_and_keeps_the_order(self) -> None:
        table = Table()
        await submitted(GroupCommit(table.write, rows=40, in_flight=1), range(205))
        assert table.rows() == list(range(205))
        assert max(map(len, table.committed)) == 40

    async def test_few_transactions_are_under_way_at_a_time(self) -> None:
        table = Table()
        table.gate.clear()
        group = GroupCommit(table.write, rows=5, in_flight=2)
        waiting = asyncio.create_task(submitted(group, range(100)))
        async with asyncio.timeout(WITHIN):
            await table.entered.wait()
        await asyncio.sleep(0)
        table.gate.set()
        await waiting
        assert table.most == 2
        assert sorted(table.rows()) == list(range(100))

    async def test_who_comes_while_all_are_busy_is_written_next(self) -> None:
        table = Table()
        table.gate.clear()
        group = GroupCommit(table.write, rows=1, in_flight=1)
        first = asyncio.create_task(group.submit(1))
        await table.entered.wait()
        later = asyncio.create_task(submitted(group, [2, 3]))
        await asyncio.sleep(0)
        table.gate.set()
        async with asyncio.timeout(WITHIN):
            assert [await first, *await later] == ["row 1", "row 2", "row 3"]


class TestGuilty:
    async def test_the_guilty_row_stands_alone(self) -> None:
        table = Table(guilty(13))
        results = await submitted(GroupCommit(table.write), range(20))
        assert results[13] == Unwritable("CheckViolationError 23514")
        assert [r for n, r in enumerate(results) if n != 13] == [f"row {n}" for n in range(20) if n != 13]

    @pytest.mark.parametrize("wrong", [range(0, 200, 2), range(200), (0, 199), range(90, 110)])
    async def test_many_guilty_rows_among_two_hundred(self, wrong: Sequence[int]) -> None:
        table = Table(guilty(*wrong))
        results = await submitted(GroupCommit(table.write), range(200))
        assert [n for n, r in enumerate(results) if isinstance(r, Unwritable)] == list(wrong)
        assert table.rows() == [n for n in range(200) if n not in wrong], "in order, each once"

    async def test_a_text_of_the_server_is_not_repeated(self) -> None:
        table = Table(lambda _: asyncpg.UniqueViolationError("Key (name)=(made-up canary) already exists"))
        (result,) = await submitted(GroupCommit(table.write), [1])
        assert isinstance(result, Unwritable)
        assert "canary" not in result.reason


class TestDown:
    @pytest.mark.parametrize(
        "error",
        [
            ConnectionRefusedError(),
            TimeoutError(),
            asyncpg.InterfaceError("connection is closed"),
            asyncpg.CannotConnectNowError("starting up"),
            asyncpg.AdminShutdownError("bye"),
            asyncpg.DiskFullError("no space left"),
            asyncpg.TooManyConnectionsError("too many"),
            asyncpg.ReadOnlySQLTransactionError("standby"),
            asyncpg.ConnectionDoesNotExistError("cut"),
        ],
        ids=lambda error: type(error).__name__,
    )
    async def test_everybody_is_told_and_nothing_is_split(self, error: Exception) -> None:
        table = Table(lambda _: error)
        results = await submitted(GroupCommit(table.write), range(50))
        assert all(isinstance(r, JournalDown) for r in results)
        assert len(table.calls) == 1

    async def test_it_comes_back(self) -> None:
        errors = [ConnectionResetError()]
        table = Table(lambda _: errors.pop() if errors else None)
        group = GroupCommit(table.write)
        assert isinstance((await submitted(group, [1]))[0], JournalDown)
        assert await submitted(group, [1]) == ["row 1"]

    async def test_down_in_the_middle_of_a_split_is_told_to_the_rest_only(self) -> None:
        table = Table(
            lambda batch: (
                ConnectionResetError() if min(batch) >= 4 else asyncpg.CheckViolationError("x") if 1 in batch else None
            )
        )
        results = await submitted(GroupCommit(table.write), range(8))
        assert [type(r) for r in results] == [str, Unwritable, str, str, *[JournalDown] * 4]

    async def test_where_the_journal_goes_away_nothing_gets_ahead(self) -> None:
        """The first part finds it away; the second must not be written before the first comes again."""
        table = Table(lambda batch: ConnectionResetError() if batch == [0, 1] else guilty(2)(batch))
        results = await GroupCommit(table.write).submit_all(range(4))
        assert [type(r) for r in results] == [JournalDown] * 4
        assert table.calls == [[0, 1, 2, 3], [0, 1]]


class TestAgain:
    async def test_a_deadlock_repeats_the_same_batch(self) -> None:
        errors: list[Exception] = [asyncpg.DeadlockDetectedError("x"), asyncpg.SerializationError("y")]
        table = Table(lambda _: errors.pop() if errors else None)
        assert await submitted(GroupCommit(table.write), range(3)) == ["row 0", "row 1", "row 2"]
        assert table.calls == [[0, 1, 2]] * 3

    async def test_a_deadlock_without_end_is_an_answer(self) -> None:
        table = Table(lambda _: asyncpg.DeadlockDetectedError("x"))
        results = await submitted(GroupCommit(table.write), range(3))
        assert all(isinstance(r, JournalDown) for r in results)
        assert len(table.calls) == 5

    async def test_a_lock_that_was_waited_for_long_is_an_answer_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hub.journal.group_commit._REPEATING_SECONDS", -1.0)
        table = Table(lambda _: asyncpg.LockNotAvailableError("x"))
        results = await submitted(GroupCommit(table.write), range(3))
        assert all(isinstance(r, JournalDown) for r in results)
        assert len(table.calls) == 1

    async def test_a_guilty_row_after_a_deadlock_is_still_found(self) -> None:
        errors: list[Exception] = [asyncpg.DeadlockDetectedError("x")]
        table = Table(lambda batch: errors.pop() if errors else guilty(1)(batch))
        results = await submitted(GroupCommit(table.write), range(3))
        assert [type(r) for r in results] == [str, Unwritable, str]


class TestBugs:
    async def test_a_bug_reaches_every_caller(self, shouts: list[BaseException]) -> None:
        table = Table(lambda _: ZeroDivisionError())
        results = await submitted(GroupCommit(table.write), range(30))
        assert {type(r) for r in results} == {ZeroDivisionError}
        await asyncio.sleep(0)
        assert [type(e) for e in shouts] == [ZeroDivisionError]

    async def test_a_bug_in_half_of_a_split_leaves_nobody_waiting(self, shouts: list[BaseException]) -> None:
        table = Table(
            lambda batch: (
                asyncpg.CheckViolationError("x") if len(batch) == 8 else ZeroDivisionError() if 0 in batch else None
            )
        )
        results = await submitted(GroupCommit(table.write), range(8))
        assert [type(r) for r in results] == [*[ZeroDivisionError] * 4, *[str] * 4]
        await asyncio.sleep(0)
        assert [type(e) for e in shouts] == [ZeroDivisionError]

    @pytest.mark.parametrize("answers", [[], ["one"], ["one", "two", "three"]])
    async def test_a_write_that_answers_too_little_or_too_much_is_a_bug(
        self, shouts: list[BaseException], answers: list[str]
    ) -> None:
        async def write(batch: Sequence[int]) -> Sequence[str]:
            return answers

        results = await submitted(GroupCommit(write), [1, 2])
        assert {type(r) for r in results} == {AssertionError}
        await asyncio.sleep(0)
        assert len(shouts) == 1

    async def test_after_a_bug_the_next_is_written(self, shouts: list[BaseException]) -> None:
        errors = [ZeroDivisionError(), ZeroDivisionError(), ZeroDivisionError()]
        table = Table(lambda _: errors.pop() if errors else None)
        group = GroupCommit(table.write, in_flight=1)
        for _ in range(3):
            assert isinstance((await submitted(group, [1]))[0], ZeroDivisionError)
        assert await submitted(group, [1]) == ["row 1"]


class TestCancelledAndClosed:
    async def test_a_cancelled_callers_row_is_written_all_the_same(self) -> None:
        table = Table()
        table.gate.clear()
        group = GroupCommit(table.write)
        gone = asyncio.create_task(group.submit(1))
        stays = asyncio.create_task(group.submit(2))
        await table.entered.wait()
        gone.cancel()
        table.gate.set()
        assert await stays == "row 2"
        assert gone.cancelled() or await asyncio.wait({gone})
        assert table.rows() == [1, 2]

    async def test_a_caller_cancelled_before_a_bug_harms_nobody(self, shouts: list[BaseException]) -> None:
        table = Table(lambda _: ZeroDivisionError())
        table.gate.clear()
        group = GroupCommit(table.write)
        gone, stays = asyncio.create_task(group.submit(1)), asyncio.create_task(group.submit(2))
        await table.entered.wait()
        gone.cancel()
        await asyncio.wait({gone})
        table.gate.set()
        with pytest.raises(ZeroDivisionError):
            await stays

    async def test_close_writes_what_waits_and_returns_when_nothing_is_under_way(self) -> None:
        table = Table()
        group = GroupCommit(table.write, rows=3, linger=3600, in_flight=1)
        callers = [asyncio.create_task(group.submit(n)) for n in range(8)]
        await asyncio.sleep(0)
        async with asyncio.timeout(WITHIN):
            await group.close()
        assert table.under_way == 0
        assert table.rows() == list(range(8))
        assert [await caller for caller in callers] == [f"row {n}" for n in range(8)]

    async def test_closing_what_never_ran_is_closing(self) -> None:
        group = GroupCommit(Table().write)
        await group.close()
        await group.close()
