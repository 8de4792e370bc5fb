"""Small tests of AArch64 with page tables, and what the architecture says of them.

Of each: what stands in front of the initial state, that, the columns, what is asked, and whether
it is allowed without FEAT_ETS2 and with it.
"""

from __future__ import annotations

from typing import NamedTuple


class PageTest(NamedTuple):
    name: str
    keys: str
    init: str
    columns: tuple[str, ...]
    asked: str
    allowed: bool
    allowed_ets2: bool

    def text(self) -> str:
        threads = [[part.strip() for part in column.split(";")] for column in self.columns]
        rows = [
            " | ".join(t[row] if row < len(t) else "" for t in threads)
            for row in range(max(map(len, threads)))
        ]
        lines = [f"AArch64 {self.name}", *([self.keys] if self.keys else [])]
        lines += ["{ " + self.init + " }", *(f" {row} ;" for row in rows)]
        return "\n".join([*lines, self.asked, ""])


UNMAPPED = "[PTE(x)]=(oa:PA(x),valid:0); [x]=1; "
MAPS = "0:X1=(oa:PA(x)); 0:X2=PTE(x); "
UNMAPS = "[x]=1; 0:X1=(oa:PA(x),valid:0); 0:X2=PTE(x); "
SHOOTS = "DSB ISH; LSR X9,X3,#12; TLBI VAAE1IS,X9; DSB ISH"
FAULTS, PASSES = "exists (fault(P0:L0,x))", "exists (0:X4=1)"
FLAG = "MOV W7,#1; STR W7,[X8]"
FLAGGED = "0:X3=x; 0:X8=y; 1:X3=x; 1:X8=y"


def maps(name: str, between: str, *allowed: bool) -> PageTest:
    """A page is mapped, and accessed by the same CPU: does it fault?"""
    code = f"P0; STR X1,[X2]; {between}L0: LDR W4,[X3]"
    return PageTest(name, "", f"{UNMAPPED}{MAPS}0:X3=x", (code,), FAULTS, *allowed)


def unmaps(name: str, between: str, *allowed: bool) -> PageTest:
    """A page is unmapped, and accessed by the same CPU: is it there?"""
    code = f"P0; STR X1,[X2]; {between}L0: LDR W4,[X3]"
    return PageTest(name, "", f"{UNMAPS}0:X3=x", (code,), PASSES, *allowed)


def shot(name: str, tells: str, hears: str, *allowed: bool) -> PageTest:
    """A page is unmapped by one CPU, which tells another, which accesses it."""
    asked = "exists (1:X7=1 /\\ 1:X4=1)"
    columns = (f"P0; STR X1,[X2]; {tells}; {FLAG}", f"P1; LDR W7,[X8]; {hears}; LDR W4,[X3]")
    return PageTest(name, "", f"{UNMAPS}{FLAGGED}", columns, asked, *allowed)


def marks(name: str, fence: str, allowed: bool) -> PageTest:
    """A store makes its page dirty; who hears of what follows it looks at the entry."""
    init = "[PTE(x)]=(db:0,dbm:1); 0:X3=x; 0:X8=y; 1:X2=PTE(x); 1:X8=y"
    columns = (
        f"P0; MOV W1,#1; STR W1,[X3]; {fence}; {FLAG}",
        "P1; LDR W7,[X8]; DMB LD; LDR X4,[X2]",
    )
    asked = "exists (1:X7=1 /\\ 1:X4=(oa:PA(x),db:0,dbm:1))"
    return PageTest(name, "TTHM=HA HD", init, columns, asked, allowed, allowed)


