;;; mmscn-words.el --- the words of mmscn  -*- lexical-binding: t -*-
;; Written by editors/generate.py from grammar/vocabulary.py; not edited by hand.
;;; Code:

(defconst mmscn-words
  `(
    (,(regexp-opt '("scenario" "module" "import" "source" "claim") 'symbols) . font-lock-preprocessor-face)
    (,(regexp-opt '("param" "knob" "extend" "const" "profile" "machine") 'symbols) . font-lock-keyword-face)
    (,(regexp-opt '("file" "mm" "map" "enum" "struct" "each" "var" "ghost" "quiet" "hardware" "spinlock" "mutex" "rwsem" "bitlock" "init" "stale") 'symbols) . font-lock-keyword-face)
    (,(regexp-opt '("version" "bool" "queue" "set" "of") 'symbols) . font-lock-type-face)
    (,(regexp-opt '("proc" "override" "hook" "agent" "step" "prompt" "may" "busy" "ordered" "concurrent" "thread" "daemon") 'symbols) . font-lock-keyword-face)
    (,(regexp-opt '("let" "call" "if" "else" "for" "repeat" "as" "while" "choose" "await" "atomic" "goto" "return" "break" "continue" "exit" "mark") 'symbols) . font-lock-keyword-face)
    (,(regexp-opt '("store" "load" "xchg" "cmpxchg" "acquire" "release" "fence" "flush" "lock" "unlock" "trylock" "read" "write" "others") 'symbols) . font-lock-builtin-face)
    (,(regexp-opt '("property" "check" "always" "finally" "reachable" "eventually" "leads" "to" "after" "assert" "BUG" "expect" "holds" "violated" "vacuous" "outcomes" "at" "by" "when" "reject" "otherwise") 'symbols) . font-lock-keyword-face)
    (,(regexp-opt '("on" "in" "and" "or" "not" "implies" "with" "then" "all" "any" "count") 'symbols) . font-lock-keyword-face)
    (,(regexp-opt '("true" "false" "none" "fresh" "cpu" "frame") 'symbols) . font-lock-constant-face)
    (,(regexp-opt '("this_cpu" "this_mm" "current" "anon") 'symbols) . font-lock-builtin-face)
    )
  "What each word of the language looks like.")

(provide 'mmscn-words)
;;; mmscn-words.el ends here
