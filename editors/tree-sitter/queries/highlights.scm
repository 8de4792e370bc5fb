; Written by editors/generate.py from grammar/vocabulary.py; not edited by hand.

(comment) @comment
(string) @string
(integer) @number
(access) @function.builtin
(load_word) @function.builtin
(trylock_word) @function.builtin
(call_word) @keyword.control

["scenario" "module" "import" "source" "claim"] @keyword.directive
["param" "knob" "extend" "const" "profile" "machine"] @keyword.modifier
["file" "mm" "map" "enum" "struct" "each" "var" "ghost" "quiet" "hardware" "spinlock" "mutex" "rwsem" "bitlock" "init" "stale"] @keyword
["version" "bool" "queue" "set" "of"] @type.builtin
["proc" "override" "hook" "agent" "step" "prompt" "may" "busy" "ordered" "concurrent" "thread" "daemon"] @keyword.function
["let" "call" "if" "else" "for" "repeat" "as" "while" "choose" "await" "atomic" "goto" "return" "break" "continue" "exit" "mark"] @keyword.control
["store" "xchg" "cmpxchg" "acquire" "release" "fence" "flush" "lock" "unlock" "read" "write" "others"] @function.builtin
["property" "check" "always" "finally" "reachable" "eventually" "leads" "to" "after" "assert" "BUG" "expect" "holds" "violated" "vacuous" "outcomes" "at" "by" "when" "reject" "otherwise"] @keyword
["on" "in" "and" "or" "not" "implies" "with" "then" "all" "any" "count"] @keyword.operator
["true" "false" "none" "fresh" "cpu" "frame"] @constant.builtin
((identifier) @variable.builtin
 (#any-of? @variable.builtin "this_cpu" "this_mm" "current" "anon"))
(proc . (identifier) @function)
(hook . (identifier) @function)
(on_hook . (identifier) @function)
(call . (identifier) @function)
(agent . (identifier) @function)
(step . (identifier) @function)
(scenario . (identifier) @type)
(thread . (identifier) @type)
(struct . (identifier) @type)
(enum . (identifier) @type)
(property . (identifier) @type)
(profile . (identifier) @type)
(called (call_word) . (identifier) @function)
(module (dotted (identifier) @type))
(label (identifier) @label)
