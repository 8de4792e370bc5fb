if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s comments=s1:/*,mb:*,ex:*/,://
setlocal shiftwidth=2 softtabstop=2 expandtab
setlocal suffixesadd=.mmscn
" `gf` on the name of a module opens it.
setlocal includeexpr=substitute(v:fname,'\\.','/','g')
compiler mmscn

let b:undo_ftplugin = "setlocal commentstring< comments< shiftwidth< softtabstop< expandtab< suffixesadd< includeexpr< makeprg< errorformat<"
