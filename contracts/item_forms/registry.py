# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The set of all registered forms, found by item code and version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from contracts.cloudevent import JsonValue
from contracts.conversion import Converted, Inexpressible, Loss
from contracts.item_forms.definition import Carrier
from contracts.item_forms.form import Form
from contracts.item_forms.selector import Selector
from contracts.item_forms.violations import ROOT
from contracts.personal import PersonalClass
from contracts.text import Text

CARRIERS: Mapping[str, Carrier] = {"cn.gov.application.submitted": "application", "cn.gov.process.step": "step"}
"""The contracts whose records carry a form, whatever their version."""

_WHOLE: Mapping[str, PersonalClass] = {ROOT: PersonalClass.FREE_TEXT}


@dataclass(frozen=True, slots=True)
class _Served:
    """One form in all its versions."""

    versions: Mapping[int, Form]

    @property
    def newest(self) -> Form:
        return self.versions[max(self.versions)]


class FormRegistry:
    """An immutable set of forms."""

    def __init__(self, forms: Iterable[Form] = ()) -> None:
        by_name: dict[str, dict[int, Form]] = {}
        for form in forms:
            by_name.setdefault(form.name, {})[form.version] = form
        self._served = tuple(_Served(dict(sorted(by_name[name].items()))) for name in sorted(by_name))
        self._whole: dict[tuple[str, Carrier], _Served] = {}
        patterns: list[tuple[Selector, Carrier, _Served]] = []
        for one in self._served:
            for selector, carrier in product(one.newest.selectors, one.newest.carried_by):
                if selector.after is None:
                    self._whole[selector.before, carrier] = one
                else:
                    patterns.append((selector, carrier, one))
        self._patterns = sorted(patterns, key=lambda entry: entry[0].weight, reverse=True)

    def all(self) -> Sequence[Form]:
        """Every version of every form, by name, oldest first."""
        return tuple(form for one in self._served for form in one.versions.values())

    def versions(self, item: str, carrier: Carrier = "application") -> Sequence[Form]:
        """The versions of the form that this item has, oldest first; empty: none is registered."""
        served = self._of(item, carrier)
        return tuple(served.versions.values()) if served is not None else ()

    def find(self, item: str, version: int, carrier: Carrier = "application") -> Form | None:
        """One version of an item's form."""
        served = self._of(item, carrier)
        return served.versions.get(version) if served is not None else None

    def personal(self, item: str, version: int, carrier: Carrier = "application") -> Mapping[str, PersonalClass]:
        """The personal fields of a form, as JSON paths in its message; of one that is not registered, all of it."""
        form = self.find(item, version, carrier)
        return form.personal if form is not None else _WHOLE

    def convert(
        self, form: Mapping[str, JsonValue], version: int, carrier: Carrier = "application"
    ) -> Converted | Inexpressible:
        """A filled-in form (``item_code``, ``form_version``, ``data``) in another version, through every one between.

        The form is not changed. Paths of losses begin with ``$.data.form.data`` and are of the version that could still
        say it. What comes out is what the other version takes; whatever keeps it from being that is told.
        """
        item, at, data = form.get("item_code"), form.get("form_version"), form.get("data")
        if not isinstance(item, str) or not isinstance(at, int) or not isinstance(data, dict):
            return Inexpressible("$.data.form", _MALFORMED)
        versions = {one.version: one for one in self.versions(item, carrier)}
        if at not in versions or version not in versions:
            return Inexpressible("$.data.form.form_version", _UNREGISTERED)
        if unfit := versions[at].check(data):
            return Inexpressible(unfit[0].path, _UNFIT)
        record, losses = dict(data), tuple[Loss, ...]()
        while at != version:
            step = 1 if at < version else -1
            newer = versions[max(at, at + step)]
            assert newer.conversion is not None, "the loader lets no version without a way to the one before it"
            told = newer.conversion.up(record) if step > 0 else newer.conversion.down(record)
            if isinstance(told, Inexpressible):
                return replace(told, path=_in_message(told.path))
            at += step
            record = told.data
            losses += tuple(replace(loss, path=_in_message(loss.path)) for loss in told.losses)
            if unfit := versions[at].check(record):
                return Inexpressible(unfit[0].path, _MISFIT)
        return Converted({**form, "form_version": version, "data": record}, losses)

    def _of(self, item: str, carrier: Carrier) -> _Served | None:
        """The form that fits best; the loader lets no two fit equally well."""
        whole = self._whole.get((item, carrier))
        if whole is not None:
            return whole
        fitting = (one for selector, by, one in self._patterns if by == carrier and selector.takes(item))
        return next(fitting, None)


def _in_message(path: str) -> str:
    return ROOT + path.removeprefix("$.data")


_MALFORMED = Text("表单缺少编码、版本或数据", "The form lacks its item code, its version or its data")
_UNREGISTERED = Text("没有注册该事项的这一表单版本", "This version of the item's form is not registered")
_UNFIT = Text("数据不符合它自己的表单版本", "The data is not what its own version of the form says")
_MISFIT = Text("转换后的数据不符合另一版本", "What the conversion gives is not what the other version says")
