# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which format one field of a map is written in, and whether that fits what the contract holds there."""

from collections.abc import Mapping
from typing import assert_never

from contracts.mapping import formats
from contracts.mapping.code_map import CodeMap
from contracts.mapping.faults import Faults, Path
from contracts.mapping.formats import Format
from contracts.mapping.map_file import CodesSpec, FieldSpec, FormatsSpec
from contracts.mapping.shape import Kind, Shape
from contracts.text import Text


class Choice:
    """Chooses formats; ``named`` are the code maps of the file, by name."""

    def __init__(self, named: Mapping[str, CodesSpec | str], defaults: FormatsSpec, faults: Faults) -> None:
        self._named = named
        self._defaults = defaults
        self._faults = faults
        self.used: set[str] = set()

    def format(self, spec: FieldSpec, shape: Shape, at: Path, *, reads: bool) -> Format | None:
        """The format of a field, or None for a text carried as it is. What does not fit is noted as a fault."""
        self._surplus(spec, shape, at)
        if spec.format == "json":
            return formats.JSON
        match shape.kind:
            case Kind.TEXT | Kind.CODE:
                return self._coded(spec, shape, at, reads=reads)
            case Kind.FLAG:
                return self._flag(spec, at)
            case Kind.INTEGER:
                return self._number(spec, at)
            case Kind.MOMENT | Kind.DAY:
                return self._time(spec, shape, at, reads=reads)
            case Kind.TEXTS:
                return self._texts(spec, at)
            case Kind.GROUP | Kind.GROUPS | Kind.JSON:
                self._faults.add("E_MAP_FORMAT", at, *_NOT_ONE_VALUE)
                return None
            case _:
                assert_never(shape.kind)

    def _surplus(self, spec: FieldSpec, shape: Shape, at: Path) -> None:
        """Settings that say nothing here would mislead whoever reads the file."""
        kinds = {"codes": {Kind.TEXT, Kind.CODE}, "flag": {Kind.FLAG}, "fill": {Kind.MOMENT}, "join": {Kind.TEXTS}}
        for name, fitting in kinds.items():
            if getattr(spec, name) is not None and (shape.kind not in fitting or spec.format == "json"):
                problem = Text(f"“{name}”不适用于这一字段。", f"'{name}' means nothing for this field.")
                self._faults.add("E_MAP_SETTING", (*at, name), problem, Text("请删除。", "Remove it."), key=True)

    def _flag(self, spec: FieldSpec, at: Path) -> Format | None:
        texts = spec.flag or self._defaults.flag
        if spec.format is not None:
            self._unknown_format(at)
        if texts is None or texts[0] == texts[1]:
            self._faults.add("E_MAP_FORMAT", at, *_NO_FLAG)
            return None
        return formats.flag(*texts)

    def _number(self, spec: FieldSpec, at: Path) -> Format:
        if spec.format not in {None, "yuan"}:
            self._unknown_format(at)
        return formats.YUAN if spec.format == "yuan" else formats.WHOLE

    def _texts(self, spec: FieldSpec, at: Path) -> Format | None:
        if spec.join is None:
            self._faults.add("E_MAP_FORMAT", at, *_NO_JOIN)
            return None
        return formats.joined(spec.join)

    def _time(self, spec: FieldSpec, shape: Shape, at: Path, *, reads: bool) -> Format | None:
        day = shape.kind is Kind.DAY
        pattern = spec.format or (self._defaults.day if day else self._defaults.moment)
        if pattern is None:
            self._faults.add("E_MAP_FORMAT", at, *_NO_PATTERN)
            return None
        place: Path = (*at, "format") if spec.format else ("formats", "day" if day else "moment")
        tokens = formats.tokens_of(pattern)
        if tokens is None or (day and not tokens <= {"YYYY", "MM", "DD"}):
            self._faults.add("E_MAP_FORMAT", place, *(_BAD_DAY if day else _BAD_MOMENT))
            return None
        if day:
            return formats.day(pattern)
        if reads and formats.fills(pattern) and spec.fill is None:
            self._faults.add("E_MAP_FILL", at, *_NO_FILL)
        return formats.moment(pattern)

    def _unknown_format(self, at: Path) -> None:
        self._faults.add("E_MAP_FORMAT", (*at, "format"), *_UNKNOWN)

    def _coded(self, spec: FieldSpec, shape: Shape, at: Path, *, reads: bool) -> Format | None:
        closed = shape.kind is Kind.CODE
        if spec.format is not None:
            self._unknown_format(at)
        match spec.codes:
            case None:
                if closed:
                    self._faults.add("E_MAP_CODES", at, *_NO_CODES)
                return None
            case "same" | "titles" as way:
                return self._of_contract(way, shape, at)
            case str(name):
                return self._by_name(name, shape, at, reads=reads)
            case CodesSpec() as codes:
                return self.code_map(codes, shape, (*at, "codes"), reads=reads).format()

    def _of_contract(self, way: str, shape: Shape, at: Path) -> Format | None:
        if shape.kind is not Kind.CODE:
            self._faults.add("E_MAP_CODES", (*at, "codes"), *_OPEN)
            return None
        told = {code: code if way == "same" else title for code, title in shape.codes.items()}
        return CodeMap(told, {text: code for code, text in told.items()}).format()

    def _by_name(self, name: str, shape: Shape, at: Path, *, reads: bool) -> Format | None:
        named = self._named.get(name)
        self.used.add(name)
        if named is None:
            what = Text("代码对照表", "code map")
            self._faults.unknown("E_MAP_CODES", (*at, "codes"), what, name, {*self._named, "same", "titles"})
            return None
        if isinstance(named, str) and named != "site":
            return self._of_contract(named, shape, at)
        if isinstance(named, str):
            self._faults.add("E_MAP_SITE", ("codes", name), *_SITE, severity="warning")
            return CodeMap({}, {}).format()
        return self.code_map(named, shape, ("codes", name), reads=reads).format()

    def code_map(self, spec: CodesSpec, shape: Shape, at: Path, *, reads: bool) -> CodeMap:
        """The code map, checked against the contract's code list if the field has one."""
        if shape.kind is Kind.CODE:
            self._covering(spec, shape.codes, at)
        read = spec.read
        if read is None:
            read = self._inverse(spec, at) if reads else {}
        elif missing := sorted(set(spec.write.values()) - read.keys()):
            texts = ", ".join(missing)
            problem = Text(
                f"read 中没有 write 写出的代码：{texts}。", f"'read' lacks codes that 'write' writes: {texts}."
            )
            self._faults.add("E_MAP_CODES_BACK", (*at, "read"), problem, _SAY_BACK)
        if spec.unmapped == "pass" and shape.kind is Kind.CODE:
            self._faults.add("E_MAP_PASS", (*at, "unmapped"), *_CLOSED)
        return CodeMap(spec.write, read, spec.unmapped)

    def _covering(self, spec: CodesSpec, codes: Mapping[str, str], at: Path) -> None:
        what = Text("契约代码", "code of the contract")
        for code in spec.write:
            if code not in codes:
                self._faults.unknown("E_MAP_CODE_UNKNOWN", (*at, "write", code), what, code, codes, key=True)
        for index, code in enumerate(spec.cannot):
            if code not in codes:
                self._faults.unknown("E_MAP_CODE_UNKNOWN", (*at, "cannot", index), what, code, codes)
        for text, code in (spec.read or {}).items():
            if code not in codes:
                self._faults.unknown("E_MAP_CODE_UNKNOWN", (*at, "read", text), what, code, codes)
        missing = [code for code in codes if code not in spec.write and code not in spec.cannot]
        if missing:
            listed = ", ".join(f"{code} {codes[code]}" for code in missing)
            problem = Text(f"契约的代码没有对照：{listed}。", f"Codes of the contract have no counterpart: {listed}.")
            self._faults.add("E_MAP_CODES_GAP", at, problem, _COVER, key=True)

    def _inverse(self, spec: CodesSpec, at: Path) -> dict[str, str]:
        read: dict[str, str] = {}
        for code, text in spec.write.items():
            if text in read:
                problem = Text(
                    f"{read[text]} 与 {code} 写成同一个代码，未说明读回哪一个。",
                    f"{read[text]} and {code} are written as one code, and nothing says which comes back.",
                )
                self._faults.add("E_MAP_CODES_BACK", (*at, "write", code), problem, _SAY_BACK, key=True)
            read.setdefault(text, code)
        return read


