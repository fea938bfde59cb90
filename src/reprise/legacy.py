"""Which decorator a function with the old ``reprise.cache`` should have, judged by its result.

Types are matched by the top-level package and the name of each class in their method resolution
order: packages move their classes about, and none of them may be imported for this.
"""

from __future__ import annotations

import inspect
import itertools
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Decorator: TypeAlias = Literal["cache_data", "cache_resource"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The right decorator for a value, and why."""

    decorator: Decorator
    reason: str
    """Completes the sentence "It is ..."."""
    advice: str = ""
    """What else should change in the function."""


_COPY = "every caller should get a copy of its own"
_SHARE = "which cannot be copied and is meant to be shared"

_CONNECTION = Recommendation("cache_resource", f"a connection, {_SHARE}")
_MODEL = Recommendation("cache_resource", "a model, which is large and meant to be shared")
_FILE = Recommendation("cache_resource", f"an open file, {_SHARE}")
_THREAD = Recommendation("cache_resource", f"a thread, lock, queue or pool, {_SHARE}")
_PROCESS = Recommendation("cache_resource", f"a process, {_SHARE}")
_LOOP = Recommendation("cache_resource", f"a part of an event loop, {_SHARE}")
_QUERY = Recommendation(
    "cache_data",
    "a query or a cursor, not its result",
    "let it return the result (rows, or a frame that has been computed)",
)
_ITERATOR = Recommendation(
    "cache_data", "an iterator, which can be read only once", "let it return a list"
)
_TABLE = Recommendation("cache_data", f"a table or series: {_COPY}")
_ARRAY = Recommendation("cache_data", f"an array: {_COPY}")
_IMAGE = Recommendation("cache_data", f"an image: {_COPY}")
_PLAIN = Recommendation("cache_data", f"plain data: {_COPY}")
_CONTAINER = Recommendation("cache_data", f"a container of data: {_COPY}")
_PICKLED = Recommendation("cache_data", f"something that can be pickled: {_COPY}")

_KINDS: Final[tuple[tuple[Recommendation, str], ...]] = (
    (
        _QUERY,
        """
        polars.LazyFrame polars.LazyGroupBy pyspark.DataFrame snowflake.DataFrame ibis.Expr
        ibis.Table dask.DataFrame dask.Series dask.FrameBase dask_expr.FrameBase
        duckdb.DuckDBPyRelation _duckdb.DuckDBPyRelation modin.LazyFrame
        sqlite3.Cursor psycopg.Cursor psycopg.AsyncCursor psycopg2.cursor pymysql.Cursor
        mysql.MySQLCursor sqlalchemy.CursorResult sqlalchemy.Result sqlalchemy.Query
        """,
    ),
    (
        _CONNECTION,
        """
        sqlite3.Connection psycopg.BaseConnection psycopg2.connection pymysql.Connection
        MySQLdb.Connection mysql.MySQLConnectionAbstract pyodbc.Connection oracledb.Connection
        asyncpg.Connection asyncpg.Pool aiosqlite.Connection duckdb.DuckDBPyConnection
        _duckdb.DuckDBPyConnection psycopg_pool.ConnectionPool psycopg_pool.AsyncConnectionPool
        sqlalchemy.Engine sqlalchemy.Connection sqlalchemy.Session sqlalchemy.AsyncEngine
        sqlalchemy.AsyncConnection sqlalchemy.AsyncSession sqlalchemy.sessionmaker
        sqlalchemy.scoped_session snowflake.SnowflakeConnection snowflake.Session
        pyspark.SparkSession pyspark.SparkContext redis.Redis redis.ConnectionPool
        pymongo.MongoClient elasticsearch.Elasticsearch botocore.BaseClient boto3.ServiceResource
        boto3.Session google.Client ibis.BaseBackend streamlit.BaseConnection
        requests.Session httpx.Client httpx.AsyncClient aiohttp.ClientSession urllib3.PoolManager
        openai.OpenAI openai.AsyncOpenAI anthropic.Anthropic anthropic.AsyncAnthropic
        paramiko.SSHClient ftplib.FTP smtplib.SMTP http.HTTPConnection grpc.Channel
        socket.socket _socket.socket ssl.SSLSocket
        """,
    ),
    (
        _MODEL,
        """
        torch.Module torch.ScriptModule keras.Model keras.Layer tensorflow.Model tensorflow.Module
        sklearn.BaseEstimator transformers.Pipeline transformers.PreTrainedModel
        transformers.PreTrainedTokenizerBase sentence_transformers.SentenceTransformer
        diffusers.DiffusionPipeline spacy.Language xgboost.Booster lightgbm.Booster
        catboost.CatBoost onnxruntime.InferenceSession gensim.SaveLoad llama_cpp.Llama
        """,
    ),
    (
        _FILE,
        """
        _io._IOBase io.IOBase tempfile._TemporaryFileWrapper tempfile.SpooledTemporaryFile
        zipfile.ZipFile tarfile.TarFile mmap.mmap h5py.File tables.File netCDF4.Dataset
        """,
    ),
    (
        _THREAD,
        """
        _thread.lock _thread.RLock _thread._local threading.Thread threading.Condition
        threading.Event threading.Semaphore threading.Barrier threading._RLock
        queue.Queue queue.SimpleQueue _queue.SimpleQueue concurrent.Executor concurrent.Future
        multiprocessing.Pool multiprocessing.Lock multiprocessing.RLock multiprocessing.SemLock
        multiprocessing.Queue multiprocessing.BaseManager
        """,
    ),
    (_PROCESS, "subprocess.Popen multiprocessing.BaseProcess asyncio.Process"),
    (
        _LOOP,
        """
        asyncio.AbstractEventLoop asyncio.Lock asyncio.Event asyncio.Condition asyncio.Semaphore
        asyncio.Queue asyncio.Runner asyncio.StreamReader asyncio.StreamWriter
        _asyncio.Future _asyncio.Task asyncio.Future asyncio.Task
        """,
    ),
    (
        _TABLE,
        """
        pandas.DataFrame pandas.Series pandas.Index polars.DataFrame polars.Series
        pyarrow.Table pyarrow.RecordBatch xarray.Dataset modin.DataFrame modin.Series
        """,
    ),
    (
        _ARRAY,
        """
        numpy.ndarray pandas.ExtensionArray pyarrow.Array pyarrow.ChunkedArray xarray.DataArray
        scipy.spmatrix scipy.sparray torch.Tensor tensorflow.Tensor jax.Array jaxlib.ArrayImpl
        array.array
        """,
    ),
    (_IMAGE, "PIL.Image"),
    (
        _PLAIN,
        """
        builtins.NoneType builtins.bool builtins.int builtins.float builtins.complex builtins.str
        builtins.bytes builtins.bytearray numpy.generic decimal.Decimal fractions.Fraction
        _io.BytesIO _io.StringIO
        datetime.date datetime.time datetime.timedelta uuid.UUID pathlib.PurePath enum.Enum
        """,
    ),
)

_BY_NAME: Final[Mapping[str, Recommendation]] = {
    name: recommendation for recommendation, names in _KINDS for name in names.split()
}

_CONTAINERS = (dict, list, tuple, set, frozenset)
_LOOKED_AT = 16
"""How many things inside a list, tuple, set or dict are looked at."""
_DEEPEST = 3
"""How many containers inside each other are looked into."""
_TRIED = 1_000_000
"""How many bytes are tried to find out whether a value can be pickled."""


def recommend(value: object) -> Recommendation:
    """Tell which decorator fits a function that returned ``value``.

    >>> recommend({"a": [1, 2]}).decorator
    'cache_data'
    >>> import threading
    >>> recommend(threading.Lock()).decorator
    'cache_resource'

    Args:
        value: What the function returned. A value of a type that is not known by name is pickled,
            up to a megabyte, to see whether that is possible.
    """
    known = _by_type(value)
    if known is not None:
        return known
    inside = next(_uncopyable(value, _DEEPEST), None)
    if inside is not None:
        part, found = inside
        return Recommendation(
            found.decorator, f"something that holds {_named(part)}, {found.reason}"
        )
    obstacle = _obstacle_to_pickling(value)
    if obstacle is not None:
        return Recommendation(
            "cache_resource", f"something that cannot be pickled, and so not copied ({obstacle})"
        )
    return _CONTAINER if isinstance(value, _CONTAINERS) else _PICKLED


def hint(function: Callable[..., Any], value: object) -> str:
    """What to tell the author of a function that still has the old decorator.

    >>> def load(): ...
    >>> print(hint(load, [1, 2]))
    reprise.cache is deprecated. load returned a list. It is a container of data: every caller
    should get a copy of its own. Write instead:
    <BLANKLINE>
        @reprise.cache_data
        def load(...):

    Args:
        function: What was decorated.
        value: What it returned.
    """
    found = recommend(value)
    name = getattr(function, "__name__", "")
    line = f"@reprise.{found.decorator}"
    if name.isidentifier():
        keyword = "async def" if inspect.iscoroutinefunction(function) else "def"
        line += f"\n    {keyword} {name}(...):"
    advice = f" Also, {found.advice}." if found.advice else ""
    subject = getattr(function, "__qualname__", repr(function))
    return (
        f"reprise.cache is deprecated. {subject} returned {_named(value)}. "
        f"It is {found.reason}.{advice} Write instead:\n\n    {line}"
    )


def _named(value: object) -> str:
    if value is None:
        return "None"
    name = type_name(value)
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def type_name(value: object) -> str:
    """The type of ``value`` as its users know it, without inner modules."""
    kind = type(value)
    package = kind.__module__.partition(".")[0]
    return kind.__qualname__ if package == "builtins" else f"{package}.{kind.__qualname__}"


def _by_type(value: object) -> Recommendation | None:
    # type() and not __class__, which proxies and mocks make up.
    for kind in type(value).__mro__:
        found = _BY_NAME.get(f"{kind.__module__.partition('.')[0]}.{kind.__qualname__}")
        if found is not None:
            return found
    return _ITERATOR if isinstance(value, Iterator) else None


def _uncopyable(value: object, depth: int) -> Iterator[tuple[object, Recommendation]]:
    """What must not be copied among the first things that ``value`` holds."""
    for part in itertools.islice(_parts(value), _LOOKED_AT):
        found = _by_type(part)
        if found is not None and found.decorator == "cache_resource":
            yield part, found
        elif found is None and depth > 1:
            yield from _uncopyable(part, depth - 1)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, _CONTAINERS) else ()


class _EnoughError(Exception):
    """As much has been pickled as was wanted."""


class _Sink:
    """A file that counts what is written and keeps nothing."""

    def __init__(self) -> None:
        self._left = _TRIED

    def write(self, data: Any) -> int:
        size = len(data)
        self._left -= size
        if self._left < 0:
            raise _EnoughError
        return size


def _obstacle_to_pickling(value: object) -> str | None:
    # Large buffers are handed to the callback as they are: nothing of them is copied.
    pickler = pickle.Pickler(_Sink(), protocol=5, buffer_callback=lambda _: None)
    try:
        pickler.dump(value)
    except _EnoughError:
        return None
    except Exception as error:  # noqa: BLE001 - the value's own methods may raise anything
        return f"{type(error).__name__}: {error}"
    return None
