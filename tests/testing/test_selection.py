from pathlib import Path

import pytest

from tests.envoy.plugins import plugin
from wasmctl.errors import UsageError
from wasmctl.testing import selection, suite
from wasmctl.testing.selection import Selection, Shard
from wasmctl.testing.suite import Suite

FIRST = """\
wasmtest: 1
plugin: {wasm: p.wasm}
tags: [http]
tests:
  - {name: cart, tags: [slow], expect: {configured: true}}
  - {name: shop, expect: {configured: true}}
  - {name: pay, expect: {configured: true}}
"""
SECOND = FIRST.replace("http", "other").replace("cart", "mail")


@pytest.fixture
def suites(tmp_path: Path) -> tuple[Suite, ...]:
    """Two files with three tests each."""
    (tmp_path / "p.wasm").write_bytes(plugin().content)
    paths = [tmp_path / "a.wasmtest.yaml", tmp_path / "b.wasmtest.yaml"]
    for path, text in zip(paths, (FIRST, SECOND), strict=True):
        path.write_text(text)
    return suite.open_suites(paths, None)


def names(suites: tuple[Suite, ...], chosen: Selection) -> list[str]:
    found = selection.chosen(suites, chosen)
    return [f"{each.path.name[0]}:{test.name}" for each in found for test in each.scenarios]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Selection(), ["a:cart", "a:shop", "a:pay", "b:mail", "b:shop", "b:pay"]),
        (Selection(expression="shop"), ["a:shop", "b:shop"]),
        (Selection(expression="slow and not mail"), ["a:cart"]),
        (Selection(expression="b.wasmtest and pay"), ["b:pay"]),
        (Selection(tags=("slow",)), ["a:cart", "b:mail"]),
        (Selection(tags=("http", "slow")), ["a:cart", "a:shop", "a:pay", "b:mail"]),
        (Selection(shard=Shard(index=1, of=4)), ["a:cart", "b:shop"]),
        (Selection(shard=Shard(index=4, of=4)), ["b:mail"]),
        (Selection(expression="cart", repeat=2), ["a:cart (1 of 2)", "a:cart (2 of 2)"]),
        (Selection(expression="none"), []),
    ],
)
def test_tests_are_chosen_by_words_tags_and_parts(
    suites: tuple[Suite, ...], chosen: Selection, expected: list[str]
) -> None:
    assert names(suites, chosen) == expected


def test_the_parts_together_are_the_whole(suites: tuple[Suite, ...]) -> None:
    parts = [names(suites, Selection(shard=Shard(index=i, of=4))) for i in (1, 2, 3, 4)]

    assert sorted(name for part in parts for name in part) == sorted(names(suites, Selection()))


def test_a_seed_decides_the_order(suites: tuple[Suite, ...]) -> None:
    first = names(suites, Selection(seed=1))

    assert names(suites, Selection(seed=1)) == first
    assert sorted(first) == sorted(names(suites, Selection()))
    assert len({tuple(names(suites, Selection(seed=seed))) for seed in range(20)}) > 1


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "a/b", "1/2/3", "-1/2", "1/" + "9" * 99])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a part"):
        selection.shard(text)
