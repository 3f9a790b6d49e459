"""The gate: may this approved version be put on this endpoint? Pure functions over what was read. What could not be
read keeps it shut."""

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from lambdas.gate.policy import condition
from lambdas.gate.policy.freeze import frozen_until
from lambdas.gate.policy.verdict import Answer, Check, Result, Verdict
from lambdas.gate.spec.spec import Condition, Mode, Soak, Spec
from lambdas.gate.state.approval import Approval, version_account
from lambdas.gate.state.evidence import Evidence, Soaked
from lambdas.gate.state.identity import compare
from lambdas.gate.state.observed import Package
from lambdas.gate.state.orders import Override
from lambdas.gate.state.pin import difference

PIN, ARTIFACTS = "pin", "artifacts"
ALARMS = "alarms"
"""What an operator overrides so that a rollout goes without the alarms that would end it at once."""
ALWAYS_ENFORCED = frozenset({PIN, ARTIFACTS})
"""What no mode makes advisory: that what runs is what was approved, and from where it may be."""
NOT_TO_BE_OVERRIDDEN = frozenset({PIN})
"""Only another approval mends it."""
ASKED_ABOUT = ("metrics", "live", "model_card")
"""The parts of the document that are read for its conditions, and may be missing."""
NOTHING_READ = Evidence(unread=dict.fromkeys((PIN, "soak", *ASKED_ABOUT), "nothing was read yet"))


def authorise(package: Package | None) -> Verdict:
    """Approved, Completed and as it was registered at the last read: what no policy adds to and no operator overrides.
    What is not ready holds. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html"""
    if package is None:
        return Verdict(Answer.REFUSED, "the version does not exist any more")
    if not package.is_approved:
        stage = "" if package.at_stage else ", and it is not at the stage that counts as approved"
        return Verdict(Answer.REFUSED, f"its approval status is {package.approval_status}{stage}")
    if package.changed is not None:
        return Verdict(Answer.REFUSED, after_registration(package.changed))
    if package.status in ("Pending", "InProgress"):
        return Verdict(Answer.HELD, f"its package is still {package.status}")
    if package.status != "Completed":
        return Verdict(Answer.REFUSED, f"its package is {package.status}")
    return Verdict(Answer.PASSED, "Approved and Completed at the last read")


def after_registration(changed: str) -> str:
    """`changed`: what differs, in words."""
    return f"{changed} after the version was registered: register a new version"


def judge(
    spec: Spec,
    package: Package | None,
    approval: Approval,
    evidence: Evidence | None,
    overrides: tuple[Override, ...],
    now: float,
) -> Verdict:
    """The registry's word, then every check that the spec asks for, all of them always, so that people see all that is
    wrong at once. A changed pin refuses; anything else that is not passed holds."""
    authorised = authorise(package)
    if package is None or authorised.answer is not Answer.PASSED:
        return authorised
    found = _checks(spec, package, approval, evidence or NOTHING_READ, now)
    checks = tuple(_lenient(check, spec, approval, overrides) for check in found)
    shut = [check for check in checks if not check.is_passable]
    if not shut:
        return Verdict(Answer.PASSED, "; ".join((authorised.reason, *let_pass(checks))), checks)
    void = next((check for check in shut if check.name == PIN and check.result is Result.FAILED), None)
    if void is not None:
        return Verdict(Answer.REFUSED, f"{void.found}; approve it again if that is right", checks)
    reason = "the gate is shut: " + "; ".join(_sentence(check) for check in shut)
    return Verdict(Answer.HELD, reason, checks, _look_again_at(spec, evidence or NOTHING_READ, shut, now))


