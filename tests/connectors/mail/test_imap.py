# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Bounces by IMAP, at a server of other makers: read once, marked when they are settled, and never in the clear."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.mail.bounces import BounceReader
from connectors.mail.config import Bounces
from connectors.sdk import Answer, Context, Delivered, Heard, Rejected
from connectors.sdk.hearing import MemoryAnswers
from tests.connectors.far_mail import notification
from tests.connectors.mail.test_tls import certified
from tests.support.pymap import PASSWORD, USER, Pymap

DOMAIN = "example.invalid"
ONE, TWO = f"{'1' * 40}@{DOMAIN}", f"{'2' * 40}@{DOMAIN}"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Pymap]:
    async with Pymap(certified(tmp_path)) as running:
        await running.clear()
        yield running


def reader(server: Pymap, context: Context, tmp_path: Path, **changes: Any) -> BounceReader:
    imap = {
        "host": "127.0.0.1", "port": server.port, "tls": "starttls", "tls_ca_file": str(tmp_path / "127.0.0.1.pem"),
        "user": USER, "password_secret": "bounces", **changes,
    }  # fmt: skip
    return BounceReader(Bounces.model_validate({"imap": imap}), DOMAIN, context)


@dataclasses.dataclass
class Deaf:
    """Takes no answers for now."""

    asked: int = 0

    async def answered(self, answers: Any) -> list[Heard]:
        self.asked += len(answers)
        return [Heard.TOO_MANY] * len(answers)


async def test_what_became_of_mails_is_told_once_and_marked(
    server: Pymap, context: Context, secrets: dict[str, str], tmp_path: Path
) -> None:
    secrets["bounces"] = PASSWORD
    answers = MemoryAnswers()
    told = dataclasses.replace(context, answers=answers)
    await server.put(
        notification(ONE),
        b"From: somebody@example.invalid\r\n\r\nhello\r\n",
        notification(TWO, "delivered"),
    )
    box = reader(server, told, tmp_path)

    assert await server.flags() == ["\\Recent"] * 3 or await server.flags() == [""] * 3
    assert await box.look() == 3
    assert await box.look() == 0
    given = [(one.reference, type(one.outcome)) for one in _given(answers)]
    assert given == [(ONE, Rejected), (TWO, Delivered)]
    assert [flags.replace("\\Recent", "").strip() for flags in await server.flags()] == [
        "\\Seen", "\\Flagged \\Seen", "\\Seen",
    ]  # fmt: skip


def _given(answers: MemoryAnswers) -> list[Answer]:
    return list(answers.given)


async def test_what_nobody_takes_now_is_read_again(
    server: Pymap, context: Context, secrets: dict[str, str], tmp_path: Path
) -> None:
    secrets["bounces"] = PASSWORD
    await server.put(notification(ONE))
    deaf = Deaf()
    assert await reader(server, dataclasses.replace(context, answers=deaf), tmp_path).look() == 0
    assert deaf.asked == 1
    answers = MemoryAnswers()
    assert await reader(server, dataclasses.replace(context, answers=answers), tmp_path).look() == 1


@pytest.mark.parametrize("wrong", ["password", "certificate", "folder", "port"])
async def test_a_server_that_does_not_let_us_in_is_told_once_without_its_words(
    server: Pymap, context: Context, secrets: dict[str, str], tmp_path: Path, wrong: str
) -> None:
    secrets["bounces"] = "wrong" if wrong == "password" else PASSWORD
    (tmp_path / "other").mkdir()
    wrongs: dict[str, dict[str, Any]] = {
        "password": {},
        "certificate": {"tls_ca_file": str(certified(tmp_path / "other"))},
        "folder": {"folder": "nobody"},
        "port": {"port": 9},
    }
    await server.put(notification(ONE))
    answers = MemoryAnswers()
    box = reader(server, dataclasses.replace(context, answers=answers), tmp_path, **wrongs[wrong])
    assert [await box.look(), await box.look()] == [0, 0]
    assert _given(answers) == []


@pytest.mark.parametrize(
    "bounces",
    [
        {},
        {"maildir": "/a", "imap": {"host": "a", "user": "b", "password_secret": "c"}},
        {"imap": {"host": "a", "user": "b", "password_secret": "c", "folder": 'a"'}},
        {"imap": {"host": "a", "user": "b", "password_secret": "c", "tls": "none"}},
    ],
)
def test_one_place_and_never_in_the_clear(bounces: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Bounces.model_validate(bounces)
