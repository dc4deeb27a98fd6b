# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A file of contacts: who holds which role where, so that warnings and supervise orders reach persons. 督办联系人

version: 1
contacts:
  - role: item_chief
    department: "115105020000000008"
    items: ["1151050200000000084*"]
    ways: [{channel: sms, address: "00000000000"}]

It holds personal data: it stands beside the deployment, readable to the hub alone, and nothing of it is ever logged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.codes import NoticeChannel, SupervisedRole
from contracts.families.fields import Department, Line30, Line200
from contracts.fault import Fault
from contracts.located import Located, build, read
from contracts.text import Text

_SHAPE = ConfigDict(frozen=True, extra="forbid")
ItemPattern = Annotated[str, StringConstraints(pattern=r"^[^\s*]{0,64}\*?$", min_length=1, max_length=65)]


class Reach(BaseModel):
    """One way to reach somebody."""

    model_config = _SHAPE

    channel: NoticeChannel = Field(description="渠道。 By what means.")
    address: Line200 = Field(description="号码或地址。 Number or address.")


class Contact(BaseModel):
    """Somebody who holds a role. The narrower contact goes before the wider one; of equally narrow ones all are told."""

    model_config = _SHAPE

    role: SupervisedRole = Field(description="角色。 The role.")
    department: Department | None = Field(
        default=None,
        description="部门代码；省略为没有专人的各部门。 The department; else all that have nobody of their own.",
    )
    items: Annotated[tuple[ItemPattern, ...], Field(max_length=1000)] = Field(
        default=(), description="事项编码，可以 * 结尾；省略为全部。 Items, or their beginnings with a star; else all."
    )
    handler: Line30 | None = Field(
        default=None,
        description="仅 handler：办件记录中的经办人姓名。 For a handler: the name that the records of a case write.",
    )
    ways: Annotated[tuple[Reach, ...], Field(min_length=1, max_length=5)] = Field(
        description="依次尝试的渠道。 Ways to try, in this order."
    )

    def fits(self, role: SupervisedRole, department: str, item: str, handler: str) -> bool:
        """Whether it is about this."""
        return (
            self.role is role
            and self.department in (None, department)
            and (not self.items or any(_fits(one, item) for one in self.items))
            and self.handler in (None, handler)
        )

    def narrowness(self, item: str) -> tuple[bool, bool, int]:
        """How narrow it is: by name, by department, by item."""
        longest = max((len(one) for one in self.items if _fits(one, item)), default=0)
        return self.handler is not None, self.department is not None, longest


class _Document(BaseModel):
    model_config = _SHAPE

    version: Literal[1]
    contacts: Annotated[tuple[Contact, ...], Field(max_length=20_000)]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Everybody who can be told."""

    all: tuple[Contact, ...] = ()

    def of(self, role: SupervisedRole, department: str, item: str, handler: str) -> Sequence[Contact]:
        """Who holds a role for a case; empty: nobody does."""
        fitting = [one for one in self.all if one.fits(role, department, item, handler)]
        narrowest = max((one.narrowness(item) for one in fitting), default=None)
        return [one for one in fitting if one.narrowness(item) == narrowest]


def load_contacts(file: Path) -> Contacts | tuple[Fault, ...]:
    """The contacts of a file, or everything that is wrong with it."""
    source = read(file)
    if isinstance(source, Fault):
        return (source,)
    document = build(source, _Document)
    if isinstance(document, tuple):
        return document
    faults = tuple(_misnamed(source, document))
    return faults or Contacts(document.contacts)


def _misnamed(source: Located, document: _Document) -> Iterator[Fault]:
    for n, one in enumerate(document.contacts):
        if one.handler is not None and one.role is not SupervisedRole.HANDLER:
            yield Fault(
                "CONTACT_NAMED",
                f"contacts[{n}].handler",
                source.at(("contacts", n, "handler")),
                Text("只有具体负责人按姓名查找。", "Only a handler is found by name."),
                Text("请删去 handler，或把 role 改为 handler。", "Take handler out, or make the role handler."),
            )


def _fits(pattern: str, item: str) -> bool:
    return item.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == item
