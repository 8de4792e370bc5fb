"""Every diagnostic of checking and lowering, on the line that it hits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from support.check.expected import Hit, diagnostics_of, expected, mismatches

import mmscn.check
import mmscn.lower

ELSEWHERE = {  # shown by test_names.py or by their own examples
    "MM203": "in a module",
    "MM205": "in a module",
    "MM213": "comes from -D",
    "MM216": "found before elaboration",
    "MM217": "of several files",
    "MM218": "of several files",
    "MM219": "of several files",
    "MM220": "in a module",
    **{f"MM60{n}": "a warning" for n in range(1, 9)},
    "MM609": "a warning",
    "MM610": "a warning",
    "MM312": "said by a module",
    "MM221": "found before elaboration",
}

TEXTS = r"""
scenario s
extend struct translation { dirty: bool }  // error: MM206 "`translation` has `dirty` already"
extend struct entry { asid: 0..3 }  // error: MM207 "there is no struct `entry` to extend"
extend knob evict | later | off  // error: MM206 "`evict` has `off` already"
extend knob evicts | later  // error: MM207 "there is no knob `evicts` to extend"
var x: bool
thread a { x = true }
---
scenario s
var x: 0..3
const A = B + 1  // error: MM315 "`A` is made of itself"
const B = A  // error: MM315 "is made of itself"
const C = x  // error: MM315 "`C` is not known before the run"
thread a { x = A }
---
scenario s
machine x86 { cpus 2 }
map A -> frame 0
var x: 0..3
var bits: set of frame
thread a {
  flush A on x  // error: MM302 "a CPU or a set of CPUs is wanted here, not a number"
  flush A on bits  // error: MM302 "a CPU or a set of CPUs is wanted here, not an array"
  flush A on frame 0  // error: MM302 "not a frame"
}
---
scenario s
struct pair { on: bool; n: 0..1 }
var p: pair
var x: 0..3
proc f(v) { x = v }
thread a {
  p = p with on = true, n = 1  // error: MM316 "no member of this pair stays as it was"
  p = pair(of = 1)  // error: MM208 "a pair has no member `of`"
  p = pair(on = true, on = false)  // error: MM206 "`on` is said twice"
  p = pair(n = 2)  // error: MM302 "2 is not one of 0, 1"
  p = x with on = true  // error: MM302 "`with` gives a struct other members, and this is a number"
  p = none with on = true  // error: MM302 "this is `none`"
}
---
scenario s
var x: 0..3
proc f(v) { x = v }
thread a {
  x = couple(on = 1)  // error: MM207 "there is no struct `couple`"
  call f(3)
  x = f(v = 3)  // error: MM207 "there is no struct `f`"
}
---
scenario s
var x: 0..3
var b: bool
proc one() { x = 1; return x }
proc two() { x = 1; return x, 2 }
proc either() {
  if b { return 1, 2 }
  return 3  // error: MM411 "1 value here, and the procedure returns 2 values"
}
proc none_at_all() { x = 1 }
thread a {
  let p, q = one()  // error: MM411 "2 values here, and the procedure returns 1 value"
  let r = two()  // error: MM411 "this procedure returns 2 values"
  let s, u, v = two()  // error: MM411 "3 values here, and the procedure returns 2 values"
  let i, j = x + 1  // error: MM411 "this is one value"
  let k, l = none_at_all()  // error: MM211 "this procedure returns nothing"
  choose m in 1..0 { }  // error: MM412 "there is nothing to choose from"
  call either()
}
---
scenario s
var x: 0..3
var i: 0..1
proc up(var c) { c += 1 }
proc seen(var c) { return c }
proc given(v) {
  call up(v)  // error: MM410 "`var c` stands for a cell, and this is bound once"
}
thread a {
  call up(1)  // error: MM410 "`var c` stands for a cell, and this is a number"
  call up(x + 1)  // error: MM410 "this is a value"
  let y = x
  call up(y)  // error: MM410 "this is bound once"
  call given(x)
  assert seen(2) == 2  // error: MM410 "this is a number"
}
---
param P = 1  // error: MM201 "neither a scenario nor a module"
---
scenario s
import nowhere  // error: MM202 "there is no module `nowhere`"
---
scenario s
scenario t  // error: MM204 "stands alone"
---
scenario s
param P = 1
param P = 2  // error: MM206 "`P` is declared twice"
machine x86 { cpus 1 }
machine x86 { cpus 2 }  // error: MM206 "`machine` is declared twice"
enum E { A }
enum E { B }  // error: MM206 "`E` is declared twice"
struct S { a: bool }
struct S { a: bool }  // error: MM206 "`S` is declared twice"
hook h()
hook h()  // error: MM206 "`h` is declared twice"
property p { always true }
property p { always true }  // error: MM206 "`p` is declared twice"
---
scenario s
var x: bool
var x: 0..1  // error: MM206 "`x` is declared twice"
mutex x  // error: MM206 "`x` is declared twice"
---
scenario s
map A -> frame 0
map A -> frame 1  // error: MM206 "`A` is declared twice"
---
scenario s
thread t { }
thread t { }  // error: MM206 "two threads `t`"
---
scenario s
var x: bool
thread t {
  again:
  x = true
  again:  // error: MM206 "`again` stands here twice"
  x = false
}
---
scenario s
thread t {
  x = 1  // error: MM207 "nothing is named `x`"
  call f()  // error: MM207 "there is no procedure `f`"
  let a = f  // error: MM207 "nothing is named `f`"
}
---
scenario s
proc f() { }
var x: bool
thread t {
  x = f  // error: MM207 "`f` is a procedure"
}
---
scenario s
var a: nothing  // error: MM207 "there is no type `nothing`"
var b[nothing]: bool  // error: MM207 "there is no sort `nothing`"
var c: set of nothing  // error: MM207 "there is no sort `nothing`"
each nothing { var d: bool }  // error: MM207 "there is no sort `nothing`"
---
scenario s
machine vax { cpus 1 }  // error: MM207 "there is no machine `vax`"
---
scenario s
machine x86 {
  ads = recheck  // error: MM207 "there is no knob `ads`"
}
---
scenario s
map A = data  // error: MM207 "there is no file `data`"
---
scenario s
thread t on cpu 0 in nobody { }  // error: MM207 "there is no mm `nobody`"
---
scenario s
check nothing  // error: MM207 "there is no property `nothing`"
property p { always true }
check p after nothing  // error: MM207 "nothing marks `nothing`"
---
scenario s
var x: bool
always x implies current.refused  // error: MM207 "`current` has no meaning outside a thread"
---
scenario s
var x: bool
each frame { var d: bool }
mutex m
struct S { a: bool }
var st: S
var f: frame
thread t {
  x = st.b  // error: MM208 "a S has no member `b`"
  x = (frame 0).c  // error: MM208 "a frame has no `c`"
  x = f.c  // error: MM208 "a frame has no `c`"
  x = m.waiters  // error: MM208 "a lock has no `waiters`"
  x = x.y  // error: MM208 "has no `y`"
  x = d()  // error: MM208 "`d` wants an argument"
}
---
scenario s
proc f(a, b) { }
proc g(a) { return a }
property p(v) { always true }
check p  // error: MM209 "`p` takes 1 argument, not 0"
var x: bool
thread t {
  call f(1)  // error: MM209 "`f` takes 2 arguments, not 1"
  x = g()  // error: MM209 "`g` takes 1 argument, not 0"
}
---
scenario s
var x: bool
thread t {
  goto nowhere  // error: MM210 "no label `nowhere`"
}
thread u {
  break  // error: MM210 "no loop stands around this"
}
---
scenario s
var x: bool
thread t {
  if x {
    inner:
    x = false
  }
  goto inner  // error: MM210 "no label `inner` stands around this `goto`"
}
---
scenario s
agent a {
  step go {
    exit  // error: MM210 "only a thread can `exit`"
  }
}
---
scenario s
init {
  return  // error: MM210 "`return` stands in a procedure or thread"
}
---
scenario s
proc f() { }
thread t {
  let x = call f()  // error: MM211 "this procedure returns nothing"
}
---
scenario s
var b: bool
proc f() { if b { return 1 } }
proc g() { while true { if b { return 1 } } }
proc h() { if b { return 1 } else { return 2 } }
thread t {
  let x = call f()  // error: MM211 "`f` can end without a `return`"
  let y = call g()
  let z = call h()
  call f()
}
---
scenario s
param P = one | two
proc f() when P == three { }  // error: MM207 "nothing is named `three`"
thread t {
  call f()
}
---
scenario s
param P = one
proc f() when P != one { }
proc g() when P == one { }
proc g() when P == one { }
thread t {
  call f()  // error: MM212 "no variant of `f` applies"
  call g()  // error: MM212 "more than one variant of `g` applies"
}
---
scenario s
enum E { A; B }
var x: 0..3
var y: bool
var z: version
var e: E
mutex l
thread t {
  if x { }  // error: MM301 "a condition is wanted here, and this is a number"
  if z { }  // error: MM301 "a condition is wanted here, and this is a version"
  y = x == y  // error: MM301 "a number and a bool are never equal"
  y = e == x  // error: MM301 "never equal"
  y = l.owner == A  // error: MM301 "a thread and a word are never equal"
  y = e < A  // error: MM301 "`<` wants numbers"
  y = z < 1  // error: MM301 "a version has no order"
  z = z + 1  // error: MM301 "a version cannot be added to"
  y = z == x  // error: MM301 "a version is compared with a version or a constant"
  y = z == true  // error: MM301 "a version is compared with a version"
  y = z == 64  // error: MM301 "0 to 63"
  y = not x  // error: MM301 "a condition is wanted here"
}
---
scenario s
struct S { a: bool }
struct T { a: bool }
enum E { A; B }
var s: S
var u: T
var x: 0..3
var y: bool
var z: version
var e: E
thread t {
  x = 4  // error: MM302 "4 is not one of 0, 1, 2, 3"
  y = 1  // error: MM302 "1 is not one of false, true"
  x = z  // error: MM302 "a version is kept in a `version`"
  z = x  // error: MM302 "a version is wanted here, not a number"
  z = 64  // error: MM302 "a version is wanted here"
  s = u  // error: MM302 "a S is wanted here, not a T"
  e = x  // error: MM302 "is not one of A, B"
  for i in y { }  // error: MM302 "cannot be gone over"
}
---
scenario s
struct S { a: bool }
var bad: 0..3 = 4  // error: MM302 "the initial value is not one of the type's"
var worse: S = 1  // error: MM302 "a struct begins as `none`"
---
scenario s
var x: 0..3
init {  // error: MM302 "`x` cannot begin with this value"
  x = 3
  x = x + 1
}
---
scenario s
machine x86 {
  cpus few  // error: MM207 "nothing is named `few`"
}
---
scenario s
machine x86 {
  cpus true  // error: MM302 "a number is wanted here, not a bool"
}
---
scenario s
map A -> cpu 0  // error: MM302 "a frame is wanted here"
---
scenario s
thread t on cpu true { }  // error: MM302 "a cpu is wanted here"
---
scenario s
var b: bool
var v: version
proc f() {
  if b { return v }
  return b  // error: MM302 "a version is wanted here, not a bool"
}
proc g() {
  if b { return 1 }
  return true  // error: MM302 "the results of this procedure are of different kinds"
}
thread t {
  let x = call f()
  let y = call g()
  let z = if b then 1 else true  // error: MM301 "a number or a bool"
}
---
scenario s
machine x86 { cpus 2; frames 1 }
var a[0..1]: bool
var v: version
thread u on cpu 1 {
  a[2] = true  // error: MM303 "is not an index here"
  a[true] = true  // error: MM303 "is not an index here"
  a[v] = true  // error: MM303 "a version is not an index here"
  let f = frame 1  // error: MM303 "there is no frame 1"
}
---
scenario s
thread t on cpu 2 { }  // error: MM303 "there is no cpu 2"
---
scenario s
file data on ext4 { pages 2 }
map A = data[0..2]  // error: MM303 "`data` has no page 2"
---
scenario s
file data on ext4 { pages 2 }
map A = data
var x: bool
thread t {
  x = A[2] == none  // error: MM303 "`A` has no page 2"
  x = data[x] == none  // error: MM305 "the number of a page is fixed before the run"
}
---
scenario s
machine arm64 { memory = arm }
var x: 0..1
daemon thread t on cpu 0 {
  x = 1  // error: MM314 "`memory = arm` does not model a daemon that reads or writes memory"
}
---
scenario s
machine arm64 { memory = arm }
var x: 0..1
thread t on cpu 0 {
  while x == 0 { x = 1 }  // error: MM314 "a loop in which memory is read or written"
}
---
scenario s
machine arm64 { memory = arm }
var x: version
thread t on cpu 0 {
  x = fresh  // error: MM314 "`fresh`"
}
---
scenario s
machine arm64 { memory = arm }
var x: 0..1
thread t on cpu 0 {
  choose { x = 1 } or { x = 0 }  // error: MM314 "`choose`"
}
---
scenario s
machine arm64 { memory = arm }
map A -> frame 0
thread t on cpu 0 {
  flush A  // error: MM314 "what the hardware does within a thread"
}
---
scenario s
machine arm64 { memory = arm }
var x: 0..1
thread t on cpu 0 {
  repeat 49 { x = 1 }  // error: MM314 "more than 48 accesses between two full barriers"
}
---
scenario s
machine arm64 { memory = arm }
var x: 0..1
proc early() {
  atomic { if x == 0 { return }; x = 0 }  // error: MM314 "a jump out of an atomic step"
}
thread t on cpu 0 { call early() }
---
scenario s
var x: 0..1
thread t {
  fence everything        // error: MM313 "there is no `fence everything`"
  store acquire x = 1     // error: MM313 "a store does not acquire"
  let a = load release x  // error: MM313 "a load does not release"
}
---
scenario s
param p = 1 | 2
var x: 0..3
spinlock l
outcomes x, p  // error: MM317 "`p` is not kept in the state"
---
scenario s
var x: bool
thread t { x = true }
finally x leads to not x  // error: MM318 "`finally` leads to nothing"
eventually x leads to not x  // error: MM318 "`eventually` leads to nothing"
reachable finally x leads to not x  // error: MM318 "`reachable finally` leads to nothing"
---
scenario s
var x: 0..1
thread t { mark m; x = 1 }
check no_livelock after m  // error: MM318 "is about whole executions"
---
scenario s
var x: 0..1
thread t { x = 1 }
check no_livelock(x)  // error: MM209 "takes 0 arguments"
---
scenario s
var x: 0..1
thread t { mark m; x = 1 }
check no_deadlock after m  // error: MM318 "is about whole executions"
check in_range(x)  // error: MM209 "takes 0 arguments"
---
scenario s
var x: 0..1
thread t { x = 1 }
eventually x  // error: MM301 "a condition"
always x == 1 leads to x  // error: MM301 "a condition"
---
scenario s
var x: 0..1
thread t { x = 1 }
always x == 1 leads to z  // error: MM207 "`z`"
always y leads to x == 1  // error: MM207 "`y`"
---
scenario s
import hw.memory
param memory = arm
var x: bool
thread t { x = true }
eventually x  // error: MM314 "goes on for ever"
check no_livelock  // error: MM314 "goes on for ever"
---
scenario s
var x: 0..3
outcomes x == 1  // error: MM101 "`==`"
---
scenario s
var x: 0..3
var y[0..1]: bool
spinlock l
outcomes l  // error: MM317 "`l` is not kept in the state"
outcomes y[x]  // error: MM317 "`y[x]` is not kept in the state"
---
scenario s
param p = 1 | 2
each cpu { var seen[va]: frame }
map A -> frame 0
stale p of pte(v) for v in va { load when true }  // error: MM317 "`p` is not kept in the state"
stale c.seen[v] of c for c in cpu, v in va { load when true }  // error: MM317 "`c` is not kept"
---
scenario s
map A -> frame 0
stale c.tlb[v] of pte(v) for c in cpu, v in va {
  load when c.tlb[w].present  // error: MM207 "nothing is named `w`"
  store when v.pte.page       // error: MM301
}
---
scenario s
stale v.pte of v.pte for v in vas { load when true }  // error: MM207 "nothing is named `vas`"
---
scenario s
stale v.pte of v.pte for v in va { fetch when true }  // error: MM101 "`fetch` cannot stand here"
---
scenario s
var x: bool
each frame { var d: bool }
thread t {
  x = none.d  // error: MM304 "`none` has no `d`"
  let y = if x then none else none
  x = y.d  // error: MM304 "`none` has no `d`"
}
---
scenario s
var a[0..1]: 0..3
var b[0..2]: 0..3
var s: set of cpu
var u: set of frame
var e[0..1]: bool
var big[0..128]: bool
var x: 0..3
proc f(m) {
  m[cpu 0] = true  // error: MM405 "`m` is bound once"
}
thread t {
  a = b  // error: MM302 "an array with the indices 0, 1 is wanted here, not with 0, 1, 2"
  s = u  // error: MM302 "the indices cpu 0, cpu 1 is wanted here, not with p0"
  a = e  // error: MM302 "is not one of 0, 1, 2, 3"
  a = x  // error: MM302 "an array is wanted here, not a number"
  x = a  // error: MM302 "an array that needs an index is not a single value"
  let c = a
  c[0] = 1  // error: MM405 "`c` is bound once"
  c[x] = 1  // error: MM405 "`c` is bound once"
  x = c[5]  // error: MM303 "is not an index here"
  x = c[0, 1]  // error: MM305 "2 indices are too many"
  x = c[cpu 0]  // error: MM303 "is not an index here"
  let d = big  // error: MM502 "an array of 129 elements is no value, it has more than 128"
  assert a == b  // error: MM301 "are never equal"
  call f(s)
}
---
scenario s
param p = 1000000000000000000000000  // error: MM107 "it has 25 digits"
param q = 0000000001000000000  // error: MM107 "it has 10 digits"
param r = 0..12345678901  // error: MM107 "it has 11 digits"
file data on ext4 { pages 9999999999 }  // error: MM107 "it has 10 digits"
map A -> frame 99999999999  // error: MM107 "it has 11 digits"
var x: -1234567890..0  // error: MM107 "it has 10 digits"
---
scenario s
var a[0..1, 0..1]: bool
var b[0..1]: bool
var x: 0..2
var y: bool
thread t {
  y = a[0, 1, 0]  // error: MM305 "3 indices where 2 are wanted"
  y = b[0, 1]  // error: MM305 "2 indices where 1 is wanted"
  x = x[0]  // error: MM305 "has no index"
  y = a[0]  // error: MM302 "an array that needs an index"
}
---
scenario s
var x: 0..3
thread t {
  repeat x { }  // error: MM307 "this is decided before the run"
  for i in 0..x { }  // error: MM307 "this is decided before the run"
}
---
scenario s
var x: bool
proc f() when x { }  // error: MM307 "decided before the run, by params and knobs"
thread t {
  call f()
}

