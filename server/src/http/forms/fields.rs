//! The fields of a posted form, out of its bytes.

use app::form::{FieldError, Submission};
use domain::text::{cleaned, is_clean};

/// Fields in order, with repetitions; the button's name is `intent`, and of several the first counts.
///
/// Each field with control characters comes back without them and with an error: nothing stores them, and who sent them
/// should see what is left. None where a field's name has some: no form of ours sends that.
pub(super) fn decode(bytes: &[u8]) -> Option<Submission> {
    let mut submission = Submission::default();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        if !is_clean(&name) {
            return None;
        }
        if name != "intent" {
            if !is_clean(&value) {
                submission.errors.push(FieldError {
                    field: name.clone().into_owned(),
                    code: "control_character".to_owned(),
                    message: "This text had control characters, which cannot be stored. They have been removed: check the \
                              text and send it again."
                        .to_owned(),
                });
            }
            submission
                .values
                .push((name.into_owned(), cleaned(&value).into_owned()));
        } else if submission.intent.is_empty() {
            submission.intent = value.into_owned();
        }
    }
    Some(submission)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::decode;

    #[test]
    fn fields_keep_their_order_and_the_button_stands_apart() {
        let submission = decode(b"a=1&b=x+y%26z&a=2&intent=send&intent=other").unwrap();
        let values: Vec<_> = submission
            .values
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(values, [("a", "1"), ("b", "x y&z"), ("a", "2")]);
        assert_eq!(submission.intent, "send");
        assert!(submission.errors.is_empty());
    }

    #[test]
    fn control_characters_are_an_error_of_their_field() {
        let submission = decode(b"reason=fine%00with+me&note=a%0D%0A%09b&intent=approve").unwrap();
        assert_eq!(
            submission.values,
            [
                ("reason".to_owned(), "finewith me".to_owned()),
                ("note".to_owned(), "a\r\n\tb".to_owned())
            ]
        );
        let errors: Vec<_> = submission
            .errors
            .iter()
            .map(|error| (error.field.as_str(), error.code.as_str()))
            .collect();
        assert_eq!(errors, [("reason", "control_character")]);
        assert!(decode(b"rea%00son=fine&intent=approve").is_none());
    }
}
