"""A sketch of what instructions do: what they load, what they change, and what else is made of it.

Loads are told one by one. For changes there is a sketch of the stack that knows of each item which
chain of attributes it came from, if any: an item that is only taken to be changed (a counter that
is counted up, a list that is appended to) is not *read*. Whatever the sketch does not understand
reads all that it takes, so that a name is rather believed to be an input than not.
"""

from __future__ import annotations

import opcode
from collections.abc import Callable
from types import CodeType
from typing import TYPE_CHECKING, Final

from reprise.keys.code.chains import CHANGING, Chain, Found, Root

if TYPE_CHECKING:
    from dis import Instruction


class Sketch:
    """Follows the instructions of one code object.

    Args:
        first: The name of its first parameter, if it is to be followed.
        found: Where everything is written down.
    """

    __slots__ = (
        "_before",
        "_found",
        "_goes_on",
        "_last",
        "_loading",
        "_locals",
        "_stack",
        "_waiting",
    )

    def __init__(self, first: str | None, found: Found) -> None:
        self._found = found
        self._stack: list[Chain | None] = []
        self._goes_on = True
        self._last = ""
        self._waiting: dict[int, list[Chain | None]] = {}
        """The stack as it is where jumps lead, by the offset of that instruction."""
        self._locals = {} if first is None else {first: Chain(Root.FIRST, first)}
        self._loading: Chain | None = None
        """What the instruction before has loaded; an attribute of it may follow."""
        self._before: list[object] = [None, None]
        """Arguments of the two instructions before; the level of an import is among them."""

    def read(self, code: CodeType) -> None:
        """Follow all instructions of ``code``."""
        import dis

        for instruction in dis.get_instructions(code):
            if instruction.is_jump_target:
                self._arrive(instruction.offset)
            if instruction.opname in _NO_STEPS:
                continue
            loading, self._loading = self._loading, None
            if instruction.opname in _ATTRIBUTES:
                self._loading = loading
            else:
                self._loaded(loading)
            self._note_handler(instruction)
            before = list(self._stack)
            _STEPS.get(instruction.opname, Sketch.other)(self, instruction)
            if instruction.opcode in _JUMPS:
                self._jump(instruction, before)
            self._goes_on = not instruction.opname.startswith(_WITHOUT_NEXT)
            self._before = [self._before[1], instruction.argval]
            self._last = instruction.opname
        self._loaded(self._loading)
        self._take(len(self._stack))

    def _note_handler(self, instruction: Instruction) -> None:
        name, bare = instruction.opname, self._last == "PUSH_EXC_INFO"
        if name in _MATCHING or (name == "POP_TOP" and bare) or instruction.argval == "suppress":
            self._found.handlers[name] = None

    def _jump(self, instruction: Instruction, stack: list[Chain | None]) -> None:
        """Remember the stack for where the jump leads."""
        effect = _effect(instruction, jump=True)
        del stack[len(stack) + min(effect, 0) :]
        self._meet(instruction.argval, stack + [None] * effect)

    def _arrive(self, offset: int) -> None:
        """Several ways through the code may lead here."""
        if self._goes_on:
            self._meet(offset, self._stack)
        self._stack = self._waiting.pop(offset, [])

    def _meet(self, offset: int, stack: list[Chain | None]) -> None:
        """What is not the same on all ways is read: which of the two it is cannot be told."""
        other = self._waiting.get(offset)
        if other is None or len(other) != len(stack):
            for chain in other or ():
                self._found.reads.update({chain: None} if chain is not None else {})
            self._waiting[offset] = list(stack)
            return
        for place, (one, two) in enumerate(zip(other, stack, strict=True)):
            if one != two:
                for chain in (one, two):
                    self._found.reads.update({chain: None} if chain is not None else {})
                other[place] = None

    def _at(self, depth: int) -> Chain | None:
        return self._stack[-depth] if len(self._stack) >= depth else None

    def _take(self, count: int) -> None:
        """Items leave the stack, and something is made of them."""
        for _ in range(min(count, len(self._stack))):
            chain = self._stack.pop()
            if chain is not None:
                self._found.reads[chain] = None

    def _drop(self, count: int) -> None:
        """Items leave the stack, and nothing is made of them."""
        del self._stack[max(0, len(self._stack) - count) :]

    def _take_unless(self, target: Chain | None) -> None:
        """What is put back where it came from is not read thereby: ``count += 1``."""
        (self._drop if self._at(1) == target else self._take)(1)

    def _try(self, chain: Chain | None) -> None:
        """Something is done that may raise, depending on what is there."""
        if chain is not None and chain.attributes:
            self._found.tries[chain] = None

    def _push(self, chain: Chain | None, instruction: Instruction) -> None:
        self._stack += [None] * (_effect(instruction) - 1)
        self._stack.append(chain)
        self._loading = chain

    def _loaded(self, chain: Chain | None) -> None:
        if chain is not None:
            self._found.loads[chain] = None

    def _bind(self, name: str) -> None:
        """The top item goes to a variable of the function's own."""
        chain, before = self._at(1), self._locals.pop(name, None)
        if before is not None and before.root is Root.IMPORT and before != chain:
            # Which of the two it is depends on the way through the code: both are read, then.
            self._found.loads[before] = self._found.reads[before] = None
        if chain is None or chain.root is not Root.IMPORT:
            self._take(1)  # it may be read under that name where this sketch has lost it
        else:
            self._drop(1)
        if chain is not None:
            self._locals[name] = chain

    def _bind_elsewhere(self) -> None:
        """What is imported may be read where this sketch does not see it."""
        chain = self._at(1)
        if chain is not None and chain.root is Root.IMPORT:
            self._loaded(chain)

    # Each of the following is one kind of instruction.

    def other(self, instruction: Instruction) -> None:
        """It makes its results, if any, out of what it takes; only their number is known."""
        effect = _effect(instruction)
        if instruction.opname.startswith(_WITHOUT_RESULT):
            self._take(-effect)
        elif not instruction.opname.startswith(_WITHOUT_INPUT):
            self._take(max(0, -effect) + 1)
            self._stack.append(None)
        self._stack += [None] * effect

    def load_global(self, instruction: Instruction) -> None:
        """``name``."""
        self._push(Chain(Root.GLOBAL, instruction.argval), instruction)

    def load_name(self, instruction: Instruction) -> None:
        """``name``, in the body of a class: its own, or a global."""
        own = instruction.argval in _OF_CLASS_BODIES
        self._push(None if own else Chain(Root.GLOBAL, instruction.argval), instruction)

    def load_free(self, instruction: Instruction) -> None:
        """``name``, of a function around."""
        self._push(Chain(Root.FREE, instruction.argval), instruction)

    def load_local(self, instruction: Instruction) -> None:
        """``name``, of the function itself."""
        self._push(self._locals.get(instruction.argval), instruction)

    def load_locals(self, instruction: Instruction) -> None:
        """Two at once."""
        for name in instruction.argval:
            self._loaded(self._loading)
            self._loading = self._locals.get(name)
            self._stack.append(self._loading)

    def load_attribute(self, instruction: Instruction) -> None:
        """``owner.name``."""
        owner = self._at(1)
        chain = None if owner is None else owner.then(instruction.argval)
        if chain is not None and instruction.argval in CHANGING:
            self._found.changes[chain] = None
        if owner is None or owner is not self._loading:
            self._loaded(self._loading)
            self._loading = None
        else:
            self._loading = chain
        self._stack[-1:] = [None] * _effect(instruction)
        self._stack.append(chain)

    def load_item(self, _: Instruction) -> None:
        """``owner[key]``: what it gives is taken for a part of its owner."""
        self._take(1)
        owner = self._at(1)
        self._stack[-1:] = [None if owner is None else owner.then("[]")]

    def call(self, instruction: Instruction) -> None:
        """``function(...)`` or ``owner.method(...)``: the result is taken for a part of it."""
        self._take((instruction.arg or 0) + (instruction.opname == "CALL_KW"))
        called = self._at(1) or self._at(2)
        self._drop(2)
        self._stack.append(None if called is None else called.then("()"))

    def operate(self, instruction: Instruction) -> None:
        """``left + right``; from Python 3.14 on ``owner[key]`` too."""
        if instruction.argrepr == "[]":
            self.load_item(instruction)
        else:
            self._take(1)  # what is on the left stays what it is: it may be put back there

    def store_local(self, instruction: Instruction) -> None:
        """``name = ...``."""
        self._bind(instruction.argval)

    def store_local_load_local(self, instruction: Instruction) -> None:
        """Both at once."""
        stored, loaded = instruction.argval
        self._bind(stored)
        self._loading = self._locals.get(loaded)
        self._stack.append(self._loading)

    def store_locals(self, instruction: Instruction) -> None:
        """Two at once."""
        for name in instruction.argval:
            self._bind(name)

    def store_global(self, instruction: Instruction) -> None:
        """``name = ...`` after ``global name``."""
        self._store(Chain(Root.GLOBAL, instruction.argval))

    def store_free(self, instruction: Instruction) -> None:
        """``name = ...`` after ``nonlocal name``, or of a variable that functions inside use."""
        self._store(Chain(Root.FREE, instruction.argval))

    def _store(self, target: Chain) -> None:
        self._found.writes[target] = None
        self._bind_elsewhere()
        self._take_unless(target)

    def store_name(self, _: Instruction) -> None:
        """``name = ...`` in the body of a class or a module."""
        self._bind_elsewhere()
        self._take(1)

    def store_attribute(self, instruction: Instruction) -> None:
        """``owner.name = ...``."""
        owner = self._at(1)
        self._drop(1)
        target = None if owner is None else owner.then(instruction.argval)
        if target is not None:
            self._found.writes[target] = None
        self._take_unless(target)

    def delete_attribute(self, instruction: Instruction) -> None:
        """``del owner.name``."""
        owner = self._at(1)
        self._drop(1)
        if owner is not None:
            self._found.writes[owner.then(instruction.argval)] = None

    def store_item(self, instruction: Instruction) -> None:
        """``owner[key] = ...``, ``owner[start:stop] = ...`` or ``del owner[key]``."""
        self._take(2 if instruction.opname == "STORE_SLICE" else 1)
        owner = self._at(1)
        self._drop(1)
        target = None if owner is None else owner.then("[]")
        if target is not None:
            self._found.changes[target] = None
            if instruction.opname == "DELETE_SUBSCR" or self._at(1) == target:
                self._try(target)
        if instruction.opname != "DELETE_SUBSCR":
            self._take_unless(target)

    def import_name(self, instruction: Instruction) -> None:
        """``import name``, or the first half of ``from name import ...``."""
        level, names = self._before
        dots = "." * (level if isinstance(level, int) else 0)
        self._found.imports[dots + instruction.argval] = None
        # "import a.b" gives a; "from a.b import c" gives a.b.
        name = instruction.argval if names or dots else instruction.argval.partition(".")[0]
        self._stack[-2:] = [Chain(Root.IMPORT, dots + name)]

    def import_from(self, instruction: Instruction) -> None:
        """The second half of ``from ... import name``; the module stays where it is."""
        module = self._at(1)
        self._stack.append(None if module is None else module.then(instruction.argval))

    def drop(self, _: Instruction) -> None:
        """An expression that stands alone. It may raise all the same."""
        self._try(self._at(1))
        self._drop(1)

    def copy(self, instruction: Instruction) -> None:
        """The item so far down, once more on top."""
        self._stack.append(self._at(instruction.arg or 1))

    def swap(self, instruction: Instruction) -> None:
        """The top item and the one so far down change places."""
        stack, depth = self._stack, instruction.arg or 1
        if len(stack) >= depth:
            stack[-1], stack[-depth] = stack[-depth], stack[-1]


