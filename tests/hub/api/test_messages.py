# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Handing messages over, and asking what became of them."""

from tests.hub.api.house import House, application


async def test_a_message_is_answered_with_its_receipt(house: House) -> None:
    event = application()
    status, headers, receipt = await house.send(event)
    assert status == 202, house.logged.calls
    assert receipt["id"] == event["id"]
    assert receipt["case"] == event["subject"]
    assert headers["Govhub-Message"] == receipt["message"]
    assert headers["Location"] == f"/v1/messages/{receipt['message']}"
    status, message = await house.get(headers["Location"])
    assert status == 200
    assert message["receipt"] == receipt
    assert {d["destination"] for d in message["deliveries"]} == {"civil-affairs", "archives"}
