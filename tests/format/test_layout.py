"""What the canonical layout looks like: a text, and how it is left."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mmscn.diagnostics import Rejected
from mmscn.source import Source
from mmscn.syntax.format import formatted


def layout(text: str) -> str:
    return formatted(Source("text", dedent(text)))


def leaves(text: str) -> None:
    """The text is in canonical layout already."""
    assert layout(text) == dedent(text).lstrip("\n")


# ---- words and lines --------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("param  K=1|2 |3", "param K = 1 | 2 | 3"),
        ("machine x86{cpus NW+ 2;ad=-1}", "machine x86 { cpus NW + 2; ad = -1 }"),
        ("machine x86 { cpus(NW + 2) }", "machine x86 { cpus (NW + 2) }"),
        ("map buf=data [0 .. 1]shared rw", "map buf = data[0..1] shared rw"),
        ("map A->frame 0", "map A -> frame 0"),
        ("var t [ va,0 .. N - 1 ] :bool", "var t[va, 0..N - 1]: bool"),
        ("proc f ( a,b ) when(a==b){ }", "proc f(a, b) when (a == b) { }"),
        ("init{set pte (A) .dirty=a -1}", "init { set pte(A).dirty = a - 1 }"),
        ("init { lock x for   read{ } }", "init { lock x for read { } }"),
        ("init { x = a not   in[b,c] }", "init { x = a not in [b, c] }"),
        ("init { again :;await all c in cpu :not c.q }", "init { again:; await all c in cpu: not c.q }"),
        ("agent g [ c in cpu ] { }", "agent g[c in cpu] { }"),
        ("claim\t'A', 'B'".replace("'", '"'), 'claim "A", "B"'),
        ("thread t on cpu(c) { }", "thread t on cpu (c) { }"),
        ("init { /* a */ x = f(/* b */y /* c */ ,z) }", "init { /* a */ x = f(/* b */ y /* c */, z) }"),
        ("init {\n}", "init { }"),
    ],
)  # fmt: skip
def test_blanks_between_words(line: str, expected: str) -> None:
    assert layout(line) == expected + "\n"


def test_an_empty_text_stays_empty() -> None:
    assert layout(" \n\n") == ""


def test_carriage_returns_go() -> None:
    assert layout("var a: bool // x\r\nvar b: bool\r\n") == "var a: bool  // x\nvar b: bool\n"


def test_a_statement_has_its_line_in_a_block_of_several_lines() -> None:
    assert layout("init { a = 1; b = 2\n c = 3 }") == dedent("""\
        init {
          a = 1
          b = 2
          c = 3
        }
        """)


def test_one_empty_line_is_a_paragraph_and_more_are_no_more() -> None:
    assert layout(
        "\n\nvar a: bool\n\n\n\nvar b: bool\ninit {\n\n x = 1\n\n y = 2\n\n}\n\n"
    ) == dedent(
        """\
        var a: bool

        var b: bool
        init {
          x = 1

          y = 2
        }
        """
    )


def test_a_semicolon_stays_where_the_next_line_would_go_on() -> None:
    leaves("""\
        init {
          x = 1;
          when = 2
        }
        """)


# ---- blocks -----------------------------------------------------------------


def test_a_block_on_one_line_stays_there() -> None:
    leaves("""\
        agent gpu {
          step fill when entry == none { entry = walk(buf); done = true }
        }
        """)


def test_a_block_that_does_not_fit_on_its_line_is_opened() -> None:
    long = "x" * 90
    assert layout(f"init {{ if {long} {{ a = 1; b = 2 }} }}") == dedent(f"""\
        init {{
          if {long} {{
            a = 1
            b = 2
          }}
        }}
        """)


def test_the_branches_of_an_if_are_open_together() -> None:
    assert layout("init { if a { x = 1 } else {\n y = 2; z = 3 } }") == dedent("""\
        init {
          if a {
            x = 1
          } else {
            y = 2
            z = 3
          }
        }
        """)


def test_branches_that_begin_lines_have_their_braces_below_each_other() -> None:
    assert layout("""
        init {
          if order == flush_first { flush A on all; set pte(A) = none }
          else { set pte(A) = none; flush A on all }
          choose { call pick(c, 0) }
          or { call pick(c, 1) }
        }
        """) == dedent("""\
        init {
          if order == flush_first { flush A on all; set pte(A) = none }
          else                    { set pte(A) = none; flush A on all }
          choose { call pick(c, 0) }
              or { call pick(c, 1) }
        }
        """)


def test_branches_on_one_line_stay_there() -> None:
    leaves("""\
        init {
          if a { x = 1 } else if b { x = 2 } else { x = 3 }
          choose { x = 1 } or { x = 2 }
        }
        """)


def test_outcomes_are_a_block_with_something_behind() -> None:
    assert layout("expect outcomes {\n a == 1;b == 2 } when c") == dedent("""\
        expect outcomes {
          a == 1
          b == 2
        } when c
        """)


# ---- long lines -------------------------------------------------------------


def test_a_condition_is_broken_before_an_operator() -> None:
    assert layout("""
        agent reclaim {
          step drop when incache[page] and not locked[page] and not dirty[page] and mapcount[page] == 0 and refcount[page] == 1 { }
        }
        """) == dedent("""\
        agent reclaim {
          step drop when incache[page] and not locked[page] and not dirty[page] and mapcount[page] == 0
                         and refcount[page] == 1 { }
        }
        """)  # fmt: skip


def test_the_weakest_operator_is_broken_first() -> None:
    assert layout("""
        finally all v in va: v.filepage != none and wants_writenotify(v.filepage.file.fs) and v.pte.present and v.pte.write implies v.pte.page.dirty
        """) == dedent("""\
        finally all v in va: v.filepage != none and wants_writenotify(v.filepage.file.fs) and v.pte.present
                and v.pte.write
                implies v.pte.page.dirty
        """)  # fmt: skip


def test_a_clause_that_fits_gets_a_line_of_its_own() -> None:
    assert layout("""
        expect violated "read back what was written" when mapped_exit == lockfree and zap in [rc2, delayed_rmap]
        proc cpu_store(v, value) when ad not in [recheck_nonatomic, blind_or, byte_store, software_nocheck] {
          a = 1
        }
        """) == dedent("""\
        expect violated "read back what was written"
          when mapped_exit == lockfree and zap in [rc2, delayed_rmap]
        proc cpu_store(v, value)
            when ad not in [recheck_nonatomic, blind_or, byte_store, software_nocheck] {
          a = 1
        }
        """)  # fmt: skip


def test_values_go_on_below_the_equals_sign() -> None:
    assert layout("""
        knob ad = recheck | recheck_nonatomic | blind_or | byte_store | writeback_or | writeback_if_present | software
        """) == dedent("""\
        knob ad = recheck | recheck_nonatomic | blind_or | byte_store | writeback_or | writeback_if_present
                | software
        """)  # fmt: skip


def test_line_ends_of_the_author_stay_at_natural_places() -> None:
    leaves("""\
        knob spec_fill = on | off
          "may the walker fill a TLB when no instruction asked for it"
        expect violated x
          when y
        check a,
              b
        """)


def test_an_operator_begins_its_line() -> None:
    assert layout("always a and\n  b.\n  c") == "always a\n       and b.c\n"


# ---- comments ---------------------------------------------------------------


def test_comments_at_line_ends_are_aligned_in_runs() -> None:
    assert layout("""
        var tlb: bool // one
        var pend: 0..7    // two
        var x: bool
        init { // three
          x = 1 // four
        }
        """) == dedent("""\
        var tlb: bool   // one
        var pend: 0..7  // two
        var x: bool
        init {  // three
          x = 1  // four
        }
        """)


def test_comments_in_one_column_stay_so_over_lines_without() -> None:
    assert layout("""
        var tlb: bool         // one
        var x: bool
        var pending: 0..7     // two
        """) == dedent("""\
        var tlb: bool      // one
        var x: bool
        var pending: 0..7  // two
        """)


def test_a_comment_goes_on_below_itself() -> None:
    assert layout("""
        var tlb: bool     // of each writer,
                          // may be stale
        // of all
        var x: bool
        """) == dedent("""\
        var tlb: bool  // of each writer,
                       // may be stale
        // of all
        var x: bool
        """)


def test_comments_on_their_own_lines_are_indented_like_what_follows() -> None:
    assert layout("""
            // first
        init {
        // one
                /* two
                   three */
          a = 1
          // last
        }
          // end
        """) == dedent("""\
        // first
        init {
          // one
          /* two
             three */
          a = 1
          // last
        }
        // end
        """)


def test_a_comment_before_a_brace_goes_into_the_block() -> None:
    assert layout("init { atomic // why\n { a = 1 } }") == dedent("""\
        init {
          atomic {  // why
            a = 1
          }
        }
        """)


def test_a_comment_behind_a_brace_that_is_moved_stays_with_its_line() -> None:
    assert layout("init { a = 1\n b = 2 } // the IO") == dedent("""\
        init {
          a = 1
          b = 2  // the IO
        }
        """)


def test_comments_in_lists_stay_where_they_are() -> None:
    leaves("""\
        param zap = rc2  // as in 3.15-rc2
                  // and the fixes
                  | dirty_in_gather
                  | linus_final /* 1cf35d47 */ | delayed_rmap
        enum Pte {
          NONE,  // not present
          RO,
          RW
        }
        check no_lost_write,  // the flagship
              no_use_after_free
        """)


# ---- columns ----------------------------------------------------------------


def test_columns_that_the_author_aligned_stay_aligned() -> None:
    assert layout("""
        agent gpu {
          step fill   when entry==none     { entry = walk(buf) }
          step write  when entry != none   { write = 1 }
        }
        expect violated lost      when zap == rc2
        expect holds              otherwise
        """) == dedent("""\
        agent gpu {
          step fill   when entry == none  { entry = walk(buf) }
          step write  when entry != none  { write = 1 }
        }
        expect violated lost  when zap == rc2
        expect holds          otherwise
        """)


def test_columns_that_are_not_aligned_are_single_blanks() -> None:
    assert layout("param zap  = 1\nparam mapped =  2\n") == "param zap = 1\nparam mapped = 2\n"


def test_columns_that_do_not_fit_are_single_blanks() -> None:
    title = '"' + "x" * 75 + '"'
    assert layout(f'param A = 1 | 2 | 3 | 4  "a"\nparam B = 1              {title}\n') == (
        f'param A = 1 | 2 | 3 | 4 "a"\nparam B = 1 {title}\n'
    )


# ---- what is left alone -----------------------------------------------------


def test_a_text_with_syntax_errors_is_rejected() -> None:
    with pytest.raises(Rejected) as caught:
        layout("scenario x\nvar = 3\n")
    assert caught.value.diagnostics[0].span.line == 2