def _checks(spec: Spec, package: Package, approval: Approval, evidence: Evidence, now: float) -> Iterable[Check]:
    policy = spec.gate
    if policy.four_eyes:
        yield _four_eyes(package, approval)
    if policy.approvers:
        yield _approvers(policy.approvers, approval)
    if policy.images:
        yield _images(policy.images, package)
    yield _artifacts(spec.model_artifacts, package)
    yield _pin(approval, evidence)
    for asked in policy.require:
        yield _condition(asked, evidence)
    if policy.soak:
        yield _soak(policy.soak, evidence, now)
    if policy.freeze:
        until = frozen_until(policy.freeze, now)
        told = f"a freeze until {_time(until)}" if until else "no freeze"
        yield Check("freeze", Result.FAILED if until else Result.PASSED, told, "no freeze")


def _four_eyes(package: Package, approval: Approval) -> Check:
    wanted = "an approver who is not the one who registered it"
    verdict = _of("four_eyes", wanted)
    if trouble := _untold(approval):
        return verdict(Result.UNREAD, trouble)
    approver, author = approval.approver, package.registered_by
    if approver is None or author is None or not author.is_known:
        return verdict(Result.UNREAD, "SageMaker does not say who registered it")
    if approver.is_gate:
        return verdict(Result.FAILED, f"approved by {approver.label}, a role of Approval Gate itself")
    compared = compare(author, approver)
    people = f"registered by {author.label}, approved by {approver.label}"
    if compared is None:
        return verdict(Result.UNREAD, f"{people}: nothing tells whether they are one")
    return verdict(Result.FAILED if compared.is_same else Result.PASSED, f"{people} (by {compared.by})")


def _approvers(patterns: tuple[str, ...], approval: Approval) -> Check:
    verdict = _of("approvers", f"one of {', '.join(patterns)}")
    if trouble := _untold(approval):
        return verdict(Result.UNREAD, trouble)
    names = approval.approver.patterns(version_account(approval.version)) if approval.approver else ()
    allowed = any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
    found = ", ".join(names) or "neither a role nor a user of this account"
    return verdict(Result.PASSED if allowed else Result.FAILED, found)


def _untold(approval: Approval) -> str | None:
    """Why nobody can say who approved."""
    if approval.uncertain and approval.approver is None:
        return "the registry and the account's trail name different approvers"
    if approval.uncertain and approval.inferred:
        return "no event told of the approval, and the last to change the package need not be the approver"
    if approval.uncertain:
        return "the package was changed between the approval and its first look, so the approver is not certain"
    if approval.approver is None or not approval.approver.is_known:
        return "SageMaker does not say who approved it"
    return None


def _images(patterns: tuple[str, ...], package: Package) -> Check:
    images = [container.image or "" for container in package.containers]  # Without an image only `*` is met.
    foreign = [image for image in images if not any(fnmatchcase(image, pattern) for pattern in patterns)]
    result = Result.FAILED if foreign or not images else Result.PASSED
    found = ", ".join(image or "no image" for image in foreign or images)
    return Check("images", result, found or "no image", f"one of {', '.join(patterns)}")


def _artifacts(prefix: str, package: Package) -> Check:
    uris = [uri for container in package.containers for uri in container.uris]
    foreign = [uri for uri in uris if not uri.startswith(prefix)]
    found = ", ".join(foreign or uris) or "no model data"
    return Check(ARTIFACTS, Result.FAILED if foreign else Result.PASSED, found, f"model data under {prefix}")


def _pin(approval: Approval, evidence: Evidence) -> Check:
    verdict = _of(PIN, "what was approved")
    if approval.pin is None or evidence.pin is None:
        return verdict(Result.UNREAD, evidence.unread.get("pin", "what was approved is not known"))
    late = approval.pin.changed_after(approval.at)
    changed = difference(approval.pin, evidence.pin)
    if late is not None:
        return verdict(Result.FAILED, f"{late.uri} was written after the approval, at {_time(late.modified_at)}")
    if changed is not None:
        return verdict(Result.FAILED, f"{changed} after the approval")
    artifacts, images = len(approval.pin.artifacts), len(approval.pin.images)
    return verdict(Result.PASSED, f"the specification, {artifacts} artifacts and {images} images are as approved")


