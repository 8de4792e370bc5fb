" Written by editors/generate.py from grammar/vocabulary.py; not edited by hand.
if exists("b:current_syntax")
  finish
endif

syntax case match
syntax match mmscnName "\<[A-Za-z_][A-Za-z0-9_]*\>"
syntax keyword mmscnHeader scenario module import source claim
syntax keyword mmscnVariation param knob extend const profile machine
syntax keyword mmscnDeclaration file mm map enum struct each var ghost quiet hardware spinlock mutex rwsem bitlock init stale
syntax keyword mmscnType version bool queue set of
syntax keyword mmscnComposition proc override hook agent step prompt may busy ordered concurrent thread daemon
syntax keyword mmscnStatement let call if else for repeat as while choose await atomic goto return break continue exit mark
syntax keyword mmscnOperation store load xchg cmpxchg acquire release fence flush lock unlock trylock read write others
syntax keyword mmscnCheck property check always finally reachable eventually leads to after assert BUG expect holds violated vacuous outcomes at by when reject otherwise
syntax keyword mmscnOperator on in and or not implies with then all any count
syntax keyword mmscnConstant true false none fresh cpu frame
syntax keyword mmscnName this_cpu this_mm current anon
syntax match mmscnNumber "\<[0-9]\+\>"
syntax match mmscnLabel "^\s*\zs[A-Za-z_][A-Za-z0-9_]*\ze:\(\s\|$\)"
syntax region mmscnString start=+"+ skip=+\\.+ end=+"+ oneline
syntax match mmscnComment "//.*$" contains=@Spell
syntax region mmscnComment start="/\*" end="\*/" contains=@Spell

highlight default link mmscnHeader Include
highlight default link mmscnVariation StorageClass
highlight default link mmscnDeclaration Structure
highlight default link mmscnType Type
highlight default link mmscnComposition Structure
highlight default link mmscnStatement Statement
highlight default link mmscnOperation Function
highlight default link mmscnCheck Keyword
highlight default link mmscnOperator Operator
highlight default link mmscnConstant Constant
highlight default link mmscnName Identifier
highlight default link mmscnNumber Number
highlight default link mmscnLabel Label
highlight default link mmscnString String
highlight default link mmscnComment Comment

let b:current_syntax = "mmscn"
