"""Which encoder serves which type: the tables, and how a type is looked up in them.

Types are named by their top-level package and qualified name, so that this module imports none
of those libraries, and an inner module that a library moves does not matter.

To teach Reprise a type, write an encoder ``(value, walk) -> bytes`` in the module that fits, and
add a line here. An encoder writes what tells two values apart for *any* function, no more, all
of it, and hands inner values to ``walk``.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from reprise.keys.atoms import ATOMS
from reprise.keys.names import defines, package_name
from reprise.keys.registered import registry
from reprise.keys.types import (
    arrays,
    arrow,
    builtin,
    callables,
    drawings,
    estimators,
    figures,
    files,
    frames,
    geometry,
    graphs,
    labelled,
    objects,
    plans,
    polars,
    sparse,
    spatial,
    sql,
    tensors,
    unlisted,
)
from reprise.keys.user import HashFunc, by_encoder, by_hash_func, by_reprise_key
from reprise.keys.walk import Atom, Encoder

Table: TypeAlias = Mapping[str, Encoder]

VALUES: Final[Table] = {
    "builtins.int": builtin.subclass_of_atom(int),
    "builtins.float": builtin.subclass_of_atom(float),
    "builtins.complex": builtin.subclass_of_atom(complex),
    "builtins.str": builtin.subclass_of_atom(str),
    "builtins.bytes": builtin.subclass_of_atom(bytes),
    "builtins.bytearray": builtin.bytearray_,
    "builtins.list": builtin.list_,
    "builtins.tuple": builtin.tuple_,
    "builtins.dict": builtin.dict_,
    "builtins.set": builtin.set_,
    "builtins.frozenset": builtin.frozenset_,
    "collections.OrderedDict": builtin.ordered_dict,
    "collections.defaultdict": builtin.default_dict,
    "collections.deque": builtin.deque,
    "types.SimpleNamespace": builtin.namespace,
    "decimal.Decimal": builtin.decimal,
    "fractions.Fraction": builtin.fraction,
    "uuid.UUID": builtin.as_text,
    "datetime.date": builtin.date,
    "datetime.time": builtin.time,
    "datetime.datetime": builtin.date_time,
    "datetime.timedelta": builtin.time_delta,
    "pathlib.PosixPath": builtin.as_text,
    "pathlib.WindowsPath": builtin.as_text,
    "pathlib.PurePosixPath": builtin.as_text,
    "pathlib.PureWindowsPath": builtin.as_text,
    "_io.BytesIO": files.bytes_io,
    "_io.StringIO": files.string_io,
    "functools.partial": callables.partial,
    "numpy.ndarray": arrays.ndarray,
}
"""Served with their subclasses; those add their name and the attributes that they have."""

OBJECTS: Final[Table] = {
    "builtins.type": callables.type_,
    "builtins.BaseException": unlisted.exception,
    "asyncio._LoopBoundMixin": unlisted.refused,
    "enum.Enum": objects.member,
    "zoneinfo.ZoneInfo": builtin.zone_info,
    "datetime.tzinfo": objects.reduced,
    "random.Random": objects.random_state,
    "numpy.generic": arrays.scalar,
    "numpy.dtype": arrays.data_type,
    "numpy.BitGenerator": arrays.generator,
    "pandas.DataFrame": frames.data_frame,
    "pandas.Series": frames.series,
    "pandas.Index": frames.index,
    "pandas.ExtensionArray": frames.extension_array,
    "pandas.ExtensionDtype": frames.extension_type,
    "pandas.BaseOffset": objects.reduced,
    "pyarrow.Array": arrow.array,
    "pyarrow.Buffer": arrow.buffer,
    "pyarrow.Scalar": arrow.scalar,
    "pyarrow.DataType": arrow.data_type,
    "polars.DataType": polars.data_type,
    "pydantic.BaseModel": objects.pydantic_model,
    "msgspec.Struct": objects.struct,
    "sklearn.BaseEstimator": estimators.estimator,
    "sklearn.BinaryTree32": estimators.search_tree,
    "sklearn.BinaryTree64": estimators.search_tree,
    "PIL.Image": objects.image,
    "scipy._spbase": sparse.matrix,
    "scipy.cKDTree": spatial.search_tree,
    "torch.Tensor": tensors.tensor,
    "torch.Module": tensors.module,
    "xarray.Variable": labelled.variable,
    "xarray.DataArray": labelled.data_array,
    "xarray.Dataset": labelled.dataset,
    "networkx.Graph": graphs.graph,
    "shapely.BaseGeometry": geometry.geometry,
    "pyproj.CRS": geometry.reference_system,
    "plotly.BaseFigure": figures.plotly_figure,
    "plotly.BasePlotlyType": figures.plotly_part,
    "altair.SchemaBase": figures.altair_part,
    "altair.Parameter": figures.altair_part,
    "matplotlib.Artist": drawings.drawing,
    "sqlalchemy.Column": sql.column,
    "sqlalchemy.Compiled": sql.compiled,
    "sqlalchemy.Mapper": sql.mapper,
    "sqlalchemy.MetaData": sql.metadata,
    "sqlalchemy.Table": sql.table,
    "sqlalchemy.TypeEngine": sql.data_type,
    "sqlalchemy.HasCacheKey": sql.clause,
    "streamlit.DeltaGenerator": objects.container,
}
"""Served with their subclasses; the encoder writes the class's name and everything else."""

