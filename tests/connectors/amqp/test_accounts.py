# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department's own queues on our broker, for a client of other makers (amqplib): its own, and nothing else."""

import asyncio
import json
import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import yaml
from typer.testing import CliRunner

from certs.api_key import digest_of
from connectors.amqp.accounts import Account, definitions, password_hash
from contracts.catalogue import builtin
from hub.cli.main import app
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.missing import missing
from tests.support.node import REMEDY
from tests.support.rabbitmq import RabbitNode

_HERE = Path(__file__).resolve().parent
PORTAL_KEY = "ghk_made-up-key-of-portal"
_DEPARTMENTS = ("housing", "civil")

wheel = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A broker with the accounts of two departments, and the deployment that they come from."""

    config: Path
    address: str
    passwords: Path

    async def peer(self, user: str, *words: str) -> dict[str, Any]:
        """What amqplib is told, as this user."""
        node = shutil.which("node")
        if node is None or not (_HERE / "node_modules/amqplib").is_dir():
            missing(REMEDY)
        password = (self.passwords / user).read_text(encoding="ascii").strip()
        process = await asyncio.create_subprocess_exec(
            node, _HERE / "peer.mjs", *words,
            env={**os.environ, "AMQP_URL": f"amqp://{user}:{password}@{self.address}"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, err.decode()
        said: dict[str, Any] = json.loads(out)
        return said


def deployment(folder: Path, node: RabbitNode, vhost: str, journal: str) -> Path:
    """A portal, and two departments with queues of their own."""
    at = urlsplit(node.url)
    folder.mkdir(exist_ok=True)
    (folder / "mq").write_text("made-up-hub-password", encoding="ascii")
    broker = {"url": f"amqp://{at.hostname}:{at.port}/{vhost}", "user": "hub-exchange", "password_secret": "mq"}
    return write_deployment(
        folder,
        {
            "hub": {"listen": "127.0.0.1:0"},
            "journal": journal,
            "secrets": {"mq": "file:mq"},
            "systems": {
                "portal": {"keys": [digest_of(PORTAL_KEY)], "sends": ["cn.gov.application.submitted"]},
                **{name: {"sends": ["cn.gov.acceptance.decided"]} for name in _DEPARTMENTS},
            },
            "destinations": {
                "portal": {"system": "portal", "connector": "mailbox"},
                **{
                    name: {"system": name, "connector": "amqp", "settings": {**broker, "routing_key": f"{name}.in"}}
                    for name in _DEPARTMENTS
                },
            },
            "sources": {
                f"{name}-out": {
                    "system": name,
                    "connector": "amqp",
                    "settings": {**broker, "queue": f"{name}.out", "refused_queue": f"{name}.refused"},
                }
                for name in _DEPARTMENTS
            },
        },
        [
            {"name": "applications", "when": {"source": "portal"}, "to": ["housing"]},
            {"name": "results", "when": {"source": list(_DEPARTMENTS)}, "to": ["portal"]},
        ],
    )


def accounts(config: Path, folder: Path, *more: str) -> tuple[int, str]:
    words = ["connectors", "amqp-users", "-c", str(config), "--out", str(folder / "definitions.json")]
    result = CliRunner().invoke(app, [*words, "--passwords", str(folder / "passwords"), *more])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
async def exchange(private_rabbitmq: RabbitNode, tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """One for all tests here: none of them changes what the broker allows."""
    await private_rabbitmq.ensure_running()
    folder = tmp_path_factory.mktemp("exchange")
    config = deployment(folder, private_rabbitmq, "exchange", "embedded")
    code, told = accounts(config, folder, "--json")
    assert code == 0, told
    await private_rabbitmq.control("import_definitions", str(folder / "definitions.json"))
    at = urlsplit(private_rabbitmq.url)
    return Exchange(config, f"{at.hostname}:{at.port}/exchange", folder / "passwords")


async def test_a_department_reads_its_own_queue_and_speaks_to_its_own_exchange(exchange: Exchange) -> None:
    assert await exchange.peer("housing", "try", "consume", "housing.in") == {"allowed": True}
    assert await exchange.peer("housing", "try", "consume", "housing.refused") == {"allowed": True}
    assert await exchange.peer("housing", "try", "publish", "housing.out", "") == {"allowed": True}
    assert await exchange.peer("housing", "try", "forge", "housing.out", "housing") == {"allowed": True}


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (["consume", "civil.in"], 403),
        (["consume", "civil.refused"], 403),
        (["consume", "civil.out"], 403),
        (["consume", "housing.out"], 403),
        (["declare", "housing.new"], 403),
        (["exchange", "housing.new"], 403),
        (["delete", "housing.in"], 403),
        (["bind", "housing.in", "civil.out"], 403),
        (["bind", "civil.in", "housing.out"], 403),
        (["publish", "", "civil.in"], 403),
        (["publish", "", "housing.out"], 403),
        (["publish", "civil.out", ""], 403),
        (["publish", "amq.fanout", ""], 403),
        (["purge", "civil.in"], 403),
        (["forge", "housing.out", "civil"], 406),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
async def test_everything_else_is_refused(exchange: Exchange, act: list[str], code: int) -> None:
    assert await exchange.peer("housing", "try", *act) == {"allowed": False, "code": code}


@wheel
async def test_messages_go_both_ways_through_a_running_hub(
    rabbit_node: RabbitNode, exchange: Exchange, journal_dsn: str, tmp_path: Path
) -> None:
    vhost = exchange.address.rpartition("/")[2]
    hub = HubProcess(deployment(tmp_path, rabbit_node, vhost, journal_dsn))
    await hub.start()
    try:
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {PORTAL_KEY}"}) as http:
            case = "510500-20260302-000001"
            async with http.post(
                f"{hub.url}/v1/messages", json=event("cn.gov.application.submitted", "portal", case),
                headers={"Content-Type": "application/cloudevents+json"},
            ) as answer:  # fmt: skip
                assert answer.status == 202, await answer.text()
            taken = await exchange.peer("housing", "take", "housing.in")
            assert json.loads(taken["body"])["case_no"] == case

            spoken = tmp_path / "spoken.json"
            spoken.write_text(json.dumps(event("cn.gov.acceptance.decided", "housing", case)), encoding="utf-8")
            assert await exchange.peer("housing", "say", "housing.out", str(spoken)) == {"confirmed": True}
            async with http.get(f"{hub.url}/v1/mailbox/portal?wait=30") as answer:
                assert answer.status == 200
                [message] = (await answer.json())["messages"]
                assert (message["event"]["source"], message["event"]["subject"]) == ("housing", case)

            # In another's name: the queue says whose words they are.
            spoken.write_text(json.dumps(event("cn.gov.acceptance.decided", "civil", case)), encoding="utf-8")
            await exchange.peer("housing", "say", "housing.out", str(spoken))
            codes: list[str] = []  # what the other tests published was refused as well, and stands before it
            while not codes or codes[-1] == "E_CONTENT_TYPE":
                refused = await exchange.peer("housing", "take", "housing.refused")
                codes.append(refused["headers"]["govhub-code"])
            assert codes[-1] == "E_SOURCE_FOREIGN"
    finally:
        assert await hub.stop() == 0, hub.log()


def event(contract: str, source: str, case: str) -> dict[str, Any]:
    (known, *_) = builtin().versions(contract)
    return {
        "specversion": "1.0", "id": f"{source}-{contract}", "source": source, "type": contract, "subject": case,
        "dataschema": known.schema_uri, "data": {**known.examples[0].data, known.subject: case},
    }  # fmt: skip


def test_every_permission_that_is_made_has_a_rule_and_belongs_to_its_department(
    rabbit_node: RabbitNode, tmp_path: Path
) -> None:
    """The sweep over the bus: nothing is allowed that no destination, source and grant of the same system explains."""
    config = deployment(tmp_path, rabbit_node, "x", "embedded")
    code, told = accounts(config, tmp_path, "--json")
    assert code == 0, told
    rules = {user["user"]: user["rules"] for user in json.loads(told)["users"]}
    made = json.loads((tmp_path / "definitions.json").read_text(encoding="utf-8"))
    names = [one["name"] for one in (*made["queues"], *made["exchanges"])]
    for one in made["permissions"]:
        assert one["configure"] == "^$"
        if one["user"] == "hub-exchange":  # the hub's own: it fills and reads every queue here, and no other exchange
            assert one["write"] == r"^(amq\.default)$"
            continue
        reached = {name for name in names for key in ("read", "write") if re.match(one[key], name)}
        assert reached == set(rules[one["user"]]), one
        for queue, rule in rules[one["user"]].items():
            assert queue.startswith(f"{one['user']}."), rule
            assert re.fullmatch(rf"(destinations|sources)\.{one['user']}(-out)? systems\.{one['user']}\.\S+", rule), (
                rule
            )
    assert sorted(rules) == sorted(_DEPARTMENTS)


def test_a_department_that_may_receive_nothing_reads_no_queue(rabbit_node: RabbitNode, tmp_path: Path) -> None:
    config = deployment(tmp_path, rabbit_node, "x", "embedded")
    document = yaml.safe_load(config.read_text(encoding="utf-8"))
    document["systems"]["civil"] = {"receives": []}
    config.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    code, told = accounts(config, tmp_path, "--json")
    assert code == 0, told
    (civil,) = (user for user in json.loads(told)["users"] if user["user"] == "civil")
    assert (civil["reads"], civil["writes"], civil["rules"]) == ([], [], {})
    made = json.loads((tmp_path / "definitions.json").read_text(encoding="utf-8"))
    (permission,) = (one for one in made["permissions"] if one["user"] == "civil")
    assert {permission[key] for key in ("configure", "write", "read")} == {"^$"}


def test_passwords_are_kept_apart_and_stay(rabbit_node: RabbitNode, tmp_path: Path) -> None:
    config = deployment(tmp_path, rabbit_node, "x", "embedded")
    code, told = accounts(config, tmp_path)
    assert code == 0, told
    before = {name: (tmp_path / "passwords" / name).read_text(encoding="ascii") for name in _DEPARTMENTS}
    written = (tmp_path / "definitions.json").read_text(encoding="ascii")
    assert not any(password.strip() in written + told for password in before.values())
    assert all(stat.S_IMODE((tmp_path / "passwords" / name).stat().st_mode) == 0o600 for name in _DEPARTMENTS)
    assert accounts(config, tmp_path)[0] == 0
    assert before == {name: (tmp_path / "passwords" / name).read_text(encoding="ascii") for name in _DEPARTMENTS}


def test_a_queue_of_two_departments_is_refused(rabbit_node: RabbitNode, tmp_path: Path) -> None:
    config = deployment(tmp_path, rabbit_node, "x", "embedded")
    config.write_text(config.read_text(encoding="utf-8").replace("civil.in", "housing.in"), encoding="utf-8")
    code, told = accounts(config, tmp_path, "--json")
    assert (code, "housing.in" in json.loads(told)["error"]["zh"]) == (2, True)


def test_names_are_taken_literally() -> None:
    account = Account(user="a", reads=("a.in",), speaks=("a+out",), refused=())
    [permission, hub] = definitions("v", [account], {}, "hub")["permissions"]
    assert permission == {"user": "a", "vhost": "v", "configure": "^$", "write": r"^(a\+out)$", "read": r"^(a\.in)$"}
    assert (hub["configure"], hub["write"]) == ("^$", r"^(amq\.default)$")
    assert password_hash("test12", bytes.fromhex("908DC60A")) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
