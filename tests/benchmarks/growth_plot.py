# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The growth benchmark's plot: one panel for each axis, CPU time per message over size, as plain SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PANEL, _LEFT, _TOP, _HEIGHT, _GAP = 250, 50, 44, 170, 34
_MOST_LINES = 6
_STEPS = [digit * 10.0**power for power in range(-3, 6) for digit in (1, 2, 5)]
_COLOURS = {"hub_ms": ("#1f5fa8", "hub"), "database_ms": ("#b3541e", "database")}


@dataclass(frozen=True, slots=True)
class Axis:
    """``key`` names the size in a row."""

    key: str
    title: str


AXES = {
    "destinations": Axis("destinations", "destinations"),
    "rules": Axis("rules", "routing rules"),
    "journal": Axis("rows", "messages in the journal"),
}


def draw(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of the benchmark's JSON as an SVG document. Points are medians, bars span the rounds."""
    top = max((row[name]["largest"] for row in rows for name in _COLOURS), default=1.0) * 1.1
    panels: list[str] = []
    for name, axis in AXES.items():
        if mine := [row for row in rows if row["axis"] == name]:
            left = _LEFT + len(panels) * (_PANEL + _GAP)
            panels.append(_panel(mine, axis, left, top))
    width, height = _LEFT + len(panels) * (_PANEL + _GAP), _TOP + _HEIGHT + 46
    legend = "".join(
        f'<circle cx="{_LEFT + n * 90}" cy="16" r="4" fill="{colour}"/><text x="{_LEFT + 10 + n * 90}" y="20">{said}</text>'
        for n, (colour, said) in enumerate(_COLOURS.values())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11" fill="#222">\n'
        "<!-- SPDX-FileCopyrightText: The govhub authors -->\n<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
        "<title>CPU milliseconds per message, as everything else grows</title>\n"
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n{legend}'
        f'<text x="{_LEFT + 190}" y="20">CPU, ms per message (median; bars: smallest to largest round)</text>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def _panel(rows: Sequence[Mapping[str, Any]], axis: Axis, left: int, top: float) -> str:
    bottom = _TOP + _HEIGHT
    step = _PANEL / len(rows)
    parts = [f'<text x="{left + _PANEL / 2:.0f}" y="{bottom + 34}" text-anchor="middle">{axis.title}</text>']
    between = next(each for each in _STEPS if top / each <= _MOST_LINES)
    marks = [n * between for n in range(int(top / between) + 1)]
    for mark in marks:
        y = bottom - mark / top * _HEIGHT
        parts.append(f'<path d="M{left} {y:.1f}h{_PANEL}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{mark:g}</text>')
    middles = [left + step * (n + 0.5) for n in range(len(rows))]
    parts += [
        f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{row[axis.key]:,}</text>'
        for x, row in zip(middles, rows, strict=True)
    ]
    for name, (colour, _) in _COLOURS.items():
        heights = [
            [bottom - row[name][which] / top * _HEIGHT for which in ("median", "smallest", "largest")] for row in rows
        ]
        line = " ".join(f"{x:.1f},{heights[n][0]:.1f}" for n, x in enumerate(middles))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        for x, (median, smallest, largest) in zip(middles, heights, strict=True):
            parts.append(f'<path d="M{x:.1f} {smallest:.1f}V{largest:.1f}" stroke="{colour}"/>')
            parts.append(f'<circle cx="{x:.1f}" cy="{median:.1f}" r="3.5" fill="{colour}"/>')
    return "\n".join(parts)
