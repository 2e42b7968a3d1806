//! Plays acts, one after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::TimeDelta;
use domain::approval::DelegationScope;
use domain::break_glass::SignInProof;
use domain::comment::{CommentKind, Saying};
use domain::decision::Decision;
use domain::id::{AccessRequestId, CommentId, CorrelationId, OptOutId};
use domain::name::{Capability, GroupName, PersonId};
use domain::outcome::Outcome;
use domain::principal::PrincipalRef;
use domain::resource::ResourceRef;
use domain::step_up::VotedOn;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use service::access_requests::{Submission, SubmitError};
use service::approvals::VoteInput;
use service::break_glass::EmergencyInput;
use service::caller::PersonCaller;
use service::comments::CommentOn;
use service::decisions::{Answered, Asked, Decider, Stop};
use service::delegations::DelegationInput;
use service::opt_outs::OptOutInput;
use service::step_ups::ProveError;
use service::{Service, ServiceError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::acts::{Act, Question, Slot, Topic};
use super::players::Players;
use super::votes::looked;
use crate::demo::people;

/// Why the history could not be played: a slip in its text, or a database that is away.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A client or person that the directory does not know.
    #[error("the demo's directory has no {0}")]
    Player(&'static str),
    /// A name in the text that is none.
    #[error("the history names something that is no name")]
    Name(#[from] domain::name::NameError),
    /// A question that is no JSON.
    #[error("a question could not be written")]
    Question(#[from] serde_json::Error),
    /// A use case refused.
    #[error("an act was refused: {0:?}")]
    Refused(#[from] ServiceError),
    /// A fresh sign-in was refused.
    #[error("a fresh sign-in was refused")]
    StepUp(#[from] ProveError),
    /// A submission was refused.
    #[error("a submission was refused: {0:?}")]
    Submit(#[from] SubmitError),
    /// The gate did not answer.
    #[error("a question was not answered")]
    Unanswered,
    /// The writer's task ended badly.
    #[error("the writer ended")]
    Writer(#[from] tokio::task::JoinError),
}

/// The service with what the acts have made so far.
pub(super) struct Stage<'a> {
    pub(super) service: &'a Service,
    pub(super) players: Players,
    decider: Decider,
    writer: JoinHandle<()>,
    stop: CancellationToken,
    pub(super) requests: HashMap<Slot, (AccessRequestId, Question)>,
    pub(super) opt_outs: HashMap<Slot, OptOutId>,
    questions: HashMap<Topic, CommentId>,
}

impl<'a> Stage<'a> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the writer is a worker of this history, ended in `close`"
    )]
    pub(super) async fn new(service: &'a Service, players: Players) -> Self {
        let (decider, worker) = Decider::start(service.clone());
        let stop = CancellationToken::new();
        let writer = tokio::spawn(worker.run(stop.clone()));
        Self {
            service,
            players,
            decider,
            writer,
            stop,
            requests: HashMap::new(),
            opt_outs: HashMap::new(),
            questions: HashMap::new(),
        }
    }

    /// Ends the writer and reports what has ended by itself.
    pub(super) async fn close(self) -> Result<(), HistoryError> {
        while self.service.report_ends().await? > 0 {}
        self.service.ask_about_needless().await?;
        while self.service.escalate_silence().await? > 0 {}
        while self.service.tell_times().await? > 0 {}
        self.news_is_read().await?;
        self.stop.cancel();
        self.writer.await?;
        Ok(())
    }

    /// Everybody has read what is older than yesterday.
    async fn news_is_read(&self) -> Result<(), HistoryError> {
        let since = self.service.now() - TimeDelta::days(1);
        let loaded = self.service.snapshots().current();
        for (person, _) in loaded.directory().persons() {
            let correlation = CorrelationId::from_uuid(self.service.ids().next(self.service.now()));
            let reader = people::caller(person, correlation);
            let notices = self.service.notices(&reader, None, 200).await?.notices;
            if let Some(last) = notices.iter().find(|told| told.notice.at < since) {
                self.service.read_notices(&reader, last.id).await?;
            }
        }
        Ok(())
    }

    /// What happens by itself as time goes by, as the worker would have noticed.
    pub(super) async fn time_goes_by(&self) -> Result<(), HistoryError> {
        self.service.escalate_silence().await?;
        self.service.tell_times().await?;
        Ok(())
    }

    pub(super) async fn play(&mut self, act: Act) -> Result<(), HistoryError> {
        let correlation = CorrelationId::from_uuid(self.service.ids().next(self.service.now()));
        match act {
            Act::Ask(question) => {
                self.ask(&question, None, correlation).await?;
            }
            Act::Submit {
                slot,
                question,
                reason,
                ticket,
            } => {
                let decision = self.ask(&question, None, correlation).await?;
                if decision.evaluation.effective == Outcome::Review && !decision.evaluation.answer {
                    let submission = submission(&decision, reason, ticket);
                    let caller = self.players.client(question.client, correlation)?;
                    let (request, _) = self.service.submit_access_request(&caller, submission).await?;
                    self.requests.insert(slot, (request.id, question));
                }
            }
            Act::AskAgain { slot } => {
                if let Some((_, question)) = self.requests.get(&slot).cloned() {
                    self.ask(&question, None, correlation).await?;
                }
            }
            Act::VoteRequest {
                slot,
                person,
                verdict,
                reason,
            } => {
                if let Some((id, _)) = self.requests.get(&slot) {
                    let caller = Players::person(person, correlation)?;
                    let detail = self.service.access_request(&caller, *id).await?;
                    let input = VoteInput::new(verdict, reason);
                    let item = VotedOn::AccessRequest(*id);
                    let input = looked(self.service, &caller, item, detail.before_vote, input).await?;
                    self.service.vote_on_access_request(&caller, *id, input).await?;
                }
            }
            Act::RequestOptOut {
                slot,
                person,
                input,
                renews,
            } => {
                // What ended by itself until now is reported before something new begins, as the worker would have.
                self.service.report_ends().await?;
                self.service.ask_about_needless().await?;
                let caller = Players::person(person, correlation)?;
                let input = OptOutInput {
                    renews: renews.map(|slot| self.opt_out(slot)).transpose()?,
                    ..*input
                };
                let opt_out = self.service.request_opt_out(&caller, &input).await?;
                self.opt_outs.insert(slot, opt_out.id);
            }
            Act::VoteOptOut {
                slot,
                person,
                verdict,
                reason,
                narrow,
            } => {
                let id = self.opt_out(slot)?;
                let caller = Players::person(person, correlation)?;
                let detail = self.service.opt_out(&caller, id).await?;
                let input = VoteInput::new(verdict, reason).narrowed(narrow);
                let item = VotedOn::OptOut(id);
                let input = looked(self.service, &caller, item, detail.before_vote, input).await?;
                self.service.vote_on_opt_out(&caller, id, input).await?;
            }
            Act::After(after) => self.play_after(after, correlation).await?,
            Act::Lend(lending) => {
                let input = DelegationInput {
                    to: PersonId::new(lending.to)?,
                    starts_at: None,
                    ends_at: lending.until,
                    reason: lending.reason.to_owned(),
                    scope: DelegationScope {
                        groups: lending
                            .groups
                            .iter()
                            .map(|group| GroupName::new(*group))
                            .collect::<Result<_, _>>()?,
                        tiers: BTreeSet::new(),
                    },
                };
                let caller = Players::person(lending.person, correlation)?;
                self.service.make_delegation(&caller, &input).await?;
            }
            Act::RegisterEndpoint => {
                super::endpoint::register(self.service, &super::endpoint::petra(correlation)?).await?;
            }
            Act::EndpointIsGone => super::endpoint::is_gone(self.service).await?,
            Act::Comment {
                on,
                person,
                kind,
                text,
            } => {
                self.comment(on, &Players::person(person, correlation)?, kind, text)
                    .await?;
            }
            Act::BreakGlass { slot, person, input } => {
                self.service.report_ends().await?;
                let caller = Players::person(person, correlation)?;
                let proof = signed_in_just_now(self.service);
                let opt_out = self.service.break_glass(&caller, &input, proof).await?;
                self.opt_outs.insert(slot, opt_out.id);
            }
            Act::BreakGlassFor {
                slot,
                person,
                question,
                incident,
                reason,
                length_secs,
            } => {
                self.service.report_ends().await?;
                let decision = self.ask(&question, None, correlation).await?;
                if decision.evaluation.effective != Outcome::Review || decision.evaluation.answer {
                    return Ok(());
                }
                let input = EmergencyInput {
                    decision: decision.id,
                    confirmation: question.resource.1.to_owned(),
                    reason: reason.to_owned(),
                    incident: incident.to_owned(),
                    length_secs: Some(length_secs),
                };
                let caller = Players::person(person, correlation)?;
                let request = self
                    .service
                    .break_glass_for_access(&caller, &input, signed_in_just_now(self.service))
                    .await?;
                self.requests.insert(slot, (request.id, question));
            }
            Act::Signal { client, input } => {
                let source = self.players.client(client, correlation)?;
                self.service.signal(&source, &input).await?;
            }
            Act::TellOfIncident { client, input } => {
                let tool = self.players.client(client, correlation)?;
                self.service.tell_of_incident(&tool, &input).await?;
            }
            Act::ConcludeReview {
                slot,
                person,
                finding,
                note,
            } => {
                let caller = Players::person(person, correlation)?;
                let owed = match self.requests.get(&slot) {
                    Some((id, _)) => {
                        let detail = self.service.access_request(&caller, *id).await?;
                        detail.emergency.and_then(|emergency| emergency.review)
                    }
                    None => self.service.opt_out(&caller, self.opt_out(slot)?).await?.review,
                };
                let owed = owed.ok_or(HistoryError::Player("post-review of that story"))?;
                self.service
                    .conclude_post_review(&caller, owed.id, finding, note)
                    .await?;
            }
            Act::RevokeOptOut { slot, person, reason } => {
                let id = self.opt_out(slot)?;
                self.service
                    .revoke_opt_out(&Players::person(person, correlation)?, id, reason)
                    .await?;
            }
            Act::WithdrawOptOut { slot, person } => {
                let id = self.opt_out(slot)?;
                self.service
                    .withdraw_opt_out(&Players::person(person, correlation)?, id)
                    .await?;
            }
        }
        Ok(())
    }

    async fn comment(
        &mut self,
        on: Topic,
        caller: &PersonCaller,
        kind: CommentKind,
        text: &str,
    ) -> Result<(), HistoryError> {
        let item = match on {
            // Where policy granted it at once there is nothing to talk about.
            Topic::Request(slot) => match self.requests.get(&slot) {
                Some((id, _)) => CommentOn::AccessRequest(*id),
                None => return Ok(()),
            },
            Topic::OptOut(slot) => CommentOn::OptOut(self.opt_out(slot)?),
        };
        let saying = match kind {
            CommentKind::Remark => Saying::Remark,
            CommentKind::Question => Saying::Question,
            CommentKind::Answer => Saying::Answer(
                *self
                    .questions
                    .get(&on)
                    .ok_or(HistoryError::Player("question that is answered"))?,
            ),
        };
        let said = self.service.comment(caller, item, saying, text).await?;
        if kind == CommentKind::Question {
            self.questions.insert(on, said.id);
        }
        Ok(())
    }

    pub(super) fn opt_out(&self, slot: Slot) -> Result<OptOutId, HistoryError> {
        self.opt_outs
            .get(&slot)
            .copied()
            .ok_or(HistoryError::Player("opt-out of that story"))
    }

    pub(super) async fn ask(
        &self,
        question: &Question,
        approval: Option<String>,
        correlation: CorrelationId,
    ) -> Result<Decision, HistoryError> {
        let caller = self.players.client(question.client, correlation)?;
        let asked = asked(question, approval)?;
        let answers = self.decider.decide(&caller, &[asked], Stop::Never).await?;
        match answers.into_iter().next() {
            Some(Answered::Decided(decided)) => Ok(decided.decision),
            Some(Answered::OutOfScope(_)) | None => Err(HistoryError::Unanswered),
        }
    }
}

fn asked(question: &Question, approval: Option<String>) -> Result<Asked, HistoryError> {
    let (subject_type, subject_id) = question.subject;
    let (resource_type, resource_id) = question.resource;
    let context: BTreeMap<String, Value> = question
        .context
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Value::from(value.as_str())))
        .collect();
    let request = json!({
        "subject": { "type": subject_type, "id": subject_id },
        "resource": { "type": resource_type, "id": resource_id },
        "action": { "name": question.action },
        "context": context,
    });
    let kind = subject_type
        .parse()
        .map_err(|_| HistoryError::Player(subject_type))?;
    Ok(Asked {
        principal: PrincipalRef::new(kind, subject_id)?,
        resource: ResourceRef::new(resource_type, resource_id)?,
        capability: Capability::new(question.action)?,
        context,
        properties: BTreeMap::new(),
        approval,
        request: RawValue::from_string(request.to_string())?,
    })
}

fn submission(decision: &Decision, reason: String, ticket: Option<String>) -> Submission {
    Submission {
        principal: decision.input.principal.clone(),
        resource: decision.input.resource.clone(),
        capability: decision.input.capability.clone(),
        context: None,
        reason,
        ticket,
        from: None,
        until: None,
        denial: decision.id,
        client_says: BTreeMap::new(),
        idempotency: None,
    }
}

/// As fresh as breaking the glass asks for.
fn signed_in_just_now(service: &Service) -> SignInProof {
    let now = service.now();
    SignInProof {
        proved_at: Some(now),
        session_began_at: Some(now),
        provider_answers: true,
    }
}
