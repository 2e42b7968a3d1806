//! Who is told what, once and by which way.

mod administrators;
mod aside;
mod delivering;
mod giving_up;
mod life;
mod mail;
mod telling;
mod timed;
