"""The gate's checks: may this approved version be rolled out on this endpoint? Pure functions of the evidence.

`VERSION_CHECKS` and `TIME_CHECKS` at the end are the table of checks. A check whose evidence could not be read does not
pass. The floor's checks are evaluated besides those of the endpoint's entry, and both have to pass.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatchcase
from functools import partial

from lambdas.gate.policy import condition, overriding
from lambdas.gate.policy.freeze import frozen_until
from lambdas.gate.policy.verdict import Answer, Check, Result, Verdict
from lambdas.gate.spec.floor import FloorRead
from lambdas.gate.spec.spec import Condition, Gate, Mode, Spec
from lambdas.gate.state.approval import HOLD_SECONDS, Approval, version_account
from lambdas.gate.state.certainty import Certain, Changed, Later, Unknown
from lambdas.gate.state.evidence import Evidence, Unpinned
from lambdas.gate.state.identity import Identity, compare
from lambdas.gate.state.observed import Package
from lambdas.gate.state.orders import Override
from lambdas.gate.state.pin import difference, entry_difference
from lambdas.gate.text import counted, is_safe, one_line, time_text

PIN = "pin"
WITNESS = "witness"
FLOOR = "floor"
"""The names of the floor's checks begin with this and a full stop."""
UNANSWERED_SECONDS = 900
"""How long AWS may take to answer for what an approved version loads, if nothing was recorded before the approval."""
ALARMS = "alarms"
"""The name by which an operator overrides the user's alarms that would end a rollout at once."""
ADOPTION = "adoption"
"""The name by which an operator overrides that the entry lacks settings of a config that Approval Gate did not make."""
ASKED_ABOUT = ("metrics", "baselines", "live", "model_card")
"""The parts of the evidence's document that are read for the conditions and may be unreadable."""


@dataclass(frozen=True)
class Question:
    """The question that every check answers: may this approval's version be rolled out on the spec's endpoint now?
    `now`: in seconds since 1970. `floor`: None if there is no floor."""

    spec: Spec
    package: Package
    approval: Approval
    evidence: Evidence
    now: float
    floor: FloorRead | None = None


@dataclass(frozen=True)
class Rule:
    """One line of the table of checks.

    `name`: its key in endpoints.yaml, or `require.NAME`. `is_asked`: True if a gate asks for it. `evaluate`: its
    result. `is_advisable`: True if `mode: advise` lets a version pass that fails it. `is_overridable`: True if an
    operator may let an approval pass it. `passes_at`: when a failed check will pass, in seconds since 1970; None if
    something else has to happen first. `mode`: a condition's own mode. `is_about_people`: True if neither an author nor
    the approver may override it.
    """

    name: str
    is_asked: Callable[[Gate], bool]
    evaluate: Callable[[Question], Check]
    is_advisable: bool = True
    is_overridable: bool = True
    passes_at: Callable[[Question], float | None] = lambda question: None
    mode: Mode = Mode.ENFORCE
    is_about_people: bool = False

    def is_advised(self, gate: Gate) -> bool:
        """True if a version passes that fails the check. `gate`: that of the endpoint's entry."""
        return self.is_advisable and Mode.ADVISE in (gate.mode, self.mode)


def authorise(package: Package | None) -> Verdict:
    """Return PASSED if the version was Approved, Completed and unchanged since its registration at the last read; HELD
    if it is not Completed yet. Every gate asks for this, and no operator may override it.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html"""
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
    """Return the reason why a version is refused that was changed after its registration. `changed`: what differs, in
    words."""
    return f"{changed} after the version was registered: register a new version"