EXACT: Final[Table] = {
    "array.array": builtin.array_,
    "builtins.builtin_function_or_method": callables.builtin,
    "builtins.classmethod": callables.function_holder,
    "builtins.code": callables.code,
    "builtins.function": callables.function,
    "builtins.mappingproxy": builtin.mapping_proxy,
    "builtins.memoryview": builtin.memory_view,
    "builtins.method": callables.method,
    "builtins.method_descriptor": callables.descriptor,
    "builtins.module": callables.module,
    "builtins.range": builtin.range_,
    "builtins.slice": builtin.slice_,
    "builtins.staticmethod": callables.function_holder,
    "builtins.wrapper_descriptor": callables.descriptor,
    "functools._lru_cache_wrapper": callables.wrapper,
    "operator.attrgetter": objects.reduced,
    "operator.itemgetter": objects.reduced,
    "operator.methodcaller": objects.reduced,
    "re.Pattern": builtin.pattern,
    "reprise.BoundCachedFunction": callables.method,
    "reprise.CachedClassMethod": callables.wrapper,
    "reprise.CachedMethod": callables.wrapper,
    "types.GenericAlias": objects.reduced,
    "_io.BufferedRandom": files.open_file,
    "_io.BufferedReader": files.open_file,
    "_io.BufferedWriter": files.open_file,
    "_io.FileIO": files.open_file,
    "_io.TextIOWrapper": files.open_file,
    "tempfile._TemporaryFileWrapper": files.temporary_file,
    "numpy.memmap": arrays.ndarray,
    "numpy.busdaycalendar": arrays.calendar,
    "numpy.MaskedArray": arrays.masked_array,
    "numpy.Generator": arrays.generator,
    "numpy.RandomState": arrays.generator,
    "numpy.ufunc": callables.ufunc,
    "numpy._ArrayFunctionDispatcher": arrays.named,
    "pandas.RangeIndex": frames.range_index,
    "pandas.MultiIndex": frames.multi_index,
    "pandas.Interval": frames.interval,
    "pandas.Period": frames.period,
    "pandas.NAType": frames.missing,
    "pandas.NaTType": frames.missing,
    "pandas.Timedelta": frames.moment,
    "pandas.Timestamp": frames.moment,
    "pyarrow.ChunkedArray": arrow.chunked_array,
    "pyarrow.Field": arrow.field,
    "pyarrow.RecordBatch": arrow.record_batch,
    "pyarrow.Schema": arrow.schema,
    "pyarrow.Table": arrow.table,
    "polars.DataFrame": polars.data_frame,
    "polars.Series": polars.series,
    "polars.LazyFrame": plans.lazy_frame,
    "polars.Expr": plans.expression,
    "PIL.IFDRational": objects.rational,
    "altair.UndefinedType": figures.altair_undefined,
    "jaxlib.ArrayImpl": tensors.jax_array,
    "jax.PRNGKeyArray": tensors.jax_array,
    "sqlalchemy.AliasedClass": sql.alias,
    "sqlalchemy.Row": sql.row,
    "sqlalchemy.RowMapping": sql.row,
    "sqlalchemy.immutabledict": sql.options,
    "sqlalchemy.quoted_name": sql.quoted_name,
    "torch.Generator": tensors.generator,
    "torch.Size": tensors.size,
    "torch.device": tensors.by_name,
    "torch.dtype": tensors.by_name,
    "torch.layout": tensors.by_name,
    "torch.memory_format": tensors.by_name,
    "streamlit.CachedFunc": callables.wrapper,
    "streamlit.UploadedFile": files.uploaded_file,
}
"""Served themselves; of their subclasses nothing is known."""

PACKAGES: Final[Table] = {
    "dateutil": objects.reduced,
    "matplotlib": drawings.drawing,
    "pytz": objects.reduced,
    "scipy": objects.reduced,
    "sklearn": objects.reduced,
}
"""Served with every class in them: their pickles are their content."""

PROTOCOLS: Final[Table] = {
    "__dataclass_fields__": objects.data_class,
    "__attrs_attrs__": objects.data_class,
}
"""Served with every class that has the attribute."""


