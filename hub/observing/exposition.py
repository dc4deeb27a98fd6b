# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The figures in Prometheus' text format. 指标的 Prometheus 文本

Names and labels are public (``docs/observing.md``). Labels hold names out of the configuration and codes out of a bounded
set; what the journal must be asked for was asked by the watching worker, never by a scrape.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from hub.observing.catalogue import catalogue_metrics
from hub.observing.connectors import connector_metrics
from hub.observing.identities import identity_metrics
from hub.observing.lookups import lookup_metrics
from hub.observing.parking import parking_metrics
from hub.ports.bus import BusDown
from hub.ports.figures import Histogram
from hub.ports.journal import Breaker
from hub.running import Hub

_BREAKERS = {Breaker.CLOSED: 0, Breaker.HALF_OPEN: 1, Breaker.OPEN: 2}
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Exposition:
    """The metrics of one hub as they are now."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Everything, in text format 0.0.4."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: names are checked by a test instead of at every start."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every metric of the hub; called by the registry."""
        yield from self._path()
        yield from self._intake()
        yield from self._backlog()
        yield from self._answers()
        yield from self._gates()
        yield from self._sources()
        yield from connector_metrics(self._hub)
        yield from lookup_metrics(self._hub)
        yield from catalogue_metrics(self._hub)
        yield from parking_metrics(self._hub)
        yield from identity_metrics(self._hub)
        yield from self._bus()
        yield from self._journal()
        yield from self._process()

    def _path(self) -> Iterator[Metric]:
        figures = self._hub.observer.figures
        yield _counters("govhub_messages_accepted", "受理的消息 messages accepted", ["system"], figures.accepted)
        yield _counters(
            "govhub_messages_repeated", "重复递交 accepted before, sent again", ["system"], figures.repeated
        )
        yield _counters("govhub_messages_refused", "拒绝的消息 messages refused", ["code"], figures.refused)
        yield _counters(
            "govhub_deliveries_planned",
            "受理时安排的投递 deliveries of accepted messages",
            ["destination"],
            figures.planned,
        )
        settled = CounterMetricFamily(
            "govhub_attempts", "结束的投递尝试 attempts that ended", labels=["destination", "state", "code"]
        )
        for labels, count in figures.settled.items():
            settled.add_metric(labels, count)
        yield settled
        yield _histograms(
            "govhub_accept_seconds", "受理用时 from received to answered", [], {"": figures.accept_seconds}
        )
        yield _histograms(
            "govhub_send_seconds", "连接器发送用时 of the connector", ["destination"], figures.send_seconds
        )
        yield _histograms(
            "govhub_delivered_seconds",
            "从受理到送达 from accepted to delivered",
            ["destination"],
            figures.delivered_seconds,
        )
        yield _gauge(
            "govhub_deliveries_in_hand", "本实例手中的投递 deliveries in hand here", len(self._hub.in_hand.deliveries)
        )

    def _intake(self) -> Iterator[Metric]:
        intake = self._hub.intake
        yield _gauge("govhub_connections", "打开的连接 open connections", intake.connected)
        yield _gauge("govhub_intake_requests", "正在处理的请求 requests under way", intake.under_way)
        yield _gauge("govhub_intake_bytes", "其正文字节 bytes of their bodies", intake.bytes_under_way)
        share = intake.waiting / intake.backlog
        yield _gauge("govhub_intake_backlog_share", "积压占上限的比例 backlog as a share of its bound", share)

    def _backlog(self) -> Iterator[Metric]:
        health, now = self._hub.health, self._hub.clock.now()
        labels = ["destination", "state"]
        count = GaugeMetricFamily("govhub_open_deliveries", "未完成的投递 deliveries not finished", labels=labels)
        oldest = GaugeMetricFamily("govhub_oldest_open_seconds", "最早一条已等待 age of the oldest", labels=labels)
        head = GaugeMetricFamily(
            "govhub_oldest_head_seconds", "轮到的最早一条已等待 age of the oldest whose turn it is", labels=labels
        )
        blocked = GaugeMetricFamily(
            "govhub_blocking_deliveries", "阻住通道的投递 deliveries that stop their lane", labels=["destination"]
        )
        blocking = dict.fromkeys(self._hub.outlets, 0)
        for one in health.standings:
            at = [one.destination, one.state]
            count.add_metric(at, one.count)
            oldest.add_metric(at, _age(now, one.oldest))
            if one.oldest_head is not None:
                head.add_metric(at, _age(now, one.oldest_head))
            blocking[one.destination] = blocking.get(one.destination, 0) + one.blocking
        for destination, number in blocking.items():
            blocked.add_metric([destination], number)
        yield from (count, oldest, head, blocked)
        if health.standings_at is not None:
            age = self._hub.clock.monotonic() - health.standings_at
            yield _gauge("govhub_backlog_look_age_seconds", "上述积压数字的年龄 age of the backlog figures", age)

    def _answers(self) -> Iterator[Metric]:
        """Final answers to what was accepted."""
        desk, label = self._hub.answers, ["destination"]
        heard = CounterMetricFamily(
            "govhub_answers", "收到的最终答复 final answers heard", labels=["destination", "heard"]
        )
        for (destination, what), count in desk.counted.items():
            heard.add_metric([destination, what.value], count)
        dropped = CounterMetricFamily(
            "govhub_answers_dropped", "无主而过期的答复 early answers that nothing was accepted for", labels=label
        )
        for destination, count in desk.dropped.items():
            dropped.add_metric([destination], count)
        overdue = GaugeMetricFamily(
            "govhub_answers_overdue", "逾期未到的最终答复 final answers that should be in", labels=label
        )
        due = dict.fromkeys(self._hub.outlets, 0)
        for one in self._hub.health.standings:
            due[one.destination] = due.get(one.destination, 0) + one.overdue
        for destination, count in due.items():
            overdue.add_metric([destination], count)
        yield from (heard, dropped, overdue)

    def _gates(self) -> Iterator[Metric]:
        known, label = self._hub.breakers.known, ["destination"]
        state = GaugeMetricFamily("govhub_breaker_state", "熔断 0 closed, 1 half-open, 2 open", labels=label)
        paused = GaugeMetricFamily("govhub_paused", "人工暂停 1 when a person paused it", labels=label)
        opened = CounterMetricFamily("govhub_breaker_openings", "熔断次数 times the breaker opened", labels=label)
        for name in self._hub.outlets:
            gate = known.get(name)
            state.add_metric([name], _BREAKERS[gate.breaker] if gate is not None else 0)
            paused.add_metric([name], int(gate is not None and gate.paused is not None))
            opened.add_metric([name], gate.opened if gate is not None else 0)
        yield from (state, paused, opened)

    def _sources(self) -> Iterator[Metric]:
        label = ["source"]
        taken = CounterMetricFamily(
            "govhub_source_taken", "来源的消息，已受理 messages taken of a source", labels=label
        )
        refused = CounterMetricFamily("govhub_source_refused", "来源的消息，已拒绝 and refused", labels=label)
        turned = CounterMetricFamily(
            "govhub_source_turned_away", "未被理会的调用 calls turned away", labels=["source", "code"]
        )
        waiting = GaugeMetricFamily("govhub_source_waiting", "已取而暂不能受理 in hand and waiting", labels=label)
        up = GaugeMetricFamily("govhub_source_up", "对端可达 1 when its far side answers", labels=label)
        for name, inlet in self._hub.inlets.items():
            taken.add_metric([name], inlet.taken)
            refused.add_metric([name], inlet.refused)
            waiting.add_metric([name], inlet.waiting)
            if inlet.looked:
                up.add_metric([name], int(inlet.trouble is None))
        for name, reception in self._hub.receptions.items():
            taken.add_metric([name], reception.taken)
            refused.add_metric([name], reception.refused)
            for code, count in reception.turned_away.items():
                turned.add_metric([name, self._hub.observer.codes.label(f"source {name}", code)], count)
        yield from (taken, refused, turned, waiting, up)

    def _bus(self) -> Iterator[Metric]:
        figures, state = self._hub.observer.figures, self._hub.bus.state()
        yield _counters("govhub_frames", "交给总线的帧 frames given to the bus", ["result"], figures.frames)
        yield CounterMetricFamily("govhub_foreign_messages", "隔离的异物 foreign messages set aside", figures.foreign)
        down = isinstance(state, BusDown)
        yield _gauge("govhub_bus_up", "总线可用 1 when the bus takes frames", int(not down))
        blocked = isinstance(state, BusDown) and state.blocked
        yield _gauge(
            "govhub_bus_blocked", "总线告警停收 1 when the broker's alarm keeps it from taking any", int(blocked)
        )

    def _journal(self) -> Iterator[Metric]:
        commits, health = self._hub.journal.commits, self._hub.health
        yield _histograms("govhub_commit_rows", "每次提交的行数 rows in one commit", ["kind"], commits.rows)
        yield _histograms("govhub_commit_seconds", "提交用时 of one commit", ["kind"], commits.seconds)
        yield _counters(
            "govhub_commits_failed", "库不可用而失败的提交 commits that found it down", ["kind"], commits.failed
        )
        down = any(one.what == "journal" for one in health.blocked)
        yield _gauge("govhub_journal_up", "登记库可写 1 when the journal can be written", int(not down))
        yield _gauge("govhub_partitions_owned", "本实例的分区 partitions of this hub", len(self._hub.leases.held))
        yield _gauge("govhub_partitions_unowned", "无主分区 partitions of no hub", health.unowned)

    def _process(self) -> Iterator[Metric]:
        health, pulse = self._hub.health, self._hub.pulse
        yield _gauge("govhub_ready", "就绪 1 when nothing is in the way", int(not health.blocked))
        yield _gauge("govhub_concerns", "需处理的问题 concerns that health tells of", len(health.concerns))
        yield _gauge("govhub_loop_lag_seconds", "事件循环最大迟延 longest delay of the loop in 10 s", pulse.lag)
        yield CounterMetricFamily("govhub_loop_blocks", "事件循环受阻 times the loop stood still", pulse.blocks)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value)


def _counters(name: str, meaning: str, label: list[str], counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=label)
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _histograms(name: str, meaning: str, label: list[str], histograms: Mapping[str, Histogram]) -> Metric:
    family = HistogramMetricFamily(name, meaning, labels=label)
    for value, histogram in histograms.items():
        family.add_metric([value] if label else [], list(_buckets(histogram)), histogram.total)
    return family


def _buckets(histogram: Histogram) -> Iterator[tuple[str, float]]:
    """Cumulative, as the format has it."""
    so_far = 0
    for bound, count in zip((*map(str, histogram.bounds), "+Inf"), histogram.counts, strict=True):
        so_far += count
        yield bound, so_far


def _age(now: datetime, then: datetime) -> float:
    return max(0.0, (now - then).total_seconds())
