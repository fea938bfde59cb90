"""SQLAlchemy: statements with parameters, tables, mapped classes, types and rows."""

from __future__ import annotations

import enum

import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest

sa = pytest.importorskip("sqlalchemy")
orm = pytest.importorskip("sqlalchemy.orm")
postgresql = pytest.importorskip("sqlalchemy.dialects.postgresql")


def people(*columns, name="people", **options):
    """A table of a schema of its own, as each rerun makes it."""
    usual = [sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20))]
    return sa.Table(name, sa.MetaData(), *(columns or usual), **options)


def named(name, table=None):
    table = people() if table is None else table
    return sa.select(table.c.id).where(table.c.name == name)


KEPT = []  # SQLAlchemy itself holds mapped classes weakly


def compiled_before(value):
    str(value)
    return value


def used(kind):
    kind.python_type
    return kind


def mapped(lazy="select", age=None):
    class Base(orm.DeclarativeBase):
        pass

    class Person(Base):
        __tablename__ = "person"
        id = orm.mapped_column(sa.Integer, primary_key=True)
        name = orm.mapped_column(sa.String, default=age)
        pets = orm.relationship("Pet", lazy=lazy)

    class Pet(Base):
        __tablename__ = "pet"
        id = orm.mapped_column(sa.Integer, primary_key=True)
        owner = orm.mapped_column(sa.ForeignKey("person.id"))

    KEPT.append(Pet)
    return Person


def loading(*options, lazy="select"):
    person = mapped(lazy)
    return sa.select(person).options(*[option(person.pets) for option in options])


def column(*arguments, kind=sa.Integer, **options):
    return people(sa.Column("x", kind, *arguments, **options))


def result(*values, names=("a", "b")):
    with sa.create_engine("sqlite://").connect() as connection:
        items = [sa.literal(value).label(name) for value, name in zip(values, names, strict=True)]
        row = connection.execute(sa.select(*items)).one()
    connection.engine.dispose()
    return row


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Size(enum.Enum):
    BIG = 1
    TALL = 2


DIFFER = [
    ("values of parameters", named("a"), named("b")),
    ("types of values", sa.select(sa.literal(1)), sa.select(sa.literal("1"))),
    (
        "values that are equal",
        sa.select(sa.literal(1, sa.JSON)),
        sa.select(sa.literal(True, sa.JSON)),
    ),
    ("lists of values", sa.column("a").in_([1, 2, 3]), sa.column("a").in_([1, 4, 3])),
    ("limits", named("a").limit(1), named("a").limit(2)),
    ("limit is not offset", named("a").limit(1), named("a").offset(1)),
    ("operators", sa.column("a") < 1, sa.column("a") > 1),
    ("order", named("a").order_by("id"), named("a").order_by("name")),
    ("columns", sa.select(people().c.id), sa.select(people().c.name)),
    ("tables", sa.select(people()), sa.select(people(name="others"))),
    ("schemas", sa.select(people()), sa.select(people(schema="s"))),
    ("texts", sa.text("select 1"), sa.text("select 2")),
    (
        "parameters of texts",
        sa.text("select :a").bindparams(a=1),
        sa.text("select :a").bindparams(a=2),
    ),
    ("text is not its string", sa.text("select 1"), "select 1"),
    ("functions", sa.func.now(), sa.func.random()),
    (
        "joins",
        sa.select(people()).join(people(name="b"), sa.true()),
        sa.select(people()).join(people(name="b"), sa.false()),
    ),
    ("how it is executed", named("a"), named("a").execution_options(yield_per=5)),
    ("types of columns", sa.select(column(kind=sa.Integer)), sa.select(column(kind=sa.JSON))),
    (
        "types that SQLAlchemy's own key takes for one",
        sa.select(sa.cast("BIG", sa.Enum(Color))),
        sa.select(sa.cast("BIG", sa.Enum(Size))),
    ),
    (
        "what a rule of one dialect says",
        postgresql.insert(people()).values(id=1).on_conflict_do_nothing(),
        postgresql.insert(people()).values(id=1),
    ),
    ("names of columns", people(sa.Column("x", sa.Integer)), people(sa.Column("y", sa.Integer))),
    ("may be missing", column(nullable=True), column(nullable=False)),
    ("defaults", column(default=1), column(default=2)),
    ("functions for defaults", column(default=lambda: 1), column(default=lambda: 2)),
    (
        "defaults of the server",
        column(server_default=sa.text("1")),
        column(server_default=sa.text("2")),
    ),
    ("computed columns", column(sa.Computed("1 + 1")), column(sa.Computed("1 + 2"))),
    ("identities", column(sa.Identity(start=1)), column(sa.Identity(start=2))),
    ("references", column(sa.ForeignKey("a.id")), column(sa.ForeignKey("b.id"))),
    (
        "what a deletion does",
        column(sa.ForeignKey("a.id")),
        column(sa.ForeignKey("a.id", ondelete="CASCADE")),
    ),
    ("checks", column(sa.CheckConstraint("x > 1")), column(sa.CheckConstraint("x > 2"))),
    ("indexes", column(index=True), column()),
    ("uniqueness", column(unique=True), column()),
    ("comments", column(comment="a"), column(comment="b")),
    ("info", column(info={"a": 1}), column(info={"a": 2})),
    (
        "order of columns",
        people(sa.Column("x"), sa.Column("y")),
        people(sa.Column("y"), sa.Column("x")),
    ),
    ("lengths", sa.String(3), sa.String(4)),
    ("zones", sa.DateTime(timezone=True), sa.DateTime()),
    ("columns alone", sa.Column("a", sa.Integer), sa.Column("a", sa.Integer, nullable=False)),
    ("mapped classes", sa.select(mapped()), sa.select(mapped().id)),
    ("how others are loaded", loading(), loading(orm.selectinload)),
    ("how others are loaded by default", loading(), loading(lazy="selectin")),
    ("defaults of mapped classes", sa.select(mapped()), sa.select(mapped(age="7"))),
    ("attributes", mapped().id, mapped().name),
    ("alias is not the class", sa.select(mapped()), sa.select(orm.aliased(mapped()))),
    ("dialects", named("a").compile(), named("a").compile(dialect=postgresql.dialect())),
    ("compiled values", named("a").compile(), named("b").compile()),
    ("prefixes", people(), people(prefixes=["TEMPORARY"])),
    ("quotes", people(quote=True), people(quote=False)),
    ("all tables", people().metadata, people(name="b").metadata),
    ("rows", result(1, 2), result(1, 3)),
    ("names of a row", result(1, 2), result(1, 2, names=("a", "c"))),
    ("row is not tuple", result(1, 2), (1, 2)),
    ("passwords", sa.make_url("postgresql://a:b@c/d"), sa.make_url("postgresql://a:x@c/d")),
]

