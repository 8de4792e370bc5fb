// What the grammar tells by looking ahead, and which line ends end a statement: grammar/mmscn.lark
// and dsl/syntax/newlines.py say the same.

#include <stdbool.h>
#include <string.h>
#include <tree_sitter/parser.h>

// In the order of `externals` in grammar.js.
enum token { NEWLINE, FIELD_COMMA, ACCESS, CALL_WORD, LOAD_WORD, TRYLOCK_WORD };

enum { WORD_MAX = 16 };

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f'; }

static bool begins_name(int32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_in_name(int32_t c) { return begins_name(c) || (c >= '0' && c <= '9'); }

// Reads a word; one that is longer than any that matters is cut.
static void word(TSLexer *lexer, char read[WORD_MAX]) {
    unsigned length = 0;
    while (is_in_name(lexer->lookahead)) {
        if (length < WORD_MAX - 1)
            read[length++] = (char)lexer->lookahead;
        lexer->advance(lexer, false);
    }
    read[length] = '\0';
}

static bool is_one_of(const char *read, const char *const *words) {
    for (; *words; words++)
        if (strcmp(read, *words) == 0)
            return true;
    return false;
}

static void blanks(TSLexer *lexer) {
    while (is_blank(lexer->lookahead))
        lexer->advance(lexer, false);
}

// Goes past blanks, line ends and comments; false where a `/` begins no comment.
static bool gap(TSLexer *lexer) {
    for (;;) {
        if (is_blank(lexer->lookahead) || lexer->lookahead == '\n') {
            lexer->advance(lexer, false);
        } else if (lexer->lookahead == '/') {
            lexer->advance(lexer, false);
            if (lexer->lookahead == '/') {
                while (lexer->lookahead != '\n' && !lexer->eof(lexer))
                    lexer->advance(lexer, false);
            } else if (lexer->lookahead == '*') {
                int32_t before = 0;
                lexer->advance(lexer, false);
                while (!lexer->eof(lexer) && !(before == '*' && lexer->lookahead == '/')) {
                    before = lexer->lookahead;
                    lexer->advance(lexer, false);
                }
                lexer->advance(lexer, false);
            } else {
                return false;
            }
        } else {
            return true;
        }
    }
}

static const char *const GO_ON[] = {"else", "or",        "and",   "implies", "then",
                                    "when", "otherwise", "after", NULL};
static const char *const BEHIND_A_NAME[] = {"and",  "or",   "implies", "in", "not",   "then",
                                            "else", "when", "on",      "as", "after", NULL};

// Whether a line that begins here goes on from the line before.
static bool goes_on(TSLexer *lexer) {
    char read[WORD_MAX];
    if (lexer->lookahead == '|' || lexer->lookahead == ')' || lexer->lookahead == ']' ||
        lexer->lookahead == '"' || lexer->lookahead == '{')
        return true;
    if (!begins_name(lexer->lookahead))
        return false;
    word(lexer, read);
    if (strcmp(read, "leads") == 0) {
        blanks(lexer);
        word(lexer, read);
        return strcmp(read, "to") == 0;
    }
    return is_one_of(read, GO_ON);
}

static bool newline(TSLexer *lexer) {
    bool semicolon = false;
    lexer->result_symbol = NEWLINE;
    while (is_blank(lexer->lookahead) || lexer->lookahead == '\n' || lexer->lookahead == ';') {
        semicolon |= lexer->lookahead == ';';
        lexer->advance(lexer, false);
    }
    lexer->mark_end(lexer);
    return semicolon || !gap(lexer) || !goes_on(lexer);
}

// `load x`, but `load + 1`: whether an operand stands behind a word.
static bool operand_follows(TSLexer *lexer) {
    char read[WORD_MAX];
    if (lexer->lookahead != ' ' && lexer->lookahead != '\t')
        return false;
    blanks(lexer);
    if (lexer->lookahead == '(')
        return true;
    if (!begins_name(lexer->lookahead))
        return false;
    word(lexer, read);
    return !is_one_of(read, BEHIND_A_NAME);
}

static bool call_follows(TSLexer *lexer) {
    char read[WORD_MAX];
    if (is_in_name(lexer->lookahead) || !gap(lexer) || !begins_name(lexer->lookahead))
        return false;
    word(lexer, read);
    return gap(lexer) && lexer->lookahead == '(';
}

static bool when_follows(TSLexer *lexer) {
    char read[WORD_MAX];
    if (!is_blank(lexer->lookahead) && lexer->lookahead != '\n')
        return false;
    while (is_blank(lexer->lookahead) || lexer->lookahead == '\n')
        lexer->advance(lexer, false);
    word(lexer, read);
    return strcmp(read, "when") == 0;
}

static bool member_follows(TSLexer *lexer) {
    char read[WORD_MAX];
    if (!gap(lexer) || !begins_name(lexer->lookahead))
        return false;
    word(lexer, read);
    if (!gap(lexer) || lexer->lookahead != '=')
        return false;
    lexer->advance(lexer, false);
    return lexer->lookahead != '=';
}

static bool found(TSLexer *lexer, enum token token, bool here) {
    lexer->result_symbol = token;
    return here;
}

void *tree_sitter_mmscn_external_scanner_create(void) { return NULL; }
void tree_sitter_mmscn_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_mmscn_external_scanner_serialize(void *payload, char *buffer) {
    (void)payload;
    (void)buffer;
    return 0;
}
void tree_sitter_mmscn_external_scanner_deserialize(void *payload, const char *buffer,
                                                    unsigned length) {
    (void)payload;
    (void)buffer;
    (void)length;
}

bool tree_sitter_mmscn_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    char read[WORD_MAX];
    (void)payload;
    // All are valid only where tree-sitter repairs an error: then its own lexer goes on.
    if (valid[NEWLINE] && valid[FIELD_COMMA] && valid[ACCESS])
        return false;
    while (is_blank(lexer->lookahead))
        lexer->advance(lexer, true);
    if (valid[NEWLINE] && (lexer->lookahead == '\n' || lexer->lookahead == ';'))
        return newline(lexer);
    while (is_blank(lexer->lookahead) || lexer->lookahead == '\n')
        lexer->advance(lexer, true);
    if (valid[FIELD_COMMA] && lexer->lookahead == ',') {
        lexer->advance(lexer, false);
        lexer->mark_end(lexer);
        return found(lexer, FIELD_COMMA, member_follows(lexer));
    }
    if (!begins_name(lexer->lookahead))
        return false;
    if (!valid[ACCESS] && !valid[CALL_WORD] && !valid[LOAD_WORD] && !valid[TRYLOCK_WORD])
        return false;
    word(lexer, read);
    lexer->mark_end(lexer);
    if (valid[ACCESS] && (strcmp(read, "load") == 0 || strcmp(read, "store") == 0))
        return found(lexer, ACCESS, when_follows(lexer));
    if (valid[CALL_WORD] && strcmp(read, "call") == 0)
        return found(lexer, CALL_WORD, call_follows(lexer));
    if (valid[LOAD_WORD] && strcmp(read, "load") == 0)
        return found(lexer, LOAD_WORD, operand_follows(lexer));
    if (valid[TRYLOCK_WORD] && strcmp(read, "trylock") == 0)
        return found(lexer, TRYLOCK_WORD, operand_follows(lexer));
    return false;
}
