"""`mmscn mail` and `mmscn verify`."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.command import Command, Ended, mmscn

from mmscn.documents.claims import EXPECTED, Claim, read

__all__ = ["mmscn"]

BROKEN = """scenario lost "Two threads count"
param how = two_steps | one_step
var counter: 0..2
concurrent {
  thread a on cpu 0 { if how == two_steps { let seen = counter; counter = seen + 1 } else { counter += 1 } }
  thread b on cpu 1 { counter += 1 }
}
finally "both are counted" counter == 2
expect violated "both are counted" when how == two_steps
"""  # noqa: E501 (the line is the scenario's)


@pytest.fixture
def verify(mmscn: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """verify(text): the answer to a mail on the standard input."""

    def run(text: str) -> Ended:
        stream = SimpleNamespace(buffer=io.BytesIO(text.encode()))
        monkeypatch.setattr("sys.stdin", stream)
        return mmscn("verify")

    return run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lost.mmscn"
    path.write_text(BROKEN)
    return path


def above(mail: str) -> list[str]:
    """The lines above the scissors."""
    return mail.partition("\n-- >8 -- ")[0].splitlines()


@pytest.mark.parametrize("name", ["racewrite", "flush_before_clear"])
def test_a_mail_is_short_and_narrow(name: str, mmscn: Command) -> None:
    ended = mmscn("mail", name)
    assert ended.code == 0
    lines = above(ended.out)
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 72
    assert lines[0].startswith(f"Subject: {name}: ")
    text = ended.out.partition(f"\n-- >8 -- {name}.mmscn\n")[2]
    assert f"scenario {name} " in text


def test_a_mail_says_what_breaks_what_holds_and_how_to_find_it(path: Path, mmscn: Command) -> None:
    mail = mmscn("mail", str(path)).out
    lines = above(mail)
    assert lines[0] == 'Subject: lost: VIOLATED "both are counted"'
    assert any("<--- VIOLATED" in line for line in lines)
    assert "Assumed: there are 2 CPUs" in mail
    at = lines.index('  VIOLATED "both are counted"')
    assert "".join(lines[at + 1 :]).replace("\\", "").split("HOLDS")[0].split() == (
        ["mmscn", "run", "lost.mmscn", "-D", "how=two_steps"]
    )
    assert any(x.startswith("  HOLDS (") for x in lines)
    assert mail.endswith(f"-- >8 -- lost.mmscn\n{BROKEN}")


def test_a_mail_of_what_holds_has_no_drawing(mmscn: Command) -> None:
    lines = above(mmscn("mail", "holds.mmscn").out)
    assert lines[0] == "Subject: holds: HOLDS"
    assert "Nothing is broken: all orders of the steps were searched." in lines


def test_what_a_mail_claims_stands(path: Path, mmscn: Command, verify: Command) -> None:
    ended = verify(mmscn("mail", str(path)).out)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "3 claims: 3 stand"


REPLIES = {
    "quoted": lambda mail: "I doubt it:\n\n" + "".join(f"> {x}\n" for x in mail.splitlines()),
    "dos": lambda mail: mail.replace("\n", "\r\n"),
    "headers": lambda mail: f"From: a@b.example\nTo: c@d.example\n{mail}",
    "signed": lambda mail: f"{mail}-- \nsomebody\n",
    "encoded": lambda mail: (
        "From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\n\n"
        + mail.replace("=", "=3D").replace("counter: ", "counter: =\n")
    ),
}


@pytest.mark.parametrize("how", REPLIES)
def test_a_mail_is_read_whatever_mailers_do_to_it(
    how: str, path: Path, mmscn: Command, verify: Command
) -> None:
    ended = verify(REPLIES[how](mmscn("mail", str(path)).out))
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "3 claims: 3 stand")


def test_a_claim_that_the_text_does_not_bear_out_falls(
    path: Path, mmscn: Command, verify: Command
) -> None:
    mail = mmscn("mail", str(path)).out
    mended = mail.replace("let seen = counter; counter = seen + 1", "counter += 1")
    ended = verify(mended)
    assert ended.code == 1
    lines = ended.out.splitlines()
    assert lines[1:3] == ["  does not stand", "  found: HOLDS with how=two_steps"]
    assert lines[-1] == "3 claims: 1 stands, 2 do not stand"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("nothing at all", 2, ""),
        ("try this:\n    $ mmscn run flush_before_clear --diagrams all", 0, "1 claim: 1 stands"),
        ("VIOLATED\n  mmscn run flush_before_clear -D order=clear_first", 1, "does not stand"),
        ("HOLDS\n  mmscn run flush_before_clear -D order=clear_first", 0, "stands"),
        ("HOLDS\n  mmscn run flush_before_clear -D \\\n     order=clear_first", 0, "stands"),
        ("mmscn run /etc/passwd", 2, "the text of /etc/passwd is not there"),
        ("mmscn run nothing_like_it", 2, "cannot be verified"),
        ("mmscn run flush_before_clear -D order=other", 2, "MM213"),
        ("mm1:flush_before_clear:order=flush_first,spec_fill=on:000000:BwAG", 1, "has changed"),
        ("```mmscn\nscenario s\nvar x: bool\nthread t { x = true }\n```", 1, "nothing was asked"),
        ("```mmscn\nscenario s\nvar x: bool\nthread t { x = true }\nfinally x\n```", 0, "1 stands"),
        ("```mmscn\nscenario s\nvar x: bool\nthread t { }\nfinally x\n```", 1, "does not stand"),
    ],
    ids=range(12),
)
def test_what_is_claimed_is_judged(text: str, code: int, said: str, verify: Command) -> None:
    ended = verify(text)
    assert (ended.code, said in ended.out) == (code, True)


def test_own_modules_travel_with_the_mail(tmp_path: Path, mmscn: Command, verify: Command) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "adder.mmscn").write_text(
        "module own.adder\nproc add(var c) { c = true }\n"
    )
    path = tmp_path / "uses.mmscn"
    path.write_text(
        "scenario uses\nimport own.adder\nvar x: bool\n"
        "thread t on cpu 0 { call add(x) }\nfinally \"x is set\" x\n"
    )
    mail = mmscn("mail", str(path)).out
    assert "-- >8 -- own/adder.mmscn\nmodule own.adder\n" in mail
    assert verify(mail).code == 0
    assert verify(mail.replace("c = true", "c = false")).code == 1


def test_only_what_a_command_says_of_the_scenario_is_read() -> None:
    found = read("mmscn run x.mmscn -D a=1 --time 5 -D b=2 --json; rm -rf /\n")
    assert found.claims == (Claim(EXPECTED, "", "x.mmscn", ("a=1", "b=2")),)
