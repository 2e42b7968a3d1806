//! What clients send as JSON beyond what serde reads: a byte-order mark before it, and escapes of half a character.

use std::borrow::Cow;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// How long an escape is: `\ud83d`.
const ESCAPE_BYTES: usize = 6;

/// The same JSON as serde reads it: without the byte-order mark, which RFC 8259 section 8.1 lets a reader ignore, and with
/// U+FFFD for each surrogate without its other half, which section 8.2 allows and no text can hold.
pub(super) fn readable(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    match bytes.contains(&b'\\') {
        true => whole_characters(bytes),
        false => Cow::Borrowed(bytes),
    }
}

fn whole_characters(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut read = Cow::Borrowed(bytes);
    let mut at = 0;
    // A backslash is only ever the begin of an escape: JSON has none outside of texts.
    while let Some(next) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\\'))
    {
        at += next;
        at += match (unit(bytes, at), unit(bytes, at + ESCAPE_BYTES)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE_BYTES,
            (Some(0xd800..=0xdfff), _) => {
                if let Some(escape) = read.to_mut().get_mut(at..at + ESCAPE_BYTES) {
                    escape.copy_from_slice(br"\ufffd");
                }
                ESCAPE_BYTES
            }
            (Some(_), _) => ESCAPE_BYTES,
            // `\\`, `\"` and the like, or what is no JSON and is refused as that.
            (None, _) => 2,
        };
    }
    read
}

/// The UTF-16 code unit that is escaped here, if one is.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + ESCAPE_BYTES)?.strip_prefix(br"\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn half_characters_become_replacement_characters_and_all_else_stays() {
        for (sent, expected) in [
            (r#""\ud800""#, "\u{fffd}"),
            (r#""a\uDFFFb""#, "a\u{fffd}b"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\\ud800""#, r"\ud800"),
            (r#""\\\ud800""#, "\\\u{fffd}"),
            (r#""\u0000\n""#, "\0\n"),
            ("\u{feff}\"x\"", "x"),
        ] {
            let read: String = serde_json::from_slice(&readable(sent.as_bytes())).unwrap();
            assert_eq!(read, expected, "{sent}");
        }
        for broken in [r#""\u12"#, r#""\"#, "\\", r#""\u+123""#, ""] {
            assert!(
                serde_json::from_slice::<String>(&readable(broken.as_bytes())).is_err(),
                "{broken}"
            );
        }
    }
}