def evaluate(question: Question, overrides: tuple[Override, ...]) -> Verdict:
    """Return the gate's verdict: the registry's status, then every check that the spec or the floor asks for.

    All checks are evaluated always, so that people see all failures at once. If the pin's check fails, the approval is
    refused. If any other check does not pass, the approval is held.
    """
    authorised = authorise(question.package)
    if authorised.answer is not Answer.PASSED:
        return authorised
    rules = asked(question.spec.gate, question.floor)
    checks = tuple(_lenient(rule, rule.evaluate(question), question, overrides) for rule in rules)
    failed = [(rule, check) for rule, check in zip(rules, checks, strict=True) if not check.is_passable]
    if not failed:
        return Verdict(Answer.PASSED, "; ".join((authorised.reason, *let_pass(checks))), checks)
    changed = next((check for _, check in failed if check.name == PIN and check.result is Result.FAILED), None)
    if changed is not None:
        again = f"; approve it again {_when_to_approve(question)}" if _is_for_a_new_approval(question) else ""
        return Verdict(Answer.REFUSED, f"{changed.found}{again}", checks)
    reason = "; ".join(_sentence(check) for _, check in failed)
    return Verdict(Answer.HELD, reason, checks, _passes_at([rule for rule, _ in failed], question))


def accepts_approver(
    spec: Spec, package: Package, approval: Approval, overrides: tuple[Override, ...], floor: FloorRead | None
) -> bool:
    """True if the gate accepts the one who gave the approval. False also if that person is not known yet, and if the
    floor could not be read. An inquiry that a message began changes nothing before AWS answers."""
    question = Question(spec, package, replace(approval, inquiry=None), Evidence(), now=0.0, floor=floor)
    rules = (rule for rule in asked(spec.gate, floor) if rule.is_about_people)
    return all(_lenient(rule, rule.evaluate(question), question, overrides).is_passable for rule in rules)


