"""The CDK app.

jsii, on which the CDK's Python library runs, prints a banner if it finds Node too old or too new. This package is
imported before the CDK, and turns the banner off. That of a Node with known faults stays.
"""

import os

_RELEASES = ",".join(map(str, range(18, 100)))
_BANNERS = {"END_OF_LIFE": _RELEASES, "DEPRECATED": "1", "UNTESTED": "1"}

for _reason, _silenced in _BANNERS.items():
    os.environ.setdefault(f"JSII_SILENCE_WARNING_{_reason}_NODE_VERSION", _silenced)
