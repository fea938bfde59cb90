"""Function caching for data apps, notebooks and services.

``cache_data`` remembers results and gives every caller its own copy; ``cache_resource`` remembers
connections, models and the like and gives every caller the one object. Both work in a plain script
and, with what a function *displayed* brought back as well, inside Streamlit.

>>> from reprise import cache_data
>>> @cache_data
... def double(x):
...     return 2 * x
>>> double(21)
42
"""

from __future__ import annotations

from reprise.annotations import File
from reprise.cached import BoundCachedFunction, CachedFunction
from reprise.config import configure
from reprise.contracts import MISSING, Missing
from reprise.decorators import cache_data, cache_resource
from reprise.deprecated import cache
from reprise.drop_in import install, uninstall
from reprise.errors import (
    CachedWidgetWarning,
    CacheReplayClosureError,
    HostWarning,
    InvalidDurationError,
    InvalidOptionError,
    InvalidSettingError,
    InvalidSizeError,
    ManyBranchesWarning,
    NoSessionError,
    NotKeptWarning,
    NoUserError,
    RecursiveCallError,
    RefreshFailedWarning,
    RepeatedMissWarning,
    RepriseDeprecationWarning,
    RepriseError,
    RepriseWarning,
    RestoreFailedWarning,
    SecretWarning,
    StoreError,
    StoreWarning,
    UnevaluatedDataFrameError,
    UnhashableParamError,
    UnserializableReturnValueError,
    UnsupportedFunctionError,
    UserHashError,
)
from reprise.extending import register_encoder
from reprise.observe.explanation import Explanation
from reprise.observe.statistics import CacheInfo
from reprise.observe.trace import trace
from reprise.progressing import progress
from reprise.storing import open_store

__version__ = "0.1.0.dev0"

__all__ = [
    "MISSING",
    "BoundCachedFunction",
    "CacheInfo",
    "CacheReplayClosureError",
    "CachedFunction",
    "CachedWidgetWarning",
    "Explanation",
    "File",
    "HostWarning",
    "InvalidDurationError",
    "InvalidOptionError",
    "InvalidSettingError",
    "InvalidSizeError",
    "ManyBranchesWarning",
    "Missing",
    "NoSessionError",
    "NoUserError",
    "NotKeptWarning",
    "RecursiveCallError",
    "RefreshFailedWarning",
    "RepeatedMissWarning",
    "RepriseDeprecationWarning",
    "RepriseError",
    "RepriseWarning",
    "RestoreFailedWarning",
    "SecretWarning",
    "StoreError",
    "StoreWarning",
    "UnevaluatedDataFrameError",
    "UnhashableParamError",
    "UnserializableReturnValueError",
    "UnsupportedFunctionError",
    "UserHashError",
    "cache",
    "cache_data",
    "cache_resource",
    "configure",
    "install",
    "open_store",
    "progress",
    "register_encoder",
    "trace",
    "uninstall",
]
