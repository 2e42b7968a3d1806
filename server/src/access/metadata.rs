//! `GET /.well-known/authzen-configuration`: what this decision point offers and where.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use super::Base;
use super::evaluation::json;

#[derive(Serialize)]
struct Metadata {
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
    access_request_endpoint: String,
    capabilities: [&'static str; 1],
}

pub(super) async fn metadata(State(base): State<Base>) -> Response {
    json(&Metadata {
        policy_decision_point: base.at(""),
        access_evaluation_endpoint: base.at("/access/v1/evaluation"),
        access_evaluations_endpoint: base.at("/access/v1/evaluations"),
        access_request_endpoint: base.at("/access/v1/requests"),
        capabilities: ["urn:openid:authzen:capability:access-request"],
    })
}
