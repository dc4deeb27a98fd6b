# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the README says works: its deployment loads, and its destination sends the platform's own message."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import yaml

from connectors import sms_smpp
from connectors.sdk import Accepted, Context, Parcel, Taken
from connectors.sdk.hearing import MemoryAnswers
from connectors.sms_smpp import CONNECTOR
from connectors.sms_smpp.simulator import Centre
from connectors.sms_smpp.simulator_words import Step
from contracts.catalogue import builtin
from hub.config.load import Loaded, load_deployment
from tests.connectors.sms_smpp.far_side import SECRETS

README = Path(sms_smpp.__file__).with_name("README.md").read_text("utf-8")
WRITTEN: dict[str, Any] = yaml.safe_load(README.partition("```yaml\n")[2].partition("```")[0])


def test_its_deployment_loads(tmp_path: Path) -> None:
    deployment = {"systems": {"carrier": {"sends": ["*"]}}, **WRITTEN}
    (tmp_path / "govhub.yaml").write_text(orjson.dumps(deployment).decode(), "utf-8")
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: sms}\n", "utf-8")
    loaded = load_deployment(tmp_path / "govhub.yaml")
    assert isinstance(loaded, Loaded), loaded


async def test_it_sends_what_the_platform_hands_to_a_channel(
    context: Context, parcel: Callable[..., Parcel], tmp_path: Path
) -> None:
    (contract, *_) = builtin().versions("cn.gov.notice.dispatched")
    lent = dataclasses.replace(context, answers=MemoryAnswers(), secret=SECRETS.__getitem__)
    async with Centre([Step.REPLY]) as gateway:
        settings = {**WRITTEN["destinations"]["sms"]["settings"], "port": gateway.port}
        incoming = {
            **WRITTEN["sources"]["sms-in"]["settings"], "port": gateway.port, "refused_folder": str(tmp_path),
        }  # fmt: skip
        async with (
            CONNECTOR.sink(CONNECTOR.config.model_validate(settings), lent) as sink,
            CONNECTOR.source(CONNECTOR.source_config.model_validate(incoming), lent) as source,
        ):
            outcome = await sink.send(parcel(body=orjson.dumps(contract.examples[0].data)))
            (item,) = await source.take()
            await source.settle([(item.token, Taken())])
            await gateway.until(lambda: not gateway.undelivered)
        text = gateway.taken[0].content.decode("utf-16-be")
    assert isinstance(outcome, Accepted)
    assert contract.examples[0].data["text"] == text
