//! What an approver is shown, field by field.

use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $label:literal),+ $(,)?) => {
        /// One thing that is shown. They are read in this order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field {
            $($(#[$doc])* $name),+
        }

        impl Field {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// What the page calls it.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label),+
                }
            }
        }
    };
}

fields! {
    /// Its id.
    Item = "Item",
    /// Which way an opt-out goes.
    Direction = "Direction",
    /// The case that an opt-out stands on.
    Scenario = "Case",
    /// What an opt-out is called.
    Title = "Title",
    /// Who asked, or which signal.
    Requester = "Asked by",
    /// Who started the workload that asks.
    Initiator = "Started by",
    /// For whom, as it was asked.
    Principals = "Who",
    /// On what, as it was asked.
    Resources = "Resources",
    /// To do what.
    Capabilities = "To do",
    /// The rules that asked for a person, or that a bypass takes out, with their text's digest.
    Rules = "Rules",
    /// Those of them that have another text by now, with it: what a suspended bypass would come back with.
    ChangedRules = "Changed rules, as they are now",
    /// Everybody whom that covers now.
    CoveredPrincipals = "Covers, who",
    /// Everything that it covers now.
    CoveredResources = "Covers, what",
    /// The teams that own it.
    Teams = "Owned by",
    /// What a grant is bound to.
    Binding = "Bound to",
    /// What the client sent along.
    Context = "Sent along",
    /// What the client says of whoever acted.
    ClientSays = "The client says",
    /// Why.
    Reason = "Reason",
    /// Where it is tracked.
    Ticket = "Ticket",
    /// What else its case asks for.
    Details = "Details",
    /// In which emergency.
    BreakGlass = "Break-glass",
    /// Its level of control.
    Tier = "Tier",
    /// By which policy version it is judged.
    Policy = "Policy version",
    /// Who has to say yes, in order.
    Stages = "Stages",
    /// Who may not decide.
    Excluded = "May not decide",
    /// Why it passes more stages than its tier asks for.
    Causes = "One stage more",
    /// What it renews.
    Lineage = "Renewal of",
    /// How long it lasts.
    Length = "How long",
    /// From when until when, where that was chosen.
    Window = "When",
    /// In which hours of the week.
    Hours = "Hours",
    /// What it stands on, and with which incident it ends.
    Conditions = "Only while",
    /// How many decisions it may apply to.
    MaxUses = "Uses",
    /// Yes or no.
    Verdict = "Your vote",
    /// What the approver shortens it to.
    NarrowedLength = "You shorten it to",
    /// What the approver narrows its scope to.
    NarrowedScope = "You narrow it to",
    /// How many uses the approver leaves.
    NarrowedUses = "You allow uses",
}
