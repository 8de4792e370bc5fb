"""Small tests of AArch64, and what its memory model says of them.

The names say the shape, as in the literature: who writes and reads what, and what keeps that
in order.
"""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """columns: of each thread, its instructions; `x` in brackets is a variable. asked: whether
    it exists. allowed: by `arm`; `sc` allows none.
    """

    name: str
    columns: tuple[str, ...]
    asked: str
    allowed: bool

    def text(self) -> str:
        """The test, with the addresses in registers."""
        settings, threads = [], []
        for n, column in enumerate(self.columns):
            places = sorted({part.split("]")[0].split(",")[0] for part in column.split("[")[1:]})
            register = {place: f"X{20 + i}" for i, place in enumerate(places)}
            settings += [f"{n}:{r}={place};" for place, r in register.items()]
            for place, r in register.items():
                column = column.replace(f"[{place}", f"[{r}")
            threads.append([part.strip() for part in column.split(";")])
        rows = [
            " | ".join(t[row] if row < len(t) else "" for t in threads)
            for row in range(max(map(len, threads)))
        ]
        heads = " | ".join(f"P{n}" for n in range(len(threads)))
        lines = [f"AArch64 {self.name}", "{ " + " ".join(settings) + " }"]
        lines += [f" {line} ;" for line in (heads, *rows)]
        return "\n".join([*lines, f"exists ({self.asked})", ""])


def shape(name: str, *columns: str, asked: str, allowed: bool) -> Shape:
    return Shape(name, columns, asked, allowed)


W, R = "MOV W9,#1; STR W9,[{}]", "LDR W{},[{}]"
X1, Y1 = "MOV W9,#1; STR W9,[x]", "MOV W9,#1; STR W9,[y]"
X2, Y2 = "MOV W8,#2; STR W8,[x]", "MOV W8,#2; STR W8,[y]"
ADDR = "EOR W5,W0,W0; LDR W1,[{},W5,SXTW]"
MP, SB = "1:X0=1 /\\ 1:X1=0", "0:X0=0 /\\ 1:X0=0"
WRITER = f"{X1}; DMB SY; {Y1}"
RX, RY, RXX, RYY = "LDR W0,[x]", "LDR W0,[y]", "LDR W1,[x]", "LDR W1,[y]"
CTRL = "CBNZ W0,on; on:"

