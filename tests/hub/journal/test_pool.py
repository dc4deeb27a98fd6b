# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What an error of the database means, tried on errors that a real server and client make."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub.journal.pool import DATABASE_ERRORS, JournalPool, Trouble, down, open_pool, trouble
from hub.journal.queries import query
from tests.faults.proxy import Proxy, Weather


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[JournalPool]:
    opened = await open_pool(dsn)
    await opened.execute("create table t (id integer primary key check (id < 100), name text)")
    yield opened
    await opened.close()


async def error_of(pool: JournalPool, statement: str, *arguments: object) -> BaseException:
    try:
        await pool.execute(statement, *arguments)
    except BaseException as error:  # noqa: BLE001  # because whatever comes is what is asked about
        return error
    pytest.fail("it went through")


class TestTrouble:
    @pytest.mark.parametrize(
        ("statement", "arguments"),
        [
            ("insert into t values ($1)", (100,)),
            ("insert into t values ($1, $2)", (1, "a\x00b")),
            ("insert into t values ($1, $2)", (1, "a\ud800b")),
            ("insert into t values ($1)", (2**40,)),
            ("insert into t values ($1)", ("one",)),
            ("insert into t values (1), (1)", ()),
            ("select 1 / 0", ()),
            ("select repeat('x', 2000000000)", ()),
        ],
        ids=["check", "nul", "surrogate", "too large", "wrong type", "key", "arithmetic", "too long"],
    )
    async def test_a_row_that_cannot_be_written_is_guilty(
        self, pool: JournalPool, statement: str, arguments: tuple[object, ...]
    ) -> None:
        error = await error_of(pool, statement, *arguments)
        assert isinstance(error, DATABASE_ERRORS)
        assert trouble(error) is Trouble.GUILTY

    async def test_a_backend_that_is_ended_is_down(self, pool: JournalPool) -> None:
        error = await error_of(pool, "select pg_terminate_backend(pg_backend_pid())")
        assert isinstance(error, DATABASE_ERRORS)
        assert trouble(error) is Trouble.DOWN

    @pytest.mark.parametrize("how", ["prompt", "acquire"])
    async def test_a_connection_that_ends_between_preparing_and_beginning_is_down(
        self, pool: JournalPool, how: str
    ) -> None:
        async def cut_short() -> None:
            async with getattr(pool, how)() as connection:
                await connection.fetch("select 1")  # prepared by now, as the driver remembers
                driver = connection._con
                driver.terminate()
                await driver._execute("select 1", (), 0, None)

        with pytest.raises(DATABASE_ERRORS) as raised:
            await cut_short()
        assert trouble(raised.value) is Trouble.DOWN

    async def test_a_mistake_of_ours_stays_one(self, pool: JournalPool) -> None:
        async def mistaken() -> None:
            async with pool.prompt() as connection:
                connection.no_such_thing  # noqa: B018  # because to look it up is the mistake

        with pytest.raises(AttributeError):
            await mistaken()

    def test_a_connection_in_a_state_that_the_driver_did_not_foresee_is_down(self) -> None:
        """Only at the right instant does a killed server leave one behind; :mod:`tests.hub.test_trial` may meet it."""
        error = asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")
        assert isinstance(error, DATABASE_ERRORS)
        assert trouble(error) is Trouble.DOWN

    async def test_a_server_that_only_reads_is_down(self, pool: JournalPool) -> None:
        async with pool.acquire() as connection:
            await connection.execute("set default_transaction_read_only = on")
            with pytest.raises(DATABASE_ERRORS) as caught:
                await connection.execute("insert into t values (1)")
        assert trouble(caught.value) is Trouble.DOWN

    async def test_a_statement_that_takes_too_long_is_down(self, pool: JournalPool) -> None:
        with pytest.raises(DATABASE_ERRORS) as caught:
            await pool.execute("select pg_sleep(20)", timeout=0.05)
        assert trouble(caught.value) is Trouble.DOWN

    async def test_a_deadlock_is_worth_another_try(self, pool: JournalPool) -> None:
        await pool.execute("insert into t values (1), (2)")
        both = asyncio.Barrier(2)

        async def cross(first: int, second: int) -> BaseException | None:
            async with pool.acquire() as connection:
                try:
                    async with connection.transaction():
                        await connection.execute("set local deadlock_timeout = '10ms'")
                        await connection.execute("update t set name = 'x' where id = $1", first)
                        await both.wait()
                        await connection.execute("update t set name = 'y' where id = $1", second)
                except DATABASE_ERRORS as error:
                    return error
            return None

        async with asyncio.timeout(30):
            ends = await asyncio.gather(cross(1, 2), cross(2, 1))
        (error,) = [end for end in ends if end is not None]
        assert trouble(error) is Trouble.AGAIN

    async def test_a_lock_that_is_not_to_be_had_is_worth_another_try(self, pool: JournalPool) -> None:
        async with pool.acquire() as holder, holder.transaction():
            await holder.execute("lock table t")
            with pytest.raises(DATABASE_ERRORS) as caught:
                async with pool.acquire() as late, late.transaction():
                    await late.execute("lock table t nowait")
        assert trouble(caught.value) is Trouble.AGAIN

    async def test_no_server_is_down(self) -> None:
        with pytest.raises(DATABASE_ERRORS) as caught:
            await open_pool("postgresql://nobody@127.0.0.1:1/nothing")
        assert trouble(caught.value) is Trouble.DOWN