PAGE_TESTS = (
    maps("map", "", True, False),
    maps("map+dsb", "DSB ISH; ", True, False),
    maps("map+isb", "ISB; ", True, False),
    maps("map+dsb-isb", "DSB ISH; ISB; ", False, False),
    maps("map+dsb.st-isb", "DSB ST; ISB; ", False, False),
    maps("map+dsb.ld-isb", "DSB LD; ISB; ", True, False),
    unmaps("unmap+dsb-isb", "DSB ISH; ISB; ", True, True),
    unmaps("unmap+tlbi", f"{SHOOTS}; ", True, False),
    unmaps("unmap+tlbi-isb", f"{SHOOTS}; ISB; ", False, False),
    unmaps("unmap+tlbi without dsb", "LSR X9,X3,#12; TLBI VAAE1,X9; DSB ISH; ISB; ", True, True),
    unmaps("unmap+tlbi.all", "DSB ISH; TLBI VMALLE1; DSB ISH; ISB; ", False, False),
    shot("shoot+dmb", SHOOTS, "DMB LD", False, False),
    shot("shoot here alone", SHOOTS.replace("E1IS", "E1"), "DSB ISH; ISB", True, True),
    shot("unmap and tell+dsb-isb", "DSB ISH", "DSB ISH; ISB", True, True),
    marks("dirty+dsb", "DSB ISH", False),
    marks("dirty+dsb.st", "DSB ST", True),
    PageTest(
        "a fault waits for what is in front of it", "",
        "[PTE(z)]=(valid:0); 0:X3=x; 0:X8=y; 1:X3=x; 1:X8=y; 1:X5=z",
        (f"P0; MOV W1,#1; STR W1,[X3]; DMB ST; {FLAG}",
         "P1; LDR W7,[X8]; DMB LD; LDR W6,[X5]", "P1.F; LDR W4,[X3]"),
        "exists (1:X7=1 /\\ 1:X4=0)", False, False,
    ),
    PageTest(
        "a fault waits for nothing", "",
        "[PTE(z)]=(valid:0); 0:X3=x; 0:X8=y; 1:X3=x; 1:X8=y; 1:X5=z",
        (f"P0; MOV W1,#1; STR W1,[X3]; DMB ST; {FLAG}",
         "P1; LDR W7,[X8]; LDR W6,[X5]", "P1.F; LDR W4,[X3]"),
        "exists (1:X7=1 /\\ 1:X4=0)", True, False,
    ),
    PageTest(
        "a handler maps the page", "",
        f"{UNMAPPED}{MAPS}0:X3=x", ("P0; LDR W4,[X3]", "P0.F; STR X1,[X2]; DSB ISH; ERET"),
        "exists (0:X4=0)", False, False,
    ),
    PageTest(
        "an access after the other, with a page moved between", "",
        "[x]=1; [y]=2; 0:X1=(oa:PA(y)); 0:X2=PTE(x); 1:X3=x",
        ("P0; STR X1,[X2]", "P1; LDR W4,[X3]; LDR W5,[X3]"),
        "exists (1:X4=2 /\\ 1:X5=1)", True, True,
    ),
    PageTest(
        "an old entry behind a new one", "",
        "[PTE(x)]=(db:0); [PTE(z)]=(db:0); 0:X1=(oa:PA(x)); 0:X2=PTE(x); 0:X5=(oa:PA(z)); "
        "0:X6=PTE(z); 0:X3=x; 1:X3=x; 1:X8=z",
        ("P0; STR X1,[X2]; STR X5,[X6]; DSB ISH; TLBI VMALLE1IS; DSB ISH; LDR W4,[X3]",
         "P1; MOV W7,#1; STR W7,[X3]; L0: STR W7,[X8]"),
        "exists (0:X4=0 /\\ fault(P1:L0,z))", True, True,
    ),
    PageTest(
        "three accesses that may be refused", "",
        f"{UNMAPS}1:X3=x",
        ("P0; STR X1,[X2]",
         "P1; LDR W5,[X3]; MOV W6,#3; SWP W6,W7,[X3]; L0: LDR W9,[X3]"),
        "exists (1:X5=1 /\\ 1:X7=1 /\\ fault(P1:L0,x))", True, True,
    ),
    PageTest(
        "a bit of the hardware's is cleared", "TTHM=HA",
        "[PTE(x)]=(af:0); 0:X3=x; 1:X2=PTE(x)",
        ("P0; LDR W4,[X3]", "P1; MOV X7,#1; LSL X7,X7,#10; LDCLR X7,X8,[X2]; LDR X9,[X2]"),
        "exists (1:X8=(oa:PA(x)) /\\ 1:X9=(oa:PA(x),af:0))", True, True,
    ),
    PageTest(
        "a bit that makes a page read only", "",
        "0:X3=x; 1:X2=PTE(x)",
        ("P0; MOV W4,#1; L0: STR W4,[X3]",
         "P1; MOV X7,#1; LSL X7,X7,#7; LDR X8,[X2]; ORR X9,X8,X7; STR X9,[X2]"),
        "exists (fault(P0:L0,x) /\\ [PTE(x)]=(oa:PA(x),db:0))", True, True,
    ),
    PageTest(
        "a bit that is set stays set", "",
        "1:X2=PTE(x)",
        ("P1; MOV X7,#1; LSL X7,X7,#7; STSET X7,[X2]; LDSET X7,X8,[X2]",),
        "exists (1:X8=(oa:PA(x)))", False, False,
    ),
    PageTest(
        "an access while all is invalidated", "",
        "[x]=1; 0:X1=(oa:PA(x),valid:0); 0:X2=PTE(x); 0:X8=y; 1:X3=x; 1:X5=(oa:PA(z),valid:0); "
        "1:X6=PTE(z); 2:X8=y; 2:X9=z",
        (f"P0; STR X1,[X2]; DSB ISH; TLBI VMALLE1IS; DSB ISH; {FLAG}",
         "P1; STR X5,[X6]; DMB ISH; LDR W4,[X3]",
         "P2; LDR W7,[X8]; DMB LD; L2: LDR W4,[X9]"),
        "exists (1:X4=1 /\\ 2:X7=1 /\\ ~fault(P2:L2,z))", True, True,
    ),
)  # fmt: skip
