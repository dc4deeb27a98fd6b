# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What systems say they speak: names, versions and maps are held against what there is, and routes against all of it."""

from pathlib import Path

import pytest

from contracts.catalogue import builtin
from contracts.dialects.dialect import CANONICAL
from contracts.fault import Fault
from contracts.negotiation import EVERY
from hub.config.load import Loaded, load_deployment

APPLICATION = "cn.gov.application.submitted"
STEP = "cn.gov.process.step"

DEPLOYMENT = """\
systems:
  portal:
    sends: [cn.gov.application.submitted, cn.gov.process.step]
  housing:
    speaks: {contracts: {"*": [1]}}
destinations:
  housing: {system: housing, connector: mailbox}
"""
SPEAKS = 'speaks: {contracts: {"*": [1]}}'
ROUTES = """\
version: 1
purposes: {all: {fields: all}}
destinations: {housing: all}
routes:
  - name: all
    when: {source: portal}
    to: [housing]
"""
STEP_MAP = """\
map: 1
title: {zh: 测试映射, en: a map for tests}
carrier: messages
formats: {moment: "YYYY-MM-DD hh:mm:ss", day: YYYYMMDD, flag: [Y, N]}
codes:
  status: {"1": "10", "2": "20"}
messages:
  cn.gov.process.step:1:
    name: Step
    fields:
      no: case_no
      name: step_name
      state: {path: status, codes: status}
      start: started_at
      end: {path: ended_at, otherwise: started_at}
    dropped: [region_code, item_code, department_code, level_code, record_version, step_no, action, handler, opinion,
      department_name, form]
    ignored: [remark]
"""


class Desk:
    """A folder in which a person writes what a system speaks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "govhub.yaml"
        self.speaks(SPEAKS)
        self.routes(ROUTES)
        (folder / "site.yaml").write_text(STEP_MAP, encoding="utf-8")

    def speaks(self, text: str, *, more: str = "", sends: str = "") -> None:
        """Write this for ``housing``, on line 5; ``sends`` in place of what ``portal`` may send."""
        written = DEPLOYMENT.replace(SPEAKS, text)
        if sends:
            written = written.replace("[cn.gov.application.submitted, cn.gov.process.step]", sends)
        self.file.write_text(written + more, encoding="utf-8")

    def routes(self, text: str) -> None:
        (self.folder / "routes.yaml").write_text(text, encoding="utf-8")

    def map(self, old: str, new: str) -> None:
        assert old in STEP_MAP
        (self.folder / "site.yaml").write_text(STEP_MAP.replace(old, new, 1), encoding="utf-8")

    def loaded(self) -> Loaded:
        loaded = load_deployment(self.file, {})
        assert isinstance(loaded, Loaded), "\n".join(map(str, loaded))
        return loaded

    def told(self, faults: tuple[Fault, ...]) -> list[str]:
        """What a person reads of these, with the folder's name left out."""
        for fault in faults:
            assert all((*fault.problem, *fault.remedy)), "both languages, both parts"
        return [str(fault).replace(f"{self.folder}/", "") for fault in faults]

    def faults(self) -> list[str]:
        loaded = load_deployment(self.file, {})
        assert isinstance(loaded, tuple), "it loads"
        return self.told(loaded)

    def warnings(self) -> list[str]:
        return self.told(self.loaded().warnings)

    def places(self) -> list[tuple[str, str, str]]:
        """Place, code and path of each fault."""
        loaded = load_deployment(self.file, {})
        assert isinstance(loaded, tuple), "it loads"
        return [(str(f.at).removeprefix(f"{self.folder}/"), f.code, f.path) for f in loaded]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestGood:
    def test_what_is_declared_is_agreed_for_every_contract(self, desk: Desk) -> None:
        agreed = desk.loaded().agreed

        assert agreed.spoken["housing"].versions == {EVERY: frozenset({1})}
        assert [one.name for one in agreed.spoken["housing"].dialects] == [CANONICAL]
        newer = builtin().versions(APPLICATION)[1].schema_uri
        assert [way.contract.version for way in agreed.terms["housing"].of(newer)] == [1]

    def test_who_says_nothing_takes_what_was_sent(self, desk: Desk) -> None:
        terms = desk.loaded().agreed.terms["portal"]

        for contract in builtin().all():
            assert [(way.contract, way.dialect.name) for way in terms.of(contract.schema_uri)] == [
                (contract, CANONICAL)
            ]

    def test_a_type_by_its_name_comes_before_every_other(self, desk: Desk) -> None:
        desk.speaks(f'speaks: {{contracts: {{"*": [1], {APPLICATION}: [2]}}}}')
        terms = desk.loaded().agreed.terms["housing"]

        older, newer = builtin().versions(APPLICATION)
        assert [way.contract for way in terms.of(older.schema_uri)] == [newer]
        assert [way.contract for way in terms.of(newer.schema_uri)] == [newer]

    def test_a_map_of_the_site_is_read_beside_the_file_that_names_it(self, desk: Desk) -> None:
        desk.speaks("speaks: {dialects: [ours, canonical]}", more="dialects: {ours: site.yaml}\n")
        terms = desk.loaded().agreed.terms["housing"]

        (step,) = builtin().versions(STEP)
        assert [way.dialect.name for way in terms.of(step.schema_uri)] == ["ours", CANONICAL]
        assert [way.dialect.name for way in terms.of(builtin().versions(APPLICATION)[0].schema_uri)] == [CANONICAL]

    def test_a_shipped_map_needs_only_its_name_and_its_own_remarks_are_not_told(self, desk: Desk) -> None:
        desk.speaks("speaks: {dialects: [front_v3, canonical]}")

        assert [fault.code for fault in desk.loaded().warnings] == ["VERSIONS_UNDECLARED"]
        names = [one.name for one in desk.loaded().agreed.spoken["housing"].dialects]
        assert names == ["front_v3", CANONICAL]

    def test_a_map_that_nobody_speaks_is_read_all_the_same(self, desk: Desk) -> None:
        """It was written to be used: better told now than when it is."""
        desk.map("carrier: messages", "carrier: mesages")
        desk.speaks(SPEAKS, more="dialects: {ours: site.yaml}\n")

        assert [(place, code) for place, code, _ in desk.places()] == [("site.yaml:3:10", "E_VALUE")]


