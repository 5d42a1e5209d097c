"""Types that no plugin needs, and that a module may have all the same.

The library that leads to the engine ends the process where it is asked about some of them.
"""

import pytest

from tests.host.conftest import Start
from tests.host.plugins import plugin
from wasmctl import messages
from wasmctl.host import LoadError

HARMLESS = {
    "a vector": '(func (export "v") (param v128) (result v128) (local.get 0))',
    "a global vector": '(global (export "g") v128 (v128.const i64x2 0 0))',
    "an exception": '(func (export "x") (param exnref))',
    "a global exception": '(global (export "g") (mut exnref) (ref.null exn))',
    "a table of exceptions": '(table (export "t") 1 exnref)',
    "a tag": '(tag (export "t") (param i32 v128))',
    "a table of references": '(table (export "t") 1 externref)',
    "a typed reference": '(type $f (func)) (global (export "g") (ref null $f) (ref.null $f))',
    "many memories": "(memory 1)" * 90,
}
REFUSED = {
    "a callback's vector": '(func (export "proxy_on_log") (param v128))',
    "an import's vector": '(import "env" "proxy_log" (func (param v128)))',
    "an imported table of exceptions": '(import "env" "t" (table 1 exnref))',
    "an imported tag": '(import "env" "t" (tag (param i32)))',
    "an imported global": '(import "env" "g" (global v128))',
    "an imported typed table": '(type $f (func)) (import "env" "t" (table 1 (ref $f)))',
    "an imported shared memory": '(import "env" "m" (memory 1 2 shared))',
    "a shared memory": '(memory (export "m2") 1 2 shared)',
    "an imported memory of all there is": '(import "env" "m" (memory i64 1000000000))',
    "an imported table of all there is": '(import "env" "t" (table 4294967295 funcref))',
    "a table of all there is": "(table 4294967295 funcref)",
    "a start that traps": "(func $s unreachable) (start $s)",
}


@pytest.mark.parametrize("part", HARMLESS.values(), ids=HARMLESS)
def test_a_module_may_have_them_where_nobody_asks(part: str, start: Start) -> None:
    host = start(plugin({"request_headers": []}, extra=part))

    exchange = host.http(messages.request("/"))

    assert exchange.client_complete
    assert exchange.trap is None


@pytest.mark.parametrize("part", REFUSED.values(), ids=REFUSED)
def test_elsewhere_a_module_is_refused(part: str, start: Start) -> None:
    is_import = "(import" in part
    module = plugin(imports=part if is_import else "", extra="" if is_import else part)

    with pytest.raises(LoadError) as caught:
        start(module)

    assert caught.value.message
