;;; mmscn-mode.el --- scenarios of TLB and page-table races  -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "28.1"))
;; Version: 0.1.0
;; Keywords: languages
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; Colours, comments, indentation and the outline of files `*.mmscn'; `M-x compile' checks the file.
;; With Eglot (in Emacs 29), `M-x eglot' starts the language server, `mmscn lsp'.

;;; Code:

(require 'compile)
(require 'mmscn-words)

(defvar mmscn-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23" table)
    (modify-syntax-entry ?\n "> b" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?\" "\"" table)
    table)
  "Comments as in C, strings in double quotes.")

(defvar mmscn-font-lock-keywords
  `(("\\_<\\(?:scenario\\|module\\|import\\)[ \t]+\\([A-Za-z_][A-Za-z0-9_.]*\\)"
     1 font-lock-constant-face)
    ("\\_<\\(?:proc\\|hook\\|call\\)[ \t]+\\([A-Za-z_][A-Za-z0-9_]*\\)"
     1 font-lock-function-name-face)
    ("\\_<\\(?:thread\\|agent\\|struct\\|enum\\|property\\|profile\\|machine\\)[ \t]+\\([A-Za-z_][A-Za-z0-9_]*\\)"
     1 font-lock-type-face)
    ("^[ \t]*\\([A-Za-z_][A-Za-z0-9_]*\\):\\(?:[ \t]\\|$\\)" 1 font-lock-constant-face)
    ,@mmscn-words)
  "What `mmscn-mode' colours.")

(defvar mmscn-indent-offset 2
  "Columns that what is in braces is moved to the right.")

(defun mmscn-indent-line ()
  "Indent the line by the brackets that are open in front of it."
  (interactive)
  (let* ((state (save-excursion (syntax-ppss (line-beginning-position))))
         (closes (save-excursion (back-to-indentation) (looking-at "[]})]")))
         (depth (max 0 (- (car state) (if closes 1 0))))
         (behind (- (point-max) (point))))
    (unless (or (nth 3 state) (nth 4 state))
      (indent-line-to (* mmscn-indent-offset depth))
      (when (> (- (point-max) behind) (point))
        (goto-char (- (point-max) behind))))))

(defconst mmscn-errors
  '("^\\(?:error\\|\\(warning\\)\\) MM[0-9]+: .*\n *--> \\([^:\n]+\\):\\([0-9]+\\):\\([0-9]+\\)"
    2 3 4 (1))
  "Where a message of `mmscn check' stands in the text.")

(add-to-list 'compilation-error-regexp-alist-alist (cons 'mmscn mmscn-errors))
(add-to-list 'compilation-error-regexp-alist 'mmscn)

;;;###autoload
(define-derived-mode mmscn-mode prog-mode "mmscn"
  "Major mode for scenarios of TLB and page-table races."
  (setq-local comment-start "// ")
  (setq-local comment-start-skip "\\(?://+\\|/\\*+\\)[ \t]*")
  (setq-local comment-end "")
  (setq-local font-lock-defaults '(mmscn-font-lock-keywords))
  (setq-local indent-line-function #'mmscn-indent-line)
  (setq-local imenu-generic-expression
              '((nil "^[ \t]*\\(?:proc\\|thread\\|agent\\|property\\)[ \t]+\\([A-Za-z0-9_]+\\)" 1)))
  (when buffer-file-name
    (setq-local compile-command
                (concat "mmscn check --color never "
                        (shell-quote-argument (file-name-nondirectory buffer-file-name))))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.mmscn\\'" . mmscn-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(mmscn-mode "mmscn" "lsp")))

(provide 'mmscn-mode)
;;; mmscn-mode.el ends here