class TestNames:
    def test_a_dialect_that_there_is_not(self, desk: Desk) -> None:
        desk.speaks("speaks: {dialects: [canonicle, ours]}", more="dialects: {ours: site.yaml}\n")

        assert desk.faults() == [
            (
                "govhub.yaml:5:25: NAME_UNKNOWN 没有这个方言：canonicle。是否指“canonical”？"
                "现有：canonical, canonical_xml, front_v3, gbt39046, ours, ten_messages\n"
                "    There is no dialect 'canonicle'. Did you mean 'canonical'? "
                "There are: canonical, canonical_xml, front_v3, gbt39046, ours, ten_messages"
            )
        ]

    def test_a_contract_that_there_is_not(self, desk: Desk) -> None:
        desk.speaks(f'speaks: {{contracts: {{"*": [1], {STEP}s: [1]}}}}')

        (fault,) = desk.faults()
        assert fault.startswith(f"govhub.yaml:5:58: NAME_UNKNOWN 没有这个契约：{STEP}s。是否指“{STEP}”？")
        assert f"There is no contract '{STEP}s'. Did you mean '{STEP}'?" in fault

    def test_a_version_that_there_is_not(self, desk: Desk) -> None:
        desk.speaks(f'speaks: {{contracts: {{"*": [1], {APPLICATION}: [1, 7, 2]}}}}')

        assert desk.faults() == [
            (
                "govhub.yaml:5:70: VERSION_UNKNOWN 契约没有版本 7。现有版本：1, 2。\n"
                "    The contract has no version 7. Its versions are: 1, 2."
            )
        ]

    def test_each_is_told_where_it_stands(self, desk: Desk) -> None:
        desk.speaks(f"speaks:\n      contracts:\n        {STEP}: [2, 3]\n      dialects: [gbt]")

        assert desk.places() == [
            ("govhub.yaml:8:18", "NAME_UNKNOWN", "systems.housing.speaks.dialects[0]"),
            ("govhub.yaml:7:31", "VERSION_UNKNOWN", f"systems.housing.speaks.contracts.{STEP}[0]"),
            ("govhub.yaml:7:34", "VERSION_UNKNOWN", f"systems.housing.speaks.contracts.{STEP}[1]"),
        ]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("speaks: {contracts: {cn.gov.process.step: []}}", "E_VALUE"),
            ("speaks: {contracts: {cn.gov.process.step: [0]}}", "E_VALUE"),
            ("speaks: {contracts: {cn.gov.process.step: [newest]}}", "E_TYPE"),
            ("speaks: {dialects: []}", "E_VALUE"),
            ("speaks: {versions: [1]}", "E_KEY_UNKNOWN"),
        ],
    )
    def test_what_cannot_be_meant(self, desk: Desk, text: str, code: str) -> None:
        desk.speaks(text)

        ((place, told, _),) = desk.places()
        assert (place.partition(":")[0], told) == ("govhub.yaml", code)


