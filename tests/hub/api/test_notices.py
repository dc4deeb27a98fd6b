# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The preview of a notice at the API: its words and its length, before anybody is sent anything."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from hub.outlet import Machine, Outlet
from tests.hub.api.house import House
from tests.hub.api.test_dead import post
from tests.hub.api.test_description import description, holds
from tests.support.notices import platform

__all__ = ["description"]  # a fixture

PREVIEW = "/v1/notices/preview"
ITEM = [{"name": "item", "value": "测试事项"}]


@pytest.fixture
def platforms(house: House, tmp_path: Path) -> Iterator[Any]:
    """Have so many destinations be message platforms."""
    outlets = cast("dict[str, Outlet]", house.hub.outlets)
    before = dict(outlets)

    def platforms(*names: str) -> None:
        for name in names:
            answers = house.hub.answers.of(name)
            outlets[name] = replace(outlets[name], machine=Machine(platform(tmp_path), "portal", answers))

    yield platforms
    outlets.clear()
    outlets.update(before)


async def test_a_notice_is_seen_as_it_will_be_read(house: House, description: dict[str, Any], platforms: Any) -> None:
    platforms("archives")
    status, seen = await post(house, PREVIEW, {"template_id": "accepted", "parameters": ITEM}, "portal")
    _, own = await post(house, PREVIEW, {"text": "长" * 100, "title": "通知", "signature": "住建局"}, "portal")

    holds(description, "NoticePreview", seen)
    assert (status, seen["text"]) == (200, "【示例区政务服务】您申请的测试事项已受理。")
    assert (seen["title"], seen["alphabet"], seen["places"], seen["segments"]) == ("受理通知", "ucs2", 21, 1)
    assert (own["title"], own["text"], own["segments"]) == ("通知", "【住建局】" + "长" * 100, 2)


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        ({"template_id": "none"}, "$.template_id"),
        ({"template_id": "accepted"}, "$.parameters.item"),
        ({"template_id": "accepted", "parameters": [{"name": "item", "value": "【冒名】"}]}, "$.parameters.item"),
        ({}, "$"),
        ({"template_id": "accepted", "text": "a"}, "$"),
        ({"text": "a", "platform": "nobody"}, "$.platform"),
        ({"text": "a", "signature": "【"}, "$.signature"),
        ({"text": "a", "shout": True}, "$.shout"),
    ],
)
async def test_what_cannot_be_shown_is_told_with_its_place(
    house: House, platforms: Any, draft: dict[str, Any], path: str
) -> None:
    platforms("archives")
    status, problem = await post(house, PREVIEW, draft, "portal")

    assert (status, problem["code"]) == (422, "E_BODY_INVALID")
    assert [one["path"] for one in problem["violations"]] == [path]
    assert "冒名" not in str(problem)


async def test_of_several_platforms_one_is_named(house: House, platforms: Any) -> None:
    platforms("archives", "civil-affairs")
    unsaid, _ = await post(house, PREVIEW, {"text": "a"}, "portal")
    said, _ = await post(house, PREVIEW, {"text": "a", "platform": "archives"}, "portal")

    assert (unsaid, said) == (422, 200)


async def test_without_a_platform_there_is_nothing_to_preview(house: House) -> None:
    status, problem = await post(house, PREVIEW, {"text": "a"}, "portal")

    assert (status, problem["code"]) == (404, "E_NOT_FOUND")
