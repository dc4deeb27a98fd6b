# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a connection is found by the scenario it belongs to, and told with its remedy."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.located import Fault
from hub.sandbox.script import read_folder
from tests.sandbox.conftest import REST, Ground


def replacing(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


async def test_a_department_that_only_fetches_is_certified(ground: Ground) -> None:
    folder = ground.copy(
        govhub=lambda text: text[: text.index("    connector: rest")] + "    connector: mailbox\nroutes: routes.yaml\n"
    )
    report = await ground.report(folder, "plain", "slow", "lost-answer", "duplicate", seconds=60)
    results = {one.name: one.result for one in report.outcomes}
    assert results == {"plain": "passed", "duplicate": "passed", "slow": "skipped", "lost-answer": "passed"}
    assert (report.connector, report.passed) == ("mailbox", True)


async def test_an_answer_that_the_rules_do_not_take_is_found(ground: Ground) -> None:
    folder = ground.copy(sandbox=replacing('"code": "0"', '"code": "9"'))
    one = await ground.outcome(folder, "plain")
    assert one.result == "failed"
    assert [(f.code, f.severity) for f in one.findings] == [("S_DEAD", "error")]


async def test_a_missing_route_is_found_with_its_remedy(ground: Ground) -> None:
    folder = ground.copy(routes=replacing("cn.gov.correction.supplied, ", ""))
    one = await ground.outcome(folder, "correction")
    [error] = [f for f in one.findings if f.severity == "error"]
    assert (one.result, error.code) == ("failed", "E_UNROUTABLE")
    assert error.remedy.zh


async def test_a_route_back_that_is_missing_is_found(ground: Ground) -> None:
    folder = ground.copy(routes=lambda text: text[: text.index("  - name: results-to-portal")])
    one = await ground.outcome(folder, "plain")
    assert "E_UNROUTABLE" in [f.code for f in one.findings]


async def test_a_contract_that_the_department_may_not_send_is_found(ground: Ground) -> None:
    folder = ground.copy(govhub=replacing("      - cn.gov.process.step\n", ""))
    one = await ground.outcome(folder, "plain")
    assert "E_NOT_ALLOWED" in [f.code for f in one.findings]


async def test_an_encoding_without_rare_characters_is_found(ground: Ground) -> None:
    """GB/T 39046's own encoding is GB2312, which has none of them."""
    folder = ground.copy(
        mapping=lambda _: "map: 1\ntitle: {zh: 国标, en: standard}\nextends: gbt39046\n",
        sandbox=replacing("item_code_kind: local, ", ""),
        govhub=replacing("cn.gov.acceptance.decided: [2], ", ""),
        routes=replacing(", cn.gov.correction.supplied, cn.gov.collection.recorded", ""),
    )
    one = await ground.outcome(folder, "rare-characters")
    assert one.result == "failed"
    [error] = [f for f in one.findings if f.severity == "error"]
    assert error.code == "S_DEAD"
    assert "E_DIALECT_INEXPRESSIBLE" in error.text.en


async def test_codes_that_fall_together_are_found(ground: Ground) -> None:
    folder = ground.copy(
        mapping=replacing(
            'step_status: {"1": "0", "2": "1"}', 'step_status: {write: {"1": "1", "2": "1"}, read: {"1": "1"}}'
        ),
        sandbox=lambda text: text + '  cn.gov.process.step: {status: "2"}\n',
    )
    one = await ground.outcome(folder, "plain")
    assert [(f.code, f.paths) for f in one.findings if f.severity == "error"] == [("S_DIFFERENT", ("$.data.status",))]


async def test_a_far_side_that_neither_ignores_repeats_nor_answers_leaves_a_doubt_that_is_told(ground: Ground) -> None:
    folder = ground.copy(
        govhub=replacing("      timeout_seconds: 10", "      timeout_seconds: 10\n      idempotency: none")
    )
    one = await ground.outcome(folder, "lost-answer")
    assert (one.result, [(f.code, f.severity) for f in one.findings]) == ("passed", [("S_IN_DOUBT", "warning")])


async def test_a_route_that_refuses_odd_identifiers_passes(ground: Ground) -> None:
    folder = ground.copy(routes=replacing("    to: housing", "    identifiers: refuse\n    to: housing"))
    one = await ground.outcome(folder, "check-digit")
    assert (one.result, one.findings) == ("passed", ())


async def test_a_refused_file_is_told_though_nobody_waits_for_an_answer(ground: Ground) -> None:
    folder = ground.copy(
        REST.with_name("department-files"), govhub=replacing("      - cn.gov.acceptance.decided\n", "")
    )
    one = await ground.outcome(folder, "plain", seconds=12)
    assert {"S_TIMEOUT", "E_NOT_ALLOWED"} <= {f.code for f in one.findings if f.severity == "error"}


async def test_files_that_are_named_out_of_order_are_found(ground: Ground) -> None:
    """Found when this very example was written: a folder is read in the order of names."""
    folder = ground.copy(
        REST.with_name("department-files"),
        sandbox=replacing("{case}_{serial}_{kind}", "{case}_{kind}_{serial}"),
        govhub=replacing(
            "(?P<case>[^_]+)_(?P<serial>[0-9]{4})_(?P<kind>[a-z.]+)",
            "(?P<case>[^_]+)_(?P<kind>[a-z.]+)_(?P<serial>[0-9]{4})",
        ),
    )
    report = await ground.report(folder, "special", "out-of-order", seconds=15)
    assert "S_ORDER" in {f.code for one in report.outcomes for f in one.findings}


async def test_a_caller_who_proves_nothing_is_found(ground: Ground) -> None:
    folder = ground.copy(
        REST.with_name("department-soap"),
        govhub=replacing("username: hygiene,", "username: hygiene, window_seconds: 0.001,"),
    )
    one = await ground.outcome(folder, "plain", seconds=12)
    assert "S_TIMEOUT" in {f.code for f in one.findings if f.severity == "error"}


async def test_a_result_that_no_rule_takes_is_found(ground: Ground) -> None:
    folder = ground.copy(REST.with_name("department-soap"), sandbox=replacing('"status":"200"', '"status":"409"'))
    one = await ground.outcome(folder, "plain")
    assert [(f.code, f.severity) for f in one.findings] == [("S_DEAD", "error")]


async def test_a_refused_row_is_told_though_nobody_looks_into_the_table(ground: Ground) -> None:
    """The department's own table would tell it; here the sandbox asks the hub what it refused."""
    folder = ground.copy(
        REST.with_name("department-front-db"), govhub=replacing("      - cn.gov.acceptance.decided\n", "")
    )
    one = await ground.outcome(folder, "plain", seconds=12)
    assert "E_NOT_ALLOWED" in {f.code for f in one.findings if f.severity == "error"}


async def test_settings_of_the_way_to_the_real_system_are_told_as_untried(ground: Ground) -> None:
    folder = ground.copy(
        govhub=replacing("      timeout_seconds: 10", "      timeout_seconds: 10\n      tls_ca_file: /nowhere.pem")
    )
    report = await ground.report(folder, "withdrawal")
    assert [f.code for f in report.general] == ["S_UNTRIED"]
    assert "tls_ca_file" in report.general[0].text.zh


async def test_a_scenario_that_is_none_is_named_with_those_there_are(ground: Ground) -> None:
    failure = await ground.failure(REST, "eclipse")
    assert "out-of-order" in failure.remedy.en


async def test_a_deployment_with_a_fault_is_told_at_its_line(ground: Ground) -> None:
    folder = ground.copy(govhub=replacing("connector: rest", "connector: rets"))
    faults = await ground.hold(folder)
    assert isinstance(faults, tuple)
    assert [(Path(fault.at.file).name, fault.at.line > 1) for fault in faults] == [("govhub.yaml", True)]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (replacing("version: 1", "version: 2"), "version"),
        (replacing("department: housing", "departement: housing"), "departement"),
        (replacing("application: application.json", "application: nowhere.json"), "application"),
        (replacing("answers:", "answer:"), "answer"),
    ],
)
def test_a_script_with_a_fault_is_told_at_its_line(ground: Ground, change: Callable[[str], str], path: str) -> None:
    faults = read_folder(ground.copy(sandbox=change))
    assert isinstance(faults, tuple)
    assert all(isinstance(fault, Fault) for fault in faults)
    assert path in [fault.path for fault in faults]


