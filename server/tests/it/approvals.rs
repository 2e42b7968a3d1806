//! What browsers post to the pages that people vote on, forged fields included.

mod step_up;
