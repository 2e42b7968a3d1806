//! Who is told what, once and by which way.

mod administrators;
mod delivering;
mod life;
mod mail;
mod telling;
mod timed;
