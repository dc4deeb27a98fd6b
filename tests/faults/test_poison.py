# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""D5 and F10: messages that crash, hang or block their connector harm nobody else, and are found out."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import orjson
import pytest

from tests.faults.client import application, client
from tests.faults.harm import Harm, installed
from tests.faults.row import Row, p99
from tests.faults.sizes import chosen
from tests.faults.stand import HOUSING, Place, Servers, Stand

SIZE = chosen()
ATTEMPTS = 3
"""Of those that the connector answers itself."""
POISON = 5
"""Of those after which nobody knows what happened, because the connector broke."""
NEIGHBOURS = 12
HARMS: tuple[Harm, ...] = get_args(Harm)
pytestmark = pytest.mark.timeout(SIZE.row_seconds)


def harmed(folder: Path) -> Sequence[Place]:
    """A destination for every harm, each in a process of its own, as third parties' are."""
    return [
        Place(
            name=harm, sources=(harm,), connector="harm", timeout=2.0,
            settings={"harm": harm, "book": str(folder / f"{harm}.book"), "block_seconds": 5.0},
            section={
                "retry": {"attempts": ATTEMPTS, "first_seconds": 0.2, "longest_seconds": 0.5}, "concurrency": 8,
                "fence": {"folders": [str(folder)]},
            },
        )
        for harm in HARMS
    ]  # fmt: skip


async def test_d5_f10_poison_harms_itself_alone(
    servers: Servers, repetition: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("poison")
    places = [HOUSING, *harmed(folder)]
    with installed() as environment:
        async with Stand(
            servers, folder / "stand", f"poison-{repetition}", hubs=1, places=places, sources=("load", *HARMS),
            environment=environment,
        ) as stand, Row(stand, "D5 F10", SIZE, repetition, seed) as row:  # fmt: skip
            await row.flowing(10)
            begun = time.monotonic()
            await asyncio.gather(*(send_all(stand, harm) for harm in HARMS))
            await until_settled(stand)
            ended = time.monotonic()
            for harm in HARMS:
                await found_out(row, harm, folder / f"{harm}.book.poisoned")
                delivered = [orjson.loads(one)["case"] for one in (folder / f"{harm}.book").read_bytes().splitlines()]
                row.check(len(set(delivered)) >= NEIGHBOURS, f"D5 {harm}: {len(set(delivered))} neighbours delivered")
            blocked = [line for line in stand.log_of("hub-1") if line["event"] == "connector blocked"]
            row.check(any("hold" in str(line) for line in blocked), "F10: no stack of the blocked connector in the log")
            delays = [delay for accepted, delay, _ in row.delays("housing").values() if begun <= accepted <= ended]
            row.within("p99 of the others meanwhile", p99(delays), SIZE.calm)


async def send_all(stand: Stand, harm: Harm) -> None:
    """One poisoned case among its neighbours."""
    url = stand.urls["hub-1"]
    async with client(harm) as sender:
        cases = [f"well-{harm}-{n}" for n in range(NEIGHBOURS)]
        cases.insert(NEIGHBOURS // 2, f"poison-{harm}")
        answers = await asyncio.gather(*(sender.post(url, application(harm, case, case)) for case in cases))
        assert {answer.status for answer in answers} == {202}


async def until_settled(stand: Stand) -> None:
    connection = await stand.connect()
    try:
        async with asyncio.timeout(120):
            while await connection.fetchval(
                "select count(*) from delivery_open where destination = any($1::text[]) and state <> 'dead'",
                list(HARMS),
            ):
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def found_out(row: Row, harm: Harm, poisoned: Path) -> None:
    """The poisoned one is dead after exactly so many attempts, with its reason; no neighbour lost an attempt."""
    connection = await row.stand.connect()
    try:
        dead = await connection.fetch(
            "select case_no, failures, code, detail from delivery_open where destination = $1", harm
        )
        repeated = await connection.fetch(
            """select m.case_no, count(*) from attempt a join message m on m.id = a.message_id
               where a.destination = $1 and m.case_no like 'well-%' group by 1 having count(*) > 1""", harm,
        )  # fmt: skip
        counted = await connection.fetchval(
            """select count(*) from attempt a join message m on m.id = a.message_id
               where a.destination = $1 and m.case_no like 'poison-%' and a.detail not like 'HOST_RESTARTING%'""",
            harm,
        )  # fmt: skip
    finally:
        await connection.close()
    row.check(
        [one["case_no"] for one in dead] == [f"poison-{harm}"], f"D5 {harm}: dead are {[dict(one) for one in dead]}"
    )
    sends = len(poisoned.read_bytes().splitlines())
    allowed = ATTEMPTS if harm == "nack" else POISON
    row.check(counted == allowed, f"D5 {harm}: {counted} attempts, {allowed} are allowed")
    row.check(sends <= allowed, f"D5 {harm}: sent {sends} times, {allowed} are allowed")
    row.check(all(one["code"] and one["detail"] for one in dead), f"D5 {harm}: a dead letter without its reason")
    # Those that are in the same process when it dies are in doubt with it, and are sent again one at a time.
    row.figures[f"neighbours sent again, {harm}"] = len(repeated)
    row.check(not repeated or harm in {"crash", "block"}, f"D5 {harm}: {len(repeated)} neighbours lost an attempt")
