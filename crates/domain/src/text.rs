//! Free texts: reasons, notes, comments. They may hold everything that a person can write, and no control characters:
//! Postgres stores no NUL, and no reader gains anything by the others.

use std::borrow::Cow;

/// Whether a character belongs in a free text. Of the control characters, only those that set lines and columns do.
pub fn is_text(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\r' | '\t')
}

/// Whether a free text is without stray control characters.
pub fn is_clean(text: &str) -> bool {
    text.chars().all(is_text)
}

/// The text without its stray control characters.
pub fn cleaned(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_text(*c)).collect())
    }
}

/// Whether a text turns the direction of what stands around it: embeddings, overrides and isolates of direction. In a name
/// they make others read something else than what it is.
pub fn turns_direction(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stray_control_characters_are_removed() {
        for (text, expected) in [
            ("Line one\r\n\tline two", "Line one\r\n\tline two"),
            ("Credential theft seen\0", "Credential theft seen"),
            ("\u{1b}[31mred\u{7f}\u{85}", "[31mred"),
            ("日本 é 🙂 \u{200b}", "日本 é 🙂 \u{200b}"),
            ("\0\u{1}", ""),
        ] {
            assert_eq!(cleaned(text), expected, "{text:?}");
            assert_eq!(is_clean(text), text == expected, "{text:?}");
        }
    }
}
