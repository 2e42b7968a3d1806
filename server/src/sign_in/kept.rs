//! What was typed into a form whose sender has to sign in again first. It lies in their session, and comes back to them alone.

use app::approvals::SIGNED_IN_AFRESH;
use app::form::Submission;
use domain::id::StepUpId;
use domain::name::PersonId;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;

use super::step_up::UnderWay;
use crate::http::forms::ForVote;

/// Where it lies in the session.
pub(super) const KEY: &str = "kept";

/// The button that nobody pressed: the page was opened again with what had been typed.
const INTENT: &str = "kept";

/// One form. The newest is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    /// Another person who signs in meanwhile sees nothing of it.
    person: PersonId,
    path: String,
    values: Vec<(String, String)>,
    /// Which step of the form they come back to, where it is not the first.
    #[serde(default)]
    intent: Option<String>,
    /// The vote that the sign-in is for.
    #[serde(default)]
    step_up: Option<StepUpId>,
    /// Whether they have signed in for it.
    #[serde(default)]
    proved: bool,
}

/// Keeps a form.
pub(crate) async fn keep(
    session: &Session,
    person: &PersonId,
    path: &str,
    submission: &Submission,
    vote: Option<ForVote>,
) -> Result<(), Error> {
    let kept = Kept {
        person: person.clone(),
        path: path.to_owned(),
        values: submission.values.clone(),
        intent: vote.map(|vote| vote.intent.to_owned()),
        step_up: vote.map(|vote| vote.step_up),
        proved: false,
    };
    session.insert(KEY, kept).await
}

async fn of_page(session: &Session, person: &PersonId, path: &str) -> Result<Option<Kept>, Error> {
    let kept: Option<Kept> = session.get(KEY).await?;
    Ok(kept.filter(|kept| kept.person == *person && kept.path == path))
}

/// What this person had typed on this page, if that is what is kept.
pub(crate) async fn kept(
    session: &Session,
    person: &PersonId,
    path: &str,
) -> Result<Option<Submission>, Error> {
    Ok(of_page(session, person, path).await?.map(|kept| {
        let mut values = kept.values;
        values.retain(|(name, _)| name != SIGNED_IN_AFRESH);
        if kept.proved {
            values.push((SIGNED_IN_AFRESH.to_owned(), "1".to_owned()));
        }
        Submission {
            values,
            errors: Vec::new(),
            intent: kept.intent.unwrap_or_else(|| INTENT.to_owned()),
        }
    }))
}

/// The step-up of this person's vote on this page. Whether it is proved, and for that very vote, is the vote's to say.
pub(crate) async fn step_up(
    session: &Session,
    person: &PersonId,
    path: &str,
) -> Result<Option<StepUpId>, Error> {
    Ok(of_page(session, person, path)
        .await?
        .and_then(|kept| kept.step_up))
}

/// The step-up that is to be begun at the provider, and the page to come back to.
pub(super) async fn under_way(session: &Session) -> Result<Option<(UnderWay, String)>, Error> {
    let kept: Option<Kept> = session.get(KEY).await?;
    Ok(kept.and_then(|kept| {
        let under_way = UnderWay {
            id: kept.step_up?,
            person: kept.person,
        };
        Some((under_way, kept.path))
    }))
}

/// Notes that the person has signed in for the vote of this step-up.
pub(super) async fn note_proved(session: &Session, id: StepUpId) -> Result<(), Error> {
    let kept: Option<Kept> = session.get(KEY).await?;
    match kept.filter(|kept| kept.step_up == Some(id)) {
        Some(kept) => session.insert(KEY, Kept { proved: true, ..kept }).await,
        None => Ok(()),
    }
}

/// Forgets what is kept of a page: it has been sent.
pub(crate) async fn forget(session: &Session, path: &str) -> Result<(), Error> {
    let kept: Option<Kept> = session.get(KEY).await?;
    if kept.is_some_and(|kept| kept.path == path) {
        session.remove_value(KEY).await?;
    }
    Ok(())
}
