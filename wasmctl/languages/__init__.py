"""What wasmctl knows of each language.

To add one: a module here with its Language, a line in LANGUAGES, its name in
``wasmctl.project.LanguageName``, and a folder under ``templates/``.
"""

from wasmctl.languages.assemblyscript import ASSEMBLYSCRIPT
from wasmctl.languages.base import Language
from wasmctl.languages.go import GO
from wasmctl.languages.rust import RUST

# The order is the order in which they are offered; the first is the default.
LANGUAGES: dict[str, Language] = {
    language.name: language for language in (ASSEMBLYSCRIPT, GO, RUST)
}
