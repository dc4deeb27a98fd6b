# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Mails as they arrive at a server of other makers, what replies mean, and what a script of the simulator comes to."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail import CONNECTOR
from connectors.mail.bounce import NoNotification, read_bounce
from connectors.mail.config import MailConfig
from connectors.mail.judging import Stage, judged
from connectors.mail.simulator import MailOptions, MailServer, Step
from connectors.sdk import Accepted, Answer, Answers, Context, Delivered, InDoubt, Parcel, Rejected, Unavailable
from connectors.sdk.hearing import MemoryAnswers
from contracts.families.services import notice_dispatched
from tests.connectors.far_mail import MailFarSide, notification

NOTICE = notice_dispatched.CONTRACT.examples[1].data
ONE = "0" * 40 + "@example.invalid"


def letter(key: str = "key-1", **changes: Any) -> Parcel:
    return Parcel(idempotency_key=key, content_type="application/json", body=orjson.dumps({**NOTICE, **changes}))


def settings(address: str, **more: Any) -> MailConfig:
    host, _, port = address.rpartition(":")
    plain = {"host": host, "port": int(port), "tls": "none", "sender": "hub@example.invalid"}
    return MailConfig.model_validate({**plain, "timeout_seconds": 1, **more})


async def test_a_notice_arrives_as_a_letter(context: Context) -> None:
    async with (
        MailFarSide(carries="notice", to=None, sender_name="示例区政务服务") as far,
        CONNECTOR.sink(MailConfig.model_validate(far.settings), context) as sink,
    ):
        outcomes = [await sink.send(letter()), await sink.send(letter())]
    first, again = far.mails
    assert far.recipients == [NOTICE["address"]] * 2
    assert (str(first["Subject"]), first.get_content().strip()) == (NOTICE["title"], NOTICE["text"])
    assert (str(first["To"]), first["From"].addresses[0].display_name) == (NOTICE["address"], "示例区政务服务")
    assert first["Auto-Submitted"] == "auto-generated"
    # The same key is the same Message-ID: a repeat can be recognised.
    assert str(first["Message-ID"]) == str(again["Message-ID"])
    assert outcomes == [Delivered(str(first["Message-ID"]).strip("<>"))] * 2


@pytest.mark.parametrize(
    "changes",
    [{"title": "a\r\nBcc: x@example.invalid"}, {"address": "a@b\r\nRCPT TO:<c@d>"}, {"address": "两@example.invalid"}],
)
async def test_nothing_breaks_out_of_its_header(context: Context, changes: dict[str, str]) -> None:
    async with MailServer() as server, CONNECTOR.sink(settings(server.address), context) as sink:
        outcome = await sink.send(letter(**changes))
    assert isinstance(outcome, Rejected)
    assert server.taken == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"channel": "sms"}', b'{"channel": "mail", "address": 1}'])
async def test_what_is_no_notice_is_refused(context: Context, body: bytes) -> None:
    async with MailServer() as server, CONNECTOR.sink(settings(server.address), context) as sink:
        outcome = await sink.send(Parcel(idempotency_key="k", content_type="application/json", body=body))
    assert outcome == Rejected("MAIL_NO_NOTICE", outcome.detail if isinstance(outcome, Rejected) else "")


@pytest.mark.parametrize(
    ("step", "kind", "taken"),
    [
        (Step.OK, Delivered, 1),
        (Step.REFUSE, Rejected, 0),
        (Step.BUSY, Unavailable, 0),
        (Step.SPAM, Rejected, 0),
        (Step.CUT, InDoubt, 1),
        (Step.LOST, Unavailable, 0),
        (Step.HANG, InDoubt, 1),
        (Step.BOUNCE, Delivered, 1),
    ],
)
async def test_the_simulator_does_as_its_script_says(context: Context, step: Step, kind: type, taken: int) -> None:
    async with MailServer([step]) as server, CONNECTOR.sink(settings(server.address), context) as sink:
        outcome = await sink.send(letter())
        after = await sink.send(letter("key-2"))
    assert (type(outcome), len(server.taken)) == (kind, taken + 1)
    assert isinstance(after, Delivered)


