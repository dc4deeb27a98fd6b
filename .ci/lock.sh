#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes requirements/*.lock from pyproject.toml. Every file names versions and hashes for all platforms and no index, so that a
# mirror serves as well as any other. The versions of run.lock bind the two others.
#
#   lock.sh PYTHON [--upgrade]
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$1" -m venv "$scratch"
shift
"$scratch/bin/python" -m pip --disable-pip-version-check install --quiet uv==0.13.9

# lock OUTPUT ARGUMENTS...
lock() {
  output=$1
  shift
  "$scratch/bin/uv" --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --custom-compile-command "make lock" --output-file "$output" "$@" >/dev/null
}

lock requirements/run.lock pyproject.toml --extra otel "$@"
lock requirements/dev.lock pyproject.toml --group dev --constraints requirements/run.lock "$@"
lock requirements/build.lock --group build --constraints requirements/dev.lock "$@"
lock requirements/fuzz.lock --group fuzz --constraints requirements/dev.lock "$@"
lock requirements/audit.lock --group audit --constraints requirements/dev.lock "$@"
