# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A folder of form files read into a registry, or everything that is wrong with them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from contracts.fault import Fault, Position
from contracts.item_forms import schema_check, steps, trial
from contracts.item_forms.definition import FormFile
from contracts.item_forms.faults import Desk
from contracts.item_forms.form import Form
from contracts.item_forms.registry import FormRegistry
from contracts.item_forms.selector import Selector
from contracts.located import Located, build, parse, read
from contracts.text import Text

MAX_FILES = 5000
SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class LoadedForms:
    """Forms that can be used. ``warnings`` do not stop them."""

    registry: FormRegistry
    warnings: tuple[Fault, ...] = ()
    digest: str = ""
    """Of the folder just before it was read: see :func:`digest_of`."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """One file that is right in itself."""

    file: FormFile
    form: Form
    desk: Desk


def form_files(folder: Path) -> Sequence[Path] | Fault:
    """The form files below a folder, in order; hidden ones are left alone."""
    start = Position(str(folder), 1, 1)
    try:
        if not folder.is_dir():
            return Fault("FORM_FOLDER", "", start, *_NO_FOLDER)
        found = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "invalid path"
        return Fault(
            "FORM_FOLDER", "", start, Text(f"目录不可读（{reason}）。", f"Unreadable: {reason}."), _NO_FOLDER[1]
        )
    shown = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    return shown if len(shown) <= MAX_FILES else Fault("FORM_FOLDER", "", start, *_TOO_MANY)


def load_folder(folder: Path) -> LoadedForms | tuple[Fault, ...]:
    """Every form of the folder, or every fault, in the order of the files."""
    files = form_files(folder)
    if isinstance(files, Fault):
        return (files,)
    digest = digest_of(folder)
    loaded = load(read(path) for path in files)
    return replace(loaded, digest=digest) if isinstance(loaded, LoadedForms) else loaded


def load_texts(texts: Mapping[str, str]) -> LoadedForms | tuple[Fault, ...]:
    """The same from texts by file name."""
    return load(parse(text, name) for name, text in sorted(texts.items()))


def load(sources: Iterable[Located | Fault]) -> LoadedForms | tuple[Fault, ...]:
    """The same from documents already read."""
    faults: list[Fault] = []
    drafts: list[_Draft] = []
    for source in sources:
        drafted = _draft(source) if isinstance(source, Located) else (source,)
        if isinstance(drafted, _Draft):
            drafts.append(drafted)
        else:
            faults += drafted
    _among(drafts)
    faults += [fault for draft in drafts for fault in draft.desk.faults]
    if any(fault.severity == "error" for fault in faults):
        return tuple(faults)
    return LoadedForms(FormRegistry(draft.form for draft in drafts), tuple(faults))


def _draft(source: Located) -> _Draft | tuple[Fault, ...]:
    file = build(source, FormFile)
    if isinstance(file, tuple):
        return file
    desk = Desk(source)
    selectors = tuple(_selectors(desk, file))
    validator = schema_check.check(desk.below("schema"), file.json_schema)
    if validator is None or desk.broken():
        return desk.faults
    form = Form(
        name=file.name,
        version=file.version,
        title=Text(file.title.zh, file.title.en),
        selectors=selectors,
        carried_by=frozenset(file.carried_by),
        schema=file.json_schema,
        validator=validator,
        conversion=steps.conversion(file.from_previous) if file.from_previous is not None else None,
        file=source.file,
    )
    trial.check(desk, file, form)
    return _Draft(file, form, desk)


def _selectors(desk: Desk, file: FormFile) -> Iterator[Selector]:
    for index, item in enumerate(file.items):
        selector = Selector.of(item)
        if selector is None:
            desk.fault("FORM_ITEM", ("items", index), _ITEM)
        else:
            yield selector


def _among(drafts: Sequence[_Draft]) -> None:
    """What no file can be told by itself."""
    by_name: dict[str, list[_Draft]] = {}
    for draft in drafts:
        by_name.setdefault(draft.form.name, []).append(draft)
    for versions in by_name.values():
        versions.sort(key=lambda draft: draft.form.version)
        for older, newer in pairwise(versions):
            _neighbours(older, newer)
    _rivals([versions[-1] for versions in by_name.values()])


def _neighbours(older: _Draft, newer: _Draft) -> None:
    desk, ours, theirs = newer.desk, newer.form, older.form
    if ours.version == theirs.version:
        problem = Text(f"该表单的版本 {ours.version} 已在 {theirs.file} 中。",
                       f"Version {ours.version} of this form stands in {theirs.file} already.")  # fmt: skip
        desk.fault("FORM_DUPLICATE", ("version",), (problem, _RENUMBER))
        return
    if set(ours.selectors) != set(theirs.selectors) or ours.carried_by != theirs.carried_by:
        desk.fault("FORM_ITEMS_DIFFER", ("items",), _SAME_ITEMS)
    if ours.version != theirs.version + 1:
        desk.fault(
            "FORM_VERSION_GAP",
            ("version",),
            (_GAP, Text(f"应为 {theirs.version + 1}。", f"Expected {theirs.version + 1}.")),
        )
        return
    if ours.conversion is None:
        desk.fault("FORM_NO_CONVERSION", ("version",), _NO_CONVERSION)
        return
    steps.check(desk, newer.file, older.file)
    if not desk.broken():
        trial.check_conversion(desk, newer.file, ours, older.file, theirs)


def _rivals(newest: Sequence[_Draft]) -> None:
    """No item may have two forms that fit it equally well."""
    weights: dict[tuple[bool, int], list[tuple[Selector, _Draft, int]]] = {}
    for draft in newest:
        for index, selector in enumerate(draft.form.selectors):
            peers = weights.setdefault(selector.weight, [])
            for other, rival, _ in peers:
                if rival is not draft and rival.form.carried_by & draft.form.carried_by and selector.rivals(other):
                    problem = Text(
                        f"{rival.form.name} 同样适用于这些事项。", f"{rival.form.name} serves the same items as well."
                    )
                    draft.desk.fault("FORM_ITEM_TAKEN", ("items", index), (problem, _NARROW))
            peers.append((selector, draft, index))


def digest_of(folder: Path) -> str:
    """One text for the names and contents of a folder's form files: while it stays the same, nothing has changed."""
    files = form_files(folder)
    if isinstance(files, Fault):
        return files.code
    hashed = hashlib.sha256()
    for path in files:
        try:
            content = path.read_bytes()
        except OSError as error:
            content = repr(error).encode()
        hashed.update(hashlib.sha256(bytes(path)).digest() + hashlib.sha256(content).digest())
    return hashed.hexdigest()


