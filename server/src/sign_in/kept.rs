//! What was typed into a form whose sender has to sign in again first. It lies in their session, and comes back to them alone.

use app::form::Submission;
use domain::name::PersonId;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;

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
}

/// Keeps a form.
pub(crate) async fn keep(
    session: &Session,
    person: &PersonId,
    path: &str,
    submission: &Submission,
) -> Result<(), Error> {
    let kept = Kept {
        person: person.clone(),
        path: path.to_owned(),
        values: submission.values.clone(),
    };
    session.insert(KEY, kept).await
}

/// What this person had typed on this page, if that is what is kept.
pub(crate) async fn kept(
    session: &Session,
    person: &PersonId,
    path: &str,
) -> Result<Option<Submission>, Error> {
    let kept: Option<Kept> = session.get(KEY).await?;
    Ok(kept
        .filter(|kept| kept.person == *person && kept.path == path)
        .map(|kept| Submission {
            values: kept.values,
            errors: Vec::new(),
            intent: INTENT.to_owned(),
        }))
}

/// Forgets what is kept of a page: it has been sent.
pub(crate) async fn forget(session: &Session, path: &str) -> Result<(), Error> {
    let kept: Option<Kept> = session.get(KEY).await?;
    if kept.is_some_and(|kept| kept.path == path) {
        session.remove_value(KEY).await?;
    }
    Ok(())
}
