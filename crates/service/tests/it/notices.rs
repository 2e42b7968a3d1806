//! Who is told what, once and by which way.

mod delivering;
mod mail;
mod telling;
mod timed;
