"""`docs/reference/metrics.md`: what `/metrics` of the inner port reports."""

from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase

from makersync.telemetry import Metrics, create_metrics
from tools.pages.markdown import code, page, table

_INTRODUCTION = """Every process serves `/metrics` in Prometheus' text format on its inner port (`MAKERSYNC_INNER_PORT`,
9000 in the images), beside `/readyz` with the reasons of what it lacks. The inner port is for your own people: do not
publish it. Labels are bounded sets and never ids."""


def metrics_page() -> str:
    metrics = create_metrics()
    rows = [_row(each) for name in Metrics.__slots__ if isinstance(each := getattr(metrics, name), MetricWrapperBase)]
    return page("Metrics", _INTRODUCTION, table(("metric", "type", "labels", "meaning"), sorted(rows)))


def _row(metric: MetricWrapperBase) -> tuple[str, ...]:
    name = metric._name + ("_total" if isinstance(metric, Counter) else "")
    return code(name), str(metric._type), ", ".join(code(each) for each in metric._labelnames), metric._documentation
