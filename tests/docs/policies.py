"""The policies that docs/security.md gives as JSON."""

import json
import re
from typing import Any

from tests.paths import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()


def policy_for_everybody_else() -> dict[str, Any]:
    """Return the policy that keeps everybody but Approval Gate from changing managed endpoints."""
    found = re.search(r"^### Everybody else$.*?^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    policy: dict[str, Any] = json.loads(found[1])
    return policy