---
scenario s
thread t {
  var a = 1  // error: MM308 "the type of this variable does not follow"
  var b = none  // error: MM308 "the type of this variable does not follow"
  var c = true
}
---
scenario s
param P = none  // error: MM309 "words, numbers and ranges"
---
scenario s
machine x86 {
  ad = sometimes  // error: MM309 "the knob `ad` has no value sometimes"
}
---
scenario s
param ad = recheck | sometimes  // error: MM309 "the knob `ad` has no value sometimes"
---
scenario s
file data on ext4 { leaves 2 }  // error: MM310 "a file says"
map A -> frame 0 fast  // error: MM310 "a mapping has no attribute `fast`"
---
scenario s
machine x86 { cpus 1 }
thread t { }
thread u { }  // error: MM311 "`u` has no cpu"
---
scenario s
proc f() { call g() }
proc g() { call f() }  // error: MM401 "`f` calls itself: f -> g -> f"
thread t { call f() }
---
scenario s
var x: bool
proc f(a) { return g(a) }
proc g(a) { return f(a) }  // error: MM401 "calls itself"
thread t { x = f(x) }
---
scenario s
param P = 1
map A -> frame 0
mutex m
thread t {
  P = 2  // error: MM402 "this is fixed and cannot be assigned to"
  frame = none  // error: MM402 "fixed"
  m = none  // error: MM402 "cannot be assigned to"
  A.write = true  // error: MM402 "fixed"
}
---
scenario s
mutex m
agent a {
  step go {
    lock m  // error: MM403 "only a thread takes locks"
  }
}
---
scenario s
mutex m
var x: bool
thread t {
  lock x  // error: MM404 "a bool is not a lock"
  unlock x  // error: MM404 "a bool is not a lock"
  let got = trylock x  // error: MM404 "a bool is not a lock"
  lock m for read  // error: MM404 "a mutex has no mode"
}
---
scenario s
var x: 0..3
proc f(p) { p = 1 }  // error: MM405 "`p` is bound once"
thread t {
  let a = x
  a = 2  // error: MM405 "`a` is bound once"
  call f(x)
}
---
scenario s
mutex m
var x: bool
proc f() {
  lock m {
    return  // error: MM406 "jumps out of a `lock { }`"
  }
}
thread t {
  call f()
  while x {
    lock m {
      break  // error: MM406 "jumps out of a `lock { }`"
    }
  }
  lock m {
    while x {
      if x { break } else { continue }
    }
  }
  lock m {
    lock m {
      goto end  // error: MM406 "jumps out of a `lock { }`"
    }
  }
  end:
}
---
scenario s
var x: bool
init {  // error: MM407 "only assigns, decides and loops"
  await x
}
init {  // error: MM407 "an assertion of the init block fails"
  assert x
}
init {  // error: MM407 "this has no meaning before the run"
  x = fresh == fresh
}
---
scenario s
var x: bool
thread t {
  while true { let a = 1 }  // error: MM408 "`t` can loop for ever without a step"
}
---
scenario s
var x: bool
thread t {
  again:
  choose {  // error: MM408 "`t` can loop for ever without a step"
    goto again
  } or {
    x = true
  }
}
---
scenario s
var x: bool
thread t {
  atomic {  // error: MM408 "an atomic of `t` can loop for ever"
    while true { x = not x }
  }
}
---
scenario s  // error: MM408 "`t` can loop for ever without a step"
daemon thread t { let a = 1 }
---
scenario s
var x[0..99, 0..99]: bool  // error: MM501 "more than 4000 cells"
---
scenario s
machine x86 { cpus 9 }  // error: MM502 "9 is not between 1 and 8"
---
scenario s
param P = 5..4  // error: MM502 "no values or too many"
---
scenario s
param P = 1..64  // error: MM502 "more than 4096 combinations"
param Q = 1..65
---
scenario s
var x: 3..1  // error: MM502 "3..1 is no range"
var y: 0..2000  // error: MM502 "2000 is not between"
---
scenario s
var x: bool
thread t {
  repeat 65 { x = true }  // error: MM502 "65 is not between 0 and 64"
  for i in 0..256 { x = true }  // error: MM502 "more than 256 values"
}
---
scenario s
machine x86 { cpus 8 }
thread t[i in 0..12] on cpu 0 { }  // error: MM502 "more than 12 threads"
---
scenario s
var x: bool
thread t {
  repeat 64 { repeat 64 { repeat 8 { x = true } } }  // error: MM503 "more than 20000 statements"
}
---
scenario s
var x[0..15]: bool
thread t {
  atomic {  // error: MM504 "too many ways"
    for i in 0..15 { choose { x[i] = false } or { x[i] = true } }
  }
}
---
scenario s
var a: 0..200
var b: 0..200
var c: 0..200
thread t {
  await a + b + c == 300  // error: MM505 "depends on too much: a, b, c"
}
---
scenario s
var a: 0..15
var b: 0..15
var c: 0..15
var d: 0..15
var e: 0..15
var f: 0..15
var g: 0..15
thread t {
  if a + b + c + d + e + f + g < 100 { a = 1 }  // error: MM505 "depends on too much: a, b, c"
}
---
scenario s
var a: version
var b: version
thread t {
  atomic {
    a = fresh
    b = fresh  // error: MM506 "second `fresh` of one step"
  }
}
---
scenario s
mutex l
var x: 0..3
proc next() { x += 1; return x }
thread t {
  await trylock l  // error: MM409 "this takes steps"
  await next() == 1  // error: MM409 "`next` takes steps"
  if all i in 0..1: next() == i { x = 0 }  // error: MM409 "`next` takes steps"
  if (if x == 0 then next() else 1) == 1 { x = 0 }  // error: MM409 "`next` takes steps"
}
always call next() == 1  // error: MM409 "this takes steps"
agent a { step s when next() == 1 { x = 0 } }  // error: MM409 "`next` takes steps"
"""


def texts() -> list[str]:
    return [part.lstrip("\n") for part in TEXTS.split("---\n")]


def cases() -> list[ParameterSet]:
    """The texts; those that take seconds to reject are slow."""
    return [
        pytest.param(
            text,
            marks=[pytest.mark.slow] if "MM504" in text else [],
            id=re.sub(r"\W+", " ", text[11:40]).strip(),
        )
        for text in texts()
    ]


@pytest.mark.parametrize("text", cases())
def test_diagnostics_are_those_that_the_text_announces(text: str) -> None:
    assert mismatches(text) == []


@pytest.mark.parametrize(
    ("module", "line", "code"),
    [
        ("module other\nimport other\n", 2, "MM203"),
        ("scenario other\n", 1, "MM204"),
        ("module other\nparam p = 1 | 2\n", 2, "MM205"),
    ],
)
def test_diagnostics_of_a_module_stand_in_the_module(module: str, line: int, code: str) -> None:
    hits = [hit for hit, _ in diagnostics_of("scenario s\nimport other\n", {"other": module})]
    assert hits == [Hit(line, code)]


def test_every_code_is_shown_by_a_text() -> None:
    raised: set[str] = set()
    for package in (mmscn.check, mmscn.lower):
        for folder in package.__path__:
            for path in Path(folder).rglob("*.py"):
                raised |= set(re.findall(r'"(MM\d{3})"', path.read_text(encoding="utf-8")))
    shown = {hit.code for text in texts() for hit, _ in expected(text)}
    assert raised - shown - set(ELSEWHERE) == set()
