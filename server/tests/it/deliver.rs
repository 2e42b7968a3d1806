//! Deliveries against receivers that misbehave.

mod mail;
mod webhooks;
