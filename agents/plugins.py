"""Plug-in points: a class chosen by name in YAML, or by `package.module:Class`.

Each plug-in point is a `Registry` of `Spec` subclasses. The class *is* its declared parameters and its behaviour,
so a user writes one class. `Registered(registry)` annotates a field that holds any of them.

Names that contain a colon are imported, and a scenario is untrusted input: only packages that the *user* trusted,
by `trust_plugins` or the command line's `--plugins`, are ever imported for a scenario.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.declaration import Spec, quantity

__all__ = ["Plugin", "Registered", "Registry", "import_trusted", "trust_plugins", "trusted_packages"]

_TRUSTED: set[str] = set()


def trust_plugins(*packages: str) -> None:
    """Allow scenarios to name classes in these packages as `package.module:Class`.

    Parameters
    ----------
    *packages : str
        Top-level package names ("my_rules"). Importing a package runs its code: trust your own.
    """
    _TRUSTED.update(packages)


def trusted_packages() -> tuple[str, ...]:
    """Return the trusted plug-in packages, sorted."""
    return tuple(sorted(_TRUSTED))


def import_trusted(point: str, reference: str) -> Any:
    """Import `package.module:name` of a trusted package.

    Parameters
    ----------
    point : str
        What is wanted, in words ("emission rule"), for the messages.
    reference : str
        A module of the package, a colon, and a name in that module.

    Returns
    -------
    object

    Raises
    ------
    pydantic_core.PydanticCustomError
        When the package is not trusted, or the name is not there.
    """
    module_name, _, name = reference.partition(":")
    package = module_name.partition(".")[0]
    if package not in _TRUSTED:
        raise PydanticCustomError(
            "untrusted_plugin",
            "{point} {kind} lives in package {package}, which you have not trusted; "
            "run with --plugins {package}, or call catallaxy.trust_plugins({quoted}) first",
            {"point": point, "kind": repr(reference), "package": package, "quoted": repr(package)},
        )
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        said = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
        raise _missing(point, reference, said) from error
    if not hasattr(module, name):
        hint = did_you_mean(name, vars(module))
        raise _missing(point, reference, f"module {module_name!r} has no attribute {name!r}{hint}")
    return getattr(module, name)


def _missing(point: str, reference: str, reason: str) -> PydanticCustomError:
    return PydanticCustomError(
        "missing_plugin",
        "{point} {kind} cannot be imported: {error}",
        {"point": point, "kind": repr(reference), "error": reason},
    )


class Plugin(Spec):
    """Base of every plug-in: a `Spec` whose `kind` names it in YAML."""

    summary: ClassVar[str] = ""

    kind: str = quantity(unit="-", doc="Registered name, or package.module:Class of a trusted plug-in package.")

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value


P = TypeVar("P", bound=Plugin)


class Registry(Generic[P]):
    """The named classes of one plug-in point.

    Parameters
    ----------
    point : str
        What the plug-ins are, in words ("emission rule").
    base : type
        The class that every plug-in of this point derives from.
    """

    def __init__(self, point: str, base: type[P]) -> None:
        self.point = point
        self.base = base
        self._classes: dict[str, type[P]] = {}

    def register(self, kind: str) -> Callable[[type[P]], type[P]]:
        """Return a class decorator that files a class under `kind`."""

        def file(cls: type[P]) -> type[P]:
            if kind in self._classes:
                raise ValueError(f"{self.point} {kind!r} is already registered")
            self._classes[kind] = cls
            return cls

        return file

    @property
    def with_article(self) -> str:
        """What the plug-ins are, with "a" or "an" before it."""
        return f"{'an' if self.point[0] in 'aeiou' else 'a'} {self.point}"

    @property
    def usual(self) -> str | None:
        """The kind that is meant when none is named: the one that the base class declares, if it does."""
        declared = self.base.model_fields["kind"]
        return None if declared.is_required() else str(declared.default)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._classes))

    def items(self) -> list[tuple[str, type[P]]]:
        """Return `(kind, class)` pairs sorted by name."""
        return sorted(self._classes.items())

    def resolve(self, kind: str) -> type[P]:
        """Return the class filed under `kind`, importing `package.module:Class` of a trusted package.

        Raises
        ------
        pydantic_core.PydanticCustomError
            When the name is unknown, the package is not trusted, or the class does not fit the plug-in point.
        """
        if ":" in kind:
            return self._import(kind)
        if kind in self._classes:
            return self._classes[kind]
        hint = did_you_mean(kind, self._classes)
        raise PydanticCustomError(
            "unknown_kind",
            "unknown {point} {kind}; known: {known}{hint}",
            {"point": self.point, "kind": repr(kind), "known": ", ".join(self), "hint": hint},
        )

    def _import(self, kind: str) -> type[P]:
        found = import_trusted(self.point, kind)
        if not (isinstance(found, type) and issubclass(found, self.base)):
            raise PydanticCustomError(
                "wrong_plugin",
                "{kind} is not {point}: it must derive from {base}",
                {"point": self.with_article, "kind": repr(kind), "base": self.base.__name__},
            )
        return found

    def build(self, value: Any) -> P:
        """Validate a YAML value into the plug-in that its `kind` names."""
        if isinstance(value, self.base):
            return value
        raw = {"kind": value} if isinstance(value, str) else value
        if isinstance(raw, dict) and "kind" not in raw and self.usual is not None:
            raw = {"kind": self.usual, **raw}
        if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str):
            raise PydanticCustomError(
                "missing_kind",
                "choose {point}: give its name, or a mapping with `kind:` one of {known}",
                {"point": self.with_article, "known": ", ".join(self)},
            )
        return self.resolve(raw["kind"]).model_validate(raw)

    def json_schema(self, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema that accepts any registered plug-in."""
        return {"anyOf": [handler(cls.__pydantic_core_schema__) for _, cls in self.items()]}


class Registered:
    """Annotation of a field that holds any plug-in of a registry.

    `Annotated[SerializeAsAny[Venue], Registered(VENUES)]` accepts a registered name or a mapping with `kind`.

    Parameters
    ----------
    registry : Registry
    """

    def __init__(self, registry: Registry[Any]) -> None:
        self.registry = registry

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.registry.build, handler(source))

    def __get_pydantic_json_schema__(self, _schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.registry.json_schema(handler)