async def test_names_that_the_deployment_has_not_are_told(ground: Ground) -> None:
    faults = await ground.hold(ground.copy(sandbox=replacing("portal: portal", "portal: portl")))
    assert isinstance(faults, tuple)
    assert {fault.code for fault in faults} == {"E_SANDBOX_NAME"}


async def test_the_command_certifies_and_writes_the_report(ground: Ground) -> None:
    file = ground.folder / "report.md"
    journal = await ground.postgres.fresh_database()
    words = ["connectors", "sandbox", str(REST), "--only", "withdrawal", "--report", str(file), "--journal", journal]
    result = await _invoked([*words, "--json"])
    assert result[0] == 0, result[1]
    said = json.loads(result[1])
    assert (said["passed"], [one["name"] for one in said["scenarios"]]) == (True, ["withdrawal"])
    written = file.read_text(encoding="utf-8")
    assert written.startswith("# 联调认证报告")
    for expected in ("urn:govhub:contract:cn.gov.completion.decided:1", "撤回", "S_NO_WORD", said["heldAt"]):
        assert expected in written
    code, told = await _invoked(
        [*words[:3], "--only", "withdrawal", "--journal", await ground.postgres.fresh_database()]
    )
    assert (code, "结论：通过" in told) == (0, True)


async def test_the_command_fails_by_its_exit_code(ground: Ground) -> None:
    folder = ground.copy(sandbox=replacing('"code": "0"', '"code": "9"'))
    journal = await ground.postgres.fresh_database()
    code, told = await _invoked(["connectors", "sandbox", str(folder), "--only", "plain", "--journal", journal])
    assert (code, "结论：未通过" in told, "S_DEAD" in told) == (1, True, True)
    code, told = await _invoked(["connectors", "sandbox", str(ground.folder / "nowhere"), "--json"])
    assert (code, json.loads(told)["faults"][0]["code"]) == (2, "E_FILE_MISSING")


async def _invoked(words: list[str]) -> tuple[int, str]:
    """The command as people run it; its exit code and standard output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()
