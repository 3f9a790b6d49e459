"""Where the tests find files of the repository."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
EVENTS = ROOT / "tests" / "events"