SAME = [
    ("tables made anew by a rerun", named("a"), named("a")),
    ("equal tables", people(), people()),
    ("what was compiled before", named("a"), compiled_before(named("a"))),
    ("lists of values", sa.column("a").in_([1, 2]), sa.column("a").in_([1, 2])),
    ("mapped classes made anew", loading(orm.selectinload), loading(orm.selectinload)),
    ("aliases", sa.select(orm.aliased(mapped())), sa.select(orm.aliased(mapped()))),
    ("equal types", sa.Enum(Color), sa.Enum(Color)),
    (
        "types that were used",
        sa.Numeric(3, 2),
        used(sa.Numeric(3, 2)),
    ),
    (
        "order of checks",
        column(sa.CheckConstraint("x > 1"), sa.CheckConstraint("x < 9")),
        column(sa.CheckConstraint("x < 9"), sa.CheckConstraint("x > 1")),
    ),
    ("equal rows", result(1, 2), result(1, 2)),
    ("compiled twice", named("a").compile(), named("a").compile()),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_statements_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_statements_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_tables_that_refer_to_each_other():
    def pair(kind):
        schema = sa.MetaData()
        sa.Table("a", schema, sa.Column("b", kind, sa.ForeignKey("b.a")))
        sa.Table("b", schema, sa.Column("a", kind, sa.ForeignKey("a.b")))
        return schema

    assert digest(pair(sa.Integer)) == digest(pair(sa.Integer))
    assert digest(pair(sa.Integer)) != digest(pair(sa.String))


def test_a_statement_that_sqlalchemy_itself_cannot_tell_apart_is_refused():
    many = sa.insert(people()).values([{"id": 1}, {"id": 2}])
    with pytest.raises(UnhashableParamError, match="SQLAlchemy has no cache key for something"):
        digest(many)


def test_an_engine_is_refused():
    engine = sa.create_engine("sqlite://")
    try:
        with pytest.raises(UnhashableParamError, match="argument 'value"):
            digest(engine)
    finally:
        engine.dispose()


def test_digesting_leaves_a_statement_as_it_was():
    value = named("a").limit(3)
    before = str(value), value.compile().params
    digest(value)
    assert (str(value), value.compile().params) == before
