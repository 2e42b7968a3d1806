//! Votes that count no longer are found before the next one is counted, and after each change of the directory.

use crate::ServiceError;
use crate::command::EventDraft;
use domain::approval::{Exclusions, VoidReason, Vote, Votes, void_reason};
use domain::directory::Directory;
use domain::principal::PrincipalRef;
use domain::window::Instant;
use store::Tx;
use store::votes::Item;

/// The votes on an item as they count now.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) counted: Vec<Vote>,
    pub(crate) void: Vec<Vote>,
    /// What has become void just now, and why.
    pub(crate) voided: Vec<(Vote, VoidReason)>,
}

impl Tally {
    /// Reads the votes on a locked item, and makes void what counts no longer. `excluded` are those who must not decide it
    /// by now.
    pub(crate) async fn take(
        tx: &mut Tx,
        directory: &Directory,
        item: Item,
        excluded: &Exclusions,
        now: Instant,
    ) -> Result<Self, ServiceError> {
        let cast = store::votes::of(tx.conn(), item).await?;
        let mut void = store::votes::void_of(tx.conn(), item).await?;
        let (mut counted, mut voided) = (Vec::new(), Vec::new());
        for vote in cast {
            match reason(directory, excluded, &vote) {
                None => counted.push(vote),
                Some(why) => {
                    store::votes::make_void(tx, item, &vote.person, why, now).await?;
                    void.push(vote.clone());
                    voided.push((vote, why));
                }
            }
        }
        Ok(Self {
            counted,
            void,
            voided,
        })
    }

    /// For the next voter.
    pub(crate) fn votes(&self) -> Votes<'_> {
        Votes {
            counted: &self.counted,
            void: &self.void,
        }
    }

    /// An event for each vote that has become void just now.
    pub(crate) fn events(&self, event: impl Fn(serde_json::Value) -> EventDraft) -> Vec<EventDraft> {
        self.voided
            .iter()
            .map(|(vote, why)| {
                event(serde_json::json!({
                    "person": vote.person, "behalf": vote.behalf, "stage": vote.stage, "verdict": vote.verdict, "why": why,
                }))
            })
            .collect()
    }
}

/// Why a vote counts no longer; none where it counts.
pub(crate) fn reason(directory: &Directory, excluded: &Exclusions, vote: &Vote) -> Option<VoidReason> {
    void_reason(vote, excluded, |person| {
        directory
            .principals
            .contains_key(&PrincipalRef::from(person.clone()))
    })
}
