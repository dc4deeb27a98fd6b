# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A site's map on top of the map it extends: one content, and every part of it knows the file it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.fault import Fault, Position
from contracts.located import Located, build, nearest, read
from contracts.mapping.map_file import MapFile
from contracts.text import Text

MAPS = Path(__file__).parent.parent / "dialects" / "maps"
"""The maps that come with the hub."""

MAX_BYTES = 128 * 1024
"""The largest map; those of the hub take a tenth of it."""

MOST = 8
"""Files that extend each other, in one chain."""

_WHOLE = {"path", "constant", "context", "fields"}
_SHORT = {"write", "path"}


@dataclass(frozen=True, slots=True)
class Layered:
    """``content`` is the merged map; ``layers`` the files it is made of, the site's own first."""

    content: MapFile
    layers: tuple[Located, ...]

    @property
    def file(self) -> str:
        """The site's own file."""
        return self.layers[0].file

    def at(self, *path: str | int, key: bool = False) -> Position:
        """Where something of the content stands, or the nearest thing around it."""
        spec = self.content.messages.get(str(path[1])) if path[:1] == ("messages",) and len(path) > 2 else None
        original = ("messages", spec.like, *path[2:]) if spec is not None and spec.like is not None else path
        for length in range(len(path), 0, -1):
            for asked in dict.fromkeys((path[:length], original[:length]) if length > 2 else (path[:length],)):
                for steps in dict.fromkeys((asked, tuple(step for step in asked if step not in _SHORT))):
                    for layer in self.layers:
                        if steps and _has(layer, steps):
                            return layer.key_at(steps) if key else layer.at(steps)
        return self.layers[0].at(())


def shipped() -> Mapping[str, Path]:
    """The maps that come with the hub, by name."""
    return {path.stem: path for path in sorted(MAPS.glob("*.yaml")) if not path.stem.endswith("_test")}


def layered(path: Path) -> Layered | tuple[Fault, ...]:
    """A map file and every file it extends, merged, or the faults of the first file that has any."""
    layers: list[Located] = []
    specs: list[MapFile] = []
    seen: list[Path] = []
    at: Path | None = path
    while at is not None:
        located = _read(at)
        if isinstance(located, Fault):
            return (_about_extends(located, layers),)
        spec = build(located, MapFile)
        if isinstance(spec, tuple):
            return spec
        layers.append(located)
        specs.append(spec)
        seen.append(at.resolve())
        following = _extended(spec, at, located)
        if isinstance(following, Fault):
            return (following,)
        if following is not None and (following.resolve() in seen or len(seen) >= MOST):
            return (Fault("E_MAP_EXTENDS", "extends", located.at(("extends",)), *_CIRCLE),)
        at = following
    merged: dict[str, Any] = {}
    for spec in reversed(specs):
        merged = _merged(merged, spec.model_dump(exclude_unset=True), ())
    return _content(merged, tuple(layers))


def _read(path: Path) -> Located | Fault:
    """The file, unless it is far larger than any map: what reads it is made for larger ones and takes its time."""
    try:
        size = path.stat().st_size if path.is_file() else 0
    except (OSError, ValueError):
        size = 0  # reading it says why
    return Fault("E_FILE_SIZE", "", Position(str(path), 1, 1), *_TOO_LARGE) if size > MAX_BYTES else read(path)


def _content(merged: dict[str, Any], layers: tuple[Located, ...]) -> Layered | tuple[Fault, ...]:
    """A merger of two right files is a right file, save where a field changes its kind."""
    messages: dict[str, Any] = merged.get("messages", {})
    for key, message in messages.items():
        if (like := message.get("like")) is None:
            continue
        model = messages.get(like)
        if model is None or model.get("like") is not None:
            at = next(layer for layer in layers if _has(layer, ("messages", key, "like"))).at(("messages", key, "like"))
            return (Fault("E_MAP_LIKE", f"messages.{key}.like", at, *_LIKE),)
        messages[key] = _merged(model, message, ("messages", key))
    content = build(Located(merged, layers[0].file, layers[0].root), MapFile)
    return content if isinstance(content, tuple) else Layered(content, layers)


def _extended(spec: MapFile, at: Path, located: Located) -> Path | Fault | None:
    name = spec.extends
    if name is None:
        return None
    if name.endswith(".yaml"):
        try:
            (at.parent / name).resolve()
        except (OSError, ValueError, RuntimeError):
            return Fault("E_MAP_EXTENDS", "extends", located.at(("extends",)), *_CIRCLE)
        return at.parent / name
    known = shipped()
    if name in known:
        return known[name]
    meant = nearest(name, known)
    names = "、".join(known)
    remedy = (
        Text(f"是否应为“{meant}”？", f"Did you mean '{meant}'?")
        if meant
        else Text(f"随附的映射有：{names}。", f"The maps that come with the hub: {names}.")
    )
    problem = Text(f"没有名为“{name}”的映射。", f"There is no map called '{name}'.")
    return Fault("E_MAP_EXTENDS", "extends", located.at(("extends",)), problem, remedy)


def _about_extends(fault: Fault, layers: list[Located]) -> Fault:
    """A file that is not there is a fault of the line that names it."""
    if not layers or fault.code not in {"E_FILE_MISSING", "E_FILE_DIRECTORY", "E_FILE_UNREADABLE"}:
        return fault
    return Fault(fault.code, "extends", layers[-1].at(("extends",)), fault.problem, fault.remedy)


def _merged(base: Any, over: Any, path: tuple[str, ...]) -> Any:
    """What ``over`` says, and of ``base`` what it leaves unsaid. Code maps and lists are replaced whole."""
    if not isinstance(base, dict) or not isinstance(over, dict) or _replaced(over, path):
        return over
    both = dict(base)
    for name, value in over.items():
        both[name] = _merged(base[name], value, (*path, name)) if name in base else value
    return both


def _replaced(over: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    if len(path) >= 2 and (path[-2:-1] == ("codes",) or path[-1] == "codes"):
        return True
    return len(path) >= 2 and path[-2] == "fields" and not over.keys().isdisjoint(_WHOLE)


def _has(layer: Located, path: tuple[str | int, ...]) -> bool:
    place = layer.root
    for step in path:
        inner = place.children.get(step)
        if inner is None:
            return False
        place = inner
    return True


_TOO_LARGE = (
    Text("映射文件超过 128 KB。", "The map is larger than 128 KB."),
    Text("请拆成几个映射。", "Divide it into several maps."),
)
_LIKE = (
    Text(
        "like 指向的报文不存在，或它自己也写了 like。",
        "'like' names no message of this map, or one that is like another.",
    ),
    Text("请写一种写全了的报文。", "Name a message that is written out."),
)
_CIRCLE = (
    Text("映射的继承成环或过长。", "The maps extend each other in a circle, or the chain is too long."),
    Text("请改正 extends。", "Correct 'extends'."),
)
