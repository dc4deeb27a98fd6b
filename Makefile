# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# The only candidate if it is given; otherwise the script looks for one.
PYTHON ?=
# Asked for once, when the environment must be made, and remembered: a path, or the sentence that says what to install.
FOUND = $(eval FOUND := $(shell sh .ci/find_python.sh "$(PYTHON)"))$(FOUND)

BIN := .venv/bin
STAMP := .venv/.complete
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
CONSOLE := hub/console/static/index.html
SHELL_SCRIPTS := .ci/run .ci/build_console.sh .ci/find_python.sh .ci/install_servers.sh .ci/install_parser.sh .ci/lock.sh examples/clients/client.sh certs/evidence/verify.sh
YAML := $(wildcard docker examples)
# Processes that share the tests, each with servers of its own: one per core and one more, since tests wait a good deal; four at most.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 1); if [ "$$n" -ge 4 ]; then echo 4; else echo "$$((n + 1))"; fi)

.PHONY: help
help: ## 显示本帮助 / show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## 建立 .venv，含 govhub 命令 / make .venv with the govhub command in it

# An environment is begun anew only if its pip does not answer (an interrupted start, a Python that went away).
$(STAMP): requirements/dev.lock pyproject.toml
	@$(if $(filter /%,$(firstword $(FOUND))),,$(error $(FOUND)))
	@echo "正在准备 .venv（首次约需一分钟）/ preparing .venv (about a minute the first time)"
	@$(PIP) --version >/dev/null 2>&1 || "$(FOUND)" -m venv --clear .venv
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements/dev.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: evidence-flips
evidence-flips: $(STAMP) ## 逐字节改动证据包，脚本验证器须一一发现（约一小时）/ change every byte of a container: the shell verifier sees each
	@GOVHUB_EVIDENCE_FLIPS=1000000 $(BIN)/python -m pytest -q tests/certs/evidence/test_shell.py -k single_byte

.PHONY: console
console: $(STAMP) $(CONSOLE) ## 构建控制台网页（Node 来自 PyPI）/ build the console's page with a Node from PyPI

$(CONSOLE): $(shell find hub/console/web -type f -not -path '*/node_modules/*' 2>/dev/null) | $(STAMP)
	@echo "正在构建控制台（首次约一分钟）/ building the console (about a minute the first time)"
	@sh .ci/build_console.sh

.PHONY: demo
demo: $(STAMP) ## 运行演示，Ctrl-C 结束 / run the demonstration until Ctrl-C
	@$(MAKE) console || echo "没有控制台，其余照常 / without the console; the rest goes on"
	@$(BIN)/govhub demo

.PHONY: test
test: servers console lint ## 检查并运行全部测试 / lint, then run every test (JOBS processes)
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

.PHONY: test-faults
test-faults: servers ## 故障测试，每项三次，约一小时 / the fault suite: three repetitions, about an hour
	@GOVHUB_FAULTS=full $(BIN)/python -m pytest tests/faults tests/path/test_crash_points.py

.PHONY: soak
soak: servers ## 故障测试，长夜完整版 / the fault suite as the catalogue writes it, for a long night
	@GOVHUB_FAULTS=soak $(BIN)/python -m pytest tests/faults tests/path/test_crash_points.py

.PHONY: model
model: servers ## 模型测试：随机的全程演练，一次三千个 / the model of the whole: three thousand plans that were drawn at random
	@GOVHUB_MODEL_SEED=$${GOVHUB_MODEL_SEED:-$$(date +%s)} GOVHUB_MODEL_EXAMPLES=$${GOVHUB_MODEL_EXAMPLES:-3000} \
		$(BIN)/python -m pytest -s tests/model

.PHONY: servers
servers: $(STAMP)
	@sh .ci/install_servers.sh
	@sh .ci/install_parser.sh

.PHONY: lint
lint: $(STAMP) ## 格式、类型、分层与配置检查 / formatting, types, layers and configuration files
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/mypy examples/clients/client.py
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/shellcheck $(SHELL_SCRIPTS)
	@$(if $(YAML),$(BIN)/yamllint --strict $(YAML))

.PHONY: bench
bench: $(STAMP) ## 压测真实路径 / load the real path and report figures
	@$(BIN)/govhub bench

.PHONY: bench-contracts
bench-contracts: $(STAMP) ## 契约校验、转换、XML 的速度 / how fast contracts check, convert and write XML
	@$(BIN)/python -m tests.benchmarks.contracts
	@$(BIN)/python -m tests.benchmarks.xml_round_trip

.PHONY: bench-growth
bench-growth: $(STAMP) ## 规模增长时每件消息的开销 / what a message costs as destinations, rules and journal grow
	@$(BIN)/python -m tests.benchmarks.growth

.PHONY: bench-reconcile
bench-reconcile: $(STAMP) servers ## 对账一百万条，双方各需多久 / reconcile a million records, and how long each side takes
	@$(BIN)/python -m tests.benchmarks.reconcile

.PHONY: fuzz
fuzz: $(STAMP) ## 模糊测试各解析器 / fuzz the loaders, SECONDS each (60); KEEP=1 keeps some of what it finds
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements/fuzz.lock
	@for target in json xml map seal routes expression envelope signature; do \
	  echo "== $$target"; \
	  $(BIN)/python -m tests.fuzz.run $$target -max_total_time=$(or $(SECONDS),60) -print_final_stats=1 $(if $(KEEP),--keep) || exit 1; \
	done

# A folder of their own: what they bring along is none of the hub's. pip-audit asks a database of holes in the network; where there
# is none it says NOT AUDITED, and ends well unless GOVHUB_AUDIT=strict.
AUDIT := .venv/audit
$(AUDIT)/.complete: requirements/audit.lock $(STAMP)
	@$(BIN)/python -m venv --clear $(AUDIT)
	@$(AUDIT)/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --only-binary :all: -r requirements/audit.lock
	@touch $@

.PHONY: audit
audit: $(AUDIT)/.complete ## 查已锁定依赖的已知漏洞 / known holes in the locked dependencies
	@for lock in run dev build; do \
	  echo "== requirements/$$lock.lock"; \
	  { $(AUDIT)/bin/pip-audit --disable-pip --require-hashes --timeout 15 --progress-spinner off --format json -r requirements/$$lock.lock 2>/dev/null || true; } \
	    | $(BIN)/python .ci/audit.py $(if $(filter strict,$(GOVHUB_AUDIT)),--strict) || exit 1; \
	done

.PHONY: sbom
sbom: $(AUDIT)/.complete ## 物料清单（CycloneDX），写入 dist/govhub.cdx.json / the bill of materials of what runs
	@mkdir -p dist
	@PYTHONWARNINGS=ignore $(AUDIT)/bin/cyclonedx-py requirements requirements/run.lock --pyproject pyproject.toml --output-reproducible --of JSON -o dist/govhub.cdx.json
	@echo dist/govhub.cdx.json

.PHONY: docker-check
docker-check: $(STAMP) ## 不需引擎的容器文件检查 / check the container files without an engine
	@$(BIN)/python -m pytest -q tests/house/test_docker.py

.PHONY: lock
lock: ## 重新生成带哈希的锁文件 / make the hashed lock files anew (UPGRADE=1 for newer versions)
	@$(if $(filter /%,$(firstword $(FOUND))),,$(error $(FOUND)))
	@sh .ci/lock.sh "$(FOUND)" $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## 删除环境与缓存 / remove the environment and the caches
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis tests/asyncapi/node_modules tests/connectors/*/node_modules tests/connectors/*/.peers
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
