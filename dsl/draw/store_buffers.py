"""What a note says of a CPU's store buffer: the stores that wait, the oldest first."""

from __future__ import annotations

from itertools import groupby, product

from mmscn.check.core import STORED_TO, STORES_WAITING, Checked, Stored
from mmscn.check.values import Elem
from mmscn.draw.notes import Thing, cell_name, members_text
from mmscn.lower.retrace import CellKey, Cells


def buffers(checked: Checked) -> tuple[Thing, ...]:
    """A thing for each buffer."""
    if not checked.stored:
        return ()
    names = [name for name in checked.families if name.partition(".")[0] == "store_buffer"]
    keys = [(n, index) for n in names for index in product(*checked.families[n].indices)]
    found = []
    for cpu in checked.families[STORED_TO].indices[0]:
        assert isinstance(cpu, Elem)
        members = tuple((str(n), key) for n, key in enumerate(keys) if key[1][0] == cpu)
        name = f"CPU{cpu.number} store buffer"
        found.append(Thing(name=name, members=members, quiet=False, entry=False, buffer=cpu))
    return tuple(found)


def waiting_text(checked: Checked, cpu: Elem, cells: Cells) -> str:
    """`x = 1, PTE A = none`, or `empty`."""
    count = cells[STORES_WAITING, (cpu,)]
    assert isinstance(count, int)
    known = {stored.what: stored for stored in checked.stored}
    texts = [
        entry_text(checked, known[cells[STORED_TO, (cpu, at)]], cpu, at, cells)
        for at in range(count)
    ]
    return ", ".join(texts) or "empty"


def entry_text(checked: Checked, stored: Stored, cpu: Elem, at: int, cells: Cells) -> str:
    values = {
        key: cells[family, (cpu, at)]
        for key, family in zip(stored.cells, stored.values, strict=True)
    }

    def whole(key: CellKey) -> str:
        """What the variable is called that a cell belongs to."""
        _, dot, member = checked.families[key[0]].name.partition(".")
        return cell_name(checked, key).removesuffix(dot + member)

    texts = []
    for name, keys in groupby(stored.cells, whole):
        members = tuple((checked.families[k[0]].name.partition(".")[2], k) for k in keys)
        texts.append(f"{name} = {members_text(checked, members, {**cells, **values})}")
    return ", ".join(texts)
