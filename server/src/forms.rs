//! What posted forms do: one module per feature, three steps each: read the fields, call the use case, say what came of
//! it.

mod approvals;
mod break_glass;
mod bulk;
mod comments;
mod delegations;
mod notices;
mod opt_outs;
mod outcome;
mod post_reviews;
mod requests;
mod voting;

use service::Service;

use crate::http::forms::Forms;

pub(crate) use outcome::of_error;

/// All forms of all pages but sign-in's own.
pub fn all(service: &Service) -> Forms {
    let forms = approvals::forms(Forms::new(), service);
    let forms = bulk::forms(forms, service);
    let forms = requests::forms(forms, service);
    let forms = notices::forms(forms, service);
    let forms = delegations::forms(forms, service);
    let forms = opt_outs::forms(forms, service);
    let forms = break_glass::forms(forms, service);
    post_reviews::forms(forms, service)
}
