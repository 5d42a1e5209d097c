import pytest

from wasmctl.testing import symbols


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("_RNvCslpYsK7Ve7lm_6plugin6refuse", "plugin::refuse"),
        ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"),
        ("_ZN4core9panicking5panic17h0123456789abcdefE", "core::panicking::panic"),
        ("_ZN3std2io5stdio6_print17hcafecafecafecafeE", "std::io::stdio::_print"),
        ("proxy_on_request_headers", "proxy_on_request_headers"),
        ("function[7]", "function[7]"),
        ("_R", "_R"),
        ("_ZNE", "_ZNE"),
        ("_ZN9999999999999999999999xE", "x"),
    ],
)
def test_a_function_has_the_name_its_author_gave_it(name: str, path: str) -> None:
    assert symbols.plain(name) == path
