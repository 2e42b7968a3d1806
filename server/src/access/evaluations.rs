//! `POST /access/v1/evaluations`: several decisions in one message and one transaction.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use service::decisions::{Answered, Stop};

use super::Access;
use super::answer::{Answer, answer, out_of_scope};
use super::authenticate::Evaluator;
use super::evaluation::{json, one};
use super::read::{Members, object, questions};
use super::refuse::Refusal;
use crate::http::extract::AuthzenJson;

/// The most evaluations in one message. They are recorded in one transaction, and others wait for it.
const MOST_EVALUATIONS: usize = 256;

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    evaluations: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    options: Option<Options>,
}

#[derive(Default, Deserialize)]
struct Options {
    #[serde(default)]
    evaluations_semantic: Option<Semantic>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Semantic {
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

#[derive(Serialize)]
struct Answers {
    evaluations: Vec<Answer>,
}

impl Semantic {
    const fn stop(self) -> Stop {
        match self {
            Self::ExecuteAll => Stop::Never,
            Self::DenyOnFirstDeny => Stop::AtFirstDeny,
            Self::PermitOnFirstPermit => Stop::AtFirstPermit,
        }
    }
}

pub(super) async fn evaluate(
    State(access): State<Access>,
    Evaluator(caller, _turn): Evaluator,
    AuthzenJson(body): AuthzenJson<Box<RawValue>>,
) -> Result<Response, Refusal> {
    let Body { evaluations, options } = object("The request", &body)?;
    let defaults: Members<'_> = object("The request", &body)?;
    let evaluations = evaluations.unwrap_or_default();
    if evaluations.is_empty() {
        // Without a list it is one evaluation, and answered as one.
        return Ok(json(&one(&access, &caller, defaults.asked()?).await?));
    }
    if evaluations.len() > MOST_EVALUATIONS {
        return Err(Refusal::bad(format!(
            "`evaluations` has at most {MOST_EVALUATIONS} members."
        )));
    }
    let members = evaluations
        .iter()
        .enumerate()
        .map(|(place, evaluation)| {
            let own: Members<'_> = object(&format!("`evaluations[{place}]`"), evaluation)?;
            Ok(own.or(defaults))
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    let asked = questions(&members)?;
    let stop = options
        .and_then(|options| options.evaluations_semantic)
        .unwrap_or(Semantic::ExecuteAll)
        .stop();
    let mut answers = Vec::with_capacity(asked.len());
    for answered in access.decider.decide(&caller, &asked, stop).await? {
        answers.push(match answered {
            Answered::Decided(decided) => answer(&access, &decided).await,
            Answered::OutOfScope(why) => out_of_scope(why),
        });
        // Explaining hundreds of decisions in one go would keep other clients waiting.
        tokio::task::yield_now().await;
    }
    Ok(json(&Answers { evaluations: answers }))
}
