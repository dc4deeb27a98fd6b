# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators do in the console: they see what is wrong, and set it right."""

import pytest
from playwright.async_api import TimeoutError as Timeout

from tests.browser.conftest import ACCOUNT, APPROVER, PASSWORD, VIEWER, Desk
from tests.hub.api.house import application, new_case

pytestmark = pytest.mark.timeout(180)

HOUSING = "[data-screen=overview] tr[data-destination=housing]"
DIALOG = ".el-dialog"


async def send(desk: Desk, *cases: str) -> None:
    for case in cases:
        status, _, answer = await desk.town.house.send(application(case))
        assert status == 202, answer


async def decide(desk: Desk, reason: str) -> None:
    """Give the reason and do it."""
    await desk.page.fill(f"{DIALOG} #reason", reason)
    await desk.page.click(f"{DIALOG} button[type=submit]")
    try:
        await desk.page.wait_for_selector(DIALOG, state="hidden")
    except Timeout as error:
        raise AssertionError(await desk.text(DIALOG)) from error


async def test_nobody_sees_anything_before_signing_in(desk: Desk) -> None:
    await desk.open("failures")
    await desk.page.wait_for_selector("#account")
    assert await desk.page.locator("table").count() == 0
    await desk.page.fill("#account", ACCOUNT)
    await desk.page.fill("#password", "not this one")
    await desk.page.keyboard.press("Enter")
    await desk.until_text("[role=alert]", "E_SIGN_IN")


async def test_a_department_that_goes_away_is_seen_and_its_return_too(desk: Desk) -> None:
    await desk.sign_in()
    await desk.town.housing.go_away()
    try:
        await send(desk, *(new_case() for _ in range(4)))
        await desk.until_text(HOUSING, "无应答")
        await desk.until_text("section[role=status]", "housing 无应答")
    finally:
        await desk.town.housing.come_back()
    await desk.until_text(f"{HOUSING} td", "正常")
    await desk.page.locator("section[role=status]", has_text="housing 无应答").wait_for(state="hidden")


async def test_pausing_asks_why_says_what_goes_on_and_is_recorded(desk: Desk) -> None:
    await desk.sign_in()
    await desk.page.click(f"{HOUSING} button")
    assert "受理照常" in await desk.text(DIALOG)
    assert await desk.page.is_disabled(f"{DIALOG} button[type=submit]")
    await decide(desk, "系统升级")
    await desk.until_text(HOUSING, "已暂停")
    await desk.until_text(HOUSING, "系统升级")
    await desk.page.click(f"{HOUSING} button")
    await decide(desk, "升级完成")
    await desk.until_text(f"{HOUSING} td", "正常")
    await desk.open("acts")
    await desk.until_text("[data-screen=acts]", "升级完成")
    assert ACCOUNT in await desk.text("[data-screen=acts]")


async def test_a_failed_group_is_replayed_in_three_acts_and_the_job_survives_a_reload(desk: Desk) -> None:
    cases = [new_case() for _ in range(8)]
    desk.town.housing.status = 422
    await desk.sign_in()
    await send(desk, *cases)
    await desk.until_text("section[role=status] a", "8 件投递失败")
    await desk.page.click("section[role=status] a")
    desk.town.housing.status = 200
    await desk.page.click("[data-screen=failures] a")  # one
    await desk.page.locator("button", has_text="重放").first.click()  # two
    await desk.until_text(DIALOG, "将重新发送 8 件")
    await decide(desk, "对方已修复")  # three
    await desk.page.wait_for_selector("[data-replay]")
    await desk.page.reload()
    await desk.page.wait_for_selector("[data-replay][data-state=finished]")
    await desk.until_text("[data-replay]", "8 / 8")
    await desk.open(f"cases/{cases[0]}")
    await desk.until_text("[data-screen=timeline]", "对方已修复")
    await desk.until_text("[data-screen=timeline]", "已送达")


async def test_discarding_wants_the_number_typed(desk: Desk) -> None:
    desk.town.housing.status = 422
    await desk.sign_in()
    await send(desk, new_case(), new_case())
    await desk.until_text("section[role=status] a", "2 件投递失败")
    await desk.page.click("section[role=status] a")
    await desk.page.locator("[data-screen=failures] tr", has_text="失败").locator("a").first.click()
    await desk.page.locator("button", has_text="放弃").first.click()
    await desk.page.fill(f"{DIALOG} #reason", "重复的测试办件")
    assert await desk.page.is_disabled(f"{DIALOG} button[type=submit]")
    await desk.page.fill(f"{DIALOG} #typed", "2")
    await desk.page.click(f"{DIALOG} button[type=submit]")
    await desk.page.wait_for_selector(DIALOG, state="hidden")
    await desk.until_text("h1", " 0")


async def test_much_is_discarded_only_when_a_second_person_has_approved_just_that(desk: Desk, other_desk: Desk) -> None:
    desk.town.housing.status = 422
    await desk.sign_in()
    await send(desk, *(new_case() for _ in range(6)))
    await desk.until_text("section[role=status] a", "6 件投递失败")
    await desk.page.click("section[role=status] a")
    await desk.page.locator("[data-screen=failures] tr", has_text="失败").locator("a").first.click()
    await desk.page.locator("button", has_text="放弃").first.click()
    await desk.page.fill(f"{DIALOG} #typed", "6")
    await desk.page.fill(f"{DIALOG} #reason", "整批测试办件")
    await desk.page.click(f"{DIALOG} button[type=submit]")
    await desk.until_text(f"{DIALOG} [role=status]", "第二人")
    await other_desk.sign_in(APPROVER)
    await other_desk.open("acts")
    await other_desk.until_text("[data-screen=approvals]", "整批测试办件")
    await other_desk.page.locator("[data-screen=approvals] button", has_text="批准").first.click()
    await decide(other_desk, "已核对")
    await desk.page.click(f"{DIALOG} button[type=submit]")
    await desk.page.wait_for_selector(DIALOG, state="hidden")
    await desk.until_text("h1", " 0")
    await other_desk.until_text("[data-screen=acts]", "整批测试办件")


