"""How long ``wasmctl test`` takes for 100 scenarios of a header plugin, as a whole process.

Each has a VM of its own; compiled modules are in the cache. Beside it, the same file with one
scenario: the difference is what 99 more of them cost.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import wasmtime

from bench.figures import Figure, medians

ROUNDS = 5
MANY = 100
_WASMCTL = Path(sys.executable).with_name("wasmctl")
_PLUGIN = """(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_add_header_map_value"
    (func $add (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "x-plugin")
  (data (i32.const 16) "here")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 4096))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (drop (call $log (i32.const 2) (i32.const 16) (i32.const 4)))
    (call $add (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 16) (i32.const 4)))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (call $add (i32.const 2) (i32.const 0) (i32.const 8) (i32.const 16) (i32.const 4))))
"""
_TEST = """\
  - name: test {number}
    request: {{path: /{number}, headers: {{x-number: {number}}}}}
    expect:
      upstream: {{path: /{number}, headers: {{x-plugin: here}}}}
      client: {{status: 200, headers: {{x-plugin: here}}}}
      logs: [here]
"""


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "p.wasm").write_bytes(bytes(wasmtime.wat2wasm(_PLUGIN)))
        for count in (1, MANY):
            tests = "".join(_TEST.format(number=number) for number in range(count))
            path = folder / f"{count}.wasmtest.yaml"
            path.write_text(f"wasmtest: 1\nplugin: {{wasm: p.wasm}}\ntests:\n{tests}")
        for target in ("harness", "envoy"):
            one, many = medians(
                [
                    [_WASMCTL, "test", "--on", target, f"{count}.wasmtest.yaml"]
                    for count in (1, MANY)
                ],
                rounds=ROUNDS,
                folder=folder,
            )
            yield Figure(
                what=f"{MANY} scenarios on {target}, whole process",
                value=many,
                unit="s",
                beside="1 scenario, whole process",
                other=one,
            )
            yield Figure(
                what=f"one scenario more on {target}",
                value=(many - one) / (MANY - 1) * 1000,
                unit="ms",
                beside="1 scenario, whole process (ms)",
                other=one * 1000,
            )
