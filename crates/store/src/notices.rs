//! Notices: what people were told, what they have set, and what follows from the clock.

mod due;
mod inbox;
mod preferences;

pub use due::{
    Due, due_endings, due_first_uses, due_lapses_again, due_most_used, due_overdue_reviews, due_reminders,
    mark_one_told, mark_told,
};
pub use inbox::{NewNotice, Told, in_digest, insert, list, mark_all_read, mark_read, readers_of, unread};
pub use preferences::{addresses_of, note_address, preferences_of, save_preferences};