class TestDown:
    async def test_it_names_class_and_state_and_quotes_nothing(self, pool: JournalPool) -> None:
        error = await error_of(pool, "insert into t values ($1, 'made-up canary')", 100)
        assert "canary" in repr(error) + str(getattr(error, "detail", ""))
        assert down(error).reason == "CheckViolationError 23514"

    def test_an_error_without_a_state_is_its_class(self) -> None:
        assert down(ConnectionRefusedError(111, "canary")).reason == "ConnectionRefusedError"


async def test_commits_of_the_pool_are_durable_and_times_are_utc(pool: JournalPool) -> None:
    async with pool.acquire() as connection:
        shown = {name: await connection.fetchval(f"show {name}") for name in ("synchronous_commit", "timezone", "jit")}
    assert shown == {"synchronous_commit": "on", "timezone": "UTC", "jit": "off"}


async def test_nobody_waits_for_ever_for_a_connection(dsn: str) -> None:
    narrow = await open_pool(dsn, size=1, patience=0.05)
    async with narrow.acquire():
        error = await error_of(narrow, "select 1")
    assert isinstance(error, DATABASE_ERRORS)
    assert trouble(error) is Trouble.DOWN
    assert await narrow.fetchval("select 1") == 1
    await narrow.close()


async def test_whoever_returns_a_connection_leaves_no_transaction_on_it(dsn: str) -> None:
    narrow = await open_pool(dsn, size=1)
    connection = await narrow.take()
    await connection.transaction().start()
    await narrow.release(connection)
    async with narrow.acquire() as again:
        assert not again.is_in_transaction()
    await narrow.close()


class TestAtHand:
    """Connections that were given back in order are taken again without the driver's pool."""

    async def test_one_session_serves_one_after_the_other(self, pool: JournalPool) -> None:
        sessions = {(await pool.promptly("select pg_backend_pid() as n"))[0]["n"] for _ in range(5)}
        assert len(sessions) == 1

    async def test_one_that_has_ended_meanwhile_is_passed_over(self, dsn: str, pool: JournalPool) -> None:
        ended = asyncio.Event()
        async with pool.prompt() as connection:
            session = connection.get_server_pid()
            connection.add_termination_listener(lambda _: ended.set())
        other = await asyncpg.connect(dsn)
        await other.execute("select pg_terminate_backend($1)", session)
        await other.close()
        async with asyncio.timeout(10):
            await ended.wait()
        assert (await pool.promptly("select pg_backend_pid() as n"))[0]["n"] != session

    async def test_whoever_waits_for_one_gets_it(self, dsn: str) -> None:
        narrow = await open_pool(dsn, size=1)
        async with narrow.prompt():
            waiting = asyncio.create_task(narrow.fetchval("select 1"))
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            assert await waiting == 1
        await narrow.close()

    async def test_a_transaction_that_was_left_open_is_not_passed_on(self, dsn: str) -> None:
        narrow = await open_pool(dsn, size=1)
        async with narrow.prompt() as connection:
            await connection.transaction().start()
        async with narrow.prompt() as again:
            assert not again.is_in_transaction()
        await narrow.close()


