"""The schema as a tree of slots: what may stand at each YAML path.

A slot is an annotation with its metadata and the declaration it belongs to. Messages, `--set`, `describe` and the
starter file all ask this module instead of reading pydantic's internals themselves.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.functional_validators import BeforeValidator, PlainValidator, WrapValidator
from pydantic_core import PydanticCustomError

from catallaxy.agents.distributions import FAMILIES
from catallaxy.agents.families import Distribution
from catallaxy.agents.plugins import Registry
from catallaxy.agents.rates import DAYS, Rate
from catallaxy.sim.scenario.document import YamlPath

__all__ = ["TAGS", "Slot", "Variants", "default_tree", "inside", "root_slot"]

TAGS = ("kind", "dist")
"""Keys that choose what a mapping is; when one changes, the rest of the mapping no longer applies."""


@dataclass(frozen=True)
class Variants:
    """The classes among which a mapping chooses.

    Attributes
    ----------
    tag : str
        Key that chooses ("kind", "dist").
    point : str
        What the classes are, in words.
    classes : Mapping[str, type]
        By name.
    """

    tag: str
    point: str
    classes: Mapping[str, type[BaseModel]]
    registry: Registry[Any] | None = None

    @property
    def usual(self) -> str | None:
        """The name that is meant when a mapping says none; None where it must."""
        return self.registry.usual if self.registry else None

    def resolve(self, name: str) -> type[BaseModel] | None:
        """Return the class of a name, those of trusted plug-in packages included; None when it is unknown."""
        if self.registry is None:
            return self.classes.get(name)
        try:
            return self.registry.resolve(name)
        except PydanticCustomError:
            return None


@dataclass(frozen=True)
class Slot:
    """What may stand at one place of a scenario.

    Attributes
    ----------
    annotation : Any
        Type, without its `Annotated` wrapper.
    metadata : tuple
        Bounds and validators that come with it.
    field : FieldInfo or None
        The declaration: sentence, unit, source and default; an item of a list or mapping has its container's.
    is_item : bool
        Whether this is an item of the declared field rather than the field itself.
    name : str
        Key under which an item of a mapping stands; it chooses the kind when the item itself does not.
    """

    annotation: Any
    metadata: tuple[Any, ...] = ()
    field: FieldInfo | None = None
    is_item: bool = False
    name: str = ""

    @property
    def doc(self) -> str:
        """The sentence that says what the parameter means."""
        return (self.field.description or "") if self.field else ""

    @property
    def unit(self) -> str:
        """Unit of the value, "" when none is declared."""
        return str(self.extra.get("unit", ""))

    @property
    def source(self) -> str:
        """Where the default comes from, "" when none is declared."""
        return str(self.extra.get("source", ""))

    @property
    def extra(self) -> Mapping[str, Any]:
        """What the declaration says beside its sentence: unit, source, bounds on draws and rates."""
        extra = self.field.json_schema_extra if self.field else None
        return extra if isinstance(extra, dict) else {}

    @property
    def _registry(self) -> Registry[Any] | None:
        found = (getattr(item, "registry", None) for item in self.metadata)
        return next((item for item in found if isinstance(item, Registry)), None)

    @property
    def variants(self) -> Variants | None:
        """The classes among which a mapping here chooses by its `kind` or `dist`; None for other slots."""
        registry = self._registry
        if registry is not None:
            return Variants("kind", registry.point, dict(registry.items()), registry)
        return Variants("dist", "distribution", FAMILIES) if self.annotation is Distribution else None

    @property
    def pattern(self) -> str:
        """The regular expression that text here must match, "" when there is none."""
        found = (getattr(item, "pattern", None) for item in self.metadata)
        return next((str(item) for item in found if item), "")

    @property
    def is_rate(self) -> bool:
        """Whether a rate with its time base stands here (`{per_year: 0.05}`)."""
        return self.annotation is Rate

    @property
    def section(self) -> type[BaseModel] | None:
        """The `Spec` class that stands here; for a plug-in point its base class."""
        cls = self.annotation
        return cls if isinstance(cls, type) and issubclass(cls, BaseModel) else None

    @property
    def converts(self) -> bool:
        """Whether a validator may turn other shapes of input into this one."""
        own = (BeforeValidator, PlainValidator, WrapValidator)
        if any(isinstance(item, own) for item in self.metadata):
            return True
        if self.section is None or self.variants is not None:
            return False
        validators = self.section.__pydantic_decorators__.model_validators.values()
        return any(item.info.mode != "after" for item in validators)

    def alternatives(self) -> tuple[Slot, ...]:
        """Return the slot with unions taken apart; a slot that is no union returns itself alone."""
        annotation, metadata = self.annotation, self.metadata
        while get_origin(annotation) is Annotated:
            metadata = (*metadata, *annotation.__metadata__)
            annotation = annotation.__origin__
        flat = replace(self, annotation=annotation, metadata=metadata)
        if get_origin(annotation) not in (Union, types.UnionType) or flat._registry is not None:
            return (flat,)
        parts = (replace(flat, annotation=part) for part in get_args(annotation))
        return tuple(option for part in parts for option in part.alternatives())

    def item(self) -> Slot | None:
        """Return the slot of a list's items or of a mapping's values."""
        origin, args = get_origin(self.annotation), get_args(self.annotation)
        if not (isinstance(origin, type) and args and issubclass(origin, (Mapping, Sequence, set, frozenset))):
            return None
        annotation = args[1] if issubclass(origin, Mapping) else args[0]
        return Slot(annotation, (), self.field, is_item=True)

    @property
    def is_mapping(self) -> bool:
        """Whether any key may stand here (`networks`), as against a `Spec`'s declared ones."""
        origin = get_origin(self.annotation)
        return isinstance(origin, type) and issubclass(origin, Mapping)

    def choices(self) -> tuple[Any, ...]:
        """Return the values of a choice (`Literal`, enumeration), or nothing for other slots."""
        if get_origin(self.annotation) is Literal:
            return get_args(self.annotation)
        if isinstance(self.annotation, type) and issubclass(self.annotation, enum.Enum):
            return tuple(member.value for member in self.annotation)
        return ()

    def classes(self, value: Any) -> list[type[BaseModel]]:
        """Return the `Spec` classes that a YAML value here can mean, most fitting first; None means the default."""
        if value is None:
            value = default_tree(self.default())
        found = [cls for option in self.alternatives() if (cls := option._class_of(value)) is not None]
        if isinstance(value, dict):
            found = [cls for cls in found if _tags_fit(cls, value)] or found
            found.sort(key=lambda cls: -len(value.keys() & cls.model_fields.keys()))
        return found

    def _class_of(self, value: Any) -> type[BaseModel] | None:
        variants = self.variants
        if variants is None:
            return self.section
        unsaid = self.name or variants.usual
        name = value.get(variants.tag, unsaid) if isinstance(value, dict) else value
        return variants.resolve(name) if isinstance(name, str) else None

    def default(self) -> Any:
        """Return the declared default, None for items and required fields."""
        if self.field is None or self.is_item or self.field.is_required():
            return None
        return self.field.get_default(call_default_factory=True, validated_data={})

    def members(self, value: Any) -> dict[str, Slot]:
        """Return the declared keys that a mapping here may have, given the value it holds now."""
        found: dict[str, Slot] = {}
        for cls in self.classes(value):
            for name, declared in cls.model_fields.items():
                found.setdefault(declared.alias or name, Slot(declared.annotation, tuple(declared.metadata), declared))
        if any(option.is_rate for option in self.alternatives()):
            found.update({base: Slot(float, (), self.field, is_item=True) for base in DAYS})
        return found

    def child(self, key: str | int, value: Any) -> Slot | None:
        """Return the slot at a key or index of a value that stands here, None when the schema has none."""
        if isinstance(key, str) and (member := self.members(value).get(key)) is not None:
            return member
        return self.item_at(key)

    def item_at(self, key: str | int) -> Slot | None:
        """Return the slot of any key of a mapping, or of any index of a list; None for other slots."""
        for option in self.alternatives():
            item = option.item()
            if item is not None and option.is_mapping == isinstance(key, str):
                return replace(item, name=str(key))
        return None

    def find(self, path: YamlPath, value: Any) -> Slot | None:
        """Return the slot at a path below this one, given the value that stands here."""
        slot: Slot | None = self
        for key in path:
            slot = slot.child(key, value) if slot else None
            value = inside(value, key)
        return slot


