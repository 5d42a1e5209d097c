"""The types of single values in an expectation: pydantic's names for our readers."""

from typing import Annotated

from pydantic import WithJsonSchema

from wasmctl.testing import expectation_readers, load_errors, readers, traps
from wasmctl.testing.expectation_readers import QueueMatcher
from wasmctl.testing.forms import by_hand, defined
from wasmctl.testing.load_errors import LoadErrorMatcher
from wasmctl.testing.logs import LogMatcher
from wasmctl.testing.matchers import Matcher
from wasmctl.testing.operators import Kind
from wasmctl.testing.traps import TrapMatcher
from wasmctl.testing.words import PAUSES

MetricMatcher = Annotated[Matcher, by_hand(readers.matcher(Kind.METRIC)), defined("MetricMatcher")]
Logs = Annotated[tuple[LogMatcher, ...], by_hand(expectation_readers.log_list), defined("Logs")]
NoLogs = Annotated[tuple[LogMatcher, ...], by_hand(expectation_readers.no_logs), defined("NoLogs")]
ExpectedTrap = Annotated[TrapMatcher, by_hand(traps.read), defined("Trap")]
ExpectedLoadError = Annotated[
    LoadErrorMatcher | None, by_hand(load_errors.read), defined("LoadError")
]
Pause = Annotated[
    str | None, by_hand(expectation_readers.pause), WithJsonSchema({"enum": [*PAUSES]})
]
SharedData = Annotated[
    dict[str, Matcher], by_hand(expectation_readers.shared_data), defined("FieldMatchers")
]
Queues = Annotated[
    dict[str, QueueMatcher], by_hand(expectation_readers.queues), defined("QueueMatchers")
]
Hazards = Annotated[tuple[str, ...], by_hand(expectation_readers.hazards), defined("Hazards")]
Hostcalls = Annotated[
    dict[str, Matcher], by_hand(expectation_readers.hostcalls), defined("HostcallCounts")
]
OrderedLogs = Annotated[
    tuple[LogMatcher, ...], by_hand(expectation_readers.ordered_logs), defined("LogsInOrder")
]
OnlyFields = Annotated[
    dict[str, Matcher] | None, by_hand(readers.fields_out), defined("FieldMatchers")
]
FieldNames = Annotated[
    tuple[str, ...],
    by_hand(expectation_readers.field_names),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1}),
]
SnapshotName = Annotated[
    str | None,
    by_hand(expectation_readers.snapshot_name),
    WithJsonSchema({"type": "string", "pattern": f"^{expectation_readers.SNAPSHOT}$"}),
]
