"""Small litmus tests, and what each memory order says of them."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """verdicts: by order."""

    name: str
    text: str
    verdicts: dict[str, str]


def known(text: str, *, sc: str, tso: str) -> Known:
    return Known(text.split()[1], text, {"sc": sc, "tso": tso})


def both(text: str, verdict: str) -> Known:
    return known(text, sc=verdict, tso=verdict)


X86 = (
    known(
        """X86 buffers
{ }
 P0          | P1          ;
 MOV [a],$1  | MOV [b],$1  ;
 MOV EAX,[b] | MOV EAX,[a] ;
exists (0:EAX=0 /\\ 1:EAX=0)
""",
        sc="Forbidden",
        tso="Allowed",
    ),
    known(
        """X86 one_is_fenced
{ a=0; b=0; }
 P0          | P1          ;
 MOV [a],$1  | MOV [b],$1  ;
 MFENCE      | MOV EAX,[a] ;
 MOV EAX,[b] |             ;
exists (0:EAX=0 /\\ 1:EAX=0)
""",
        sc="Forbidden",
        tso="Allowed",
    ),
    both(
        """X86_64 both_are_fenced
{ }
 P0            | P1            ;
 movl $1,(a)   | movq $1,(b)   ;
 mfence        | mfence        ;
 movl (b),%eax | movq (a),%rax ;
exists (0:rax=0 /\\ 1:rax=0)
""",
        "Forbidden",
    ),
    both(
        """X86_64 exchanges_are_fences
{ 0:rsi=a; 1:rsi=b; 0:rax=1; 1:rbx=1; }
 P0               | P1              ;
 xchgl %eax,(%rsi)| xchg %ebx,(%rsi);
 movl (b),%ecx    | movl (a),%ecx   ;
~exists (0:rcx=0 /\\ 1:rcx=0)
""",
        "Forbidden",
    ),
    both(
        """X86 message
{ }
 P0         | P1          ;
 MOV [d],$5 | MOV EAX,[f] ;
 MOV [f],$1 | MOV EBX,[d] ;
exists (1:EAX=1 /\\ 1:EBX=0)
""",
        "Forbidden",
    ),
    known(
        """X86 own_store_first
{ }
 P0          | P1          ;
 MOV [a],$1  | MOV [a],$2  ;
 MOV EAX,[a] | MOV [b],$1  ;
 MOV EBX,[b] |             ;
exists (0:EAX=1 /\\ 0:EBX=0 /\\ a=1)
""",
        sc="Allowed",
        tso="Allowed",
    ),
    both(
        """X86 counted_in_one_step
{ n=3; }
 P0           | P1           ;
 LOCK INC [n] | LOCK ADD [n],$2 ;
forall (n=6)
""",
        "Required",
    ),
    both(
        """X86 counted_in_two_steps
{ n=3; }
 P0      | P1      ;
 INC [n] | INC [n] ;
exists ([n]=4)
""",
        "Allowed",
    ),
    both(
        """X86 one_of_two_takes_it
{ l=0; }
 P0                   | P1                   ;
 MOV EAX,$0           | MOV EAX,$0           ;
 MOV EBX,$1           | MOV EBX,$2           ;
 LOCK CMPXCHG [l],EBX | LOCK CMPXCHG [l],EBX ;
exists (0:EAX=0 /\\ 1:EAX=0)
""",
        "Forbidden",
    ),
    both(
        """X86 what_was_there
{ n=0; 0:EAX=2; 1:EAX=1; }
 P0                | P1                ;
 LOCK XADD [n],EAX | LOCK XADD [n],EAX ;
exists (0:EAX=1 /\\ 1:EAX=0 /\\ n=3)
""",
        "Allowed",
    ),
    both(
        """X86 over_a_jump
{ }
 P0         | P1          ;
 MOV [d],$1 | MOV EAX,[f] ;
 MOV [f],$1 | CMP EAX,$0  ;
            | JE out      ;
            | MOV EBX,[d] ;
            | DEC EBX     ;
            | out:        ;
forall (1:EBX=0)
""",
        "Required",
    ),
)

COATCHECK = (
    Known(
        "buffers",
        """Alternative
0 0 0 0 (Write normal (VA 0 0) (PA 0 0) (Data 1))
1 0 0 0 (Read normal (VA 1 0) (PA 1 0) (Data 0))
2 1 0 0 (Write normal (VA 1 0) (PA 1 0) (Data 1))
3 1 0 0 (Read normal (VA 0 0) (PA 0 0) (Data 0))
Relationship po 0 0 -> 1 0
Relationship po 2 0 -> 3 0
Permitted
""",
        {"sc": "Forbidden", "tso": "Allowed"},
    ),
    Known(
        "fenced",
        """Alternative
0 0 0 0 (Write  (VA 0 0) (PA 0 0) (Data 1))
1 0 0 0 (Read  (VA 1 0) (PA 1 0) (Data 0))
2 1 0 0 (Write  (VA 1 0) (PA 1 0) (Data 1))
3 1 0 0 (Read  (VA 0 0) (PA 0 0) (Data 0))
4 0 0 0 (Fence MFENCE)
5 1 0 0 (Fence MFENCE)
Relationship po 0 0 -> 4 0
Relationship po 4 0 -> 1 0
Relationship po 2 0 -> 5 0
Relationship po 5 0 -> 3 0
Forbidden
""",
        {"sc": "Forbidden", "tso": "Forbidden"},
    ),
    Known(
        "exchanged",
        """Alternative
0 0 0 0 (Read RMW (VA 0 0) (PA 0 0) (Data 2))
1 0 0 0 (Write RMW (VA 0 0) (PA 0 0) (Data 1))
2 1 0 0 (Write normal (VA 0 0) (PA 0 0) (Data 2))
Alternative
0 0 0 0 (Read RMW (VA 0 0) (PA 0 0) (Data 0))
1 0 0 0 (Write RMW (VA 0 0) (PA 0 0) (Data 1))
2 1 0 0 (Write normal (VA 0 0) (PA 0 0) (Data 2))
(PA 0 0) = 1
Permitted
""",
        {"sc": "Allowed", "tso": "Allowed"},
    ),
)
