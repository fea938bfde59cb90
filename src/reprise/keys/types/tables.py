"""Which encoder serves which type: the tables.

Types are named by their top-level package and qualified name, so that this module imports none
of those libraries, and an inner module that a library moves does not matter.

To teach Reprise a type, write an encoder ``(value, walk) -> bytes`` in the module that fits, and
add a line here. An encoder writes what tells two values apart for *any* function, no more, all
of it, and hands inner values to ``walk``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from reprise.keys.atoms import ATOMS
from reprise.keys.names import defines, package_name
from reprise.keys.packages import is_installed_class
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
    retries,
    sparse,
    spatial,
    sql,
    tensors,
    unlisted,
)
from reprise.keys.walk import Encoder

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
    "pyarrow.Dataset": unlisted.files_elsewhere,
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

BY_NAME: Final = frozenset(
    {"networkx.Graph", "numpy.generic", "pandas.DataFrame", "pandas.Index", "pandas.Series"}
    | {"plotly.BaseFigure", "random.Random", "xarray.DataArray", "xarray.Dataset"}
    | {"zoneinfo.ZoneInfo"}
)
"""Those whose encoders write of the class no more than the name: of a subclass of the user's the
code joins, and public attributes that it gave the object."""

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
    "tenacity": retries.policy,
}
"""Served with every class in them, unless the class has a line of its own."""

PROTOCOLS: Final[Table] = {
    "__dataclass_fields__": objects.data_class,
    "__attrs_attrs__": objects.data_class,
}
"""Served with every class that has the attribute."""


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
            own = package_name(base) in BY_NAME and not is_installed_class(cls)
            return objects.of_own_class(encoder) if own else encoder
    for base in cls.__mro__:
        encoder = VALUES.get(package_name(base))
        if encoder is not None:
            return objects.derived(base, encoder)
    for attribute, encoder in PROTOCOLS.items():
        if defines(cls, attribute):
            return encoder
    return PACKAGES.get(name.partition(".")[0], unlisted.unlisted)
