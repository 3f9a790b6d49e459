"""What synth says about who counts as two people."""

from infra.config.entry import Entry


def untrusted(endpoint: str, entry: Entry) -> str | None:
    """Return a warning if the entry asks for four eyes and does not say what tells two people of one role apart. An
    earlier release took any name for that."""
    gate = entry.gate
    if not gate.four_eyes or "identity" in gate.model_fields_set:
        return None
    return (
        f"{endpoint}: four_eyes tells people apart by their role or IAM user only, because `gate` has no `identity`. "
        "Two people who use one role count as one, and such an approval is held. If your organisation makes sure that "
        "everybody has one name there, add the line `identity: [user_profile]`, `identity: [source_identity]` or "
        "`identity: [identity_center]` to `gate`. Otherwise add `identity: []`."
    )