class TypeEncoders:
    """Finds the encoder for a type. One is made for each set of hash functions, and kept.

    For a class, the first of these that there is:

    1. An entry of ``hash_funcs`` or the class's ``__reprise_key__``, whichever is for the nearer
       base. Where both are for the same class the entry has the word: it was written for this one
       function, and to overlook it would surprise more than to overlook what holds for all.
    2. A registered encoder for a base that is nearer than any that the tables know.
    3. What the tables say.
    4. What is known of the object: the call that returned it as a resource, else its content.
    """

    __slots__ = ("__weakref__", "_hash_funcs", "_library", "_user", "atoms")

    def __init__(self, hash_funcs: Mapping[type | str, Callable[[Any], Any]]) -> None:
        self._hash_funcs = tuple(HashFunc(kind, function) for kind, function in hash_funcs.items())
        self.atoms: dict[type, Atom] = {
            cls: atom for cls, atom in ATOMS.items() if self.hash_func(cls) is None
        }
        self.forget()
        registry.tell(self)

    def forget(self) -> None:
        """Look every type up anew from now on."""
        # Classes of the user's are created anew by each rerun and must be free to go.
        self._library: dict[type, Encoder] = {}
        self._user: weakref.WeakKeyDictionary[type, Encoder] = weakref.WeakKeyDictionary()

    @property
    def plain(self) -> TypeEncoders:
        """The encoders without any hash functions."""
        return NO_HASH_FUNCS

    def find(self, cls: type) -> Encoder:
        """The encoder for ``cls``."""
        return self._library.get(cls) or self._user.get(cls) or self._found(cls)

    def _found(self, cls: type) -> Encoder:
        version = registry.version
        encoder = self._look_up(cls)
        with registry.lock:
            if registry.version == version:  # else what was found may be out of date
                known = package_name(cls) in EXACT or package_name(cls) in VALUES
                (self._library if known else self._user)[cls] = encoder
        return encoder

    def hash_func(self, cls: type) -> HashFunc | None:
        """The user's entry for ``cls``: for the class itself, else for its nearest base."""
        for base in cls.__mro__:
            for entry in self._hash_funcs:
                if entry.serves(base):
                    return entry
        return None

    def _look_up(self, cls: type) -> Encoder:
        entry = self.hash_func(cls)
        has_key = defines(cls, "__reprise_key__")
        if entry is not None and not (has_key and _says_nearer(cls, entry)):
            others = (other for other in self._hash_funcs if other is not entry)
            rest = TypeEncoders({other.kind: other.function for other in others})
            return by_hash_func(entry.function, rest)
        if has_key:
            return by_reprise_key
        function = _registered(cls)
        return from_tables(cls) if function is None else by_encoder(function)


def _says_nearer(cls: type, entry: HashFunc) -> bool:
    """Whether ``__reprise_key__`` is defined for a nearer base of ``cls`` than ``entry``."""
    nearest = next(
        base for base in cls.__mro__ if entry.serves(base) or "__reprise_key__" in vars(base)
    )
    return not entry.serves(nearest)


def _registered(cls: type) -> Callable[[Any], Any] | None:
    """The function registered for the nearest base, unless the tables know a nearer one."""
    for base in cls.__mro__:
        function = registry.find(base)
        if function is not None:
            return function
        if has_encoding(package_name(base)):
            return None
    return None


def has_encoding(name: str) -> bool:
    """Whether the tables serve the class of that package and qualified name.

    >>> has_encoding("pandas.DataFrame"), has_encoding("builtins.int"), has_encoding("app.Model")
    (True, True, False)
    """
    return any(name in table for table in (EXACT, VALUES, OBJECTS)) or name in _ATOMS


_ATOMS: Final = frozenset(map(package_name, ATOMS))


def from_tables(cls: type) -> Encoder:
    """The encoder that the tables give for ``cls``.

    >>> from_tables(range) is builtin.range_, from_tables(object) is unlisted.unlisted
    (True, True)
    """
    name = package_name(cls)
    exact = EXACT.get(name) or VALUES.get(name)
    if exact is not None:
        return exact
    for base in cls.__mro__:
        encoder = OBJECTS.get(package_name(base))
        if encoder is not None:
            return encoder
    for base in cls.__mro__:
        encoder = VALUES.get(package_name(base))
        if encoder is not None:
            return objects.derived(base, encoder)
    for attribute, encoder in PROTOCOLS.items():
        if defines(cls, attribute):
            return encoder
    return PACKAGES.get(name.partition(".")[0], unlisted.unlisted)


NO_HASH_FUNCS: Final = TypeEncoders({})
"""What serves wherever the user gave no hash functions."""
