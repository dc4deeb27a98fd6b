# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The items' own forms of a deployment: its ``forms`` section and the folder that it names."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from contracts.fault import dotted
from contracts.item_forms.load import LoadedForms, load_folder
from contracts.item_forms.policy import FormPolicy
from contracts.item_forms.registry import CARRIERS, FormRegistry
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.deployment import Deployment, FormPolicySection, FormsSection
from hub.config.unknown import unknown
from hub.item_forms import ItemForms


def load_forms(deployment: Deployment, source: Located) -> tuple[LoadedForms | None, list[Fault]]:
    """The forms of the folder, if the deployment names one, and every fault, warnings too."""
    section = deployment.forms
    if section is None:
        return None, []
    faults = [
        unknown(source, ("forms", "systems", name), Text("系统", "system"), name, deployment.systems, key=True)
        for name in section.systems
        if name not in deployment.systems
    ]
    loaded = load_folder(Path(source.file).parent / section.folder)
    if isinstance(loaded, LoadedForms):
        return loaded, [*faults, *loaded.warnings, *_versions_unknown(deployment, source, loaded.registry)]
    at = source.at(("forms", "folder"))
    return None, [*faults, *(replace(one, at=at, path="forms") if one.code == "FORM_FOLDER" else one for one in loaded)]


def _versions_unknown(deployment: Deployment, source: Located, registry: FormRegistry) -> Iterator[Fault]:
    """Versions that a system says it understands, of an item whose form is registered, and that the form does not have."""
    for name, system in deployment.systems.items():
        for item, versions in system.speaks.forms.items():
            there = {form.version for carrier in CARRIERS.values() for form in registry.versions(item, carrier)}
            for n, version in enumerate(versions):
                if there and version not in there:
                    path = ("systems", name, "speaks", "forms", item, n)
                    have = ", ".join(map(str, sorted(there)))
                    yield Fault(
                        "VERSION_UNKNOWN",
                        dotted(path),
                        source.at(path),
                        Text(f"该事项的表单没有版本 {version}。", f"The item's form has no version {version}."),
                        Text(f"现有版本：{have}。", f"Its versions are: {have}."),
                    )


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
