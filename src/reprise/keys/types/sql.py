"""Encoders for SQLAlchemy: statements with their parameters, tables, types, rows. No dialect.

A statement joins by SQLAlchemy's own cache key, which tells apart whatever compiles or loads in
another way, loader options included. In it tables and mapped classes stand as the objects that
they are; here they join by what they say. Values of parameters and all of each type are added.
Engines, connections and sessions are handles to something outside, and have no encoding.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from reprise.keys.failures import UnencodableError
from reprise.keys.framing import frame, text

if TYPE_CHECKING:
    from reprise.keys.walk import Walk

_PLAIN: Final = (bool, int, float, str, bytes, type(None))

_COLUMN: Final = ("default", "onupdate", "server_default", "server_onupdate", "identity")
"""Attributes of a column that hold an object with something behind it."""


def clause(value: Any, walk: Walk) -> bytes:
    """A statement or a part of one, values of its parameters, and how it is to be executed."""
    key = value._generate_cache_key()  # noqa: SLF001 - as in SQLAlchemy's own caching examples
    if key is None:
        raise UnencodableError(
            "SQLAlchemy has no cache key for something in it: "
            "a class without `inherit_cache`, a type without `cache_ok`, or rows to insert"
        )
    values = [parameter.effective_value for parameter in key.bindparams]
    options: Any = getattr(value, "get_execution_options", dict)()
    parts = (key.key, values, _types(value), dict(options))
    return frame("clause", [walk(type(value)), *map(walk, parts)])


def _types(value: Any) -> list[Any]:
    """The types of all parts; the cache key leaves out some of what they hold."""
    from sqlalchemy.sql import visitors

    if not hasattr(value, "get_children"):
        return []
    kinds = (getattr(part, "type", None) for part in visitors.iterate(value))
    return [kind for kind in kinds if kind is not None]


def alias(value: Any, walk: Walk) -> bytes:
    """A mapped class under another name."""
    import sqlalchemy

    return frame("aliased", [clause(sqlalchemy.inspect(value), walk)])


def compiled(value: Any, walk: Walk) -> bytes:
    """Text, parameters and dialect, and the statement that was compiled."""
    dialect = [getattr(value.dialect, name, None) for name in ("name", "driver", "paramstyle")]
    parts = (str(value), value.params, dialect, value.statement)
    return frame("compiled", [walk(type(value)), *map(walk, parts)])


def data_type(value: Any, walk: Walk) -> bytes:
    """A type with all that it was given."""
    return frame("type", [walk(type(value)), walk(dict(_given(value)))])


def _given(value: Any) -> Iterator[tuple[str, Any]]:
    """Attributes without what SQLAlchemy computed from them, or keeps for its own sake."""
    for name, item in vars(value).items():
        kept = inspect.getattr_static(type(value), name, None)
        if "memoized" not in type(kept).__name__ and name not in _WIRING:
            yield name, item


_WIRING: Final = frozenset({"_static_cache_key", "dispatch", "metadata", "comparator"})


def table(value: Any, walk: Walk) -> bytes:
    """Name, columns in their order, constraints and indexes; those of one kind have no order."""
    columns = [frame("column", _column(column, walk)) for column in value.columns]
    around = [*value.constraints, *value.indexes]
    rules = sorted(_rule(rule, walk) for rule in around)
    prefixes = [str(prefix) for prefix in getattr(value, "_prefixes", ())]
    known = (value.name, prefixes, _plain(value), value.info, dict(value.dialect_kwargs))
    parts = [*map(walk, known), frame("columns", columns), frame("rules", rules)]
    return frame("table", [walk(type(value)), *parts])


def column(value: Any, walk: Walk) -> bytes:
    """A column with its table, or alone."""
    return frame("column", [clause(value, walk), *_column(value, walk)])


def _column(value: Any, walk: Walk) -> list[bytes]:
    behind = {name: _behind(getattr(value, name, None)) for name in _COLUMN}
    computed = _behind(getattr(value, "computed", None))
    keys = sorted(_reference(one, walk) for one in value.foreign_keys)
    known = (value.key, value.type, _plain(value), value.info, behind, computed)
    rules = sorted(_rule(rule, walk) for rule in value.constraints)
    parts = [frame("references", keys), frame("rules", rules)]
    return [walk(type(value)), *map(walk, known), *parts]


def _behind(item: Any) -> Any:
    """What a default or a rule of the server's consists of."""
    if item is None or isinstance(item, _PLAIN):
        return item
    held = [getattr(item, name, None) for name in ("arg", "sqltext")]
    return (type(item).__name__, _plain(item), held)


def _plain(item: Any) -> dict[str, Any]:
    """Its public attributes that are plain; others lead to the rest of the tables."""
    return {
        name: value
        for name, value in vars(item).items()
        if not name.startswith("_") and isinstance(value, _PLAIN)
    }


def _reference(key: Any, walk: Walk) -> bytes:
    return frame("reference", [text(key.target_fullname), walk(_plain(key))])


def _rule(rule: Any, walk: Walk) -> bytes:
    """A constraint or an index."""
    names = [column.key for column in getattr(rule, "columns", ())]
    expressions = [str(one) for one in getattr(rule, "expressions", ())]
    condition = str(getattr(rule, "sqltext", ""))
    known = (names, expressions, condition, _plain(rule), dict(rule.dialect_kwargs))
    references = [_reference(key, walk) for key in getattr(rule, "elements", ())]
    return frame("rule", [walk(type(rule)), *map(walk, known), *references])


def mapper(value: Any, walk: Walk) -> bytes:
    """A mapped class: class, table, and how its attributes are loaded."""
    attributes = {
        attribute.key: (type(attribute).__name__, _loading(attribute), _target(attribute))
        for attribute in value.attrs
    }
    parent = value.inherits and value.inherits.class_
    known = (value.class_, parent, value.persist_selectable, value.polymorphic_identity)
    return frame("mapper", [*map(walk, known), walk(attributes)])


def _loading(attribute: Any) -> list[Any]:
    """When an attribute of a mapped class is loaded, and as what."""
    told = (getattr(attribute, name, None) for name in ("lazy", "deferred", "group", "uselist"))
    return [item if isinstance(item, _PLAIN) else None for item in told]


def _target(attribute: Any) -> Any:
    """What a relationship leads to and how; the columns behind any other attribute."""
    if hasattr(attribute, "primaryjoin"):
        joins = (str(attribute.primaryjoin), str(attribute.secondaryjoin), str(attribute.order_by))
        return (attribute.mapper.class_, attribute.direction.name, joins)
    return [str(column) for column in getattr(attribute, "columns", ())]


def metadata(value: Any, walk: Walk) -> bytes:
    """All tables by name, schema and naming convention."""
    known = (value.schema, dict(value.naming_convention), dict(value.tables), value.info)
    return frame("metadata", [walk(type(value)), *map(walk, known)])


def quoted_name(value: Any, walk: Walk) -> bytes:
    """A name, and whether it stands in quotes; not what a compiler has remembered of it."""
    return frame("quoted", [text(str.__str__(value)[:]), walk(value.quote)])


def options(value: Any, walk: Walk) -> bytes:
    """A dict of SQLAlchemy's that never changes."""
    return frame("immutabledict", [walk(dict(value))])


def row(value: Any, walk: Walk) -> bytes:
    """Names and values of a row of a result, in their order."""
    mapping = getattr(value, "_mapping", value)  # documented; without it in a mapping itself
    parts = (list(mapping.keys()), list(mapping.values()))
    return frame("row", [walk(type(value)), *map(walk, parts)])
