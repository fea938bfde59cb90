"""Keys: what tells one call from another, and one version of a function from the next."""

from __future__ import annotations

from reprise.keys.arguments import ArgumentKeys, HashFuncs, Parameter, digest
from reprise.keys.fingerprints import (
    Fingerprint,
    LeftOut,
    Part,
    fingerprint,
    fingerprint_alone,
    foresee,
)

__all__ = [
    "ArgumentKeys",
    "Fingerprint",
    "HashFuncs",
    "LeftOut",
    "Parameter",
    "Part",
    "digest",
    "fingerprint",
    "fingerprint_alone",
    "foresee",
]