class TestMaps:
    def test_the_faults_of_a_map_stand_in_the_map_and_nothing_is_told_that_follows_from_them(self, desk: Desk) -> None:
        desk.map("path: status", "path: statsu")
        desk.speaks("speaks: {dialects: [ours]}", more="dialects: {ours: site.yaml}\n")

        message = "messages.cn.gov.process.step:1"
        assert desk.places() == [
            ("site.yaml:8:3", "E_MAP_UNSAID", message),
            ("site.yaml:8:3", "E_MAP_SOURCE", message),
            ("site.yaml:13:21", "E_MAP_PATH", f"{message}.fields.state.path"),
        ]

    def test_a_map_that_is_not_there(self, desk: Desk) -> None:
        desk.speaks("speaks: {dialects: [ours]}", more="dialects: {ours: nowhere.yaml}\n")

        assert desk.places() == [("nowhere.yaml:1:1", "E_FILE_MISSING", "")]

    def test_a_name_that_is_ours(self, desk: Desk) -> None:
        desk.speaks(SPEAKS, more="dialects: {canonical: site.yaml}\n")

        assert [(place, code) for place, code, _ in desk.places()] == [("site.yaml:1:1", "E_DIALECT_RESERVED")]

    def test_what_its_author_should_know_is_a_warning(self, desk: Desk) -> None:
        desk.map("codes:\n", "codes:\n  nobodys: same\n")
        desk.speaks(
            'speaks: {dialects: [ours, canonical], contracts: {"*": [1]}}', more="dialects: {ours: site.yaml}\n"
        )

        ((place, code),) = [(str(fault.at), fault.code) for fault in desk.loaded().warnings]
        assert place == f"{desk.folder}/site.yaml:6:3"
        assert code == "E_MAP_UNUSED"


