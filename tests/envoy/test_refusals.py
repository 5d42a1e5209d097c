"""Why Envoy refuses plugins: real refusals of a real Envoy, translated."""

from pathlib import Path

import pytest

from tests.envoy.plugins import CONTINUE, FALSE, SAY, plugin
from wasmctl.envoy import engines
from wasmctl.errors import EnvoyFailedError
from wasmctl.launch import preflight
from wasmctl.launch.order import Order
from wasmctl.launch.plugins import Deployed
from wasmctl.plugin import Plugin

_NEW_IMPORT = '(import "env" "proxy_brand_new" (func (param i32)))'
_OTHER_TYPE = '(import "env" "proxy_get_status" (func (param i64)))'
_WRONG = '(func (export "proxy_on_response_trailers") (param i32) (result i32) (i32.const 0))'


def refusal(made: Plugin, folder: Path, *values: str) -> EnvoyFailedError:
    """Return what a preflight of a plugin raises."""
    order = Order(name="t", plugins=(Deployed(name="p", plugin=made),), values=values)
    with pytest.raises(EnvoyFailedError) as caught:
        preflight.check(order, engines.choose("process"), folder)
    return caught.value


@pytest.mark.parametrize(
    ("made", "cause"),
    [
        (plugin(imports=_NEW_IMPORT), "imports env.proxy_brand_new, which this Envoy does not"),
        (plugin(imports=_OTHER_TYPE), "imports env.proxy_get_status as"),
        (plugin(functions=_WRONG), "exports proxy_on_response_trailers as i32 -> i32, but Envoy"),
        (plugin(configure=FALSE), "refused its configuration"),
        (plugin(vm_start=FALSE), "refused to start: proxy_on_vm_start"),
        (plugin(configure="(unreachable)"), "trapped in proxy_on_configure: Uncaught Runtime"),
    ],
)
def test_a_refusal_is_told_in_words_for_the_plugins_author(
    made: Plugin, cause: str, tmp_path: Path
) -> None:
    assert cause in refusal(made, tmp_path).message


def test_the_plugins_own_words_are_shown(tmp_path: Path) -> None:
    error = refusal(plugin(configure=SAY + FALSE), tmp_path)

    assert "wasm log: text" in error.details


def test_a_field_that_envoy_does_not_know_is_shown(tmp_path: Path) -> None:
    made = plugin(request_headers=CONTINUE)

    error = refusal(made, tmp_path, "static_resources.clusters[echo].nonsense=1")

    assert error.message == (
        "Envoy does not take its configuration: no such field: 'nonsense',"
        " at static_resources.clusters[0]"
    )


def test_a_preflight_leaves_nothing(tmp_path: Path) -> None:
    refusal(plugin(configure=FALSE), tmp_path)

    assert list(tmp_path.iterdir()) == []