def root_slot(model: type[BaseModel]) -> Slot:
    """Return the slot of a whole scenario of the given model."""
    return Slot(model)


def inside(value: Any, key: str | int) -> Any:
    """Return what a value holds at a key or index, None when it holds nothing there."""
    if isinstance(value, dict):
        return value.get(str(key))
    if isinstance(value, list) and isinstance(key, int) and -1 < key < len(value):
        return value[key]
    return None


def _tags_fit(cls: type[BaseModel], value: Mapping[str, Any]) -> bool:
    for tag in TAGS:
        declared = cls.model_fields.get(tag)
        if declared is not None and tag in value and get_origin(declared.annotation) is Literal:
            return value[tag] in get_args(declared.annotation)
    return True


def default_tree(value: Any) -> Any:
    """Return a default as the YAML that would give it, without what its own defaults supply.

    Parameters
    ----------
    value : Any
        A declared default: a `Spec`, a mapping or list of them, or a scalar.

    Returns
    -------
    Any
        Dicts, lists and scalars.
    """
    if isinstance(value, Rate):
        return {value.base: value.amount}
    if isinstance(value, BaseModel) and value.__pydantic_decorators__.model_serializers:
        return value.model_dump(mode="json")
    if isinstance(value, BaseModel):
        given = [name for name in type(value).model_fields if name in value.model_fields_set or name in TAGS]
        return {name: default_tree(getattr(value, name)) for name in given}
    if isinstance(value, Mapping):
        return {str(key): default_tree(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [default_tree(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
