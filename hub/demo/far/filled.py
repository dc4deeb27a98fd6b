# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The items' own forms as applicants fill them in: of the items that have one, see ``hub/demo/template/forms``."""

from typing import Any

from hub.demo.far.chance import chance, pick
from hub.demo.far.fate import Fate


def form(fate: Fate) -> dict[str, Any] | None:
    """The ``form`` of the case's application; None: its item has none."""
    writer = _WRITERS.get(fate.item.code)
    if writer is None:
        return None
    return {"item_code": fate.item.code, "form_version": 1, "data": writer(fate)}


def _mortgage(fate: Fate) -> dict[str, Any]:
    return {
        "unit_no": f"TEST{fate.index:08d}",
        "secured_amount": round(20 + 180 * chance(fate.seed, fate.index, "amount"), 2),
        "term_months": pick((120, 240, 360), fate.seed, fate.index, "term"),
        "mortgagee": "示例银行（测试）",
        "kind": "一般抵押",
    }


def _care_home(fate: Fate) -> dict[str, Any]:
    return {
        "beds": pick((20, 40, 80), fate.seed, fate.index, "beds"),
        "floor_area": round(500 + 2000 * chance(fate.seed, fate.index, "area"), 1),
        "services": ["living", "nursing"],
        "manager": "测试负责人",
    }


_WRITERS = {"1151050200000006X84000715002000": _mortgage, "11510502000000051G4000111002000": _care_home}
