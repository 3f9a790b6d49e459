"""What a refusal says about the tags that an organisation asks for. Pure."""

import re

from lambdas.gate.spec.spec import Tag

_ASKED = re.compile(r"aws:RequestTag/([\w.:/=+@-]*\w)|tag keys?:? \[?['\"]?([\w.:/=+@-]+)", re.IGNORECASE)
"""The key of a tag in AWS's text, from a condition or from a tag policy."""
_POLICY = ("service control policy", "tag policy", "tag policies")


def with_tags(refusal: str, given: tuple[Tag, ...] | None) -> str:
    """Return AWS's text, with what to add to endpoints.yaml if a policy may ask for other tags than were given.

    A tag policy names the key. A service control policy does not, so the text says which tags were given.
    """
    known = {tag.key for tag in given or ()}
    asked = dict.fromkeys(one or other for one, other in _ASKED.findall(refusal))
    missing = [key for key in asked if key not in known]
    if missing:
        return f"{refusal}; the tag {missing[0]} is missing: add `tags: {{{missing[0]}: VALUE}}` to endpoints.yaml"
    if asked:
        (key, *_) = asked
        return f"{refusal}; the tag {key} has a value that is not allowed: correct it in `tags` of endpoints.yaml"
    if any(policy in refusal.lower() for policy in _POLICY):
        have = f"with the tags {', '.join(sorted(known))}" if known else "without tags of your own"
        return (
            f"{refusal}; it was asked for {have}: if the policy asks for others, add them to `tags` of endpoints.yaml"
        )
    return refusal