_NOT_ONE_VALUE = (
    Text("契约在此处不是单个值。", "The contract has more than one value here."),
    Text(
        "对象写出其中的字段，数组用 each 与 fields，或写 format: json。",
        "Name a field inside it, use each and fields for an array, or write 'format: json'.",
    ),
)
_NO_FLAG = (
    Text("没有说明“是”与“否”怎么写。", "Nothing says how yes and no are written."),
    Text('请写 flag: ["1", "0"]（先“是”后“否”）。', 'Write flag: ["1", "0"], the text for yes first.'),
)
_NO_JOIN = (
    Text("没有说明多项之间用什么分隔。", "Nothing says what separates the items."),
    Text('请写 join: "；"。', "Write join: with the separating text."),
)
_NO_PATTERN = (
    Text("没有说明时间怎么写。", "Nothing says how time is written."),
    Text("请写 format，或在 formats 中给出 moment 与 day。", "Write a format, or moment and day under 'formats'."),
)
_BAD_DAY = (
    Text("日期写法无效。", "This is no way of writing days."),
    Text("请用 YYYY、MM、DD 各一次，如 YYYYMMDD。", "Use YYYY, MM and DD once each, such as YYYYMMDD."),
)
_BAD_MOMENT = (
    Text("日期时间写法无效。", "This is no way of writing moments."),
    Text(
        "请用 YYYY、MM、DD 与 hh、mm、ss，如 YYYYMMDDThhmmss。",
        "Use YYYY, MM and DD, then hh, mm and ss, such as YYYYMMDDThhmmss.",
    ),
)
_NO_FILL = (
    Text(
        "这种写法不含完整的时刻，读回时须补。", "This form leaves part of the time out, which reading has to fill in."
    ),
    Text(
        "请写 fill: zero（按零补足），或 direction: write。",
        "Write 'fill: zero' to read it as zero, or 'direction: write'.",
    ),
)
_UNKNOWN = (
    Text("该字段没有这种格式。", "This field has no such format."),
    Text(
        "文字不写 format；金额可写 yuan；任何字段可写 json。",
        "A text has none; an amount may have yuan, any field json.",
    ),
)
_NO_CODES = (
    Text(
        "契约在此处是代码，映射没有说明怎么对照。",
        "The contract has a code here and the map does not say how it is written.",
    ),
    Text(
        "请写 codes：对照表、表名、same（代码相同）或 titles（写中文含义）。",
        "Write codes: a map, the name of one, same (equal codes) or titles (their Chinese meaning).",
    ),
)
_OPEN = (
    Text("契约在此处没有代码表。", "The contract has no code list here."),
    Text("请写出对照表；内容不变时不写 codes。", "Write a code map, or no 'codes' when the text stays as it is."),
)
_SITE = (
    Text(
        "这张代码对照表须由站点提供；在此之前相关字段一律拒绝。",
        "The site has to give this code map; until then its fields are refused.",
    ),
    Text(
        "请在 extends 本文件的站点映射中写出 codes。", "Write it under 'codes' in a site's map that extends this file."
    ),
)
_COVER = Text(
    "请补上对照；该方言确实写不出的代码列入 cannot。",
    "Add them; list under 'cannot' those the dialect has no code for.",
)
_SAY_BACK = Text("请用 write 与 read 分别写出两个方向。", "Write both directions out, as 'write' and 'read'.")
_CLOSED = (
    Text("契约的代码表是封闭的，不能原样通过。", "The contract's code list is closed; no code can pass as it is."),
    Text("请改为 refuse。", "Write refuse."),
)
