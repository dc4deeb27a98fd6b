# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An independent client: what the official CloudEvents SDK writes is accepted as it is, and what it fetches it reads."""

import asyncio
import json

from cloudevents.core.bindings import http as sdk_http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as SdkEvent

from tests.hub.api.house import House, application, bearer

FORMAT = JSONFormat()


def sdk_event(house: House) -> SdkEvent:
    event = application(id="门户-“1”%", time=house.hub.clock.now(), datacontenttype="application/json")
    return SdkEvent({name: value for name, value in event.items() if name != "data"}, event["data"])


async def receipt_of(house: House, message: sdk_http.HTTPMessage) -> tuple[int, bytes]:
    async with house.http.post(
        f"{house.url}/v1/messages", data=message.body, headers={**message.headers, **bearer("portal")}
    ) as answer:
        return answer.status, await answer.read()


async def test_structured_and_binary_are_accepted_as_one_message(house: House) -> None:
    event = sdk_event(house)
    status, receipt = await receipt_of(house, sdk_http.to_structured(event, FORMAT))
    assert status == 202
    assert json.loads(receipt)["id"] == event.get_id()
    assert await receipt_of(house, sdk_http.to_binary(event, FORMAT)) == (202, receipt)


async def test_what_a_mailbox_gives_is_read_by_the_sdk(house: House) -> None:
    event = application()
    assert (await house.send(event))[0] == 202
    async with asyncio.timeout(30):
        while True:
            status, fetch = await house.fetch("archives")
            found = [m["event"] for m in fetch["messages"] if m["event"]["id"] == event["id"]] if status == 200 else []
            if found:
                break
    read = sdk_http.from_structured(
        sdk_http.HTTPMessage({"content-type": "application/cloudevents+json"}, json.dumps(found[0]).encode()), FORMAT
    )
    assert (read.get_id(), read.get_source(), read.get_subject()) == (event["id"], "portal", event["subject"])
