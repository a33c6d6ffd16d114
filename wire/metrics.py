"""The numbers at /metrics, in base units; no address and no feed is ever a label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_LATENCY_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86_400)


class Metrics:
    """One registry of its own, so that two pipelines in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        reg = self.registry
        self.polls = Counter("tocsin_feed_polls", "Polls of feeds.", ["result"], registry=reg)
        self.feeds = Gauge("tocsin_feeds", "Feeds by state.", ["state"], registry=reg)
        self.entries = Counter("tocsin_entries", "New entries by silence.", ["silence"], registry=reg)
        self.outcomes = Counter("tocsin_outcomes", "Entries that ended.", ["kind", "reason"], registry=reg)
        self.requests = Counter("tocsin_http_requests", "Requests outward.", ["purpose", "result"], registry=reg)
        self.blocked = Counter("tocsin_http_blocked_addresses", "Connections the guard refused.", registry=reg)
        self.extraction = Histogram(
            "tocsin_extraction_seconds", "Time of one extraction.", buckets=_LATENCY_S[:10], registry=reg
        )
        self.stage_records = Counter("tocsin_stage_records", "Records taken in.", ["stage"], registry=reg)
        self.stage_outputs = Counter("tocsin_stage_outputs", "Records put out.", ["stage"], registry=reg)
        self.stage_seconds = Counter("tocsin_stage_busy_seconds", "Time spent in a stage.", ["stage"], registry=reg)
        self.stage_lag_records = Gauge("tocsin_stage_lag_records", "Records waiting.", ["stage"], registry=reg)
        self.stage_lag_seconds = Gauge(
            "tocsin_stage_lag_seconds", "Age of the oldest waiting.", ["stage"], registry=reg
        )
        self.suppressed = Counter(
            "tocsin_suppressed_matches", "Matches not detected.", ["rule", "reason"], registry=reg
        )
        self.detections = Counter("tocsin_detections", "Detections.", ["rule", "kind"], registry=reg)
        self.alerts = Counter("tocsin_alerts", "Alerts.", ["rule", "kind"], registry=reg)
        self.attempts = Counter("tocsin_delivery_attempts", "POSTs to subscribers.", ["result"], registry=reg)
        self.deliveries = Counter("tocsin_deliveries", "Deliveries that ended.", ["state"], registry=reg)
        self.delivery_latency = Histogram(
            "tocsin_delivery_latency_seconds", "From seen in a feed to delivered.", buckets=_LATENCY_S, registry=reg
        )
        self.dead_letters = Counter("tocsin_dead_letters", "Records set aside.", ["stage", "reason"], registry=reg)
        self.log_commits = Counter("tocsin_log_commits", "Durable commits of the log.", registry=reg)
        self.log_commit_seconds = Histogram(
            "tocsin_log_commit_seconds", "Time of one commit.", buckets=_LATENCY_S[:9], registry=reg
        )

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self.registry)