def let_pass(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Return a text for each check that did not pass and yet does not stop the version."""
    let = [check for check in checks if check.result is not Result.PASSED]
    parts = ["advised" if check.overridden is None else f"overridden by {check.overridden}" for check in let]
    return tuple(f"{_sentence(check)} ({part})" for check, part in zip(let, parts, strict=True))


def overridable(spec: Spec) -> tuple[str, ...]:
    """Return the names of the checks that an operator may override on the spec's endpoint."""
    names = tuple(rule.name for rule in _rules(spec.gate) if rule.is_overridable)
    return (*names, *((ALARMS,) if spec.rollback_on.alarms else ()), ADOPTION)


def is_overridable(name: str) -> bool:
    """True if an operator may override the check of that name, provided that a gate asks for it."""
    if name.startswith(f"{FLOOR}."):
        return False
    return all(rule.is_overridable for rule in (*VERSION_CHECKS, *TIME_CHECKS) if rule.name == name)


def asked(gate: Gate, floor: FloorRead | None) -> tuple[Rule, ...]:
    """Return the checks that the entry's gate asks for, and then those of the floor."""
    return (*_rules(gate), *_floor_rules(floor))


def _floor_rules(read: FloorRead | None) -> tuple[Rule, ...]:
    """Return the checks that the floor asks for. A floor that could not be read is a check that does not pass.

    What every gate asks for is not asked again. The floor's pin is a demand on the entry, whose own check compares.
    """
    if read is None:
        return ()
    floor = read.floor
    if floor is None:
        return (Rule(f"{FLOOR}.read", lambda gate: True, _unread_floor, False, False, is_about_people=True),)
    demands = (
        Rule(PIN, lambda gate: gate.pin, _demanded_pin),
        Rule("golden_requests", lambda gate: floor.golden_requests, _demanded_golden_requests),
    )
    own = (rule for rule in _rules(floor.gate) if not rule.is_asked(Gate()))
    return (
        *(_with_keys_of(floor.gate, rule) for rule in own),
        *(replace(rule, name=f"{FLOOR}.{rule.name}") for rule in demands if rule.is_asked(floor.gate)),
    )


def _with_keys_of(gate: Gate, rule: Rule) -> Rule:
    """Return the floor's check. It knows the floor's keys in place of the entry's. Neither the entry's mode nor an
    operator lets a version pass that fails it."""

    def of_floor(question: Question) -> Question:
        return replace(question, spec=replace(question.spec, gate=gate))

    name = f"{FLOOR}.{rule.name}"
    return replace(
        rule,
        name=name,
        evaluate=lambda question: replace(rule.evaluate(of_floor(question)), name=name),
        passes_at=lambda question: rule.passes_at(of_floor(question)),
        is_advisable=rule.mode is Mode.ADVISE,
        is_overridable=False,
    )


def _rules(gate: Gate) -> tuple[Rule, ...]:
    """Return the checks that a gate asks for, in the order of the ledger's rows."""
    conditions = (
        Rule(f"require.{each.name}", lambda gate: bool(gate.require), partial(_condition, each), mode=each.mode)
        for each in gate.require
    )
    return tuple(rule for rule in (*VERSION_CHECKS, *conditions, *TIME_CHECKS) if rule.is_asked(gate))


def _lenient(rule: Rule, check: Check, question: Question, overrides: tuple[Override, ...]) -> Check:
    """Return the check marked as advisory or overridden, if either lets a version pass that fails it."""
    advised = rule.is_advised(question.spec.gate)
    shown = replace(
        check, found=condition.shorten(check.found), wanted=condition.shorten(check.wanted), advisory=advised
    )
    mine = tuple(each for each in overrides if each.order == question.approval.order)
    given = overriding.of(check.name, mine) if rule.is_overridable else ()
    if check.result is Result.PASSED or not given:
        return shown
    people = _people(question) if rule.is_about_people else {}
    let, missing = overriding.counted(given, people, question.spec.gate)
    if missing is not None:
        found = condition.shorten(f"{check.found}; {missing}")
        return replace(shown, found=found, about=f"{check.about} | {missing}")
    return replace(shown, overridden="; ".join(f"{each.by}: {each.reason}" for each in let))


def _people(question: Question) -> overriding.People:
    """Return the version's authors and its approver, None for those who are not certain."""
    package, approval = question.package, question.approval
    approver = None if _uncertain(approval) else approval.approver
    return _authors(package) | {"approved": approver}


def _authors(package: Package) -> overriding.People:
    """Return who registered the version, and who may have written its specification."""
    registrant = package.registered_by if package.registered_by and package.registered_by.is_known else None
    last = {} if package.specified_by is None else {"last changed": package.specified_by}
    return {"registered": registrant} | last


def _sentence(check: Check) -> str:
    trouble = "could not be evaluated" if check.result is Result.UNREAD else "failed"
    return f"{check.name} {trouble}: found {check.found}, wanted {check.wanted}"


def _passes_at(failed: list[Rule], question: Question) -> float | None:
    """Return when the last of the failed checks will pass, in seconds since 1970; None if something else has to happen
    first."""
    times = [rule.passes_at(question) for rule in failed]
    known = [time for time in times if time is not None]
    return max(known) if len(known) == len(times) else None


def _four_eyes(question: Question) -> Check:
    """The check that the approver is none of the version's authors.

    1. A role of Approval Gate, or one that no person uses, is no approver.
    2. The approver is an author if the approving call wrote the specification.
    3. Other authors are the person who registered the version, and the last to change it before it was recorded.
    4. A role that no person uses is no author. Without any other author nobody knows who made the version.
    """
    package, approval, trusted = question.package, question.approval, question.spec.gate.identity or ()
    verdict = _of("four_eyes", "an approver who is none of the version's authors", data=trusted)
    if trouble := _uncertain(approval):
        return verdict(Result.UNREAD, trouble.value, trouble.name)
    authors, approver = _authors(package), approval.approver
    registrant = authors["registered"]
    if approver is None or registrant is None:
        return verdict(Result.UNREAD, "SageMaker does not say who registered it", "registrant")
    approved = f"approved by {approver.label}"
    if approver.is_gate:  # 1
        return verdict(Result.FAILED, f"{approved}, a role of Approval Gate itself", approver.label)
    if _is_automation(approver, question):
        return verdict(Result.FAILED, f"{approved}, a role that no person uses", approver.label)
    if approval.specifies:  # 2
        return verdict(Result.FAILED, f"{approved}, and the approving call wrote its specification", approver.label)
    people = {did: who for did, who in authors.items() if who and not _is_automation(who, question)}  # 3
    if not people:  # 4
        return verdict(Result.UNREAD, f"registered by {registrant.label}, a role that no person uses", registrant.label)
    compared = [(did, who, compare(who, approver, trusted)) for did, who in people.items()]
    worst = list(_PEOPLE)
    did, author, found = min(compared, key=lambda each: worst.index(each[2].is_same))
    people_found = f"{did} by {author.label}, {approved} ({found.by})"
    return verdict(_PEOPLE[found.is_same], people_found, f"{author.label} and {approver.label}")


_PEOPLE = {True: Result.FAILED, None: Result.UNREAD, False: Result.PASSED}
"""What a check about two people finds, by whether they are the same. The worst comes first."""


def _is_automation(identity: Identity, question: Question) -> bool:
    """True if it is a role that no person uses, such as a pipeline's or an MLflow app's."""
    return identity.matches(question.spec.gate.automation or (), version_account(question.approval.version))


def _approvers(question: Question) -> Check:
    patterns, approval = question.spec.gate.approvers, question.approval
    verdict = _of("approvers", f"one of {', '.join(patterns)}", data=patterns)
    if trouble := _uncertain(approval):
        return verdict(Result.UNREAD, trouble.value, trouble.name)
    account, approver = version_account(approval.version), approval.approver
    names = approver.patterns(account) if approver else ()
    allowed = approver is not None and approver.matches(patterns, account)
    found = ", ".join(names) or "neither a role nor a user of this account"
    return verdict(Result.PASSED if allowed else Result.FAILED, found, ", ".join(names))


def _unless_inquired(evaluate: Callable[[Question], Check], question: Question) -> Check:
    """Return the check of the approver. It does not pass while CloudTrail is asked whether somebody else approved."""
    check, inquiry = evaluate(question), question.approval.inquiry
    if check.result is not Result.PASSED or inquiry is None or not inquiry.holds(question.now):
        return check
    found = (
        f"an approver whom a message disputes; CloudTrail is asked until {time_text(inquiry.at + HOLD_SECONDS)} at most"
    )
    return replace(check, result=Result.UNREAD, found=found, about="INQUIRY")


def _answered_at(question: Question) -> float | None:
    """Return when the approver passes if CloudTrail does not answer; None if another approval or an event is needed."""
    inquiry = question.approval.inquiry
    if _uncertain(question.approval) or inquiry is None or not inquiry.holds(question.now):
        return None
    return inquiry.at + HOLD_SECONDS


class _Uncertain(Enum):
    """Why the approver is not certain. The value is the reason that people read."""

    DISPUTED = "the registry and CloudTrail name different approvers"
    NO_EVENT = "the approval has no event, and the last to change the package may not be the approver"
    CHANGED = "the package was changed between the approval and the first reconcile, so the approver is uncertain"
    UNKNOWN = "SageMaker does not say who approved it"


def _uncertain(approval: Approval) -> _Uncertain | None:
    """Return why the approver is not certain; None if the approver is."""
    if approval.is_disputed:
        return _Uncertain.DISPUTED
    if approval.uncertain:
        return _Uncertain.NO_EVENT if approval.inferred else _Uncertain.CHANGED
    is_known = approval.approver is not None and approval.approver.is_known
    return None if is_known else _Uncertain.UNKNOWN


def _images(question: Question) -> Check:
    patterns = question.spec.gate.images
    # A container without an image matches `*` only.
    images = [container.image or "" for container in question.package.containers]
    foreign = [image for image in images if not any(fnmatchcase(image, pattern) for pattern in patterns)]
    result = Result.FAILED if foreign or not images else Result.PASSED
    found = ", ".join(image or "no image" for image in foreign or images)
    verdict = _of("images", f"one of {', '.join(patterns)}", data=patterns)
    return verdict(result, found or "no image", ", ".join(foreign or images))


def _containers(question: Question) -> Check:
    """The check that SageMaker can make a model of the version, and that its names are what they seem.

    1. A version without an InferenceSpecification has no containers.
    2. CreateModel refuses an Environment of its own if a container of the package has one, even an empty one.
    3. A name with characters that no row can show cannot be compared with what was approved.
    """
    package, asked = question.package, question.spec.serving.environment
    verdict = _of("containers", "containers that SageMaker can make a model of")
    if not package.containers:  # 1
        found = "no InferenceSpecification with containers; register a new version that has one"
        return verdict(Result.FAILED, found)
    own = _environments(package) if asked else None
    if own is not None:  # 2
        conflict = f"an Environment of the version's own ({', '.join(own) or 'empty'}) besides `serving.environment`"
        fix = "remove `serving.environment`, or register a new version without Environment"
        return verdict(Result.FAILED, f"{conflict}; {fix}", ", ".join(own))
    names = [name for container in package.containers for name in (container.image, *container.uris) if name]
    unsafe = [one_line(name) for name in names if not is_safe(name)]
    if unsafe:  # 3
        return verdict(Result.FAILED, f"characters that cannot be shown, in {', '.join(unsafe)}", ", ".join(unsafe))
    return verdict(Result.PASSED, f"containers: {len(package.containers)}")


def _environments(package: Package) -> list[str] | None:
    """Return the names of the variables of the package's containers; None if no container has an Environment."""
    found = package.environments
    return sorted({name for environment in found for name in environment}) if found else None


def _artifacts(question: Question) -> Check:
    prefix = question.spec.model_artifacts
    uris = [uri for container in question.package.containers for uri in container.model_uris]
    foreign = [uri for uri in uris if not uri.startswith(prefix)]
    found = ", ".join(foreign or uris)
    verdict = _of("artifacts", f"model data under {prefix}", data=(prefix,))
    return verdict(Result.FAILED if foreign else Result.PASSED, found or "no model data", found)


def _pin(question: Question) -> Check:
    approval, evidence = question.approval, question.evidence
    verdict = _of(PIN, "what was approved")
    if approval.pin is None or evidence.pin is None:
        unread = evidence.unread.get("pin", "what was approved is not known")
        if _is_void(question):
            return verdict(Result.FAILED, f"{unread}; a pin is not taken after the approval", _answer(unread))
        return verdict(Result.UNREAD, unread, _answer(unread))
    late = approval.pin.changed_after(approval.given_at)
    changed = difference(approval.pin, evidence.pin)
    if late is not None:
        return verdict(Result.FAILED, f"{late.uri} was written after the approval, at {time_text(late.modified_at)}")
    if changed is not None and _is_registered(approval):
        return verdict(Result.FAILED, after_registration(changed))
    if changed is not None:
        return verdict(Result.FAILED, f"{changed} after the approval")
    if of_entry := entry_difference(approval.pin, evidence.pin):
        return verdict(Result.FAILED, f"{of_entry} after the approval")
    if not approval.is_certain:
        return _uncertain_content(question, verdict)
    artifacts, images = len(approval.pin.artifacts), len(approval.pin.images)
    since = "registered" if _is_registered(approval) else "approved"
    found = f"the specification, {counted(artifacts, 'artifact')} and {counted(images, 'image')} are as {since}"
    return verdict(Result.PASSED, f"{found}; {approval.unchanged}" if approval.unchanged is not None else found)


def _uncertain_content(question: Question, verdict: Callable[..., Check]) -> Check:
    """Return the check of a version that was first seen with its approval, and may have been changed after that."""
    certainty = question.evidence.certainty
    if isinstance(certainty, Changed):
        return verdict(Result.FAILED, certainty.text, certainty.by.event)
    why = certainty.why if isinstance(certainty, Later | Unknown) else "nothing was read"
    fix = "; approve it again" if isinstance(certainty, Unknown) else ""
    return verdict(Result.UNREAD, f"it was first seen after its approval, and {why}{fix}", "first seen approved")


def _witness(question: Question) -> Check:
    certainty = question.evidence.witnessed
    verdict = _of(WITNESS, "an approval that CloudTrail's event history shows")
    match certainty:
        case Certain():
            return verdict(Result.PASSED, certainty.text)
        case Changed():
            return verdict(Result.FAILED, f"{certainty.text}; approve it again if that is right", certainty.by.event)
        case Later() | Unknown():
            fix = "; approve it again" if isinstance(certainty, Unknown) else ""
            return verdict(Result.UNREAD, f"{certainty.why}{fix}", type(certainty).__name__)
    return verdict(Result.UNREAD, "nothing was read")


def _witnessed_at(question: Question) -> float | None:
    """Return when CloudTrail is asked again whether it shows the approval; None if a person has to do something."""
    certainty = question.evidence.witnessed
    return certainty.until if isinstance(certainty, Later) else None


def _certain_at(question: Question) -> float | None:
    """Return when CloudTrail is asked again about a version that was first seen approved, in seconds since 1970; None
    if something else keeps it from going live."""
    certainty, pins = question.evidence.certainty, (question.approval.pin, question.evidence.pin)
    return certainty.until if isinstance(certainty, Later) and None not in pins else None


def _when_to_approve(question: Question) -> str:
    return "if that is right" if question.evidence.unpinned is None else "when it can be read"


def _is_void(question: Question) -> bool:
    """True if what was approved can never be known, because it could not be read at the approval: what is there later
    may be something else. AWS gets UNANSWERED_SECONDS to answer. An earlier release waited for as long as it took."""
    seen_at, unpinned = question.approval.seen_at, question.evidence.unpinned
    if seen_at is None or unpinned in (None, Unpinned.OPEN):
        return False
    return unpinned is Unpinned.ABSENT or question.now >= seen_at + UNANSWERED_SECONDS


def _is_for_a_new_approval(question: Question) -> bool:
    """True if another approval of a version whose pin did not match is of its new content. What the entry names is no
    part of the version."""
    pinned, found = question.approval.pin, question.evidence.pin
    is_as_registered = pinned is not None and found is not None and difference(pinned, found) is None
    return not _is_registered(question.approval) or is_as_registered


def _is_registered(approval: Approval) -> bool:
    """True if what the version loads was recorded before its approval, so that approving it again changes nothing."""
    return approval.pin is not None and approval.pin.registered is not None


def _condition(asked: Condition, question: Question) -> Check:
    evidence, verdict = question.evidence, _of(f"require.{asked.name}", asked.expression, data=(asked.expression,))
    answer = condition.evaluate(asked.expression, evidence.document)
    found = condition.operands(asked.expression, evidence.document)
    unread = {part: evidence.unread[part] for part in ASKED_ABOUT if part in evidence.unread}
    if not isinstance(answer, bool):
        causes = (found, *map(_answer, unread.values()))
        return verdict(Result.UNREAD, "; ".join((answer, *unread.values(), found)), "; ".join(causes))
    # A part that was not read is null in the document. `live == null` must not be true if a version is live.
    asked_about = [part for part in unread if condition.names_field(asked.expression, part)]
    if asked_about:
        why = "; ".join(f"{part}: {unread[part]}" for part in asked_about)
        return verdict(Result.UNREAD, f"could not be read: {why}", "; ".join(map(_answer, unread.values())))
    if answer:
        return verdict(Result.PASSED, found, found)
    return verdict(Result.FAILED, condition.failing(asked.expression, evidence.document), found)


def _soak(question: Question) -> Check:
    soak, evidence, now = question.spec.gate.soak, question.evidence, question.now
    if soak is None:
        raise ValueError("The spec asks for no soak.")
    hours = f"{soak.hours:g}"
    verdict = _of("soak", f"{counted(soak.hours, 'quiet hour')} live on {soak.endpoint}", data=(hours, soak.endpoint))
    soaked = evidence.soaked
    if soaked is None:
        unread = evidence.unread.get("soak", "nothing was read")
        return verdict(Result.UNREAD, unread, _answer(unread))
    if soaked.since is None:
        return verdict(Result.FAILED, f"what was approved was never live on {soak.endpoint}", "never")
    if soaked.fired:
        return verdict(Result.FAILED, f"not quiet there: {', '.join(soaked.fired)}", ", ".join(soaked.fired))
    until = f" until {time_text(soaked.until)}" if soaked.until is not None else ""
    full = (now if soaked.until is None else soaked.until) - soaked.since >= soak.hours * 3600
    found = f"live there since {time_text(soaked.since)}{until}"
    return verdict(Result.PASSED if full else Result.FAILED, found, f"{soaked.since}, {soaked.until}")


def _soaked_at(question: Question) -> float | None:
    """Return when the soak will be over, in seconds since 1970; None if it is not going on."""
    soak, soaked = question.spec.gate.soak, question.evidence.soaked
    if soak is None or soaked is None or soaked.since is None or soaked.until is not None or soaked.fired:
        return None
    return soaked.since + soak.hours * 3600


def _freeze(question: Question) -> Check:
    until = _frozen_until(question)
    found = f"a freeze until {time_text(until)}" if until else "no freeze"
    return Check("freeze", Result.FAILED if until else Result.PASSED, found, "no freeze", about=str(until))


def _frozen_until(question: Question) -> float | None:
    return frozen_until(question.spec.gate.freeze, question.now)


def _unread_floor(question: Question) -> Check:
    unread = question.floor.unread if question.floor else ""
    return _of(f"{FLOOR}.read", "the floor that GateStack deploys")(Result.UNREAD, unread, _answer(unread))


def _demanded_pin(question: Question) -> Check:
    verdict = _of(f"{FLOOR}.{PIN}", "an entry that pins what was approved")
    if question.spec.gate.pin:
        return verdict(Result.PASSED, "it does")
    return verdict(Result.FAILED, "`gate.pin: false` in the entry")


def _demanded_golden_requests(question: Question) -> Check:
    verdict = _of(f"{FLOOR}.golden_requests", "an entry with golden requests")
    golden = question.spec.golden
    if golden is None:
        return verdict(Result.FAILED, "an entry without golden requests")
    return verdict(Result.PASSED, f"golden requests: {golden.requests}")


def _of(name: str, wanted: str, data: Iterable[str] = ()) -> Callable[..., Check]:
    """Return a maker of the check's results, which is given the result, what was found as a sentence, and the data in
    that sentence. `data`: the values of the entry that `wanted` is about."""
    return lambda result, found, about="": Check(name, result, found, wanted, about=" | ".join((about, *data)))


def _answer(unread: str) -> str:
    """Return AWS's answer in a text about what could not be read; empty if there is none."""
    return unread.partition(" could not be read: ")[2]


APPROVER_CHECKS = (
    Rule(
        "four_eyes",
        lambda gate: gate.four_eyes,
        partial(_unless_inquired, _four_eyes),
        is_about_people=True,
        passes_at=_answered_at,
    ),
    Rule(
        "approvers",
        lambda gate: bool(gate.approvers),
        partial(_unless_inquired, _approvers),
        is_about_people=True,
        passes_at=_answered_at,
    ),
)
"""The checks of the one who gave the approval. They need no evidence."""
VERSION_CHECKS = (
    *APPROVER_CHECKS,
    Rule("containers", lambda gate: True, _containers, is_advisable=False),
    Rule("images", lambda gate: bool(gate.images), _images),
    Rule("artifacts", lambda gate: True, _artifacts, is_advisable=False),
    # An operator cannot change what was approved. Only another approval can.
    Rule(PIN, lambda gate: True, _pin, is_advisable=False, is_overridable=False, passes_at=_certain_at),
    Rule(WITNESS, lambda gate: gate.witness is not None, _witness, passes_at=_witnessed_at),
)
"""The checks of the version and its approver. The conditions of `require` come next."""
TIME_CHECKS = (
    Rule("soak", lambda gate: gate.soak is not None, _soak, passes_at=_soaked_at),
    Rule("freeze", lambda gate: bool(gate.freeze), _freeze, passes_at=_frozen_until),
)
"""The checks that may pass later without any change."""
