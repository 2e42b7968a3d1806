//! `spillway sessions …`.

use domain::id::CorrelationId;
use service::{Service, ServiceError};

use super::Report;
use crate::command::SessionAct;

/// Does it.
pub async fn run(
    service: &Service,
    act: &SessionAct,
    correlation: CorrelationId,
    report: &mut Report,
) -> Result<(), ServiceError> {
    match act {
        SessionAct::End { person } => {
            let ended = service.end_sessions(person, correlation).await?;
            report.line(match ended {
                0 => format!("{person} has no sessions."),
                1 => format!("Ended 1 session of {person}."),
                more => format!("Ended {more} sessions of {person}."),
            });
            report.set("person", person.as_str());
            report.set("ended", ended);
        }
    }
    Ok(())
}
