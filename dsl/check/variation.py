"""Params, knobs and profiles: which values there are, and which apply."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from mmscn.check.missing import no_knob, no_machine
from mmscn.check.modules import Unit
from mmscn.check.values import Atom, Value, show
from mmscn.diagnostics import Reporter, closest, one
from mmscn.source import Span
from mmscn.syntax import tree as t

COMBINATIONS_MAX = 4096
DIGITS_MAX = 9
SHOWN_MAX = 40
MACHINE_WORDS = ("cpus", "frames")
MACHINE = "machine"


def values_of(values: tuple[t.Expr, ...]) -> list[Value]:
    """The values of a param or knob: words, numbers, ranges of numbers."""
    return list(known_values(values))


@lru_cache(maxsize=1024)
def known_values(values: tuple[t.Expr, ...]) -> tuple[Value, ...]:
    """The same: they are asked for in each combination."""
    found: list[Value] = []
    for e in values:
        match e:
            case t.Name(text=name):
                found.append(Atom(name))
            case t.Literal(value=value) if value is not None:
                found.append(value)
            case t.Range(low=t.Literal(value=int() as low), high=t.Literal(value=int() as high)):
                if not 0 <= high - low < COMBINATIONS_MAX:
                    raise one("MM502", "this range has no values or too many", e.span)
                found.extend(range(low, high + 1))
            case _:
                hint = None
                if isinstance(e, t.Literal):
                    hint = "`none` is a value of the language; choose another word"
                what = "the values of a param are words, numbers and ranges"
                raise one("MM309", what, e.span, hint)
    return tuple(found)


def matrix(unit: Unit, chosen: dict[str, str] | None = None) -> list[dict[str, Value]]:
    """All combinations of the params' values; `chosen` (by -D) narrows them.

    A choice may also name a knob, and give a param of numbers other numbers than
    it lists. Raises Rejected for unknown names and values.
    """
    chosen = dict(chosen or {})
    axes: dict[str, list[Value]] = {}
    for param in unit.params.values():
        values = values_of(param.values)
        knob = knob_of(unit, param)
        if knob is not None:
            allowed = values_of(knob.values)
            for value, e in zip(values, param.values, strict=False):
                if value not in allowed:
                    names = ", ".join(show(v) for v in allowed)
                    raise one(
                        "MM309", f"the knob `{knob.name}` has no value {show(value)}", e.span,
                        f"a param of that name chooses the knob's value, of {names}; one that is "
                        "no knob's needs another name",
                    )  # fmt: skip
        axes[param.name] = values
    for name, text in chosen.items():
        span = Span(unit.source, 0, 0)
        declared = axes.get(name)
        if declared is None and name in unit.knobs:
            declared = values_of(unit.knobs[name].values)
        if declared is None:
            params = f"the params are {', '.join(unit.params)}" if unit.params else None
            hint = closest(name, [*axes, *unit.knobs]) or params
            word = name if len(name) <= SHOWN_MAX else f"{name[:SHOWN_MAX]}..."
            raise one("MM213", f"there is no param or knob `{word}`", span, hint)
        wanted = list(dict.fromkeys(part.strip() for part in text.split("|")))
        narrowed = [v for v in declared if show(v) in wanted]
        if name not in unit.knobs and all(type(v) is int for v in declared):
            # Bounds are the author's choice of what is worth a run, not of what makes sense.
            narrowed += [n for n in map(counted, wanted) if n is not None and n not in narrowed]
        if len(narrowed) != len(wanted):
            names = ", ".join(show(v) for v in declared)
            there = {show(v) for v in narrowed}
            missing = next((word for word in wanted if word not in there), text)
            shown = missing if len(missing) <= SHOWN_MAX else f"{missing[:SHOWN_MAX]}..."
            raise one("MM213", f"`{name}` has no value `{shown}`", span, f"it has {names}")
        axes[name] = narrowed
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > COMBINATIONS_MAX:
        span = next(iter(unit.params.values())).span
        raise one("MM502", f"the params have more than {COMBINATIONS_MAX} combinations", span)
    return [dict(zip(axes, combo, strict=True)) for combo in product(*axes.values())]


def knob_of(unit: Unit, param: t.Param) -> t.Knob | None:
    """The knob whose values a param goes through: of its name, with a value that both have.

    A param with other values is the scenario's own, unless one of them is nearly the knob's.
    """
    knob = unit.knobs.get(param.name)
    if knob is None:
        return None
    ours, theirs = values_of(param.values), values_of(knob.values)
    words = [show(v) for v in theirs]
    near = any(v in theirs or closest(show(v), words) for v in ours)
    return knob if near or knob.span.source is param.span.source else None


def own_key(name: str) -> str:
    """Where settings have the value of a param that is no knob's, though a knob has its name."""
    return f"param {name}"


