//! `/settings/notices`: how the reader is told.

use domain::notice::MailChoice;
use leptos::prelude::*;

use super::{api::notice_settings, view::SettingsView};
use crate::{
    component::{
        error_summary::ErrorSummary,
        field::{Choice, RadioCards, TextField, ZoneField},
        icon::{Icon, Shape},
        load::load,
        page_header::PageHeader,
        panel::Panel,
    },
    form::{Submission, use_submission},
};

const PATH: &str = "/settings/notices";

#[component]
pub(crate) fn NoticeSettingsPage() -> impl IntoView {
    let submission = use_submission().of(&["save"]);
    let settings = Resource::new(|| (), |()| notice_settings());
    load(
        settings,
        move |settings| view! { <Settings settings submission=submission.clone()/> },
    )
}

#[component]
fn Settings(settings: SettingsView, submission: Submission) -> impl IntoView {
    let mail = match (settings.sends_mail, &settings.address) {
        (true, Some(address)) => format!("Mail goes to {address}."),
        (true, None) => "No mail address is known of you: it comes from the directory or, at your next sign-in, from the identity provider.".to_owned(),
        (false, _) => "This installation sends no mail. What you set here counts from the day it does.".to_owned(),
    };
    let choices = MailChoice::ALL
        .into_iter()
        .map(|choice| {
            let (label, note) = match choice {
                MailChoice::Each => ("One by one", "As it happens, but for quiet hours."),
                MailChoice::Daily => ("Once a day", "All of a day in one mail."),
                MailChoice::Off => ("Not at all", "Your notices are on these pages."),
            };
            Choice::new(choice.as_str(), label).with_note(note)
        })
        .collect();
    let (from, until) = settings.quiet.clone().unwrap_or_default();
    let administer = settings.may_administer.then(|| {
        view! {
            <nav aria-label="Administration" class="mt-5">
                <Panel title="For administrators">
                    <p class="note">"Webhooks, Slack and Teams, and what has not arrived."</p>
                    <div class="mt-3 flex flex-wrap gap-2">
                        <a class="btn btn-sm" href="/settings/endpoints">
                            <Icon shape=Shape::Chain/>
                            "Endpoints"
                        </a>
                        <a class="btn btn-sm" href="/settings/deliveries">
                            <Icon shape=Shape::Send/>
                            "Deliveries"
                        </a>
                    </div>
                </Panel>
            </nav>
        }
    });
    view! {
        <PageHeader
            title="How I am told"
            note="Everything is among your notices on these pages, whatever is set here. What you did yourself is not told."
        />
        <ErrorSummary submission=submission.clone()/>
        <form class="mt-5" method="post" action=PATH>
            <Panel title="Mail">
                <div class="space-y-5">
                    <p class="note">{mail}</p>
                    <RadioCards
                        legend="How mail comes"
                        name="mail"
                        submission=submission.clone()
                        initial=settings.mail.as_str()
                        choices
                    />
                    <div class="grid gap-4 sm:grid-cols-2">
                        <TextField
                            label="The daily mail comes at"
                            name="digest_at"
                            kind="time"
                            submission=submission.clone()
                            initial=settings.digest_at
                        />
                        <ZoneField
                            submission=submission.clone()
                            initial=settings.zone
                            hint="A name such as Europe/Berlin."
                        />
                        <TextField
                            label="Quiet from"
                            name="quiet_from"
                            kind="time"
                            submission=submission.clone()
                            initial=from
                            optional=true
                        />
                        <TextField
                            label="Quiet until"
                            name="quiet_until"
                            kind="time"
                            submission
                            initial=until
                            optional=true
                            hint="What comes in quiet hours is mailed at their end. Break-glass is told at once, at any hour."
                        />
                    </div>
                    <button class="btn btn-primary" name="intent" value="save">
                        "Save"
                    </button>
                </div>
            </Panel>
        </form>
        {administer}
    }
    .into_any()
}
