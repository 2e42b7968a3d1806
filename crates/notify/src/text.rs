//! Makes what people have typed safe for where it stands.

use domain::name::is_one_line;

/// The longest piece of foreign text in a message, in characters.
const LONGEST: usize = 300;

/// On one line, without control characters and without those that show nothing or turn the text around them; cut where it
/// is too long for a message.
pub fn one_line(text: &str) -> String {
    let mut line = String::new();
    let mut gap = false;
    for (place, letter) in text.trim().chars().enumerate() {
        if place >= LONGEST {
            line.push('…');
            break;
        }
        if letter.is_whitespace() || letter.is_control() {
            gap = !line.is_empty();
        } else if is_one_line(letter.encode_utf8(&mut [0; 4])) {
            if std::mem::take(&mut gap) {
                line.push(' ');
            }
            line.push(letter);
        }
    }
    line
}

/// The same, and nothing in it is a link: mail and chat programs make links of whatever looks like one, and a notice from us
/// would vouch for it. `https://evil.example` becomes `https[:]//evil[.]example`, which people still read.
pub fn unlinked(text: &str) -> String {
    let line = one_line(text)
        .replace("://", "[:]//")
        .replace("mailto:", "mailto[:]");
    let letters: Vec<char> = line.chars().collect();
    let mut safe = String::with_capacity(line.len());
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| letters.get(place));
        let after = letters.get(place + 1);
        let joins = |side: Option<&char>| side.is_some_and(|side| side.is_alphanumeric());
        match letter {
            // `v1.2` stays: no name ends in a number. A name's parts may be of any script.
            '.' | '。' | '．' | '｡' if joins(before) && after.is_some_and(|after| after.is_alphabetic()) =>
            {
                safe.push_str("[.]");
            }
            '@' if joins(before) && joins(after) => safe.push_str("[at]"),
            letter => safe.push(*letter),
        }
    }
    // An address in numbers is one too.
    numbers_apart(&safe)
}

/// `10.0.0.1` to `10[.]0[.]0[.]1`: four numbers with dots between them are an address, fewer are a version.
fn numbers_apart(text: &str) -> String {
    let is_address = |word: &str| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 4
            && parts
                .iter()
                .all(|part| part.len() <= 3 && part.parse::<u8>().is_ok())
    };
    let core = |word: &str| {
        word.trim_matches(|letter: char| !letter.is_ascii_digit())
            .to_owned()
    };
    text.split(' ')
        .map(|word| {
            let found = word
                .split(['/', ':', '(', ')'])
                .map(core)
                .find(|part| is_address(part));
            match found {
                Some(address) => word.replace(&address, &address.replace('.', "[.]")),
                None => word.to_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// For HTML: between tags and in quoted attributes.
pub fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

/// For Slack's text: the three characters that begin and end its markup, as its documentation has it.
pub fn slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_and_invisible_characters_are_gone() {
        assert_eq!(
            one_line("Payout\r\nBcc: all@example.com"),
            "Payout Bcc: all@example.com"
        );
        assert_eq!(one_line(" a\u{202e}b\u{200b}c\u{0} \t d "), "abc d");
        assert_eq!(one_line(&"x".repeat(301)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn nothing_is_a_link_and_people_can_still_read_it() {
        for (typed, shown) in [
            (
                "see https://evil.example/x?y=1",
                "see https[:]//evil[.]example/x?y=1",
            ),
            ("www.evil.example", "www[.]evil[.]example"),
            ("pay@evil.example", "pay[at]evil[.]example"),
            ("release 4.12.0 of v1.2", "release 4.12.0 of v1.2"),
            ("http://10.0.0.1/", "http[:]//10[.]0[.]0[.]1/"),
            ("Over. And out.", "Over. And out."),
            ("bücher.пример", "bücher[.]пример"),
            // IDNA has four dots (RFC 3490 section 3.1): U+002E, U+3002, U+FF0E, U+FF61.
            (
                "evil。example．example｡example",
                "evil[.]example[.]example[.]example",
            ),
            ("mailto:x", "mailto[:]x"),
        ] {
            assert_eq!(unlinked(typed), shown);
        }
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_line_or_its_place_in_html(text in any::<String>()) {
            let line = unlinked(&text);
            prop_assert!(is_one_line(&line));
            prop_assert!(!line.contains("://"));
            let safe = html(&line);
            let has_mark = safe.contains(['<', '>', '"', '\'']);
            prop_assert!(!has_mark);
        }
    }
}