def _effect(instruction: Instruction, *, jump: bool = False) -> int:
    import dis

    argument = instruction.arg if instruction.opcode >= dis.HAVE_ARGUMENT else None
    return dis.stack_effect(instruction.opcode, argument, jump=jump)


_JUMPS: Final = frozenset((*opcode.hasjrel, *opcode.hasjabs))
_NO_STEPS: Final = frozenset(
    {"CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "KW_NAMES", "MAKE_CELL", "NOP", "PRECALL", "RESUME"}
)
_WITHOUT_INPUT: Final = ("LOAD_", "PUSH_")
_WITHOUT_RESULT: Final = ("DELETE_", "END_", "JUMP", "POP_", "RERAISE", "RETURN_", "STORE_")
_WITHOUT_NEXT: Final = ("JUMP_BACKWARD", "JUMP_FORWARD", "RAISE_", "RERAISE", "RETURN_")
_MATCHING: Final = frozenset({"CHECK_EG_MATCH", "CHECK_EXC_MATCH"})
_OF_CLASS_BODIES: Final = frozenset({"__annotations__", "__conditional_annotations__"})
_ATTRIBUTES: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD"})

_STEPS: Final[dict[str, Callable[[Sketch, Instruction], None]]] = {
    "BINARY_OP": Sketch.operate,
    "BINARY_SUBSCR": Sketch.load_item,
    "CALL": Sketch.call,
    "CALL_KW": Sketch.call,
    "COPY": Sketch.copy,
    "DELETE_ATTR": Sketch.delete_attribute,
    "DELETE_SUBSCR": Sketch.store_item,
    "IMPORT_FROM": Sketch.import_from,
    "IMPORT_NAME": Sketch.import_name,
    "LOAD_ATTR": Sketch.load_attribute,
    "LOAD_CLASSDEREF": Sketch.load_free,
    "LOAD_DEREF": Sketch.load_free,
    "LOAD_FAST": Sketch.load_local,
    "LOAD_FAST_AND_CLEAR": Sketch.load_local,
    "LOAD_FAST_BORROW": Sketch.load_local,
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": Sketch.load_locals,
    "LOAD_FAST_CHECK": Sketch.load_local,
    "LOAD_FAST_LOAD_FAST": Sketch.load_locals,
    "LOAD_GLOBAL": Sketch.load_global,
    "LOAD_METHOD": Sketch.load_attribute,
    "LOAD_NAME": Sketch.load_name,
    "POP_TOP": Sketch.drop,
    "STORE_ATTR": Sketch.store_attribute,
    "STORE_DEREF": Sketch.store_free,
    "STORE_FAST": Sketch.store_local,
    "STORE_FAST_LOAD_FAST": Sketch.store_local_load_local,
    "STORE_FAST_STORE_FAST": Sketch.store_locals,
    "STORE_GLOBAL": Sketch.store_global,
    "STORE_NAME": Sketch.store_name,
    "STORE_SLICE": Sketch.store_item,
    "STORE_SUBSCR": Sketch.store_item,
    "SWAP": Sketch.swap,
}
"""By the names of Python 3.11 to 3.14, of which each version has a part."""
