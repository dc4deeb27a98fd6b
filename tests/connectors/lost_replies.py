# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a lost reply ends, for every kind of ours that sends: what is promised of a repeat, and what becomes of the delivery.

``LINES`` is the table; docs/connectors.md has it in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from connectors.sdk import Idempotency
from tests.connectors.eaten_replies import (
    Opened,
    amqp,
    carrier,
    centre,
    database,
    files,
    gateway,
    http,
    platform,
    post_office,
    seals,
)
from tests.connectors.far_database import DatabaseFarSide, QueryableDatabase
from tests.connectors.far_http import HttpFarSide, QueryableFarSide
from tests.connectors.far_soap import QueryableSoapFarSide, SoapFarSide


class Ends(StrEnum):
    """What becomes of a delivery in doubt."""

    REPEATED = "repeated"
    """Sent again under the same key, which the far side keeps: one effect."""
    ASKED = "asked"
    """The far side is asked, and only what it never had is sent again."""
    PERSON = "person"
    """It waits for a person."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """One line of the table. ``reached``: how often the message gets there in all; twice where the far side itself must know
    the key again, and once where the connector looks first, or writes over what lies there.
    """

    kind: str
    at: str
    promised: Idempotency
    ends: Ends
    opened: Opened
    reached: int = 1
    needs: str = ""
    """The fixture that is handed to ``opened``."""

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.at}-{self.ends}" if self.at else f"{self.kind}-{self.ends}"


NATIVE, QUERYABLE, NONE = Idempotency.NATIVE, Idempotency.QUERYABLE, Idempotency.NONE
REPEATED, ASKED, PERSON = Ends.REPEATED, Ends.ASKED, Ends.PERSON


def _soap(version: str) -> Sequence[Lost]:
    return (
        Lost(kind="soap", at=version, promised=NATIVE, ends=REPEATED, reached=2,
             opened=http(lambda folder: SoapFarSide(folder, version))),
        Lost(kind="soap", at=version, promised=QUERYABLE, ends=ASKED,
             opened=http(lambda folder: QueryableSoapFarSide(folder, version))),
        Lost(kind="soap", at=version, promised=NONE, ends=PERSON,
             opened=http(lambda folder: SoapFarSide(folder, version), idempotency="none")),
    )  # fmt: skip


def _front_db(make: str) -> Sequence[Lost]:
    return (
        Lost(kind="front_db", at=make, promised=NATIVE, ends=REPEATED, needs=f"{make}_server",
             opened=database(DatabaseFarSide)),
        Lost(kind="front_db", at=make, promised=QUERYABLE, ends=ASKED, needs=f"{make}_server",
             opened=database(QueryableDatabase)),
    )  # fmt: skip


def _file_drop(by: str, server: str) -> Sequence[Lost]:
    return (
        Lost(kind="file_drop", at=by, promised=NATIVE, ends=REPEATED, needs=server,
             opened=files(idempotency="native")),
        Lost(kind="file_drop", at=by, promised=QUERYABLE, ends=ASKED, needs=server, opened=files()),
        Lost(kind="file_drop", at=by, promised=NONE, ends=PERSON, needs=server, opened=files(idempotency="none")),
    )  # fmt: skip


LINES: Sequence[Lost] = (
    Lost(kind="rest", at="", promised=NATIVE, ends=REPEATED, reached=2, opened=http(lambda _: HttpFarSide())),
    Lost(kind="rest", at="", promised=QUERYABLE, ends=ASKED, opened=http(lambda _: QueryableFarSide())),
    Lost(kind="rest", at="", promised=NONE, ends=PERSON, opened=http(lambda _: HttpFarSide(), idempotency="none")),
    *_soap("1.1"),
    *_soap("1.2"),
    Lost(kind="amqp", at="", promised=NATIVE, ends=REPEATED, reached=2, needs="rabbitmq", opened=amqp()),
    Lost(kind="amqp", at="", promised=NONE, ends=PERSON, needs="rabbitmq", opened=amqp(idempotency="none")),
    *_front_db("postgres"),
    *_front_db("mariadb"),
    *_file_drop("sftp", "sshd"),
    *_file_drop("ftp", "ftpd"),
    Lost(kind="e_seal", at="", promised=QUERYABLE, ends=ASKED, opened=seals(asked=True)),
    Lost(kind="e_seal", at="", promised=NONE, ends=PERSON, opened=seals(asked=False)),
    Lost(kind="logistics", at="sf", promised=NATIVE, ends=REPEATED, opened=carrier("sf")),
    Lost(kind="logistics", at="ems", promised=NATIVE, ends=REPEATED, opened=carrier("ems")),
    Lost(kind="logistics", at="ems", promised=NONE, ends=PERSON, opened=carrier("ems", query_type=None)),
    Lost(kind="sharing_platform", at="", promised=NATIVE, ends=REPEATED, opened=platform),
    Lost(kind="mail", at="", promised=NONE, ends=PERSON, opened=post_office),
    Lost(kind="sms_cmpp", at="", promised=NONE, ends=PERSON, opened=gateway),
    Lost(kind="sms_smpp", at="", promised=NONE, ends=PERSON, opened=centre),
)

NO_NETWORK: Mapping[str, str] = MappingProxyType({
    "mailbox": "the message lies in the hub's own journal until the department fetches it: nothing is sent",
    "ferry": "a bundle is put into a folder of this machine, and the other end answers by bundles of its own: lost and late ones "
    "are tried in tests/connectors/ferry/test_stream.py",
})  # fmt: skip
"""Kinds that send and have no reply of a network to lose, each with the reason."""