class TestRoutes:
    def test_a_route_that_brings_what_is_not_spoken(self, desk: Desk) -> None:
        desk.speaks("speaks: {dialects: [ours]}", more="dialects: {ours: site.yaml}\n")

        assert desk.faults() == [
            (
                "routes.yaml:7:10: CONTRACT_UNSERVED “housing”的系统不懂此路由会送去的契约："
                f"{APPLICATION}@1, {APPLICATION}@2。请缩小路由，或在 systems.housing.speaks 中补上版本或方言。\n"
                "    The system of 'housing' does not speak what this route brings: "
                f"{APPLICATION}@1, {APPLICATION}@2. "
                "Narrow the route, or add a version or dialect to systems.housing.speaks."
            )
        ]

    @pytest.mark.parametrize(
        "when",
        [
            "when: {source: portal, contract: cn.gov.process.step}",
            "when: {source: portal, contract: cn.gov.process.step@1}",
            "when: {source: portal}\n    except: {contract: cn.gov.application.submitted}",
            "when: {source: housing}",
        ],
    )
    def test_a_route_that_is_narrow_enough(self, desk: Desk, when: str) -> None:
        desk.speaks("speaks: {dialects: [ours]}", more="dialects: {ours: site.yaml}\n")
        desk.routes(ROUTES.replace("when: {source: portal}", when))

        assert [code for code in map(_code, desk.warnings()) if code == "CONTRACT_UNSERVED"] == []

    @pytest.mark.parametrize(
        "when",
        [
            "when: {contract: [cn.gov.application.submitted, cn.gov.process.step]}",
            "when: {contract: cn.gov.application.submitted@2}",
            "when: {}\n    except: {contract: cn.gov.application.submitted@1}",
            "when: {}\n    except: {contract: cn.gov.application.submitted, region: '5105'}",
        ],
    )
    def test_a_route_that_is_not(self, desk: Desk, when: str) -> None:
        """What else it asks for than contract and sender tells nothing about contracts."""
        desk.speaks("speaks: {dialects: [ours]}", more="dialects: {ours: site.yaml}\n")
        desk.routes(ROUTES.replace("when: {source: portal}", when))

        assert "CONTRACT_UNSERVED" in set(map(_code, desk.faults()))

    def test_only_what_the_senders_may_send_is_asked_about(self, desk: Desk) -> None:
        desk.speaks("speaks: {dialects: [ours]}", more="dialects: {ours: site.yaml}\n", sends=f"[{STEP}]")

        assert desk.loaded().agreed.terms["housing"].of(builtin().versions(APPLICATION)[0].schema_uri) == ()

    def test_a_sender_of_everything_is_asked_about_everything(self, desk: Desk) -> None:
        desk.speaks("speaks: {dialects: [ours]}", more="dialects: {ours: site.yaml}\n", sends='["*"]')

        (fault,) = desk.faults()
        assert all(f"{one.type}@{one.version}" in fault for one in builtin().all() if one.type != STEP), (
            "every contract but the one it speaks"
        )

    def test_a_destination_that_there_is_not_is_told_once(self, desk: Desk) -> None:
        desk.routes(ROUTES.replace("[housing]", "[hosing]"))

        assert list(map(_code, desk.faults())) == ["E_ROUTE_DESTINATION_UNKNOWN"]


class TestSilence:
    def test_who_may_be_sent_two_versions_and_does_not_say_is_told(self, desk: Desk) -> None:
        desk.speaks("title: 不动产登记中心")

        assert desk.warnings() == [
            (
                f"govhub.yaml:5:5: VERSIONS_UNDECLARED 未声明懂哪些版本，会按原版本收到：{APPLICATION}。"
                '请写 speaks.contracts，如 {"*": [1]}。\n'
                f"    It does not say which versions it speaks of: {APPLICATION}. "
                'Declare speaks.contracts, as {"*": [1]}; until then it gets the version that was sent.'
            )
        ]

    @pytest.mark.parametrize(
        "declared", ['{"*": [1]}', f"{{{APPLICATION}: [1, 2]}}", f'{{{APPLICATION}: [2], "*": [1]}}']
    )
    def test_whoever_says_so_is_not(self, desk: Desk, declared: str) -> None:
        desk.speaks(f"speaks: {{contracts: {declared}}}")

        assert desk.warnings() == []

    def test_what_has_one_version_needs_no_word(self, desk: Desk) -> None:
        desk.speaks("title: 不动产登记中心", sends=f"[{STEP}]")

        assert desk.warnings() == []

    def test_each_system_is_told_once_whatever_the_routes(self, desk: Desk) -> None:
        desk.speaks("title: 不动产登记中心", sends='["*"]')
        more = "  - name: other\n    when: {contract: cn.gov.acceptance.decided}\n    to: [housing]\n"
        desk.routes(ROUTES.replace("source: portal", f"contract: {APPLICATION}") + more)

        (warning,) = desk.warnings()
        assert f"cn.gov.acceptance.decided, {APPLICATION}" in warning


def _code(told: str) -> str:
    return told.split(" ")[1]
