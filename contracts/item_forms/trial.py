# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A form's examples, tried: the valid are taken and survive conversion, the invalid are refused for what they say."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from contracts.cloudevent import JsonValue
from contracts.conversion import Converted, Inexpressible, Record
from contracts.item_forms.definition import FormFile
from contracts.item_forms.faults import Desk, Words
from contracts.item_forms.form import Form
from contracts.item_forms.violations import ROOT
from contracts.text import Text

Way: TypeAlias = Callable[[Mapping[str, JsonValue]], Converted | Inexpressible]


def check(desk: Desk, file: FormFile, form: Form) -> None:
    """Whether each example does what it says."""
    for index, example in enumerate(file.examples):
        found = sorted({(one.code, "$" + one.path.removeprefix(ROOT)) for one in form.check(example.data)})
        wanted = sorted({(one.code, one.path) for one in example.expect})
        if found != wanted:
            desk.fault("FORM_EXAMPLE", ("examples", index), _differs(found, wanted))
    kinds = {bool(example.expect) for example in file.examples}
    if kinds != {True, False}:
        desk.fault("FORM_EXAMPLES", ("examples",), _BOTH, severity="warning")


def check_conversion(desk: Desk, file: FormFile, form: Form, previous: FormFile, older: Form) -> None:
    """Whether valid examples of both versions come through: what comes out is valid, and the way back gives the
    original or tells of a loss.
    """
    assert form.conversion is not None, "only a version with one before it is asked"
    there, back = form.conversion.up, form.conversion.down
    for example in previous.examples:
        if not example.expect and (words := _lost(example.data, there, form, back)) is not None:
            desk.fault("FORM_CONVERSION", ("from_previous",), words, at_key=True)
    for index, example in enumerate(file.examples):
        if not example.expect and (words := _lost(example.data, back, older, there)) is not None:
            desk.fault("FORM_CONVERSION", ("examples", index), words)


def _lost(data: Record, there: Way, target: Form, back: Way) -> Words | None:
    told = there(data)
    if isinstance(told, Inexpressible):
        return None  # declared: there is no such code on the other side
    if unfit := target.check(told.data):
        where = f"{unfit[0].code} ${unfit[0].path.removeprefix(ROOT)}"
        return _INVALID, Text(f"版本 {target.version}：{where}。", f"Version {target.version}: {where}.")
    again = back(told.data)
    if isinstance(again, Inexpressible):
        return _NO_WAY_BACK, _COMPLETE
    if again.data != data and not told.losses and not again.losses:
        return _SILENT, _COMPLETE
    return None


def _differs(found: list[tuple[str, str]], wanted: list[tuple[str, str]]) -> tuple[Text, Text]:
    extra = "; ".join(f"{code} {path}" for code, path in found if (code, path) not in wanted) or "-"
    absent = "; ".join(f"{code} {path}" for code, path in wanted if (code, path) not in found) or "-"
    return (
        Text("示例的结果与所写不符。", "The example does not do what it says."),
        Text(f"多出：{extra}。缺少：{absent}。", f"Found and not expected: {extra}. Expected and not found: {absent}."),
    )


_BOTH = (
    Text(
        "示例应既有合规的，也有不合规的（写 expect）。",
        "There should be valid examples and invalid ones (with expect).",
    ),
    Text("请各写至少一个。", "Write at least one of each."),
)
_INVALID = Text(
    "一个示例按 from_previous 转换后不合规。", "An example is no longer valid when from_previous has converted it."
)
_NO_WAY_BACK = Text("一个示例转换后转不回来。", "An example that was converted cannot be converted back.")
_SILENT = Text("一个示例转换再转回后变了，却没有说明损失。", "An example comes back changed, and no loss is told.")
_COMPLETE = Text("请补全 from_previous（默认值、代码对照）。", "Complete from_previous: its defaults and its codes.")
