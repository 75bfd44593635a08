"""Rules made of rules: several at once, and one after another by date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Self

from pydantic import AliasChoices, Field, GetJsonSchemaHandler, SerializeAsAny, model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec
from catallaxy.agents.plugins import Registered
from catallaxy.sim.tokenomics.emission_context import EmissionContext, Issue, Memory
from catallaxy.sim.tokenomics.emission_rule import ECONOMY, EMISSIONS, EmissionRule, RememberingRule

__all__ = ["CompositeEmission", "DatedEmission", "DatedRule"]

_PLENTY = 1e300


class _RuleInside(Registered):
    """A rule inside a rule: its JSON Schema says `kind` only, since the full list would contain itself."""

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        kinds = {"type": "string", "examples": list(EMISSIONS)}
        return {"anyOf": [kinds, {"type": "object", "properties": {"kind": kinds}, "required": ["kind"]}]}


_InnerRule = Annotated[SerializeAsAny[EmissionRule], _RuleInside(EMISSIONS)]


@EMISSIONS.register("composite")
class CompositeEmission(RememberingRule):
    """The sum of several rules, each seeing the same counts (a base emission and a top-up)."""

    summary: ClassVar[str] = "The sum of several rules (a base emission and a top-up)."

    rules: tuple[_InnerRule, ...] = Field(
        description="Rules whose amounts add up.", json_schema_extra={"unit": "-", "minItems": 1}
    )

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.rules:
            raise complaint("emission_rule", "a composite needs at least one rule; for none use kind: fixed-supply")
        return self

    @property
    def reads(self) -> frozenset[str]:
        """What any of the rules answers to."""
        return frozenset().union(*(rule.reads for rule in self.rules))

    def advance(self, now: EmissionContext) -> Issue:
        """Return the sum of what the rules would mint in the stretch of `now`, and what each remembers."""
        remembered = _memories(now, len(self.rules))
        issues = [rule.advance(now.remembering(memory)) for rule, memory in zip(self.rules, remembered, strict=True)]
        return Issue(sum(issue.amount for issue in issues), tuple(issue.memory for issue in issues))

    def most(self, first: EmissionContext, n_steps: int) -> int | None:
        """Return the sum of the most that each rule can ask for; None when a rule has no bound.

        A rule that grows with the supply grows with what the others mint, so that step by step more may come together.
        """
        bounds = [rule.most(first, n_steps) for rule in self.rules]
        if None in bounds:
            return None
        alone = sum(bound or 0 for bound in bounds)
        richer = replace(first, supply=2 * first.supply + 1)
        if len(bounds) == 1 or bounds == [rule.most(richer, n_steps) for rule in self.rules]:
            return alone
        return max(alone, self.horizon_total(_at_full_capacity(self, first), n_steps))

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return "The sum of: " + " And: ".join(rule.describe() for rule in self.rules)


class DatedRule(Spec):
    """A rule and the date from which it holds."""

    since: date | None = Field(
        None,
        validation_alias=AliasChoices("from", "since"),
        description="Date from which the rule holds (`from:` in YAML); only the first rule may leave it out.",
        json_schema_extra={"unit": "date"},
    )
    rule: _InnerRule = Field(description="The rule.", json_schema_extra={"unit": "-"})


@EMISSIONS.register("dated")
class DatedEmission(RememberingRule):
    """Rules that follow one another by date: each holds until the next begins, to the microsecond.

    A schedule inside that does not say when it `starts` begins on the date from which it holds. Nothing is minted
    before the first date; a first rule without a date holds from the beginning.
    """

    summary: ClassVar[str] = "Rules that follow one another by date."

    rules: tuple[DatedRule, ...] = Field(
        description="Rules with the date from which each holds.", json_schema_extra={"unit": "-", "minItems": 1}
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.rules:
            raise complaint(
                "emission_rule", "a dated emission needs at least one rule; for none use kind: fixed-supply"
            )
        if any(entry.since is None for entry in self.rules[1:]):
            raise complaint("emission_rule", "every dated rule after the first needs a date: add `from:`")
        dates = [entry.since for entry in self.rules if entry.since is not None]
        for before, after in pairwise(dates):
            if after <= before:
                raise complaint(
                    "emission_rule", f"dated rules overlap: {after} is not after {before}; list them in order of time"
                )
        return self

    @property
    def reads(self) -> frozenset[str]:
        """What any of the rules answers to."""
        return frozenset().union(*(entry.rule.reads for entry in self.rules))

    def advance(self, now: EmissionContext) -> Issue:
        """Return what the rules would mint in the stretch of `now`, each in its own part, and what each remembers."""
        begins = [now.microseconds_since_start(entry.since) if entry.since else now.begin_us for entry in self.rules]
        ends = [*begins[1:], now.end_us]
        total, memories = 0, list(_memories(now, len(self.rules)))
        for number, (entry, begin, end) in enumerate(zip(self.rules, begins, ends, strict=True)):
            begin, end = max(begin, now.begin_us), min(end, now.end_us)
            if begin < end:
                own = now.after(total).part(begin, end, entry.since).remembering(memories[number])
                minted, memories[number] = entry.rule.advance(own)
                total += minted
        return Issue(total, tuple(memories))

    def most(self, first: EmissionContext, n_steps: int) -> int | None:
        """Return what the schedules mint, one after another; None when a rule answers to what agents do."""
        bounded = all(entry.rule.most(first, 1) is not None for entry in self.rules)
        return self.horizon_total(_at_full_capacity(self, first), n_steps) if bounded else None

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return " ".join(f"From {entry.since or 'the beginning'}: {entry.rule.describe()}" for entry in self.rules)


def _at_full_capacity(rule: EmissionRule, first: EmissionContext) -> EmissionContext:
    """Return the same stretch with more capacity than any baseline requires, whoever measures it."""
    return replace(first, capacity=_PLENTY, drivers=dict.fromkeys(rule.reads - ECONOMY, _PLENTY))


def _memories(now: EmissionContext, count: int) -> tuple[Memory, ...]:
    """Return what each of `count` inner rules remembers: the parts of an outer memory, or nothing yet."""
    return tuple(part for part in now.memory if isinstance(part, tuple)) or ((),) * count
