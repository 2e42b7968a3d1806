//! How many can decide.

/// Of those whom a stage asks, who are not excluded and have not voted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deciders {
    /// All of them.
    pub named: usize,
    /// Whose roles let them decide, as they were at their last sign-in.
    pub able: usize,
    /// Who has never signed in, so that nobody knows their roles.
    pub never_signed_in: usize,
}

impl Deciders {
    /// As a page says it: "3 can decide now", "15 named, 5 can decide now, 9 have never signed in".
    pub fn sentence(&self) -> String {
        let Self {
            named,
            able,
            never_signed_in,
        } = self;
        if able == named {
            return format!("{able} can decide now");
        }
        let unseen = match never_signed_in {
            0 => String::new(),
            1 => ", 1 has never signed in".to_owned(),
            several => format!(", {several} have never signed in"),
        };
        format!("{named} named, {able} can decide now{unseen}")
    }
}
