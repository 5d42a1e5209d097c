import pytest

from wasmctl import toml_lines

TEXT = """\
schema = 1
# [project] in a comment

[project]
name = "a"
"quoted key" = 1

[plugin.env]
A = "1"

[[list]]
x.y = 2
inline = { deep = 3 }
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("schema",), 1),
        (("project",), 4),
        (("project", "name"), 5),
        (("project", "quoted key"), 6),
        (("plugin", "env"), 8),
        (("plugin", "env", "A"), 9),
        (("list", "x", "y"), 12),
        (("list", "inline", "deep"), 13),
    ],
)
def test_a_key_is_found_on_its_line(path: tuple[str, ...], line: int) -> None:
    assert toml_lines.line_of(TEXT, path) == line


def test_a_missing_key_is_where_its_table_is() -> None:
    assert toml_lines.line_of(TEXT, ("project", "language")) == 4


def test_what_is_nowhere_is_on_the_first_line() -> None:
    assert toml_lines.line_of(TEXT, ("image",)) == 1
