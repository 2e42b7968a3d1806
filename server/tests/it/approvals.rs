//! What browsers post to the pages that people vote on, forged fields included.

mod inbox;
mod step_up;
