"""Start a function as Lambda does, up to its composed parts: `product.py PATHS FUNCTION`."""

import sys
from pathlib import Path

sys.path[:0] = [*sys.argv[1].split(":")]

import lambdas.start  # noqa: E402

getattr(lambdas.start, sys.argv[2])

exec((Path(__file__).parent / "usage.py").read_text())