class TestSilence:
    """A network that swallows everything ends no connection."""

    @pytest.fixture
    async def line(self, dsn: str) -> AsyncIterator[Proxy]:
        async with Proxy(urlsplit(dsn).port or 0) as proxy:
            yield proxy

    @pytest.fixture
    async def afar(self, dsn: str, line: Proxy) -> AsyncIterator[JournalPool]:
        url = urlsplit(dsn)
        opened = await open_pool(
            urlunsplit(url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{line.port}"))
        )
        yield opened
        line.reset()
        await opened.close()

    async def test_a_silent_connection_is_cut_and_those_of_its_age_are_not_used_again(
        self, afar: JournalPool, line: Proxy
    ) -> None:
        async with afar.acquire() as one, afar.acquire() as two:  # two connections, both idle from here on
            assert await one.fetchval("select 1") == await two.fetchval("select 1") == 1
        line.change(Weather(held=True))
        with pytest.raises(DATABASE_ERRORS) as caught:
            async with asyncio.timeout(5), afar.prompt(0.2) as connection, connection.transaction():
                pytest.fail("nothing answers")
        assert trouble(caught.value) is Trouble.DOWN
        line.clear(half_open=True)
        async with asyncio.timeout(5):
            assert [row["n"] for row in await afar.promptly("select 1 as n")] == [1]

    async def test_a_transaction_that_the_network_cut_off_gives_its_locks_back(
        self, dsn: str, pool: JournalPool, line: Proxy
    ) -> None:
        await pool.execute("insert into t values (1)")
        url = urlsplit(dsn)
        cut_off = await open_pool(
            urlunsplit(url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{line.port}")), stuck=0.3
        )

        async def cut_in_the_middle() -> None:
            async with asyncio.timeout(5), cut_off.prompt(0.2) as connection, connection.transaction():
                await connection.execute("update t set name = 'x' where id = 1")
                line.change(Weather(held=True))
                await connection.execute("select 1")

        with pytest.raises(DATABASE_ERRORS):
            await cut_in_the_middle()
        line.clear(half_open=True)  # so the server never hears of the end
        async with asyncio.timeout(5):
            await pool.promptly("update t set name = 'y' where id = 1")
        line.reset()
        await cut_off.close()

    async def test_a_session_cut_off_in_the_middle_of_a_statement_is_ended_by_who_comes_back(
        self, pool: JournalPool, afar: JournalPool, line: Proxy
    ) -> None:
        """It has read half of a statement, so it does not count as idle: no time-out of the server would ever end it."""
        await pool.execute("insert into t values (1)")

        async def cut_in_the_middle() -> None:
            async with asyncio.timeout(5), afar.prompt(0.3) as connection, connection.transaction():
                await connection.execute("update t set name = $1 where id = 1", "x")
                line.change(Weather(mute=True))
                await connection.fetchval("select 1 from t where id = $1", 1)

        with pytest.raises(DATABASE_ERRORS):
            await cut_in_the_middle()
        line.clear(half_open=True)
        states = (
            "select state from pg_stat_activity where application_name = 'govhub' and query like 'select 1 from t%'"
        )
        assert await pool.fetchval(states) == "active"
        async with asyncio.timeout(3):
            assert [row["n"] for row in await afar.promptly("select 1 as n")] == [1]
            await pool.promptly("update t set name = 'y' where id = 1")

    async def test_a_server_that_lets_nobody_end_sessions_is_worked_with_all_the_same(
        self, afar: JournalPool, line: Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        refused = "select (1 / 0)::text, $1::integer[], $2::timestamptz[]"
        monkeypatch.setattr("hub.journal.pool.query", lambda name: refused if name == "end_sessions" else query(name))

        async def unheard() -> None:
            async with asyncio.timeout(5), afar.prompt(0.2) as connection:
                line.change(Weather(mute=True))
                await connection.execute("select 1")

        with pytest.raises(DATABASE_ERRORS):
            await unheard()
        line.clear(half_open=True)
        async with asyncio.timeout(5):
            assert [row["n"] for row in await afar.promptly("select 1 as n")] == [1]

    async def test_a_hub_that_stood_still_in_a_transaction_does_it_again(self, dsn: str) -> None:
        sleepy = await open_pool(dsn, stuck=0.01)
        ended = asyncio.Event()

        async def stand_still() -> None:
            async with sleepy.acquire() as connection, connection.transaction():
                connection.add_termination_listener(lambda _: ended.set())
                await connection.execute("select 1")
                await asyncio.wait_for(ended.wait(), 5)
                await connection.execute("select 1")

        with pytest.raises(DATABASE_ERRORS) as caught:
            await stand_still()
        assert trouble(caught.value) in {Trouble.AGAIN, Trouble.DOWN}
        await sleepy.close()

    async def test_nobody_queues_for_a_lock_without_end(self, pool: JournalPool) -> None:
        async with pool.acquire() as one:
            await one.execute("set lock_timeout = '50ms'")
            async with pool.acquire() as holder, holder.transaction():
                assert await holder.fetchval("show lock_timeout") == "4s"
                await holder.execute("lock table t")
                with pytest.raises(DATABASE_ERRORS) as caught:
                    await one.execute("insert into t values (2)")
        assert trouble(caught.value) is Trouble.AGAIN

    async def test_a_pool_with_a_silent_connection_closes_all_the_same(
        self, afar: JournalPool, line: Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hub.journal.pool.PROMPT_SECONDS", 0.2)
        await afar.promptly("select 1")
        line.change(Weather(held=True))
        async with asyncio.timeout(5):
            await afar.close()

    async def test_a_server_that_cannot_be_reached_is_not_waited_for_without_end(
        self, afar: JournalPool, line: Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(afar, "_patience", 0.2)
        line.reset()
        line.change(Weather(held=True))
        async with asyncio.timeout(5):
            for _ in range(3):  # the first ones may find that their connection was reset
                with pytest.raises(DATABASE_ERRORS):
                    async with afar.prompt(0.2) as connection:
                        await connection.execute("select 1")
        line.clear()
