autocmd BufRead,BufNewFile *.mmscn setfiletype mmscn
