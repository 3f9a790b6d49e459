"""The bytecode of the asset's code. Without it a function compiles some 250 files at each start, as its file system is
read-only and keeps nothing from an earlier one.

Python reads bytecode of its own version only, so the Python that synthesizes makes it. It is marked as *unchecked*:
Python does not compare it with the source. A test rebuilds it from the source and compares.
https://docs.python.org/3/reference/import.html#pyc-invalidation
"""

import importlib.util
import marshal
import sys
import warnings
from collections.abc import Mapping
from pathlib import PurePosixPath

_UNCHECKED = (1).to_bytes(4, "little")
_WITHOUT_REFERENCES = 2
"""The version of marshal's format. Later ones are smaller, but depend on what else the process has in memory."""


def tag(runtime: str | None) -> str | None:
    """Return the tag of the bytecode for a runtime, such as `python3.14`; None if this Python cannot make it. A Python
    that is not released yet may have another bytecode."""
    own, release = sys.implementation, sys.version_info
    if runtime != f"python{release.major}.{release.minor}" or own.name != "cpython" or release.releaselevel != "final":
        return None
    return own.cache_tag


def compiled(files: Mapping[str, bytes], tag: str) -> dict[str, bytes]:
    """Return the bytecode of the Python files among `files`, by the paths where Python looks for it."""
    sources = {PurePosixPath(path): source for path, source in files.items() if path.endswith(".py")}
    return {
        str(path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc"): unchecked(str(path), source)
        for path, source in sources.items()
    }


def unchecked(path: str, source: bytes) -> bytes:
    """Return the bytecode of one file, the same from every process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # About code that is not ours.
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED + importlib.util.source_hash(source)
    return header + marshal.dumps(code, _WITHOUT_REFERENCES)
