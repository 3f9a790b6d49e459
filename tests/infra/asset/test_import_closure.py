"""Which files a module needs, read from its source."""

from pathlib import Path

import pytest

from infra.asset.import_closure import closure


@pytest.fixture
def package(tmp_path: Path) -> Path:
    sources = {
        "app/__init__.py": [],
        "app/main.py": [
            "import app.plain",
            "from . import sibling",
            "from .inner import thing",
            "from outside import x",
        ],
        "app/plain.py": ["import os"],
        "app/sibling.py": ["from app.inner.deep import value"],
        "app/unused.py": [],
        "app/inner/__init__.py": ["from .thing import Thing", "from ..late import z"],
        "app/inner/thing.py": ["def f():", "    from app import lazy"],
        "app/inner/deep.py": ["if TYPE_CHECKING:", "    import app.typed", "else:", "    import app.untyped"],
        "app/late.py": [],
        "app/lazy.py": ["try:", "    import app.optional", "except ImportError:", "    pass"],
        "app/optional.py": [],
        "app/typed.py": [],
        "app/untyped.py": [],
    }
    for name, lines in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("\n".join(lines))
    return tmp_path


def test_everything_that_can_run_is_followed_and_nothing_else(package: Path) -> None:
    def find(module: str) -> Path | None:
        path = package.joinpath(*module.split("."))
        candidates = (path / "__init__.py", path.with_suffix(".py"))
        return next((file for file in candidates if module.startswith("app") and file.is_file()), None)

    assert set(closure(["app.main"], find)) == {
        "app",
        "app.main",
        "app.plain",
        "app.sibling",
        "app.inner",
        "app.inner.thing",
        "app.inner.deep",
        "app.late",
        "app.lazy",
        "app.optional",
        "app.untyped",
    }
