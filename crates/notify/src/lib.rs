//! Notices on their way out: what they look like as a mail, in a chat and to a program, and how they are sent.
//!
//! What must never enter: whom to tell and when (that is `service`'s), a database, a page. Here a
//! [`domain::notice::Notice`] becomes bytes, and bytes become an attempt of which we know how it went.
//!
//! **Everything that people have typed is hostile.** It passes through [`text`] before it stands in a header, in HTML or in a
//! chat's markup; an address that a person has typed is never a link.
//!
//! To add a channel: its form beside [`slack`], its kind in `domain::notice::EndpointKind`, a test with hostile names.

pub mod mail;
pub mod mailer;
pub mod outgoing;
pub mod slack;
pub mod teams;
pub mod text;
pub mod trust;
pub mod webhook;