def _condition(asked: Condition, evidence: Evidence) -> Check:
    name = f"require.{asked.name}"
    answer = condition.evaluate(asked.expression, evidence.document)
    found = condition.operands(asked.expression, evidence.document)
    unread = {part: evidence.unread[part] for part in ASKED_ABOUT if part in evidence.unread}
    if not isinstance(answer, bool):
        return Check(name, Result.UNREAD, "; ".join((answer, *unread.values(), found)), asked.expression)
    # What was not read is null to an expression, and `live == null` must not be true of a live version that is there.
    asked_about = [part for part in unread if condition.names_field(asked.expression, part)]
    if asked_about:
        why = "; ".join(f"{part}: {unread[part]}" for part in asked_about)
        return Check(name, Result.UNREAD, f"could not be read: {why}", asked.expression)
    return Check(name, Result.PASSED if answer else Result.FAILED, found, asked.expression)


def _soak(soak: Soak, evidence: Evidence, now: float) -> Check:
    verdict = _of("soak", f"{soak.hours:g} quiet hours live on {soak.endpoint}")
    soaked = evidence.soaked
    if soaked is None:
        return verdict(Result.UNREAD, evidence.unread.get("soak", "nothing was read"))
    if soaked.since is None:
        return verdict(Result.FAILED, f"what was approved was never live on {soak.endpoint}")
    if soaked.fired:
        return verdict(Result.FAILED, f"not quiet there: {', '.join(soaked.fired)}")
    until = f" until {_time(soaked.until)}" if soaked.until is not None else ""
    full = (now if soaked.until is None else soaked.until) - soaked.since >= soak.hours * 3600
    return verdict(Result.PASSED if full else Result.FAILED, f"live there since {_time(soaked.since)}{until}")


def _lenient(check: Check, spec: Spec, approval: Approval, overrides: tuple[Override, ...]) -> Check:
    modes = {f"require.{asked.name}": asked.mode for asked in spec.gate.require}
    advised = Mode.ADVISE in (spec.gate.mode, modes.get(check.name)) and check.name not in ALWAYS_ENFORCED
    given = next((o for o in overrides if (o.order, o.check) == (approval.order, check.name)), None)
    overridden = f"{given.by}: {given.reason}" if given and check.name not in NOT_TO_BE_OVERRIDDEN else None
    shown = dataclasses.replace(
        check, found=condition.shorten(check.found), wanted=condition.shorten(check.wanted), advisory=advised
    )
    if check.result is Result.PASSED:
        return shown
    return dataclasses.replace(shown, overridden=overridden)


def let_pass(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """What passed although it should not have, in words."""
    let = [check for check in checks if check.result is not Result.PASSED]
    parts = ["advised" if check.overridden is None else f"overridden by {check.overridden}" for check in let]
    return tuple(f"{_sentence(check)} ({part})" for check, part in zip(let, parts, strict=True))


def _sentence(check: Check) -> str:
    trouble = "could not be judged" if check.result is Result.UNREAD else "failed"
    return f"{check.name} {trouble}: found {check.found}, wanted {check.wanted}"


def _look_again_at(spec: Spec, evidence: Evidence, shut: list[Check], now: float) -> float | None:
    """When the latest of what ends by itself is over; None where something else has to happen too."""
    ends = {"freeze": frozen_until(spec.gate.freeze, now), "soak": _full_at(spec.gate.soak, evidence.soaked)}
    times = [ends.get(check.name) for check in shut]
    known = [time for time in times if time is not None]
    return max(known) if len(known) == len(times) else None


def _full_at(soak: Soak | None, soaked: Soaked | None) -> float | None:
    if soak is None or soaked is None or soaked.since is None or soaked.until is not None or soaked.fired:
        return None
    return soaked.since + soak.hours * 3600


def _of(name: str, wanted: str) -> Callable[[Result, str], Check]:
    return lambda result, found: Check(name, result, found, wanted)


def _time(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds or 0.0, UTC).isoformat(timespec="seconds")
