# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department with a message queue is certified on a real broker, on queues of the sandbox's own."""

from pathlib import Path

import pytest
from yarl import URL

from hub.bench.broker import free_ports
from hub.sandbox.scenarios import SCENARIOS
from tests.sandbox.conftest import REST, Ground
from tests.support.rabbitmq import RabbitNode

AMQP = """\
    connector: amqp
    settings:
      url: amqp://{at}
      user: housing
      routing_key: housing.in
      mode: {mode}
sources:
  housing-out:
    system: housing
    connector: amqp
    settings:
      url: amqp://{at}
      user: housing
      queue: housing.out
      {refused}
routes: routes.yaml
"""


def queued(
    ground: Ground,
    *,
    at: str = "mq.housing.invalid:5672",
    mode: str = "plain",
    refused: str = "refused_queue: housing.refused",
    speaks: bool = True,
) -> Path:
    section = AMQP.format(at=at, mode=mode, refused=refused)
    if not speaks:
        section = section[: section.index("sources:")] + "routes: routes.yaml\n"
    return ground.copy(REST, govhub=lambda text: text[: text.index("    connector: rest")] + section)


async def test_a_department_with_a_queue_is_certified_in_every_scenario(ground: Ground, rabbitmq: str) -> None:
    report = await ground.report(queued(ground), broker=rabbitmq)
    told = [(one.name, one.result, [f.code for f in one.findings if f.severity != "info"]) for one in report.outcomes]
    assert told == [(scenario.name, "passed", []) for scenario in SCENARIOS]
    assert (report.complete, report.connector, report.idempotency) == (True, "amqp", "native")
    [untried] = report.general
    assert all(name in untried.text.zh for name in ("routing_key", "queue", "user"))


async def test_a_slow_broker_and_a_lost_confirm_are_really_played(ground: Ground, rabbitmq: str) -> None:
    slow, lost = (await ground.report(queued(ground), "slow", "lost-answer", broker=rabbitmq)).outcomes
    assert (slow.result, slow.seconds > 1.5) == ("passed", True)
    assert lost.result == "passed"


async def test_a_reader_that_does_not_know_repeats_leaves_a_doubt(ground: Ground, rabbitmq: str) -> None:
    folder = queued(ground, mode="structured\n      idempotency: none")
    one = await ground.outcome(folder, "lost-answer", broker=rabbitmq)
    assert (one.result, [(f.code, f.severity) for f in one.findings]) == ("passed", [("S_IN_DOUBT", "warning")])


@pytest.mark.parametrize("refused", ["refused_queue: housing.refused", "dead_letter: true"])
async def test_what_the_hub_refuses_of_a_queue_is_told(ground: Ground, rabbitmq: str, refused: str) -> None:
    folder = queued(ground, refused=refused)
    file = folder / "govhub.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("      - cn.gov.acceptance.decided\n", ""), "utf-8")
    one = await ground.outcome(folder, "plain", seconds=12, broker=rabbitmq)
    assert "E_NOT_ALLOWED" in {f.code for f in one.findings if f.severity == "error"}


async def test_the_script_names_a_broker_and_no_queue_stays_there(
    ground: Ground, rabbit_node: RabbitNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_MQ", rabbit_node.url)
    folder = queued(ground, mode="binary", speaks=False)
    with (folder / "sandbox.yaml").open("a", encoding="utf-8") as file:
        file.write("broker: env:SANDBOX_MQ\n")
    one = await ground.outcome(folder, "plain")
    assert (one.result, [f for f in one.findings if f.severity == "error"]) == ("passed", [])
    assert "govhub-sandbox-" not in await rabbit_node.control("list_queues", "name")


async def test_the_destinations_own_broker_is_used_where_none_is_named(ground: Ground, rabbitmq: str) -> None:
    url = URL(rabbitmq)
    folder = queued(ground, at=f"{url.host}:{url.port}", speaks=False)
    file = folder / "govhub.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("user: housing", f"user: {url.user}"), "utf-8")
    one = await ground.outcome(folder, "withdrawal")
    assert one.result == "passed"


async def test_where_there_is_no_broker_the_trial_says_what_to_start(ground: Ground) -> None:
    [port] = free_ports(1)
    failure = await ground.failure(queued(ground), broker=f"amqp://u:hidden@127.0.0.1:{port}/")
    assert f"u@127.0.0.1:{port}" in failure.reason.zh
    assert "hidden" not in failure.reason.zh + failure.reason.en
    assert "docker run" in failure.remedy.zh
    assert "--broker" in failure.remedy.en


async def test_a_user_who_may_make_no_queues_is_told_of(ground: Ground, rabbit_node: RabbitNode) -> None:
    await rabbit_node.control("add_user", "sandbox-poor", "poor")
    await rabbit_node.control("set_permissions", "sandbox-poor", "^$", ".*", ".*")
    url = URL(rabbit_node.url).with_user("sandbox-poor").with_password("poor")
    failure = await ground.failure(queued(ground), broker=str(url))
    assert "govhub-sandbox-" in failure.remedy.en


@pytest.mark.parametrize("broker", ["http://mq.example.gov.cn/", "env:NOT_SET_ANYWHERE"])
async def test_a_broker_that_is_no_address_is_told(ground: Ground, broker: str) -> None:
    failure = await ground.failure(queued(ground), broker=broker)
    assert "amqp://" in failure.reason.en
    assert ("NOT_SET_ANYWHERE" in failure.reason.en) is broker.startswith("env:")
