"""What the service counts, for Prometheus."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)


disable_created_metrics()  # a time beside every number, which nobody asks for


class Metrics:
    """Counters of one service. in_work_or_waiting and held_bytes: functions that tell the present values."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, in_work_or_waiting: Callable[[], float], held_bytes: Callable[[], float]) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter("pspm_answers", "Answers to photos", ["effect", "status"], registry=self._registry)
        self._refusals = Counter("pspm_refusals", "Photos that got no result", ["reason"], registry=self._registry)
        self._dropped = Counter("pspm_dropped", "Photos whose caller went away", registry=self._registry)
        self._seconds = Histogram(
            "pspm_photo_seconds",
            "From a whole photo to its result",
            ["effect"],
            registry=self._registry,
            buckets=_SECONDS,
        )
        Gauge("pspm_photos", "Photos in work or waiting", registry=self._registry).set_function(in_work_or_waiting)
        Gauge(
            "pspm_held_bytes", "Bytes of photos being sent, waiting or in work", registry=self._registry
        ).set_function(held_bytes)
        ProcessCollector(registry=self._registry)

    def answered(self, effect: str, seconds: float) -> None:
        """Count a result."""
        self._answers.labels(effect, "200").inc()
        self._seconds.labels(effect).observe(seconds)

    def refused(self, effect: str, status: int, reason: str) -> None:
        """Count a photo without a result."""
        self._answers.labels(effect, str(status)).inc()
        self._refusals.labels(reason).inc()

    def dropped(self) -> None:
        """Count a caller who went away."""
        self._dropped.inc()

    def text(self) -> bytes:
        """All of it in the text format of Prometheus."""
        return generate_latest(self._registry)
