//! Bounds that are checked on the text, before Cedar sees it: its parser recurses, and a text that nests deeply enough
//! would overflow the stack, which no caller can catch.

/// The deepest that brackets and `if`s may nest in one rule.
pub(crate) const DEEPEST: usize = 16;
/// The most operators in one rule.
pub(crate) const MOST_OPERATORS: usize = 200;
/// The most bytes of one rule's text.
pub(crate) const MOST_RULE_BYTES: usize = 16 * 1024;

/// Measures of one rule so far.
#[derive(Default)]
struct Measure {
    bytes: usize,
    brackets: usize,
    ifs: usize,
    operators: usize,
}

impl Measure {
    fn fault(&self) -> Option<String> {
        if self.bytes > MOST_RULE_BYTES {
            Some(format!("a rule has at most {MOST_RULE_BYTES} bytes"))
        } else if self.brackets + self.ifs > DEEPEST {
            Some(format!("a rule nests at most {DEEPEST} brackets and `if`s"))
        } else if self.operators > MOST_OPERATORS {
            Some(format!("a rule has at most {MOST_OPERATORS} operators"))
        } else {
            None
        }
    }
}

/// The first rule of a file that is out of bounds, as (line, what is wrong).
///
/// Strings and comments are skipped as Cedar's lexer does: a string ends at a quote without a backslash before it, a
/// comment at the end of the line. A `;` outside of both ends a rule.
pub(crate) fn fault(text: &str) -> Option<(usize, String)> {
    let mut line = 1;
    let mut measure = Measure::default();
    let mut word = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        measure.bytes += letter.len_utf8();
        let in_word = letter.is_alphanumeric() || letter == '_';
        if in_word {
            word.push(letter);
        } else {
            match word.as_str() {
                "if" => measure.ifs += 1,
                "has" | "like" | "is" | "in" => measure.operators += 1,
                _ => {}
            }
            word.clear();
        }
        match letter {
            '\n' => line += 1,
            '"' => {
                let mut escaped = false;
                for inner in letters.by_ref() {
                    measure.bytes += inner.len_utf8();
                    line += usize::from(inner == '\n');
                    if inner == '"' && !escaped {
                        break;
                    }
                    escaped = inner == '\\' && !escaped;
                }
            }
            '/' if letters.peek() == Some(&'/') => while letters.next_if(|next| *next != '\n').is_some() {},
            '(' | '[' | '{' => measure.brackets += 1,
            ')' | ']' | '}' => measure.brackets = measure.brackets.saturating_sub(1),
            '|' | '&' | '!' | '=' | '<' | '>' | '+' | '-' | '*' | '.' | ',' => measure.operators += 1,
            ';' => measure = Measure::default(),
            _ => {}
        }
        if let Some(message) = measure.fault() {
            return Some((line, message));
        }
    }
    None
}
