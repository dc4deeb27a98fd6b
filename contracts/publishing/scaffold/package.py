# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A repository for contracts of one's own: with namespace, lock, gate and tests, installed beside the hub."""

import re
from collections.abc import Mapping
from string import Template

from contracts.publishing.scaffold.family import family
from contracts.text import Text

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAMESPACE = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z][a-z0-9]*)+\.")

_PYPROJECT = Template("""\
# SPDX-FileCopyrightText: $name authors
# SPDX-License-Identifier: Apache-2.0
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "$name"
version = "0.1.0"
description = "Contracts of $namespace for govhub"
requires-python = ">=3.11"
dependencies = ["govhub>=0.1"]

[project.entry-points."govhub.contracts"]
$name = "$package:PACKAGE"

[dependency-groups]
dev = ["pytest>=9"]

[tool.hatch.build.targets.wheel]
packages = ["$package"]

[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = ["--import-mode=importlib", "-p", "no:asyncio"]
filterwarnings = ["error"]
""")

_INIT = Template('''\
# SPDX-FileCopyrightText: $name authors
# SPDX-License-Identifier: Apache-2.0
"""The contracts of $namespace, found by govhub through the entry point in pyproject.toml."""

from pathlib import Path

from contracts.publishing.package import ContractPackage
from $package.families import CONTRACTS

PACKAGE = ContractPackage(
    name="$name",
    namespace="$namespace",
    contracts=CONTRACTS,
    published=Path(__file__).parent / "published",
)
''')

_FAMILIES = Template('''\
# SPDX-FileCopyrightText: $name authors
# SPDX-License-Identifier: Apache-2.0
"""The families."""

from collections.abc import Sequence

from contracts.contract import Contract

CONTRACTS: Sequence[Contract] = ()
''')

_TESTS = Template('''\
# SPDX-FileCopyrightText: $name authors
# SPDX-License-Identifier: Apache-2.0
"""The gate: the conventions hold, nothing published is broken, and govhub finds the package."""

from contracts.publishing.packages import installed
from contracts.publishing.suite import problems
from $package import PACKAGE


def test_the_package_keeps_the_conventions() -> None:
    assert problems(PACKAGE) == ()


def test_govhub_finds_it() -> None:
    found = installed()

    assert [one.name for one in found.unusable] == []
    assert PACKAGE.name in {package.name for package in found.packages}
''')

_README = Template("""\
# $name

$namespace 的数据契约，供 govhub 使用。Contracts of `$namespace` for govhub.

```sh
pip install -e . pytest                            # 安装到 govhub 所在环境 into the environment of govhub
pytest                                             # 约定与兼容性 conventions and compatibility
govhub contracts check                             # 与已发布版本比较 compare with what was published
govhub contracts publish --package $name           # 写入 $package/published，然后提交 then commit it
govhub contracts new inspection.noted --package $name
govhub contracts version ${namespace}record.noted
```

已发布的版本只能增加可选字段；其他改动请另立新版本，并写出与前一版本的转换。
A published version takes only optional fields more; anything else is a new version, with its conversion.

各实例可以逐台安装：一个版本在所有实例都认识它之后才会启用。
Install it hub by hub, in any order: a version comes into use only when every hub knows it.
""")

_GATE = Template("""\
#!/bin/sh
# SPDX-FileCopyrightText: $name authors
# SPDX-License-Identifier: Apache-2.0
# Run this in CI.
set -eu
python -m pytest
govhub contracts check
""")


def fits(name: str, namespace: str) -> bool:
    """Whether a package may be called so: ``luzhou-contracts`` and ``cn.luzhou.``."""
    return _NAME.fullmatch(name) is not None and _NAMESPACE.fullmatch(namespace) is not None


def package(name: str, namespace: str) -> Mapping[str, str]:
    """Every file of the repository by its path; ``name`` and ``namespace`` must :func:`fit <fits>`."""
    module = name.replace("-", "_")
    words = {"name": name, "namespace": namespace, "package": module}
    example = family(
        namespace=namespace,
        name="record.noted",
        title=Text("备注", "Record noted"),
        folder=f"{module}/families",
        package=f"{module}.families",
        listing=_FAMILIES.substitute(words),
        holder=f"{name} authors",
    )
    return {
        "pyproject.toml": _PYPROJECT.substitute(words),
        "README.md": _README.substitute(words),
        "gate.sh": _GATE.substitute(words),
        f"{module}/__init__.py": _INIT.substitute(words),
        f"{module}/published/README": "govhub contracts publish\n",
        "tests/test_package.py": _TESTS.substitute(words),
        **example.files,
        example.listing: example.listed,
    }