async def test_one_box_finds_what_a_number_is_of(desk: Desk) -> None:
    case = new_case()
    await desk.sign_in()
    await send(desk, case)
    await desk.page.fill("#search", case)
    await desk.page.keyboard.press("Enter")
    await desk.until_text("[data-screen=case]", case)
    await desk.page.fill("#search", "no such number")
    await desk.page.keyboard.press("Enter")
    await desk.until_text("header form [role=status]", "没有找到")
    await desk.page.keyboard.press("Escape")
    await desk.page.locator("header form [role=status]").wait_for(state="hidden")


async def test_an_alarm_opens_with_its_condition_and_closes_with_it(desk: Desk) -> None:
    await desk.sign_in()
    await desk.open("alarms")
    await desk.until_text("[data-screen=alarms]", "没有告警")
    await desk.town.housing.go_away()
    try:
        await send(desk, *(new_case() for _ in range(4)))
        await desk.until_text("[data-alarm]", "housing")
    finally:
        await desk.town.housing.come_back()
    await desk.until_text("[data-screen=alarms]", "没有告警")


async def test_systems_are_shown_with_what_they_may_and_where_they_are_reached(desk: Desk) -> None:
    await desk.sign_in()
    await desk.open("systems")
    row = desk.page.locator("[data-screen=systems] tr", has_text="housing")
    await row.first.wait_for()
    assert "正常" in await row.first.inner_text()


async def test_who_may_only_look_sees_why_the_buttons_are_off(desk: Desk) -> None:
    await desk.sign_in(VIEWER)
    assert await desk.page.is_disabled(f"{HOUSING} button")
    assert "权限" in str(await desk.page.get_attribute(f"{HOUSING} span:has(> button)", "title"))


async def test_a_session_that_ends_elsewhere_in_mid_act_does_nothing_and_says_so(desk: Desk) -> None:
    await desk.sign_in()
    await desk.page.click(f"{HOUSING} button")
    token = await desk.page.evaluate("sessionStorage.getItem('govhub.session')")
    async with desk.town.house.http.post(
        f"{desk.town.house.url}/v1/operator/sign-out", headers={"Authorization": f"Bearer {token}"}, json={}
    ) as answer:
        assert answer.status == 204
    await desk.page.wait_for_selector("#account")
    await desk.until_text("[role=status]", "会话已结束")
    await desk.page.fill("#account", ACCOUNT)
    await desk.page.fill("#password", PASSWORD)
    await desk.page.keyboard.press("Enter")
    await desk.until_text(f"{HOUSING} td", "正常")


async def test_what_a_far_side_says_is_shown_as_text(desk: Desk) -> None:
    """A stored attack by way of a note: no element comes of it, and no script runs."""
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    desk.town.housing.status = 422
    await desk.sign_in()
    await send(desk, new_case())
    await desk.until_text("section[role=status] a", "投递失败")
    await desk.page.click("section[role=status] a")
    await desk.page.locator("[data-screen=failures] a").first.click()
    await desk.page.fill("#note", attack)
    await desk.page.locator("button", has_text="保存备注").click()
    await desk.page.locator("header a", has_text="故障").click()
    await desk.until_text("[data-screen=failures] td", "<img src=x")
    assert await desk.page.locator("[data-screen=failures] img").count() == 0


async def test_both_languages_and_themes_are_kept(desk: Desk) -> None:
    await desk.sign_in()
    await desk.page.select_option("header select >> nth=1", "en")
    await desk.until_text("h1", "Overview")
    await desk.page.select_option("header select >> nth=0", "dark")
    assert await desk.page.evaluate("document.documentElement.classList.contains('dark')")
    await desk.page.reload()
    await desk.until_text("h1", "Overview")
    assert await desk.page.evaluate("document.documentElement.lang") == "en"


async def test_the_keyboard_reaches_everything(desk: Desk) -> None:
    """From the address bar to a paused department without a mouse."""
    await desk.sign_in()
    for _ in range(60):
        await desk.page.keyboard.press("Tab")
        inside = await desk.page.evaluate(f"document.activeElement.closest('{HOUSING}') !== null")
        if inside:
            break
    assert inside
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_selector(f"{DIALOG} #reason")
    await desk.page.keyboard.press("Escape")
    await desk.page.wait_for_selector(DIALOG, state="hidden")


@pytest.mark.parametrize("place", ["overview", "failures", "waiting", "cases", "routes", "systems", "alarms", "acts"])
async def test_every_screen_fits_a_small_screen(desk: Desk, place: str) -> None:
    await desk.sign_in()
    await desk.open(place)
    await desk.page.wait_for_selector("h1")
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_who_signed_in_is_known_again_after_a_reload_though_the_hub_was_away(desk: Desk) -> None:
    """What they may is asked for until it is told: no button stays off because of one lost answer."""
    await desk.sign_in()
    await desk.page.route("**/ops/v1/session", lambda route: route.abort(), times=1)
    await desk.page.reload()
    await desk.until_text("header .who", ACCOUNT)
    assert await desk.page.is_enabled(f"{HOUSING} button")
