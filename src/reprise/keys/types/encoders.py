"""Finding the encoder for a type: the user's word first, then the tables'."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final

from reprise.keys.atoms import ATOMS
from reprise.keys.names import defines, package_name
from reprise.keys.registered import registry
from reprise.keys.types.tables import EXACT, VALUES, from_tables, has_encoding
from reprise.keys.user import HashFunc, by_encoder, by_hash_func, by_reprise_key
from reprise.keys.walk import Atom, Encoder


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


NO_HASH_FUNCS: Final = TypeEncoders({})
"""What serves wherever the user gave no hash functions."""
