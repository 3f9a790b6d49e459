"""docs/configuration.md: every key of endpoints.yaml. `python -m infra.config.reference` writes it."""

import inspect
import re
from pathlib import Path

from infra.config.declared import Declared, Key, written
from infra.config.entry import Defaults, File
from infra.config.inheritance import MERGED
from infra.config.sections.rollout import Canary
from infra.config.sections.section import Section

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "configuration.md"
ENTRY = "endpoints.NAME"
CANARY_PERCENT = Key(Canary, "canary_percent")
INTRODUCTION = f"""\
# endpoints.yaml

`endpoints.yaml` describes the SageMaker endpoints of one account and Region. Look up its keys here. Only keys whose
default is *required* have to be there. Your editor completes and checks the file by `endpoints.schema.json`. That file
and this page are generated from `infra/config/sections`.

`cdk synth` and `approval-gate lint` refuse a file with mistakes. They show all mistakes: where each is, what was found,
what is allowed, and how to fix it.

```text
endpoints.yaml:9: endpoints.churn.rollout.canary_percent
  found    60
  allowed  {CANARY_PERCENT.allowed}
  fix      write `canary_percent: 50`
```

If possible, the fix is made from the value that was found: `10m` for seconds becomes `600`, and an ARN becomes the name
in it.

`defaults` has the same keys as an entry. An entry inherits the keys that it does not give itself:

- It inherits {", ".join(f"`{name}`" for name in MERGED[:-1])} and `{MERGED[-1]}` key by key.
- It inherits every other section, and every list, as a whole.
- If it gives `null` instead of a section, it does not inherit that section.
- It does not inherit a key that has no effect on its kind of endpoint, and `cdk synth` says so. If the entry itself has
  such a key, the file is refused. An entry always inherits settings that keep data and networks safe. If its endpoint
  cannot have them, the file is refused."""


def reference() -> str:
    """Return the page."""
    sections = [each for each in Declared(File).below() if each.path[:1] != ("defaults",)]
    sections.sort(key=lambda each: each.path[:1] not in ((), (ENTRY,)))
    contents = "\n".join(f"- [{_title(each)}](#{_anchor(each)})" for each in sections)
    return "\n\n".join([INTRODUCTION, contents, *(_chapter(each) for each in sections)]) + "\n"


def _chapter(declared: Declared) -> str:
    heading = "##" if len(_path(declared)) < 2 else "###"
    rows = "\n".join(_row(declared, key) for key in declared.keys)
    parts = [
        f"{heading} {_title(declared)}",
        _linked(re.sub(r"^(https://\S+)$", r"<\1>", inspect.getdoc(declared.section) or "", flags=re.MULTILINE)),
        f"| key | allowed | default | meaning |\n|---|---|---|---|\n{rows}",
    ]
    if declared.section.EXAMPLE:
        parts.append(f"```yaml\n{declared.section.EXAMPLE}\n```")
    return "\n\n".join(parts)


def _row(declared: Declared, key: Key) -> str:
    allowed, sections = key.value.allowed, declared.sections(key)
    links = " or ".join(f"[{each.tag or 'a mapping'}](#{_anchor(each)})" for each in sections)
    if key.value.item and links:
        allowed = f"{allowed.partition(', each')[0]}, each {links}"
    elif key.value.names_and_values and links:
        allowed = f"{allowed}, with {links}"
    elif links:
        allowed = links
    return f"| `{key.name}` | {allowed} | {_default(key)} | {_linked(key.description)} |"


def _default(key: Key) -> str:
    if key.field.is_required():
        return "required"
    default = key.default
    if default is None or default in ([], {}):
        return "none"
    return "its keys' defaults" if isinstance(default, Section) else f"`{written(default)}`"


def _path(declared: Declared) -> tuple[str, ...]:
    return declared.path[1:] if declared.path[:1] == (ENTRY,) else declared.path


def _title(declared: Declared) -> str:
    if not declared.path:
        return "The file"
    path = _path(declared)
    if not path or declared.section is Defaults:
        return "An endpoint's entry"
    return f"`{'.'.join(path).replace('[]', '')}`" + (f" ({declared.tag})" if declared.tag else "")


def _anchor(declared: Declared) -> str:
    """Return the anchor that GitHub gives the title."""
    return re.sub(r"[^a-z0-9_ -]", "", _title(declared).lower()).replace(" ", "-")


def _linked(text: str) -> str:
    """Return `text` with the files of docs/ as links from a page in docs/."""
    return re.sub(r"docs/([a-z/-]+\.(?:md|yaml))", r"[docs/\1](\1)", text)


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