_NO_FOLDER = (
    Text("表单目录不存在。", "There is no such folder of forms."),
    Text("请新建该目录，或改正 forms.folder。", "Make the folder, or correct forms.folder."),
)
_TOO_MANY = (
    Text(f"目录中超过 {MAX_FILES} 个文件。", f"The folder holds over {MAX_FILES} files."),
    Text("请检查目录是否正确。", "See whether it is the right folder."),
)
_ITEM = (
    Text("事项编码中至多一个“*”，且不能只有“*”。", "An item code has one '*' at most, and not alone."),
    Text("写完整编码，或如 JY*、*000131014000。", "Write whole codes, or such as JY* and *000131014000."),
)
_RENUMBER = Text("请改为下一个版本号，或另取 name。", "Give it the next number, or another name.")
_SAME_ITEMS = (
    Text("同一表单的各版本应适用于相同的事项。", "All versions of a form serve the same items."),
    Text("请让各版本的 items 和 carried_by 相同。", "Make items and carried_by the same in all of them."),
)
_GAP = Text("版本号不连续。", "A version is missing in between.")
_NO_CONVERSION = (
    Text("没有说明与上一版本的差别。", "It does not say how it differs from the version before."),
    Text("请写 from_previous；没有差别时写 []。", "Write from_previous; [] if nothing has changed."),
)
_NARROW = Text("请把其中一个写得更具体。", "Say more in one of them.")
