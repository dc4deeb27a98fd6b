# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the purposes of a table: names nobody knows, and what would no longer satisfy its contract."""

from collections.abc import Iterator

from contracts.contract import Contract
from contracts.fault import dotted
from contracts.located import Fault, nearest
from contracts.registry import Registry
from contracts.text import Text
from routing.purposes import EVERY, Purpose, broken_examples, lacking, limit, unknown_paths
from routing.table import RouteTable


def check_purposes(table: RouteTable, registry: Registry) -> Iterator[Fault]:
    """Everything wrong with what the purposes say by themselves."""
    known = {contract.type for contract in registry.all()}
    for name, purpose in table.purposes.items():
        if isinstance(purpose.fields, str):
            continue
        for contract, fields in purpose.fields.items():
            path: tuple[str | int, ...] = ("purposes", name, "fields", contract)
            if contract == EVERY:
                if not isinstance(fields, str):
                    yield Fault("E_ROUTE_PURPOSE_EVERY", dotted(path), table.source.at(path), *_EVERY)
            elif contract not in known:
                meant = nearest(contract, known)
                problem = Text(f"没有契约“{contract}”。", f"There is no contract '{contract}'.")
                remedy = Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?") if meant else _CORRECT
                yield Fault("E_ROUTE_CONTRACT_UNKNOWN", dotted(path), table.source.key_at(path), problem, remedy)
            else:
                yield from _fields(table, path, purpose, tuple(registry.versions(contract)))


def _fields(
    table: RouteTable, path: tuple[str | int, ...], purpose: Purpose, versions: tuple[Contract, ...]
) -> Iterator[Fault]:
    fields = purpose.of(versions[0].type)
    unknown = list(unknown_paths(fields, versions)) if isinstance(fields, tuple) else []
    for index, written in unknown:
        place = (*path, index)
        names = {name for contract in versions for name in contract.model.model_fields}
        meant = nearest(written.partition(".")[0], names)
        problem = Text(f"契约没有字段“{written}”。", f"The contract has no field '{written}'.")
        remedy = Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?") if meant else _CORRECT
        yield Fault("E_ROUTE_FIELD_UNKNOWN", dotted(place), table.source.at(place), problem, remedy)
    if not unknown:
        for contract in versions:
            yield from unsatisfied(table, path, purpose, contract)


def unsatisfied(
    table: RouteTable, path: tuple[str | int, ...], purpose: Purpose, contract: Contract
) -> Iterator[Fault]:
    """Why what a purpose keeps of a contract version would not satisfy it; ``path`` is where that is written."""
    kept = limit(purpose, contract)
    if kept is None:
        return
    version = f"{contract.type}@{contract.version}"
    if missing := lacking(kept, contract):
        named = ", ".join(missing)
        problem = Text(f"{version} 必填而此处没有：{named}。", f"{version} requires and this leaves out: {named}.")
        yield Fault("E_ROUTE_FIELDS_REQUIRED", dotted(path), table.source.at(path), problem, _KEEP)
    elif broken := broken_examples(kept, contract):
        named = ", ".join(broken[:5])
        problem = Text(
            f"{version} 的样例如此裁剪后不再符合契约：{named}。",
            f"Examples of {version} limited like this break it: {named}.",
        )
        yield Fault("E_ROUTE_FIELDS_RULE", dotted(path), table.source.at(path), problem, _KEEP_TOGETHER)


_EVERY = (
    Text("“*”不能用字段列表。", "'*' cannot have a list of fields."),
    Text("请写 all、impersonal 或 required，或逐个契约列出。", "Write all, impersonal or required, or name contracts."),
)
_CORRECT = Text("请按契约目录改正。", "Correct it by the catalogue of contracts.")
_KEEP = Text("请补上这些字段；契约必填的不可裁剪。", "Add them: what a contract requires cannot be left out.")
_KEEP_TOGETHER = Text(
    "契约规定这些字段须一并出现，请补上。", "By its rules the contract wants fields together; add what is missing."
)