def counted(word: str) -> int | None:
    """The number that a word of the command line is; None where it is none, or too large."""
    digits = word.lstrip("0") or word[-1:]
    fits = digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS_MAX
    return int(digits) if fits else None


def settings(unit: Unit, params: dict[str, Value]) -> tuple[dict[str, Value], dict[str, t.Expr]]:
    """The knobs' values, and the machine's words.

    A knob has its default, what a profile of another knob's value says, what the
    machine's profile says, what the machine block says, or a param's value: the last of
    these that there is. A param that only has the name of a knob is under its `own_key`.
    """
    said, words = of_machine(unit, params)
    own = {p.name for p in unit.params.values() if p.name in unit.knobs and not knob_of(unit, p)}
    said.update({own_key(n) if n in own else n: value for n, value in params.items()})
    result = {k.name: values_of(k.values)[0] for k in unit.knobs.values()} | said
    for knob in unit.knobs:
        for bundle in unit.bundles:
            if bundle.knob == knob and bundle.name == show(result[knob]):
                for setting in bundle.settings:
                    value = knob_value(unit, {}, setting)
                    if setting.name not in said:
                        result[setting.name] = value
    return result, words


def of_machine(unit: Unit, params: dict[str, Value]) -> tuple[dict[str, Value], dict[str, t.Expr]]:
    """What the machine says of knobs, its block after its profiles; and the machine's words."""
    said: dict[str, Value] = {}
    words: dict[str, t.Expr] = {}
    machine = unit.machine
    if machine is not None:
        name = machine.profile
        if name in params and isinstance(params[name], Atom):
            name = str(params[name])
        profile = unit.profiles.get(name)
        if profile is None:
            raise no_machine(unit, name, machine.span)
        of_machine = [p for p in unit.bundles if p.knob == MACHINE and p.name == name]
        layers: tuple[t.Profile | t.Machine, ...] = (profile, *of_machine, machine)
        for layer in layers:
            for setting in layer.settings:
                if setting.name in MACHINE_WORDS:
                    words[setting.name] = setting.value
                else:
                    said[setting.name] = knob_value(unit, params, setting)
    return said, words


def stated(unit: Unit, params: dict[str, Value]) -> dict[str, Value]:
    """The knobs' values that the scenario states and no param shows: those of the `machine`
    block, and what the machine's profile changes.

    What a knob's value brings with it (`profile NAME of KNOB`) is left out, as are defaults that
    nobody writes, and what a param chooses.
    """
    if unit.machine is None:
        return {}
    said, _ = of_machine(unit, params)
    written = {
        s.name: isinstance(s.value, t.Name) and s.value.text in params
        for s in unit.machine.settings
    }
    varies = unit.machine.profile in params
    found = {}
    for name, knob in unit.knobs.items():
        param = unit.params.get(name)
        chosen = name in params if param is None else knob_of(unit, param) is not None
        if name not in said or chosen or written.get(name):
            continue
        changed = said[name] != values_of(knob.values)[0] and not varies
        if name in written or changed:
            found[name] = said[name]
    return found


def bundles_fit(unit: Unit, reporter: Reporter) -> None:
    """Each profile of a knob's value, or of a machine, is of one that there is."""
    for bundle in unit.bundles:
        name = bundle.knob
        if name == MACHINE:
            values: list[str] = list(unit.profiles)
        elif name in unit.knobs:
            values = [show(v) for v in values_of(unit.knobs[name].values)]
        else:
            hint = closest(str(name), unit.knobs)
            reporter.error("MM207", f"there is no knob `{name}`", bundle.span, hint=hint)
            continue
        if bundle.name not in values:
            what = "there is no machine" if name == MACHINE else f"the knob `{name}` has no value"
            hint = closest(bundle.name, values) or f"there are {', '.join(values)}"
            reporter.error("MM309", f"{what} `{bundle.name}`", bundle.span, hint=hint)


def knob_value(unit: Unit, params: dict[str, Value], setting: t.Setting) -> Value:
    knob = unit.knobs.get(setting.name)
    if knob is None:
        raise no_knob(unit, setting.name, setting.span, MACHINE_WORDS)
    allowed = values_of(knob.values)
    (value,) = values_of((setting.value,))[:1]
    theirs = setting.span.source is not unit.source and value in allowed
    if isinstance(setting.value, t.Name) and setting.value.text in params and not theirs:
        value = params[setting.value.text]
    if value not in allowed:
        raise one(
            "MM309",
            f"the knob `{knob.name}` has no value {show(value)}",
            setting.span,
            f"it has {', '.join(show(v) for v in allowed)}",
        )
    return value


def atoms(unit: Unit) -> set[str]:
    """All words that are values somewhere."""
    found = {m for enum in unit.enums.values() for m in enum.members}
    lists = [p.values for p in unit.params.values()] + [k.values for k in unit.knobs.values()]
    lists += [(f.fs,) for f in unit.files]
    for values in lists:
        found |= {e.text for e in values if isinstance(e, t.Name)}
    return found
