# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The items' own forms of a deployment: its ``forms`` section and the folder that it names."""

from dataclasses import replace
from pathlib import Path

from contracts.fault import dotted
from contracts.item_forms.load import LoadedForms, load_folder
from contracts.item_forms.policy import FormPolicy
from contracts.located import Fault, Located, nearest
from contracts.text import Text
from hub.config.deployment import Deployment, FormPolicySection, FormsSection
from hub.item_forms import ItemForms


def load_forms(deployment: Deployment, source: Located) -> tuple[LoadedForms | None, list[Fault]]:
    """The forms of the folder, if the deployment names one, and every fault, warnings too."""
    section = deployment.forms
    if section is None:
        return None, []
    faults = [_unknown(source, name, deployment) for name in section.systems if name not in deployment.systems]
    loaded = load_folder(Path(source.file).parent / section.folder)
    if isinstance(loaded, LoadedForms):
        return loaded, [*faults, *loaded.warnings]
    at = source.at(("forms", "folder"))
    return None, [*faults, *(replace(one, at=at, path="forms") if one.code == "FORM_FOLDER" else one for one in loaded)]


def item_forms(section: FormsSection | None, loaded: LoadedForms | None, home: Path) -> ItemForms:
    """What a hub holds messages against. ``loaded`` is there where the section is."""
    if section is None or loaded is None:
        return ItemForms()
    policy = _policy(section, FormPolicy())
    return ItemForms(
        registry=loaded.registry,
        policy=policy,
        policies={name: _policy(one, policy) for name, one in section.systems.items()},
        folder=home / section.folder,
        check_seconds=section.check_seconds,
        digest=loaded.digest,
    )


def _policy(section: FormPolicySection, otherwise: FormPolicy) -> FormPolicy:
    return FormPolicy(
        unregistered=section.unregistered or otherwise.unregistered,
        unregistered_version=section.unregistered_version or otherwise.unregistered_version,
        missing=section.missing or otherwise.missing,
    )


def _unknown(source: Located, name: str, deployment: Deployment) -> Fault:
    path = ("forms", "systems", name)
    guess = nearest(name, deployment.systems)
    hint = Text(f"是否指“{guess}”？", f"Did you mean '{guess}'?") if guess else _DECLARE
    problem = Text(f"没有这个系统：{name}。", f"There is no system '{name}'.")
    return Fault("NAME_UNKNOWN", dotted(path), source.key_at(path), problem, hint)


_DECLARE = Text("请先在 systems 中写明。", "Declare it under systems first.")
