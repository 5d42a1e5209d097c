"""What the pages say of templates is what is done with them."""

import re
from itertools import chain

from tests import test_templates_on_machines as machines
from tests.command import checkout
from wasmctl import scaffold
from wasmctl.languages import LANGUAGES

_PAGE = checkout() / "docs/reference/templates.md"
_RUNS = {
    "Docker": machines.test_docker_alone_is_enough_in_a_container,
    "Python": machines.test_python_alone_is_enough,
}


def test_the_page_has_the_pairs_that_were_run_and_where() -> None:
    _, _, section = _PAGE.read_text().partition("## Where each was run")
    rows = re.findall(r"^\| `(.+)` \| (.*) \| (.*) \| (.*) \|$", section, re.MULTILINE)
    titles = sorted(LANGUAGES, key=lambda name: LANGUAGES[name].title)

    told = {
        (language, name, machine)
        for name, *cells in rows
        for language, cell in zip(titles, cells, strict=True)
        for machine in cell.split(", ")
    }

    assert told == set(chain.from_iterable(_run_on(machine) for machine in _RUNS))


def _run_on(machine: str) -> set[tuple[str, str, str]]:
    """Return the pairs that a test is given."""
    (parameters,) = _RUNS[machine].pytestmark  # type: ignore[attr-defined] # pytest's own note
    templates: list[scaffold.Template] = parameters.args[1]
    return {(each.language, each.name, machine) for each in templates}


def test_the_page_names_every_template() -> None:
    described = re.findall(r"^\| `([a-z-]+)` \| [a-z]", _PAGE.read_text(), re.MULTILINE)

    assert set(described) == {each.name for each in scaffold.templates()}
