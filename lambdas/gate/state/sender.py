"""Who sent a message, by the SenderId that SQS names. Nobody can choose it, or a role's unique id."""


def is_session_of(sender: str | None, role_id: str | None) -> bool:
    """True if the SenderId is that of a session of the role: its unique id, a colon and the session's name."""
    return sender is not None and bool(role_id) and sender.startswith(f"{role_id}:")


def true_sender(stated: str | None, sender: str | None, own_role_id: str) -> str | None:
    """Return who sent what a message says. `stated`: the sender that it states, which counts only in the deployer's own
    copy. `sender`: its SenderId. `own_role_id`: of the deployer's role."""
    return stated if is_session_of(sender, own_role_id) else sender
