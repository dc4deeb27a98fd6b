# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department behind a network gap is certified by the other end of its own streams, acknowledgements included."""

from pathlib import Path

import pytest

from hub.sandbox.scenarios import SCENARIOS
from tests.sandbox.conftest import REST, Ground

FERRY = """\
    connector: ferry
    settings:
      stream: city-to-housing-1
      state: /var/lib/govhub/ferry/out
      key_secret: ferry-key
      peer_keys: [/etc/govhub/trust/housing.pem]
{seal}      outbox: /srv/gap/to-housing
      acks: /srv/gap/from-housing-acks
sources:
  housing-out:
    system: housing
    connector: ferry
    settings:
      stream: housing-to-city-1
      state: /var/lib/govhub/ferry/in
      key_secret: ferry-key
      peer_keys: [/etc/govhub/trust/housing.pem]
{seal}      inbox: /srv/gap/from-housing
      acks: /srv/gap/to-housing-acks
routes: routes.yaml
"""


def ferried(ground: Ground, *, sealed: bool, speaks: bool = True) -> Path:
    section = FERRY.format(seal="      seal_secret: ferry-seal\n" if sealed else "")
    if not speaks:
        section = section[: section.index("sources:")] + "routes: routes.yaml\n"

    def change(text: str) -> str:
        text = text[: text.index("    connector: rest")] + section
        return text.replace("secrets:\n", "secrets:\n  ferry-key: env:FERRY_KEY\n  ferry-seal: env:FERRY_SEAL\n")

    return ground.copy(REST, govhub=change)


@pytest.mark.parametrize("sealed", [False, True], ids=["signed", "sealed"])
async def test_a_department_behind_a_gap_is_certified_in_every_scenario(ground: Ground, *, sealed: bool) -> None:
    report = await ground.report(ferried(ground, sealed=sealed))
    told = [(one.name, one.result, [f.code for f in one.findings if f.severity != "info"]) for one in report.outcomes]
    assert told == [(scenario.name, "passed", []) for scenario in SCENARIOS]
    assert (report.complete, report.connector, report.idempotency) == (True, "ferry", "native")
    [untried] = report.general
    assert all(name in untried.text.zh for name in ("outbox", "peer_keys"))


async def test_a_lost_acknowledgement_is_got_over_by_a_second_bundle(ground: Ground) -> None:
    one = await ground.outcome(ferried(ground, sealed=False), "lost-answer")
    assert (one.result, one.seconds > 2) == ("passed", True), "it is sent again after three seconds, and only then"


async def test_a_department_that_only_receives_bundles_speaks_to_the_interface(ground: Ground) -> None:
    one = await ground.outcome(ferried(ground, sealed=False, speaks=False), "plain")
    assert (one.result, [f for f in one.findings if f.severity == "error"]) == ("passed", [])


async def test_what_the_hub_refuses_of_a_bundle_is_told(ground: Ground) -> None:
    folder = ferried(ground, sealed=False)
    file = folder / "govhub.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("      - cn.gov.acceptance.decided\n", ""), "utf-8")
    one = await ground.outcome(folder, "plain", seconds=12)
    assert "E_NOT_ALLOWED" in {f.code for f in one.findings if f.severity == "error"}