SHAPES = (
    shape("MP", f"{X1}; {Y1}", f"{RY}; {RXX}", asked=MP, allowed=True),
    shape("MP+dmb+po", WRITER, f"{RY}; {RXX}", asked=MP, allowed=True),
    shape("MP+po+addr", f"{X1}; {Y1}", f"{RY}; {ADDR.format('x')}", asked=MP, allowed=True),
    shape("MP+dmb+addr", WRITER, f"{RY}; {ADDR.format('x')}", asked=MP, allowed=False),
    shape(
        "MP+dmb.st+addr",
        f"{X1}; DMB ST; {Y1}",
        f"{RY}; {ADDR.format('x')}",
        asked=MP,
        allowed=False,
    ),
    shape("MP+dmb+dmb.ld", WRITER, f"{RY}; DMB LD; {RXX}", asked=MP, allowed=False),
    shape("MP+dmb+dmb.st", WRITER, f"{RY}; DMB ST; {RXX}", asked=MP, allowed=True),
    shape("MP+dmb+ctrl", WRITER, f"{RY}; {CTRL}; {RXX}", asked=MP, allowed=True),
    shape("MP+dmb+ctrlisb", WRITER, f"{RY}; {CTRL}; ISB; {RXX}", asked=MP, allowed=False),
    shape("MP+dmb+isb", WRITER, f"{RY}; ISB; {RXX}", asked=MP, allowed=True),
    shape(
        "MP+rel+acq",
        f"{X1}; MOV W9,#1; STLR W9,[y]",
        f"LDAR W0,[y]; {RXX}",
        asked=MP,
        allowed=False,
    ),
    shape("MP+rel+po", f"{X1}; MOV W9,#1; STLR W9,[y]", f"{RY}; {RXX}", asked=MP, allowed=True),
    shape("MP+po+acq", f"{X1}; {Y1}", f"LDAR W0,[y]; {RXX}", asked=MP, allowed=True),
    shape("SB", f"{X1}; {RY}", f"{Y1}; {RX}", asked=SB, allowed=True),
    shape("SB+dmbs", f"{X1}; DMB SY; {RY}", f"{Y1}; DMB SY; {RX}", asked=SB, allowed=False),
    shape("SB+dmb+po", f"{X1}; DMB SY; {RY}", f"{Y1}; {RX}", asked=SB, allowed=True),
    shape("SB+dmb.sts", f"{X1}; DMB ST; {RY}", f"{Y1}; DMB ST; {RX}", asked=SB, allowed=True),
    shape(
        "SB+rel-acq",
        "MOV W9,#1; STLR W9,[x]; LDAR W0,[y]",
        "MOV W9,#1; STLR W9,[y]; LDAR W0,[x]",
        asked=SB,
        allowed=False,
    ),
    shape("LB", f"{RX}; {Y1}", f"{RY}; {X1}", asked="0:X0=1 /\\ 1:X0=1", allowed=True),
    shape(
        "LB+datas",
        f"{RX}; EOR W5,W0,W0; ADD W5,W5,#1; STR W5,[y]",
        f"{RY}; EOR W5,W0,W0; ADD W5,W5,#1; STR W5,[x]",
        asked="0:X0=1 /\\ 1:X0=1",
        allowed=False,
    ),
    shape(
        "LB+ctrls",
        f"{RX}; {CTRL}; {Y1}",
        f"{RY}; {CTRL}; {X1}",
        asked="0:X0=1 /\\ 1:X0=1",
        allowed=False,
    ),
    shape(
        "LB+data+po",
        f"{RX}; EOR W5,W0,W0; ADD W5,W5,#1; STR W5,[y]",
        f"{RY}; {X1}",
        asked="0:X0=1 /\\ 1:X0=1",
        allowed=True,
    ),
    shape(
        "S+dmb+data",
        f"{X2}; DMB SY; {Y1}",
        f"{RY}; EOR W5,W0,W0; ADD W5,W5,#1; STR W5,[x]",
        asked="1:X0=1 /\\ [x]=2",
        allowed=False,
    ),
    shape("S+dmb+po", f"{X2}; DMB SY; {Y1}", f"{RY}; {X1}", asked="1:X0=1 /\\ [x]=2", allowed=True),
    shape(
        "R+dmbs",
        f"{X1}; DMB SY; {Y1}",
        f"{Y2}; DMB SY; {RX}",
        asked="[y]=2 /\\ 1:X0=0",
        allowed=False,
    ),
    shape("R+po+dmb", f"{X1}; {Y1}", f"{Y2}; DMB SY; {RX}", asked="[y]=2 /\\ 1:X0=0", allowed=True),
    shape("2+2W", f"{X1}; {Y2}", f"{Y1}; {X2}", asked="[x]=1 /\\ [y]=1", allowed=True),
    shape(
        "2+2W+dmbs",
        f"{X1}; DMB SY; {Y2}",
        f"{Y1}; DMB SY; {X2}",
        asked="[x]=1 /\\ [y]=1",
        allowed=False,
    ),
    shape("CoRR", X1, f"{RX}; {RXX}", asked="1:X0=1 /\\ 1:X1=0", allowed=False),
    shape("CoWR", f"{X1}; {RX}", X2, asked="0:X0=2 /\\ [x]=1", allowed=False),
    shape("CoRW", f"{RX}; {X1}", X2, asked="0:X0=1", allowed=False),
    shape(
        "WRC", X1, f"{RX}; {Y1}", f"{RY}; {RXX}", asked="1:X0=1 /\\ 2:X0=1 /\\ 2:X1=0", allowed=True
    ),
    shape(
        "WRC+addrs",
        X1,
        f"{RX}; EOR W5,W0,W0; MOV W9,#1; STR W9,[y,W5,SXTW]",
        f"{RY}; {ADDR.format('x')}",
        asked="1:X0=1 /\\ 2:X0=1 /\\ 2:X1=0",
        allowed=False,
    ),
    shape(
        "IRIW",
        X1,
        f"{RX}; {RYY}",
        Y1,
        f"{RY}; {RXX}",
        asked="1:X0=1 /\\ 1:X1=0 /\\ 3:X0=1 /\\ 3:X1=0",
        allowed=True,
    ),
    shape(
        "IRIW+addrs",
        X1,
        f"{RX}; {ADDR.format('y')}",
        Y1,
        f"{RY}; {ADDR.format('x')}",
        asked="1:X0=1 /\\ 1:X1=0 /\\ 3:X0=1 /\\ 3:X1=0",
        allowed=False,
    ),
    shape(
        "PPOCA",
        WRITER,
        f"{RY}; {CTRL}; MOV W9,#1; STR W9,[z]; LDR W3,[z]; EOR W6,W3,W3; LDR W1,[x,W6,SXTW]",
        asked=MP,
        allowed=True,
    ),
    shape(
        "PPOAA",
        WRITER,
        f"{RY}; EOR W5,W0,W0; MOV W9,#1; STR W9,[z,W5,SXTW]; LDR W3,[z]; "
        "EOR W6,W3,W3; LDR W1,[x,W6,SXTW]",
        asked=MP,
        allowed=False,
    ),
    shape(
        "MP+dmb+addr-po-ctrl",
        WRITER,
        f"{RY}; EOR W5,W0,W0; LDR W3,[z,W5,SXTW]; {RXX}",
        asked=MP,
        allowed=True,
    ),
)
