"""Metrics: their ids, what changes them, and how often the start counts."""

from tests.conformance.case import case

_DEFINE, _INCREMENT = "proxy_define_metric", "proxy_increment_metric"
_RECORD, _GET = "proxy_record_metric", "proxy_get_metric"
_COUNTER, _GAUGE, _HISTOGRAM = range(3)

CASES = (
    case(
        "metric.define",
        "metric.define.types metric.define.ids metric.define.again",
        {
            "request_headers": [
                (_DEFINE, _COUNTER, b"define_c"),
                (_DEFINE, _GAUGE, b"define_g"),
                (_DEFINE, _HISTOGRAM, b"define_h"),
                (_DEFINE, _COUNTER, b"define_c2"),
                (_DEFINE, _COUNTER, b"define_c"),
                (_DEFINE, _GAUGE, b"define_g"),
                (_DEFINE, 3, b"define_x"),
                (_DEFINE, _COUNTER, b""),
                (_DEFINE, _COUNTER, b"define.odd name!"),
                (_INCREMENT, 4, 1),
                (_INCREMENT, 12, 2),
                (_GET, 4),
            ]
        },
    ),
    case(
        "metric.counter",
        "metric.counter.increment metric.counter.record",
        {
            "request_headers": [
                (_DEFINE, _COUNTER, b"counter_c"),
                (_INCREMENT, 4, 5),
                (_INCREMENT, 4, 0),
                (_INCREMENT, 4, -1),
                (_GET, 4),
                (_RECORD, 4, 10),
                (_RECORD, 4, 0),
                (_GET, 4),
                (_INCREMENT, 4, 9223372036854775807),
                (_GET, 4),
            ]
        },
    ),
    case(
        "metric.gauge",
        "metric.gauge.increment metric.gauge.record",
        {
            "request_headers": [
                (_DEFINE, _GAUGE, b"gauge_g"),
                (_RECORD, 5, 7),
                (_GET, 5),
                (_INCREMENT, 5, 3),
                (_INCREMENT, 5, -4),
                (_INCREMENT, 5, 0),
                (_GET, 5),
                (_INCREMENT, 5, -10),
                (_GET, 5),
                (_RECORD, 5, 1),
            ]
        },
    ),
    case(
        "metric.histogram",
        "metric.histogram",
        {
            "request_headers": [
                (_DEFINE, _HISTOGRAM, b"histogram_h"),
                (_RECORD, 6, 7),
                (_INCREMENT, 6, 1),
                (_GET, 6),
            ]
        },
    ),
    case(
        "metric.unknown",
        "metric.unknown",
        {
            "request_headers": [
                call
                for number in (0, 1, 2, 3, 4, 5, 6, 7, 4294967295)
                for call in ((_INCREMENT, number, 1), (_RECORD, number, 1), (_GET, number))
            ]
        },
    ),
    case(
        "metric.start",
        "metric.threads metric.start.gauge",
        {
            "vm_start": [(_DEFINE, _COUNTER, b"start_c"), (_DEFINE, _GAUGE, b"start_g")],
            "configure": [(_INCREMENT, 4, 1), (_INCREMENT, 5, 1)],
            "request_headers": [(_GET, 4), (_GET, 5)],
            "log": [(_INCREMENT, 4, 1), (_RECORD, 5, 7)],
            "done": [(_INCREMENT, 4, 100)],
        },
    ),
    case(
        "metric.recorded-at-start",
        "metric.threads metric.gauge.record",
        {
            "configure": [
                (_DEFINE, _GAUGE, b"recorded_g"),
                (_RECORD, 5, 3),
                (_DEFINE, _COUNTER, b"recorded_c"),
                (_RECORD, 4, 2),
            ],
            "request_headers": [(_GET, 4), (_GET, 5)],
        },
    ),
)