@pytest.mark.parametrize(
    ("stage", "code", "expected"),
    [
        (Stage.GREETING, 535, Unavailable("SMTP_535: greeting 5.7.8")),
        (Stage.SENDER, 550, Unavailable("SMTP_550: sender 5.7.8")),
        (Stage.SENDER, 552, Rejected("SMTP_552", "sender 5.7.8")),
        (Stage.RECIPIENT, 550, Rejected("SMTP_550", "recipient 5.7.8")),
        (Stage.RECIPIENT, 451, Unavailable("SMTP_451: recipient 5.7.8")),
        (Stage.DATA, 554, Rejected("SMTP_554", "data 5.7.8")),
        (Stage.DATA, 421, Unavailable("SMTP_421: data 5.7.8")),
    ],
)
def test_a_reply_means_what_its_stage_makes_of_it(stage: Stage, code: int, expected: Rejected | Unavailable) -> None:
    assert judged(stage, code, "5.7.8 <somebody@example.invalid>: no") == expected


async def test_a_server_that_nobody_vouches_for_is_told_nothing(context: Context) -> None:
    async with (
        MailFarSide(carries="notice", to=None, tls="starttls") as far,
        CONNECTOR.sink(MailConfig.model_validate(far.settings), context) as sink,
    ):
        outcome = await sink.send(letter())
    assert isinstance(outcome, Unavailable)
    assert far.mails == []
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    "changes",
    [{"user": "a"}, {"user": "a", "password_secret": "b"}, {"carries": "parcel"}, {"to": "a@example.invalid"}],
)
def test_settings_that_contradict_themselves(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="MailConfig"):
        settings("127.0.0.1:25", **changes)


class TestBounces:
    async def test_what_comes_back_is_the_final_answer(
        self, tmp_path: Path, context_with: Callable[[Answers], Context]
    ) -> None:
        answers, folder = MemoryAnswers(), {"maildir": str(tmp_path), "every_seconds": 0.05}
        script = [Step.BOUNCE, Step.OK]
        async with (
            MailServer(script, options=MailOptions(maildir=str(tmp_path))) as server,
            CONNECTOR.sink(settings(server.address, bounces=folder), context_with(answers)) as sink,
        ):
            outcomes = [await sink.send(letter()), await sink.send(letter("key-2"))]
            told = await answers.until_given(2)
        first, second = (one.reference for one in outcomes if isinstance(one, Accepted))
        assert {one.reference: one.outcome for one in told} == {
            first: Rejected("BOUNCED", "5.1.1"),
            second: Delivered("2.0.0"),
        }

    async def test_what_is_answered_is_marked_and_what_is_foreign_is_kept_for_people(
        self, tmp_path: Path, context_with: Callable[[Answers], Context]
    ) -> None:
        for name in ("new", "cur", "tmp"):
            (tmp_path / name).mkdir()
        (tmp_path / "new" / "1").write_bytes(notification(ONE))
        (tmp_path / "new" / "2").write_bytes(b"Subject: hello\r\n\r\nnot a report")
        answers = MemoryAnswers(away=True)
        folder = {"maildir": str(tmp_path), "every_seconds": 0.01}
        async with CONNECTOR.sink(settings("127.0.0.1:1", bounces=folder), context_with(answers)):
            await answers.until_given(2)  # the journal is away, so it is given again
            assert (tmp_path / "new" / "1").exists()
            answers.away = False
            await answers.until_given(len(answers.given) + 1)
        assert [one.name for one in (tmp_path / "cur").glob("2:*")] == ["2:2,F"]
        assert set(answers.final) == {ONE}

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ("failed", Answer(ONE, Rejected("BOUNCED", "5.1.1"))),
            ("delivered", Answer(ONE, Delivered("5.1.1"))),
            ("delayed", None),
            ("dancing", NoNotification("NO_ACTION")),
        ],
    )
    def test_a_report_is_read(self, content: str, expected: object) -> None:
        assert read_bounce(notification(ONE, content), "example.invalid") == expected

    def test_a_report_of_somebody_elses_mail_is_not_ours(self) -> None:
        assert read_bounce(notification(ONE), "other.invalid") == NoNotification("NOT_OURS")
        assert read_bounce(notification("x@example.invalid"), "example.invalid") == NoNotification("NOT_OURS")

    @given(st.binary(max_size=400))
    def test_anything_is_read_without_a_bug(self, noise: bytes) -> None:
        whole = notification(ONE)
        for content in (noise, whole[:200] + noise + whole[200:], whole[: len(noise) * 2]):
            read_bounce(content, "example.invalid")
