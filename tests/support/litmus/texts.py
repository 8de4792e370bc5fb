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

C = (
    known(
        """C buffers_in_c
{ int x = 0; }

P0(int *x, int *y)
{
	int r0;

	WRITE_ONCE(*x, 1);
	r0 = READ_ONCE(*y);
}

P1(int *x, int *y)
{
	*y = 1; // a plain one
	int r0 = *x;
}

(* whether (* both *) miss it *)
exists (0:r0=0 /\\ 1:r0=0)
""",
        sc="Forbidden",
        tso="Allowed",
    ),
    both(
        """C fenced_in_c
{ }
P0(int *x, int *y) { int r0; WRITE_ONCE(*x, 1); smp_mb(); r0 = READ_ONCE(*y); }
P1(int *x, int *y) { int r0; xchg(y, 1); r0 = smp_load_acquire(x); }
exists (0:r0=0 /\\ 1:r0=0)
""",
        "Forbidden",
    ),
    both(
        """C counted_in_c
{ atomic_t n = ATOMIC_INIT(4); }
P0(atomic_t *n) { atomic_inc(n); }
P1(atomic_t *n) { int r0; int r1; r0 = atomic_fetch_add(2, n); r1 = atomic_sub_return(1, n); }
exists (1:r0=4 /\\ 1:r1=6 /\\ n=6)
""",
        "Allowed",
    ),
    both(
        """C decided_in_c
{ int f = 0; }
P0(int *f, int *d) { WRITE_ONCE(*d, 3); smp_store_release(f, 1); }
P1(int *f, int *d) {
	int r0 = 7;
	if (smp_load_acquire(f) == 1) { r0 = READ_ONCE(*d) - 1; } else if (!r0) { r0 = 9; }
}
forall (1:r0=7 \\/ 1:r0=2)
""",
        "Required",
    ),
    both(
        """C taken_in_c
{ }
P0(int *l) { int r0 = cmpxchg(l, 0, 1); }
P1(int *l) { int r0; r0 = cmpxchg(l, 0, 2); }
~exists (0:r0=0 /\\ 1:r0=0)
""",
        "Forbidden",
    ),
)

C = (
    *C,
    both(
        """C locked_in_c
{ spinlock_t mine; }
P0(spinlock_t *mine, int *d) { spin_lock(mine); *d = 1; *d = 2; spin_unlock(mine); }
P1(spinlock_t *mine, int *d) { int r0; spin_lock(mine); r0 = *d; spin_unlock(mine); }
exists (1:r0=1)
""",
        "Forbidden",
    ),
)

AARCH64 = (
    both(
        """AArch64 depends_and_fenced
{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; }
 P0          | P1                  ;
 MOV W0,#1   | LDR W0,[X1]         ;
 STR W0,[X1] | EOR W2,W0,W0        ;
 DMB ST      | LDR W4,[X3,W2,SXTW] ;
 STR W0,[X3] |                     ;
exists (1:X0=1 /\\ 1:X4=0)
""",
        "Forbidden",
    ),
    both(
        """AArch64 data_depends
{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; }
 P0           | P1           ;
 LDR W0,[X1]  | LDR W0,[X1]  ;
 EOR W2,W0,W0 | AND W2,W0,#0 ;
 ADD W2,W2,#1 | ADD W2,W2,#1 ;
 STR W2,[X3]  | STR W2,[X3]  ;
exists (0:X0=1 /\\ 1:X0=1)
""",
        "Forbidden",
    ),
    both(
        """AArch64 data_then_flag
{ 0:X1=x; 0:X3=y; 1:X1=y; 1:X3=x; x=0; 0:X5=7; }
 P0             | P1                  ;
 MOV W0,#1      | LDAR W0,[X1]        ;
 STR W0,[X1]    | CBZ W0,out          ;
 DMB ISHST      | EOR W2,W0,W0        ;
 SWP W5,W2,[X3] | LDR W4,[X3,W2,SXTW] ;
                | CMP W4,#1           ;
                | CSET W6,EQ          ;
                | out:                ;
exists (1:X0=7 /\\ 1:X6=0)
""",
        "Forbidden",
    ),
    both(
        """AArch64 added
{ 0:X1=n; 1:X1=n; n=2; 0:X0=3; 1:X0=3; 1:X2=2; }
 P0             | P1                ;
 LDADD W0,W3,[X1] | CASAL W2,W0,[X1]  ;
 SUB W4,W3,#1   | STLR WZR,[X1]     ;
 DSB SY         | ISB               ;
exists (0:X4=2 /\\ 1:X2=2 /\\ [n]=0)
""",
        "Allowed",
    ),
)

ISLA = Known(
    "aliases",
    """arch = "AArch64"
name = "aliases"
symbolic = ["x", "y", "z"]

page_table_setup = '''
    physical one two;
    x |-> one;
    y |-> one; // another name
    z |-> two;
    *one = 0;
'''

[thread.0]
code = '''
    STR X0,[X1]
    DMB SY
    LDR X2,[X3]
'''

[thread.0.reset]
R0 = "extz(0b1, 64)"
R1 = "x"
R3 = "z"

[thread.1]
code = '''
    STR X0,[X1]
    DMB SY
    LDR X2,[X3]
'''

[thread.1.reset]
R0 = "extz(0x1, 64)"
R1 = "z"
R3 = "y"

[final]
expect = "sat"
assertion = "0:X2 = 0 & 1:X2 = 0 & ~(*x=0)"
""",
    {"sc": "Forbidden", "tso": "Forbidden"},
)

NAMES = tuple(
    both(
        f"""X86 {name}
{{ {name}=1; }}
 P0           | P1              ;
 MOV [{name}],$2 | MOV EAX,[{name}] ;
 JMP out      | JMP on          ;
 out:         | on:             ;
exists (1:EAX=2 /\\ {name}=2)
""",
        "Allowed",
    )
    for name in ("pte", "mfence", "lock", "x86", "outcomes", "no_deadlock", "P0", "EAX_", "none",
                 "frame", "store_buffer", "hit", "flushes", "on", "P1_EAX", "current", "old")
)  # fmt: skip

FILTERED = (
    both(
        """X86 filtered
{ }
 P0         | P1          ;
 MOV [a],$1 | MOV EAX,[b] ;
 MOV [b],$1 | MOV EBX,[a] ;
filter (1:EAX=1)
forall (1:EBX=1)
""",
        "Required",
    ),
    both(
        """X86 filtered_out
{ }
 P0         | P1          ;
 MOV [a],$1 | MOV EAX,[b] ;
 MOV [b],$1 | MOV EBX,[a] ;
locations [b;]
filter (1:EAX=1)
exists (1:EBX=0)
""",
        "Forbidden",
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
