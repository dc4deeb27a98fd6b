#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# Prints the absolute path of a Python that can make our environment (3.11 or newer, with venv and ensurepip), or else one line
# saying what to install. The Makefile turns that line into its only message; so nothing else may be printed, and a Python
# that cannot do it is never tried further.
#
#   find_python.sh [PYTHON]     PYTHON: the only candidate, instead of the usual names
set -u

# Prints "MAJOR.MINOR yes|no PATH" for a working interpreter, nothing for what is not one (pyenv's shims exist without their Python).
# The modules are looked for without being imported: Debian's venv package imports and then fails half way for want of ensurepip.
describe() {
  "$1" -c '
import importlib.util, sys
ready = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
print("%d.%d" % sys.version_info[:2], "yes" if ready else "no", sys.executable)
' 2>/dev/null
}

# Whether "MAJOR.MINOR" is at least 3.11.
recent() {
  [ "${1%%.*}" -gt 3 ] || { [ "${1%%.*}" -eq 3 ] && [ "${1#*.}" -ge 11 ]; }
}

without_venv=
too_old=
for candidate in ${1:-python3.11 /usr/bin/python3.11 python3.12 python3.13 python3.14 python3}; do
  described=$(describe "$candidate") || continue
  version=${described%% *}
  rest=${described#* }
  if ! recent "$version"; then
    too_old=$version
  elif [ "${rest%% *}" = yes ]; then
    printf '%s\n' "${rest#* }"
    exit 0
  else
    without_venv=${without_venv:-$version}
  fi
done

if [ -n "$without_venv" ]; then
  package="python$without_venv-venv"
  printf '%s\n' "此 Python $without_venv 缺少 venv 模块，请安装 $package（如 apt-get install $package） / Python $without_venv has no venv module: install $package (for example apt-get install $package)"
elif [ -n "$too_old" ]; then
  printf '%s\n' "Python $too_old 过旧，请安装 3.11 以上版本（如 apt-get install python3.11 python3.11-venv） / Python $too_old is too old: install 3.11 or newer (for example apt-get install python3.11 python3.11-venv)"
else
  printf '%s\n' "未找到 Python，请安装 3.11 以上版本（如 apt-get install python3.11 python3.11-venv） / no Python found: install 3.11 or newer (for example apt-get install python3.11 python3.11-venv)"
fi
exit 1
