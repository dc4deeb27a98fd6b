# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a case. The seed and the case's number decide; nobody has to be told.

The path is that of a municipal service: application, prereview, correction if wanted, acceptance or refusal, process
steps with a special procedure in some, completion, licence, collection.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hub.demo.far.chance import chance, pick

Speaker = Literal["portal", "department"]

APPLICATION = "cn.gov.application.submitted"
PREREVIEW = "cn.gov.prereview.decided"
CORRECTION_NOTICE = "cn.gov.correction.requested"
CORRECTION = "cn.gov.correction.supplied"
ACCEPTANCE = "cn.gov.acceptance.decided"
STEP = "cn.gov.process.step"
SPECIAL_START = "cn.gov.special.started"
SPECIAL_END = "cn.gov.special.ended"
COMPLETION = "cn.gov.completion.decided"
LICENCE = "cn.gov.licence.issued"
COLLECTION = "cn.gov.collection.recorded"

TITLES = {
    APPLICATION: "申请",
    PREREVIEW: "预审",
    CORRECTION_NOTICE: "补正告知",
    CORRECTION: "补正受理",
    ACCEPTANCE: "受理",
    STEP: "办理环节",
    SPECIAL_START: "特别程序开始",
    SPECIAL_END: "特别程序结束",
    COMPLETION: "办结",
    LICENCE: "证照",
    COLLECTION: "领取",
}
"""The contracts in the order of a case's life, as people call them."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department as its papers name it."""

    system: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item (事项) that can be applied for. ``applicants`` are codes of GB/T 39046-2020 table A.4."""

    code: str
    name: str
    department: Department
    applicants: str
    materials: tuple[str, ...]
    steps: tuple[str, ...]
    licence: str


HOUSING = Department("housing", "1151050200000006X8", "示例区不动产登记中心（测试）")
CIVIL = Department("civil", "11510502000000051G", "示例区民政局（测试）")

ITEMS = (
    Item(
        "1151050200000006X84000715001000",
        "房屋买卖转移登记",
        HOUSING,
        "12",
        ("不动产登记申请书", "房屋买卖合同", "完税凭证", "不动产权属证书"),
        ("初审", "权籍核验", "复审", "登簿", "缮证"),
        "不动产权证书",
    ),
    Item(
        "1151050200000006X84000715002000",
        "抵押权首次登记（一般抵押）",
        HOUSING,
        "12",
        ("不动产登记申请书", "主债权合同", "抵押合同"),
        ("初审", "复审", "登簿", "缮证"),
        "不动产登记证明",
    ),
    Item(
        "1151050200000006X84000715003000",
        "国有建设用地使用权及房屋所有权首次登记",
        HOUSING,
        "2",
        ("不动产登记申请书", "土地权属来源材料", "规划核实材料", "竣工验收材料", "测绘成果报告"),
        ("初审", "实地查看", "复审", "公告", "登簿"),
        "不动产权证书",
    ),
    Item(
        "11510502000000051G4000111001000",
        "社会团体成立登记",
        CIVIL,
        "4",
        ("成立登记申请书", "章程草案", "验资报告", "住所使用权证明"),
        ("审查", "征求意见", "审核", "决定"),
        "社会团体法人登记证书",
    ),
    Item(
        "11510502000000051G4000111002000",
        "养老机构备案",
        CIVIL,
        "23",
        ("养老机构备案书", "服务场所权属证明", "消防安全材料"),
        ("审查", "现场核查", "决定"),
        "养老机构备案回执",
    ),
    Item(
        "11510502000000051G4000511003000",
        "困难残疾人生活补贴资格认定",
        CIVIL,
        "1",
        ("补贴申请审批表", "残疾人证"),
        ("初审", "审核", "审定"),
        "补贴资格认定书",
    ),
)

REGIONS = ("510502", "510502001", "510502002", "510502003")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a case. ``number`` counts within the case from 1; ``round`` tells repeated contracts apart."""

    number: int
    speaker: Speaker
    contract: str
    word: str = ""
    round: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """One case, whole. ``turns`` follow one another; ``arrives`` is when it comes, as a share of the morning."""

    seed: int
    index: int
    case: str
    item: Item
    region: str
    arrives: float
    turns: tuple[Turn, ...]

    def speaker(self, turn: Turn) -> str:
        """The system that sends this message."""
        return "portal" if turn.speaker == "portal" else self.item.department.system


@dataclass(frozen=True, slots=True)
class Morning:
    """One run: ``run`` keeps the case numbers of two runs apart, ``seed`` decides everything else."""

    seed: int
    run: str
    cases: int

    def case(self, index: int) -> str:
        """The case number (统一办件编号); opaque to everybody else."""
        return f"5105-{self.run}-{index:06d}"

    def index(self, case: str) -> int | None:
        """Which case this is; None: none of this morning's."""
        before, _, number = case.rpartition("-")
        if before != f"5105-{self.run}" or not number.isdecimal() or int(number) >= self.cases:
            return None
        return int(number)

    def fate(self, index: int) -> Fate:
        """What becomes of one case."""
        item = pick(ITEMS, self.seed, index, "item")
        turns = tuple(
            Turn(number, speaker, contract, word, round_)
            for number, (speaker, contract, word, round_) in enumerate(_path(self.seed, index, item), start=1)
        )
        # Doors open at nine: half of a morning's cases come in its first quarter.
        place = index / max(self.cases, 1)
        arrives = place / 2 if place < 1 / 2 else 1 / 4 + (place - 1 / 2) * 1.5
        return Fate(self.seed, index, self.case(index), item, pick(REGIONS, self.seed, index, "region"), arrives, turns)


_Step = tuple[Speaker, str, str, int]


def _path(seed: int, index: int, item: Item) -> Iterator[_Step]:
    yield "portal", APPLICATION, "", 0
    for round_ in range(_corrections(seed, index)):
        yield "department", PREREVIEW, "correction", round_
        yield "department", CORRECTION_NOTICE, "", round_
        yield "portal", CORRECTION, "", round_
    yield "department", PREREVIEW, "passed", 9
    if chance(seed, index, "acceptance") < 0.08:
        yield "department", ACCEPTANCE, "refused", 0
        return
    yield "department", ACCEPTANCE, "accepted", 0
    yield from _work(seed, index, item)
    if chance(seed, index, "result") < 0.1:
        yield "department", COMPLETION, "denied", 0
        return
    yield "department", COMPLETION, "issued", 0
    yield "department", LICENCE, "", 0
    method = pick(("window", "post", "online", "online"), seed, index, "method")
    yield "portal" if method == "online" else "department", COLLECTION, method, 0


def _corrections(seed: int, index: int) -> int:
    drawn = chance(seed, index, "corrections")
    return 2 if drawn < 0.06 else 1 if drawn < 0.3 else 0


def _work(seed: int, index: int, item: Item) -> Iterator[_Step]:
    special = int(chance(seed, index, "special") * 5 * len(item.steps))  # in one of five cases
    for number, name in enumerate(item.steps):
        yield "department", STEP, name, number
        if number == special:
            yield "department", SPECIAL_START, "", 0
            yield "department", SPECIAL_END, "", 0
