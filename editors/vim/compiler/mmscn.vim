" `:make` checks the file, and what is wrong is in the quickfix list.
if exists("current_compiler")
  finish
endif
let current_compiler = "mmscn"

CompilerSet makeprg=mmscn\ check\ --color\ never\ %:S
CompilerSet errorformat=%Eerror\ MM%n:\ %m,%Wwarning\ MM%n:\ %m,%C%*\\s-->\ %f:%l:%c,%-G%.%#
